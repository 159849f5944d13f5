"""Which clauses are of which theme, as arrays: kept together, and joined with what the log says."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhiyin.listen.themes.heard import Numbers

_STARTS = 1 << 20
"""More than a clause begins behind; a verbatim's number and a start are one number together."""


@dataclass(frozen=True, slots=True)
class Members:
    """The clauses that were looked at, one a place of each array, in order.

    Attributes:
        clause: `key_of` it.
        theme: its theme's number; 0: none.
        near: how near it lies to its theme's middle, from 0 to 1.
    """

    clause: Numbers
    theme: NDArray[np.int32]
    near: NDArray[np.float32]

    @classmethod
    def none(cls) -> Members:
        """Where nothing was ever looked at."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    def themes_of(self, clause: Numbers, *, unseen: int = 0) -> Numbers:
        """The theme of each of these clauses; `unseen` of one that was not looked at."""
        place, is_here = self._places(clause)
        found: Numbers = np.where(is_here, self.theme[place], unseen) if self.clause.size else (
            np.full(clause.size, unseen, np.int64)
        )  # fmt: skip
        return found

    def near_of(self, clause: Numbers) -> NDArray[np.float64]:
        """How near each lies to its theme's middle; 0 where it has none."""
        if not self.clause.size:
            return np.zeros(clause.size)
        place, is_here = self._places(clause)
        return np.where(is_here, self.near[place], 0.0)

    def _places(self, clause: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        if not self.clause.size:
            return np.zeros(clause.size, np.int64), np.zeros(clause.size, np.bool_)
        place = np.minimum(np.searchsorted(self.clause, clause), self.clause.size - 1)
        return place, self.clause[place] == clause


def key_of(verbatim: Numbers, starts: Numbers) -> Numbers:
    """A clause as one number."""
    made: Numbers = verbatim * _STARTS + np.minimum(starts, _STARTS - 1)
    return made


def of(clause: Numbers, theme: NDArray[np.int32], near: NDArray[np.float32]) -> Members:
    """Members in order."""
    order = np.argsort(clause, kind="stable")
    return Members(clause[order], theme[order], near[order])


def written(members: Members) -> bytes:
    """As it is kept."""
    held = io.BytesIO()
    near = np.round(members.near * 255).astype(np.uint8)
    np.savez_compressed(held, clause=members.clause, theme=members.theme, near=near)
    return held.getvalue()


def read(content: bytes) -> Members:
    """What `written` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        return Members(
            held["clause"], held["theme"], held["near"].astype(np.float32) / np.float32(255)
        )
