"""How every pass reads: a customer's chosen events in order, in a buffer that stays near.

A pass walks over a range of keys. What stands in place is copied from there; a customer of several
slices (late events, merged keys) is put together there. Only the copy is looked at: it is small,
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


class Split(NamedTuple):
    """A tuple's number: so many low bits of it stand in the word, above so many others."""

    bits: np.uint64
    above: np.uint64


@numba.njit(nogil=True)
def tuple_of(word, rest, split):  # type: ignore[no-untyped-def]
    """The number of an event's tuple."""
    mask = (np.uint64(1) << split.bits) - np.uint64(1)
    return np.uint64(rest) << split.bits | word >> split.above & mask


@numba.njit(nogil=True)
def by_tuple(table, word, rest, split):  # type: ignore[no-untyped-def]
    """What a table that `ended` made says of an event's tuple."""
    top = np.uint64(len(table) - 1)
    if top == 0:
        return table[0]
    return table[min(tuple_of(word, rest, split), top)]


class Reading(NamedTuple):
    """What a compiled pass is given: the arrays of `Histories`, and which events are chosen.

    Each array has one kind and layout, since the compiler makes a pass anew for every other.
    Tables end with an entry for codes beyond them.

    Args:
        bits: how many bits of a word are below its time.
        mask: of its name.
        known: where every event of a name below this is chosen, and no other; else 0. Then
            customers in one piece are read in place.
    """

    base_offsets: Ints
    base_words: npt.NDArray[np.uint64]
    base_rests: npt.NDArray[np.unsignedinteger]
    tail_offsets: Ints
    tail_words: npt.NDArray[np.uint64]
    tail_rests: npt.NDArray[np.unsignedinteger]
    tail_place: npt.NDArray[np.int32]
    flags: npt.NDArray[np.uint8]
    group: npt.NDArray[np.int32]
    group_offsets: Ints
    members: npt.NDArray[np.int32]
    bits: np.uint64
    mask: np.uint64
    split: Split
    epoch: int
    start: int
    end: int
    names: Bits
    allowed: Bits
    known: int


class Pad(NamedTuple):
    """One thread's buffers: the chosen events of a few customers, and those of a slice that come
    between them.

    Those stand in `words` and `rests`, or in the base itself; see `fill`.

    Args:
        keys: who is in the pad; nobody without a chosen event.
        bounds: the events of the one at place i are `bounds[i]` up to `bounds[i + 1]`.
    """

    merged_words: npt.NDArray[np.uint64]
    merged_rests: npt.NDArray[np.unsignedinteger]
    words: npt.NDArray[np.uint64]
    rests: npt.NDArray[np.unsignedinteger]
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
        base_rests=base.rests,
        tail_offsets=tail.offsets,
        tail_words=tail.words,
        tail_rests=tail.rests,
        tail_place=histories.tail_place,
        flags=flags,
        group=histories.group,
        group_offsets=histories.group_offsets,
        members=histories.members,
        bits=np.uint64(histories.name_bits + histories.low_bits),
        mask=np.uint64((1 << histories.name_bits) - 1),
        split=Split(np.uint64(histories.low_bits), np.uint64(histories.name_bits)),
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
        np.empty(merged, read.base_rests.dtype),
        np.empty(size, np.uint64),
        np.empty(size, read.base_rests.dtype),
        np.empty(CUSTOMERS, np.int64),
        np.zeros(CUSTOMERS + 1, np.int64),
    )


@numba.njit(nogil=True, inline="always")
def _length(read, key):  # type: ignore[no-untyped-def]
    """Events of a customer who is put together."""
    group = read.group[key]
    if group < 0:
        return _length_of_key(read, key)
    count = np.int64(0)
    for place in range(read.group_offsets[group], read.group_offsets[group + 1]):
        count += _length_of_key(read, np.int64(read.members[place]))
    return count


