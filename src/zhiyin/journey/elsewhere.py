"""Sessions of unknown customers in each place, beside like sessions elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhiyin.journey.brought import Brought
from zhiyin.journey.withholding import State, beside_whole, within
from zhiyin.stats.estimate import Floats
from zhiyin.stats.shortfall import Shortfall, Sides, shortfall

Key = tuple[int, ...]
"""Codes of words, one a dimension."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One step in one place, nothing withheld.

    Args:
        place: where.
        alike: what like sessions agree in.
        step: its number, from 0.
        of_everyone: whether everybody's sessions are compared, or anonymous ones alone.
        sessions, lost: anonymous ones that came, and that ended there.
        customers, lost_customers: who have one.
        other_customers: behind the other numbers that are shown: who went on; of the sessions that
            are compared, who came here and went on; who came elsewhere and went on.
        here_customers, like_customers: of the sessions that are compared.
        group_customers: of both.
        like_sessions: that are compared.
        like_worth: what anyone's session elsewhere that came to the step brought; None for none.
        further_customers: who tell what a session that went on is worth.
        has_money: whether any order tells it.
    """

    place: Key
    alike: Key
    step: int
    of_everyone: bool
    sessions: int
    lost: int
    customers: int
    lost_customers: int
    other_customers: tuple[int, ...]
    here_customers: int
    like_customers: int
    group_customers: int
    like_sessions: int
    like_worth: float | None
    further_customers: int
    has_money: bool
    found: Shortfall

    def has_few(self, minimum: int) -> bool:
        """Whether a number would tell of fewer customers than the minimum."""
        always = self.customers - self.lost_customers
        of_customers = (self.customers, self.lost_customers, always, self.here_customers,
                        self.like_customers, *self.other_customers)  # fmt: skip
        return any(0 < one < minimum for one in of_customers)


def cells(found: Brought, alike: Sequence[int]) -> Iterator[Cell]:
    """Every step of every place where an anonymous session came to it.

    Args:
        alike: the columns of places in which like sessions agree.
    """
    keys, number = np.unique(found.place[:, list(alike)], axis=0, return_inverse=True)
    number = number.reshape(-1)
    for group, key in enumerate(keys.tolist()):
        yield from _of_group(found, np.flatnonzero(number == group), tuple(key))


def states(all_cells: Sequence[Cell], minimum: int) -> list[State]:
    """Which cells are shown.

    A cell is, where each number in it tells of nobody or of at least the minimum; who came to one
    step and not to the next is a group too, and so are those of a place that could be calculated
    from the other places of its group and what each is compared with.
    """
    found: dict[tuple[Key, int], State] = {}
    by_place: dict[Key, list[Cell]] = {}
    by_group: dict[tuple[Key, int], list[Cell]] = {}
    for cell in all_cells:
        by_place.setdefault(cell.place, []).append(cell)
        by_group.setdefault((cell.alike, cell.step), []).append(cell)
    for place, steps in by_place.items():
        nested = within([cell.customers for cell in steps], minimum)
        for cell, state in zip(steps, nested, strict=True):
            is_few = state == "ok" and cell.has_few(minimum)
            found[place, cell.step] = "too_few" if is_few else state
    for (_alike, step), places in by_group.items():
        more = beside_whole(
            [cell.here_customers for cell in places],
            [found[cell.place, step] for cell in places],
            max(cell.group_customers for cell in places),
            minimum,
        )
        for cell, state in zip(places, more, strict=True):
            found[cell.place, step] = state
    return [found[cell.place, cell.step] for cell in all_cells]


def _of_group(found: Brought, rows: NDArray[np.int64], alike: Key) -> Iterator[Cell]:
    """The cells of places that are compared with one another."""
    who, customer = np.unique(found.customer[rows], return_inverse=True)
    unknown = np.zeros(len(who), np.bool_)
    unknown[customer] = found.is_anonymous[rows]
    values = np.column_stack([found.came[rows], found.money[rows]])
    sums = [np.bincount(customer, weights=one, minlength=len(who)) for one in values.T]
    whole = np.array(sums, dtype=np.float64).T
    places, number = np.unique(found.place[rows], axis=0, return_inverse=True)
    number = number.reshape(-1)
    goal = found.came.shape[1] - 1
    for place, key in enumerate(places.tolist()):
        mine = np.flatnonzero(number == place)
        here = np.zeros_like(whole)
        here[customer[mine]] = values[mine]
        for step in range(goal):
            if here[unknown, step].any():
                sides = _Sides(here, whole - here, unknown, step, is_last=step + 1 == goal)
                yield sides.cell(tuple(key), alike)


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Sums here and elsewhere: a row a customer; a column a step, then the money."""

    here: Floats
    there: Floats
    unknown: NDArray[np.bool_]
    step: int
    is_last: bool

    def cell(self, place: Key, alike: Key) -> Cell:
        here, there, step = self.here, self.there, self.step
        came, went = here[:, step] * self.unknown, here[:, step + 1] * self.unknown
        # Who comes to the goal is mostly known by it: of the last step everybody's are compared.
        of = np.ones(len(here)) if self.is_last else self.unknown.astype(np.float64)
        sides = Sides(
            came=here[:, step] * of,
            went=here[:, step + 1] * of,
            came_there=there[:, step] * of,
            went_there=there[:, step + 1] * of,
            further=there[:, step + 1],
            worth=there[:, -1],
        )
        anyone = float(there[:, step].sum())
        return Cell(
            place=place,
            alike=alike,
            step=step,
            of_everyone=self.is_last,
            sessions=int(came.sum()),
            lost=int((came - went).sum()),
            customers=_customers(came),
            lost_customers=_customers(came - went),
            other_customers=(
                _customers(went), _customers(sides.went), _customers(sides.went_there),
            ),
            here_customers=_customers(sides.came),
            like_customers=_customers(sides.came_there),
            group_customers=_customers(sides.came + sides.came_there),
            like_sessions=int(sides.came_there.sum()),
            like_worth=float(there[:, -1].sum()) / anyone if anyone else None,
            further_customers=_customers(sides.further),
            has_money=bool(sides.worth.any()),
            found=shortfall(float(came.sum()), sides),
        )  # fmt: skip


def _customers(sums: Floats) -> int:
    return int(np.count_nonzero(sums))
