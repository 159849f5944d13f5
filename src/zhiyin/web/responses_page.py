"""The pages *Responses* 答卷: what their address asks, and what they show.

With a measure in the address, the list is what is behind that measure's figure; without one, every
response. All that is chosen stands in the query string, in the words of the page *Scores*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import tail
from zhiyin.kernel import clock
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import Text, _
from zhiyin.measure import asking, behind, registry
from zhiyin.measure.asked import Asked, asked
from zhiyin.measure.behind import ANSWERED, Behind, Response
from zhiyin.measure.words import COLUMNS
from zhiyin.warehouse.holdings import PERSONAL
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.newest import Place
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu, of_answers

ROWS = 50
FIELDS = (
    "metric", "kind", "question", "per", "from", "until", "where", "date_of", "state", "text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One response as it is listed."""

    response: Response
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """All that the list shows. With a `problem` there are menus and no list."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    label: str = ""
    problem: Problem | None = None
    rows: tuple[Row, ...] = ()
    n: int = 0
    customers: int = 0
    older: str = ""
    is_newest: bool = True
    query: str = ""
    has_any: bool = True

    @property
    def is_figure(self) -> bool:
        """Whether the list is what a measure's figure counts."""
        return bool(self.given["metric"]) and self.given["state"] == ANSWERED

    @property
    def is_whole(self) -> bool:
        """Whether nothing was searched, so that the list has as many rows as the figure counts."""
        return not self.given["text"]

    @property
    def has_words(self) -> bool:
        """Whether anybody on this page said something in her own words."""
        return any(row.response.said for row in self.rows)

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the list."""
        return any(value for name, value in self.given.items() if name != "state")


def build(log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool) -> Page:
    """The list for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she neither filters by it nor
            searches what was written.
    """
    given = {name: query.get(name, "").strip() for name in FIELDS}
    given["state"] = given["state"] if given["state"] in STATES else ANSWERED
    known = asked(log, settings.slug)
    metric = registry.METRICS.get(given["metric"])
    if metric is not None and "kind" not in query:
        given["kind"] = asking.usual_kind(metric, known)
    label = str(metric.label) if metric else ""
    menus = _menus(known, given)
    try:
        found = chosen(log, settings, given, sees_it=sees_it)
        place = Place.read(query.get("after", ""))
        rows = found.page(limit=ROWS + 1, after=place)
        n, customers = found.count()
    except Problem as problem:
        return Page(given, menus, label, problem)
    shown = rows[:ROWS]
    ids = tail.ids_of(log, settings.slug, (row.customer for row in shown))
    kept = {name: value for name, value in given.items() if value != ANSWERED}
    if metric is None:
        del kept["kind"]  # only answers to a measure's questions are of a kind
    older = ""
    if len(rows) > ROWS:
        older = asking.query_of(kept, after=shown[-1].place.written())
    return Page(
        given=given,
        menus=menus,
        label=label,
        rows=tuple(Row(row, ids.get(row.customer)) for row in shown),
        n=n,
        customers=customers,
        older=older,
        is_newest=place is None,
        query=asking.query_of(kept),
        has_any=bool(known) or bool(n),
    )


def chosen(log: Log, settings: Settings, given: Mapping[str, str], *, sees_it: bool) -> Behind:
    """The responses that the address asks for.

    Raises:
        Problem: ``period.bad-date``, ``responses.not-asked``, ``personal.filter``,
            ``personal.search``; a filter that cannot be read, a measure that there is none of.
    """
    where = parse(given["where"]) if given["where"] else None
    personal.check_facts(where.columns() if where else (), sees_it=sees_it)
    personal.check_search(given["text"], sees_it=sees_it)
    asked_for = {name: given.get(name, "") for name in asking.FIELDS}
    now = clock.now()
    if not given["metric"]:
        start, end = asking.dates(asked_for, settings, now)
        return behind.of_all(
            log, settings, start=start, end=end, chosen=where, text=given["text"] or None
        )
    behind.check_asked(given["metric"])
    question = asking.read(asked_for, {}, log, settings, now)
    return behind.of_figure(
        log, settings, question.request, state=given["state"], text=given["text"] or None
    )


NAMES: dict[str, Text] = {
    **COLUMNS,
    "received_at": _("Received"),
    "experienced_at": _("Experienced"),
    "about_id": _("Its id"),
    "invitation": _("Invitation"),
    "version": _("Survey version"),
    "started_at": _("Started"),
    "last_at": _("Last answer"),
    "ended_at": _("Ended"),
    "device": _("Device"),
    "language": _("Language"),
}
"""What the columns of a response are called; a dimension is called as its mapping calls it."""

ELSEWHERE = frozenset({"flags", "survey"})
"""What the page says in a place of its own."""


def columns(response: Response, *, sees_it: bool) -> list[tuple[str, Any, bool]]:
    """What a response's row holds: its name, the value, whether that is an instant."""
    hers = PERSONAL["responses"]
    return [
        (
            str(NAMES.get(name, name)),
            personal.shown(value, sees_it=sees_it) if name in hers else value,
            isinstance(value, datetime),
        )
        for name, value in response.columns.items()
        if name not in ELSEWHERE
    ]


def _menus(known: Sequence[Asked], given: Mapping[str, str]) -> dict[str, tuple[Choice, ...]]:
    metrics: dict[str, object] = {"": _("all responses")}
    metrics |= {m.slug: m.label for m in registry.METRICS.values() if m.is_asked}
    menus = {"metric": menu(given["metric"], metrics)}
    if given["metric"]:
        menus |= of_answers(registry.METRICS.get(given["metric"]), known, given)
        menus["state"] = menu(given["state"], STATES)
    return menus
