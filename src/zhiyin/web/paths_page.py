"""The page *Paths* 行为路径: what its address asks, and the graph or histories that it shows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from zhiyin.accounts.saved_views import LONGEST_NAME
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts import graph
from zhiyin.charts.markup import PAGE, Paint
from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events
from zhiyin.journey.paths import Edge, Paths, PathsAsked, paths
from zhiyin.journey.repeats import WHO, Repeat, Repeats, repeats
from zhiyin.journey.variants import Variant, Variants, variants
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count, lasted
from zhiyin.kernel.text import Text, _
from zhiyin.reports import journeys
from zhiyin.reports.blocks import PATHS
from zhiyin.reports.journeys import REPEATS, VARIANTS, Address
from zhiyin.warehouse.log import Log
from zhiyin.web import journeys_methods
from zhiyin.web.journeys_asked import SPANS, Links, Shown, events_of, offered

FIELDS = journeys.FIELDS[PATHS]
SHARES: dict[str, Text] = {
    str(share): _("{share}% of all pairs", share=share) for share in (50, 60, 70, 80, 90, 95, 99)
}
USUAL_SHARE = "80"
SHOWN: dict[str, Text] = {
    "": _("What follows what"),
    VARIANTS: _("Whole histories"),
    REPEATS: _("What comes again"),
}
MOST_NODES, MOST_EDGES = 30, 90
"""More are not readable; the table and the files have every edge."""
MOST_ROWS = 100
MOST_VARIANTS = 60
MOST_TOLD = 1_000
"""So many histories are in the files."""
LONGEST_ADDRESS = 1_800
"""A longer one is no link: browsers and proxies cut addresses."""


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """An edge, the address of its customers or blank, and its share of all pairs."""

    edge: Edge
    share: float
    address: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A history: runs of one node as (its name, how often), and the address of its customers."""

    variant: Variant
    runs: tuple[tuple[str, int], ...]
    address: str


