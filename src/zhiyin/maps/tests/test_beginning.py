"""Ways in which a map begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import in_language
from zhiyin.maps import actions, beginning, document, kept, starters
from zhiyin.maps.tests.test_operations import SMALL


@pytest.mark.parametrize("starter", starters.STARTERS, ids=lambda one: one.key)
def test_a_starter_is_a_map_with_names_in_both_languages(starter: starters.Starter) -> None:
    made = starter.map({"en": "Trip"})
    document.check(made)
    assert document.read(document.write(made)) == made
    names = [one.name for one in made.stages] + [one.name for one in made.lanes]
    assert all(set(one) == set(document.LANGUAGES) for one in names)
    assert made.stages[0].begins, "else no second journey would ever begin"
    assert made.nodes == ()
    for language in ("en", "zh"):
        with in_language(language):
            assert str(starter.name)
            assert str(starter.says)


def test_each_kind_of_business_has_its_stages() -> None:
    assert [(one.key, len(one.stages)) for one in starters.STARTERS] == [
        ("sale", 3), ("consumption", 7), ("subscription", 5), ("business", 7), ("service", 5),
    ]  # fmt: skip


def test_a_map_begins_with_stages_a_file_or_another_map(data: Path) -> None:
    by, workspace = COMMAND_LINE, "main"
    name = {"en": "Trip", "zh-Hans": "出行"}
    made = beginning.with_stages(
        by=by, workspace=workspace, key="a", name=name, starter="consumption"
    )
    map_ = kept.draft(made)
    assert (map_.name, [one.id for one in map_.stages][:2]) == (name, ["motive", "search"])
    file = document.write(SMALL)
    own = beginning.from_file(by=by, workspace=workspace, key="b", name={}, content=file)
    assert kept.draft(own) == SMALL
    other = beginning.from_map(by=by, workspace=workspace, key="c", name={"en": "Copy"}, other="b")
    assert kept.draft(other).name == {"en": "Copy"}
    assert kept.draft(other).nodes == SMALL.nodes
    assert [one.key for one in kept.of(workspace)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"starter": "none", "name": {"en": "x"}}, "map.no-starter"),
        ({"starter": "sale", "name": {}}, "map.unnamed"),
        ({"starter": "sale", "name": {"en": "x"}, "key": "No Key"}, "map.key"),
        ({"content": b"{"}, "map.document"),
        ({"content": b'{"nodes": [{"id": "a", "stage": "x", "lane": "y"}]}'}, "map.no-such-place"),
        ({"other": "nothing"}, "map.none"),
    ],
)
def test_what_cannot_begin_a_map_is_said(data: Path, given: dict[str, object], code: str) -> None:
    asked: dict[str, Any] = {
        "by": COMMAND_LINE,
        "workspace": "main",
        "key": "a",
        "name": {},
        **given,
    }
    doing: Any = next(
        way
        for name, way in (
            ("starter", beginning.with_stages),
            ("content", beginning.from_file),
            ("other", beginning.from_map),
        )
        if name in given
    )
    with pytest.raises(Problem) as caught:
        doing(**asked)
    assert caught.value.code == code
    assert not kept.of("main")


def test_a_key_that_is_an_address_is_no_map(data: Path) -> None:
    with pytest.raises(Problem, match="cannot be the key"):
        actions.create(by=COMMAND_LINE, workspace="main", key="new", map_=SMALL)
