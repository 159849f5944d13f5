"""The page *Events*: what its address asks, and what it shows.

Everything that is chosen stands in the query string, so that a link shows the same page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.conf import settings

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import tail, volumes
from zhiyin.collect.definitions import hidden_names
from zhiyin.collect.tail import Event, Search
from zhiyin.collect.volumes import Volumes
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import read_day
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.newest import Place
from zhiyin.web import personal

ROWS = 50
NAMES = 12
"""So many names have a picture; the table has them all."""
DAYS = 14

FIELDS = ("name", "customer", "from", "until", "where")


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. With a `problem` there is a form and nothing found."""

    given: Mapping[str, str]
    names: tuple[str, ...] = ()
    problem: Problem | None = None
    events: tuple[Event, ...] = ()
    older: str = ""
    is_newest: bool = True
    volumes: Volumes | None = None
    first: date | None = None
    last: date | None = None
    query: str = ""
    hidden: int = 0
    pictures: int = field(default=NAMES)

    @property
    def is_empty(self) -> bool:
        """Whether the workspace has no events at all."""
        return not self.names and self.problem is None

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.given.values())


def build(
    log: Log, settings: Settings, query: Mapping[str, str], hidden: Sequence[str], *, sees_it: bool
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not filter by it either.
    """
    given = {name: query.get(name, "").strip() for name in FIELDS}
    known = volumes.names(log, settings.slug)
    names = tuple(name for name in known if name and name not in hidden)
    if not known:
        return Page(given)
    try:
        asked = search(given, hidden, sees_it=sees_it)
        return _found(log, settings, asked, given, query.get("after", ""), names)
    except Problem as problem:
        return Page(given, names, problem)


def search(given: Mapping[str, str], hidden: Sequence[str], *, sees_it: bool) -> Search:
    """What is asked, as the room of events takes it.

    Raises:
        Problem: ``period.bad-date``, ``personal.filter``; a filter that cannot be read.
    """
    asked = Search(
        name=given.get("name", ""),
        customer=given.get("customer", ""),
        first=read_day(given.get("from", ""), _("The first day")),
        last=read_day(given.get("until", ""), _("The last day")),
        where=given.get("where", ""),
        leaving_out=tuple(hidden),
    )
    filtered = asked.filter()
    personal.check_facts(filtered.columns() if filtered else (), sees_it=sees_it)
    return asked


def stream(workspace: Settings, given: Mapping[str, str]) -> str:
    """Where whoever sees personal data listens; what comes there is not masked.

    Raises:
        Problem: a filter or a date that cannot be read.
    """
    asked = search(given, hidden_names(workspace.slug), sees_it=True).filter()
    key = str(settings.SECRET_KEY).encode()
    said = {
        "pass": passes.issue(key, workspace=workspace.slug, now=now()),
        **({"where": str(asked)} if asked else {}),
    }
    return f"/{workspace.slug}/stream/events?{urlencode(said)}"


def _found(
    log: Log,
    settings: Settings,
    asked: Search,
    given: Mapping[str, str],
    after: str,
    names: tuple[str, ...],
) -> Page:
    place, zone = Place.read(after), settings.timezone
    events = tail.newest(log, settings.slug, asked, zone=zone, limit=ROWS + 1, after=place)
    shown = tuple(events[:ROWS])
    query = urlencode({name: value for name, value in given.items() if value})
    older = ""
    if len(events) > ROWS:
        at = Place(shown[-1].occurred_at, shown[-1].seq)
        older = f"{query}&" if query else ""
        older += urlencode({"after": at.written()})
    span = volumes.lately(log, settings.slug, asked, zone=zone, days=DAYS)
    first, last = span or (date.min, date.min)
    counted = None
    if place is None and first <= last:
        counted = volumes.volumes(log, settings.slug, asked, first=first, last=last, zone=zone)
    return Page(
        given=given,
        names=names,
        events=shown,
        older=older,
        is_newest=place is None,
        volumes=counted,
        first=first,
        last=last,
        query=query,
        hidden=len(asked.leaving_out),
    )
