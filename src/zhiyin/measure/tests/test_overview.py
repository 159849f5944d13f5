"""One period at a glance: what is certain leads, small bases never do, families are whole."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import parse
from zhiyin.measure import overview
from zhiyin.measure.asked import asked
from zhiyin.measure.overview import Step
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import answer, csat, plant
from zhiyin.stats import families
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 6, 2)
MAY = datetime(2026, 5, 10, 4)
APRIL = datetime(2026, 4, 10, 4)


def answers(
    place: str, satisfied: int, dissatisfied: int, at: datetime, **more: Any
) -> list[dict[str, Any]]:
    """So many of each at a touchpoint, every one by a customer of their own."""
    scores = [5.0] * satisfied + [1.0] * dissatisfied
    return [
        csat(score, touchpoint=place, occurred_at=at, customer=f"{place}-{at:%m}-{n}", **more)
        for n, score in enumerate(scores)
    ]


@pytest.fixture
def planted(log: Log, fresh: str) -> Settings:
    """Food is bad, worst after delays; lounge fell; six minors are the worst, and too few.

    The bus is withheld, so that nobody calculates the minors.
    """
    rows = [
        *answers("food", 40, 60, MAY, d_delay="none"),
        *answers("food", 2, 48, MAY + timedelta(days=1), d_delay="long"),
        *answers("food", 55, 95, APRIL, d_delay="none"),
        *answers("lounge", 100, 100, MAY, d_delay="none"),
        *answers("lounge", 180, 20, APRIL, d_delay="none"),
        *answers("cabin", 180, 20, MAY, d_delay="none"),
        *answers("cabin", 181, 19, APRIL, d_delay="none"),
        *answers("minors", 0, 6, MAY, d_delay="none"),
        *answers("bus", 12, 8, MAY, d_delay="none"),
    ]
    delay = {"delay": "text"}
    plant(log, fresh, "answers", [{**row, "id": f"a{n}"} for n, row in enumerate(rows)], delay)
    return settings_for(fresh, minimum_base=10, test_base=30, small_base=100)


def may(settings: Settings) -> Step:
    return Step.around(date(2026, 5, 3), "month", settings)


def test_the_certainly_worst_leads_and_too_few_never_do(log: Log, planted: Settings) -> None:
    known = asked(log, planted.slug)
    found = overview.places(log, planted, known, may(planted), None, now=NOW)
    assert found is not None
    assert [place.name for place in found.rows] == ["food", "lounge", "cabin"]
    assert [place.name for place in found.worst] == ["food", "lounge"]
    assert [place.tone for place in found.rows] == ["bad", "bad", "mid"]
    assert (found.changes, found.held) == (3, 1)
    (lounge,) = found.changed
    assert lounge.change is not None
    assert lounge.change.comparison.difference == pytest.approx(-40.0)
    assert lounge.change.tone == "bad"


def test_it_says_for_whom(log: Log, planted: Settings) -> None:
    known = asked(log, planted.slug)
    found = overview.places(log, planted, known, may(planted), None, now=NOW)
    assert found is not None
    group = overview.for_whom(log, planted, found, found.worst[0], now=NOW)
    assert group is not None
    assert (group.column, group.name) == ("delay", "long")
    assert group.comparison.value == pytest.approx(4.0)
    assert overview.for_whom(log, planted, found, found.worst[1], now=NOW) is None


def test_the_headlines_changes_are_one_family(log: Log, planted: Settings) -> None:
    rows = [
        answer(
            float(score), kind="relationship", occurred_at=at,
            customer=f"r{at:%m}{n}", id=f"r{at:%m}{n}",
        )
        for at, scores in ((MAY, [9] * 70 + [3] * 30), (APRIL, [9] * 80 + [3] * 20))
        for n, score in enumerate(scores)
    ]  # fmt: skip
    plant(log, planted.slug, "answers", rows)
    known = asked(log, planted.slug)
    found, tests = overview.headlines(log, planted, known, may(planted), None, now=NOW)
    assert [one.request.metric for one in found] == ["nps", "csat"]
    changes = [one.previous for one in found]
    assert tests == 2
    p = [change.comparison.p or 0.0 for change in changes if change]
    family = families.mark(p)
    assert [change.q for change in changes if change] == pytest.approx(family.q_values.tolist())
    assert [change.marked for change in changes if change] == family.marked.tolist()
    assert all(one.last_year is None for one in found)


def test_a_quarterly_wave_is_shown_as_what_it_is(log: Log, settings: Settings) -> None:
    """Asked in February only: May shows the quarter that was over, and says so."""
    wave = datetime(2026, 2, 3)
    rows = [
        answer(9.0, kind="relationship", occurred_at=wave, customer=f"c{n}", id=f"w{n}")
        for n in range(40)
    ]  # fmt: skip
    plant(log, settings.slug, "answers", rows)
    known = asked(log, settings.slug)
    (one,), _tests = overview.headlines(log, settings, known, may(settings), None, now=NOW)
    assert (one.step.label, one.is_wider, one.total.n) == ("2026-Q1", True, 40)


def test_a_kind_that_a_unit_was_never_asked_gives_way_to_the_next(log: Log, fresh: str) -> None:
    """Relationship leads where it has a figure; else the journey's does."""
    settings = settings_for(fresh, minimum_base=10, test_base=10, small_base=10)
    asked_of = [
        ("relationship", "head", 40), ("journey", "north", 30), ("relationship", "south", 1),
        ("relationship", "west", 1), ("journey", "west", 20),
    ]  # fmt: skip
    rows = [
        answer(9.0, kind=kind, occurred_at=MAY, customer=f"{unit}{n}", unit=unit)
        for kind, unit, count in asked_of
        for n in range(count)
    ]
    plant(log, fresh, "answers", rows)
    known = asked(log, fresh)

    def shown(where: str) -> list[tuple[str | None, int | None]]:
        found, _tests = overview.headlines(
            log, settings, known, may(settings), parse(where) if where else None, now=NOW
        )
        return [(one.request.kind, one.total.n) for one in found]

    assert shown("") == [("relationship", 42)]
    assert shown("unit = 'north'") == [("journey", 30)]
    assert shown("unit = 'west'") == [("journey", 20)]
    assert shown("unit = 'south'") == [("relationship", None)]
    assert shown("unit = 'nowhere'") == []


