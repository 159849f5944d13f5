"""Business hours 工作时间: when something is due that may take so many of them.

Pure: instants are naive UTC, hours are local. A day of 23 or 25 hours has the business hours that
its clock shows: from nine to six are nine hours, unless the change lies between them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import _

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–~至]\s*([01]?\d|2[0-4]):([0-5]\d)")
_DAY = timedelta(days=1)
_MIDNIGHT = 24 * 60

MOST_DAYS = 400
"""What is not due within so many days is due never: a calendar of nothing but days off."""


@dataclass(frozen=True, slots=True)
class Span:
    """Work on one day: minutes after local midnight, half-open; the end may be the next midnight.

    Raises:
        ValueError: it ends before it begins.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= _MIDNIGHT:
            raise ValueError("a day's work begins before it ends")

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """When people work.

    Args:
        zone: IANA name.
        week: seven days from Monday; None: nobody works.
        off: days on which nobody works whatever the weekday.
        worked: days that are worked instead; they have the first hours of the week.
    """

    zone: str
    week: tuple[Span | None, ...]
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def on(self, day: date) -> Span | None:
        """The hours of a local day."""
        span = self.week[day.weekday()]
        if day in self.worked:
            return span or next((one for one in self.week if one), None)
        return None if day in self.off else span


def read(written: str) -> Span | None:
    """Hours of one day as people write them, ``9:00-18:00``; None where nothing is written.

    Raises:
        Problem: ``cases.hours``.
    """
    text = written.strip().replace("：", ":")
    if not text:
        return None
    found = _SPAN.fullmatch(text)
    if found:
        opens, closes = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
        if opens < closes <= _MIDNIGHT:
            return Span(opens, closes)
    raise Problem(
        "cases.hours",
        _("{written} are no hours of a day.", written=written.strip()[:40]),
        _("Write them as 09:00-18:00, or leave the day blank."),
    )


def due(hours: Hours, start: datetime, length: timedelta) -> datetime:
    """When so much business time will have passed since `start`.

    At an end of work it is that end and not the next morning.

    Raises:
        Problem: ``cases.no-hours``: it never passes.
    """
    if length <= timedelta():
        return start
    left = length
    for opens, closes in _spans(hours, start, MOST_DAYS):
        begins = max(opens, start)
        if closes - begins >= left:
            return begins + left
        left -= max(closes - begins, timedelta())
    raise Problem(
        "cases.no-hours",
        _("There are not enough business hours within {days} days.", days=MOST_DAYS),
        _("Give the week more hours, or cases fewer; both are under Cases, Rules."),
    )


def between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """How much business time lies between two instants; negative where `end` comes first."""
    if end < start:
        return -between(hours, end, start)
    days = (local_day(end, hours.zone) - local_day(start, hours.zone)).days + 1
    found = timedelta()
    for opens, closes in _spans(hours, start, days):
        found += max(min(closes, end) - max(opens, start), timedelta())
    return found


def running(hours: Hours, first: datetime, last: datetime) -> Callable[[datetime], timedelta]:
    """A clock that runs in business time from `first` to `last`: what it shows at an instant.

    For many stretches of one time; of what it shows at two instants the difference is `between`.
    """
    days = (local_day(last, hours.zone) - local_day(first, hours.zone)).days + 1
    spans = list(_spans(hours, first, days))
    begins = [opens for opens, _closes in spans]
    before = [timedelta()]
    for opens, closes in spans:
        before.append(before[-1] + (closes - opens))

    def shown(at: datetime) -> timedelta:
        place = bisect_right(begins, at)
        if not place:
            return timedelta()
        opens, closes = spans[place - 1]
        return before[place - 1] + min(at, closes) - opens

    return shown


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether people work at an instant, the end of work included."""
    return any(opens <= at <= closes for opens, closes in _spans(hours, at - _DAY, 3))


def _spans(hours: Hours, start: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Work from the local day of `start` on, for so many days, as instants."""
    first = local_day(start, hours.zone)
    for number in range(days):
        day = first + number * _DAY
        span = hours.on(day)
        if span is not None:
            opens, closes = (_instant(day, n, hours.zone) for n in (span.opens, span.closes))
            if opens < closes:
                yield opens, closes


def _instant(day: date, minutes: int, zone: str) -> datetime:
    """The instant that a clock on the wall shows; one that it skips is the moment of the skip."""
    if minutes == _MIDNIGHT:
        day, minutes = day + _DAY, 0
    wall = datetime.combine(day, time(minutes // 60, minutes % 60))
    found = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return found.replace(tzinfo=None)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
