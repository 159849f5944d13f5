"""The page *Tasks* 任务: what its address asks, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.saved_views import LONGEST_NAME
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.journey.asking import read_names, read_span
from zhiyin.journey.between import Between, BetweenAsked, between
from zhiyin.journey.lengths import Length
from zhiyin.journey.task import NOTHING, Success, Task, TaskAsked, task
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import GRAINS
from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import MISSING
from zhiyin.reports.journeys import Address
from zhiyin.warehouse.log import Log
from zhiyin.web import personal, tasks_methods
from zhiyin.web.journeys_asked import (
    EVERY,
    SPANS,
    Links,
    Shown,
    columns_of,
    events_of,
    label_of,
    names_offered,
    offered,
)

FIELDS = ("show", "start", "goal", "within", "error", "help", "by", "every")
SHOWN: dict[str, Text] = {"": _("how many succeed"), "between": _("the time between")}
STARTS, GOAL = ("Checkout Started", "Product Added", "Product Viewed"), "Order Completed"
"""What the page opens on, as far as these have come in: the names of the public specification."""
MOST_GROUPS = 40
MOST_PERIODS = 60
"""More than these are in the files that the page gives, not on it."""


@dataclass(frozen=True, slots=True)
class Row:
    """Attempts of a group or a period, with the addresses of who made and who completed one."""

    name: str
    success: Success
    tried: str = ""
    done: str = ""
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem`, or nothing asked, there is a form alone.

    Args:
        never: the address of those who tried and never completed, or blank.
        tried, done: of the customers of the time between, and of those followed.
    """

    names: tuple[str, ...]
    found: Task | None = None
    waits: Between | None = None
    whole: Row | None = None
    never: str = ""
    tried: str = ""
    done: str = ""
    every_group: tuple[Row, ...] = ()
    every_period: tuple[Row, ...] = ()

    @property
    def charts(self) -> tuple[str, ...]:
        """Those of `journeys_charts` that it has something for."""
        return ("completion",) if self.periods else ()

    @property
    def is_between(self) -> bool:
        """Whether the time between two events is asked for, and no task."""
        return self.given["show"] == "between"

    @property
    def is_asked(self) -> bool:
        """Whether the address names enough to be answered."""
        return bool(self.given["start"] and (self.given["goal"] or self.is_between))

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        return f"{self.given['start']} → {self.given['goal'] or self.given['start']}"[:LONGEST_NAME]

    @property
    def lengths(self) -> tuple[tuple[Length, Length], ...]:
        """Times of what succeeded, or was followed, each beside that of all."""
        one = self.waits or (self.whole.success if self.whole else None)
        return () if one is None else tuple(zip(one.times, one.times_of_all, strict=True))

    @property
    def middle(self) -> Length:
        """The median of what succeeded, or was followed."""
        lengths = self.lengths
        return lengths[len(lengths) // 2][0] if lengths else Length(0.5, None, None, None)

    @property
    def left(self) -> int | None:
        """How many tried and never completed; None where that is not shown."""
        one = self.whole.success if self.whole else None
        if one is None or one.customers is None or one.completed_customers is None:
            return None
        return one.customers - one.completed_customers

    @property
    def groups(self) -> tuple[Row, ...]:
        """Those on the page."""
        return self.every_group[:MOST_GROUPS]

    @property
    def periods(self) -> tuple[Row, ...]:
        """Those on the page: the newest, in the order of time."""
        return self.every_period[-MOST_PERIODS:]

    @property
    def by_label(self) -> str:
        """The name of the column that the groups are of, or blank."""
        return label_of(self.given["by"])

    @property
    def axis(self) -> Axis | None:
        """One scale for the groups' shares."""
        shares = [row.success.completion for row in self.groups]
        shares += [self.whole.success.completion] if self.whole else []
        ends = [end for one in shares for end in (one.value, one.low, one.high)]
        return Axis.of([None if end is None else 100 * end for end in ends], "percent")

    @property
    def hides(self) -> bool:
        """Whether anything is left out so that no small group can be calculated."""
        rows = [*([self.whole] if self.whole else []), *self.groups, *self.periods]
        states = [
            state for row in rows for state in (row.success.state, row.success.completed_state)
        ]
        states += [self.waits.state, self.waits.followed_state] if self.waits else []
        return any(state != "ok" for state in states)


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
    given["show"] = given["show"] if given["show"] in SHOWN else ""
    given["within"] = given["within"] or "1d"
    given["every"] = given["every"] if given["every"] in EVERY else "week"
    if "start" not in query and GOAL in names:
        usual = next((name for name in STARTS if name in names), "")
        given |= {"start": usual, "goal": GOAL if usual else ""}
    address = replace(address, given=given)
    more: dict[str, Mapping[str, object]] = {
        "show": SHOWN,
        "within": SPANS,
        "by": {"": _("nothing"), **columns_of(log, settings)},
        "every": EVERY,
    }
    choices = offered(log, settings, address, more=more)
    page = Page(address, choices.menus, choices.filters, names, has_events=bool(names))
    if not page.is_asked:
        return page
    if not answers:
        return replace(page, is_waiting=True)
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        if page.is_between:
            asked = between_of(settings, address, instant, sees_it=sees_it)
            found = between(log, settings, asked, now=instant)
            methods = tasks_methods.of_between(settings, asked, instant)
            return replace(
                page,
                waits=found,
                tried=links.to(of="between", whom="tried") if found.customers else "",
                done=links.to(of="between", whom="done") if found.followed_customers else "",
                methods=methods,
            )
        return _answered(log, settings, page, links, instant, sees_it=sees_it)
    except Problem as wrong:
        return replace(page, problem=wrong)


def asked_of(settings: Settings, address: Address, now: datetime, *, sees_it: bool) -> TaskAsked:
    """What an address asks of a task.

    Raises:
        Problem: ``journey.names``, ``journey.span``, ``period.bad-date``, ``personal.filter``; a
            filter that cannot be read.
    """
    given = address.given
    return TaskAsked(
        begins=read_names(given["start"]),
        goal=read_names(given["goal"]),
        within=read_span(given["within"] or "1d"),
        error=read_names(given["error"]) if given["error"] else NOTHING,
        help=read_names(given["help"]) if given["help"] else NOTHING,
        by=given["by"] or None,
        every=next((one for one in GRAINS if one == given["every"]), "week"),
        chosen=events_of(address, settings, now, sees_it=sees_it, by=given["by"]),
    )


def between_of(
    settings: Settings, address: Address, now: datetime, *, sees_it: bool
) -> BetweenAsked:
    """What an address asks of the time between.

    Raises:
        Problem: as `asked_of`.
    """
    first = read_names(address.given["start"])
    then = read_names(address.given["goal"]) if address.given["goal"] else first
    return BetweenAsked(first, then, events_of(address, settings, now, sees_it=sees_it))


def _row(
    links: Links, name: str, one: Success, more: Mapping[str, str], *, is_final: bool = True
) -> Row:
    """Attempts with the addresses of their customers, where there are any."""
    tried = links.to(of="task", whom="tried", **more) if one.customers else ""
    done = links.to(of="task", whom="done", **more) if one.completed_customers else ""
    return Row(name, one, tried, done, is_final)


def _answered(
    log: Log, settings: Settings, page: Page, links: Links, now: datetime, *, sees_it: bool
) -> Page:
    asked = asked_of(settings, page.address, now, sees_it=sees_it)
    found = task(log, settings, asked, now=now)
    groups = [
        _row(
            links,
            personal.words(MISSING if word is None else word, sees_it=sees_it),
            success,
            {"group": word or "", "grouped": "1"},
        )
        for word, success in found.groups
    ]
    page = replace(page, found=found, whole=_row(links, "", found.success, {}))
    return replace(
        page,
        never=links.to(of="task", whom="never") if page.left else "",
        every_group=tuple(groups),
        every_period=tuple(
            _row(links, part.period, part.success, {"in": part.period}, is_final=part.is_final)
            for part in found.periods
            if part.success is not None
        ),
        methods=tasks_methods.of_task(settings, asked, now),
    )
