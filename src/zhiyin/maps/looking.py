"""A kept map with its figures, as programs ask for them: the promised document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.definitions import hidden_names
from zhiyin.journey.conformance import Conformance, conformance
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Period
from zhiyin.maps import kept
from zhiyin.maps.difficulties import difficulties
from zhiyin.maps.document import Map
from zhiyin.maps.figures import Figures, figures
from zhiyin.maps.leaving import Ways, ways
from zhiyin.maps.models import JourneyMap, MapVersion
from zhiyin.maps.seen import Before, Seen, asked_of, usual
from zhiyin.measure import overview
from zhiyin.warehouse.log import Log


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a map.

    Args:
        start: first local day; None with `end` for the last month that is over and has answers.
        end: the day after the last.
        before: with which period it is compared.
        customers: short name of a segment, or a rule; None: those of the map's persona; blank:
            everybody.
        metric: slug of the measure that touchpoints show; blank: the map's own.
        version: None: the newest, or the draft where nothing was kept.
    """

    start: date | None = None
    end: date | None = None
    before: Before = "previous"
    where: Filter | None = None
    customers: str | None = None
    metric: str = ""
    version: int | None = None
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Opened:
    """A map, and what is looked at on it.

    Args:
        version: None: it is the draft, of which no version was kept.
    """

    held: JourneyMap
    version: MapVersion | None
    map: Map
    seen: Seen
    hidden: frozenset[str]

    @property
    def heading(self) -> dict[str, Any]:
        """What every document of its figures begins with."""
        return {
            "key": self.held.key,
            "name": dict(self.map.name),
            "version": self.version.number if self.version else None,
        }

    @property
    def along(self) -> dict[str, Any]:
        """The same of what is asked of the order of events alone."""
        return {
            **self.heading,
            "from": self.seen.start.isoformat(),
            "to": self.seen.end.isoformat(),
            "confidence": self.seen.confidence,
        }


@dataclass(frozen=True, slots=True)
class Looked:
    """A map with its figures."""

    of: Opened
    found: Figures

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        hard = [one.as_dict() for one in difficulties(self.found)]
        return {**self.of.heading, **self.found.as_dict(), "difficulties": hard}

    def difficulties_as_dict(self) -> dict[str, Any]:
        """The difficulties with the figures of their touchpoints, in words of their own."""
        told = difficulties(self.found)
        return {
            **self.of.heading,
            "from": self.found.seen.start.isoformat(),
            "to": self.found.seen.end.isoformat(),
            "as_of": self.found.as_of.isoformat() + "Z",
            "currency": self.found.currency,
            "difficulties": [{**one.as_dict(), "figures": one.figures.as_dict()} for one in told],
        }


@dataclass(frozen=True, slots=True)
class Followed:
    """How journeys go along a map, and how those of each way are judged."""

    of: Opened
    found: Conformance
    judged: Ways

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {**self.of.along, **self.found.as_dict(), "judged": self.judged.as_dict()}


def followed(log: Log, settings: Settings, key: str, asked: Asked) -> Followed:
    """Who follows a map, where the others leave it, and how each way is judged.

    Raises:
        Problem: as `opened` and `leaving.ways`.
    """
    one = opened(log, settings, key, asked)
    found = conformance(log, settings, asked_of(one.map, one.seen, one.hidden))
    judged = ways(log, settings, one.map, one.seen, hidden=one.hidden)
    return Followed(one, found, judged)


def look(
    log: Log, settings: Settings, key: str, asked: Asked, *, now: datetime | None = None
) -> Looked:
    """The figures of a map, of what its reader may see.

    Raises:
        Problem: as `opened` and `figures`.
    """
    instant = now or clock.now()
    one = opened(log, settings, key, asked, now=instant)
    found = figures(log, settings, one.map, one.seen, hidden=one.hidden, now=instant)
    return Looked(one, found)


def opened(
    log: Log, settings: Settings, key: str, asked: Asked, *, now: datetime | None = None
) -> Opened:
    """A map with what is looked at, before anything is counted.

    Raises:
        Problem: ``map.none``, ``map.no-version``, ``map.no-persona``, ``period.backwards``.
    """
    held = kept.get(settings.slug, key)
    version, map_ = kept.shown(held) if asked.version is None else kept.version(held, asked.version)
    start, end = _days(log, settings, asked, now or clock.now())
    Period.of_days(start, end, settings.timezone)
    customers = asked.customers
    if customers is None:
        customers = kept.persona(settings.slug, map_.persona).customers if map_.persona else ""
    seen = Seen(
        start=start,
        end=end,
        before=asked.before,
        where=asked.where,
        customers=customers,
        metric=asked.metric,
        confidence=asked.confidence,
    )
    return Opened(held, version, map_, seen, frozenset(hidden_names(settings.slug)))


def _days(log: Log, settings: Settings, asked: Asked, now: datetime) -> tuple[date, date]:
    """The days asked for; of one end alone all answers on its side."""
    if asked.start is not None and asked.end is not None:
        return asked.start, asked.end
    if asked.start is None and asked.end is None:
        seen = usual(log, settings, now)
        return seen.start, seen.end
    today = now.date()
    first, last = overview.reach(log, settings) or (today, today)
    start = asked.start or min(first, asked.end or first)
    return start, asked.end or max(last + timedelta(days=1), start)
