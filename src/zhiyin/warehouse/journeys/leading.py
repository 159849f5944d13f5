"""What led to a moment, and where two groups' paths part, answered by the compiled passes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import before, parting
from zhiyin.warehouse.journeys.passes.asked import WHOLE, Groups, Nodes
from zhiyin.warehouse.journeys.questions import Timed, allowed_by

NEVER = -(1 << 63)
"""Stands for a side on which a customer has no moment."""


class BeforeAsked(Timed, frozen=True, kw_only=True):
    """What came before moments of customers.

    Args:
        customers: int32, one after another.
        here, there: int64, microseconds since 1970, of each of them; `NEVER` for none.
        names: how many names there are; later codes are left out.
        within: microseconds.
        steps: so many last nodes are told.
    """

    customers: bytes
    here: bytes
    there: bytes
    names: int
    within: int
    steps: int


class PartingAsked(Timed, frozen=True, kw_only=True):
    """The next steps of two groups.

    Args:
        names: as above.
        gap, until: microseconds, and microseconds since 1970.
        one, two: codes of the column that is broken down by, -1 for a missing word; where the
            event says the group.
        customers: int32, where the customer says it.
        sides: uint8, of each of them the group, 0 or 1.
    """

    names: int
    gap: int
    until: int
    one: tuple[int, ...] = ()
    two: tuple[int, ...] = ()
    customers: bytes = b""
    sides: bytes | None = None


def before_moments(chosen: Chosen, asked: BeforeAsked) -> pa.Table:
    """A row a node, then a row for each row of last nodes.

    Returns:
        ``nodes`` (a list of codes), ``is_row``, and customers: ``here`` and ``there``, who had it
        before; ``both``, who had it before both; ``here_shared`` and ``there_shared``, of those
        with both moments.
    """
    histories = chosen.histories
    customers = np.frombuffer(asked.customers, np.int32)
    sides = np.stack([np.frombuffer(each, np.int64) for each in (asked.here, asked.there)])
    side, at = np.nonzero((sides != NEVER) & (customers < len(histories.flags)))
    moments = before.Moments(
        np.ascontiguousarray(customers[at]), sides[side, at], side.astype(np.uint8)
    )
    found = before.before(
        histories, moments, Nodes.named(asked.names), within=asked.within, steps=asked.steps,
        allowed=allowed_by(chosen, asked),
    )  # fmt: skip
    told = np.where(sides != NEVER, 0, NEVER)
    told[side, at] = found.rows
    rows, counted = _row_counts(told)
    node = np.flatnonzero(found.had.any(axis=1))
    columns = np.column_stack((found.had, found.both, found.shared))[node]
    counts = np.concatenate((columns, counted))
    lists = [[int(one)] for one in node] + [
        before.nodes_of(int(row), asked.names) for row in rows.tolist()
    ]
    names = ("here", "there", "both", "here_shared", "there_shared")
    return pa.table(
        {
            "nodes": pa.array(lists, pa.list_(pa.int32())),
            "is_row": np.arange(len(lists)) >= len(node),
            **{name: np.ascontiguousarray(counts[:, i]) for i, name in enumerate(names)},
        }
    )


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
    """The next steps after first visits: ``side``, ``node``, ``following`` (codes, null for none
    in time) and ``customers``."""
    by, of_key = WHOLE, None
    if asked.sides is not None:
        customers = np.frombuffer(asked.customers, np.int32)
        of_key = _sides(chosen.histories, customers, np.frombuffer(asked.sides, np.uint8))
    elif chosen.by is not None:
        codes, groups = chosen.by.codes, chosen.by.groups
        one, two = np.isin(codes, asked.one), np.isin(codes, asked.two)
        number = np.select([one & ~two, two & ~one], [0, 1], parting.NEITHER).astype(np.int32)
        by = Groups(number[groups.table], groups.columns, parting.GROUPS)
    question = parting.PartingAsked(Nodes.named(asked.names), asked.gap, asked.until, by, of_key)
    found = parting.parting(chosen.histories, question, allowed=allowed_by(chosen, asked))
    side, node, following = np.nonzero(found)
    return pa.table(
        {
            "side": side,
            "node": node,
            "following": pa.array(following, mask=following == asked.names),
            "customers": found[side, node, following],
        }
    )


def _sides(
    histories: Histories, customers: npt.NDArray[np.int32], sides: npt.NDArray[np.uint8]
) -> npt.NDArray[np.int8]:
    found = np.full(len(histories.flags), parting.NEITHER, np.int8)
    known = customers < len(found)
    found[customers[known]] = sides[known]
    return found
