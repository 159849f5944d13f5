"""Which group of a break-down an event is in, as a pass looks it up."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.passes.asked import Groups, Numbers
from zhiyin.warehouse.journeys.passes.reading import by_tuple, ended


def tables(by: Groups) -> tuple[Numbers, npt.NDArray[np.uint16]]:
    """The table with one more column, of no group, and the columns, which end with that one."""
    names, width = by.table.shape
    nowhere = np.full((names, 1), -1, np.int32)
    table = np.ascontiguousarray(np.concatenate([by.table, nowhere], axis=1))
    return table, ended(by.columns, 0, np.uint16, width)


@numba.njit(nogil=True, inline="always")
def group_of(table, columns, name, word, rest, split):  # type: ignore[no-untyped-def]
    """The group of an event; -1 in none."""
    column = by_tuple(columns, word, rest, split)
    return table[min(np.uint64(name), np.uint64(len(table) - 1)), column]


@numba.njit(nogil=True, inline="always")
def groups_in(  # type: ignore[no-untyped-def]
    words, rests, low, high, mask, split, serves, table, columns, is_earliest, groups, is_in
):
    """Note the groups in which a customer has an event of the first step; returns how many, and
    whether she has them in one group and nowhere else."""
    known, is_outside = 0, False
    for i in range(np.uint64(low), np.uint64(high)):
        word = words[i]
        name = word & mask
        if serves[name] & 1:
            group = group_of(table, columns, name, word, rests[i], split)
            if group < 0:
                is_outside = True
            elif not is_in[np.uint64(group)]:
                is_in[group] = 1
                groups[known] = group
                known += 1
            if is_earliest:
                break
    return known, known == 1 and not is_outside


@numba.njit(nogil=True, inline="always")
def periods_in(words, low, high, bits, mask, serves, periods, is_earliest, groups, is_in):  # type: ignore[no-untyped-def]
    """Note the periods in which she has one; returns how many."""
    known, period, last = 0, 0, len(periods) - 1
    for i in range(low, high):
        if serves[words[i] & mask] & 1:
            time = np.int64(words[i] >> bits)
            while period < last and time >= periods[period + 1]:
                period += 1
            if period < last and time >= periods[0] and not is_in[period]:
                is_in[period] = 1
                groups[known] = period
                known += 1
            if is_earliest:
                break
    return known
