"""The page *Retention* 留存: what its address asks, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.retention import Cohort, Retention, Return, Together, retention
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import GRAINS
from zhiyin.kernel.text import _
from zhiyin.reports import journeys
from zhiyin.reports.blocks import RETENTION
from zhiyin.reports.journeys import Address
from zhiyin.warehouse.log import Log
from zhiyin.web import journeys_methods
from zhiyin.web.journeys_asked import EVERY, Links, Shown, events_of, offered

FIELDS = journeys.FIELDS[RETENTION]
MOST_COHORTS = 26
MOST_LATER = 12
"""More cohorts and later periods than these are in the files that the page gives, not on it."""
TINTS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """Those of a cohort who came so much later.

    Args:
        tint: 0 to `TINTS`: more of it came, beside the most of the table.
        address: of these customers, or blank.
    """

    one: Return
    tint: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A cohort, with a cell for each later period that it had; None where that is to come."""

    cohort: Cohort
    cells: tuple[Cell | None, ...]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem` there is a form alone."""

    found: Retention | None = None
    rows: tuple[Row, ...] = ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        return f"{_('Retention')} · {EVERY[self.given['every']]}"

    @property
    def later(self) -> range:
        """How much later the columns of the table are."""
        return range(1, 1 + max((len(row.cells) for row in self.rows), default=0))

    @property
    def together(self) -> tuple[Together, ...]:
        """All cohorts together, their own period left out, in which all of them came."""
        return self.found.together[1 : 1 + 2 * MOST_LATER] if self.found else ()

    @property
    def charts(self) -> tuple[str, ...]:
        """Those of `journeys_charts` that it has something for."""
        return ("together",) if self.together else ()

    @property
    def left_out(self) -> bool:
        """Whether cohorts are in the files alone."""
        return self.found is not None and len(self.found.cohorts) > len(self.rows)

    @property
    def hides(self) -> bool:
        """Whether anything is left out so that no small group can be calculated."""
        cells = [c.one.state for row in self.rows for c in row.cells if c is not None]
        return any(state != "ok" for state in [*cells, *(r.cohort.state for r in self.rows)])


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
    given["every"] = given["every"] if given["every"] in EVERY else "month"
    address = replace(address, given=given)
    choices = offered(log, settings, address, more={"every": EVERY})
    has_events = bool(log.words(settings.slug, "name"))
    page = Page(address, choices.menus, choices.filters, has_events=has_events)
    if not answers and has_events:
        return replace(page, is_waiting=True)
    every = next(one for one in GRAINS if one == given["every"])
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        chosen = events_of(address, settings, instant, sees_it=sees_it)
        found = retention(log, settings, chosen, every=every, now=instant)
    except Problem as problem:
        return replace(page, problem=problem)
    return replace(
        page,
        found=found,
        rows=_rows(found, links),
        methods=journeys_methods.of_retention(settings, chosen, every, instant),
    )


def _rows(found: Retention, links: Links) -> tuple[Row, ...]:
    cohorts = found.cohorts[-MOST_COHORTS:]
    wide = min(max((len(one.returns) for one in cohorts), default=1) - 1, MOST_LATER)
    shares = [r.share or 0.0 for one in cohorts for r in one.returns[1 : wide + 1]]
    most = max(shares, default=0.0)
    rows = []
    for cohort in cohorts:
        cells: list[Cell | None] = [
            Cell(
                one,
                0 if not one.share else min(int(TINTS * one.share / most) + 1, TINTS),
                _address(links, cohort, one),
            )
            for one in cohort.returns[1 : wide + 1]
        ]
        cells += [None] * (wide - len(cells))
        rows.append(Row(cohort, tuple(cells), _address(links, cohort, cohort.returns[0])))
    return tuple(rows)


def _address(links: Links, cohort: Cohort, one: Return) -> str:
    if not one.customers:
        return ""
    return links.to(of="cohort", **{"in": cohort.period}, later=str(one.later))
