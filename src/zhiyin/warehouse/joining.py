"""Which ids become one customer: the guards, as pure rules over the reasons.

A link is a reason why two ids are one person. A person's link always counts. Every other is held
back where it would do harm:

- an *unknown caller*: intake is public, so what it says never joins two known customers;
- a *shared device*: a device's id goes to the first known customer who signed in on it, and to
  no second one;
- *too many*: no more known customers than the workspace's limit become one by themselves;
- *two people*: a person said of two ids that they are not one, and no chain of other links may
  make them one.

Links are judged in the order of their arrival, known customers first, devices after them; so what
comes later never moves what was joined before it, but by a person's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

PERSON, IMPORT, RULE, INTAKE = range(4)
"""Who says that two ids are one: somebody who works here, a file, a rule, the open network."""

SPEAKERS = {"person": PERSON, "import": IMPORT, "rule": RULE, "intake": INTAKE}
"""The words of the column `linked_by`."""

SPOKEN_BY_REASON = {
    "person": PERSON,
    "suggestion accepted": PERSON,
    "signed_in": INTAKE,
    "alias": INTAKE,
}
"""Who speaks where `linked_by` is null; any other reason came from a file."""

JOINS, AGREES, UNKNOWN_CALLER, SHARED_DEVICE, TOO_MANY, TWO_PEOPLE = range(6)
"""What becomes of a link: it joins, it says what is so already, or a guard holds it back."""

GUARDS = {
    UNKNOWN_CALLER: "unknown_caller",
    SHARED_DEVICE: "shared_device",
    TOO_MANY: "too_many",
    TWO_PEOPLE: "two_people",
}

LIMIT = 10
"""Known customers that may become one by themselves, where the workspace does not say."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """The links that stand, in the order of their arrival, between places 0 … n - 1.

    Args:
        a: one end, a place.
        b: the other end.
        by: who says so: `PERSON`, `IMPORT`, `RULE` or `INTAKE`.
        apart: pairs of places of which a person said that they are two.
    """

    a: Ints
    b: Ints
    by: npt.NDArray[np.int8]
    apart: tuple[Ints, Ints]


def joined(links: Links, known: Bools, *, limit: int = LIMIT) -> tuple[Ints, npt.NDArray[np.int8]]:
    """The least place of each place's group, and what becomes of each link.

    Args:
        links: between places.
        known: of each place, whether it names a known customer.
        limit: known customers that may become one without a person's word.
    """
    root, verdict = _join(
        links.a.astype(np.int64),
        links.b.astype(np.int64),
        links.by.astype(np.int8),
        links.apart[0].astype(np.int64),
        links.apart[1].astype(np.int64),
        known.astype(np.bool_),
        limit,
    )
    return root, verdict


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
def _join(a, b, by, apart_a, apart_b, known, limit):  # type: ignore[no-untyped-def]
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


def warm() -> None:
    """Compile the kernel, or load it from disk. Called at set-up."""
    none = np.zeros(0, np.int64)
    one: Any = np.zeros(1, np.int64)
    joined(Links(one, one + 1, np.zeros(1, np.int8), (none, none)), np.ones(2, np.bool_))
