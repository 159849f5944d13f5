"""Which events a question is about, and by what they are broken down, as look-ups by name and
tuple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhiyin.kernel.filters import And, Filter, Node
from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.passes.asked import NOWHERE, Bits, Flags, Groups, Nodes
from zhiyin.warehouse.journeys.tuples import Codes

Numbers = npt.NDArray[np.int32]
Classes = npt.NDArray[np.int64]

MOST_BITS = 16
"""So many kinds of names, or of tuples, a filter over both may tell apart."""

MOST_CLASSES = (1 << 16) - 1
"""So many kinds of tuples a break-down may tell apart."""


@dataclass(frozen=True, slots=True)
class BrokenDown:
    """A break-down by one column.

    Args:
        groups: their numbers are places in `codes`.
        codes: of each group the code of its word, -1 for a missing one; rising.
    """

    groups: Groups
    codes: Numbers


@dataclass(frozen=True, slots=True)
class Chosen:
    """The histories, and which of their events there are; the others had never happened.

    Args:
        tuples: bits by tuple; None allows all.
        names: bits by code of the name; None allows all, a code beyond its end is not allowed.
        parts: the break-downs, one a column.
        columns: of the tuples, physical names.
        codes: of each tuple its codes (tuples × columns), -1 for a missing word.
        nodes: of a map; an event is at node `count` where no rule holds for it.
    """

    histories: Histories
    tuples: Bits | None
    names: Bits | None
    parts: tuple[BrokenDown, ...]
    columns: tuple[str, ...]
    codes: Codes
    nodes: Nodes = NOWHERE

    @property
    def by(self) -> BrokenDown | None:
        """The first break-down, if there is any."""
        return self.parts[0] if self.parts else None


def parts(filter_: Filter) -> list[Filter]:
    """Filters that hold together where `filter_` does: what ``and`` joins, apart."""
    return [Filter(node, filter_.text) for node in _joined(filter_.root)]


def _joined(node: Node) -> list[Node]:
    if isinstance(node, And):
        return [part for one in node.nodes for part in _joined(one)]
    return [node]


def classes(codes: Codes, columns: Sequence[int]) -> tuple[Classes, Classes]:
    """Tuples that are equal in some columns are of one class.

    Args:
        codes: of each tuple (tuples × columns), -1 for a missing word.
        columns: which of them.

    Returns:
        Of each class one tuple, and of each tuple its class.
    """
    found = np.zeros(len(codes), np.int64)
    first = np.zeros(1, np.int64)
    for column in columns:
        own = codes[:, column].astype(np.int64) + 1
        wide = found * (int(own.max(initial=0)) + 1) + own
        _known, first, found = np.unique(wide, return_index=True, return_inverse=True)
    return first, found


def bits_of(flags: Numbers | Flags) -> tuple[Bits, Bits] | None:
    """Bits of each row and of each column, with one in common where the flag is set.

    None where the rows are of more than `MOST_BITS` kinds, and the columns too.
    """
    found = _bits_by_row(flags)
    if found is None:
        turned = _bits_by_row(flags.T)
        return None if turned is None else (turned[1], turned[0])
    return found


def _bits_by_row(flags: Numbers | Flags) -> tuple[Bits, Bits] | None:
    """Each kind of rows has its bit, and columns those of the rows in which they are set."""
    if not flags.size:
        return np.zeros(len(flags), np.uint16), np.zeros(flags.shape[1], np.uint16)
    kinds, kind_of = np.unique(flags != 0, axis=0, return_inverse=True)
    is_some = kinds.any(axis=1)
    if is_some.sum() > MOST_BITS:
        return None
    bit = np.zeros(len(kinds), np.uint16)
    bit[is_some] = 1 << np.arange(is_some.sum())
    columns = np.bitwise_or.reduce(np.where(kinds, bit[:, None], np.uint16(0)), axis=0)
    return bit[kind_of.reshape(-1)], columns


def broken_down(codes: Codes, classes_: Classes) -> BrokenDown:
    """Events by the word that they have.

    Args:
        codes: of [name, class] the code of the word, -1 for a missing one.
        classes_: of each tuple its class.
    """
    known, groups = np.unique(codes, return_inverse=True)
    table = groups.reshape(codes.shape).astype(np.int32)
    return BrokenDown(Groups(table, classes_.astype(np.uint16), len(known)), known.astype(np.int32))
