"""How near points lie to one another: cosines of signed bytes, by a compiled kernel."""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from zhiyin.warehouse.shares import shared_out

Signed: TypeAlias = NDArray[np.int8]
Floats: TypeAlias = NDArray[np.float32]


def cosines(points: Signed, lengths: Floats, point: Signed) -> Floats:
    """Of each row with a point; 0 where its length is."""
    found = np.zeros(len(points), np.float32)
    length = float(lengths_of(point[None])[0])
    if length:
        shared_out(
            lambda first, last: _cosines(points, lengths, point, length, first, last, found),
            len(points),
            len(points),
        )
    return found


def lengths_of(points: Signed) -> Floats:
    """The length of each row."""
    wide = points.astype(np.float32)
    made: Floats = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    return made


def warm() -> None:
    """Compile the kernel, or load it from disk. Called at set-up."""
    one = np.ones((1, 1), np.int8)
    cosines(one, lengths_of(one), one[0])


@numba.njit(nogil=True, cache=True)
def _cosines(points, lengths, point, length, first, last, found):  # type: ignore[no-untyped-def]
    wide = point.astype(np.int16)
    for row in range(first, last):
        if lengths[row] > 0:
            dot = np.int32(0)
            for column in range(points.shape[1]):
                dot += np.int32(np.int16(points[row, column])) * np.int32(wide[column])
            found[row] = dot / (lengths[row] * length)
