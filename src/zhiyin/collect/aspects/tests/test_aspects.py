"""The list of aspects: kept, begun by industry, and asked for by surveys."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.aspects import actions, kept, lists, starters
from zhiyin.collect.aspects.starters import Written
from zhiyin.collect.surveys import actions as surveys
from zhiyin.collect.surveys import checking
from zhiyin.collect.surveys import kept as kept_surveys
from zhiyin.collect.surveys.definition import Choice
from zhiyin.collect.surveys.library import sets
from zhiyin.collect.surveys.tests.written import asking, survey
from zhiyin.kernel.errors import Problem

WHO: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main"}


@pytest.fixture
def data(db: None, tmp_path: Path, settings: Settings) -> None:
    settings.ZHIYIN_DATA = str(tmp_path)
    accounts.set_up(by=COMMAND_LINE, login="ana")
    accounts.create_workspace(by=COMMAND_LINE, slug="other", name="Other")


def refused(action: Any, **given: Any) -> str:
    with pytest.raises(Problem) as caught:
        action(**WHO, **given)
    return caught.value.code


@pytest.mark.parametrize("industry", starters.INDUSTRIES)
def test_a_starter_is_whole(industry: str) -> None:
    written = starters.of(industry)
    seen: set[str] = set()
    for one in written:
        assert one.en
        assert one.zh
        assert actions.KEY.fullmatch(one.key)
        assert not one.parent or one.parent in seen
        seen.add(one.key)
    assert len(seen) == len(written) >= 14
    # A word of an industry that nothing stands for would be left out without a sound.
    assert set(starters.INDUSTRIES[industry][1]) <= seen


def test_ready_sets_name_our_aspects_alone() -> None:
    named = {aspect for one in sets.SETS for aspect in checking.aspects_of(one.survey)}
    assert len(named) >= 6
    assert named <= starters.known()


@pytest.mark.usefixtures("data")
def test_aspects_are_added_changed_moved_and_retired() -> None:
    actions.bring(**WHO, written=starters.of("airline"))
    assert [(one.key, depth) for one, depth in kept.tree("main")][:4] == [
        ("quality", 0), ("reliability", 1), ("choice", 1), ("price", 0),
    ]  # fmt: skip
    assert actions.bring(**WHO, written=starters.of("airline")) == []
    made = actions.add(**WHO, key="wifi", en="Wi-Fi", zh="机上网络", parent="digital")
    assert kept.as_dict(made)["parent"] == "digital"
    actions.edit(**WHO, key="wifi", parent="", place=0, is_retired=True, revision=1)
    (first, *_more) = kept.of("main")
    assert (first.key, first.is_retired, first.revision) == ("wifi", True, 2)
    assert "wifi" not in kept.of("main", with_retired=False).values_list("key", flat=True)
    said = AuditEntry.of("main").filter(action="aspect.changed").get()
    assert (said.before or {})["parent"] == "digital"
    assert not kept.of("other").exists()


@pytest.mark.usefixtures("data")
def test_what_is_refused() -> None:
    actions.add(**WHO, key="a", en="A", zh="甲")
    actions.add(**WHO, key="b", en="B", zh="乙", parent="a")
    for code, given in (
        ("aspects.key", {"key": "A b", "en": "A", "zh": "甲"}),
        ("aspects.key-taken", {"key": "a", "en": "A", "zh": "甲"}),
        ("aspects.label", {"key": "c", "en": "C", "zh": " "}),
        ("aspects.parent", {"key": "c", "en": "C", "zh": "丙", "parent": "z"}),
    ):
        assert refused(actions.add, **given) == code
    assert refused(actions.edit, key="a", parent="b") == "aspects.parent"
    assert refused(actions.edit, key="a", parent="a") == "aspects.parent"
    assert refused(actions.edit, key="a", en="AA", revision=2) == "aspects.changed"
    assert refused(actions.edit, key="z") == "aspects.none"
    # All of a list, or nothing of it.
    written = [Written("d", "D", "丁"), Written("e", "", "戊")]
    assert refused(actions.bring, written=written) == "aspects.label"
    assert [one.key for one in kept.of("main")] == ["a", "b"]


def at_once(*doing: Callable[[], object]) -> list[str]:
    """The codes of what is refused where all is done at the same time."""
    start = threading.Barrier(len(doing))
    told: list[str] = []

    def do(one: Callable[[], object]) -> None:
        start.wait()
        try:
            one()
        except Problem as problem:
            told.append(problem.code)
        except Exception as error:
            told.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(one,)) for one in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("data")
def test_two_who_add_at_once_wait_for_each_other() -> None:
    """Would catch a lock of the rows that there are: on PostgreSQL it keeps nobody from adding."""

    def wifi() -> object:
        return actions.add(**WHO, key="wifi", en="Wi-Fi", zh="机上网络")

    assert at_once(wifi, wifi) == ["aspects.key-taken"]
    ready = sets.get("nps-touchpoint").survey

    def create(key: str) -> Callable[[], object]:
        return lambda: surveys.create(**WHO, key=key, survey=ready)

    assert at_once(create("one"), create("two"), create("three")) == []
    places = list(kept.of("main").values_list("place", flat=True))
    assert places == list(range(len(places)))


def test_a_list_has_parents_first_and_what_is_no_list_is_refused() -> None:
    content = "\ufeffkey,label_en,label_zh,parent\nb,B,乙,a\na,A,甲,\nx,X,己,y\ny,Y,庚,x\n"
    assert [one.key for one in lists.read(content.encode())] == ["a", "b", "x", "y"]
    for wrong in (b"", b"key,en\na,A\n", "key,label_en,label_zh\na,A,甲".encode("utf-16")):
        with pytest.raises(Problem, match="no list of aspects"):
            lists.read(wrong)


@pytest.mark.usefixtures("data")
def test_a_survey_names_aspects_of_the_list_and_a_ready_set_brings_its_own() -> None:
    late = asking("why", "reasons", choices=(Choice("late", {"en": "Late"}, aspect="lateness"),))
    surveys.create(**WHO, key="visit", survey=survey((late,)))
    (fault,) = kept_surveys.checked(kept_surveys.get("main", "visit"))["faults"]
    assert fault["code"] == "survey.aspect"
    assert fault["place"] == "/pages/0/questions/0/choices/0/aspect"
    assert refused(surveys.publish, key="visit") == "survey.faulty"
    actions.add(**WHO, key="lateness", en="Lateness", zh="晚点")
    assert surveys.publish(**WHO, key="visit").number == 1
    surveys.create(**WHO, key="nps", survey=sets.get("nps-touchpoint").survey)
    assert {"speed", "staff", "information"} <= {one.key for one in kept.of("main")}