@numba.njit(nogil=True, inline="always")
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

    Returns the first key that is not in it, how many customers are, and their words and rests.
    """
    if read.known and read.flags[key] == PLAIN:
        until, count = _stretch(read, pad, key, last)
        if count:
            return until, count, read.base_words, read.base_rests
    # Arrays are taken out of their tuples here, and in every pass: a tuple of arrays that is
    # handed on for each customer has each of its references counted, by all threads at once.
    offsets, words, rests, flags = (
        read.base_offsets, read.base_words, read.base_rests, read.flags
    )  # fmt: skip
    names, allowed = read.names, read.allowed
    bits, start, end = read.bits, read.start, read.end
    to_words, to_rests, keys, bounds = pad.words, pad.rests, pad.keys, pad.bounds
    customers, filled = 0, np.int64(0)
    bounds[0] = 0
    while key < last and customers < len(keys):
        flag = flags[key]
        if flag == PLAIN:
            low, high = offsets[key], offsets[key + 1]
            if filled + high - low >= len(to_words):
                break
            count = _choose(
                words, rests, low, high, names, allowed, bits, read.split, start, end,
                to_words, to_rests, filled,
            )  # fmt: skip
        elif flag == MERGED:
            if filled + _length(read, key) >= len(to_words):
                break
            count = _gather(read, key, pad, filled)
        else:
            count = filled
        if count > filled:
            keys[customers] = key
            customers += 1
            filled = count
            bounds[customers] = filled
        key += 1
    return key, customers, to_words, to_rests


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
    mask, highest = read.mask, np.uint64(0)
    if np.uint64(read.known) <= mask:
        for i in range(np.uint64(begin), np.uint64(offsets[key])):
            highest = max(highest, words[i] & mask)
    return key, count if highest < np.uint64(read.known) else 0


@numba.njit(nogil=True)
def _choose(  # type: ignore[no-untyped-def]
    words, rests, low, high, names, allowed, bits, split, start, end, to_words, to_rests, filled
):
    """Append the chosen ones of some events; returns where they end."""
    mask = np.uint64(len(names) - 1)
    if low < high and np.int64(words[low] >> bits) < start:
        low = search(words, low, high, bits, start)
    if low < high and np.int64(words[high - 1] >> bits) >= end:
        high = search(words, low, high, bits, end)
    # Numbers without a sign: a compiled look-up by one that has a sign first asks whether it is
    # negative.
    to, top = np.uint64(filled), np.uint64(len(allowed) - 1)
    if top == 0:
        for i in range(np.uint64(low), np.uint64(high)):
            word = words[i]
            to_words[to] = word
            to_rests[to] = rests[i]
            to += np.uint64(names[word & mask] != 0)
    else:
        for i in range(np.uint64(low), np.uint64(high)):
            word, rest = words[i], rests[i]
            to_words[to] = word
            to_rests[to] = rest
            is_allowed = allowed[min(tuple_of(word, rest, split), top)]
            to += np.uint64((names[word & mask] & is_allowed) != 0)
    return np.int64(to)


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


@numba.njit(nogil=True, inline="always")
def _gather(read, key, pad, begin):  # type: ignore[no-untyped-def]
    """Append the chosen events of a customer of several slices, in the order of (time, key,
    arrival); returns where they end."""
    group = read.group[key]
    if group < 0:
        return _add_key(read, key, pad, begin, begin)
    end = begin
    for place in range(read.group_offsets[group], read.group_offsets[group + 1]):
        end = _add_key(read, np.int64(read.members[place]), pad, begin, end)
    return end


@numba.njit(nogil=True, inline="always")
def _add_key(read, key, pad, begin, end):  # type: ignore[no-untyped-def]
    if key + 1 < len(read.base_offsets):
        end = _add(
            read, read.base_words, read.base_rests,
            read.base_offsets[key], read.base_offsets[key + 1], pad, begin, end,
        )  # fmt: skip
    place = read.tail_place[key]
    if place >= 0:
        end = _add(
            read, read.tail_words, read.tail_rests,
            read.tail_offsets[place], read.tail_offsets[place + 1], pad, begin, end,
        )  # fmt: skip
    return end


@numba.njit(nogil=True, inline="always")
def _add(read, words, rests, low, high, pad, begin, end):  # type: ignore[no-untyped-def]
    """Put the chosen of one slice among what is there, from the back; at equal times what is there
    is first. They are chosen before, so that few are moved.

    This and what it is called by stand in one another's place when compiled: see `fill` on tuples.
    """
    to_words, to_rests, bits = pad.words, pad.rests, read.bits
    if begin == end:
        return _choose(
            words, rests, low, high, read.names, read.allowed, bits, read.split,
            read.start, read.end, to_words, to_rests, end,
        )  # fmt: skip
    more_words, more_rests = pad.merged_words, pad.merged_rests
    count = _choose(
        words, rests, low, high, read.names, read.allowed, bits, read.split,
        read.start, read.end, more_words, more_rests, np.int64(0),
    )  # fmt: skip
    here, to = end - 1, end + count - 1
    for i in range(count - 1, -1, -1):
        time = more_words[i] >> bits
        while here >= begin and to_words[here] >> bits > time:
            to_words[to], to_rests[to] = to_words[here], to_rests[here]
            here -= 1
            to -= 1
        to_words[to], to_rests[to] = more_words[i], more_rests[i]
        to -= 1
    return end + count