def test_a_calm_month_is_calm(log: Log, fresh: str) -> None:
    """Places alike in truth: of forty glances, few call any of them bad."""
    settings = settings_for(fresh, minimum_base=10, test_base=30, small_base=30)
    rng = np.random.default_rng(7)
    rows = [
        {
            **csat(5.0 if rng.random() < 0.8 else 1.0, touchpoint=f"p{place}"),
            "id": f"{month}-{place}-{n}", "customer": f"{month}-{place}-{n}",
            "occurred_at": datetime(2023 + month // 12, month % 12 + 1, 9),
        }
        for month in range(40)
        for place in range(6)
        for n in range(60)
    ]  # fmt: skip
    plant(log, fresh, "answers", rows)
    known = asked(log, fresh)
    wrong = 0
    for month in range(40):
        step = Step.around(date(2023 + month // 12, month % 12 + 1, 2), "month", settings)
        found = overview.places(log, settings, known, step, None, now=NOW)
        assert found is not None
        wrong += bool(found.worst)
    # Each glance has a chance of 5 % at most, on both sides together: 8 of 40 would be 1 in 3000.
    assert wrong <= 7


def test_which_month_it_opens_on(settings: Settings) -> None:
    opens = [
        overview.newest(settings, last, NOW).label
        for last in (date(2026, 6, 1), date(2026, 5, 31), date(2026, 3, 5))
    ]
    assert opens == ["2026-05", "2026-05", "2026-03"]


def test_periods_in_an_address(settings: Settings) -> None:
    step = overview.step_of("quarter:2026-05-09", settings)
    assert step is not None
    assert (step.label, step.first, step.end) == ("2026-Q2", date(2026, 4, 1), date(2026, 7, 1))
    for wrong in ("", "month", "year:2026-01-01", "month:tomorrow", "week:9999-12-31"):
        assert overview.step_of(wrong, settings) is None
