"""A query string of *Funnels*, *Paths* or *Retention* as a question, and what a report says of it.

The pages read their addresses by this, so that a figure in a report is that of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import ORDERS, Chosen, Order, Steps, read_span, read_steps, write_steps
from zhiyin.journey.conversion import conversion
from zhiyin.journey.funnel import FunnelAsked, Step, funnel
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.repeats import repeats
from zhiyin.journey.retention import retention
from zhiyin.journey.variants import variants
from zhiyin.kernel.figures import count
from zhiyin.kernel.filters import And, Compare, Filter, Missing, Node, parse, write_node
from zhiyin.kernel.periods import GRAINS, Grain
from zhiyin.kernel.text import Text, _
from zhiyin.measure import asking
from zhiyin.measure.asking import IS, MISSING
from zhiyin.measure.words import COLUMNS
from zhiyin.reports import content
from zhiyin.reports.blocks import FUNNELS, PATHS, RETENTION, Figure
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log

SHARED = ("period", "from", "until", "where", "segment")
"""Fields of the address that all these pages have."""
FIELDS: Mapping[str, tuple[str, ...]] = {
    FUNNELS: ("steps", "within", "order", "by", "segments", "every", "last"),
    PATHS: ("show", "start", "end", "gap", "share"),
    RETENTION: ("every",),
}
"""The fields of each page's own; blocks of reports have ``part`` besides."""
OVER_TIME = "over-time"
"""The part of *Funnels* that is the conversion over time."""
SEGMENTS = "@segments"
"""In the place of a column: break down by the segments that the address names."""
VARIANTS, REPEATS = "variants", "repeats"
"""What *Paths* shows in the place of edges."""
MOST_ROWS = 30
"""Edges and histories in a report; the page has more."""

