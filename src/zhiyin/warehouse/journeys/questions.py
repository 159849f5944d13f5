"""The questions of the room *journey*, answered by the compiled passes.

Each answer has the columns that the same question has in SQL, so that whoever asked reads either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.passes import asked as passing
from zhiyin.warehouse.journeys.passes import funnel, paths, retention, sessions, tasks, variants
from zhiyin.warehouse.journeys.passes.asked import ALL, ANY_TIME, WHOLE, Allowed, Nodes
from zhiyin.warehouse.journeys.tuples import Codes

CHANNEL = "channel"
_NO_CODES: Codes = np.zeros(0, np.int32)


class _Timed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events within a time: microseconds since 1970, the end not included."""

    start: int = -ANY_TIME
    end: int = ANY_TIME


class FunnelAsked(_Timed, frozen=True, kw_only=True):
    """Steps and what may not come between them, as codes of names; `within` in microseconds."""

    names: list[list[int]]
    between: list[list[int]]
    within: int
    order: Literal["any", "earliest", "strict"] = "any"


class PathsAsked(_Timed, frozen=True, kw_only=True):
    """Which follows which.

    Args:
        rank: by code of the name, its place among equally frequent ones; later codes are left out.
        gap: microseconds; None: over the whole history.
        begins: codes of the names that a path begins at; None: at any.
        minimum, medians: so many of the most frequent edges of at least so many customers get
            their median; None: all of these.
    """

    rank: list[int]
    gap: int | None = None
    begins: list[int] | None = None
    minimum: int = 0
    medians: int | None = None


class SessionsAsked(_Timed, frozen=True, kw_only=True):
    """A session ends with a pause of more than `gap` microseconds."""

    gap: int


class RetentionAsked(_Timed, frozen=True, kw_only=True):
    """When each period begins and, last, when the last one ends; microseconds since 1970."""

    periods: list[int]


class VariantsAsked(_Timed, frozen=True, kw_only=True):
    """Whole histories of names below `names`; the `top` most frequent."""

    names: int
    top: int = 0


class TaskAsked(_Timed, frozen=True, kw_only=True):
    """What a task is made of, as codes of names; `within` in microseconds.

    Args:
        until: microseconds since 1970, up to which the log is known.
    """

    begins: list[int]
    goal: list[int]
    error: list[int]
    help: list[int]
    within: int
    until: int


class GapsAsked(_Timed, frozen=True, kw_only=True):
    """From which names to the next of which, as codes.

    Args:
        until: microseconds since 1970, up to which the log is known.
    """

    first: list[int]
    then: list[int]
    until: int


def passed(chosen: Chosen, asked: FunnelAsked) -> pa.Table:
    """Who passes the steps of a funnel.

    Returns:
        ``part`` (null for everybody, then the code of each group's word, -1 for a missing one),
        ``n0``… customers by step and ``median0``… microseconds, null where nobody came.
    """
    histories, groups = chosen.histories, chosen.groups
    known = range(1 << histories.name_bits)
    steps = funnel.Steps(
        [frozenset(code for code in names if code in known) for names in asked.names],
        [frozenset(code for code in names if code in known) for names in asked.between],
        asked.within,
        asked.order,
    )
    by = WHOLE if groups is None else passing.Groups(groups.of_tuple, len(groups.codes))
    found = funnel.funnel(histories, steps, allowed=_allowed(chosen, asked), by=by)
    columns: dict[str, Any] = {
        "part": pa.array([None, *(groups.codes.tolist() if groups else [])], pa.int32())
    }
    for step in range(len(steps.names)):
        columns[f"n{step}"] = pa.array(found.customers[:, step])
        columns[f"median{step}"] = pa.array(found.median_us[:, step], from_pandas=True)
    return pa.table(columns)


def followed(chosen: Chosen, asked: PathsAsked) -> pa.Table:
    """Which name directly follows which.

    Returns:
        A row an edge, the most frequent first: ``before`` and ``after`` (codes), ``n`` pairs,
        ``customers``, ``median`` microseconds or null where it was not asked for.
    """
    histories, allowed = chosen.histories, _allowed(chosen, asked)
    begins = None if asked.begins is None else frozenset(asked.begins)
    gap = paths.WHOLE_HISTORY if asked.gap is None else asked.gap
    question = paths.PathsAsked(Nodes.named(len(asked.rank)), gap, begins)
    found = paths.edges(histories, question, allowed=allowed)
    before, after = np.nonzero(found.pairs)
    pairs, customers = found.pairs[before, after], found.customers[before, after]
    rank = np.asarray(asked.rank)
    order = np.lexsort((rank[after], rank[before], -pairs))
    before, after, pairs, customers = (one[order] for one in (before, after, pairs, customers))
    wanted = np.flatnonzero(customers >= asked.minimum)[: asked.medians]
    medians = np.full(len(pairs), np.nan)
    medians[wanted] = paths.median_us(
        histories,
        question,
        list(zip(before[wanted].tolist(), after[wanted].tolist(), strict=True)),
        allowed=allowed,
    )
    return pa.table(
        {
            "before": before.astype(np.int32),
            "after": after.astype(np.int32),
            "n": pairs,
            "customers": customers,
            "median": pa.array(medians, from_pandas=True),
        }
    )


