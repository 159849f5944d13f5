"""The word of an event: its time and its name in 64 bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints, Words

WORD_BITS = 64
EARLIER = 366 * 86_400 * 1_000_000
"""Microseconds before the first event that late ones may still have."""


@dataclass(frozen=True, slots=True)
class Bits:
    """How times and names are packed: ``(microseconds since 1970 - epoch) << name_bits | name``.

    Args:
        epoch: microseconds since 1970 that a word's time counts from.
        name_bits: how many low bits are the name.
    """

    epoch: int
    name_bits: int

    @classmethod
    def fitting(cls, first: int, last: int, names: int) -> Bits | None:
        """Bits for events between two times (microseconds since 1970) with so many names.

        There is room for twice the names and for a year before the first event, where the times
        leave it; None where even the events themselves do not fit.
        """
        for epoch, wanted in ((first - EARLIER, 2 * names), (first, names)):
            bits = cls(epoch, max(wanted - 1, 1).bit_length())
            if bits.holds(first, last, names):
                return bits
        return None

    def holds(self, first: int, last: int, names: int) -> bool:
        """Whether words can say these times and names."""
        room = WORD_BITS - self.name_bits
        return (
            first >= self.epoch and last - self.epoch < 1 << room and names <= 1 << self.name_bits
        )

    def packed(self, us: Ints, names: npt.NDArray[np.int32]) -> Words:
        """The words of events."""
        since = (us - self.epoch).astype(np.uint64) << np.uint64(self.name_bits)
        return since | names.astype(np.uint64)

    def times(self, words: Words) -> Ints:
        """Microseconds since 1970 of each word."""
        return (words >> np.uint64(self.name_bits)).astype(np.int64) + self.epoch

    def names(self, words: Words) -> npt.NDArray[np.int32]:
        """The name of each word."""
        return (words & np.uint64((1 << self.name_bits) - 1)).astype(np.int32)
