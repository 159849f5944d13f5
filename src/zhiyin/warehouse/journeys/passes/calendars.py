"""Which period a moment is in, as a pass looks it up."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints

CELLS = 4096
"""Equal parts that all periods together are cut into, at most twice as many: most lie in one."""


class Calendar(NamedTuple):
    """Which period a moment is in, found without a search.

    Args:
        periods: when each begins and, last, when the last one ends; microseconds since the epoch.
        cells: of each equal part of all that time, the period that it begins in.
        shift: a part is of ``1 << shift`` microseconds.
    """

    periods: Ints
    cells: npt.NDArray[np.int32]
    shift: np.uint64


def calendar(begins: Ints, epoch: int) -> Calendar:
    """The periods that begin at these moments, the last one being the end.

    Args:
        begins: microseconds since 1970, rising.
        epoch: of the histories, since 1970.
    """
    periods = np.asarray(begins - epoch, np.int64)
    span = int(periods[-1] - periods[0])
    shift = max(span // CELLS, 1).bit_length() - 1
    parts = periods[0] + (np.arange((span >> shift) + 1) << shift)
    cells = np.searchsorted(periods, parts, side="right") - 1
    return Calendar(periods, cells.astype(np.int32), np.uint64(shift))


def apart(periods: Ints, *chosen: int) -> tuple[Ints, list[int]]:
    """Some of the periods as they are, and all before, between and after them as one each; with
    the places that the chosen ones have then."""
    marks = sorted({0, len(periods) - 1, *chosen, *(one + 1 for one in chosen)})
    return periods[marks], [marks.index(one) for one in chosen]


@numba.njit(nogil=True, inline="always")
def period_of(periods, cells, shift, since):  # type: ignore[no-untyped-def]
    """The number of the period so long after the first one began, within all of them.

    Args:
        since: microseconds, as a number without a sign; what is before the first is then far beyond
            the end.
    """
    start = periods[0]
    period = np.int64(cells[since >> shift])
    while since >= np.uint64(periods[period + 1] - start):
        period += 1
    return period