def visited(chosen: Chosen, asked: SessionsAsked) -> pa.Table:
    """One row: ``sessions``, ``single`` of them, ``customers``, ``events``, and the medians
    ``median_events`` and ``lasted`` (microseconds), null where there is none."""
    found = sessions.sessions(chosen.histories, gap=asked.gap, allowed=_allowed(chosen, asked))
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
    found = retention.retention(chosen.histories, periods, allowed=_allowed(chosen, asked))
    first, later = np.nonzero(found)
    return pa.table({"first": first, "period": first + later, "customers": found[first, later]})


def sizes(chosen: Chosen, asked: VariantsAsked) -> pa.Table:
    """How many variants (``n``) have so many ``customers``."""
    found = variants.variants(
        chosen.histories, Nodes.named(asked.names), allowed=_allowed(chosen, asked)
    )
    customers, n = np.unique(found.customers, return_counts=True)
    return pa.table({"customers": customers, "n": n})


def told(chosen: Chosen, asked: VariantsAsked) -> pa.Table:
    """The most frequent variants: ``nodes`` (a list of codes), ``customers``, ``median``
    microseconds from a customer's first event to her last."""
    histories, allowed = chosen.histories, _allowed(chosen, asked)
    nodes = Nodes.named(asked.names)
    found = variants.variants(histories, nodes, allowed=allowed)
    shown: Sequence[int] = found.example[: asked.top].tolist()
    rows = [variants.row_of(histories, nodes, key, allowed=allowed).tolist() for key in shown]
    return pa.table(
        {
            "nodes": pa.array(rows, pa.list_(pa.int32())),
            "customers": found.customers[: asked.top],
            "median": found.median_us[: asked.top],
        }
    )


def attempted(chosen: Chosen, asked: TaskAsked) -> pa.Table:
    """Attempts at a task, a row each; see `attempts_table`.

    ``switches`` is null where the index does not hold channels.
    """
    task = tasks.Task(
        frozenset(asked.begins), frozenset(asked.goal), frozenset(asked.error),
        frozenset(asked.help), asked.within, asked.until,
    )  # fmt: skip
    groups = chosen.groups
    has_channels = CHANNEL in chosen.columns
    channels = chosen.codes[:, chosen.columns.index(CHANNEL)] if has_channels else _NO_CODES
    found = attempts_table(
        chosen.histories,
        task,
        channels=channels,
        allowed=_allowed(chosen, asked),
        by=WHOLE if groups is None else passing.Groups(groups.of_tuple, len(groups.codes)),
        codes=_NO_CODES if groups is None else groups.codes,
    )
    if has_channels:
        return found
    return found.set_column(
        found.schema.get_field_index("switches"), "switches", pa.nulls(len(found), pa.int32())
    )


def attempts_table(
    histories: Histories,
    task: tasks.Task,
    *,
    channels: Codes,
    codes: Codes,
    allowed: Allowed = ALL,
    by: passing.Groups = WHOLE,
) -> pa.Table:
    """Attempts at a task as one table.

    Args:
        channels: by code of the tuple its channel, -1 where none is told.
        codes: of each group the code of its word.

    Returns:
        ``customer``, ``began`` and ``lasted`` (microseconds), ``state`` (0 came, 1 given up, 2
        open), ``errors``, ``helps``, ``switches``, ``part`` (code of the group's word, -1 for a
        missing one or where nothing is broken down).
    """
    found = tasks.attempts(histories, task, channels=channels, allowed=allowed, by=by)
    words = np.append(codes, -1).astype(np.int32)
    return pa.table(
        {
            "customer": found.keys,
            "began": found.began_us,
            "lasted": found.lasted_us,
            "state": found.state.astype(np.int8),
            "errors": found.errors.astype(np.int32),
            "helps": found.helps.astype(np.int32),
            "switches": found.switches.astype(np.int32),
            "part": words[found.groups],
        }
    )


def awaited(chosen: Chosen, asked: GapsAsked) -> pa.Table:
    """From each event of some names to the next of others: ``customer``, ``began`` and ``lasted``
    (microseconds), ``came`` (whether it did; else the log ends)."""
    found = tasks.gaps(
        chosen.histories,
        frozenset(asked.first),
        frozenset(asked.then),
        until=asked.until,
        allowed=_allowed(chosen, asked),
    )
    return pa.table(
        {
            "customer": found.keys,
            "began": found.began_us,
            "lasted": found.lasted_us,
            "came": found.came.astype(np.bool_),
        }
    )


def _allowed(chosen: Chosen, asked: _Timed) -> Allowed:
    return Allowed(chosen.tuples, chosen.names, None, asked.start, asked.end)
