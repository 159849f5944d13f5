"""Funnels: how many customers pass steps in their order, within a time, and how long it takes.

A customer is followed with one number for each step: when the latest chain that has come so far
began. Of two chains at a step the later one has more of its time left: nothing else need be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import Histories, Ints
from zhiyin.warehouse.journeys.passes import SOURCES
from zhiyin.warehouse.journeys.passes.asked import ALL, WHOLE, Allowed, Groups, Periods
from zhiyin.warehouse.journeys.passes.grouping import group_of, groups_in, periods_in, tables
from zhiyin.warehouse.journeys.passes.locating import Located, Page, located
from zhiyin.warehouse.journeys.passes.medians import Floats, Kept, by_cell
from zhiyin.warehouse.journeys.passes.reading import (
    Reading,
    fill,
    over,
    pad_for,
    reading,
    search,
)

Order = Literal["any", "earliest", "strict"]

NEVER, FOREVER = -(1 << 62), 1 << 62
MOST_STEPS = 31
"""A bit of 32 for each."""

UNKNOWN = -1
"""Nobody asks for those who are still on their way."""

NONE, SEVERAL = -1, -2
"""What a name serves, if not one step and nothing else."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a funnel as codes of names.

    Args:
        names: of each step, one or more.
        between: of each gap between two steps, names that may not come in it.
        within: microseconds from the first step to the last, the end included.
    """

    names: Sequence[frozenset[int]]
    between: Sequence[frozenset[int]]
    within: int
    order: Order = "any"


@dataclass(frozen=True, slots=True)
class Passed:
    """Who came how far. The first row is everybody; then come the groups, by their numbers.

    Args:
        customers: [row, step].
        median_us: [row, step], from the start of the chain, when a customer first came as far;
            NaN where nobody did.
    """

    customers: Ints
    median_us: Floats


@dataclass(frozen=True, slots=True)
class Waits:
    """How long those who took the first step were on their way to the last, in microseconds.

    Args:
        took: of those who arrived.
        still: of the others, until their time was over or nothing more is known.
    """

    took: Ints
    still: Ints


def funnel(
    histories: Histories, steps: Steps, *, allowed: Allowed = ALL, by: Groups | Periods = WHOLE
) -> Passed:
    """Count who passes the steps; `by` is the group, or period, of the event that starts a chain.

    A customer who started in two groups is in both. The end of a chain may lie in a later period.

    Raises:
        ValueError: there are more than `MOST_STEPS`.
    """
    customers, kept = _passed(histories, steps, allowed, by, UNKNOWN)
    medians = kept.medians().reshape(len(customers), -1)[:, :-1]
    medians[:, 0] = np.where(customers[:, 0] > 0, 0.0, np.nan)
    return Passed(customers, medians)


def behind(
    histories: Histories,
    steps: Steps,
    page: Page,
    *,
    step: int,
    stopped: bool = False,
    row: int = 0,
    allowed: Allowed = ALL,
    by: Groups | Periods = WHOLE,
) -> Located:
    """Who came to a step.

    Args:
        stopped: only those who came no further.
        row: of `Passed`: everybody, or a group.

    Raises:
        ValueError: there are more than `MOST_STEPS`.
    """
    read, rules = _prepared(histories, steps, allowed, by, UNKNOWN)

    def count(first: int, last: int) -> int:
        customers, _cells, _took = _walk(read, first, last, rules, by.count)
        further = customers[row, step + 1] if stopped and step + 1 < rules.steps else 0
        return int(customers[row, step] - further)

    return located(read, count, page)


def waits(
    histories: Histories,
    steps: Steps,
    *,
    until: int,
    allowed: Allowed = ALL,
    by: Groups = WHOLE,
) -> list[Waits]:
    """What a survival curve is made of: for everybody, then for each group.

    Args:
        steps: in the order ``earliest``: only then does everybody have one start.
        until: microseconds since 1970, up to which the log is known.

    Raises:
        ValueError: the order is another.
    """
    if steps.order != "earliest":
        msg = "only the earliest start tells how long until"
        raise ValueError(msg)
    _customers, kept = _passed(histories, steps, allowed, by, until - histories.epoch)
    last = len(steps.names) - 1
    return [
        Waits(kept.of(row * (last + 2) + last), kept.of(row * (last + 2) + last + 1))
        for row in range(by.count + 1)
    ]


def _passed(
    histories: Histories, steps: Steps, allowed: Allowed, by: Groups | Periods, until: int
) -> tuple[Ints, Kept]:
    """Customers by [row, step]; and how long they took, by cell: the row's steps, then those who
    are still on their way."""
    read, rules = _prepared(histories, steps, allowed, by, until)
    rows, columns = by.count + 1, len(steps.names) + 1
    parts = list(over(read, lambda first, last: _walk(read, first, last, rules, by.count)))
    customers = np.sum([part[0] for part in parts], axis=0)
    cells, took = (np.concatenate([part[place] for part in parts]) for place in (1, 2))
    return customers, by_cell(cells, took, rows * columns)


def _prepared(
    histories: Histories, steps: Steps, allowed: Allowed, by: Groups | Periods, until: int
) -> tuple[Reading, Rules]:
    if len(steps.names) > MOST_STEPS:
        msg = f"a funnel has at most {MOST_STEPS} steps"
        raise ValueError(msg)
    rules = _rules(histories, steps, by, until)
    about = None if rules.is_strict else (rules.serves | rules.breaks != 0).astype(np.uint8)
    return reading(histories, allowed, about), rules


class Rules(NamedTuple):
    """The steps as tables by code of the name.

    Args:
        single: the one step that a name serves, where it serves no other and breaks nothing.
        serves: a bit for each step.
        breaks: a bit for each gap, named by the step before it.
        table: the group by code of the name and column of the tuple.
        columns: by code of the tuple.
        periods: when each begins and the last one ends, since the epoch; none, where groups are
            not periods.
        until: microseconds since the epoch, or UNKNOWN.
    """

    single: npt.NDArray[np.int8]
    serves: npt.NDArray[np.uint32]
    breaks: npt.NDArray[np.uint32]
    table: npt.NDArray[np.int32]
    columns: npt.NDArray[np.uint16]
    periods: Ints
    steps: int
    within: int
    is_earliest: bool
    is_strict: bool
    until: int


def _rules(histories: Histories, steps: Steps, by: Groups | Periods, until: int) -> Rules:
    between = [] if steps.order == "strict" else steps.between
    serves, breaks = _bits(histories, steps.names), _bits(histories, between)
    single = np.full(len(serves), SEVERAL, np.int8)
    single[serves == 0] = NONE
    for step in range(len(steps.names)):
        single[serves == 1 << step] = step
    single[breaks != 0] = SEVERAL
    table, columns = tables(by if isinstance(by, Groups) else WHOLE)
    periods = np.zeros(0, np.int64)
    if isinstance(by, Periods):
        periods = by.begins - histories.epoch
    return Rules(
        single, serves, breaks, table, columns, periods, len(steps.names),
        steps.within, steps.order == "earliest", steps.order == "strict", until,
    )  # fmt: skip


def _bits(histories: Histories, parts: Sequence[frozenset[int]]) -> npt.NDArray[np.uint32]:
    """Bit k of a name says that it is in part k."""
    found = np.zeros(1 << histories.name_bits, np.uint32)
    for place, names in enumerate(parts):
        found[histories.known(names)] |= np.uint32(1 << place)
    return found


class State(NamedTuple):
    """How far one customer has come, and the groups that she starts in.

    Args:
        starts: by step, one more than there are: when the latest chain that came as far as the
            step before began. The first is this moment, which a chain that starts now takes.
        took: by step, how long she was on her way when she first came as far.
        groups: their numbers.
        is_in: 0 or 1 by number of a group.
    """

    starts: Ints
    took: Ints
    groups: Ints
    is_in: npt.NDArray[np.uint8]


@numba.njit(nogil=True, cache=True)
def _walk(read, first, last, rules, groups, _sources=SOURCES):  # type: ignore[no-untyped-def]
    """Customers by [row, step]; and a cell and a time for each that came further than a start."""
    pad = pad_for(read, first, last)
    state = State(
        np.empty(rules.steps + 1, np.int64),
        np.empty(rules.steps + 1, np.int64),
        np.empty(groups, np.int64),
        np.zeros(groups, np.uint8),
    )
    customers = np.zeros((groups + 1, rules.steps), np.int64)
    cells, took, filled = np.empty(0, np.int32), np.empty(0, np.int64), np.int64(0)
    key = np.int64(first)
    while key < last:
        key, count, words, rests = fill(read, pad, key, last)
        # Nobody has more groups than events, nor more times in a group than steps.
        most = (
            filled + (count + min(count * groups, pad.bounds[count] - pad.bounds[0])) * rules.steps
        )
        if most > len(cells):
            cells, took = _grown(cells, filled, 2 * most), _grown(took, filled, 2 * most)
        filled = _follow(
            read, words, rests, pad.bounds, count, rules, state, customers, cells, took, filled
        )
    return customers, cells[:filled].copy(), took[:filled].copy()


@numba.njit(nogil=True)
def _grown(values, filled, size):  # type: ignore[no-untyped-def]
    out = np.empty(size, values.dtype)
    for i in range(filled):
        out[i] = values[i]
    return out


@numba.njit(nogil=True)
def _follow(  # type: ignore[no-untyped-def]
    read, words, rests, bounds, count, rules, state, customers, cells, times, filled
):
    """Count the customers in the pad: each once for everybody and once for each of her groups."""
    bits, mask, split = read.bits, read.mask, read.split
    single, serves, breaks, table, columns, periods = rules[:6]
    steps, within, is_earliest, is_strict, until = rules[6:]
    starts, took, groups, is_in = state
    for place in range(count):
        first, end = bounds[place], bounds[place + 1]
        known, is_alone = 0, False
        if len(periods):
            known = periods_in(
                words, first, end, bits, mask, serves, periods, is_earliest, groups, is_in
            )
        elif len(is_in):
            known, is_alone = groups_in(
                words, rests, first, end, mask, split, serves, table, columns, is_earliest,
                groups, is_in,
            )  # fmt: skip
        reached, began = 0, np.int64(NEVER)
        for turn in range(known + 1):
            row, low, high = np.int64(0), first, end
            wanted, ends = np.int64(NONE), np.int64(FOREVER)
            if turn:
                row = groups[turn - 1] + 1
                wanted = row - 1
            if turn and len(periods):
                # Only what may serve a chain of this period is looked at.
                wanted, ends = np.int64(NONE), periods[row]
                low = search(words, first, end, bits, periods[row - 1])
                high = search(words, low, end, bits, ends + within)
            if turn and is_alone:
                # All her chains start in the one group, which comes as far as she does.
                pass
            elif is_strict:
                reached, began = _strict(
                    words, rests, low, high, bits, mask, split, serves, table, columns, wanted,
                    ends, steps, within, took,
                )  # fmt: skip
            else:
                reached, began = _loose(
                    words, rests, low, high, bits, mask, split, single, serves, breaks, table,
                    columns, wanted, ends, steps, within, is_earliest, starts, took,
                )  # fmt: skip
            for step in range(reached):
                customers[row, step] += 1
                if step > 0:
                    cells[filled] = row * (steps + 1) + step
                    times[filled] = took[step]
                    filled += 1
            if until != UNKNOWN and 0 < reached < steps:
                cells[filled] = row * (steps + 1) + steps
                times[filled] = max(0, min(within, until - began))
                filled += 1
        for turn in range(known):
            is_in[groups[turn]] = 0
    return filled


@numba.njit(nogil=True, inline="always")
def _loose(  # type: ignore[no-untyped-def]
    words, rests, low, high, bits, mask, split, single, serves, breaks, table, columns, wanted,
    ends, steps, within, is_earliest, starts, took,
):  # fmt: skip
    """How far one customer comes with other events between the steps, and when she first began.

    A chain starts in the `wanted` group, if that is one, and before the period `ends`.
    """
    for one in range(steps + 1):
        starts[one] = NEVER
    began = np.int64(NEVER)
    reached = 0
    is_free = wanted < 0 and ends == FOREVER and not is_earliest
    for i in range(np.uint64(low), np.uint64(high)):
        word = words[i]
        name, time = word & mask, np.int64(word >> bits)
        step = single[name]
        starts[0] = time
        if not is_free and serves[name] & 1:
            is_first = began == NEVER
            if is_first:
                began = time
            if (
                (is_earliest and not is_first)
                or time >= ends
                or (wanted >= 0 and group_of(table, columns, name, word, rests[i], split) != wanted)
            ):
                starts[0] = NEVER
        if step >= 0:
            place = np.uint64(step)
            start, next_place = starts[place], place + np.uint64(1)
            is_on = time - start <= within
            # Written in any case, and asked as one: neither is anything that a processor can guess.
            starts[next_place] = start if is_on else starts[next_place]
            if (step >= reached) & is_on:
                took[place] = time - start
                reached = int(step) + 1
                if reached == steps:
                    break
        elif step == SEVERAL:
            for one in range(steps - 1, -1, -1):
                start = starts[one]
                if serves[name] >> one & 1 and time - start <= within:
                    starts[one + 1] = start
                    if one >= reached:
                        took[one] = time - start
                        reached = one + 1
                elif breaks[name] >> one & 1:
                    starts[one + 1] = NEVER
    return reached, began


@numba.njit(nogil=True, inline="always")
def _strict(  # type: ignore[no-untyped-def]
    words,
    rests,
    low,
    high,
    bits,
    mask,
    split,
    serves,
    table,
    columns,
    wanted,
    ends,
    steps,
    within,
    took,
):
    """How far one customer comes step by step, without another event between.

    A chain at a step began just so many events ago, so a bit for each step says all.
    """
    reached, alive = 0, np.int64(0)
    for i in range(low, high):
        word = words[i]
        alive = (alive << 1 | 1) & np.int64(serves[word & mask])
        time = np.int64(word >> bits)
        if alive & 1 and (
            time >= ends
            or (
                wanted >= 0
                and group_of(table, columns, word & mask, word, rests[i], split) != wanted
            )
        ):
            alive &= ~1
        if alive >> reached == 0:
            continue
        for step in range(reached, steps):
            if alive >> step & 1:
                waited = time - np.int64(words[i - step] >> bits)
                if waited > within:
                    alive &= ~(1 << step)
                else:
                    took[step] = waited
                    reached = step + 1
    return reached, np.int64(NEVER)
