"""The product falls into none of the traps: it says the right thing, or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.demo.tests.conftest import AIRLINE
from zhiyin.kernel.filters import parse
from zhiyin.measure.comparisons import Comparison, compare
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Score, score
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "zh-hans")
NOW = datetime(2026, 7, 1)


def asked(metric: str, question: str, where: str | None, by: str) -> ScoreRequest:
    return ScoreRequest(
        metric, questions=(question,), by=(by,), where=parse(where) if where else None, per="answer"
    )


def scores(airline: Owner, metric: str, question: str, by: str, where: str | None = None) -> Any:
    found = score(airline, MAIN, asked(metric, question, where, by), now=NOW)
    rows: dict[Any, Score] = {row.group[by]: row for row in found.rows}
    return rows


def compared(airline: Owner, metric: str, question: str, by: str, where: str | None = None) -> Any:
    found = compare(airline, MAIN, asked(metric, question, where, by), "rest", now=NOW)
    rows: dict[Any, Comparison] = {row.group[by]: row for row in found.rows}
    return rows


def test_nine_answers_are_too_few_to_show(airline: Owner) -> None:
    """Nor can they be calculated: the smallest other touchpoint is withheld beside them."""
    request = ScoreRequest("csat", kind="touchpoint", by=("touchpoint",), per="answer")
    rows = {r.group["touchpoint"]: r for r in score(airline, MAIN, request, now=NOW).rows}
    minors = rows["unaccompanied_minor"]
    assert (minors.state, minors.value, minors.n) == ("too_few", None, None)
    assert [name for name, row in rows.items() if row.state == "withheld"] == ["refund"]
    assert rows["meal"].value is not None


def test_two_airports_of_one_truth_are_not_told_apart(airline: Owner) -> None:
    rows = compared(airline, "nps", "recommend_journey", "unit", "unit in ('HGH', 'NKG')")
    assert not rows["HGH"].marked
    assert rows["HGH"].place == rows["NKG"].place == 1


def test_japan_is_marked(airline: Owner) -> None:
    rows = compared(airline, "nps", "recommend_journey", "country")
    assert rows["JP"].marked
    assert rows["JP"].difference < 0


def test_the_easy_queue_is_marked_and_not_within_its_reason(airline: Owner) -> None:
    contact = "touchpoint = 'contact'"
    assert compared(airline, "csat", "satisfied", "unit", contact)["invoices"].marked
    same = f"{contact} and contact_reason = 'invoice' and unit in ('invoices', 'wechat-a', 'mail')"
    assert not compared(airline, "csat", "satisfied", "unit", same)["invoices"].marked


def test_begging_shows_in_the_recommendation_alone(airline: Owner) -> None:
    two = "touchpoint = 'contact' and unit in ('wechat-a', 'wechat-b')"
    assert compared(airline, "nps", "recommend_contact", "unit", two)["wechat-b"].marked
    assert not compared(airline, "csat", "satisfied", "unit", two)["wechat-b"].marked
    assert not compared(airline, "ces", "ease", "unit", two)["wechat-b"].marked


def test_the_month_of_late_answers_falls_when_they_come(airline: Owner) -> None:
    story = AIRLINE.stories.late_month
    month = AIRLINE.date_of(story[0]), AIRLINE.date_of(story[1])
    request = ScoreRequest(
        "nps", questions=("recommend_journey",), date_of="experience", per="answer",
        start=month[0], end=month[1],
    )  # fmt: skip
    whole = score(airline, MAIN, request, now=NOW).total
    early = ScoreRequest(
        "nps", questions=("recommend_journey",), date_of="experience", per="answer",
        start=month[0], end=month[1],
        where=parse(f"occurred_at < {month[1].isoformat()}"),
    )  # fmt: skip
    before = score(airline, MAIN, early, now=NOW).total
    assert before.n is not None
    assert whole.n is not None
    assert before.n < whole.n
    assert before.value is not None
    assert whole.value is not None
    assert before.value > whole.value


def test_relationship_scores_are_weighted_by_the_sample(airline: Owner) -> None:
    request = ScoreRequest("nps", questions=("recommend",), kind="relationship")
    found = score(airline, MAIN, request, now=NOW)
    assert found.per == "customer"
    assert "weighted" in found.total.flags
    assert found.total.design_effect is not None
    assert found.total.design_effect > 1.02
