"""Quiet hours by the clock of the customer, in every zone and over every change of clocks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zhiyin.collect.reaching.quiet import Quiet, read
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import to_local

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Sao_Paulo",
         "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca",
         "America/St_Johns", "UTC")  # fmt: skip
MINUTE = timedelta(minutes=1)

clock_times = st.times().map(lambda one: one.replace(second=0, microsecond=0))


def naive_due(quiet: Quiet, at: datetime, zone: str) -> datetime:
    """Look at the clock once a minute."""
    if not quiet.holds(at, zone):
        return at
    moment = at.replace(second=0, microsecond=0) + MINUTE
    while quiet.holds(moment, zone):
        moment += MINUTE
    return moment


@settings(max_examples=150)
@given(
    start=clock_times,
    end=clock_times,
    at=st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(ZONES),
)
# The clock goes from 02:00 to 03:00, and the end is between.
@example(time(22), time(2, 30), datetime(2026, 3, 28, 23), "Europe/Berlin")
# The hour from 02:00 comes twice.
@example(time(22), time(2, 30), datetime(2026, 10, 25, 0, 10), "Europe/Berlin")
@example(time(22), time(2, 30), datetime(2026, 10, 25, 1, 10), "Europe/Berlin")
# Half an hour of summer time; a day that was left out; a midnight that was skipped.
@example(time(23), time(2, 15), datetime(2026, 10, 3, 15), "Australia/Lord_Howe")
@example(time(20), time(8), datetime(2011, 12, 30, 9, 59), "Pacific/Apia")
@example(time(21), time(0, 30), datetime(2017, 10, 15, 2, 30), "America/Sao_Paulo")
def test_the_first_time_that_is_not_quiet_is_the_one_that_the_clock_shows(
    start: time, end: time, at: datetime, zone: str
) -> None:
    if start == end:
        return
    quiet = Quiet(start, end)
    assert quiet.due(at, zone) == naive_due(quiet, at, zone)


def test_an_evening_letter_waits_for_the_customers_morning() -> None:
    quiet = read("21:00-09:00")
    assert quiet is not None
    late = datetime(2026, 3, 1, 14, 30)  # 22:30 in Shanghai, 15:30 in Berlin
    due = quiet.due(late, "Asia/Shanghai")
    assert to_local(due, "Asia/Shanghai") == datetime(2026, 3, 2, 9)
    assert quiet.due(late, "Europe/Berlin") == late
    # Half-open: at nine it is over, at nine in the evening it begins.
    assert not quiet.holds(datetime(2026, 3, 1, 1), "Asia/Shanghai")
    assert quiet.holds(datetime(2026, 3, 1, 13), "Asia/Shanghai")


@pytest.mark.parametrize("text", ["", "none", "-", " "])
def test_there_may_be_no_quiet_hours(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["21:00", "21-09", "25:00-09:00", "09:00-09:00", "late-early"])
def test_what_are_no_quiet_hours_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read(text)
    assert refused.value.code == "contact.quiet-hours"


@pytest.mark.parametrize("text", ["21:00-09:00", "9:00-21:30", "21：00 – 9：00"])
def test_quiet_hours_are_read_as_people_write_them(text: str) -> None:
    quiet = read(text)
    assert quiet is not None
    assert read(quiet.written) == quiet
