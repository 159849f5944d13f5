"""The page *Parting* 分叉: what its address asks, and where two groups go on differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.saved_views import LONGEST_NAME
from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import read_span
from zhiyin.journey.groups import WHOSE, read_groups
from zhiyin.journey.parting import Choice as NextStep
from zhiyin.journey.parting import Node, Parting, PartingAsked, parting
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.reports.journeys import Address
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log
from zhiyin.web import journeys_methods, personal
from zhiyin.web.journeys_asked import SPANS, Links, Shown, events_of, offered

FIELDS = ("whose", "one", "two", "gap")
GROUPS_OF: dict[str, Text] = {"events": _("events"), "customers": _("customers")}
MOST_NODES = 40
"""More are in the files alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One next step, and the addresses of the customers of either group, or blank."""

    choice: NextStep
    one: str
    two: str

    @property
    def called(self) -> str:
        """What the step is called."""
        kinds = {"nothing": _("(nothing)"), "other": _("(others)")}
        return self.choice.step or str(kinds[self.choice.kind])


@dataclass(frozen=True, slots=True)
class Group:
    """A node with its next steps."""

    node: Node
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem` there is a form alone.

    Args:
        is_asked: whether both groups are named.
        segments: short names and names of the segments that there are.
    """

    segments: tuple[tuple[str, str], ...] = ()
    is_asked: bool = False
    found: Parting | None = None
    every_node: tuple[Group, ...] = ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        said = (str(_("Parting")), self.given["one"], self.given["two"])
        return " · ".join(filter(None, said))[:LONGEST_NAME]

    @property
    def nodes(self) -> tuple[Group, ...]:
        """The nodes on the page."""
        return self.every_node[:MOST_NODES]


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
    more: dict[str, Mapping[str, object]] = {"whose": GROUPS_OF, "gap": SPANS}
    choices = offered(log, settings, address, more=more)
    page = Page(
        address, choices.menus, choices.filters,
        has_events=bool(log.words(settings.slug, "name")),
        segments=tuple((one.slug, one.name) for one in segments.of(settings.slug)),
        is_asked=bool(address.given["one"] and address.given["two"]),
    )  # fmt: skip
    if not page.has_events or not page.is_asked:
        return page
    if not answers:
        return replace(page, is_waiting=True)
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        asked = asked_of(log, settings, address, instant, sees_it=sees_it)
        found = parting(log, settings, asked)
    except Problem as problem:
        return replace(page, problem=problem)
    return replace(
        page,
        found=found,
        every_node=tuple(_group(node, links) for node in found.nodes),
        methods=journeys_methods.of_parting(settings, asked, instant),
    )


def tidy(address: Address) -> Address:
    """The address with what its menus can hold."""
    given = dict(address.given)
    given["whose"] = given["whose"] if given["whose"] in WHOSE else "events"
    given["gap"] = given["gap"] or "7d"
    return replace(address, given=given)


def asked_of(
    log: Log, settings: Settings, address: Address, now: datetime, *, sees_it: bool
) -> PartingAsked:
    """What an address asks.

    Raises:
        Problem: as `read_groups` and `Address.events`; ``personal.filter``.
    """
    given = address.given
    groups = read_groups(log, settings, given["whose"], given["one"], given["two"])
    personal.check_groups(
        settings.slug, given["whose"], (given["one"], given["two"]), sees_it=sees_it
    )
    chosen = events_of(address, settings, now, sees_it=sees_it)
    return PartingAsked(groups, read_span(given["gap"]), chosen)


def _group(node: Node, links: Links) -> Group:
    def leads(choice: NextStep, side: str, customers: int) -> str:
        if not customers or choice.kind == "other":
            return ""
        asked = {"of": "parting", "side": side, "node": node.node}
        asked |= {"nothing": "1"} if choice.step is None else {"then": choice.step}
        return links.to(**asked)

    return Group(
        node,
        tuple(
            Line(one, leads(one, "one", one.one), leads(one, "two", one.two))
            for one in node.choices
        ),
    )
