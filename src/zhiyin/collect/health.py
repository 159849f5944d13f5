"""Is the data whole? Each source's last row, its days against what is usual, its silences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.calendars import END, FIRST, festivals_between
from zhiyin.kernel.clock import now
from zhiyin.kernel.periods import to_local, to_utc
from zhiyin.kernel.text import Text
from zhiyin.stats.silence import Silence, silences
from zhiyin.stats.usual import WEEKS, Usual, usual
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.tables import HAPPENING

SHOWN_DAYS = 14
PAST_DAYS = 400
"""Silences are looked for in so much of the past."""
LIVE_LAG = timedelta(minutes=15)
"""A source whose newest rows came within this of happening is expected to send at any moment."""
NEWEST_DAYS = 2
LINK_DAYS = 30

Hours = npt.NDArray[np.int64]

_HOUR = timedelta(hours=1)
_NEVER = datetime(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a source.

    Args:
        usual: None where too few same weekdays came before.
        festivals: names of festivals that the day is in.
    """

    on: date
    rows: int
    usual: Usual | None
    festivals: tuple[Text, ...] = ()

    @property
    def is_unusual(self) -> bool:
        """Whether the number lies outside what is usual for the weekday."""
        return self.usual is not None and not self.usual.holds(self.rows)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        usual = self.usual
        return {
            "on": self.on,
            "rows": self.rows,
            "usual": None if usual is None else usual.median,
            "low": None if usual is None else usual.low,
            "high": None if usual is None else usual.high,
            "is_unusual": self.is_unusual,
            "festivals": [str(one) for one in self.festivals],
        }


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a source should have sent and has not (naive UTC).

    Args:
        until: the first row after it; None while it lasts.
        expected: hours with rows that were due.
        chance: that it is chance.
        festivals: names of festivals that it touches.
    """

    source: str
    since: datetime
    until: datetime | None
    hours: int
    expected: float
    chance: float
    festivals: tuple[Text, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "source": self.source,
            "since": f"{self.since.isoformat()}Z",
            "until": None if self.until is None else f"{self.until.isoformat()}Z",
            "hours": self.hours,
            "expected": self.expected,
            "chance": self.chance,
            "festivals": [str(one) for one in self.festivals],
        }


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    Args:
        tables: rows by table of the log.
        last_at: when its newest row happened.
        received_at: when the log took its newest row.
        is_live: whether it sends as things happen; else it comes in files, and is known up to its
            newest row.
        days: the last days that are over, the newest last.
        gaps: when it was silent and should not have been, the newest first.
    """

    name: str
    tables: dict[str, int]
    last_at: datetime
    received_at: datetime
    is_live: bool
    days: tuple[Day, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def rows(self) -> int:
        """All its rows."""
        return sum(self.tables.values())

    @property
    def silent(self) -> Gap | None:
        """The silence that lasts, if one does."""
        return next((gap for gap in self.gaps if gap.until is None), None)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "source": self.name,
            "rows": self.rows,
            "tables": dict(self.tables),
            "last_at": f"{self.last_at.isoformat()}Z",
            "received_at": f"{self.received_at.isoformat()}Z",
            "is_live": self.is_live,
            "days": [one.as_dict() for one in self.days],
            "silences": [one.as_dict() for one in self.gaps],
        }


@dataclass(slots=True)
class _Counts:
    """Rows of a source: in all by table, and by the hour (whole hours since 1970, UTC) lately."""

    tables: dict[str, int] = field(default_factory=dict)
    last_at: datetime = _NEVER
    received_at: datetime = _NEVER
    hours: list[Hours] = field(default_factory=list)
    rows: list[Hours] = field(default_factory=list)
    lags: list[Hours] = field(default_factory=list)
    """Seconds between the newest row of an hour and the log's taking it."""


def sources(log: Log, workspace: Settings, *, at: datetime | None = None) -> list[Source]:
    """Every source of the workspace, those that are silent now first.

    Args:
        at: the present (naive UTC).
    """
    moment = at or now()
    counted = _count(log, workspace.slug, moment)
    found = [_source(name, counts, workspace.timezone, moment) for name, counts in counted.items()]
    return sorted(found, key=lambda one: (one.silent is None, -one.rows, one.name))


def silent_now(log: Log, workspace: Settings, *, at: datetime | None = None) -> list[Gap]:
    """The silences that last."""
    return [gap for one in sources(log, workspace, at=at) if (gap := one.silent) is not None]


def waiting(log: Log, workspace: str) -> tuple[int | None, str] | None:
    """Rows that intake has taken and the log has not, or what is wrong with intake.

    Returns:
        None where the workspace has no intake yet.
    """
    name = f"intake {workspace}"
    for what, state, seen in log.check():
        if what == name:
            first = seen.split(" ", 1)[0]
            return (int(first), "") if state == "ok" and first.isdigit() else (None, seen)
    return None


def unlinked_answers(log: Log, workspace: str) -> tuple[int, int]:
    """Answers of the last 30 days of answers whose customer nobody knows, and all of them."""
    answers = lang.table(log.schema(workspace), "answers")
    answered = answers.filter(answers.score.notnull())
    newest = log.execute(workspace, answered.aggregate(at=answered.occurred_at.max()))
    at = newest["at"].to_pylist()[0]
    if at is None:
        return 0, 0
    since = lang.timestamp((_floor(at) - timedelta(days=LINK_DAYS)).isoformat(sep=" "))
    recent = answered.filter(answered.occurred_at > since)
    ids = lang.ids()
    # A customer whom no id names was made up for the row; one whom a device names is a device.
    known = recent.customer.isin(ids.filter(ids.kind == "customer").key)
    row = log.execute(workspace, recent.aggregate(n=recent.count(), known=known.sum())).to_pylist()[
        0
    ]
    return int(row["n"] - (row["known"] or 0)), int(row["n"])


