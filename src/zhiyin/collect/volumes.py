"""How many events came, by name and by hour, day or week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhiyin.collect.tail import EVERYTHING, Search, matching
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import Grain, local_day, split, to_local
from zhiyin.kernel.periods import Period as Span
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log, Reader

HOURS_UP_TO = 3
"""So many days are shown by the hour."""
DAYS_UP_TO = 92
"""So many are shown by the day, more by the week."""
MOST_DAYS = 4018
"""Eleven years: each hour of them is looked at."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One name: events in each step, in order, and all of them."""

    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All events of the name."""
        return sum(self.counts)

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {"name": self.name, "counts": list(self.counts), "total": self.total}


@dataclass(frozen=True, slots=True)
class Volumes:
    """Events by name.

    Args:
        steps: labels of the steps.
        grain: ``hour``, ``day`` or ``week``.
        rows: names, the most frequent first.
    """

    steps: tuple[str, ...]
    grain: str
    rows: tuple[Volume, ...]

    @property
    def total(self) -> int:
        """All events."""
        return sum(row.total for row in self.rows)

    @property
    def most(self) -> int:
        """The largest number of one step."""
        return max((n for row in self.rows for n in row.counts), default=0)


def lately(
    log: Log, workspace: str, search: Search, *, zone: str, days: int
) -> tuple[date, date] | None:
    """The first and the last day of a search, by default the last days up to the newest event.

    Returns:
        None where there is no event.
    """
    last = search.last or newest_day(log, workspace, zone)
    return None if last is None else (search.first or last - timedelta(days=days - 1), last)


def newest_day(log: Log, workspace: str, zone: str, *, reader: Reader = EVERYTHING) -> date | None:
    """The local day of the newest event."""
    events = matching(log, workspace, Search(), zone)
    row = log.execute(workspace, events.aggregate(at=events.occurred_at.max()), reader=reader)
    at = row["at"].to_pylist()[0]
    return None if at is None else local_day(at, zone)


def names(log: Log, workspace: str, *, reader: Reader = EVERYTHING) -> dict[str, int]:
    """Every name that events have, with how many, the most frequent first."""
    events = matching(log, workspace, Search(), "UTC")
    query = events.group_by("name").aggregate(n=events.count())
    rows = log.execute(workspace, query, words=True, reader=reader).to_pylist()
    return dict(
        sorted(
            ((row["name"] or "", row["n"]) for row in rows), key=lambda pair: (-pair[1], pair[0])
        )
    )


def volumes(
    log: Log,
    workspace: str,
    search: Search,
    *,
    first: date,
    last: date,
    zone: str,
    reader: Reader = EVERYTHING,
) -> Volumes:
    """Events of the days from `first` to `last`, both included, by name.

    Raises:
        Problem: ``events.too-many-days``; a filter that cannot be read.
    """
    if (last - first).days >= MOST_DAYS:
        raise Problem(
            "events.too-many-days",
            _("These are {days} days.", days=(last - first).days + 1),
            _("Ask for at most {most} at a time.", most=MOST_DAYS),
        )
    within = Search(search.name, search.customer, first, last, search.where, search.leaving_out)
    events = matching(log, workspace, within, zone)
    hourly = events.mutate(hour=events.occurred_at.truncate("h"))
    query = hourly.group_by("name", "hour").aggregate(n=hourly.count())
    found = log.execute(workspace, query, words=True, reader=reader)
    span = Span.of_days(first, last + timedelta(days=1), zone)
    steps, place, grain = _steps(span, (last - first).days + 1, zone)
    counted: dict[str, Counter[int]] = {}
    columns = (found[name].to_pylist() for name in ("name", "hour", "n"))
    for name, hour, n in zip(*columns, strict=True):
        at = place.get(hour)
        if at is not None:
            counted.setdefault(name or "", Counter())[at] += n
    rows = [
        Volume(name, tuple(counts[at] for at in range(len(steps))))
        for name, counts in counted.items()
    ]
    rows.sort(key=lambda row: (-row.total, row.name))
    return Volumes(tuple(steps), grain, tuple(rows))


def _steps(span: Span, days: int, zone: str) -> tuple[list[str], Mapping[datetime, int], str]:
    """Labels of the steps, and the step of each hour (UTC)."""
    hours = []
    hour = span.start.replace(minute=0, second=0, microsecond=0)
    while hour < span.end:
        hours.append(hour)
        hour += timedelta(hours=1)
    if days <= HOURS_UP_TO:
        labels = [f"{to_local(hour, zone):%m-%d %H:%M}" for hour in hours]
        return labels, {hour: at for at, hour in enumerate(hours)}, "hour"
    grain: Grain = "day" if days <= DAYS_UP_TO else "week"
    buckets = split(span, grain, zone)
    place, at = {}, 0
    for hour in hours:
        # Zones that are half an hour off: an hour is in the step in which it ends.
        while at + 1 < len(buckets) and hour >= buckets[at].end:
            at += 1
        place[hour] = at
    return [bucket.label for bucket in buckets], place, grain
