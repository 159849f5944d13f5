"""Half-open periods of time, made from local dates in a time zone.

Inside the product every instant is a naive `datetime` in UTC, and every period runs from its
start up to, but not including, its end. Local dates become instants here and nowhere else, so
that days of 23 and 25 hours, and midnights that a clock change skips, are handled once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

Grain = Literal["day", "week", "month", "quarter"]
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter")

_DAY = timedelta(days=1)
_Moment = TypeVar("_Moment", date, datetime)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, but not including, `end`; both naive UTC.

    Raises:
        Problem: ``period.backwards`` when it would end before it starts.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("a period's instants are naive UTC")
        if self.end < self.start:
            raise Problem(
                "period.backwards",
                _(
                    "The period ends ({end}) before it starts ({start}).",
                    end=self.end,
                    start=self.start,
                ),
                _("Give an end after the start; the end itself is not included."),
            )

    @classmethod
    def of_days(cls, first: date, end: date, zone: str) -> Self:
        """The local days from `first` up to, but not including, `end`."""
        return cls(day_start(first, zone), day_start(end, zone))

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def days(self, zone: str) -> tuple[date, date] | None:
        """The local days as (first, end not included); None where they are not whole days."""
        first, end = local_day(self.start, zone), local_day(self.end, zone)
        whole = day_start(first, zone) == self.start and day_start(end, zone) == self.end
        return (first, end) if whole else None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of a series: what it is called, from when, until when (naive UTC, half-open)."""

    label: str
    start: datetime
    end: datetime
    is_whole: bool = True
    """False where the period that was split begins or ends inside."""

    @property
    def period(self) -> Period:
        """The time it covers."""
        return Period(self.start, self.end)


# Between local time and UTC


@cache
def zone_info(zone: str) -> ZoneInfo:
    """The time zone of that name.

    Raises:
        Problem: ``period.no-such-zone``.
    """
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem(
            "period.no-such-zone",
            _("There is no time zone called {zone}.", zone=zone),
            _("Use a name such as Asia/Shanghai or America/Sao_Paulo."),
        ) from None


def to_utc(local: datetime, zone: str) -> datetime:
    """A local clock time as naive UTC.

    A time that occurs twice is the earlier one; a time that a clock change skips is read
    with the clock from before the change.
    """
    return local.replace(tzinfo=zone_info(zone)).astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: str) -> datetime:
    """A naive UTC instant as the local clock shows it."""
    return moment.replace(tzinfo=UTC).astimezone(zone_info(zone)).replace(tzinfo=None)


def local_day(moment: datetime, zone: str) -> date:
    """The local date of a naive UTC instant."""
    return to_local(moment, zone).date()


@lru_cache(maxsize=4096)
def day_start(day: date, zone: str) -> datetime:
    """The first instant of a local day, as naive UTC.

    Where the clock change skips midnight the day starts at the change: in America/Sao_Paulo
    2017-10-15 began at 01:00. A day that a zone left out altogether starts when the next does.
    """
    midnight = datetime(day.year, day.month, day.day)
    start = to_utc(midnight, zone)
    if to_local(start, zone) == midnight:
        return start
    # Midnight is skipped: the change lies between its readings by the two clocks.
    early = to_utc(midnight.replace(fold=1), zone)
    seconds = range(int((start - early).total_seconds()) + 1)
    skipped = bisect_left(
        seconds, True, key=lambda s: to_local(early + timedelta(seconds=s), zone) >= midnight
    )
    return early + timedelta(seconds=skipped)


def read_moment(text: str) -> date | datetime | None:
    """``2026-01-31`` as a date, ``2026-01-31T10:00`` as a local date-time, anything else None."""
    hit = _MOMENT.fullmatch(text.strip())
    if hit is None:
        return None
    try:
        day = in_range(date.fromisoformat(hit[1]))
        if hit[2] is None:
            return day
        head, dot, fraction = hit[2].partition(".")
        return datetime.fromisoformat(f"{hit[1]}T{head}" + (f".{fraction:0<6}" if dot else ""))
    except ValueError:
        return None


def read_day(text: str, name: Text) -> date | None:
    """A day as a form or an address writes it; None where nothing is written.

    Args:
        name: what the field is called, for the message.

    Raises:
        Problem: ``period.bad-date``.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(
            "period.bad-date",
            _("{name}, {text}, is not a date.", name=name, text=text),
            _("Write a date as 2026-01-31."),
        ) from None


def in_range(moment: _Moment) -> _Moment:
    """The same date or date-time.

    Raises:
        ValueError: it is in the first or the last year that Python knows, where another zone's
            clock may show a year that it does not.
    """
    if not date.min.year < moment.year < date.max.year:
        raise ValueError(moment)
    return moment


def read_instant(text: str, zone: str) -> datetime:
    """A time in the zone, or one that names its own (``…Z``, ``…+08:00``); UTC, naive.

    Raises:
        Problem: as `read_bound`.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return read_bound(text, zone)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC).replace(tzinfo=None)
    return read_bound(text, zone)