# Counting


def _count(log: Log, workspace: str, moment: datetime) -> dict[str, _Counts]:
    found: dict[str, _Counts] = {}
    schema = log.schema(workspace)
    # By the hour, so that the queries of one hour are compiled once.
    next_hour = _floor(moment) + _HOUR
    present = lang.timestamp(next_hour.isoformat(sep=" "))
    since = lang.timestamp((next_hour - timedelta(days=PAST_DAYS)).isoformat(sep=" "))
    for table in HAPPENING:
        # What is dated ahead (a planned flight) has not happened.
        facts = lang.table(schema, table).filter(lambda row: row.occurred_at < present)
        whole = facts.group_by("source").aggregate(
            n=facts.count(), last_at=facts.occurred_at.max(), received_at=facts.received_at.max()
        )
        for row in log.execute(workspace, whole, words=True).to_pylist():
            counts = found.setdefault(row["source"], _Counts())
            counts.tables[table] = row["n"]
            counts.last_at = max(counts.last_at, row["last_at"])
            counts.received_at = max(counts.received_at, row["received_at"])
        recent = facts.filter(facts.occurred_at >= since)
        hourly = recent.mutate(hour=recent.occurred_at.truncate("h"))
        query = hourly.group_by("source", "hour").aggregate(
            n=hourly.count(),
            last_at=hourly.occurred_at.max(),
            received_at=hourly.received_at.max(),
        )
        rows = log.execute(workspace, query, words=True)
        sources = np.asarray(rows["source"].to_pylist(), dtype=object)
        hours = _seconds(rows["hour"]) // 3600
        lags = _seconds(rows["received_at"]) - _seconds(rows["last_at"])
        amounts = np.asarray(rows["n"].to_numpy(), dtype=np.int64)
        for source in set(sources):
            here = sources == source
            counts = found[source]
            counts.hours.append(hours[here])
            counts.rows.append(amounts[here])
            counts.lags.append(lags[here])
    return found


def _seconds(column: pa.ChunkedArray[Any]) -> Hours:
    return column.to_numpy().astype("datetime64[s]").astype(np.int64)


def _source(name: str, counts: _Counts, zone: str, moment: datetime) -> Source:
    hours = np.concatenate(counts.hours) if counts.hours else np.zeros(0, np.int64)
    rows = np.concatenate(counts.rows) if counts.rows else np.zeros(0, np.int64)
    is_live = False
    if len(hours):
        newest = hours >= hours.max() - NEWEST_DAYS * 24
        is_live = bool(np.median(np.concatenate(counts.lags)[newest]) <= LIVE_LAG.total_seconds())
    # A source that comes in files is known up to its newest row; one that is live, up to now.
    until = moment if is_live else counts.last_at
    first, by_hour = _by_local_hour(hours, rows, zone, until)
    return Source(
        name,
        dict(sorted(counts.tables.items(), key=lambda pair: -pair[1])),
        counts.last_at,
        counts.received_at,
        is_live,
        _days(first, by_hour),
        tuple(_gaps(name, first, by_hour, zone, is_live=is_live)),
    )


def _by_local_hour(hours: Hours, rows: Hours, zone: str, until: datetime) -> tuple[datetime, Hours]:
    """The local hour of the first row, and the rows of each local hour that is over since."""
    if not len(hours):
        return _NEVER, np.zeros(0, np.int64)
    every, place = np.unique(hours, return_inverse=True)
    local = [_floor(to_local(datetime(1970, 1, 1) + int(hour) * _HOUR, zone)) for hour in every]
    first = local[0]
    size = max(int((to_local(until, zone) - first) / _HOUR), 0)
    at = np.array([int((hour - first) / _HOUR) for hour in local], dtype=np.int64)[place]
    inside = at < size
    return first, np.bincount(at[inside], weights=rows[inside], minlength=size).astype(np.int64)


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _days(first: datetime, by_hour: Hours) -> tuple[Day, ...]:
    """The last days that are over, each against the same weekdays before it."""
    if not len(by_hour):
        return ()
    # From the first midnight on: a day that began before the first row is no whole day.
    skipped = (24 - first.hour) % 24
    whole = (len(by_hour) - skipped) // 24
    begins = (first + skipped * _HOUR).date()
    by_day = by_hour[skipped : skipped + whole * 24].reshape(-1, 24).sum(axis=1)
    found = []
    for place in range(max(whole - SHOWN_DAYS, 0), whole):
        past = by_day[place % 7 : place : 7][-WEEKS:]
        day = begins + timedelta(days=place)
        found.append(Day(day, int(by_day[place]), usual(past), _festivals(day, day)))
    return tuple(found)


def _gaps(name: str, first: datetime, by_hour: Hours, zone: str, *, is_live: bool) -> Iterable[Gap]:
    for silence in reversed(silences(by_hour)):
        # The end of what a file brought is no silence: nobody knows what comes after it.
        if not silence.is_open or is_live:
            yield _gap(name, silence, first, zone)


def _gap(name: str, silence: Silence, first: datetime, zone: str) -> Gap:
    since, end = first + silence.first * _HOUR, first + silence.end * _HOUR
    return Gap(
        name,
        to_utc(since, zone),
        None if silence.is_open else to_utc(end, zone),
        silence.hours,
        silence.expected,
        silence.chance,
        _festivals(since.date(), (end - _HOUR).date()),
    )


def _festivals(first: date, last: date) -> tuple[Text, ...]:
    if not FIRST <= first <= last < END:
        return ()
    return tuple(one.label for one in festivals_between(first, last + timedelta(days=1)))