@dataclass(frozen=True, slots=True)
class RepeatRow:
    """What comes again, with the addresses of those who were there, came again, came back."""

    repeat: Repeat
    came: str
    again: str
    back: str


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem` there is a form alone.

    Args:
        drawn: edges of the graph, the busiest first.
    """

    found: Paths | None = None
    histories: Variants | None = None
    repeats: Repeats | None = None
    drawn: tuple[EdgeRow, ...] = ()
    every_row: tuple[EdgeRow, ...] = ()
    every_variant: tuple[VariantRow, ...] = ()
    every_repeat: tuple[RepeatRow, ...] = ()
    at_node: str = ""

    @property
    def is_variants(self) -> bool:
        """Whether whole histories are shown."""
        return self.given["show"] == VARIANTS

    @property
    def is_repeats(self) -> bool:
        """Whether it shows what comes again."""
        return self.given["show"] == REPEATS

    @property
    def tabs(self) -> tuple[tuple[Text, str, bool], ...]:
        """What is shown: its name, the query of its address, whether it is that."""
        return tuple(
            (name, self.address.query(show=show), self.given["show"] == show)
            for show, name in SHOWN.items()
        )

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        name = next(str(label) for label, _query, is_here in self.tabs if is_here)
        ends = (self.given["start"], self.given["end"])
        return " · ".join(filter(None, (name, *ends)))[:LONGEST_NAME]

    @property
    def charts(self) -> tuple[str, ...]:
        """The graph, where it has one."""
        return ("paths",) if self.drawn else ()

    @property
    def rows(self) -> tuple[EdgeRow, ...]:
        """The edges of the table on the page."""
        return self.every_row[:MOST_ROWS]

    @property
    def variant_rows(self) -> tuple[VariantRow, ...]:
        """The histories on the page."""
        return self.every_variant[:MOST_VARIANTS]

    @property
    def repeat_rows(self) -> tuple[RepeatRow, ...]:
        """What comes again, on the page."""
        return self.every_repeat[:MOST_ROWS]

    @property
    def minimum_base(self) -> int:
        """Of fewer customers nothing is shown."""
        found = self.found or self.histories or self.repeats
        return found.minimum_base if found else 0

    @property
    def withheld(self) -> int:
        """How many edges, histories or nodes are not shown, because they are about too few."""
        if self.histories is not None:
            return self.histories.variants_withheld
        if self.repeats is not None:
            return self.repeats.nodes_withheld
        return self.found.edges_withheld if self.found else 0

    @property
    def drawn_share(self) -> float:
        """What share of all pairs the graph shows, 0…1."""
        return sum(row.share for row in self.drawn)

    @property
    def drawn_nodes(self) -> int:
        """How many nodes the graph has."""
        return len({name for row in self.drawn for name in (row.edge.before, row.edge.after)})


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
    given["share"] = given["share"] if given["share"] in SHARES else USUAL_SHARE
    given["show"] = given["show"] if given["show"] in SHOWN else ""
    address = replace(address, given=given)
    nodes = sorted(set(Events.of(log, settings, Chosen()).nodes.values()), key=str.casefold)
    more: dict[str, Mapping[str, object]] = {
        "start": {"": _("the first event"), **{name: name for name in nodes}},
        "end": {"": _("the last event"), **{name: name for name in nodes}},
        "gap": {"": _("however long"), **SPANS},
        "share": SHARES,
    }
    choices = offered(log, settings, address, more=more)
    page = Page(address, choices.menus, choices.filters, has_events=bool(nodes))
    if not answers and nodes:
        return replace(page, is_waiting=True)
    links = Links.of(settings, address, sees_rows=sees_rows)
    try:
        chosen = events_of(address, settings, instant, sees_it=sees_it)
        if page.is_variants:
            told = variants(log, settings, chosen, top=MOST_TOLD)
            return _histories(page, told, links, settings, chosen, instant)
        if page.is_repeats:
            again = repeats(log, settings, chosen)
            return _again(page, again, links, settings, chosen, instant)
        asked = journeys.paths_of(address, chosen)
        return _graph(page, paths(log, settings, asked), links, settings, asked, instant)
    except Problem as problem:
        return replace(page, problem=problem)


def picture(page: Page, paint: Paint = PAGE) -> str:
    """The graph; blank where there is none."""
    if not page.drawn:
        return ""
    through: Counter[str] = Counter()
    out: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for row in page.drawn:
        edge = row.edge
        if edge.before == edge.after:
            own[edge.before] += edge.count
        else:
            out[edge.before] += edge.count
            through[edge.after] += edge.count
    names = list(dict.fromkeys(n for row in page.drawn for n in (row.edge.before, row.edge.after)))
    number = {name: at for at, name in enumerate(names)}
    nodes = [_node(page, name, max(through[name], out[name]), own[name]) for name in names]
    links = [
        graph.Link(
            number[row.edge.before], number[row.edge.after], row.edge.count,
            count(row.edge.count), _said(row.edge), row.address,
        )
        for row in page.drawn
    ]  # fmt: skip
    words = _("What follows what: {nodes} nodes, {edges} edges; the table has the figures",
              nodes=len(names), edges=len(links))  # fmt: skip
    start = number.get(page.given["start"])
    return graph.graph(nodes, links, words=str(words), start=start, paint=paint)


def _node(page: Page, name: str, flow: int, own: int) -> graph.Node:
    more = count(flow) if not own else f"{count(flow)}  ↻ {count(own)}"
    said = _("{name}: {n} pairs", name=name, n=count(flow))
    if own:
        said = _("{said}, and {n} times itself again", said=said, n=count(own))
    address = f"{page.at_node}&{urlencode({'node': name})}" if page.at_node else ""
    return graph.Node(name, more, str(said), address)


def _said(edge: Edge) -> str:
    return str(
        _(
            "{before} → {after}: {n} times, {customers} customers, median {time}",
            before=edge.before,
            after=edge.after,
            n=count(edge.count),
            customers=count(edge.customers),
            time=lasted(edge.median_seconds),
        )
    )


def _graph(
    page: Page,
    found: Paths,
    links: Links,
    settings: Settings,
    asked: PathsAsked,
    now: datetime,
) -> Page:
    rows = tuple(
        EdgeRow(
            edge,
            edge.count / found.pairs,
            links.to(of="edge", node=edge.before, after=edge.after),
        )
        for edge in found.edges
    )
    return replace(
        page,
        found=found,
        every_row=rows,
        drawn=busiest(rows, int(page.given["share"]) / 100),
        at_node=links.to(of="edge"),
        methods=journeys_methods.of_paths(settings, asked, now),
    )


def busiest(rows: Sequence[EdgeRow], share: float) -> tuple[EdgeRow, ...]:
    """The busiest edges that are this share of all pairs together, as far as they are readable.

    An edge that would bring in one node more is left out, and the next ones are looked at.
    """
    found: list[EdgeRow] = []
    names: set[str] = set()
    reached = 0.0
    for row in rows:
        if reached >= share or len(found) == MOST_EDGES:
            break
        reached += row.share
        more = names | {row.edge.before, row.edge.after}
        if len(more) <= MOST_NODES:
            found.append(row)
            names = more
    return tuple(found)


def _histories(
    page: Page,
    found: Variants,
    links: Links,
    settings: Settings,
    chosen: Chosen,
    now: datetime,
) -> Page:
    rows = tuple(
        VariantRow(one, _runs(one.steps), _variant_address(one, links)) for one in found.variants
    )
    return replace(
        page,
        histories=found,
        every_variant=rows,
        methods=journeys_methods.of_variants(settings, chosen, now),
    )


def _again(
    page: Page, found: Repeats, links: Links, settings: Settings, chosen: Chosen, now: datetime
) -> Page:
    rows = []
    for one in found.nodes:
        came, again, back = (links.to(of="repeat", node=one.node, whom=who) for who in WHO)
        rows.append(RepeatRow(one, came, again, back))
    return replace(
        page,
        repeats=found,
        every_repeat=tuple(rows),
        methods=journeys_methods.of_repeats(settings, chosen, now),
    )


def _variant_address(one: Variant, links: Links) -> str:
    told = json.dumps(one.steps, ensure_ascii=False, separators=(",", ":"))
    address = links.to(of="variant", steps=told)
    return address if len(address) <= LONGEST_ADDRESS else ""


def _runs(steps: Sequence[str]) -> tuple[tuple[str, int], ...]:
    found: list[tuple[str, int]] = []
    for name in steps:
        if found and found[-1][0] == name:
            found[-1] = name, found[-1][1] + 1
        else:
            found.append((name, 1))
    return tuple(found)
