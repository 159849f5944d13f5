"""Random histories as the compiled passes read them, and what they hold by plain reckoning."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from zhiyin.journey.tests.naive import Happened
from zhiyin.warehouse.journeys.histories import MERGED, PLAIN, SKIPPED, Histories, Rests, Slices
from zhiyin.warehouse.journeys.passes.asked import ALL, ANY_TIME, Allowed, Groups

NAMES = ("A", "B", "C", "D")
CHANNELS = ("app", "shop", None)
TUPLES = 6
KEYS = 9
EPOCH = 1_000
NAME_BITS = 3
Kind: TypeAlias = type[np.uint8] | type[np.uint16] | type[np.uint32]
KINDS: tuple[Kind, ...] = (np.uint8, np.uint16)
"""Each is compiled for; that of 32 bits is in the tests of the index itself."""
LOW_BITS = (0, 1, 2, 5)
"""Of a tuple's number: none in the word, some, and all."""
BY_CHANNEL = Groups.by_tuple(np.arange(TUPLES, dtype=np.int32) % len(CHANNELS), len(CHANNELS))


@dataclass(frozen=True)
class Event:
    """One event of a key, in the base or in the tail."""

    key: int
    us: int
    name: int
    code: int
    is_late: bool


@dataclass(frozen=True)
class Coded(Happened):
    """One event with the code of its tuple."""

    code: int


@dataclass(frozen=True)
class Indexed:
    """A log in the form of the index.

    Attributes:
        stands: by key, the one that stands for its customer.
        of: each customer's allowed events in order, by the key that stands for her.
        whole: all her events.
    """

    histories: Histories
    allowed: Allowed
    stands: list[int]
    of: dict[int, list[Coded]]
    whole: dict[int, list[Coded]]

    def named(self, start: frozenset[str] | None = None) -> dict[str, list[Coded]]:
        """Her events by her name; with `start`, from the first with one of these names on."""
        found = {}
        for key, events in self.of.items():
            places = [p for p, e in enumerate(events) if start is None or e.name in start]
            found[str(key)] = events[places[0] :] if places else []
        return found


def logs() -> st.SearchStrategy[Indexed]:
    """Histories with ties, repeats, late events, keys without a base, groups and erased keys."""
    return st.integers(0, 1 << 32).map(lambda seed: _log(random.Random(seed)))  # noqa: S311 - no secret


def _log(chance: random.Random) -> Indexed:
    based, span = chance.randint(0, KEYS), chance.choice((5, 25))
    rows = []
    for _event in range(chance.randint(0, 70)):
        key = chance.randrange(KEYS)
        rows.append(
            Event(
                key=key,
                us=EPOCH + chance.randint(0, span),
                name=chance.randrange(len(NAMES)),
                code=chance.randrange(TUPLES),
                is_late=key >= based or chance.random() < 0.3,
            )
        )
    rows += rows[: chance.choice((0, 4))]
    stands = list(range(KEYS))
    for _merge in range(chance.randint(0, 4)):
        low, high = sorted((stands[chance.randrange(KEYS)], stands[chance.randrange(KEYS)]))
        stands = [low if key == high else key for key in stands]
    erased = frozenset(chance.randrange(KEYS) for _key in range(chance.choice((0, 0, 1, 2))))
    histories = _histories(
        rows, based, stands, erased, chance.choice(KINDS), chance.choice(LOW_BITS)
    )
    allowed = _choice(chance)
    living = [key for key in range(KEYS) if key not in erased]
    first = [
        key if key in erased else min(k for k in living if stands[k] == stands[key])
        for key in range(KEYS)
    ]
    return Indexed(
        histories,
        allowed,
        first,
        _reckoned(rows, first, erased, allowed),
        _reckoned(rows, first, erased, ALL),
    )


def _choice(chance: random.Random) -> Allowed:
    """Filters, each of which is seldom there."""
    tuples, names, keys = [
        np.array([chance.random() < 0.8 for _code in range(size)], np.uint16)
        if chance.random() < 0.25
        else None
        for size in (TUPLES, len(NAMES), KEYS)
    ]
    allowed = None if keys is None else keys.astype(np.uint8)
    start, end = sorted((EPOCH + chance.randint(-3, 12), EPOCH + chance.randint(0, 30)))
    start, end = chance.choice([(-ANY_TIME, ANY_TIME)] * 4 + [(start, ANY_TIME), (start, end)])
    return Allowed(tuples, names, allowed, start, end)


def _slices(rows: list[Event], places: list[int], kind: Kind, low_bits: int) -> Slices:
    low = (1 << low_bits) - 1
    ordered = sorted(rows, key=lambda e: (places.index(e.key), e.us))
    counts = Counter(e.key for e in rows)
    return Slices(
        np.cumsum([0, *(counts[key] for key in places)]).astype(np.int64),
        np.array(
            [((e.us - EPOCH) << low_bits | e.code & low) << NAME_BITS | e.name for e in ordered],
            np.uint64,
        ),
        cast("Rests", np.array([e.code >> low_bits for e in ordered], kind)),
    )


def _histories(
    rows: list[Event],
    based: int,
    stands: list[int],
    erased: frozenset[int],
    kind: Kind,
    low_bits: int,
) -> Histories:
    base = [e for e in rows if not e.is_late]
    tail = [e for e in rows if e.is_late]
    late = sorted({e.key for e in tail}, reverse=True)  # in any order of keys
    flags = np.full(KEYS, SKIPPED, np.uint8)
    flags[:based] = PLAIN  # with and without events
    place = np.full(KEYS, -1, np.int32)
    place[late] = np.arange(len(late))
    flags[late] = MERGED
    group, members, ends = np.full(KEYS, -1, np.int32), list[int](), [0]
    for first in sorted(set(stands)):
        mine = [k for k in range(KEYS) if stands[k] == first and k not in erased]
        if len(mine) > 1:
            flags[mine] = SKIPPED
            flags[mine[0]] = MERGED
            group[mine[0]] = len(ends) - 1
            members += mine
            ends.append(len(members))
    flags[sorted(erased)] = SKIPPED
    return Histories(
        epoch=EPOCH,
        name_bits=NAME_BITS,
        low_bits=low_bits,
        base=_slices(base, list(range(based)), kind, low_bits),
        tail=_slices(tail, late, kind, low_bits),
        tail_place=place,
        flags=flags,
        group=group,
        group_offsets=np.array(ends, np.int64),
        members=np.array(members, np.int32),
    )


def _reckoned(
    rows: list[Event], stands: list[int], erased: frozenset[int], allowed: Allowed
) -> dict[int, list[Coded]]:
    found: dict[int, list[Coded]] = {}
    for e in sorted(rows, key=lambda e: (e.us, e.key, e.is_late)):
        if e.key in erased:
            continue
        first = stands[e.key]
        tables = ((allowed.keys, first), (allowed.tuples, e.code), (allowed.names, e.name))
        if allowed.start <= e.us < allowed.end and all(_is_in(*one) for one in tables):
            event = Coded(e.us, NAMES[e.name], CHANNELS[e.code % 3], e.code)
            found.setdefault(first, []).append(event)
    return found


def _is_in(table: npt.NDArray[np.unsignedinteger] | None, code: int) -> bool:
    return table is None or bool(table[code])
