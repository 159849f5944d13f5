"""What distinguishes two groups by what they say: promoters and detractors, now and before.

Of each thing that clauses say (an aspect praised or blamed, an emotion, an intent, an urgency) the
share of customers who said it is compared, all of them as one family. Customers are counted, not
clauses; who is in both groups counts in both, and the interval knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.kernel.text import _
from zhiyin.listen import comments
from zhiyin.stats import families, proportion
from zhiyin.stats.estimate import Estimate, number
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.where import where

Sides = Literal["scores", "before", "filter"]
"""Detractors against promoters; a period against the one before; clauses for which a filter holds
against the others."""

Q = 0.05
"""The share of marks that may be false."""

_MARKS = ("emotion", "intent", "effort", "urgency")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which groups.

    Args:
        start: the first local day, and `end` the day after the last.
        among: only clauses for which this holds, in both groups.
        one: with the sides ``filter``: the first group's clauses.
    """

    sides: Sides
    start: date | None = None
    end: date | None = None
    among: Filter | None = None
    one: Filter | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that is said.

    Attributes:
        kind: ``aspect``, ``emotion``, ``intent``, ``effort`` or ``urgency``.
        name: as the log calls it.
        polarity: of an aspect; else blank.
        here: the share of the first group's customers who said it, and `there` of the second's.
        difference: here less there; `low` and `high` at the family's level.
        q: the smallest at which it would be marked; None where there is no test.
        marked: whether it distinguishes the groups.
    """

    kind: str
    name: str
    polarity: str
    here: Estimate
    there: Estimate
    difference: float
    low: float | None
    high: float | None
    q: float | None
    marked: bool

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "kind": self.kind,
            "name": self.name,
            "polarity": self.polarity or None,
            "here": _share(self.here),
            "there": _share(self.there),
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "q": self.q,
            "marked": self.marked,
        }


@dataclass(frozen=True, slots=True)
class Apart:
    """Two groups of customers, and what each says more; what distinguishes most stands first.

    Attributes:
        here: customers of the first group of whom something was read; `there` of the second.
        things: empty where either has too few.
        tests: how many comparisons are the family.
        confidence: of the intervals of differences.
    """

    here: int
    there: int
    things: tuple[Thing, ...]
    tests: int
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "here": self.here,
            "there": self.there,
            "tests": self.tests,
            "confidence": self.confidence,
            "things": [one.as_dict() for one in self.things],
        }


def apart(log: Log, settings: Settings, wanted: Wanted) -> Apart:
    """Compare what two groups say.

    Raises:
        Problem: ``apart.no-period``, ``apart.no-filter``; a filter that cannot be read.
    """
    clauses = _clauses(log, settings, wanted)
    if clauses is None:
        return Apart(0, 0, (), 0, 1 - Q)
    said = clauses.select("customer", "side", "aspect", "polarity", *_MARKS).distinct()
    found = log.execute(settings.slug, said, words=True)
    return _compared(
        {name: found.column(name).to_numpy(zero_copy_only=False) for name in found.column_names},
        minimum=settings.minimum_base,
    )


def _clauses(log: Log, settings: Settings, wanted: Wanted) -> lang.Expression | None:
    """Clauses with the group that they are of, `side`: true for the first."""
    schema, zone = log.schema(settings.slug), settings.timezone
    clauses = lang.table(schema, "clauses")

    def holds(one: Filter) -> lang.Value:
        return where(one, clauses, schema, table_name="clauses", zone=zone)

    kept = [] if wanted.among is None else [holds(wanted.among)]
    begins = None if wanted.start is None else day_start(wanted.start, zone)
    ends = None if wanted.end is None else day_start(wanted.end, zone)
    earliest = begins
    if wanted.sides == "before":
        if wanted.start is None or wanted.end is None:
            raise Problem(
                "apart.no-period",
                _("A period is compared with the one before, and none is chosen."),
                _("Choose a period, or a first and a last day."),
            )
        earliest = day_start(wanted.start - (wanted.end - wanted.start), zone)
    if earliest is not None:
        kept.append(clauses.occurred_at >= lang.timestamp(earliest))
    if ends is not None:
        kept.append(clauses.occurred_at < lang.timestamp(ends))
    if kept:
        clauses = clauses.filter(*kept)
    if wanted.sides == "before" and begins is not None:
        return clauses.mutate(side=clauses.occurred_at >= lang.timestamp(begins))
    if wanted.sides == "filter":
        if wanted.one is None:
            raise Problem(
                "apart.no-filter",
                _("Two groups are told apart by a filter, and there is none."),
                _("A filter reads like: emotion = 'anger' and channel = 'app'"),
            )
        return clauses.mutate(side=lang.coalesce(holds(wanted.one), lang.literal(value=False)))
    scored = comments.scored(log, settings.slug)
    if scored is None:
        return None
    scored = scored.filter((scored.low != 0) & (scored.low == scored.high))
    found = clauses.filter(clauses.response.notnull()).join(scored, "response")
    return found.mutate(side=found.low < 0)


def _compared(said: dict[str, NDArray[Any]], *, minimum: int) -> Apart:
    who, customer = np.unique(said["customer"], return_inverse=True)
    side = said["side"].astype(bool)
    groups = [np.unique(customer[side]), np.unique(customer[~side])]
    here, there = (len(one) for one in groups)
    things, rows = _things(said)
    if min(here, there) < minimum or not things:
        return Apart(here, there, (), 0, 1 - Q)
    shape = (len(who), len(things))
    says = [_says(customer, rows, side == first, shape) for first in (True, False)]
    both = np.intersect1d(groups[0], groups[1])
    shared = [one[both] for one in says]
    totals = [_totals(one, len(group)) for one, group in zip(says, groups, strict=True)]
    size = np.full(len(things), float(len(both)))
    cross = Cross(
        tt=np.asarray(shared[0].multiply(shared[1]).sum(axis=0)).ravel(),
        tn=np.asarray(shared[0].sum(axis=0)).ravel(),
        nt=np.asarray(shared[1].sum(axis=0)).ravel(),
        nn=size,
    )
    differences = proportion.differences(totals[0], totals[1], cross)
    family = families.mark(differences.p, Q)
    low, high = families.intervals(family, differences.interval)
    shares = [proportion.estimates(one) for one in totals]
    made = [
        Thing(
            *thing,
            _one(shares[0], at),
            _one(shares[1], at),
            float(differences.difference[at]),
            number(low[at]),
            number(high[at]),
            number(family.q_values[at]),
            bool(family.marked[at]),
        )
        for at, thing in enumerate(things)
    ]
    made.sort(key=lambda one: (not one.marked, -abs(one.difference), one.kind, one.name))
    return Apart(here, there, tuple(made), family.tests, family.confidence)


def _things(said: dict[str, NDArray[Any]]) -> tuple[list[tuple[str, str, str]], Any]:
    """What is said, and of each row of `said` the places of what it says, as two arrays."""
    place: dict[tuple[str, str, str], int] = {}
    rows: list[int] = []
    at: list[int] = []
    columns = ("aspect", "polarity", *_MARKS)
    for row, held in enumerate(zip(*(said[name].tolist() for name in columns), strict=True)):
        aspect, polarity, *marks = held
        says = [("aspect", aspect, polarity)] if aspect and polarity != "neutral" else []
        says += [(kind, mark, "") for kind, mark in zip(_MARKS, marks, strict=True) if mark]
        for one in says:
            rows.append(row)
            at.append(place.setdefault(one, len(place)))
    return list(place), (np.array(rows, np.int64), np.array(at, np.int64))


def _says(customer: NDArray[Any], rows: Any, wanted: NDArray[Any], shape: tuple[int, int]) -> Any:
    """Customers by things: 1 where one of the group said it."""
    row, at = rows
    chosen = wanted[row]
    held = sparse.csr_array(
        (np.ones(int(chosen.sum())), (customer[row[chosen]], at[chosen])), shape=shape
    )
    held.sum_duplicates()
    held.data[:] = 1
    return held


def _totals(says: Any, customers: int) -> Totals:
    """Of each thing: who said it, of all of the group."""
    said = np.asarray(says.sum(axis=0)).ravel().astype(float)
    all_ = np.full(len(said), float(customers))
    return Totals(all_, all_, said, all_, said, all_, said, said, all_)


def _one(shares: Any, at: int) -> Estimate:
    found: Estimate | None = shares[at]
    if found is None:
        raise ValueError("a group without customers has no share")
    return found


def _share(found: Estimate) -> dict[str, Any]:
    return {
        "value": found.value, "low": found.low, "high": found.high, "customers": found.customers
    }  # fmt: skip
