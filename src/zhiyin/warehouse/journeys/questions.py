"""The questions of the room *journey*, answered by the compiled passes.

Each answer has the columns that the same question has in SQL, so that whoever asked reads either.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.passes import (
    adoption,
    engagement,
    extent,
    funnel,
    paths,
    repeats,
    retention,
    sessions,
    variants,
)
from zhiyin.warehouse.journeys.passes.asked import ANY_TIME, WHOLE, Allowed, Groups, Nodes, Periods


class Timed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events within a time: microseconds since 1970, the end not included.

    Args:
        whose: int32, customers whose events alone there are; None: everybody's.
    """

    start: int = -ANY_TIME
    end: int = ANY_TIME
    whose: bytes | None = None


class FunnelAsked(Timed, frozen=True, kw_only=True):
    """Steps and what may not come between them, as codes of names; `within` in microseconds.

    Args:
        periods: break down by the period of the event that starts a chain: when each begins and,
            last, when the last one ends; microseconds since 1970.
    """

    names: list[list[int]]
    between: list[list[int]]
    within: int
    order: Literal["any", "earliest", "strict"] = "any"
    periods: list[int] | None = None


class WaitsAsked(FunnelAsked, frozen=True, kw_only=True):
    """The same from the earliest start on; `until` is when the log ends, in microseconds."""

    until: int


class Noded(Timed, frozen=True, kw_only=True):
    """What histories are made of.

    Args:
        nodes: twice a name's code; or that of a word of the break-down, and one: an event with such
            a word is there, whatever its name. Events of other names are left out.
    """

    nodes: list[int]


class PathsAsked(Noded, frozen=True, kw_only=True):
    """Which follows which; of equally frequent ones first what is first among the `nodes`.

    Args:
        gap: microseconds; None: over the whole history.
        begins, ends: nodes that a path begins with, and ends with; None: any.
        minimum, medians: so many of the most frequent edges of at least so many customers get
            their median; None: all of these.
    """

    gap: int | None = None
    begins: list[int] | None = None
    ends: list[int] | None = None
    minimum: int = 0
    medians: int | None = None


class SessionsAsked(Timed, frozen=True, kw_only=True):
    """A session ends with a pause of more than `gap` microseconds."""

    gap: int


class RetentionAsked(Timed, frozen=True, kw_only=True):
    """When each period begins and, last, when the last one ends; microseconds since 1970."""

    periods: list[int]


class AdoptionAsked(RetentionAsked, frozen=True, kw_only=True):
    """What new customers take up, and since when they are; see `passes.adoption.AdoptionAsked`."""

    names: list[int]
    since: list[int] | None
    within: int
    times: int


class EngagementAsked(RetentionAsked, frozen=True, kw_only=True):
    """Sessions by period; a session ends with a pause of more than `gap` microseconds.

    Args:
        finished: so many of the first periods are summed together besides.
    """

    gap: int
    finished: int


class VariantsAsked(Noded, frozen=True, kw_only=True):
    """Whole histories: the `top` most frequent of at least `minimum` customers; None: all these."""

    minimum: int = 0
    top: int | None = None


class RepeatsAsked(Noded, frozen=True, kw_only=True):
    """Which nodes customers come to again."""


class ExtentAsked(Timed, frozen=True, kw_only=True):
    """From when to when there are events."""


def passed(chosen: Chosen, asked: FunnelAsked) -> pa.Table:
    """Who passes the steps of a funnel.

    Returns:
        ``part`` (null for everybody, then each period's number, or the code of each group's word,
        -1 for a missing one),
        ``n0``… customers by step and ``median0``… microseconds, null where nobody came.
    """
    steps = steps_of(asked)
    by, numbers = parts_of(chosen, asked)
    found = funnel.funnel(chosen.histories, steps, allowed=allowed_by(chosen, asked), by=by)
    columns: dict[str, Any] = {"part": pa.array([None, *numbers], pa.int32())}
    for step in range(len(steps.names)):
        columns[f"n{step}"] = pa.array(found.customers[:, step])
        columns[f"median{step}"] = pa.array(found.median_us[:, step], from_pandas=True)
    return pa.table(columns)


def waited(chosen: Chosen, asked: WaitsAsked) -> pa.Table:
    """How long those who took the first step were on their way to the last.

    Returns:
        ``seconds`` that are over, each once, rising; ``arrived`` after so long; ``still`` on their
        way, and watched no longer.
    """
    steps, allowed = steps_of(asked), allowed_by(chosen, asked)
    (found,) = funnel.waits(chosen.histories, steps, until=asked.until, allowed=allowed)
    took, still = found.took // _SECOND, found.still // _SECOND
    seconds, place = np.unique(np.concatenate([took, still]), return_inverse=True)
    arrived = np.bincount(place[: len(took)], minlength=len(seconds))
    left = np.bincount(place[len(took) :], minlength=len(seconds))
    return pa.table({"seconds": seconds, "arrived": arrived, "still": left})


