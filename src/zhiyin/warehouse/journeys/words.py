"""An event in numbers: a word of 64 bits, and beside it what of its tuple's number found no room.

A word is, from its highest bits down: the microseconds since an epoch, the low bits of the number
of the event's tuple, the code of its name. Words of one customer are thus in the order of time,
and few bytes stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints, Words
from zhiyin.warehouse.journeys.tuples import NUMBER_BITS, Numbers

WORD_BITS = 64
YEAR = 366 * 86_400 * 1_000_000
"""Microseconds."""

KINDS: dict[int, np.dtype[Any]] = {
    8: np.dtype(np.uint8),
    16: np.dtype(np.uint16),
    32: np.dtype(np.uint32),
}
"""The types of rests by their bits. Passes are compiled for each."""

WIDEST = 32

ROOMS = ((10, 2.0), (2, 1.5))
"""For what may come: years after the last event, and times the tuples. The first that can be had
is taken; there is room for a year before the first event and for twice the names besides."""


@dataclass(frozen=True, slots=True)
class Bits:
    """How an event is packed.

    Args:
        epoch: microseconds since 1970 that a word's time counts from.
        name_bits: how many low bits are the name.
        low_bits: how many bits above them are the low ones of the tuple's number.
        rest_bits: how many bits stand beside the word, for the others.
    """

    epoch: int
    name_bits: int
    low_bits: int
    rest_bits: int

    @classmethod
    def fitting(cls, first: int, last: int, *, names: int, tuples: int) -> Bits | None:
        """The narrowest bits for events between two times (microseconds since 1970) with so many
        names and tuples, and room for more.

        Where the widest leave no room, they hold just these; None where not even that.
        """
        name_bits = _width(2 * names)
        for rest_bits in KINDS:
            for years, times in ROOMS:
                until = last + years * YEAR
                spare = WORD_BITS - name_bits - (until - first + YEAR).bit_length()
                low_bits = max(min(spare, NUMBER_BITS - rest_bits), 0)
                bits = cls(first - YEAR, name_bits, low_bits, rest_bits)
                if bits.holds(first, until, names=names, tuples=int(tuples * times)):
                    return bits
        bits = cls(first, _width(names), 0, WIDEST)
        return bits if bits.holds(first, last, names=names, tuples=tuples) else None

    @property
    def shift(self) -> int:
        """How many bits of a word are below its time."""
        return self.name_bits + self.low_bits

    @property
    def kind(self) -> np.dtype[Any]:
        """The type of what stands beside the words."""
        return KINDS[self.rest_bits]

    def holds(self, first: int, last: int, *, names: int, tuples: int) -> bool:
        """Whether these times, names and tuples can be said."""
        return (
            first >= self.epoch
            and last - self.epoch < 1 << max(WORD_BITS - self.shift, 0)
            and names <= 1 << self.name_bits
            and tuples <= 1 << self.low_bits + self.rest_bits
        )

    def packed(self, us: Ints, names: npt.NDArray[np.int32], tuples: Numbers) -> Words:
        """The words of events."""
        words = (us - self.epoch).astype(np.uint64) << np.uint64(self.shift)
        low = tuples & np.uint32((1 << self.low_bits) - 1)
        words |= low.astype(np.uint64) << np.uint64(self.name_bits)
        words |= names.astype(np.uint64)
        return words

    def rests(self, tuples: Numbers) -> Numbers:
        """What stands beside the words of events; uint32 as all numbers of tuples."""
        return tuples >> np.uint32(self.low_bits)

    def times(self, words: Words) -> Ints:
        """Microseconds since 1970 of each word."""
        return (words >> np.uint64(self.shift)).astype(np.int64) + self.epoch

    def names(self, words: Words) -> npt.NDArray[np.int32]:
        """The name of each word."""
        return (words & np.uint64((1 << self.name_bits) - 1)).astype(np.int32)

    def tuples(self, words: Words, rests: npt.NDArray[np.unsignedinteger]) -> Numbers:
        """The number of each event's tuple."""
        low = words >> np.uint64(self.name_bits) & np.uint64((1 << self.low_bits) - 1)
        return rests.astype(np.uint32) << np.uint32(self.low_bits) | low.astype(np.uint32)


def _width(count: int) -> int:
    """Bits for so many numbers, from 0 on; at least one."""
    return max(count - 1, 1).bit_length()
