"""The passes over events that a query has chosen and ordered, where the index cannot say."""

from __future__ import annotations

from typing import cast

import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys.histories import PLAIN, SKIPPED, Histories, Ints, Rests, Slices
from zhiyin.warehouse.journeys.passes import tasks
from zhiyin.warehouse.journeys.passes.asked import Groups
from zhiyin.warehouse.journeys.tasks_asked import attempts_table

_BITS = 4
"""Of a word: what the event is to the task, in the place of its name."""
_FEW_TUPLES = 1 << 8
"""The passes are compiled for so many at set-up."""


def attempts(
    customer: Ints, us: Ints, mark: Ints, part: Ints, channel: Ints, *, within: int, until: int
) -> pa.Table:
    """The attempts in rows that stand in the order of customers and of their events.

    Args:
        customer: her key; a customer's rows together.
        us: microseconds since 1970.
        mark: START, GOAL, ERROR and HELP of `passes.tasks`, joined.
        part, channel: codes, -1 for a missing one.
        within: microseconds from the start, the end included.
        until: microseconds since 1970, up to which the log is known.

    Returns:
        As `tasks_asked.attempts_table`.
    """
    is_first = np.append(True, customer[1:] != customer[:-1])[: len(customer)]
    firsts = np.flatnonzero(is_first)
    pairs, tuples = np.unique(np.stack([part, channel], axis=1), axis=0, return_inverse=True)
    histories = in_order(
        np.append(firsts, len(us)), us, mark, tuples.reshape(-1), name_bits=_BITS, count=len(pairs)
    )
    begins, goal, error, help_ = (
        frozenset(code for code in range(1 << _BITS) if code & bit)
        for bit in (tasks.START, tasks.GOAL, tasks.ERROR, tasks.HELP)
    )
    codes, groups = np.unique(pairs[:, 0], return_inverse=True)
    found = attempts_table(
        histories,
        tasks.Task(begins, goal, error, help_, within, until),
        channels=pairs[:, 1].astype(np.int32),
        codes=codes.astype(np.int32),
        by=Groups.by_tuple(groups.reshape(-1).astype(np.int32), len(codes)),
    )
    return found.set_column(0, "customer", pa.array(customer[firsts][found["customer"].to_numpy()]))


def in_order(
    offsets: Ints, us: Ints, names: Ints, tuples: Ints, *, name_bits: int, count: int
) -> Histories:
    """Events that stand in their order as the passes read them, nobody merged.

    Args:
        offsets: by key, where its events begin; and where the last one's end.
        us: microseconds since 1970.
        names: what stands in the place of the name, below 2 to the power of `name_bits`.
        tuples: numbers below `count`.
    """
    epoch = int(us.min()) if len(us) else 0
    size = len(offsets) - 1
    none = np.zeros(0, np.uint64)
    kind: type[np.uint8] | type[np.uint32] = np.uint8 if count <= _FEW_TUPLES else np.uint32
    return Histories(
        epoch=epoch,
        name_bits=name_bits,
        low_bits=0,
        base=Slices(
            offsets.astype(np.int64),
            ((us - epoch) << name_bits | names).astype(np.uint64),
            cast("Rests", tuples.astype(kind)),
        ),
        tail=Slices(np.zeros(1, np.int64), none, cast("Rests", none.astype(kind))),
        tail_place=np.full(size, -1, np.int32),
        flags=np.where(np.diff(offsets) > 0, PLAIN, SKIPPED).astype(np.uint8),
        group=np.full(size, -1, np.int32),
        group_offsets=np.zeros(1, np.int64),
        members=np.zeros(0, np.int32),
    )
