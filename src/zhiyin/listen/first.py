"""What to fix first: the aspects whose blame goes with low scores, and is often there.

Of the responses with a score and a comment, those that blame an aspect are compared with the
others by how many of their scores are low. Times how often it is blamed, that is the part of all
responses whose low score goes with it. *Goes with*, not *drives*: who is angry of one thing blames
another more readily, and no list of comments tells which came first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import day_start
from zhiyin.listen import comments
from zhiyin.listen.apart import Q
from zhiyin.stats import families, proportion
from zhiyin.stats.estimate import Estimate, Floats, number
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.where import where


@dataclass(frozen=True, slots=True)
class Aspect:
    """One aspect that is blamed.

    Attributes:
        often: the share of responses in which it is blamed.
        low_with: of those, the share with a low score; `low_without` of the others.
        difference: the one less the other; `low` and `high` at the family's level.
        weight: `often` times `difference`: the share of all responses whose low score goes with it.
        q: the smallest at which it would be marked; None where there is no test.
        marked: whether its blame goes with low scores, after control of false discoveries.
    """

    key: str
    often: Estimate
    low_with: Estimate
    low_without: Estimate
    difference: float
    low: float | None
    high: float | None
    weight: float
    q: float | None
    marked: bool

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "aspect": self.key,
            **{
                name: {"value": one.value, "low": one.low, "high": one.high, "n": one.n,
                       "customers": one.customers}
                for name in ("often", "low_with", "low_without")
                for one in [getattr(self, name)]
            },
            **{
                name: getattr(self, name)
                for name in ("difference", "low", "high", "weight", "q", "marked")
            },
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class First:
    """The aspects, the heaviest first, those that are surely so before the others.

    Attributes:
        n: responses with a score and a comment that was read; of `customers`.
        low: the share of them with a low score; None where there are too few.
        aspects: empty where there are too few; those whose blame too few utter are left out.
        left_out: how many these are.
    """

    n: int
    customers: int
    low: Estimate | None
    aspects: tuple[Aspect, ...]
    left_out: int
    tests: int
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "n": self.n,
            "customers": self.customers,
            "low_share": self.low and self.low.value,
            "left_out": self.left_out,
            "tests": self.tests,
            "confidence": self.confidence,
            "aspects": [one.as_dict() for one in self.aspects],
        }


def first(
    log: Log,
    settings: Settings,
    *,
    start: date | None = None,
    end: date | None = None,
    among: Filter | None = None,
) -> First:
    """What to fix first.

    Args:
        start: the first local day, and `end` the day after the last.
        among: only what was said in clauses for which this holds, e.g. at one touchpoint.

    Raises:
        Problem: a filter that cannot be read.
    """
    schema, zone = log.schema(settings.slug), settings.timezone
    scored = comments.scored(log, settings.slug)
    if scored is None:
        return _NOTHING
    clauses = lang.table(schema, "clauses")
    holds = [clauses.response.notnull()]
    if among is not None:
        holds.append(where(among, clauses, schema, table_name="clauses", zone=zone))
    if start is not None:
        holds.append(clauses.occurred_at >= lang.timestamp(day_start(start, zone)))
    if end is not None:
        holds.append(clauses.occurred_at < lang.timestamp(day_start(end, zone)))
    said = clauses.filter(*holds).join(scored, "response")
    said = said.mutate(is_low=said.low < 0)
    rows = said.select("response", "customer", "is_low", "aspect", "polarity").distinct()
    found = log.execute(settings.slug, rows, words=True)
    return _weighed(
        {name: found.column(name).to_numpy(zero_copy_only=False) for name in found.column_names},
        minimum=settings.minimum_base,
    )


_NOTHING = First(0, 0, None, (), 0, 0, 1 - Q)


def _weighed(said: dict[str, NDArray[Any]], *, minimum: int) -> First:
    names, at, response = np.unique(said["response"], return_index=True, return_inverse=True)
    _who, customer = np.unique(said["customer"][at], return_inverse=True)
    n, customers = len(names), int(customer.max(initial=-1)) + 1
    if customers < minimum:
        return First(n, customers, None, (), 0, 0, 1 - Q)
    is_low = said["is_low"][at].astype(float)
    blamed = (said["polarity"] == "negative") & np.array([bool(one) for one in said["aspect"]])
    keys, aspect = np.unique(said["aspect"][blamed].astype(str), return_inverse=True)
    held = sparse.csr_array(
        (np.ones(len(aspect)), (response[blamed], aspect)), shape=(n, len(keys))
    )
    held.sum_duplicates()
    held.data[:] = 1
    of = sparse.csr_array((np.ones(n), (customer, np.arange(n))), shape=(customers, n))
    sums = _Sums(of @ held, of @ sparse.diags_array(is_low) @ held, of @ np.ones(n), of @ is_low)
    low = proportion.estimate(sums.whole())
    enough = np.minimum(sums.blamers(), sums.others()) >= minimum
    left_out = int((~enough).sum())
    if not enough.any():
        return First(n, customers, low, (), left_out, 0, 1 - Q)
    keys, sums = keys[enough], sums.of(enough)
    here, there = sums.here(), sums.there()
    often = proportion.estimates(sums.often())
    differences = proportion.differences(here, there, sums.cross())
    family = families.mark(differences.p, Q)
    ends = families.intervals(family, differences.interval)
    with_, without = proportion.estimates(here), proportion.estimates(there)
    made = [
        Aspect(
            str(key),
            _one(often, at),
            _one(with_, at),
            _one(without, at),
            float(differences.difference[at]),
            number(ends[0][at]),
            number(ends[1][at]),
            float(often.value[at] * differences.difference[at]),
            number(family.q_values[at]),
            bool(family.marked[at]),
        )
        for at, key in enumerate(keys)
    ]
    made.sort(key=lambda one: (not (one.marked and one.difference > 0), -one.weight))
    return First(n, customers, low, tuple(made), left_out, family.tests, family.confidence)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Responses of customers, and among them those that blame each aspect.

    Attributes:
        den: customers by aspects, sparse: her responses that blame it; `num` those of low scores.
        whole_den: her responses; `whole_num` those with a low score.
    """

    den: Any
    num: Any
    whole_den: Floats
    whole_num: Floats

    def of(self, chosen: NDArray[np.bool_]) -> _Sums:
        """For some aspects."""
        at = np.flatnonzero(chosen)
        return _Sums(self.den[:, at], self.num[:, at], self.whole_den, self.whole_num)

    def blamers(self) -> Floats:
        """Customers who blame it."""
        made: Floats = np.diff(self.den.tocsc().indptr).astype(float)
        return made

    def others(self) -> Floats:
        """Customers with a response that does not."""
        held = self.den.tocoo()
        always = held.data == self.whole_den[held.row]
        without = np.bincount(held.col[always], minlength=self.den.shape[1])
        return np.asarray(len(self.whole_den) - without, np.float64)

    def whole(self) -> Totals:
        """Low scores of all responses."""
        num, den = self.whole_num, self.whole_den
        n = float(den.sum())
        return Totals(
            n, float(len(den)), float(num.sum()), n, float(num.sum()), n,
            float(num @ num), float(num @ den), float(den @ den),
        )  # fmt: skip

    def here(self) -> Totals:
        """Low scores of the responses that blame it."""
        n, low = _sum(self.den), _sum(self.num)
        return Totals(
            n, self.blamers(), low, n, low, n,
            _sum(self.num, self.num), _sum(self.num, self.den), _sum(self.den, self.den),
        )  # fmt: skip

    def there(self) -> Totals:
        """Of the others: what all sum to, less that; so no table of all by all is made."""
        num, den = self.whole_num, self.whole_den
        n, low = den.sum() - _sum(self.den), num.sum() - _sum(self.num)
        return Totals(
            n, self.others(), low, n, low, n,
            num @ num - 2 * (num @ self.num) + _sum(self.num, self.num),
            num @ den - num @ self.den - den @ self.num + _sum(self.num, self.den),
            den @ den - 2 * (den @ self.den) + _sum(self.den, self.den),
        )  # fmt: skip

    def cross(self) -> Cross:
        """Of customers who blame it in one response and not in another."""
        num, den = self.whole_num, self.whole_den
        return Cross(
            tt=num @ self.num - _sum(self.num, self.num),
            tn=den @ self.num - _sum(self.num, self.den),
            nt=num @ self.den - _sum(self.num, self.den),
            nn=den @ self.den - _sum(self.den, self.den),
        )

    def often(self) -> Totals:
        """Responses that blame it, of all."""
        den = self.whole_den
        every = np.full(self.den.shape[1], float(den.sum()))
        blamed = _sum(self.den)
        return Totals(
            every, np.full(len(every), float(len(den))), blamed, every, blamed, every,
            _sum(self.den, self.den), den @ self.den, np.full(len(every), float(den @ den)),
        )  # fmt: skip


def _sum(one: Any, by: Any = None) -> Floats:
    made: Floats = np.asarray((one if by is None else one.multiply(by)).sum(axis=0)).ravel()
    return made


def _one(estimates: Any, at: int) -> Estimate:
    found: Estimate | None = estimates[at]
    if found is None:
        raise ValueError("a group without responses has no share")
    return found