def read_bound(text: str, zone: str) -> datetime:
    """A date or date-time that a person typed, in the zone, as naive UTC.

    Raises:
        Problem: ``period.not-a-date``.
    """
    moment = read_moment(text)
    if isinstance(moment, datetime):
        return to_utc(moment, zone)
    if moment is not None:
        return day_start(moment, zone)
    raise Problem(
        "period.not-a-date",
        _("“{text}” is not a date.", text=text),
        _("Write dates as 2026-01-31 and times as 2026-01-31T10:00."),
    )


# Steps


def split(
    period: Period,
    grain: Grain,
    zone: str,
    week_start: int = 0,
    fiscal_year_start: int = 1,
) -> list[Bucket]:
    """The period in local days, weeks, months or quarters, without gap or overlap.

    Args:
        period: what to split.
        grain: the length of a step.
        zone: whose days they are.
        week_start: the day on which a week begins, 0 is Monday.
        fiscal_year_start: the month in which the year of the quarters begins.

    The first and last bucket are cut to the period. A day that the zone left out is absent.
    """
    buckets: list[Bucket] = []
    if period.start == period.end:
        return buckets
    first = step_start(local_day(period.start, zone), grain, week_start, fiscal_year_start)
    for day in _steps(first, grain):
        begins, ends = day_start(day, zone), day_start(step_end(day, grain), zone)
        if begins >= period.end:
            break
        start, end = max(begins, period.start), min(ends, period.end)
        if start < end:
            label = step_label(day, grain, fiscal_year_start)
            buckets.append(Bucket(label, start, end, (start, end) == (begins, ends)))
    return buckets


def around(
    day: date, grain: Grain, zone: str, week_start: int = 0, fiscal_year_start: int = 1
) -> Period:
    """The whole day, week, month or quarter that holds a local day."""
    first = step_start(day, grain, week_start, fiscal_year_start)
    return Period.of_days(first, step_end(first, grain), zone)


def step_start(day: date, grain: Grain, week_start: int = 0, fiscal_year_start: int = 1) -> date:
    """The first day of the day, week, month or quarter that holds `day`."""
    if grain == "week":
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return months_later(day.replace(day=1), -((day.month - fiscal_year_start) % 3))
    return day


def step_end(first: date, grain: Grain) -> date:
    """The first day after the step that begins on `first`."""
    if grain == "month":
        return months_later(first, 1)
    if grain == "quarter":
        return months_later(first, 3)
    return first + (7 * _DAY if grain == "week" else _DAY)


def step_label(first: date, grain: Grain, fiscal_year_start: int = 1) -> str:
    """``2018-01-31``, ``2018-W05``, ``2018-01`` or ``2018-Q1``, by the first day of the step.

    Where the year of the quarters does not begin in January it is ``FY2018/19-Q1``. A week belongs
    to the year that holds its fourth day: for weeks from Monday that is ISO 8601.
    """
    if grain == "week":
        year, number = week_number(first)
        return f"{year:04d}-W{number:02d}"
    if grain == "month":
        return f"{first.year:04d}-{first.month:02d}"
    if grain == "quarter":
        quarter = (first.month - fiscal_year_start) % 12 // 3 + 1
        year = first.year - (first.month < fiscal_year_start)
        if fiscal_year_start == 1:
            return f"{year:04d}-Q{quarter}"
        return f"FY{year:04d}/{(year + 1) % 100:02d}-Q{quarter}"
    return first.isoformat()


def week_number(first: date) -> tuple[int, int]:
    """Year and number of the week that begins on `first`, by the day in its middle."""
    middle = first + 3 * _DAY
    return middle.year, (middle.timetuple().tm_yday - 1) // 7 + 1


def week_start_of(year: int, number: int, week_start: int = 0) -> date:
    """The first day of that week of the year, as `week_number` numbers them.

    A number past the year's last week is its last week.
    """
    new_year = date(year, 1, 1)
    # The first week is the one whose fourth day is the first such day of the year.
    middle = new_year + (week_start + 3 - new_year.weekday()) % 7 * _DAY + (number - 1) * 7 * _DAY
    return middle - (3 if middle.year == year else 10) * _DAY


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of that month where it is shorter."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return min(first + (day.day - 1) * _DAY, following - _DAY)


def _steps(first: date, grain: Grain) -> Iterator[date]:
    while True:
        yield first
        first = step_end(first, grain)
