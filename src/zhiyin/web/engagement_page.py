"""The page *Engagement* 参与度: what its address asks, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import read_span
from zhiyin.journey.engagement import Engaged, Engagement, EngagementAsked, InPeriod, engagement
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import GRAINS
from zhiyin.kernel.text import _
from zhiyin.reports.journeys import Address
from zhiyin.warehouse.log import Log
from zhiyin.web import tasks_methods
from zhiyin.web.journeys_asked import EVERY, SPANS, Links, Shown, events_of, names_offered, offered

FIELDS = ("gap", "every")
GAP = "30m"
MOST_PERIODS = 60
"""More than these are in the files that the page gives, not on it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A period, with the address of those who came in it, or blank."""

    told: InPeriod
    address: str


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem` there is a form alone."""

    found: Engagement | None = None
    every_row: tuple[Row, ...] = ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        return str(_("Engagement"))

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those on the page: the newest, in the order of time."""
        return self.every_row[-MOST_PERIODS:]

    @property
    def together(self) -> Engaged | None:
        """All periods that are over; None where they are too few or none is."""
        found = self.found.together if self.found else None
        return found if found and found.state == "ok" else None

    @property
    def hides(self) -> bool:
        """Whether anything is left out so that no small group can be calculated."""
        return any(row.told.engaged.state != "ok" for row in self.rows)


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
    address = Address.of(query, FIELDS)
    given = dict(address.given)
    given["gap"] = given["gap"] or GAP
    given["every"] = given["every"] if given["every"] in EVERY else "week"
    address = replace(address, given=given)
    more: dict[str, Mapping[str, object]] = {"gap": SPANS, "every": EVERY}
    choices = offered(log, settings, address, more=more)
    has_events = bool(names_offered(log, settings))
    page = Page(address, choices.menus, choices.filters, has_events=has_events)
    if not answers and has_events:
        return replace(page, is_waiting=True)
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        asked = asked_of(settings, address, instant, sees_it=sees_it)
        found = engagement(log, settings, asked, now=instant)
    except Problem as wrong:
        return replace(page, problem=wrong)
    return replace(
        page,
        found=found,
        every_row=tuple(_row(one, links) for one in found.periods),
        methods=tasks_methods.of_engagement(settings, asked, instant),
    )


def asked_of(
    settings: Settings, address: Address, now: datetime, *, sees_it: bool
) -> EngagementAsked:
    """What an address asks of engagement.

    Raises:
        Problem: ``journey.span``, ``period.bad-date``, ``personal.filter``; a filter that cannot
            be read.
    """
    given = address.given
    return EngagementAsked(
        gap=read_span(given["gap"] or GAP),
        every=next((one for one in GRAINS if one == given["every"]), "week"),
        chosen=events_of(address, settings, now, sees_it=sees_it),
    )


def _row(one: InPeriod, links: Links) -> Row:
    came = links.to(of="engagement", **{"in": one.period}) if one.engaged.customers else ""
    return Row(one, came)
