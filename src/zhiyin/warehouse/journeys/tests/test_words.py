"""How events are packed: what was put in comes out, in the order of time, with room for more.

Programs that this would catch: a low bit of the tuple's number that falls into the name or the
time; a width that holds today's tuples and none of tomorrow's; a byte more than there need be.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.warehouse.journeys.tuples import MOST
from zhiyin.warehouse.journeys.words import YEAR, Bits

FIRST = 1_735_689_600_000_000
"""2025-01-01."""


@pytest.mark.parametrize(
    ("years", "names", "tuples", "expected"),
    [
        (1, 2, 3, (2, 12, 8)),
        (1, 200, 9_000, (9, 8, 8)),
        (17, 200, 9_000, (9, 4, 16)),
        (17, 200, 4_000, (9, 5, 8)),
        (1, 200, 100_000, (9, 4, 16)),
        (100, 2_000, 65_000, (12, 0, 32)),
        (5_000, 20, 100, (6, 0, 8)),
    ],
)
def test_the_narrowest_with_room(
    years: int, names: int, tuples: int, expected: tuple[int, int, int]
) -> None:
    bits = Bits.fitting(FIRST, FIRST + years * YEAR, names=names, tuples=tuples)
    assert bits is not None
    assert (bits.name_bits, bits.low_bits, bits.rest_bits) == expected
    assert bits.holds(
        FIRST - YEAR, FIRST + (years + 2) * YEAR, names=2 * names, tuples=tuples * 3 // 2
    )


def test_without_room_for_more_they_hold_just_these() -> None:
    bits = Bits.fitting(FIRST, FIRST + 8_000 * YEAR, names=60, tuples=5)
    assert bits == Bits(FIRST, 6, 0, 32)
    assert Bits.fitting(FIRST, FIRST + 8_000 * YEAR, names=70, tuples=5) is None


@given(
    years=st.integers(0, 9_000),
    names=st.integers(1, 100_000),
    tuples=st.integers(1, MOST),
)
def test_what_is_packed_comes_out(years: int, names: int, tuples: int) -> None:
    last = FIRST + years * YEAR
    bits = Bits.fitting(FIRST, last, names=names, tuples=tuples)
    if bits is None:
        return
    rng = np.random.default_rng(years)
    us = np.sort(np.append(rng.integers(FIRST, last + 1, 50), [FIRST, last]))
    name = np.append(rng.integers(0, names, 51), names - 1).astype(np.int32)
    numbers = np.append(rng.integers(0, tuples, 51), tuples - 1).astype(np.uint32)
    packed, rests = bits.packed(us, name, numbers), bits.rests(numbers)
    assert (bits.times(packed) == us).all()
    assert (bits.names(packed) == name).all()
    assert (bits.tuples(packed, rests.astype(bits.kind)) == numbers).all()
    assert (np.diff((packed >> np.uint64(bits.shift)).astype(np.int64)) == np.diff(us)).all()
