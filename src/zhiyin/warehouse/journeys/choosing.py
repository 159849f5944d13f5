"""Which events a question is about, and by what they are broken down, as look-ups by tuple."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhiyin.kernel.filters import And, Filter, Node
from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.tuples import Codes

Flags = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Groups:
    """A break-down by one column.

    Args:
        of_tuple: int32 by tuple: the group of its events.
        codes: of each group the code of its word, -1 for a missing one; rising.
    """

    of_tuple: Numbers
    codes: Numbers


@dataclass(frozen=True, slots=True)
class Chosen:
    """The histories, and which of their events there are; the others had never happened.

    Args:
        tuples: 0 or 1 by tuple; None allows all.
        names: 0 or 1 by code of the name; None allows all, a code beyond its end is not allowed.
        groups: None without a break-down.
        columns: of the tuples, physical names.
        codes: of each tuple its codes (tuples × columns), -1 for a missing word.
    """

    histories: Histories
    tuples: Flags | None
    names: Flags | None
    groups: Groups | None
    columns: tuple[str, ...]
    codes: Codes


def parts(filter_: Filter) -> list[Filter]:
    """Filters that hold together where `filter_` does: what ``and`` joins, apart."""
    return [Filter(node, filter_.text) for node in _joined(filter_.root)]


def _joined(node: Node) -> list[Node]:
    if isinstance(node, And):
        return [part for one in node.nodes for part in _joined(one)]
    return [node]


def grouped(codes: Numbers) -> Groups:
    """The groups of a column.

    Args:
        codes: of each tuple its code in the column, -1 for a missing word.
    """
    known, groups = np.unique(codes, return_inverse=True)
    return Groups(groups.reshape(-1).astype(np.int32), known.astype(np.int32))
