"""How every pass reads: a customer's chosen events in order, in a buffer that stays near.

A pass walks over a range of keys. What stands in place is copied from there; a customer of several
slices (late events, merged keys) is put together first. Only the copy is looked at: it is small,
and the choice of events costs no branch that the processor could guess wrongly.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import MERGED, PLAIN, SKIPPED, Histories, Ints
from zhiyin.warehouse.journeys.passes.asked import ANY_TIME, EVERY, Allowed, Bits

Part = TypeVar("Part")

FEW = 100_000
"""So many events are read sooner than threads begin."""

NEAR = 4096
"""Events in a pad, if nobody has more: it stays in the nearest memory."""

CUSTOMERS = 1024
"""In a pad, at most."""

SHARES = 8
"""Ranges of keys for each thread: those that end early take what is left."""


class Reading(NamedTuple):
    """What a compiled pass is given: the arrays of `Histories`, and which events are chosen.

    Each array has one kind and layout, since the compiler makes a pass anew for every other.
    Tables end with an entry for codes beyond them.

    Args:
        known: where every event of a name below this is chosen, and no other; else 0. Then
            customers in one piece are read in place.
    """

    base_offsets: Ints
    base_words: npt.NDArray[np.uint64]
    base_tuples: npt.NDArray[np.unsignedinteger]
    tail_offsets: Ints
    tail_words: npt.NDArray[np.uint64]
    tail_tuples: npt.NDArray[np.unsignedinteger]
    tail_place: npt.NDArray[np.int32]
    flags: npt.NDArray[np.uint8]
    group: npt.NDArray[np.int32]
    group_offsets: Ints
    members: npt.NDArray[np.int32]
    bits: np.uint64
    mask: np.uint64
    epoch: int
    start: int
    end: int
    names: Bits
    allowed: Bits
    known: int


class Pad(NamedTuple):
    """One thread's buffers: where a customer is put together, and the chosen events of a few.

    Those stand in `words` and `tuples`, or in the base itself; see `fill`.

    Args:
        keys: who is in the pad; nobody without a chosen event.
        bounds: the events of the one at place i are `bounds[i]` up to `bounds[i + 1]`.
    """

    merged_words: npt.NDArray[np.uint64]
    merged_tuples: npt.NDArray[np.unsignedinteger]
    words: npt.NDArray[np.uint64]
    tuples: npt.NDArray[np.unsignedinteger]
    keys: Ints
    bounds: Ints


def reading(
    histories: Histories, allowed: Allowed, names: npt.NDArray[np.uint8] | None = None
) -> Reading:
    """Histories as a pass is given them.

    Args:
        names: of the allowed ones, those that the question is about; 0 or 1 by code of the name.
    """
    base, tail = histories.base, histories.tail
    flags = histories.flags
    if allowed.keys is not None:
        flags = np.where(allowed.keys, flags, SKIPPED).astype(np.uint8)
    about = None if names is None else np.where(names, EVERY, np.uint16(0))
    chosen = _by_name(histories, allowed.names) & _by_name(histories, about)
    count = int(np.count_nonzero(chosen))
    is_bound = allowed.start > -ANY_TIME or allowed.end < ANY_TIME
    is_filtered = is_bound or allowed.tuples is not None or not chosen[:count].all()
    return Reading(
        base_offsets=base.offsets,
        base_words=base.words,
        base_tuples=base.tuples,
        tail_offsets=tail.offsets,
        tail_words=tail.words,
        tail_tuples=tail.tuples,
        tail_place=histories.tail_place,
        flags=flags,
        group=histories.group,
        group_offsets=histories.group_offsets,
        members=histories.members,
        bits=np.uint64(histories.name_bits),
        mask=np.uint64((1 << histories.name_bits) - 1),
        epoch=histories.epoch,
        start=max(allowed.start, -ANY_TIME) - histories.epoch,
        end=min(allowed.end, ANY_TIME) - histories.epoch,
        names=chosen,
        allowed=ended(allowed.tuples, int(EVERY), np.uint16),
        known=0 if is_filtered else count,
    )


def _by_name(histories: Histories, bits: Bits | None) -> Bits:
    """The bits of every name that a word can hold; a name beyond the end of `bits` has none."""
    size = 1 << histories.name_bits
    if bits is None:
        return np.full(size, EVERY)
    found = np.zeros(size, np.uint16)
    found[: len(bits)] = bits
    return found


Table = TypeVar("Table", bound=np.generic)


def ended(
    table: npt.NDArray[Table] | None, default: int, kind: type[Table], beyond: int = 0
) -> npt.NDArray[Table]:
    """A table by tuple, and at its end what holds for codes beyond it.

    Without a table all have the `default`.
    """
    if table is None:
        return np.full(1, default, kind)
    return np.append(table, beyond).astype(kind)


def over(read: Reading, work: Callable[..., Part], *each: Sequence[object]) -> Iterator[Part]:
    """`work(first, last)` for ranges of keys with as many events each, on all processors.

    Parts come in the order of keys. What is given for `each` range is handed on with it.
    """
    firsts, lasts = zip(*shares(read), strict=True)
    if len(firsts) == 1:
        yield work(firsts[0], lasts[0], *(one[0] for one in each))
        return
    with ThreadPoolExecutor(_threads()) as pool:
        yield from pool.map(work, firsts, lasts, *each)


def shares(read: Reading) -> list[tuple[int, int]]:
    """The ranges of keys that `over` shares out."""
    keys = len(read.flags)
    events = len(read.base_words) + len(read.tail_words)
    count = SHARES * _threads() if events > FEW else 1
    if len(read.base_words) >= len(read.tail_words):
        marks = np.linspace(0, len(read.base_words), count + 1)[1:-1]
        cuts = np.searchsorted(read.base_offsets, marks)
    else:
        cuts = np.linspace(0, keys, count + 1)[1:-1].astype(np.int64)
    ends = np.unique(np.concatenate(([0], np.minimum(cuts, keys), [keys]))).tolist()
    return list(pairwise(ends)) or [(0, 0)]


def _threads() -> int:
    return min(os.cpu_count() or 1, 8)


@numba.njit(nogil=True)
def pad_for(read, first, last):  # type: ignore[no-untyped-def]
    """Buffers for these customers, the longest included."""
    longest, merged = 0, 0
    for key in range(first, last):
        flag = read.flags[key]
        if flag == PLAIN:
            longest = max(longest, read.base_offsets[key + 1] - read.base_offsets[key])
        elif flag == MERGED:
            merged = max(merged, _length(read, key))
    size = max(NEAR, longest, merged) + 1
    return Pad(
        np.empty(merged, np.uint64),
        np.empty(merged, read.base_tuples.dtype),
        np.empty(size, np.uint64),
        np.empty(size, read.base_tuples.dtype),
        np.empty(CUSTOMERS, np.int64),
        np.zeros(CUSTOMERS + 1, np.int64),
    )


@numba.njit(nogil=True)
def _length(read, key):  # type: ignore[no-untyped-def]
    """Events of a customer who is put together."""
    group = read.group[key]
    if group < 0:
        return _length_of_key(read, key)
    count = np.int64(0)
    for place in range(read.group_offsets[group], read.group_offsets[group + 1]):
        count += _length_of_key(read, np.int64(read.members[place]))
    return count


@numba.njit(nogil=True)
def _length_of_key(read, key):  # type: ignore[no-untyped-def]
    count = 0
    if key + 1 < len(read.base_offsets):
        count += read.base_offsets[key + 1] - read.base_offsets[key]
    place = read.tail_place[key]
    if place >= 0:
        count += read.tail_offsets[place + 1] - read.tail_offsets[place]
    return count


@numba.njit(nogil=True)
def fill(read, pad, key, last):  # type: ignore[no-untyped-def]
    """Put the chosen events of customers from `key` on into the pad, as many as it holds.

    Returns the first key that is not in it, how many customers are, and their words and tuples.
    """
    if read.known and read.flags[key] == PLAIN:
        until, count = _stretch(read, pad, key, last)
        if count:
            return until, count, read.base_words, read.base_tuples
    # Arrays are taken out of their tuples here, and in every pass: a tuple of arrays that is
    # handed on for each customer has each of its references counted, by all threads at once.
    offsets, words, tuples, flags = (
        read.base_offsets, read.base_words, read.base_tuples, read.flags
    )  # fmt: skip
    names, allowed = read.names, read.allowed
    bits, start, end = read.bits, read.start, read.end
    to_words, to_tuples, keys, bounds = pad.words, pad.tuples, pad.keys, pad.bounds
    customers, filled = 0, np.int64(0)
    bounds[0] = 0
    while key < last and customers < len(keys):
        flag = flags[key]
        if flag == PLAIN:
            low, high = offsets[key], offsets[key + 1]
            if filled + high - low >= len(to_words):
                break
            count = _choose(
                words, tuples, low, high, names, allowed, bits, start, end,
                to_words, to_tuples, filled,
            )  # fmt: skip
        elif flag == MERGED:
            if filled + _length(read, key) >= len(to_words):
                break
            count = _choose(
                pad.merged_words, pad.merged_tuples, np.int64(0), _gather(read, key, pad),
                names, allowed, bits, start, end, to_words, to_tuples, filled,
            )  # fmt: skip
        else:
            count = filled
        if count > filled:
            keys[customers] = key
            customers += 1
            filled = count
            bounds[customers] = filled
        key += 1
    return key, customers, to_words, to_tuples


@numba.njit(nogil=True)
def _stretch(read, pad, key, last):  # type: ignore[no-untyped-def]
    """Customers who follow one another in the base and are read where they stand.

    Nobody, where an event among theirs has a name that the question does not know.
    """
    flags, offsets, words, keys, bounds = (
        read.flags, read.base_offsets, read.base_words, pad.keys, pad.bounds
    )  # fmt: skip
    begin, count = offsets[key], 0
    bounds[0] = begin
    while key < last and count < len(keys) and flags[key] == PLAIN:
        if offsets[key] < offsets[key + 1]:
            keys[count] = key
            count += 1
            bounds[count] = offsets[key + 1]
        key += 1
    highest = np.uint64(0)
    for i in range(begin, offsets[key]):
        highest = max(highest, words[i] & read.mask)
    return key, count if highest < np.uint64(read.known) else 0


@numba.njit(nogil=True)
def _choose(  # type: ignore[no-untyped-def]
    words, tuples, low, high, names, allowed, bits, start, end, to_words, to_tuples, filled
):
    """Append the chosen ones of some events; returns where they end."""
    mask, top = np.uint64(len(names) - 1), len(allowed) - 1
    if low < high and np.int64(words[low] >> bits) < start:
        low = search(words, low, high, bits, start)
    if low < high and np.int64(words[high - 1] >> bits) >= end:
        high = search(words, low, high, bits, end)
    for i in range(low, high):
        word, code = words[i], tuples[i]
        to_words[filled] = word
        to_tuples[filled] = code
        filled += (names[word & mask] & allowed[min(np.int64(code), top)]) != 0
    return filled


@numba.njit(nogil=True)
def search(words, low, high, bits, time):  # type: ignore[no-untyped-def]
    """The first place from which on nothing is before `time`."""
    while low < high:
        middle = (low + high) >> 1
        if np.int64(words[middle] >> bits) < time:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(nogil=True)
def _gather(read, key, pad):  # type: ignore[no-untyped-def]
    """Put a customer of several slices together, in the order of (time, key, arrival)."""
    group = read.group[key]
    if group < 0:
        return _add_key(read, key, np.int64(0), pad)
    count = np.int64(0)
    for place in range(read.group_offsets[group], read.group_offsets[group + 1]):
        count = _add_key(read, np.int64(read.members[place]), count, pad)
    return count


@numba.njit(nogil=True)
def _add_key(read, key, count, pad):  # type: ignore[no-untyped-def]
    if key + 1 < len(read.base_offsets):
        count = _add(
            read.base_words, read.base_tuples,
            read.base_offsets[key], read.base_offsets[key + 1], read.bits, count, pad,
        )  # fmt: skip
    place = read.tail_place[key]
    if place >= 0:
        count = _add(
            read.tail_words, read.tail_tuples,
            read.tail_offsets[place], read.tail_offsets[place + 1], read.bits, count, pad,
        )  # fmt: skip
    return count


@numba.njit(nogil=True)
def _add(words, tuples, low, high, bits, count, pad):  # type: ignore[no-untyped-def]
    """Merge one slice into what is there, from the back; at equal times what is there is first."""
    to_words, to_tuples = pad.merged_words, pad.merged_tuples
    here, to = count - 1, count + high - low - 1
    for i in range(high - 1, low - 1, -1):
        time = words[i] >> bits
        while here >= 0 and to_words[here] >> bits > time:
            to_words[to], to_tuples[to] = to_words[here], to_tuples[here]
            here -= 1
            to -= 1
        to_words[to], to_tuples[to] = words[i], tuples[i]
        to -= 1
    return count + high - low
