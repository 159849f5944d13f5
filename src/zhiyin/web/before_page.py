"""The page *Before an outcome* 之前: what its address asks, and what came before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from zhiyin.accounts.saved_views import LONGEST_NAME
from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import Chosen, read_span
from zhiyin.journey.before import MOST_STEPS, Before, BeforeAsked, before
from zhiyin.journey.compared import Row, Table
from zhiyin.journey.outcomes import AGAINST, KINDS, read_outcome
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.reports.journeys import Address
from zhiyin.warehouse.log import Log
from zhiyin.web import journeys_methods, personal
from zhiyin.web.journeys_asked import SPANS, Links, Shown, events_of, offered

FIELDS = (
    "outcome", "name", "band", "beside", "after", "which", "within", "against", "last",
)  # fmt: skip
OUTCOMES: dict[str, Text] = {
    "event": _("an event"),
    "answer": _("an answer"),
    "contact": _("a service contact"),
    "stopped": _("no event for a time"),
    "stopped_ordering": _("no order for a time"),
}
COMPARED: dict[str, Text] = {
    "": _("as usual for this outcome"),
    "others": _("others of the same kind"),
    "earlier": _("the same customers earlier"),
}
MOST_ROWS, MOST_LEADING = 60, 30
"""More are not readable; the files have every row."""
LONGEST_ADDRESS = 1_800
"""A longer one is no link: browsers and proxies cut addresses."""
Which = Literal["here", "there"]


@dataclass(frozen=True, slots=True)
class Line:
    """A row, and the addresses of the customers of either side, or blank."""

    row: Row
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem` there is a form alone.

    Args:
        is_asked: whether an outcome is named.
        names: of events, of questions and of reasons, to choose from.
    """

    names: tuple[str, ...] = ()
    is_asked: bool = False
    found: Before | None = None
    every_node: tuple[Line, ...] = ()
    every_leading: tuple[Line, ...] = ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        given = self.given
        said = (str(_("Before an outcome")), given["name"], given["band"], given["within"])
        return " · ".join(filter(None, said))[:LONGEST_NAME]

    @property
    def nodes(self) -> tuple[Line, ...]:
        """The rows of events on the page."""
        return self.every_node[:MOST_ROWS]

    @property
    def leading(self) -> tuple[Line, ...]:
        """The rows of last events on the page."""
        return self.every_leading[:MOST_LEADING]

    @property
    def tests(self) -> int:
        """How many rows were tested, in both families."""
        return self.found.nodes.tests + self.found.leading.tests if self.found else 0

    @property
    def withheld(self) -> int:
        """How many rows are not shown, because they are about too few."""
        if self.found is None:
            return 0
        return self.found.nodes.rows_withheld + self.found.leading.rows_withheld

    @property
    def is_too_few(self) -> bool:
        """Whether so few customers have the outcome that nothing is told."""
        return self.found is not None and None in (self.found.customers, self.found.others)


def build(
    log: Log,
    settings: Settings,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    sees_rows: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not ask by it either.
        sees_rows: whether she may open the customers behind a figure.
        answers: whether the figures are asked for, which takes its time; else the form alone.
    """
    instant = now or clock.now()
    address = tidy(Address.of(query, FIELDS))
    given = address.given
    choices = offered(log, settings, address, more=_menus())
    domains = ("name", "question", "reason")
    words = {word for name in domains for word in log.words(settings.slug, name).values() if word}
    page = Page(
        address, choices.menus, choices.filters,
        has_events=bool(log.words(settings.slug, "name")),
        names=tuple(sorted(words, key=str.casefold)),
        is_asked=bool(given["name"] or given["after"] or given["outcome"] == "contact"),
    )  # fmt: skip
    if not page.has_events or not page.is_asked:
        return page
    if not answers:
        return replace(page, is_waiting=True)
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        asked = asked_of(settings, address, instant, sees_it=sees_it)
        found = before(log, settings, asked)
    except Problem as problem:
        return replace(page, problem=problem)
    return replace(
        page,
        found=found,
        every_node=_lines(found.nodes, links, is_row=False),
        every_leading=_lines(found.leading, links, is_row=True),
        methods=journeys_methods.of_before(settings, asked, instant),
    )


def tidy(address: Address) -> Address:
    """The address with what its menus can hold, and without fields that its outcome has not."""
    given = dict(address.given)
    given["outcome"] = given["outcome"] if given["outcome"] in OUTCOMES else "event"
    given["within"] = given["within"] or "7d"
    given["against"] = given["against"] if given["against"] in COMPARED else ""
    given["last"] = given["last"] if given["last"] in _LAST else "3"
    if given["outcome"] != "answer":
        given["band"] = given["beside"] = ""
    if not given["outcome"].startswith("stopped"):
        given["after"] = ""
    if given["outcome"] == "stopped_ordering":
        given["name"] = ""
    return replace(address, given=given)


_LAST = {str(n): str(n) for n in range(1, MOST_STEPS + 1)}


def _menus() -> dict[str, Mapping[str, object]]:
    ways: dict[str, object] = {kind: OUTCOMES[kind] for kind in KINDS}
    return {"outcome": ways, "within": SPANS, "against": COMPARED, "last": _LAST}


def asked_of(settings: Settings, address: Address, now: datetime, *, sees_it: bool) -> BeforeAsked:
    """What an address asks.

    Raises:
        Problem: as `read_outcome` and `Address.events`.
    """
    given = address.given
    outcome = read_outcome(
        given["outcome"], given["name"], band=given["band"], beside=given["beside"],
        after=given["after"], which=given["which"],
    )  # fmt: skip
    named = outcome.where.columns() if outcome.where else ()
    personal.check_facts(named, sees_it=sees_it)
    chosen: Chosen = events_of(address, settings, now, sees_it=sees_it)
    return BeforeAsked(
        outcome,
        within=read_span(given["within"]),
        against=next((one for one in AGAINST if one == given["against"]), None),
        steps=int(given["last"]),
        chosen=chosen,
    )


def _lines(rows: Table, links: Links, *, is_row: bool) -> tuple[Line, ...]:
    def leads(row: Row, side: Which) -> str:
        customers = row.here.customers if side == "here" else row.there.customers
        if not customers:
            return ""
        told = json.dumps(row.steps, ensure_ascii=False, separators=(",", ":"))
        which = {"steps": told} if is_row else {"node": row.steps[0]}
        found = links.to(of="before", side=side, **which)
        return found if len(found) <= LONGEST_ADDRESS else ""

    return tuple(Line(row, leads(row, "here"), leads(row, "there")) for row in rows.rows)
