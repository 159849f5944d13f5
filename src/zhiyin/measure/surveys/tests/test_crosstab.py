"""Cross-tabs against counting the responses one by one."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from zhiyin.collect.surveys.logic import Answer
from zhiyin.kernel.errors import Problem
from zhiyin.measure.surveys.crosstab import TOTAL, Crosstab, crosstab
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import Case, Page, whole
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.stats import crosstab as statistics
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 1)


def answered(pages: tuple[Page, ...], **given: Answer) -> tuple[Page, ...]:
    return tuple(
        replace(page, said={name: given.get(name, said) for name, said in page.said.items()})
        for page in pages
    )


def cases() -> list[Case]:
    """Of e-mail more recommend; some customers come twice."""
    drawn = random.Random(8)  # noqa: S311 - a test's series
    made = []
    for n in range(240):
        channel = ("email", "sms", "wechat")[n % 3]
        likes = drawn.random() < {"email": 0.8, "sms": 0.35, "wechat": 0.35}[channel]
        score = Answer("answered", score=float(drawn.choice([9, 10] if likes else [2, 6, 7])))
        pages = answered(whole(drawn), recommend=score)
        made.append(Case(f"c{n % 210}", channel=channel, pages=pages, ended=90.0, token=f"k{n}"))
    few = [Case(f"q{n}", channel="app", pages=whole(drawn), ended=90.0) for n in range(4)]
    return made + few


CASES = cases()


def found(log: Owner, row: str, column: str, minimum: int = 0, **asking: object) -> Crosstab:
    known = settings_for("main", minimum_base=minimum, test_base=30)
    return crosstab(log, known, "stay", row, column, now=NOW, **asking)  # type: ignore[arg-type]


def band(case: Case) -> str:
    assert case.pages is not None
    score = case.pages[0].said["recommend"].score or 0
    return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"


def test_a_question_by_a_column_has_its_counts_letters_and_test(stay: Owner) -> None:
    asked.planted(stay, CASES)
    told = found(stay, "recommend", "channel")
    counted = Counter((band(case), case.channel) for case in CASES)
    letter = {head.value: head.letter for head in told.heads}
    assert [head.value for head in told.heads] == ["app", "email", "sms", "wechat", ""]
    for row in told.rows:
        for cell in row.cells[:-1]:
            (channel,) = (name for name, held in letter.items() if held == cell.column)
            assert cell.n == counted[row.value, channel]
            base = sum(n for (_band, where), n in counted.items() if where == channel)
            assert cell.share == pytest.approx(100 * (cell.n or 0) / base)
        assert row.cells[-1].n == sum(n for (held, _c), n in counted.items() if held == row.value)
    promoters = {cell.column: cell.above for cell in told.rows[0].cells}
    # Four of "app" are too few to be tested, and have no letters.
    assert promoters == {"A": "", "B": "CD", "C": "", "D": "", TOTAL: ""}
    tested = [case for case in CASES if case.channel != "app"]
    alone = statistics.independence(
        [band(one) for one in tested], [one.channel for one in tested],
        [one.customer for one in tested],
    )  # fmt: skip
    assert alone is not None
    assert told.test is not None
    assert told.test.p == pytest.approx(alone.p)
    assert (told.tests, told.as_dict()["test"]["method"]) == (9, "rao-scott")


def test_small_cells_are_withheld_and_cannot_be_calculated(stay: Owner) -> None:
    """Would catch a column of four, which is the whole less the other three."""
    asked.planted(stay, CASES)
    told = found(stay, "recommend", "channel", 10)
    states = {head.value: head.state for head in told.heads}
    assert states["app"] == "too_few"
    assert "withheld" in states.values()
    shown = [cell for row in told.rows for cell in row.cells if cell.state == "ok"]
    assert all((cell.customers or 0) >= 10 or cell.customers == 0 for cell in shown)
    for row in told.rows:
        hidden = [cell for cell in row.cells[:-1] if cell.state != "ok"]
        assert row.cells[-1].state != "ok" or len(hidden) != 1
        assert all(cell.n is None and cell.share is None for cell in hidden)
    assert not found(stay, "recommend", "channel", 500).is_shown


def test_choices_traits_and_responses_that_are_left_out(stay: Owner) -> None:
    asked.planted(stay, CASES)
    several = found(stay, "liked", "trip")
    assert several.test is None
    assert {row.value for row in several.rows} == {"bed", "view", "quiet"}
    chosen = Counter(
        (value, case.pages[2].said["trip"].chosen[0])
        for case in CASES if case.pages
        for value in case.pages[2].said["liked"].chosen
    )  # fmt: skip
    heads = {head.letter: head.value for head in several.heads}
    for row in several.rows:
        for cell in row.cells[:-1]:
            assert cell.n == chosen[row.value, heads[cell.column]]
    points = found(stay, "satisfied", "recommend", without=("bot",))
    assert [row.value for row in points.rows] == ["1", "2", "3", "4", "5"]
    with stay.begin("main", source="crm", label="t") as batch:
        import pyarrow as pa

        rows = [("c1", "gold", 1), ("c2", "basic", 1), ("c1", "basic", 2), ("c1", "later", 400)]
        batch.write("traits", pa.table({
            "row": pa.array(range(4), pa.int64()), "id": ["a", "b", "c", "d"],
            "customer": [row[0] for row in rows], "name": ["tier"] * 4,
            "value": [row[1] for row in rows],
            "occurred_at": pa.array([datetime(2026, 1, 1 + row[2] % 28, 0, 0)
                                     if row[2] < 100 else datetime(2026, 9, 1) for row in rows],
                                    pa.timestamp("us")),
        }))  # fmt: skip
        batch.commit()
    tiers = found(stay, "recommend", "trait.tier")
    # Her newest tier stands, and one from after the instant of asking is not known yet.
    assert {head.value: head.n for head in tiers.heads[:-1]} == {"basic": 4, "": 240}


def test_what_cannot_be_crossed_is_refused(stay: Owner) -> None:
    asked.planted(stay, CASES[:30])
    for row, column, code in (
        ("nothing", "channel", "survey.no-variable"), ("why", "channel", "survey.no-variable"),
        ("recommend", "liked", "survey.one-column"),
    ):  # fmt: skip
        with pytest.raises(Problem) as refused:
            found(stay, row, column)
        assert refused.value.code == code
