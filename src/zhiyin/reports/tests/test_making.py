"""A report says what the measures say, and nothing of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import settings_of
from zhiyin.charts.markup import FILE
from zhiyin.kernel.errors import Problem
from zhiyin.measure import comparisons, scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.reports import actions, blocks, content, drawing, editions, marks, questions, written
from zhiyin.reports.models import Report
from zhiyin.reports.tests.conftest import QUERY
from zhiyin.warehouse.owner import Owner

MARCH: dict[str, Any] = {"start": date(2026, 3, 1), "end": date(2026, 4, 1)}


def test_figures_are_those_of_the_measures(log: Owner, monthly: Report) -> None:
    """Would catch a report that rounds, sums or compares by itself."""
    figure = editions.draft(monthly, log).figures[0]
    request = ScoreRequest("nps", by=("touchpoint",), **MARCH)
    found = scores.score(log, settings_of("main"), request)
    beside = comparisons.compare(log, settings_of("main"), request)
    assert [row.name for row in figure.rows] == ["登机口", "app"]  # the worst first
    for row in figure.rows:
        score = next(one for one in found.rows if one.group["touchpoint"] == row.name)
        told = next(one for one in beside.rows if one.group["touchpoint"] == row.name)
        assert (row.value, row.low, row.high, row.n) == (
            score.value, score.low, score.high, score.n,
        )  # fmt: skip
        assert (row.difference, row.difference_low) == (told.difference, told.low)
        assert told.marked
    assert [row.tone for row in figure.rows] == ["worse", "better"]
    assert (figure.total.value, figure.total.n) == (found.total.value, 120)


def test_a_report_speaks_its_own_language_and_says_what_it_rests_on(
    log: Owner, monthly: Report
) -> None:
    made = editions.draft(monthly, log)
    words, figure, trend, number, said = made.blocks
    assert isinstance(words, content.Words)
    assert [(part.form, part.text) for part in words.parts] == [
        ("heading", "要点"), ("paragraph", "登机口 明显 更差 #let *x*"),
    ]  # fmt: skip
    assert isinstance(figure, content.Figure)
    for needed in ("n = 120", "recommend", "0–10", "2026-03-01", "95%", "UTC"):
        assert needed in figure.foot
    assert (figure.by, figure.against) == ("触点", "其余各组")
    assert isinstance(trend, content.Figure)
    assert [row.period for row in trend.rows] == ["2026-02", "2026-03"]
    assert isinstance(number, content.Figure)
    assert number.total.n == 240
    assert isinstance(said, content.Said)
    assert [quote.text for quote in said.quotes] == ["行李等了三周。", "打 13766601235 给我。"]
    (first, second) = content.masked(made).quotes()
    assert (first.text, second.text) == ("行李等了三周。", "打 137****1235 给我。")


@pytest.mark.parametrize("dates", ["", "&from=2026-03-01&until=2026-03-31"])
def test_a_report_shows_what_has_changed_since_the_period_before(
    log: Owner, monthly: Report, ana: Actor, dates: str
) -> None:
    query = f"metric=nps&by=touchpoint&against=previous{dates}"
    actions.add_figure(by=ana, log=log, workspace="main", number=monthly.pk, query=query)
    monthly.refresh_from_db()
    figure = editions.draft(monthly, log).blocks[-1]
    assert isinstance(figure, content.Figure)
    assert figure.rows
    for row in figure.rows:
        assert row.reference is not None
        assert row.difference == pytest.approx((row.value or 0) - row.reference)


def test_a_trend_breaks_where_nobody_answered(log: Owner, monthly: Report, ana: Actor) -> None:
    """Answers came in two weeks with three between them: they are on the axis, with no value."""
    query = "metric=nps&by=&every=week"
    actions.add_figure(by=ana, log=log, workspace="main", number=monthly.pk, query=query)
    monthly.refresh_from_db()
    figure = editions.draft(monthly, log).blocks[-1]
    assert isinstance(figure, content.Figure)
    periods, lines = written.series(figure)
    assert len(periods) == 5
    assert [cell is None for cell in lines[""]] == [False, True, True, True, False]
    drawn = drawing.chart(figure, FILE)
    assert periods[0] in drawn
    assert drawn.count("no answers") == 3
    before = msgspec.structs.replace(figure, periods=())
    assert written.series(before)[0] == [periods[0], periods[-1]]


def test_a_figure_that_cannot_be_made_says_why_in_its_place(
    log: Owner, monthly: Report, ana: Actor
) -> None:
    actions.add_figure(
        by=ana, log=log, workspace="main", number=monthly.pk, query="metric=response_rate"
    )
    monthly.refresh_from_db()
    fault = editions.draft(monthly, log).blocks[-1]
    assert isinstance(fault, content.Fault)
    assert "邀请" in fault.message


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ("last-week", date(2026, 5, 4), date(2026, 5, 11)),
        ("last-month", date(2026, 4, 1), date(2026, 5, 1)),
        ("last-quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("last-13-weeks", date(2026, 2, 9), date(2026, 5, 11)),
        ("last-12-months", date(2025, 5, 1), date(2026, 5, 1)),
        ("", date(2026, 3, 1), date(2026, 4, 1)),
    ],
)
def test_dates_move_on_with_the_day_of_making(
    log: Owner, ana: Actor, dates: str, start: date, end: date
) -> None:
    """The 17th of May is a Sunday: its week is not over."""
    here = settings_of("main")
    figure = blocks.Figure("x", QUERY, dates=dates)
    asked = questions.of(figure, log, here, datetime(2026, 5, 17, 12)).request
    assert (asked.start, asked.end) == (start, end)


def test_an_address_is_taken_with_what_the_page_fills_in_and_nothing_else(
    log: Owner, ana: Actor
) -> None:
    here = settings_of("main")
    address = "https://cx.example/main/scores/?metric=nps&is.channel=app&page=3&where="
    assert questions.tidy(address, log, here) == questions.Named(
        "scores", "metric=nps&by=touchpoint&kind=&against=rest&is.channel=app"
    )
    for wrong in ("", "https://cx.example/", "by=channel", "x" * 5000):
        with pytest.raises(Problem) as refused:
            questions.tidy(wrong, log, here)
        assert refused.value.code == "reports.no-figure"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("metric=nps&by=customer", "reports.personal"),
        ("metric=conversion&where=properties.email+%3D+'x'", "reports.personal"),
        ("metric=nope", "measure.no-such-metric"),
        ("metric=nps&from=soon", "period.bad-date"),
        ("metric=nps&every=century", "score.every"),
        ("metric=nps&by=channel&against=them", "compare.against"),
    ],
)
def test_what_cannot_be_asked_is_refused_when_it_is_put_in(
    log: Owner, ana: Actor, query: str, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        questions.tidy(query, log, settings_of("main"))
    assert refused.value.code == code


def test_marks_are_few_and_nothing_else_is_markup() -> None:
    text = "## Small\n- one\n- **two** three\nplain **on\nnext** line\n\n*not* #this <b>"
    assert [(one.form, one.text) for one in marks.parts(text)] == [
        ("subheading", "Small"),
        ("item", "one"),
        ("item", "two three"),
        ("paragraph", "plain **on\nnext** line"),
        ("paragraph", "*not* #this <b>"),
    ]
    assert [run.is_strong for run in marks.parts("a **b** c")[0].runs] == [False, True, False]
