"""Compiled work on slices: events put to their keys, in order; two lots of slices made one.

A *lot* is events of some keys in the form of `Slices`, with the keys beside them, rising. Here
what stands beside the words is uint32, whatever the index holds it in, but while all is read for a
new base. All release the interpreter lock; none is parallel.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Ints, Rests, Slices, Words
from zhiyin.warehouse.journeys.tuples import Numbers

Keys = npt.NDArray[np.int32]

FEW = 1_000_000
"""So many events are sorted sooner than threads begin."""

SHORT = 24
"""A slice up to this long is sorted by insertion, a longer one by merging."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Events of the keys that have some: those of ``keys[i]`` are at place i of the slices."""

    keys: Keys
    slices: Slices

    def __len__(self) -> int:
        return len(self.slices.words)


NOTHING = Lot(
    np.zeros(0, np.int32),
    Slices(np.zeros(1, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.uint32)),
)
"""No events."""


def lot_of(keys: Keys, words: Words, rests: Numbers, shift: int) -> Lot:
    """A lot from events in the order of arrival."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    offsets = np.append(begins, len(keys)).astype(np.int64)
    found = Slices(offsets, words[order], rests[order])
    sort(found, shift)
    return Lot(keys[begins], found)


def sort(slices: Slices, shift: int) -> None:
    """Put each slice in the order of time, in place; equal times keep their order."""
    offsets = slices.offsets
    threads = min(os.cpu_count() or 1, 8) if offsets[-1] > FEW else 1
    marks = np.linspace(0, offsets[-1], threads + 1)[1:-1]
    cuts = [0, *np.searchsorted(offsets, marks).tolist(), len(offsets) - 1]
    with ThreadPoolExecutor(threads) as pool:
        parts = [offsets[first : last + 1] for first, last in pairwise(cuts)]
        list(pool.map(lambda own: _sort(own, slices.words, slices.rests, np.uint64(shift)), parts))


def merged(one: Lot, later: Lot, shift: int) -> Lot:
    """Both together; at equal times those of `one` come first."""
    total = len(one) + len(later)
    keys = np.empty(len(one.keys) + len(later.keys), np.int32)
    offsets = np.zeros(len(keys) + 1, np.int64)
    words, rests = np.empty(total, np.uint64), np.empty(total, np.uint32)
    count = _merge(
        one.keys, one.slices.offsets, one.slices.words, one.slices.rests,
        later.keys, later.slices.offsets, later.slices.words, later.slices.rests,
        keys, offsets, words, rests, np.uint64(shift),
    )  # fmt: skip
    return Lot(keys[:count].copy(), Slices(offsets[: count + 1].copy(), words, rests))


def without(lot: Lot, gone: npt.NDArray[np.int64]) -> Lot:
    """The lot without some keys."""
    keep = ~np.isin(lot.keys, gone)
    if keep.all():
        return lot
    lengths = np.diff(lot.slices.offsets)
    events = np.repeat(keep, lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths[keep])]).astype(np.int64)
    slices = Slices(offsets, lot.slices.words[events], lot.slices.rests[events])
    return Lot(lot.keys[keep], slices)


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def count(keys: Keys, lengths: Ints) -> None:
    """Add to `lengths` how many events each key has."""
    for key in keys:
        lengths[key] += 1


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def scatter(
    keys: Keys,
    words: Words,
    rests: Rests,
    first: int,
    places: Ints,
    to_words: Words,
    to_rests: Rests,
) -> None:
    """Put events, in the order of arrival, behind those that their keys have already.

    Args:
        first: the smallest key that is wanted.
        places: of each wanted key where its next event goes.
    """
    for i in range(len(keys)):
        k = keys[i] - first
        if 0 <= k < len(places):
            at = places[k]
            places[k] += 1
            to_words[at] = words[i]
            to_rests[at] = rests[i]


@numba.njit(nogil=True, cache=True)
def _sort(offsets, words, rests, bits):  # type: ignore[no-untyped-def]
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    if longest <= SHORT:
        longest = 0
    spare_words = np.empty(longest, np.uint64)
    spare_rests = np.empty(longest, rests.dtype)
    for i in range(len(offsets) - 1):
        lo, hi = offsets[i], offsets[i + 1]
        is_sorted = True
        for j in range(lo + 1, hi):
            if words[j] >> bits < words[j - 1] >> bits:
                is_sorted = False
                break
        if is_sorted:
            continue
        # Short stretches by insertion, then stretches of twice, four times… the length merged.
        for begin in range(lo, hi, SHORT):
            end = min(begin + SHORT, hi)
            for j in range(begin + 1, end):
                w, t = words[j], rests[j]
                at = j
                while at > begin and words[at - 1] >> bits > w >> bits:
                    words[at] = words[at - 1]
                    rests[at] = rests[at - 1]
                    at -= 1
                words[at] = w
                rests[at] = t
        width = SHORT
        while width < hi - lo:
            for begin in range(lo, hi, 2 * width):
                middle = min(begin + width, hi)
                end = min(begin + 2 * width, hi)
                if middle == end or words[middle - 1] >> bits <= words[middle] >> bits:
                    continue
                left = middle - begin
                spare_words[:left] = words[begin:middle]
                spare_rests[:left] = rests[begin:middle]
                a, b, at = 0, middle, begin
                while a < left:
                    if b < end and words[b] >> bits < spare_words[a] >> bits:
                        words[at] = words[b]
                        rests[at] = rests[b]
                        b += 1
                    else:
                        words[at] = spare_words[a]
                        rests[at] = spare_rests[a]
                        a += 1
                    at += 1
            width *= 2


@numba.njit(nogil=True, cache=True)
def _merge_slice(  # type: ignore[no-untyped-def]
    a_words, a_rests, a, a_end, b_words, b_rests, b, b_end, words, rests, at, bits
):
    """Both slices in order behind `at`; at equal times the first goes first."""
    while a < a_end and b < b_end:
        if b_words[b] >> bits < a_words[a] >> bits:
            words[at] = b_words[b]
            rests[at] = b_rests[b]
            b += 1
        else:
            words[at] = a_words[a]
            rests[at] = a_rests[a]
            a += 1
        at += 1
    while a < a_end:
        words[at] = a_words[a]
        rests[at] = a_rests[a]
        a += 1
        at += 1
    while b < b_end:
        words[at] = b_words[b]
        rests[at] = b_rests[b]
        b += 1
        at += 1
    return at


@numba.njit(nogil=True, cache=True)
def _merge(  # type: ignore[no-untyped-def]
    a_keys, a_offsets, a_words, a_rests,
    b_keys, b_offsets, b_words, b_rests,
    keys, offsets, words, rests, bits,
):  # fmt: skip
    i, j, n, at = 0, 0, 0, 0
    while i < len(a_keys) or j < len(b_keys):
        has_a = i < len(a_keys) and (j == len(b_keys) or a_keys[i] <= b_keys[j])
        has_b = j < len(b_keys) and (i == len(a_keys) or b_keys[j] <= a_keys[i])
        keys[n] = a_keys[i] if has_a else b_keys[j]
        a, a_end = (a_offsets[i], a_offsets[i + 1]) if has_a else (0, 0)
        b, b_end = (b_offsets[j], b_offsets[j + 1]) if has_b else (0, 0)
        at = _merge_slice(
            a_words, a_rests, a, a_end, b_words, b_rests, b, b_end, words, rests, at, bits
        )
        i += has_a
        j += has_b
        n += 1
        offsets[n] = at
    return n


@numba.njit(nogil=True, cache=True)
def _chosen(words, rests, lo, hi, least, epoch, bits, mask, to_words, to_rests, at):  # type: ignore[no-untyped-def]
    """Copy the events that are kept; returns where the next goes."""
    for i in range(lo, hi):
        name = np.int64(words[i] & mask)
        if name < len(least) and np.int64(words[i] >> bits) + epoch < least[name]:
            continue
        to_words[at] = words[i]
        to_rests[at] = rests[i]
        at += 1
    return at


@numba.njit(nogil=True, cache=True)
def merge_share(  # type: ignore[no-untyped-def]
    begin, end, base_offsets, base_words, base_rests, before,
    tail_place, tail_offsets, tail_words, tail_rests,
    instead_place, instead_offsets, instead_words, instead_rests,
    is_gone, least, epoch, bits, mask, offsets, words, rests,
):  # fmt: skip
    """The events of the keys from `begin` to `end`, out of a base (its events from `before` on),
    its tail and what stands instead of both; returns how many. See `compacting.merge`."""
    at = 0
    for key in range(begin, end):
        start = at
        if not is_gone[key]:
            i = instead_place[key]
            if i >= 0:
                for j in range(instead_offsets[i], instead_offsets[i + 1]):
                    words[at] = instead_words[j]
                    rests[at] = instead_rests[j]
                    at += 1
            else:
                t = tail_place[key]
                a, a_end = base_offsets[key] - before, base_offsets[key + 1] - before
                b, b_end = (tail_offsets[t], tail_offsets[t + 1]) if t >= 0 else (0, 0)
                at = _merge_slice(
                    base_words, base_rests, a, a_end, tail_words, tail_rests, b, b_end,
                    words, rests, at, bits,
                )  # fmt: skip
                if len(least):
                    at = _chosen(
                        words, rests, start, at, least, epoch, bits, mask, words, rests, start
                    )
        offsets[key + 1] = offsets[key] + at - start
    return at
