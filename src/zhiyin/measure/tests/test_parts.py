"""Groups that rules make, and figures of some customers alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import parse
from zhiyin.measure import comparisons
from zhiyin.measure.requests import PART, ScoreRequest
from zhiyin.measure.scores import Scores, score
from zhiyin.measure.tests.planting import csat, plant
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 6, 1)
FIRST = datetime(2026, 4, 10)
PLACES = ("refund", "refund", "cabin", "meal")
PARTS = (
    ("refund-app", parse("touchpoint = 'refund' and channel = 'app'")),
    ("refund", parse("touchpoint = 'refund'")),
    ("cabin", parse("touchpoint = 'cabin'")),
)
MONTH: dict[str, Any] = {"start": date(2026, 4, 1), "end": date(2026, 5, 1)}


@pytest.fixture
def answers(log: Log, settings: Settings) -> Log:
    """Four hundred answers at three places, by two channels, of a hundred customers each month."""
    rows = []
    for n in range(800):
        place = PLACES[n % 4]
        rows.append(
            csat(
                float(1 + (n * 7 + (n // 400)) % 5),
                touchpoint=place,
                channel=("app", "web")[n % 3 == 0],
                customer=f"c{n % 100}",
                occurred_at=FIRST - timedelta(days=30 * (n // 400)) + timedelta(minutes=n),
            )
        )
    plant(log, settings.slug, "answers", rows)
    return log


def asked(log: Log, settings: Settings, **rest: Any) -> Scores:
    return score(log, settings, ScoreRequest("csat", **{**MONTH, **rest}), now=NOW)


def test_a_row_is_in_the_first_part_whose_rule_holds(answers: Log, settings: Settings) -> None:
    found = asked(answers, settings, parts=PARTS)
    by_part = {str(row.group[PART]): row for row in found.rows}
    each = {
        "refund-app": "touchpoint = 'refund' and channel = 'app'",
        "refund": "touchpoint = 'refund' and channel != 'app'",
        "cabin": "touchpoint = 'cabin'",
    }
    assert set(by_part) == set(each)
    for name, where in each.items():
        alone = asked(answers, settings, where=parse(where)).total
        mine = by_part[name]
        assert (mine.n, mine.value, mine.low, mine.high, mine.customers) == (
            alone.n, alone.value, alone.low, alone.high, alone.customers,
        )  # fmt: skip
    # The meal is on no part, and in no figure of the table.
    whole = asked(answers, settings, where=parse("touchpoint != 'meal'")).total
    assert (found.total.n, found.total.value) == (whole.n, whole.value)


@pytest.mark.parametrize("against", ["rest", "previous"])
def test_parts_are_compared_as_columns_are(answers: Log, settings: Settings, against: Any) -> None:
    one = ScoreRequest("csat", **MONTH, by=("touchpoint",), where=parse("touchpoint != 'meal'"))
    places = tuple((name, parse(f"touchpoint = '{name}'")) for name in ("cabin", "refund"))
    two = ScoreRequest("csat", **MONTH, parts=places)
    by_column = comparisons.compare(answers, settings, one, against, now=NOW)
    by_part = comparisons.compare(answers, settings, two, against, now=NOW)
    assert [replace(row, group={}) for row in by_column.rows] == [
        replace(row, group={}) for row in by_part.rows
    ]
    assert [row.group[PART] for row in by_part.rows] == ["cabin", "refund"]


def test_figures_of_some_customers_alone(answers: Log, settings: Settings) -> None:
    some = parse("last_csat >= 3")
    found = asked(answers, settings, whose=some, by=("touchpoint",))
    assert found.total.customers is not None
    assert 0 < found.total.customers < 100
    others = asked(answers, settings, whose=parse("last_csat < 3"))
    everybody = asked(answers, settings)
    assert (found.total.n or 0) + (others.total.n or 0) == everybody.total.n


@pytest.mark.parametrize("metric", ["csat", "net_box"])
def test_rules_that_name_words_alone_say_what_any_rule_says(
    answers: Log, settings: Settings, metric: str
) -> None:
    """They are looked up by code: overlapping words, several words, a word that nobody has said."""
    plain = {
        "first": "touchpoint in ('refund', 'nowhere')",
        "second": "touchpoint = 'refund' or touchpoint = 'cabin'",
        "third": "touchpoint = 'nowhere'",
    }
    scored, compared = [], []
    for more in ("", " and score >= 0"):
        parts = tuple((name, parse(f"({rule}){more}")) for name, rule in plain.items())
        request = ScoreRequest(metric, **MONTH, parts=parts)
        scored.append(score(answers, settings, request, now=NOW))
        compared.append(comparisons.compare(answers, settings, request, "previous", now=NOW).rows)
    assert scored[0] == scored[1]
    assert compared[0] == compared[1]
    assert [row.group[PART] for row in scored[0].rows] == ["first", "second"]


def test_rules_of_words_that_the_log_has_not_choose_nobody(log: Log, settings: Settings) -> None:
    parts = (("refund", parse("touchpoint = 'refund'")),)
    assert score(log, settings, ScoreRequest("csat", **MONTH, parts=parts), now=NOW).rows == ()