NAMES: Mapping[str, Text] = {
    FUNNELS: _("Funnel"),
    PATHS: _("What follows what"),
    RETENTION: _("Retention"),
}
_NOT_SHOWN: Mapping[str, Text] = {
    "too_few": _("not enough customers"),
    "withheld": _("withheld, so that no other group can be calculated"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address, taken apart.

    Args:
        given: its fields, blank where they are not said.
        chosen: columns with the one value that is asked for (``is.channel=app``).
    """

    given: Mapping[str, str]
    chosen: Mapping[str, str]

    @classmethod
    def of(cls, query: Mapping[str, str], fields: Iterable[str]) -> Address:
        """The fields of a query string; `fields` are the page's own."""
        given = {name: query.get(name, "").strip() for name in (*fields, *SHARED)}
        return cls(given, asking.chosen_of(query))

    def query(self, **changed: str) -> str:
        """The query of the address without what is blank, some of its fields changed."""
        asked = {**self.given, **changed}
        asked |= {f"{IS}{name}": value for name, value in self.chosen.items()}
        return urlencode({name: value for name, value in asked.items() if value})

    def events(self, settings: Settings, now: datetime) -> Chosen:
        """Which events there are.

        Raises:
            Problem: ``period.bad-date``; a filter that cannot be read.
        """
        start, end = asking.dates(self.given, settings, now)
        nodes: list[Node] = [parse(self.given["where"]).root] if self.given["where"] else []
        nodes += [
            Missing(name) if value == MISSING else Compare(name, "=", value)
            for name, value in self.chosen.items()
        ]
        where = None
        if nodes:
            root = And(tuple(nodes)) if len(nodes) > 1 else nodes[0]
            where = Filter(root, write_node(root))
        return Chosen(where, start, end, self.given["segment"])


def funnel_of(address: Address, steps: Steps, chosen: Chosen) -> FunnelAsked:
    """What an address asks of the funnel.

    Raises:
        Problem: ``journey.span``.
    """
    given = address.given
    order: Order = next((one for one in ORDERS if one == given["order"]), "any")
    return FunnelAsked(
        steps=steps,
        within=read_span(given["within"] or "7d"),
        order=order,
        by=column_of(address) or None,
        by_segments=segments_of(address),
        chosen=chosen,
    )


def segments_of(address: Address) -> tuple[str, ...]:
    """The short names of segments that a funnel is broken down by."""
    given = address.given
    named = given["segments"].split(",") if given.get("by") == SEGMENTS else []
    return tuple(name for name in named if name)


def group_names(settings: Settings, asked: FunnelAsked) -> dict[str | None, str]:
    """What the segments that a funnel is broken down by are called; None: who is in none."""
    if not asked.by_segments:
        return {}
    names = {one.slug: one.name for one in segments.of(settings.slug)}
    found: dict[str | None, str] = {text: names.get(text, text) for text in asked.by_segments}
    return {**found, None: str(_("in none of these"))}


def column_of(address: Address) -> str:
    """The column that it is broken down by, or blank."""
    by = address.given.get("by", "")
    return "" if by == SEGMENTS else by


def paths_of(address: Address, chosen: Chosen) -> PathsAsked:
    """What an address asks of the paths.

    Raises:
        Problem: ``journey.span``.
    """
    given = address.given
    return PathsAsked(
        start=given["start"] or None,
        end=given["end"] or None,
        gap=read_span(given["gap"]) if given["gap"] else None,
        chosen=chosen,
    )


def grain_of(text: str, usual: Grain) -> Grain:
    """The length of a period as an address says it."""
    return next((one for one in GRAINS if one == text), usual)


# Of reports


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of a block.

    Args:
        steps: of a funnel.
        part: `OVER_TIME` or blank.
    """

    page: str
    address: Address
    chosen: Chosen
    part: str = ""
    steps: Steps | None = None

    @property
    def columns(self) -> set[str]:
        """Every column that it asks by."""
        by = column_of(self.address)
        return {*(self.chosen.where.columns() if self.chosen.where else ()), *([by] if by else ())}

    @property
    def query(self) -> str:
        """As a block keeps it."""
        told = {"steps": write_steps(self.steps)} if self.steps else {}
        return self.address.query(**told)

    @property
    def title(self) -> str:
        """What it is called where nobody says otherwise."""
        if self.page == PATHS and self.address.given["show"] == VARIANTS:
            return str(_("Whole histories"))
        if self.page == PATHS and self.address.given["show"] == REPEATS:
            return str(_("What comes again"))
        name = _("Conversion over time") if self.part == OVER_TIME else NAMES[self.page]
        if self.steps is None:
            return str(name)
        return f"{name}: {self.steps.labels[0]} → {self.steps.labels[-1]}"


def read(
    page: str,
    query: str,
    settings: Settings,
    now: datetime,
    *,
    dates: str = "",
    days: tuple[date | None, date | None] | None = None,
) -> Asked:
    """The question of a query string of one of these pages.

    Args:
        dates: a key of `asking.PRESETS` in place of its own dates.
        days: the first, and the day after the last, in place of either.

    Raises:
        Problem: steps, a filter, a time or a date that cannot be read.
    """
    held = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=100))
    address = Address.of(held, (*FIELDS[page], "part"))
    if dates:
        address = replace(address, given={**address.given, "period": dates})
    chosen = address.events(settings, now)
    if days is not None:
        chosen = replace(chosen, start=days[0], end=days[1])
    steps = read_steps(address.given["steps"]) if page == FUNNELS else None
    return Asked(page, address, chosen, address.given["part"], steps)


def label_of(by: str) -> str:
    """What people call a column, or the segments."""
    return str(_("Segments") if by == SEGMENTS else COLUMNS.get(by, by))


def sentence(asked: Asked) -> str:
    """What it asks, in one line."""
    given = asked.address.given
    said = [asked.title]
    if given.get("by"):
        said.append(str(_("by {column}", column=label_of(given["by"]))))
    if given["period"] in asking.PRESETS:
        said.append(str(asking.PRESETS[given["period"]]))
    elif given["from"] or given["until"]:
        said.append(f"{given['from'] or '…'} – {given['until'] or '…'}")
    if asked.chosen.where:
        said.append(str(asked.chosen.where))
    if asked.chosen.customers:
        said.append(asked.chosen.customers)
    return " · ".join(said)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a question found, as the parts of a `content.Figure`."""

    asks: Text
    rows: tuple[content.Cell, ...]
    total: content.Cell
    by: str = ""
    periods: tuple[str, ...] = ()
    has_total: bool = False


def figure(
    log: Log, settings: Settings, block: Figure, asked: Asked, at: datetime
) -> content.Figure:
    """What a report says: every count withheld as on the page.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``, ``filter.…``.
    """
    found = _ANSWERS[asked.page](log, settings, asked, at)
    start, end = asked.chosen.start, asked.chosen.end
    dates = f"{start or '…'} – {end or '…'}" if start or end else str(_("all events"))
    foot = [
        dates,
        *([asked.chosen.where.text] if asked.chosen.where else []),
        *([asked.chosen.customers] if asked.chosen.customers else []),
        str(_("95% intervals, Wilson's, over customers")),
        str(_("nothing is told of fewer than {n} customers", n=settings.minimum_base)),
        str(_("as of {at}", at=f"{at:%Y-%m-%d %H:%M} UTC")),
    ]
    return content.Figure(
        id=block.id,
        title=block.title or asked.title,
        asks=str(found.asks),
        show=block.show,
        metric="",
        version=0,
        query=block.query,
        unit="percent",
        by=found.by,
        against="",
        start="" if start is None else start.isoformat(),
        end="" if end is None else end.isoformat(),
        rows=found.rows,
        total=found.total,
        foot=" · ".join(foot),
        methods=_methods(asked, settings, at),
        periods=found.periods,
        page=asked.page,
        has_total=found.has_total,
    )


def _methods(asked: Asked, settings: Settings, at: datetime) -> tuple[tuple[str, str], ...]:
    given = asked.address.given
    said: list[tuple[Text, object]] = [(_("Counted"), _("customers, each once, after merges"))]
    if asked.steps is not None:
        said.append((_("Steps"), write_steps(asked.steps)))
        said.append((_("Within"), given["within"] or "7d"))
    if asked.chosen.where is not None:
        said.append((_("Filter"), asked.chosen.where.text))
    if asked.chosen.customers:
        said.append((_("Customers"), _("{rule}, as they are now", rule=asked.chosen.customers)))
    said.append((_("Time zone"), settings.timezone))
    said.append((_("As of"), f"{at:%Y-%m-%d %H:%M} UTC"))
    return tuple((str(term), str(text)) for term, text in said)


def _cell(
    name: str, share: float | None, low: float | None, high: float | None, state: str, **more: Any
) -> content.Cell:
    ends = [None if one is None else 100 * one for one in (share, low, high)]
    why = str(_NOT_SHOWN.get(state, ""))
    told = {"period": None, "n": None, "customers": None, **more}
    return content.Cell(name=name, value=ends[0], low=ends[1], high=ends[2], why=why, **told)


def _of_step(name: str, step: Step, n: int | None, **more: Any) -> content.Cell:
    return _cell(
        name, step.share_of_first, step.low, step.high, step.state,
        n=n, customers=step.customers, **more,
    )  # fmt: skip


def _funnel(log: Log, settings: Settings, asked: Asked, at: datetime) -> _Found:
    assert asked.steps is not None  # noqa: S101 - `read` has read them
    question = funnel_of(asked.address, asked.steps, asked.chosen)
    asks = _("How many customers pass these steps in their order, in this time.")
    if asked.part == OVER_TIME:
        every = grain_of(asked.address.given["every"], "week")
        told = conversion(log, settings, question, every=every, now=at)
        whole = funnel(log, settings, replace(question, by=None)).steps
        rows = tuple(
            _of_step("", one.steps[-1], one.steps[0].customers, period=one.period,
                     is_final=one.is_final)
            for one in told.periods if one.steps
        )  # fmt: skip
        periods = tuple(one.period for one in told.periods)
        total = _of_step("", whole[-1], whole[0].customers)
        return _Found(asks, rows, total, periods=periods, has_total=True)
    found = funnel(log, settings, question)
    n = found.steps[0].customers
    total = _of_step("", found.steps[-1], n)
    if found.by is None:
        steps = tuple(_of_step(one.step, one, n) for one in found.steps)
        return _Found(asks, steps, total, by=str(_("Step")))
    called = group_names(settings, question)
    groups = tuple(
        _of_step(called.get(word, MISSING if word is None else word), steps[-1], steps[0].customers)
        for word, steps in found.groups[:MOST_ROWS]
    )
    by = label_of(question.by or SEGMENTS)
    return _Found(asks, groups, total, by=by, has_total=True)


def _paths(log: Log, settings: Settings, asked: Asked, _at: datetime) -> _Found:
    nothing = _cell("", None, None, None, "too_few")
    if asked.address.given["show"] == VARIANTS:
        told = variants(log, settings, asked.chosen, top=MOST_ROWS)
        rows = tuple(
            _cell(" → ".join(one.steps), one.share, None, None, "ok", n=told.customers,
                  customers=one.customers)
            for one in told.variants
        )  # fmt: skip
        asks = _("Whole histories of customers, by the order of their events.")
        return _Found(asks, rows, rows[0] if rows else nothing, by=str(_("Events in order")))
    if asked.address.given["show"] == REPEATS:
        again = repeats(log, settings, asked.chosen, top=MOST_ROWS)
        rows = tuple(
            _cell(one.node, one.again_share.value, one.again_share.low, one.again_share.high,
                  one.again_state, n=one.customers, customers=one.again)
            for one in again.nodes
        )  # fmt: skip
        asks = _("Of the customers who were at an event, how many came to it again.")
        return _Found(asks, rows, rows[0] if rows else nothing, by=str(_("Event")))
    found = paths(log, settings, replace(paths_of(asked.address, asked.chosen), top=MOST_ROWS))
    rows = tuple(
        _cell(f"{one.before} → {one.after}", one.count / found.pairs, None, None, "ok",
              n=one.count, customers=one.customers)
        for one in found.edges
    )  # fmt: skip
    asks = _("Which event directly follows which: the share of all pairs of events.")
    return _Found(asks, rows, rows[0] if rows else nothing, by=str(_("Pair")))


def _retention(log: Log, settings: Settings, asked: Asked, at: datetime) -> _Found:
    every = grain_of(asked.address.given["every"], "month")
    found = retention(log, settings, asked.chosen, every=every, now=at)
    rows = tuple(
        _cell("", one.share, one.low, one.high, one.state, period=f"+{one.later}", n=one.of,
              customers=one.customers)
        for one in found.together[1 : 1 + MOST_ROWS]
    )  # fmt: skip
    asks = _("Of the customers who first came in a period, how many come again, and when.")
    nothing = _cell("", None, None, None, "too_few")
    periods = tuple(row.period or "" for row in rows)
    return _Found(asks, rows, rows[0] if rows else nothing, periods=periods)


_ANSWERS = {FUNNELS: _funnel, PATHS: _paths, RETENTION: _retention}


def beside(cell: content.Cell) -> str:
    """What stands beside a bar: how many, and which share."""
    if cell.value is None:
        return cell.why
    return f"{count(cell.customers)}  {cell.value:.1f}%"
