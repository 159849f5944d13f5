"""Where clauses lie in the space of meanings, held in memory to be searched.

The first search reads the points of a workspace's findings; later ones go through memory alone, and
what is found in verbatims meanwhile is put in place of what was found in them before. Points of
verbatims that nobody reads any more are let go of with the right to read them. Where they would
take more memory than they may, each search reads them from the file.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhiyin.warehouse.findings import SPACE, Near
from zhiyin.warehouse.nearness import Floats, Signed, cosines, lengths_of

MOST_BYTES = min(1 << 31, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 6)
"""Of the points of all workspaces: five million clauses, or a sixth of the machine's memory."""

MOST_WAITING = 4096
"""Verbatims that are read between two searches before their points are put in place."""

MOST_REMEMBERED = 2
"""Searches of which it is remembered what lies near: a page asks several times for the same."""

LARGEST = 200_000
"""Of more clauses near a point it is not remembered which."""

_KINDS: dict[str, pa.DataType] = {
    "seq": pa.int64(), "place": pa.int32(), "likeness": pa.float64(),
}  # fmt: skip
FOUND = pa.schema(list(_KINDS.items()))
_NUMBERS = (np.int64, np.int32, np.float64)

_BESIDE = 24
"""Bytes that are held beside a point."""


@dataclass(frozen=True, slots=True)
class Part:
    """Points of some clauses: of which verbatim and which clause of it each is."""

    verbatims: NDArray[np.int64]
    places: NDArray[np.int32]
    points: Signed


Source: TypeAlias = Callable[[], AbstractContextManager[tuple[int, Iterator[Part]]]]
"""How many points the log holds at one moment, and they, in parts; clauses of a verbatim follow one
another."""


def _likely(points: Signed, lengths: Floats, near: Near) -> tuple[NDArray[np.int64], Floats]:
    """The rows that lie near a point, and how near."""
    likeness = cosines(points, lengths, np.frombuffer(near.point, np.int8, offset=SPACE))
    rows = np.flatnonzero((likeness >= near.least) & (lengths > 0))
    return rows, likeness[rows]


