"""Which period is compared with which, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import Period
from zhiyin.measure.references import last_year, lunar_year, previous, read, spans
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.tests.conftest import settings_for

pytestmark = pytest.mark.any_engine

ZONE = "Asia/Shanghai"


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("first", "end", "before", "before_end"),
    [
        ("2026-03-01", "2026-04-01", "2026-02-01", "2026-03-01"),  # 31 days against 28
        ("2026-01-01", "2026-04-01", "2025-10-01", "2026-01-01"),  # a quarter
        ("2026-03-05", "2026-03-12", "2026-02-26", "2026-03-05"),  # seven days
    ],
)
def test_previous(first: str, end: str, before: str, before_end: str) -> None:
    assert previous((day(first), day(end))) == (day(before), day(before_end))


def test_last_year() -> None:
    assert last_year((day("2024-02-01"), day("2024-03-01"))) == (
        day("2023-02-01"),
        day("2023-03-01"),
    )
    assert last_year((day("2024-02-29"), day("2024-03-02"))) == (
        day("2023-02-28"),
        day("2023-03-02"),
    )
    week = last_year((day("2026-03-02"), day("2026-03-09")), "week")
    assert week == (day("2025-03-03"), day("2025-03-10"))
    assert week[0].weekday() == 0


@pytest.mark.parametrize(
    ("first", "before"),
    [
        ("2021-01-04", "2019-12-30"),  # W01 with W01, though 52 weeks before was W02
        ("2021-12-27", "2020-12-21"),  # W52 after a year of 53 weeks
        ("2020-12-28", "2019-12-23"),  # W53 with the last week, W52
        ("2026-12-28", "2025-12-22"),
    ],
)
def test_a_week_meets_the_week_of_its_number(first: str, before: str) -> None:
    week = timedelta(days=7)
    assert last_year((day(first), day(first) + week), "week") == (day(before), day(before) + week)


def test_weeks_from_sunday_and_weeks_that_are_cut() -> None:
    """The week of Sunday 2026-03-01 is the ninth; 2025's ninth began on 23 February."""
    cut = day("2026-03-03"), day("2026-03-08")
    assert last_year(cut, "week", 6) == (day("2025-02-25"), day("2025-03-02"))


# First days of the lunar year, as calendars print them.
NEW_YEARS = ["2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10",
             "2025-01-29", "2026-02-17", "2027-02-06"]  # fmt: skip


@pytest.mark.parametrize(("before", "here"), list(pairwise(NEW_YEARS)))
def test_spring_festival_meets_spring_festival(before: str, here: str) -> None:
    week = timedelta(days=7)
    assert lunar_year((day(here), day(here) + week)) == (day(before), day(before) + week)


def test_a_leap_month_meets_the_month_before_it() -> None:
    """2025 had two sixth months, from 25 June and from 25 July; 2024's began on 6 July."""
    assert lunar_year((day("2025-06-25"), day("2025-06-26")))[0] == day("2024-07-06")
    assert lunar_year((day("2025-07-25"), day("2025-07-26")))[0] == day("2024-07-06")
    # And a year with a leap month before: the plain second month of 2023, not its leap one.
    assert lunar_year((day("2024-03-10"), day("2024-03-11")))[0] == day("2023-02-20")


@pytest.mark.parametrize(("before", "here"), list(pairwise(NEW_YEARS)))
def test_the_eve_meets_the_eve(before: str, here: str) -> None:
    """Would catch days of the month by number: 2024's last was the 30th, 2025's the 29th."""
    for days in range(1, 6):
        eve = day(here) - timedelta(days=days)
        assert lunar_year((eve, day(here)))[0] == day(before) - timedelta(days=days)


def test_days_of_the_last_month_with_a_name_meet_by_number() -> None:
    """Laba, the 8th, and Little New Year, the 23rd: 2025-01-07 and -22, 2024-01-18 and 02-02."""
    for here, before in (("2025-01-07", "2024-01-18"), ("2025-01-22", "2024-02-02")):
        assert lunar_year((day(here), day(here) + timedelta(days=1)))[0] == day(before)


def test_a_thirtieth_day_meets_the_last_of_a_shorter_month() -> None:
    """New Year's Eve was the 30th of its month on 21 January 2023, the 29th on 31 January 2022."""
    assert lunar_year((day("2023-01-21"), day("2023-01-22")))[0] == day("2022-01-31")


@pytest.mark.parametrize("first", ["1949-12-31", "1950-02-16", "2101-01-01"])
def test_the_lunar_calendar_has_an_end(first: str) -> None:
    with pytest.raises(Problem) as refused:
        lunar_year((day(first), day(first) + timedelta(days=1)))
    assert refused.value.code == "calendar.out-of-range"


def test_a_series_of_months_with_the_last_one_cut() -> None:
    request = ScoreRequest("nps", every="month", start=day("2026-02-01"), end=day("2026-04-01"))
    now = datetime(2026, 3, 11, 5)
    found = spans(request, settings_for("x"), "previous", (None, None), now)
    days = [(span.here.days(ZONE), span.there.days(ZONE), span.reference_label) for span in found]
    assert days == [
        ((day("2026-02-01"), day("2026-03-01")), (day("2026-01-01"), day("2026-02-01")), "2026-01"),
        ((day("2026-03-01"), day("2026-03-11")), (day("2026-02-01"), day("2026-02-11")), "2026-02"),
    ]
    assert [span.is_cut for span in found] == [False, True]


def test_what_against_says() -> None:
    assert read("rest", ZONE) == "rest"
    assert read("-12.5", ZONE) == -12.5
    own = read("2026-01-01..2026-02-01", ZONE)
    assert own == Period.of_days(day("2026-01-01"), day("2026-02-01"), ZONE)
    for wrong in ("yesterday", "2026-01-01..", "nan", "inf"):
        with pytest.raises(Problem) as refused:
            read(wrong, ZONE)
        assert refused.value.code == "compare.against"


def test_nothing_that_is_over() -> None:
    request = ScoreRequest("nps", start=day("2026-05-01"), end=day("2026-06-01"))
    with pytest.raises(Problem) as refused:
        spans(request, settings_for("x"), "previous", (None, None), datetime(2026, 4, 30))
    assert refused.value.code == "compare.nothing-to-compare"
