"""The page *Adoption* 接受度: what its address asks, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.saved_views import LONGEST_NAME
from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.adoption import Adopting, Adoption, AdoptionAsked, adoption
from zhiyin.journey.asking import read_names, read_span
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import GRAINS
from zhiyin.kernel.text import _
from zhiyin.reports.journeys import Address
from zhiyin.warehouse.log import Log
from zhiyin.web import tasks_methods
from zhiyin.web.journeys_asked import EVERY, SPANS, Links, Shown, events_of, names_offered, offered
from zhiyin.web.tasks_page import GOAL

FIELDS = ("names", "within", "times", "since", "every")
TIMES = {str(n): str(n) for n in (1, 2, 3, 5, 10)}
MOST_COHORTS = 60
"""More cohorts than these are in the files that the page gives, not on it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A cohort, with the addresses of its customers, and of those who did it and did not."""

    cohort: Adopting
    new: str = ""
    done: str = ""
    never: str = ""

    @property
    def left(self) -> int | None:
        """How many did not; None where that is not shown."""
        if self.cohort.customers is None or self.cohort.adopted is None:
            return None
        return self.cohort.customers - self.cohort.adopted


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem`, or nothing asked, there is a form alone."""

    names: tuple[str, ...]
    found: Adoption | None = None
    every_row: tuple[Row, ...] = ()

    @property
    def charts(self) -> tuple[str, ...]:
        """Those of `journeys_charts` that it has something for."""
        return ("adoption",) if self.rows else ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        return f"{_('Adoption')} · {self.given['names']}"[:LONGEST_NAME]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those on the page: the newest, in the order of time."""
        return self.every_row[-MOST_COHORTS:]

    @property
    def hides(self) -> bool:
        """Whether anything is left out so that no small group can be calculated."""
        return any(
            state != "ok"
            for row in self.rows
            for state in (row.cohort.state, row.cohort.adopted_state)
        )


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
    names = names_offered(log, settings)
    address = Address.of(query, FIELDS)
    given = dict(address.given)
    given["within"] = given["within"] or "7d"
    given["times"] = given["times"] if given["times"] in TIMES else "1"
    given["every"] = given["every"] if given["every"] in EVERY else "month"
    if "names" not in query and GOAL in names:
        given["names"] = GOAL
    address = replace(address, given=given)
    more: dict[str, Mapping[str, object]] = {"within": SPANS, "times": TIMES, "every": EVERY}
    choices = offered(log, settings, address, more=more)
    page = Page(address, choices.menus, choices.filters, names, has_events=bool(names))
    if not given["names"]:
        return page
    if not answers:
        return replace(page, is_waiting=True)
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        asked = asked_of(settings, address, instant, sees_it=sees_it)
        found = adoption(log, settings, asked, now=instant)
    except Problem as wrong:
        return replace(page, problem=wrong)
    return replace(
        page,
        found=found,
        every_row=tuple(_row(one, links) for one in found.cohorts),
        methods=tasks_methods.of_adoption(settings, asked, instant),
    )


def asked_of(
    settings: Settings, address: Address, now: datetime, *, sees_it: bool
) -> AdoptionAsked:
    """What an address asks of adoption.

    Raises:
        Problem: ``journey.names``, ``journey.span``, ``period.bad-date``, ``personal.filter``; a
            filter that cannot be read.
    """
    given = address.given
    return AdoptionAsked(
        names=read_names(given["names"]),
        within=read_span(given["within"] or "7d"),
        times=int(given["times"]) if given["times"] in TIMES else 1,
        since=read_names(given["since"]) if given["since"] else None,
        every=next((one for one in GRAINS if one == given["every"]), "month"),
        chosen=events_of(address, settings, now, sees_it=sees_it),
    )


def _row(one: Adopting, links: Links) -> Row:
    def to(which: str) -> str:
        return links.to(of="adoption", whom=which, **{"in": one.period})

    row = Row(one, to("tried") if one.customers else "", to("done") if one.adopted else "")
    return replace(row, never=to("never") if row.left else "")
