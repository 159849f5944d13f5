"""Silences and usual days: what chance brings, what it does not, and how often we cry wolf."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from zhiyin.stats.silence import HOURS_A_WEEK, UNLIKELY, Silence, silences
from zhiyin.stats.usual import usual

Series = npt.NDArray[np.int64]
DAYTIME = np.exp(-(((np.arange(24) - 14) / 5.0) ** 2))
OFFICE = ((np.arange(24) >= 9) & (np.arange(24) < 18)).astype(float)
ALL_DAYS, WORKDAYS = np.ones(7), np.array([1, 1, 1, 1, 1, 0, 0])


def series(
    rng: np.random.Generator,
    a_day: float,
    weeks: int,
    hours: npt.NDArray[np.float64] = DAYTIME,
    days: npt.NDArray[np.float64] = ALL_DAYS,
    varying: float = 0.0,
) -> Series:
    """Rows an hour of a source that sends some `a_day`, by hour and weekday."""
    shape = (days[:, None] * hours[None, :]).ravel()
    rate = np.tile(shape / shape.sum() * 7 * a_day, weeks)
    if varying:
        rate = rate * np.repeat(rng.gamma(1 / varying, varying, weeks * 7), 24)
    return rng.poisson(rate)


@pytest.mark.parametrize(
    ("name", "hours", "days", "varying", "most"),
    [
        ("every day", DAYTIME, ALL_DAYS, 0.0, 0.05),
        ("office hours on workdays", OFFICE, WORKDAYS, 0.0, 0.05),
        ("all hours alike", np.ones(24), ALL_DAYS, 0.0, 0.05),
        ("days that vary by half", DAYTIME, ALL_DAYS, 0.3, 0.15),
    ],
)
@pytest.mark.parametrize("a_day", [3, 20, 200])
def test_false_reports_are_rare(
    name: str,
    hours: npt.NDArray[np.float64],
    days: npt.NDArray[np.float64],
    varying: float,
    most: float,
    a_day: float,
) -> None:
    """A year of each of forty sources. Would catch a program that takes nights, weekends or lunch
    for silences, or that counts the hours of a slack day as so many independent wonders."""
    rng = np.random.default_rng(len(name) + int(a_day))
    years = 40
    found = sum(
        len(silences(series(rng, a_day, 52, hours, days, varying))) for _year in range(years)
    )
    assert found / years <= most, name


@pytest.mark.parametrize("a_day", [6, 20, 200])
def test_four_silent_days_are_found_to_the_hour(a_day: float) -> None:
    rng = np.random.default_rng(int(a_day))
    rows = series(rng, a_day, 40)
    rows[200 * 24 : 204 * 24] = 0
    (found,) = silences(rows)
    assert found.first <= 200 * 24
    assert found.end >= 204 * 24
    assert not rows[found.first : found.end].any()
    assert rows[found.first - 1]
    assert rows[found.end]
    assert found.chance < UNLIKELY
    assert not found.is_open


def test_a_silence_that_lasts_is_open_and_found_within_hours_of_the_day() -> None:
    rng = np.random.default_rng(5)
    rows = series(rng, 400, 12)
    day = 70 * 24
    for hours, is_found in ((11, False), (12, False), (16, True)):
        now = rows[: day + hours].copy()
        now[day + 11 :] = 0  # sent until eleven in the morning
        found = [one for one in silences(now) if one.is_open]
        assert bool(found) is is_found, hours


def test_a_source_that_sends_once_a_day_is_reported_after_three_missed_days() -> None:
    rows = np.zeros(110 * 24, np.int64)
    rows[9::24] = 1000
    for missed, is_found in ((1, False), (2, False), (3, True)):
        now = rows[: 100 * 24].copy()
        now[(100 - missed) * 24 :] = 0
        assert bool(silences(now)) is is_found, missed


def test_a_short_past_says_nothing() -> None:
    """Would catch a report on the second day of a new source."""
    rows = np.ones(3 * HOURS_A_WEEK, np.int64)
    rows[-60:] = 0
    assert silences(rows) == []
    assert silences([]) == []


def test_a_longer_silence_is_less_likely() -> None:
    rows = series(np.random.default_rng(8), 40, 20)
    chances = []
    for days in (1, 2, 3):
        now = rows.copy()
        now[100 * 24 : (100 + days) * 24] = 0
        chances.append(max(silences(now), key=lambda s: s.hours).chance)
    assert chances == sorted(chances, reverse=True)
    assert isinstance(silences(now)[0], Silence)


def test_usual_is_the_median_and_a_span_that_one_wild_day_does_not_move() -> None:
    calm = usual([100, 96, 104, 98, 103, 101, 99, 102])
    wild = usual([100, 96, 104, 98, 9000, 101, 99, 102])
    assert calm is not None
    assert wild is not None
    assert calm.median == 100.5
    # scipy.stats.median_abs_deviation(…, scale="normal") = 2.9652; the root of 100.5 is 10.02.
    assert calm.high == pytest.approx(100.5 + 3.5 * 100.5**0.5)
    assert abs(wild.median - calm.median) <= 1
    assert wild.holds(100)
    assert not wild.holds(9000)
    assert usual([1, 2, 3]) is None


def test_usual_agrees_with_a_second_library() -> None:
    from scipy.stats import median_abs_deviation

    counts = [120, 340, 410, 90, 260, 300, 150, 500]
    found = usual(counts)
    assert found is not None
    apart = 3.5 * median_abs_deviation(counts, scale="normal")
    assert found.high == pytest.approx(np.median(counts) + apart, rel=1e-4)


def test_few_days_of_independent_rows_are_unusual() -> None:
    """Eight days say little: some are. Would catch a span of two deviations, which marks one in
    six."""
    rng = np.random.default_rng(3)
    days = rng.poisson(50, (4000, 9))
    marked = sum(not (found := usual(day[:8])) or not found.holds(int(day[8])) for day in days)
    assert marked / len(days) < 0.01
