"""Business hours: never outside them, never backwards, also where the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.act.cases import hours
from zhiyin.act.cases.hours import Hours, Span
from zhiyin.kernel.errors import Problem

NINE_TO_SIX = Span(9 * 60, 18 * 60)
OFFICE = (*(NINE_TO_SIX,) * 5, None, None)
HOUR = timedelta(hours=1)

ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia"])
SPANS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda one: one[0] < one[1])
WEEKS = st.lists(st.none() | SPANS.map(lambda one: Span(*one)), min_size=7, max_size=7).filter(
    lambda week: sum(s.closes - s.opens for s in week if s) >= 120
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1))
LENGTHS = st.timedeltas(timedelta(seconds=1), timedelta(hours=40))
OFF = st.sets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=20).map(frozenset)


def local(zone: str, year: int, month: int, day: int, hour: int) -> datetime:
    wall = datetime(year, month, day, hour, tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC).replace(tzinfo=None)


@given(ZONES, WEEKS, OFF, OFF, MOMENTS, LENGTHS, LENGTHS)
def test_what_is_due_is_due_in_hours_and_after_that_much_of_them(
    zone: str,
    week: list[Span | None],
    off: frozenset[date],
    worked: frozenset[date],
    start: datetime,
    length: timedelta,
    more: timedelta,
) -> None:
    """Would catch hours that are counted by the wall in the nights of a clock change."""
    calendar = Hours(zone, tuple(week), off, worked)
    end = hours.due(calendar, start, length)
    assert end >= start + length
    assert hours.is_open(calendar, end)
    assert hours.between(calendar, start, end) == length
    later = hours.due(calendar, start, length + more)
    assert later > end
    assert later == hours.due(calendar, end, more), "in two pieces it is the same"
    assert hours.due(calendar, start + HOUR, length) >= end, "who begins later ends no earlier"


@given(ZONES, WEEKS, MOMENTS, MOMENTS, MOMENTS)
def test_time_between_adds_up(
    zone: str, week: list[Span | None], a: datetime, b: datetime, c: datetime
) -> None:
    calendar = Hours(zone, tuple(week))
    assert hours.between(calendar, a, b) == -hours.between(calendar, b, a)
    parts = hours.between(calendar, a, b) + hours.between(calendar, b, c)
    assert parts == hours.between(calendar, a, c)
    first, last = min(a, b, c), max(a, b, c)
    clock = hours.running(calendar, first, last)
    assert clock(b) - clock(a) == hours.between(calendar, a, b)


def test_eight_hours_from_monday_noon_end_on_tuesday_morning() -> None:
    zone = "Asia/Shanghai"
    calendar = Hours(zone, OFFICE)
    assert hours.due(calendar, local(zone, 2026, 3, 2, 12), 8 * HOUR) == local(zone, 2026, 3, 3, 11)
    assert hours.due(calendar, local(zone, 2026, 3, 6, 18), HOUR) == local(zone, 2026, 3, 9, 10)
    assert hours.due(calendar, local(zone, 2026, 3, 2, 9), 9 * HOUR) == local(zone, 2026, 3, 2, 18)


def test_a_holiday_is_off_and_the_day_worked_instead_is_worked() -> None:
    zone = "Asia/Shanghai"
    saturday, monday = date(2026, 2, 14), date(2026, 2, 16)
    calendar = Hours(zone, OFFICE, frozenset({monday}), frozenset({saturday}))
    assert hours.due(calendar, local(zone, 2026, 2, 13, 17), 2 * HOUR) == local(
        zone, 2026, 2, 14, 10
    )
    assert hours.due(calendar, local(zone, 2026, 2, 14, 17), 2 * HOUR) == local(
        zone, 2026, 2, 17, 10
    )


def test_a_night_in_which_the_clock_is_put_forward_is_shorter() -> None:
    zone = "Europe/Berlin"
    calendar = Hours(zone, (Span(0, 1440),) * 7)
    start, end = local(zone, 2026, 3, 29, 0), local(zone, 2026, 3, 30, 0)
    assert hours.between(calendar, start, end) == 23 * HOUR
    night = Hours(zone, (Span(60, 240),) * 7)
    assert hours.between(night, start, end) == 2 * HOUR


def test_a_calendar_of_nothing_but_days_off_says_so() -> None:
    every = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(800))
    with pytest.raises(Problem) as refused:
        hours.due(Hours("UTC", OFFICE, every), datetime(2026, 1, 5), HOUR)
    assert refused.value.code == "cases.no-hours"


@pytest.mark.parametrize("written", ["18:00-09:00", "9", "25:00-26:00", "09:00-24:30", "a"])
def test_hours_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(Problem) as refused:
        hours.read(written)
    assert refused.value.code == "cases.hours"


def test_hours_are_read_as_people_write_them() -> None:
    assert hours.read("9:00 – 18:00") == NINE_TO_SIX
    assert hours.read("09：00至18：00") == NINE_TO_SIX
    assert hours.read(" ") is None
    assert str(Span(0, 1440)) == "00:00-24:00"
