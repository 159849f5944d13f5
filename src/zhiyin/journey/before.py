"""Before 之前: what customers did in the time before an outcome, beside another time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.compared import Counts, Q, Sizes, Table, compared
from zhiyin.journey.events import ORDER, Events, microseconds, order_of, told_in_order
from zhiyin.journey.outcomes import Against, Outcome, moments
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.stats.bases import Bases
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

MOST_STEPS = 5
MOST_NODES = 1024
"""Of events in a question that the journey index answers; SQL answers larger ones."""
NEVER = -(1 << 63)
"""How the index is told that a customer has no moment on a side."""


@dataclass(frozen=True, slots=True)
class BeforeAsked:
    """One question.

    Args:
        within: how long before the moment; from that on, included, up to it, not included.
        against: what is compared with; None: ``others`` where there are some, else ``earlier``.
        steps: so many last nodes are told, 1 to `MOST_STEPS`.
        top: only so many rows of last nodes are returned; None is all.
        chosen: its filter says which events there are; its dates, when the moments were.
    """

    outcome: Outcome
    within: timedelta = timedelta(days=7)
    against: Against | None = None
    steps: int = 3
    top: int | None = None
    chosen: Chosen = ALL
    q: float = Q
    confidence: float = 0.95

    @property
    def compares(self) -> Against:
        """What is compared with."""
        return self.against or ("others" if self.outcome.has_others else "earlier")


@dataclass(frozen=True, slots=True)
class Before:
    """The answer.

    Args:
        customers: with the outcome; None where they are too few to say.
        others: with a moment to compare with.
        nodes: each that came in the time before, one name each.
        leading: the last nodes before the moment, in their order.
    """

    against: Against
    within_seconds: float
    steps: int
    customers: int | None
    others: int | None
    nodes: Table
    leading: Table
    q: float
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "against": self.against,
            "within_seconds": self.within_seconds,
            "steps": self.steps,
            "customers": self.customers,
            "others": self.others,
            "nodes": self.nodes.as_dict(),
            "leading": self.leading.as_dict(),
            "q": self.q,
            "minimum_base": self.minimum_base,
        }


def before(
    log: Log, settings: Settings, asked: BeforeAsked, *, scope: Filter | None = None
) -> Before:
    """Compare what came before the outcome with what came before other moments.

    Raises:
        Problem: ``journey.outcome``, ``journey.steps-before``, ``journey.no-such-event``,
            ``filter.…``.
    """
    if not 1 <= asked.steps <= MOST_STEPS:
        raise Problem(
            "journey.steps-before",
            _("The last {n} cannot be told.", n=asked.steps),
            _("Ask for the last 1 to {most}.", most=MOST_STEPS),
        )
    events = events_before(log, settings, asked, scope=scope)
    at = moments(events, asked.outcome, asked.compares, asked.within, asked.chosen)
    known = events.run(at)
    sizes = _sizes(known)
    told = _out_of_index(events, asked, known)
    nodes, leading = _by_sql(events, asked, at, sizes) if told is None else told
    bases = Bases(settings.minimum_base, settings.test_base, settings.small_base)
    kept: dict[str, Any] = {"q": asked.q, "confidence": asked.confidence}
    rows = compared(_named(events, leading), sizes, bases, are_parts=True, **kept)
    most = len(rows.rows) if asked.top is None else asked.top
    minimum = settings.minimum_base
    return Before(
        against=asked.compares,
        within_seconds=asked.within.total_seconds(),
        steps=asked.steps,
        customers=None if 0 < sizes.here < minimum else sizes.here,
        others=None if 0 < sizes.there < minimum else sizes.there,
        nodes=compared(_named(events, nodes), sizes, bases, **kept),
        leading=replace(rows, rows=rows.rows[:most]),
        q=asked.q,
        minimum_base=minimum,
    )


def events_before(
    log: Log, settings: Settings, asked: BeforeAsked, *, scope: Filter | None = None
) -> Events:
    """The events that may have come before: those of the filter, whenever they were."""
    chosen = replace(asked.chosen, start=None, end=None)
    return Events.of(log, settings, chosen, scope=scope)


Told = list[tuple[tuple[int, ...], Counts]]
"""Rows of nodes with their counts."""


def _named(events: Events, told: Told) -> list[tuple[tuple[str, ...], Counts]]:
    return [(tuple(events.nodes[node] for node in nodes), counts) for nodes, counts in told]


def _sizes(known: pa.Table) -> Sizes:
    here, there = (known[side].is_valid().to_numpy() for side in ("here", "there"))
    return Sizes(int(here.sum()), int(there.sum()), int((here & there).sum()))


def _out_of_index(events: Events, asked: BeforeAsked, known: pa.Table) -> tuple[Told, Told] | None:
    """Nodes and rows out of the journey index; None where SQL must say."""
    question = question_of(events, asked, known)
    found = None if question is None else events.ask("before", question, events.nodes_by)
    if found is None:
        return None
    nodes: Told = []
    leading: Told = []
    for row in found.to_pylist():
        counts = Counts(*(row[name] for name in Counts.__slots__))
        into = leading if row["is_row"] else nodes
        into.append((tuple(row["nodes"]), counts))
    return nodes, leading


def question_of(events: Events, asked: BeforeAsked, known: pa.Table) -> dict[str, Any] | None:
    """What the journey index is asked; None where it cannot be: of too many nodes.

    Args:
        known: the moments.
    """
    if not 0 < len(events.nodes) <= MOST_NODES:
        return None
    return {
        "customers": known["customer"].to_numpy().astype(np.int32).tobytes(),
        "here": _times(known["here"]),
        "there": _times(known["there"]),
        "nodes": list(events.nodes),
        "within": microseconds(asked.within),
        "steps": asked.steps,
    }


def _times(moments: Any) -> bytes:
    return bytes(moments.fill_null(NEVER).to_numpy().tobytes())


def _by_sql(
    events: Events, asked: BeforeAsked, at: lang.Expression, sizes: Sizes
) -> tuple[Told, Told]:
    rows = windows(events, asked, at)
    each = rows.group_by(["customer", "node"]).aggregate(
        h=rows.in_here.max(), t=rows.in_there.max(), s=rows.is_shared.max()
    )
    sums = {
        "here": each.h,
        "there": each.t,
        "both": each.h * each.t,
        "here_shared": each.h * each.s,
        "there_shared": each.t * each.s,
    }
    counted = each.group_by("node").aggregate(**{name: flags.sum() for name, flags in sums.items()})
    # The engine sums whole numbers to decimals of 38 digits.
    nodes: Told = [
        ((row["node"],), Counts(*(int(row[name]) for name in Counts.__slots__)))
        for row in events.run(counted).to_pylist()
    ]
    last = last_nodes(rows, asked.steps)
    pairs = last.group_by(["told_here", "told_there", "is_shared"]).aggregate(n=last.count())
    return nodes, _rows_of(events.run(pairs), sizes)


def windows(events: Events, asked: BeforeAsked, at: lang.Expression) -> lang.Expression:
    """One row an event of a customer in a time before a moment of hers: ``customer``, ``node``,
    what orders it, and 0 or 1: ``in_here``, ``in_there``, ``is_shared`` (she has both moments)."""
    rows = events.paths().join(at, "customer")
    span = microseconds(asked.within)

    def is_in(moment: lang.Value) -> lang.Value:
        found = (rows.us >= moment - span) & (rows.us < moment)
        return lang.coalesce(found, False).cast("int64")

    both = (rows.here.notnull() & rows.there.notnull()).cast("int64")
    found = rows.mutate(in_here=is_in(rows.here), in_there=is_in(rows.there), is_shared=both)
    found = found.filter(found.in_here + found.in_there > 0)
    return found.select("customer", "node", *ORDER, "in_here", "in_there", "is_shared")


def last_nodes(rows: lang.Expression, steps: int) -> lang.Expression:
    """One row a customer of `windows`: ``told_here`` and ``told_there``, her last nodes before each
    moment joined by commas, null where nothing was; and ``is_shared``.

    A row of the same node is one.
    """
    columns = ("customer", "node", *ORDER, "is_shared")
    sides = [
        rows.filter(rows[inside] == 1).select(*columns, side=lang.literal(number))
        for number, inside in enumerate(("in_here", "in_there"))
    ]
    found = lang.union(*sides)
    turn = ["customer", "side"]
    before = found.node.lag().over(group_by=turn, order_by=order_of(found))
    found = found.mutate(before=before)
    found = found.filter(found.before.isnull() | (found.before != found.node))
    back = [lang.desc(found[name]) for name in ORDER]
    place = lang.row_number().over(group_by=turn, order_by=back)
    found = found.mutate(place=place)
    found = found.filter(found.place < steps)
    told = told_in_order(found, [*turn, "is_shared"])
    nothing = lang.null("string")
    return told.group_by("customer").aggregate(
        told_here=lang.ifelse(told.side == 0, told.told, nothing).max(),
        told_there=lang.ifelse(told.side == 1, told.told, nothing).max(),
        is_shared=told.is_shared.max(),
    )


def _rows_of(pairs: pa.Table, sizes: Sizes) -> Told:
    """Five counts of each row out of how many customers have which pair of rows.

    Those before whose moments nothing was are in no pair: they are all the others.
    """
    found: dict[str, list[int]] = {}

    def add(told: str, place: int, n: int) -> None:
        found.setdefault(told, [0] * 5)[place] += n

    both = 0
    for row in pairs.to_pylist():
        n, is_shared = row["n"], row["is_shared"]
        both += n * is_shared
        for side, told in enumerate((row["told_here"], row["told_there"])):
            if told is not None:
                add(told, side, n)
            if is_shared:
                add(told or "", 3 + side, n)
        if is_shared and row["told_here"] == row["told_there"]:
            add(row["told_here"], 2, n)
    had = np.array(list(found.values()), dtype=np.int64).reshape(-1, 5)[:, :2].sum(axis=0)
    for side, of in enumerate((sizes.here, sizes.there)):
        add("", side, of - int(had[side]))
    for place in (2, 3, 4):
        add("", place, sizes.shared - both)
    return list(_told(found))


def _told(found: dict[str, list[int]]) -> Iterator[tuple[tuple[int, ...], Counts]]:
    for told, counts in found.items():
        if any(counts):
            yield tuple(int(node) for node in told.split(",") if node), Counts(*counts)
