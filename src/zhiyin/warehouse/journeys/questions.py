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
from zhiyin.warehouse.journeys.passes import asked as passing
from zhiyin.warehouse.journeys.passes import funnel, paths, retention, sessions, variants
from zhiyin.warehouse.journeys.passes.asked import ANY_TIME, WHOLE, Allowed, Nodes


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


class WaitsAsked(FunnelAsked, frozen=True, kw_only=True):
    """The same from the earliest start on; `until` is when the log ends, in microseconds."""

    until: int


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


def passed(chosen: Chosen, asked: FunnelAsked) -> pa.Table:
    """Who passes the steps of a funnel.

    Returns:
        ``part`` (null for everybody, then the code of each group's word, -1 for a missing one),
        ``n0``… customers by step and ``median0``… microseconds, null where nobody came.
    """
    histories, groups = chosen.histories, chosen.groups
    steps = _steps(chosen, asked)
    by = WHOLE if groups is None else passing.Groups(groups.of_tuple, len(groups.codes))
    found = funnel.funnel(histories, steps, allowed=_allowed(chosen, asked), by=by)
    columns: dict[str, Any] = {
        "part": pa.array([None, *(groups.codes.tolist() if groups else [])], pa.int32())
    }
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
    steps, allowed = _steps(chosen, asked), _allowed(chosen, asked)
    (found,) = funnel.waits(chosen.histories, steps, until=asked.until, allowed=allowed)
    took, still = found.took // _SECOND, found.still // _SECOND
    seconds, place = np.unique(np.concatenate([took, still]), return_inverse=True)
    arrived = np.bincount(place[: len(took)], minlength=len(seconds))
    left = np.bincount(place[len(took) :], minlength=len(seconds))
    return pa.table({"seconds": seconds, "arrived": arrived, "still": left})


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


_SECOND = 1_000_000


def _steps(chosen: Chosen, asked: FunnelAsked) -> funnel.Steps:
    known = range(1 << chosen.histories.name_bits)
    return funnel.Steps(
        [frozenset(code for code in names if code in known) for names in asked.names],
        [frozenset(code for code in names if code in known) for names in asked.between],
        asked.within,
        asked.order,
    )


def _allowed(chosen: Chosen, asked: _Timed) -> Allowed:
    return Allowed(chosen.tuples, chosen.names, None, asked.start, asked.end)
