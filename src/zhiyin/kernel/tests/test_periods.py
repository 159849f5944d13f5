"""Local dates become instants: clock changes, weeks, months and quarters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import (
    GRAINS,
    Bucket,
    Grain,
    Period,
    around,
    day_start,
    local_day,
    months_later,
    read_bound,
    read_moment,
    split,
    step_end,
    step_label,
    step_start,
    to_local,
    to_utc,
    week_number,
    week_start_of,
    zone_info,
)

SAO_PAULO, BERLIN, SHANGHAI = "America/Sao_Paulo", "Europe/Berlin", "Asia/Shanghai"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def labels(buckets: list[Bucket]) -> list[str]:
    return [bucket.label for bucket in buckets]


# Periods


def test_the_end_is_not_included() -> None:
    period = Period(at("2026-01-01"), at("2026-02-01"))
    assert at("2026-01-01") in period
    assert at("2026-01-31T23:59:59.999999") in period
    assert at("2026-02-01") not in period
    empty = Period(at("2026-01-01"), at("2026-01-01"))
    assert at("2026-01-01") not in empty
    assert split(empty, "day", "UTC") == []


def test_a_period_does_not_run_backwards_and_has_no_zone_inside() -> None:
    with pytest.raises(Problem) as refused:
        Period(at("2026-02-01"), at("2026-01-01"))
    assert refused.value.code == "period.backwards"
    with pytest.raises(ValueError, match="naive"):
        Period(at("2026-01-01").replace(tzinfo=UTC), at("2026-02-01").replace(tzinfo=UTC))


def test_whole_days_of_a_period() -> None:
    january = Period.of_days(date(2026, 1, 1), date(2026, 2, 1), SHANGHAI)
    assert january == Period(at("2025-12-31T16:00"), at("2026-01-31T16:00"))
    assert january.days(SHANGHAI) == (date(2026, 1, 1), date(2026, 2, 1))
    assert january.days("UTC") is None


# Clock changes


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        (SAO_PAULO, "2017-10-14", "2017-10-14T03:00", 24),
        (SAO_PAULO, "2017-10-15", "2017-10-15T03:00", 23),  # begins at 01:00, midnight is skipped
        (SAO_PAULO, "2018-02-17", "2018-02-17T02:00", 25),  # 23:00 comes twice
        (SAO_PAULO, "2018-02-18", "2018-02-18T03:00", 24),
        (BERLIN, "2026-03-29", "2026-03-28T23:00", 23),
        (BERLIN, "2026-10-25", "2026-10-24T22:00", 25),
        ("America/Havana", "2025-11-02", "2025-11-02T04:00", 25),  # midnight comes twice
        ("Australia/Lord_Howe", "2025-10-05", "2025-10-04T13:30", 23.5),
        (SHANGHAI, "2026-03-29", "2026-03-28T16:00", 24),
    ],
)
def test_days_around_a_clock_change(zone: str, day: str, start: str, hours: float) -> None:
    first = date.fromisoformat(day)
    period = around(first, "day", zone)
    assert period.start == at(start)
    assert period.end - period.start == timedelta(hours=hours)
    assert local_day(period.start, zone) == first
    assert local_day(period.start - timedelta(microseconds=1), zone) < first


def test_a_day_that_a_zone_left_out() -> None:
    """Samoa went from 29 to 31 December 2011."""
    apia = "Pacific/Apia"
    assert day_start(date(2011, 12, 30), apia) == day_start(date(2011, 12, 31), apia)
    days = split(Period.of_days(date(2011, 12, 29), date(2012, 1, 1), apia), "day", apia)
    assert labels(days) == ["2011-12-29", "2011-12-31"]


def test_times_that_occur_twice_or_never() -> None:
    assert to_utc(at("2026-10-25T02:30"), BERLIN) == at("2026-10-25T00:30")  # the earlier
    assert to_utc(at("2026-03-29T02:30"), BERLIN) == at("2026-03-29T01:30")  # clock from before
    assert to_local(at("2026-03-29T01:30"), BERLIN) == at("2026-03-29T03:30")


def test_months_of_local_days() -> None:
    """Would catch months cut in UTC: the changes lie inside February and October."""
    year = Period.of_days(date(2018, 1, 1), date(2019, 1, 1), SAO_PAULO)
    months = split(year, "month", SAO_PAULO)
    assert [month.start.hour for month in months] == [2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2]
    assert labels(months) == [f"2018-{month:02d}" for month in range(1, 13)]


def test_no_such_zone() -> None:
    for wrong in ("Mars/Olympus", "", "../../etc/passwd", "Asia", "a\0b"):
        with pytest.raises(Problem) as refused:
            zone_info(wrong)
        assert refused.value.code == "period.no-such-zone"


# Labels, weeks and quarters


@pytest.mark.parametrize("monday", [date(2015, 12, 28) + timedelta(weeks=n) for n in range(320)])
def test_weeks_from_monday_are_numbered_by_iso_8601(monday: date) -> None:
    assert week_number(monday) == monday.isocalendar()[:2]


@pytest.mark.parametrize("week_start", range(7))
def test_a_week_is_found_by_its_number(week_start: int) -> None:
    first = step_start(date(2015, 12, 28), "week", week_start)
    for week in (first + timedelta(weeks=n) for n in range(320)):
        assert week_start_of(*week_number(week), week_start) == week
    assert week_start_of(2019, 53) == date(2019, 12, 23)


@pytest.mark.parametrize(
    ("day", "week_start", "first", "label"),
    [
        ("2018-01-31", 0, "2018-01-29", "2018-W05"),
        ("2018-01-31", 6, "2018-01-28", "2018-W05"),
        ("2018-01-31", 2, "2018-01-31", "2018-W05"),
        ("2018-01-30", 2, "2018-01-24", "2018-W04"),
        ("2021-01-01", 0, "2020-12-28", "2020-W53"),
        ("2021-01-02", 6, "2020-12-27", "2020-W53"),
        ("2018-12-31", 0, "2018-12-31", "2019-W01"),
    ],
)
def test_weeks_begin_where_the_workspace_says(
    day: str, week_start: int, first: str, label: str
) -> None:
    start = step_start(date.fromisoformat(day), "week", week_start)
    assert start == date.fromisoformat(first)
    assert step_label(start, "week") == label


@pytest.mark.parametrize(
    ("day", "year_start", "first", "label"),
    [
        ("2018-03-31", 1, "2018-01-01", "2018-Q1"),
        ("2018-12-01", 1, "2018-10-01", "2018-Q4"),
        ("2018-03-31", 4, "2018-01-01", "FY2017/18-Q4"),
        ("2018-04-01", 4, "2018-04-01", "FY2018/19-Q1"),
        ("2018-01-15", 2, "2017-11-01", "FY2017/18-Q4"),
        ("2018-02-01", 2, "2018-02-01", "FY2018/19-Q1"),
        ("2018-02-28", 12, "2017-12-01", "FY2017/18-Q1"),
        ("1999-12-31", 12, "1999-12-01", "FY1999/00-Q1"),
    ],
)
def test_quarters_of_a_fiscal_year(day: str, year_start: int, first: str, label: str) -> None:
    start = step_start(date.fromisoformat(day), "quarter", fiscal_year_start=year_start)
    assert start == date.fromisoformat(first)
    assert step_label(start, "quarter", year_start) == label


def test_labels_of_days_and_months() -> None:
    assert step_label(date(2018, 1, 31), "day") == "2018-01-31"
    assert step_label(date(2018, 1, 1), "month") == "2018-01"


def test_months_later() -> None:
    assert months_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_later(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert months_later(date(2024, 1, 15), -1) == date(2023, 12, 15)
    assert months_later(date(2023, 12, 31), 1) == date(2024, 1, 31)


def test_buckets_are_cut_to_the_period() -> None:
    period = Period(read_bound("2026-01-15", SHANGHAI), read_bound("2026-03-01", SHANGHAI))
    first, second = split(period, "month", SHANGHAI)
    assert (first.label, first.start, first.is_whole) == ("2026-01", period.start, False)
    assert (second.label, second.end, second.is_whole) == ("2026-02", period.end, True)
    assert first.period == Period(period.start, second.start)


ZONES = st.sampled_from(sorted(available_timezones()))
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31))
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=120))


@given(ZONES, INSTANTS, LENGTHS, st.sampled_from(GRAINS), st.integers(0, 6), st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_buckets_have_no_gap_and_no_overlap(
    zone: str, start: datetime, length: timedelta, grain: Grain, week_start: int, year_start: int
) -> None:
    """In any zone: together they are the period, and each holds only days of its own step."""
    period = Period(start, start + length)
    buckets = split(period, grain, zone, week_start, year_start)
    assert bool(buckets) == (length > timedelta(0))
    if not buckets:
        return
    assert (buckets[0].start, buckets[-1].end) == (period.start, period.end)
    assert all(before.end == after.start for before, after in pairwise(buckets))
    assert all(bucket.start < bucket.end for bucket in buckets)
    assert len(set(labels(buckets))) == len(buckets)
    assert all(bucket.is_whole for bucket in buckets[1:-1])
    for bucket in buckets:
        step = step_start(local_day(bucket.start, zone), grain, week_start, year_start)
        if day_start(step_end(step, grain), zone) <= bucket.start:
            step = step_end(step, grain)  # the clock went back over midnight, the day stays
        whole = Period.of_days(step, step_end(step, grain), zone)
        assert whole.start <= bucket.start < bucket.end <= whole.end
        assert bucket.is_whole == (bucket.period == whole)
        assert bucket.label == step_label(step, grain, year_start)


def test_a_clock_that_goes_back_over_midnight() -> None:
    """In Newfoundland 00:01 became 23:01: an hour of 30 October 2005 was dated the 29th."""
    zone = "America/St_Johns"
    again = at("2005-10-30T02:45")
    assert to_local(again, zone) == at("2005-10-29T23:15")
    assert day_start(date(2005, 10, 30), zone) == at("2005-10-30T02:30")
    days = split(Period(again, again + timedelta(days=1)), "day", zone)
    assert labels(days) == ["2005-10-30"]
    assert days[0].start == again


# What people type


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        (" 2026-01-31 ", date(2026, 1, 31)),
        ("2026-01-31T10:00", at("2026-01-31T10:00")),
        ("2026-01-31 10:00:05", at("2026-01-31T10:00:05")),
        ("2026-01-31T10:00:05.25", at("2026-01-31T10:00:05.250000")),
        ("2026-02-30", None),
        ("2026-01-31T24:30", None),
        ("20260131", None),
        ("2026-1-31", None),
        ("2026-01-31T10", None),
        ("2026-01-31T10:00Z", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("２０２６-01-31", None),
        ("", None),
    ],
)
def test_dates_and_times(text: str, moment: date | None) -> None:
    read = read_moment(text)
    assert (read, type(read)) == (moment, type(moment))


def test_bounds_are_local() -> None:
    assert read_bound("2026-01-31", SHANGHAI) == at("2026-01-30T16:00")
    assert read_bound("2026-01-31T10:00", SHANGHAI) == at("2026-01-31T02:00")
    assert read_bound("2017-10-15", SAO_PAULO) == at("2017-10-15T03:00")


@pytest.mark.parametrize("text", ["", "yesterday", "31/01/2026", "2026-02-30", "9999-12-31"])
def test_a_bound_that_is_no_date(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_bound(text, SHANGHAI)
    assert refused.value.code == "period.not-a-date"
    assert f"“{text}”" in str(refused.value)


@given(st.text() | st.dates().map(str) | st.datetimes().map(str), ZONES)
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_bound_or_a_problem(text: str, zone: str) -> None:
    """Would catch years that another zone's clock puts outside of what Python knows."""
    try:
        bound = read_bound(text, zone)
    except Problem:
        return
    assert bound.tzinfo is None
