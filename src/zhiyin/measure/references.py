"""Which period is compared with which: the one before, a year ago (also lunar), one's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from zhiyin.kernel.calendars import LunarDay, lunar_day, solar_day
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import (
    Bucket,
    Grain,
    Period,
    around,
    day_start,
    local_day,
    months_later,
    split,
    step_label,
    step_start,
    week_number,
    week_start_of,
)
from zhiyin.kernel.text import _
from zhiyin.measure.requests import ScoreRequest

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Named = Literal["rest", "previous", "last-year", "lunar-year"]
Against = Named | float | Period | Filter
"""What is compared with: a filter is another group."""
NAMED: tuple[Named, ...] = ("rest", "previous", "last-year", "lunar-year")

Days = tuple[date, date]
"""First local day, and the day after the last."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period and what it is compared with.

    Args:
        bucket: the period asked for, with its name.
        here: the part of it that is over, in whole days.
        there: as much of its reference.
        reference_label: how the reference is called.
    """

    bucket: Bucket
    here: Period
    there: Period
    reference_label: str

    @property
    def is_cut(self) -> bool:
        """Whether the period is not over."""
        return self.here.end < self.bucket.end


def read(text: str, zone: str) -> Against:
    """What ``--against`` says: a name, a value, or two dates ``2026-01-01..2026-02-01``.

    Raises:
        Problem: ``compare.against``.
    """
    if text in NAMED:
        return text
    try:
        first, dots, end = text.partition("..")
        if dots:
            return Period.of_days(date.fromisoformat(first), date.fromisoformat(end), zone)
        if math.isfinite(value := float(text)):
            return value
        raise ValueError(text)
    except ValueError:
        raise Problem(
            "compare.against",
            _("There is nothing called {text} to compare with.", text=text),
            _(
                "Use one of {known}, a value, or two dates such as 2026-01-01..2026-02-01.",
                known=", ".join(NAMED),
            ),
        ) from None


def is_of_periods(against: Against) -> bool:
    """Whether periods are compared (and not groups with the rest or a value)."""
    return isinstance(against, Period) or against in NAMED[1:]


def takes_last_month(request: ScoreRequest, against: Against) -> bool:
    """Whether a comparison of periods is of the last complete month, for want of dates."""
    is_open = request.every is None and request.start is None and request.end is None
    return is_open and is_of_periods(against)


def name_of(against: Against | Literal["group"]) -> str | float:
    """As answers write it; ``group`` stands for what another request chooses."""
    if isinstance(against, Filter):
        return "group"
    return "period" if isinstance(against, Period) else against


def spans(
    request: ScoreRequest,
    settings: Settings,
    against: Against,
    extent: tuple[datetime | None, datetime | None],
    now: datetime,
) -> list[Span]:
    """The periods to compare: those of the series, the one asked for, or the last whole month.

    Args:
        extent: when the first and the last row that may count happened.
        now: cuts the period that is not over, and its reference to as many days.

    Raises:
        Problem: ``compare.nothing-to-compare`` where the log holds nothing in time.
    """
    zone = settings.timezone
    asked = _asked(request, settings, extent, now)
    if isinstance(against, Period) and len(asked) != 1:
        raise Problem(
            "compare.against",
            _("A series cannot be compared with one period of your own."),
            _("Leave out --every, or compare with previous, last-year or lunar-year."),
        )
    found = []
    for bucket in asked:
        here = days(bucket.period, zone)
        there = (
            days(against, zone)
            if isinstance(against, Period)
            else _EARLIER[str(against)](here, request.every, settings.week_start)
        )
        label = _label(there, request.every, settings)
        over = min(here[1], max(local_day(now, zone), here[0]))
        if over < here[1]:
            here = here[0], over
            there = there[0], min(there[1], there[0] + (over - here[0]))
        if here[0] < here[1]:
            found.append(
                Span(bucket, Period.of_days(*here, zone), Period.of_days(*there, zone), label)
            )
    if not found:
        raise _nothing()
    return found


def days(period: Period, zone: str) -> Days:
    """The local days of a period; a part of a day is its whole."""
    last = local_day(period.end - timedelta(microseconds=1), zone)
    return local_day(period.start, zone), last + _DAY


def _asked(
    request: ScoreRequest,
    settings: Settings,
    extent: tuple[datetime | None, datetime | None],
    now: datetime,
) -> list[Bucket]:
    zone, steps = settings.timezone, (settings.week_start, settings.fiscal_year_start)
    first, last = extent
    start = None if request.start is None else day_start(request.start, zone)
    end = None if request.end is None else day_start(request.end, zone)
    if request.every is None and start is None and end is None:
        if last is None:
            raise _nothing()
        month = around(local_day(min(last, now), zone), "month", zone)
        if month.end > now:
            month = around(local_day(month.start, zone) - _DAY, "month", zone)
        label = step_label(local_day(month.start, zone), "month")
        return [Bucket(label, month.start, month.end)]
    grain = request.every or "day"
    if start is None:
        if first is None:
            raise _nothing()
        start = around(local_day(first, zone), grain, zone, *steps).start
    if end is None:
        if last is None:
            raise _nothing()
        end = around(local_day(last, zone), grain, zone, *steps).end
    period = Period(start, end)
    if request.every is not None:
        return split(period, request.every, zone, *steps)
    return [Bucket(_label(days(period, zone), None, settings), period.start, period.end)]


def _nothing() -> Problem:
    return Problem(
        "compare.nothing-to-compare",
        _("The log holds nothing in a period that is over."),
        _("Give a period with --from and --to."),
    )


def _label(span: Days, grain: Grain | None, settings: Settings) -> str:
    """``2018-01`` for whole steps, ``2018-01-03..2018-02-01`` for anything else."""
    first, end = span
    if grain is None and first.day == 1 and end == months_later(first, 1):
        grain = "month"
    if grain in ("day", "month", "quarter"):
        return step_label(first, grain, settings.fiscal_year_start)
    if grain == "week" and first.weekday() == settings.week_start:
        return step_label(first, "week")
    return f"{first.isoformat()}..{end.isoformat()}"


# Earlier periods


def previous(span: Days, _grain: Grain | None = None, _week_start: int = 0) -> Days:
    """As long a time before (环比): whole months by months, anything else by days."""
    first, end = span
    if first.day == 1 and end.day == 1:
        months = (end.year - first.year) * 12 + end.month - first.month
        return months_later(first, -months), first
    return first - (end - first), first


def last_year(span: Days, grain: Grain | None = None, week_start: int = 0) -> Days:
    """The same dates a year before (同比); a week with the week of that number.

    The 53rd week is compared with the last of the year before, which has 52: no two years in a
    row have 53.
    """
    first, end = span
    if grain == "week":
        week = step_start(first, "week", week_start)
        year, number = week_number(week)
        start = week_start_of(year - 1, number, week_start) + (first - week)
        return start, start + (end - first)
    if first.day == 1 and end.day == 1:
        return months_later(first, -12), months_later(end, -12)
    start = months_later(first, -12)
    return start, start + (end - first)


def lunar_year(span: Days, _grain: Grain | None = None, _week_start: int = 0) -> Days:
    """As many days from the same day of the lunar calendar a lunar year before (农历同比).

    The first day of the first month is compared with the first day of the first month, so the
    Spring Festival with the Spring Festival. The last days of the year, from the 25th of the
    twelfth month on, are counted back from it: the eve meets the eve whether its month has 29
    days or 30. A leap month is compared with the month before it.

    Raises:
        Problem: ``calendar.out-of-range`` before 1950 and after 2100.
    """
    first, end = span
    start = _lunar_year_before(first)
    return start, start + (end - first)


def _lunar_year_before(day: date) -> date:
    lunar = lunar_day(day)
    if lunar.month == _LAST_MONTH and lunar.day > _LITTLE_NEW_YEAR:
        return _new_year(lunar.year) - (_new_year(lunar.year + 1) - day)
    # No two years in a row have a leap month.
    before = replace(lunar, year=lunar.year - 1, is_leap=False)
    try:
        return solar_day(before)
    except Problem as problem:
        if problem.code != "calendar.no-such-day":
            raise
        return solar_day(replace(before, day=lunar.day - 1))  # months have 29 or 30 days


def _new_year(year: int) -> date:
    return solar_day(LunarDay(year, 1, is_leap=False, day=1))


_LAST_MONTH = 12
# The 23rd and 24th are days with a name of their own (小年), known by number.
_LITTLE_NEW_YEAR = 24

_EARLIER: dict[str, Callable[[Days, Grain | None, int], Days]] = {
    "previous": previous,
    "last-year": last_year,
    "lunar-year": lunar_year,
}
