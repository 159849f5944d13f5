"""Every example of docs/filters.md does what the page says."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.words import ROOT
from zhiyin.kernel.filters import LIMITS, FilterProblem, holds, parse, render

PAGE = (ROOT / "docs" / "filters.md").read_text("utf-8")

EXAMPLES = [
    line for block in re.findall(r"^```filter\n(.*?)^```$", PAGE, re.M | re.S)
    for line in block.splitlines()
]  # fmt: skip


def table(header: str) -> list[list[str]]:
    """The cells under the table head that begins with `header`, backquotes taken off."""
    lines = PAGE[PAGE.index(f"| {header}") :].split("\n\n")[0].splitlines()[2:]
    rows = [re.split(r"(?<!\\) \| ", line.strip().strip("|").strip()) for line in lines]
    return [[unquoted(cell.strip()) for cell in row] for row in rows]


def unquoted(cell: str) -> str:
    """The code in a cell: one backquote around it, or two and a space around code with some."""
    if cell.startswith("`` "):
        return cell[3:-3]
    return cell[1:-1] if cell.startswith("`") and cell.count("`") == 2 else cell


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_read_and_written_again(example: str) -> None:
    read = parse(example)
    assert parse(render(read)) == read


def test_there_are_examples_in_both_languages() -> None:
    named = {column for example in EXAMPLES for column in parse(example).columns()}
    assert len(EXAMPLES) > 30
    assert {"channel", "渠道"} <= named


@pytest.mark.parametrize("row", table("condition"), ids=lambda row: row[0])
def test_missing_values(row: list[str]) -> None:
    condition, *says = row
    rows = ({"channel": "app"}, {"channel": "web"}, {})
    assert ["yes" if holds(parse(condition), one) else "no" for one in rows] == says


@pytest.mark.parametrize("row", table("not"), ids=lambda row: row[0])
def test_errors_point_at_the_character(row: list[str]) -> None:
    wrong, right, at = row
    with pytest.raises(FilterProblem) as raised:
        parse(wrong)
    assert (raised.value.code, raised.value.position) == ("filter.syntax", int(at))
    parse(right)


def test_a_date_is_the_whole_day() -> None:
    one, next_day = parse("at <= 2026-01-31"), parse("at < 2026-02-01")
    for moment in (datetime(2026, 1, 31, 15, 59, 59), datetime(2026, 1, 31, 16)):
        row = {"at": moment}
        inside = moment.hour == 15
        assert holds(one, row, zone="Asia/Shanghai") is inside
        assert holds(next_day, row, zone="Asia/Shanghai") is inside


def test_and_binds_closer_than_or() -> None:
    loose = "channel = 'app' or channel = 'web' and score >= 9"
    tight = "(channel = 'app' or channel = 'web') and score >= 9"
    assert loose in EXAMPLES
    assert tight in EXAMPLES
    row = {"channel": "app", "score": 3}
    assert (holds(parse(loose), row), holds(parse(tight), row)) == (True, False)


def test_the_limits_are_those_of_the_page() -> None:
    assert [int(row[1]) for row in table("what")] == [
        LIMITS.characters,
        LIMITS.conditions,
        LIMITS.values,
        LIMITS.depth,
    ]
