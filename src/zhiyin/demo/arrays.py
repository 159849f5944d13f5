"""Arrays by their element, streams of chance by their place, and words by their number."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Column: TypeAlias = "pa.Array[Any]"

compute: Any = pyarrow.compute
"""Arrow's functions; their types are narrower than what they take."""

NONE = -1
"""Stands for *no word* in an array of positions."""

_DECIMAL = pa.decimal128(18, 2)


def stream(seed: int, *place: str | int) -> np.random.Generator:
    """The stream of chance of one place in the company (``"trips", 7``): nothing else draws on it.

    A chunk of customers draws only on streams of its own number, so a larger company begins
    with the same customers as a smaller one.
    """
    key = tuple(zlib.crc32(p.encode()) if isinstance(p, str) else p for p in place)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def logistic(x: Floats) -> Floats:
    """1 ÷ (1 + e^−x)."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)


def pick(rng: np.random.Generator, shares: Sequence[float], size: int) -> Ints:
    """Positions 0…len(shares)−1, drawn with these shares (which need not sum to 1)."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def pick_each(rng: np.random.Generator, shares: Floats) -> Ints:
    """One position a row of `shares` [rows, options]."""
    edges = np.cumsum(shares, axis=1)
    drawn = rng.random(len(shares)) * edges[:, -1]
    place = np.minimum((edges <= drawn[:, None]).sum(1), shares.shape[1] - 1)
    return np.asarray(place, dtype=np.int64)


def within(counts: Ints) -> Ints:
    """0, 1, … counts[0]−1, 0, 1, … counts[1]−1, …: the place of each repeat in its row."""
    total = int(counts.sum())
    starts = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) - np.repeat(starts, counts)


def coded(positions: NDArray[np.integer], words: Sequence[str]) -> Column:
    """Positions in `words` as an Arrow column of words; negative is null."""
    place = np.asarray(positions)
    kind = np.int8 if len(words) < 128 else np.int32
    mask = place < 0
    index = pa.array(np.where(mask, 0, place).astype(kind), mask=mask if bool(mask.any()) else None)
    return pa.DictionaryArray.from_arrays(index, pa.array(list(words), pa.string()))


def same(word: str | None, size: int) -> Column:
    """One word, `size` times."""
    if word is None:
        return pa.nulls(size, pa.string())
    return coded(np.zeros(size, dtype=np.int64), [word])


def instants(seconds: Ints, missing: Bools | None = None) -> Column:
    """Seconds since 1970 (UTC) as a column of naive microseconds."""
    return pa.array(np.asarray(seconds) * 1_000_000, pa.int64(), mask=missing).cast(
        pa.timestamp("us")
    )


def numbered(prefix: str, numbers: Ints, missing: Bools | None = None) -> Column:
    """Ids in words: the prefix and the number."""
    return joined(prefix, pa.array(numbers, mask=missing).cast(pa.string()))


def joined(*parts: str | Column) -> Column:
    """Texts one after the other, element by element; null where one of them is."""
    texts = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    found: Column = compute.binary_join_element_wise(*texts, "")
    return found


def yuan(fen: Ints) -> Column:
    """Whole fen as DECIMAL(18, 2) yuan, without a float in between."""
    low = np.ascontiguousarray(fen, dtype=np.int64)
    both = np.empty((len(low), 2), dtype=np.int64)
    both[:, 0], both[:, 1] = low, low >> 63
    return pa.Array.from_buffers(_DECIMAL, len(low), [None, pa.py_buffer(both.tobytes())])
