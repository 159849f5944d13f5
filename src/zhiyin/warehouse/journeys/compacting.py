"""A new base: from the log's rows, or from a base and its tail.

Keys are taken in shares, so that no more memory is needed than a share of the events takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from zhiyin.warehouse.journeys import slices
from zhiyin.warehouse.journeys.histories import Ints, Rests, Slices, Words
from zhiyin.warehouse.journeys.runs import Writer
from zhiyin.warehouse.journeys.slices import Keys, Lot
from zhiyin.warehouse.journeys.source import Moment
from zhiyin.warehouse.journeys.tuples import Dictionary, Numbers, Packing
from zhiyin.warehouse.journeys.words import Bits

SHARE_READ = 100_000_000
"""Events that are put in order at a time when a base is made from the log."""

SHARE_MERGED = 4_000_000
"""Events that are merged at a time."""

NO_TUPLES = Packing((), ())

Part = TypeVar("Part")


class Unfit(Exception):  # noqa: N818 - a state of the log, not an error of a person's
    """Times and names that do not fit into words together."""


def build(
    moment: Moment, folder: Path, packing: Packing, *, share: int = SHARE_READ
) -> tuple[Bits, Dictionary]:
    """Write a base from all that the log has.

    Raises:
        Unfit: years of microseconds and names do not fit into one word.
        TooManyTuples: these columns have too many combinations.
    """
    dictionary = Dictionary(packing, moment.tuples(packing))
    lengths, first, last = _counted(moment)
    bits = Bits.fitting(first, last, names=moment.names, tuples=len(dictionary))
    if bits is None:
        raise Unfit
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    writer = Writer(folder, bits.kind)
    try:
        for begin, end in _shares(offsets, share):
            part = _scattered(moment, dictionary, bits, offsets, begin, end)
            slices.sort(part, bits.shift)
            writer.add(part.words, part.rests)
        writer.end(offsets, dictionary.codes)
    finally:
        writer.close()
    return bits, dictionary


def _counted(moment: Moment) -> tuple[Ints, int, int]:
    """Events of each key, and the first and the last time (microseconds since 1970)."""
    lengths = np.zeros(moment.keys, np.int64)
    first, last = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    for rows in _ahead(moment.rows(0, moment.upto, NO_TUPLES)):
        slices.count(rows.keys, lengths)
        if len(rows.us):
            first, last = min(first, int(rows.us.min())), max(last, int(rows.us.max()))
    return lengths, *((0, 0) if first > last else (first, last))


def _shares(offsets: Ints, share: int) -> Iterator[tuple[int, int]]:
    """Ranges of keys with about so many events each."""
    begin, last = 0, len(offsets) - 1
    while begin < last:
        reached = int(np.searchsorted(offsets, offsets[begin] + share, side="right")) - 1
        end = min(max(reached, begin + 1), last)
        yield begin, end
        begin = end


def _scattered(
    moment: Moment,
    dictionary: Dictionary,
    bits: Bits,
    offsets: Ints,
    begin: int,
    end: int,
) -> Slices:
    """The events of the keys from `begin` to `end`, each slice in the order of arrival."""
    own = offsets[begin : end + 1] - offsets[begin]
    words, rests = np.empty(own[-1], np.uint64), np.empty(own[-1], bits.kind)
    places = own[:-1].copy()

    def read() -> Iterator[tuple[Keys, Words, Rests]]:
        for rows in moment.rows(0, moment.upto, dictionary.packing):
            numbers = dictionary.number(rows.packed)
            packed = bits.packed(rows.us, rows.names, numbers)
            yield rows.keys, packed, bits.rests(numbers).astype(bits.kind, copy=False)

    for keys, its_words, its_rests in _ahead(read()):
        slices.scatter(keys, its_words, its_rests, begin, places, words, rests)
    return Slices(own, words, rests)


def _ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """The parts; the next one is made while one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = pool.submit(next, parts, None)
            yield part


def merge(
    folder: Path,
    base: Slices,
    tail: Lot,
    *,
    bits: Bits,
    dictionary: Dictionary,
    gone: Ints,
    instead: Lot,
    least: Ints,
    share: int = SHARE_MERGED,
) -> None:
    """Write a base from one and its tail.

    Args:
        base: with an offset for each key that there is, and one more.
        gone: keys whose events are left out.
        instead: events that take the place of all that there are of those keys.
        least: by name: earlier events are left out (microseconds since 1970).
    """
    offsets = np.zeros(len(base.offsets), np.int64)
    writer = Writer(folder, bits.kind)
    try:
        for part in merged_shares(base, tail, bits, gone, instead, least, offsets, share):
            writer.add(*part)
        writer.end(offsets, dictionary.codes)
    finally:
        writer.close()


def merged_shares(
    base: Slices,
    tail: Lot,
    bits: Bits,
    gone: Ints,
    instead: Lot,
    least: Ints,
    offsets: Ints,
    share: int,
) -> Iterator[tuple[Words, Numbers]]:
    """The words and rests that `merge` writes, a share after the other.

    Args:
        offsets: as many as the base has, zeros; filled while the shares are made.
    """
    keys = len(offsets) - 1
    places = np.full((2, keys), -1, np.int32)
    lengths = np.zeros(keys, np.int64)
    for place, lot in zip(places, (tail, instead), strict=True):
        place[lot.keys] = np.arange(len(lot.keys), dtype=np.int32)
        lengths[lot.keys] += np.diff(lot.slices.offsets)
    is_gone = np.zeros(keys, np.bool_)
    is_gone[gone[gone < keys]] = True
    mask = np.uint64((1 << bits.name_bits) - 1)
    tops = base.offsets + np.concatenate([[0], np.cumsum(lengths)])
    for begin, end in _shares(tops, share):
        most = int(tops[end] - tops[begin])
        words, rests = np.empty(most, np.uint64), np.empty(most, np.uint32)
        before = base.offsets[begin]
        own = slice(before, base.offsets[end])
        count = slices.merge_share(
            begin, end, base.offsets, base.words[own], base.rests[own].astype(np.uint32), before,
            places[0], tail.slices.offsets, tail.slices.words, tail.slices.rests,
            places[1], instead.slices.offsets, instead.slices.words, instead.slices.rests,
            is_gone, least, bits.epoch, np.uint64(bits.shift), mask, offsets, words, rests,
        )  # fmt: skip
        yield words[:count], rests[:count]
