"""What led to a moment, and where two groups' paths part, answered by the compiled passes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import before, parting
from zhiyin.warehouse.journeys.passes.asked import WHOLE, Groups
from zhiyin.warehouse.journeys.questions import Noded, allowed_by, has_words, nodes_of

NEVER = -(1 << 63)
"""Stands for a side on which a customer has no moment."""


class BeforeAsked(Noded, frozen=True, kw_only=True):
    """What came before moments of customers.

    Args:
        customers: int32, one after another.
        here, there: int64, microseconds since 1970, of each of them; `NEVER` for none.
        within: microseconds.
        steps: so many last nodes are told.
    """

    customers: bytes
    here: bytes
    there: bytes
    within: int
    steps: int


class PartingAsked(Noded, frozen=True, kw_only=True):
    """The next steps of two groups.

    Args:
        gap, until: microseconds, and microseconds since 1970.
        one, two: codes of the column that is broken down by last, -1 for a missing word; where the
            event says the group.
        customers: int32, where the customer says it.
        sides: uint8, of each of them the group, 0 or 1.
    """

    gap: int
    until: int
    one: tuple[int, ...] = ()
    two: tuple[int, ...] = ()
    customers: bytes = b""
    sides: bytes | None = None


def before_moments(chosen: Chosen, asked: BeforeAsked) -> pa.Table:
    """A row a node, then a row for each row of last nodes.

    Returns:
        ``nodes`` (a list of them), ``is_row``, and customers: ``here`` and ``there``, who had it
        before; ``both``, who had it before both; ``here_shared`` and ``there_shared``, of those
        with both moments.
    """
    moments, (times, is_here) = moments_of(chosen, asked)
    found = before.before(
        chosen.histories,
        moments,
        nodes_of(chosen, asked.nodes),
        within=asked.within,
        steps=asked.steps,
        allowed=allowed_by(chosen, asked),
    )
    told = np.where(times != NEVER, 0, NEVER)
    told[is_here] = found.rows
    rows, counted = _row_counts(told)
    node = np.flatnonzero(found.had.any(axis=1))
    columns = np.column_stack((found.had, found.both, found.shared))[node]
    counts = np.concatenate((columns, counted))
    count, numbers = len(asked.nodes), asked.nodes
    lists = [[numbers[one]] for one in node.tolist()] + [
        [numbers[one] for one in before.nodes_of(row, count)] for row in rows.tolist()
    ]
    names = ("here", "there", "both", "here_shared", "there_shared")
    return pa.table(
        {
            "nodes": pa.array(lists, pa.list_(pa.int32())),
            "is_row": np.arange(len(lists)) >= len(node),
            **{name: np.ascontiguousarray(counts[:, i]) for i, name in enumerate(names)},
        }
    )


def moments_of(
    chosen: Chosen, asked: BeforeAsked
) -> tuple[before.Moments, tuple[Ints, npt.NDArray[np.bool_]]]:
    """The moments of customers whom the index knows, one side after the other.

    Returns:
        Besides, by [side, customer], the times that were asked, and whether the moment is here.
    """
    customers = np.frombuffer(asked.customers, np.int32)
    times = np.stack([np.frombuffer(each, np.int64) for each in (asked.here, asked.there)])
    is_here = (times != NEVER) & (customers < len(chosen.histories.flags))
    side, at = np.nonzero(is_here)
    moments = before.Moments(customers[at], times[is_here], side.astype(np.uint8))
    return moments, (times, is_here)


def _row_counts(told: Ints) -> tuple[Ints, Ints]:
    """The numbers of rows, and five counts of customers of each.

    Args:
        told: [side, customer], `NEVER` where she has no moment.
    """
    is_there = told != NEVER
    shared = is_there.all(axis=0)
    rows, numbers = np.unique(told[is_there], return_inverse=True)
    number = np.zeros(told.shape, np.int64)
    number[is_there] = numbers
    size = len(rows)
    out = np.zeros((size, 5), np.int64)
    for side in range(2):
        out[:, side] = np.bincount(number[side, is_there[side]], minlength=size)
        out[:, 3 + side] = np.bincount(number[side, shared], minlength=size)
    same = shared & (told[0] == told[1])
    out[:, 2] = np.bincount(number[0, same], minlength=size)
    return rows, out


def parted(chosen: Chosen, asked: PartingAsked) -> pa.Table:
    """The next steps after first visits: ``side``, ``node``, ``following`` (null for none in time)
    and ``customers``."""
    question = parting_of(chosen, asked)
    found = parting.parting(chosen.histories, question, allowed=allowed_by(chosen, asked))
    side, node, following = np.nonzero(found)
    numbers = np.array([*asked.nodes, 0], np.int64)
    return pa.table(
        {
            "side": side,
            "node": numbers[node],
            "following": pa.array(numbers[following], mask=following == len(asked.nodes)),
            "customers": found[side, node, following],
        }
    )


def parting_of(chosen: Chosen, asked: PartingAsked) -> parting.PartingAsked:
    """The question as the pass takes it."""
    by, of_key = WHOLE, None
    if asked.sides is not None:
        customers = np.frombuffer(asked.customers, np.int32)
        of_key = _sides(chosen.histories, customers, np.frombuffer(asked.sides, np.uint8))
    elif len(chosen.parts) > has_words(asked.nodes):
        codes, groups = chosen.parts[-1].codes, chosen.parts[-1].groups
        one, two = np.isin(codes, asked.one), np.isin(codes, asked.two)
        number = np.select([one & ~two, two & ~one], [0, 1], parting.NEITHER).astype(np.int32)
        by = Groups(number[groups.table], groups.columns, parting.GROUPS)
    return parting.PartingAsked(nodes_of(chosen, asked.nodes), asked.gap, asked.until, by, of_key)


def _sides(
    histories: Histories, customers: npt.NDArray[np.int32], sides: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int8]:
    found = np.full(len(histories.flags), parting.NEITHER, np.int8)
    known = customers < len(found)
    found[customers[known]] = sides[known]
    return found