def followed(chosen: Chosen, asked: PathsAsked) -> pa.Table:
    """Which node directly follows which.

    Returns:
        A row an edge, the most frequent first: ``before`` and ``after`` (nodes), ``n`` pairs,
        ``customers``, ``median`` microseconds or null where it was not asked for.
    """
    histories, allowed = chosen.histories, allowed_by(chosen, asked)
    question = paths_of(chosen, asked)
    found = paths.edges(histories, question, allowed=allowed)
    before, after = np.nonzero(found.pairs)
    pairs, customers = found.pairs[before, after], found.customers[before, after]
    order = np.lexsort((after, before, -pairs))
    before, after, pairs, customers = (one[order] for one in (before, after, pairs, customers))
    wanted = np.flatnonzero(customers >= asked.minimum)[: asked.medians]
    medians = np.full(len(pairs), np.nan)
    medians[wanted] = paths.median_us(
        histories,
        question,
        list(zip(before[wanted].tolist(), after[wanted].tolist(), strict=True)),
        allowed=allowed,
    )
    numbers = np.array(asked.nodes, np.int32)
    return pa.table(
        {
            "before": numbers[before],
            "after": numbers[after],
            "n": pairs,
            "customers": customers,
            "median": pa.array(medians, from_pandas=True),
        }
    )


def visited(chosen: Chosen, asked: SessionsAsked) -> pa.Table:
    """One row: ``sessions``, ``single`` of them, ``customers``, ``events``, and the medians
    ``median_events`` and ``lasted`` (microseconds), null where there is none."""
    found = sessions.sessions(chosen.histories, gap=asked.gap, allowed=allowed_by(chosen, asked))
    return pa.table(
        {
            "sessions": found.sessions[:1],
            "single": found.single[:1],
            "customers": found.customers[:1],
            "events": found.events[:1],
            "median_events": pa.array(found.median_events[:1], from_pandas=True),
            "lasted": pa.array(found.median_us[:1], from_pandas=True),
        }
    )


def returned(chosen: Chosen, asked: RetentionAsked) -> pa.Table:
    """Customers by ``first``, the number of the period in which they first came, and ``period``."""
    periods = np.array(asked.periods, np.int64)
    found = retention.retention(chosen.histories, periods, allowed=allowed_by(chosen, asked))
    first, later = np.nonzero(found)
    return pa.table({"first": first, "period": first + later, "customers": found[first, later]})


def adopted(chosen: Chosen, asked: AdoptionAsked) -> pa.Table:
    """Customers by the ``period`` in which they were new: ``n``, and ``did`` of them; periods
    without any are left out."""
    found = adoption.adoption(
        chosen.histories, adoption_of(asked), allowed=allowed_by(chosen, asked)
    )
    period = np.flatnonzero(found[:, adoption.NEW])
    n, did = (np.ascontiguousarray(found[period, one]) for one in (adoption.NEW, adoption.DID))
    return pa.table({"period": period, "n": n, "did": did})


def adoption_of(asked: AdoptionAsked) -> adoption.AdoptionAsked:
    """The question as the pass takes it."""
    return adoption.AdoptionAsked(
        frozenset(asked.names),
        None if asked.since is None else frozenset(asked.since),
        asked.within,
        asked.times,
        np.array(asked.periods, np.int64),
    )


def engaged(chosen: Chosen, asked: EngagementAsked) -> pa.Table:
    """The sums of `passes.engagement.SUMS` by ``period``, those in which nobody came left out; in
    the last row, without one, those of the finished ones together."""
    found = engagement.engagement(
        chosen.histories,
        np.array(asked.periods, np.int64),
        finished=asked.finished,
        gap=asked.gap,
        allowed=allowed_by(chosen, asked),
    )
    period = [*np.flatnonzero(found[:-1, 0]).tolist(), None]
    rows = found[[-1 if one is None else one for one in period]]
    columns = {name: np.ascontiguousarray(rows[:, at]) for at, name in enumerate(engagement.SUMS)}
    columns["customers"] = columns["customers"].astype(np.int64)
    return pa.table({"period": pa.array(period, pa.int32()), **columns})


