"""The compiled pass of `joining`: one walk over the links in the order of their arrival."""

from __future__ import annotations

import numba
import numpy as np

from zhiyin.warehouse.joining import (
    AGREES,
    INTAKE,
    JOINS,
    PERSON,
    SHARED_DEVICE,
    TOO_MANY,
    TWO_PEOPLE,
    UNKNOWN_CALLER,
)


@numba.njit(nogil=True, cache=True)
def _find(parent, place):  # type: ignore[no-untyped-def]
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


@numba.njit(nogil=True, cache=True)
def _unite(parent, count, one, other):  # type: ignore[no-untyped-def]
    low, high = min(one, other), max(one, other)
    if low != high:
        parent[high] = low
        count[low] += count[high]


@numba.njit(nogil=True, cache=True)
def _are_apart(parent, apart_a, apart_b, one, other):  # type: ignore[no-untyped-def]
    for i in range(len(apart_a)):
        a, b = _find(parent, apart_a[i]), _find(parent, apart_b[i])
        if (a == one and b == other) or (a == other and b == one):
            return True
    return False


@numba.njit(nogil=True, cache=True)
def join(a, b, by, apart_a, apart_b, known, limit):  # type: ignore[no-untyped-def]
    """The least place of each place's group, and what becomes of each link; see `joined`."""
    size = len(known)
    # Groups with what people say, and groups by themselves: the limit counts in the latter, so
    # that a person's merge never tears anything apart.
    parent, count = np.arange(size), known.astype(np.int64)
    own, alone = np.arange(size), known.astype(np.int64)
    is_end = np.zeros(size, np.bool_)
    verdict = np.zeros(len(a), np.int8)
    for i in range(len(a)):
        if by[i] == PERSON:
            one, other = _find(parent, a[i]), _find(parent, b[i])
            verdict[i] = AGREES if one == other else JOINS
            _unite(parent, count, one, other)
    for i in range(len(apart_a)):
        is_end[_find(parent, apart_a[i])] = True
        is_end[_find(parent, apart_b[i])] = True
    for devices in (False, True):
        for i in range(len(a)):
            both = known[a[i]] and known[b[i]]
            if by[i] == PERSON or both == devices:
                continue
            one, other = _find(parent, a[i]), _find(parent, b[i])
            mine, its = _find(own, a[i]), _find(own, b[i])
            if both and by[i] == INTAKE:
                verdict[i] = UNKNOWN_CALLER
            elif not both and one != other and count[one] > 0 and count[other] > 0:
                verdict[i] = SHARED_DEVICE
            elif both and mine != its and alone[mine] + alone[its] > limit:
                verdict[i] = TOO_MANY
            elif is_end[one] and is_end[other] and _are_apart(parent, apart_a, apart_b, one, other):
                verdict[i] = TWO_PEOPLE
            else:
                verdict[i] = AGREES if one == other else JOINS
                is_end[min(one, other)] = is_end[one] or is_end[other]
                _unite(parent, count, one, other)
                _unite(own, alone, mine, its)
    for place in range(size):
        parent[place] = _find(parent, place)
    for i in range(len(a)):
        # Held back, and made true by others since: it agrees.
        if verdict[i] > AGREES and parent[a[i]] == parent[b[i]]:
            verdict[i] = AGREES
    return parent, verdict
