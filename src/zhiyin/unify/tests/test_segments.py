"""Segments are saved, changed and removed, each with its audit entry."""

from __future__ import annotations

import pytest

from zhiyin.accounts.actions import create_workspace
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.unify import segments
from zhiyin.warehouse.customers import column

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def workspaces() -> None:
    for slug in ("main", "other"):
        create_workspace(by=COMMAND_LINE, slug=slug, name=slug)


def make(name: str, rule: str = "orders = 0", workspace: str = "main") -> str:
    return segments.create(by=COMMAND_LINE, workspace=workspace, name=name, rule=rule).slug


def test_a_segment_lives_and_leaves_its_trail() -> None:
    slug = make(" Quiet  ones ")
    assert slug == "quiet-ones"
    changed = segments.change(
        by=COMMAND_LINE, workspace="main", slug=slug, name="Very quiet", rule="orders = 0 "
    )
    assert (changed.slug, changed.name, changed.rule) == (slug, "Very quiet", "orders = 0")
    segments.remove(by=COMMAND_LINE, workspace="main", slug=slug)
    assert segments.of("main") == []
    trail = list(AuditEntry.of("main").values_list("action", flat=True))[:3]
    assert trail == ["segment.removed", "segment.changed", "segment.created"]


def test_names_are_taken_once_and_short_names_stay_apart() -> None:
    assert make("常来不买") == "segment"
    assert make("观望客户") == "segment-2"
    assert make("常来不买", workspace="other") == "segment"
    with pytest.raises(Problem) as taken:
        make("常来不买")
    assert taken.value.code == "segments.taken"
    for bad in ("", " ", "x" * 81):
        with pytest.raises(Problem, match="needs a name"):
            make(bad)


def test_a_rule_that_cannot_be_read_is_not_saved() -> None:
    with pytest.raises(Problem):
        make("Broken", rule="orders >=")
    assert segments.of("main") == []
    assert not AuditEntry.of("main").filter(action="segment.created").exists()


def test_a_segment_of_another_workspace_is_none() -> None:
    slug = make("Theirs", workspace="other")
    with pytest.raises(Problem, match="no segment"):
        segments.get("main", slug)


@pytest.mark.parametrize("template", segments.TEMPLATES, ids=lambda each: each.slug)
def test_templates_can_be_read_and_name_no_trait(template: segments.Template) -> None:
    """A template must work in a workspace of which nothing is known."""
    chosen = parse(template.rule)
    assert all(column(name).form != "trait" for name in chosen.columns())
