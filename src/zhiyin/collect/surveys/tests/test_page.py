"""docs/surveys.md names every key of the document, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from zhiyin.collect.surveys import checking, reaching
from zhiyin.collect.surveys.checking import faults
from zhiyin.collect.surveys.definition import Choice, Ending, Page, Question, Quota, Survey, Type
from zhiyin.collect.surveys.tests.test_checking import FIRST
from zhiyin.collect.surveys.tests.written import asking, survey

PAGE = (Path(__file__).resolve().parents[5] / "docs" / "surveys.md").read_text("utf-8")
HEADS = {Survey: "Survey", Page: "Page", Question: "Question", Choice: "Choice", Ending: "Ending",
         Quota: "Quota"}  # fmt: skip


def section(head: str) -> str:
    found = re.search(rf"^###? {head}.*?\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("part", HEADS, ids=HEADS.get)
def test_every_key_is_on_the_page(part: type[Survey]) -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", section(HEADS[part]), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert named == list(part.__struct_fields__)


def test_every_type_and_limit_is_on_the_page() -> None:
    assert set(get_args(Type)) <= set(re.findall(r"`(\w+)`", section("Question")))
    for limit in (checking.MOST_PAGES, checking.MOST_QUESTIONS, checking.MOST_CHOICES):
        assert f" {limit} " in PAGE
    assert f"{reaching.MOST:,} sets" in PAGE


def test_the_conditions_of_the_page_hold() -> None:
    said = re.findall(r"^\| `([^`]+)` \|", section("Conditions"), re.MULTILINE)
    assert len(said) == 9
    for condition in said:
        asked = survey(FIRST, (asking("last", "comment", shown_if=condition),))
        assert faults(asked) == [], condition