@dataclass(slots=True)
class Matrix:
    """Points of one space, a row each, the clauses of a verbatim one after the other.

    Attributes:
        rows: how many are in use; those whose length is 0 are of nothing any more.
        first: per verbatim its first row, -1 where it has none; `many` says how many there are.
    """

    space: bytes
    points: Signed
    lengths: Floats
    verbatims: NDArray[np.int64]
    places: NDArray[np.int32]
    rows: int = 0
    dead: int = 0
    first: NDArray[np.int32] = field(default_factory=lambda: np.full(0, -1, np.int32))
    many: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    @classmethod
    def of(cls, near: bytes, rows: int, parts: Iterable[Part]) -> Matrix:
        """From so many points of the space in which `near` lies."""
        width = len(near) - SPACE
        made = cls(
            near[:SPACE],
            np.zeros((rows, width), np.int8),
            np.zeros(rows, np.float32),
            np.zeros(rows, np.int64),
            np.zeros(rows, np.int32),
        )
        for part in parts:
            made.add(part)
        return made

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        held = (self.points, self.lengths, self.verbatims, self.places, self.first, self.many)
        return sum(one.nbytes for one in held)

    def add(self, part: Part) -> None:
        """Put points behind the others."""
        until = self.rows + len(part.verbatims)
        if not len(part.verbatims):
            return
        self._make_room(until, int(part.verbatims.max()) + 1)
        new = slice(self.rows, until)
        self.points[new] = part.points
        self.lengths[new] = lengths_of(part.points)
        self.verbatims[new] = part.verbatims
        self.places[new] = part.places
        starts = np.flatnonzero(np.diff(part.verbatims, prepend=-1))
        self.first[part.verbatims[starts]] = self.rows + starts
        self.many[part.verbatims[starts]] = np.diff(starts, append=len(part.verbatims))
        self.rows = until

    def take_out(self, verbatims: Iterable[int]) -> None:
        """Let the points of verbatims go."""
        for verbatim in verbatims:
            if verbatim < len(self.first) and self.first[verbatim] >= 0:
                start, many = int(self.first[verbatim]), int(self.many[verbatim])
                self.points[start : start + many] = 0
                self.lengths[start : start + many] = 0
                self.first[verbatim] = -1
                self.dead += many

    def is_sparse(self) -> bool:
        """Whether many of its rows are of nothing any more."""
        return self.dead * 4 > self.rows

    def packed(self) -> Matrix:
        """The points that are of something."""
        kept = np.flatnonzero(self.lengths[: self.rows] > 0)
        part = Part(self.verbatims[kept], self.places[kept], self.points[kept])
        return Matrix.of(self.space + bytes(self.points.shape[1]), len(kept), [part])

    def takes(self, point: bytes) -> bool:
        """Whether a point is of its space."""
        return point.startswith(self.space) and len(point) == SPACE + self.points.shape[1]

    def near(self, near: Near) -> pa.Table:
        """The clauses that lie near a point."""
        n = self.rows
        rows, likeness = _likely(self.points[:n], self.lengths[:n], near)
        return _table(self.verbatims[rows], self.places[rows], likeness)

    def _make_room(self, rows: int, verbatims: int) -> None:
        if rows > len(self.points):
            more = max(rows, len(self.points) + len(self.points) // 8) - len(self.points)
            self.points = np.pad(self.points, ((0, more), (0, 0)))
            self.lengths = np.pad(self.lengths, (0, more))
            self.verbatims = np.pad(self.verbatims, (0, more))
            self.places = np.pad(self.places, (0, more))
        if verbatims > len(self.first):
            more = verbatims + verbatims // 8 - len(self.first)
            self.first = np.pad(self.first, (0, more), constant_values=-1)
            self.many = np.pad(self.many, (0, more))


class Points:
    """The points of one workspace, in memory once somebody searches them."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._guard = threading.Lock()
        self._matrix: Matrix | None = None
        self._is_followed = False
        self._waiting: dict[int, list[tuple[int, bytes]]] = {}
        """Of verbatims that were read since: their clauses."""
        self._changes = 0
        self._forgets = 0
        self._remembered: OrderedDict[Near, pa.Table] = OrderedDict()

    def near(self, source: Source, near: Near) -> pa.Table:
        """The clauses that lie near a point, whoever may see them: ``seq``, ``place`` and
        ``likeness``."""
        matrix, changes = self._present(source, near.point)
        if matrix is None:
            return _in_parts(source, near)
        SHELF.keep(self, matrix.nbytes)
        with self._guard:
            known = self._remembered.get(near) if changes == self._changes else None
        if known is not None:
            return known
        found = matrix.near(near)
        with self._guard:
            if changes == self._changes and len(found) <= LARGEST:
                self._remembered[near] = found
                while len(self._remembered) > MOST_REMEMBERED:
                    self._remembered.popitem(last=False)
        return found

    def change(self, verbatims: Sequence[int], rows: pa.Table) -> None:
        """Follow what was kept, after the commit: these verbatims have these findings now.

        Args:
            rows: with ``verbatim``, ``place`` and ``point``.
        """
        with self._guard:
            if not self._is_followed:
                return
            self._changes += 1
            self._remembered.clear()
            self._waiting.update((int(verbatim), []) for verbatim in verbatims)
            for row in rows.select(["verbatim", "place", "point"]).to_pylist():
                if row["point"] is not None:
                    self._waiting[row["verbatim"]].append((row["place"], row["point"]))
            if self._matrix is not None and len(self._waiting) > MOST_WAITING:
                self._matrix = self._caught_up(self._matrix)

    def forget(self) -> None:
        """Let all go: some of it may be read by nobody any more."""
        with self._guard:
            self._forgets += 1
            self._let_go(is_followed=False)
        SHELF.drop(self)

    def _let_go(self, *, is_followed: bool) -> None:
        self._changes += 1
        self._remembered.clear()
        self._matrix = None
        self._waiting = {}
        self._is_followed = is_followed

    def _present(self, source: Source, point: bytes) -> tuple[Matrix | None, int]:
        """The points of a point's space as they are now, None where memory does not hold them; and
        how often they had changed."""
        with self._reading:
            while True:
                with self._guard:
                    if self._matrix is not None and self._matrix.space == point[:SPACE]:
                        self._matrix = self._caught_up(self._matrix)
                        return self._matrix, self._changes
                    # From here on each change is noted, and made twice where it is read, too.
                    self._let_go(is_followed=True)
                    forgets = self._forgets
                with source() as (rows, parts):
                    is_small = rows * (len(point) + _BESIDE) <= MOST_BYTES
                    made = Matrix.of(point, rows, parts) if is_small else None
                with self._guard:
                    if made is None:
                        self._let_go(is_followed=False)
                        return None, self._changes
                    if forgets == self._forgets:
                        self._matrix = made

    def _caught_up(self, matrix: Matrix) -> Matrix:
        """The points with those of what was read since; `_guard` is held."""
        matrix.take_out(self._waiting)
        fresh = [
            (verbatim, place, point[SPACE:])
            for verbatim, clauses in self._waiting.items()
            for place, point in clauses
            if matrix.takes(point)
        ]
        self._waiting = {}
        if fresh:
            verbatims, places, points = zip(*fresh, strict=True)
            rows = np.frombuffer(b"".join(points), np.int8).reshape(len(fresh), -1)
            matrix.add(Part(np.array(verbatims, np.int64), np.array(places, np.int32), rows))
        return matrix.packed() if matrix.is_sparse() else matrix


class Shelf:
    """Whose points are in memory; the least lately asked for are let go of where they are many."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: OrderedDict[int, tuple[weakref.ref[Points], int]] = OrderedDict()

    def keep(self, points: Points, size: int) -> None:
        """These were asked for just now."""
        with self._guard:
            self._held = OrderedDict(
                (key, one) for key, one in self._held.items() if one[0]() is not None
            )
            self._held[id(points)] = (weakref.ref(points), size)
            self._held.move_to_end(id(points))
            total = sum(held for _points, held in self._held.values())
            out = []
            while total > MOST_BYTES and len(self._held) > 1:
                _key, (oldest, held) = self._held.popitem(last=False)
                total -= held
                out.append(oldest())
        for one in out:
            if one is not None:
                one.forget()

    def drop(self, points: Points) -> None:
        """These are not in memory any more."""
        with self._guard:
            self._held.pop(id(points), None)


SHELF = Shelf()


def _in_parts(source: Source, near: Near) -> pa.Table:
    found = [_table([], [], [])]
    with source() as (_rows, parts):
        for part in parts:
            rows, likeness = _likely(part.points, lengths_of(part.points), near)
            found.append(_table(part.verbatims[rows], part.places[rows], likeness))
    return pa.concat_tables(found).combine_chunks()


def _table(verbatims: Any, places: Any, likeness: Any) -> pa.Table:
    columns = (verbatims, places, likeness)
    arrays = [np.asarray(one).astype(kind) for one, kind in zip(columns, _NUMBERS, strict=True)]
    return pa.table(arrays, schema=FOUND)