def told(chosen: Chosen, asked: VariantsAsked) -> pa.Table:
    """Whole histories, the most frequent first.

    Returns:
        A row a history that is told: its ``nodes``, ``customers``, ``median`` microseconds from a
        customer's first event to her last, and ``n``, which is 1. Then for each number of
        ``customers`` how many more histories (``n``) have it, without nodes and median.
    """
    histories, allowed = chosen.histories, allowed_by(chosen, asked)
    nodes, numbers = nodes_of(chosen, asked.nodes), np.array(asked.nodes, np.int32)
    found = variants.variants(histories, nodes, allowed=allowed)
    told = int((found.customers >= asked.minimum).sum())
    told = told if asked.top is None else min(told, asked.top)
    rows = [
        numbers[variants.row_of(histories, nodes, key, allowed=allowed)]
        for key in found.example[:told].tolist()
    ]
    sizes, n = np.unique(found.customers[told:], return_counts=True)
    return pa.table(
        {
            "nodes": pa.array([*rows, *([None] * len(sizes))], pa.list_(pa.int32())),
            "customers": np.concatenate([found.customers[:told], sizes]),
            "median": pa.array([*found.median_us[:told], *([None] * len(sizes))], pa.float64()),
            "n": np.concatenate([np.ones(told, np.int64), n]),
        }
    )


def repeated(chosen: Chosen, asked: RepeatsAsked) -> pa.Table:
    """A row a ``node`` where anybody is, with the columns of `passes.repeats.COLUMNS`."""
    nodes = nodes_of(chosen, asked.nodes)
    found = repeats.repeats(chosen.histories, nodes, allowed=allowed_by(chosen, asked))
    at = np.flatnonzero(found[:, 0])
    columns = {name: np.ascontiguousarray(found[at, n]) for n, name in enumerate(repeats.COLUMNS)}
    return pa.table({"node": np.array(asked.nodes, np.int64)[at], **columns})


_SECOND = 1_000_000


def parts_of(chosen: Chosen, asked: FunnelAsked) -> tuple[Groups | Periods, list[int]]:
    """What a funnel is broken down by, and what each part is called: a period's number or the code
    of a word."""
    if asked.periods is not None:
        periods = Periods(np.array(asked.periods, np.int64))
        return periods, list(range(periods.count))
    if chosen.by is not None:
        return chosen.by.groups, chosen.by.codes.tolist()
    return WHOLE, []


def steps_of(asked: FunnelAsked) -> funnel.Steps:
    """The steps as the pass takes them."""
    return funnel.Steps(
        [frozenset(names) for names in asked.names],
        [frozenset(names) for names in asked.between],
        asked.within,
        asked.order,
    )


def lasted(chosen: Chosen, asked: ExtentAsked) -> pa.Table:
    """One row: when the ``first`` event was and the ``last``, in microseconds since 1970; null
    where there is none."""
    first, last = extent.extent(chosen.histories, allowed=allowed_by(chosen, asked)) or (None, None)
    return pa.table({"first": pa.array([first], pa.int64()), "last": pa.array([last], pa.int64())})


def paths_of(chosen: Chosen, asked: PathsAsked) -> paths.PathsAsked:
    """The question as the pass takes it."""
    begins, ends = (
        None if among is None else frozenset(asked.nodes.index(node) for node in among)
        for among in (asked.begins, asked.ends)
    )
    gap = paths.WHOLE_HISTORY if asked.gap is None else asked.gap
    return paths.PathsAsked(nodes_of(chosen, asked.nodes), gap, begins, ends)


def nodes_of(chosen: Chosen, numbers: list[int]) -> Nodes:
    """The nodes of these numbers, each by its place; see `Noded`.

    Where words are among them, what is broken down by first says which an event has.
    """
    place_of = {number: place for place, number in enumerate(numbers)}
    names = max((number // 2 + 1 for number in numbers if number % 2 == 0), default=0)
    table = np.array([[place_of.get(2 * code, -1)] for code in range(names)], np.int32)
    table = table.reshape(names, 1)
    if chosen.by is None or not has_words(numbers):
        return Nodes(table, len(numbers))
    groups = chosen.by.groups
    words = [place_of.get(2 * code + 1, -1) if code >= 0 else -1 for code in chosen.by.codes]
    rows = np.minimum(np.arange(names), len(groups.table) - 1)
    at_word = np.array(words, np.int32)[groups.table[rows]]
    return Nodes(
        np.where((at_word >= 0) & (table >= 0), at_word, table).astype(np.int32),
        len(numbers),
        groups.columns,
    )


def has_words(numbers: list[int]) -> bool:
    """Whether any of these nodes is a word of a break-down."""
    return any(number % 2 for number in numbers)


def allowed_by(chosen: Chosen, asked: Timed) -> Allowed:
    """The events that a question is about."""
    keys = None
    if asked.whose is not None:
        keys = np.zeros(len(chosen.histories.flags), np.uint8)
        customers = np.frombuffer(asked.whose, np.int32)
        keys[customers[customers < len(keys)]] = 1
    return Allowed(chosen.tuples, chosen.names, keys, asked.start, asked.end)
