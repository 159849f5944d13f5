"""Sums over customers: all that an interval that counts customers needs to know.

An answer of weight w and value y brings ``num = w·y`` and ``den = w`` (a weight of 1 when
nobody weighted). For a ratio of two things (revenue ÷ orders) a row brings both itself.
T_c and N_c are a customer's sums of num and den in the cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.estimate import Floats, Number

Index = int | slice | tuple[int, ...] | NDArray[np.int64] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Totals:
    """A cell's sums, or one array a field for many cells (all of one shape).

    Comparing with ``==`` works for one cell only.
    """

    n: Number
    """Rows."""
    customers: Number
    num: Number
    """Σ num = Σ T_c"""
    den: Number
    """Σ den = Σ N_c"""
    yy: Number
    """Σ num²/den over rows, = Σ w·y²; 0 where it means nothing (a ratio of two things)"""
    den2: Number
    """Σ den² over rows, = Σ w²"""
    tt: Number
    """Σ T_c²"""
    tn: Number
    """Σ T_c·N_c"""
    nn: Number
    """Σ N_c²"""

    @classmethod
    def of(cls, value: ArrayLike, customer: ArrayLike, weight: ArrayLike | None = None) -> Self:
        """Totals of one cell from its answers.

        Args:
            value: one number an answer (+1, 0, −1 for NPS; 1 or 0 for a share).
            customer: who answered (integers or words).
            weight: above 0; without it every answer weighs 1.

        Raises:
            ValueError: a value or weight is missing or not finite, or a weight is not above 0.

        >>> Totals.of([1, 1, -1], ["a", "a", "b"])
        Totals(n=3.0, customers=2.0, num=1.0, den=3.0, yy=3.0, den2=3.0, tt=5.0, tn=3.0, nn=5.0)
        """
        cells = cls.by(value, customer, np.zeros(np.size(value), dtype=np.int64), 1, weight)
        return cls(*(float(getattr(cells, field.name)[0]) for field in fields(cls)))

    @classmethod
    def by(
        cls,
        value: ArrayLike,
        customer: ArrayLike,
        cell: ArrayLike,
        cells: int,
        weight: ArrayLike | None = None,
    ) -> Self:
        """Totals of `cells` cells from answers; `cell` is each answer's cell, 0…cells−1."""
        y = np.asarray(value, dtype=np.float64)
        w = np.ones_like(y) if weight is None else np.asarray(weight, dtype=np.float64)
        if not np.isfinite(y).all():
            raise ValueError("a value is missing or not finite: only answered answers count")
        if not (np.isfinite(w).all() and (w > 0).all()):
            raise ValueError("a weight is missing or not above 0")
        return cls._sum(w * y, w, w * y * y, customer, cell, cells)

    @classmethod
    def of_ratio(cls, num: ArrayLike, den: ArrayLike, customer: ArrayLike) -> Self:
        """Totals of a ratio of two things, Σ num ÷ Σ den, from rows that bring both.

        A row may bring 0 to either side (a customer who bought nothing brings 0 orders and
        1 customer). `yy` is 0: the plain variance of such rows means nothing.
        """
        top, bottom = np.asarray(num, dtype=np.float64), np.asarray(den, dtype=np.float64)
        if not (np.isfinite(top).all() and np.isfinite(bottom).all()):
            raise ValueError("a value is missing or not finite")
        cell = np.zeros(top.size, dtype=np.int64)
        cells = cls._sum(top, bottom, np.zeros_like(top), customer, cell, 1)
        return cls(*(float(getattr(cells, field.name)[0]) for field in fields(cls)))

    @classmethod
    def _sum(
        cls,
        num: Floats,
        den: Floats,
        yy: Floats,
        customer: ArrayLike,
        cell: ArrayLike,
        cells: int,
    ) -> Self:
        where = np.asarray(cell)
        pair_cell, t, n = _customer_sums(num, den, customer, where)

        def rows(weights: Floats | None) -> Floats:
            return np.bincount(where, weights=weights, minlength=cells).astype(np.float64)

        def people(weights: Floats | None) -> Floats:
            return np.bincount(pair_cell, weights=weights, minlength=cells).astype(np.float64)

        return cls(
            n=rows(None),
            customers=people(None),
            num=rows(num),
            den=rows(den),
            yy=rows(yy),
            den2=rows(den * den),
            tt=people(t * t),
            tn=people(t * n),
            nn=people(n * n),
        )

    @classmethod
    def stack(cls, cells: Iterable[Totals]) -> Self:
        """Many cells as one `Totals` of arrays."""
        rows = [[getattr(cell, field.name) for field in fields(cls)] for cell in cells]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(fields(cls)))
        return cls(*(np.ascontiguousarray(column) for column in table.T))

    def __getitem__(self, at: Index) -> Totals:
        """The cell (or cells) at an index."""
        return Totals(*(np.asarray(getattr(self, field.name))[at] for field in fields(self)))

    def __add__(self, other: Totals) -> Totals:
        """The two cells together. Only for cells that share no customer: nobody checks."""
        return Totals(
            *(getattr(self, field.name) + getattr(other, field.name) for field in fields(self))
        )


@dataclass(frozen=True, slots=True)
class Cross:
    """Sums of products over the customers that two cells share (T, N here; T', N' there)."""

    tt: Number = 0.0
    """Σ T_c·T'_c"""
    tn: Number = 0.0
    """Σ T_c·N'_c"""
    nt: Number = 0.0
    """Σ N_c·T'_c"""
    nn: Number = 0.0
    """Σ N_c·N'_c"""

    @classmethod
    def of(
        cls,
        value: ArrayLike,
        customer: ArrayLike,
        other_value: ArrayLike,
        other_customer: ArrayLike,
        weight: ArrayLike | None = None,
        other_weight: ArrayLike | None = None,
    ) -> Self:
        """From the answers of two cells.

        >>> Cross.of([1, 1], ["a", "b"], [-1, 0, 1], ["a", "a", "c"])
        Cross(tt=-1.0, tn=2.0, nt=-1.0, nn=2.0)
        """
        y, y_other = np.asarray(value, np.float64), np.asarray(other_value, np.float64)
        w = np.ones_like(y) if weight is None else np.asarray(weight, np.float64)
        w_other = (
            np.ones_like(y_other) if other_weight is None else np.asarray(other_weight, np.float64)
        )
        who = np.concatenate([np.asarray(customer), np.asarray(other_customer)])
        _, code = np.unique(who, return_inverse=True)
        count = int(code.max()) + 1 if code.size else 0
        here, there = code[: y.size], code[y.size :]
        t = np.bincount(here, weights=w * y, minlength=count)
        n = np.bincount(here, weights=w, minlength=count)
        t_other = np.bincount(there, weights=w_other * y_other, minlength=count)
        n_other = np.bincount(there, weights=w_other, minlength=count)
        return cls(
            tt=float(t @ t_other),
            tn=float(t @ n_other),
            nt=float(n @ t_other),
            nn=float(n @ n_other),
        )

    def swapped(self) -> Cross:
        """The same seen from the other cell."""
        return Cross(tt=self.tt, tn=self.nt, nt=self.tn, nn=self.nn)

    def __getitem__(self, at: Index) -> Cross:
        """The pair (or pairs) at an index."""
        return Cross(*(np.asarray(getattr(self, field.name))[at] for field in fields(self)))


def rest(
    group: Totals, margin: Totals, cross: Cross, customers: Number | None = None
) -> tuple[Totals, Cross]:
    """Everybody but the group: (totals of the rest, group × rest), from group and margin alone.

    Args:
        group: a cell.
        margin: a cell that holds all of the group's rows.
        cross: group × margin (``m_tt`` … ``m_nn`` of the log's totals).
        customers: customers with a row in the rest, where somebody has counted them.

    How many customers the rest has cannot be told from sums: one may have rows on both
    sides. Without `customers` the *smallest number that the sums allow* is used: customers
    of the margin who are not in the group at all, or (Σ N_c)² ÷ Σ N_c², whichever is more.
    It is exact where nobody is on both sides or all have the same number of answers, and
    otherwise too small, so degrees of freedom and small-base rules err towards saying less.
    """
    n = _left(margin.n, group.n)
    den = _left(margin.den, group.den)
    nn = _left(np.asarray(margin.nn) - 2 * np.asarray(cross.nn), -np.asarray(group.nn))
    nn = np.where(den > 0, nn, 0.0)
    if customers is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.ceil(np.where(nn > 0, den * den / nn, 0.0) - 1e-6)
        least = np.maximum(_left(margin.customers, group.customers), spread)
        customers = np.minimum(np.minimum(least, n), margin.customers)
    others = Totals(
        n=n,
        customers=customers,
        num=np.asarray(margin.num) - group.num,
        den=den,
        yy=_left(margin.yy, group.yy),
        den2=_left(margin.den2, group.den2),
        tt=_left(np.asarray(margin.tt) - 2 * np.asarray(cross.tt), -np.asarray(group.tt)),
        tn=np.asarray(margin.tn) - cross.tn - cross.nt + group.tn,
        nn=nn,
    )
    shared = Cross(
        tt=np.asarray(cross.tt) - group.tt,
        tn=np.asarray(cross.tn) - group.tn,
        nt=np.asarray(cross.nt) - group.tn,
        nn=np.asarray(cross.nn) - group.nn,
    )
    return others, shared


def _left(whole: Number, part: Number) -> Floats:
    """A difference that cannot be negative but for rounding."""
    return np.maximum(np.asarray(whole, dtype=np.float64) - part, 0.0)


def _customer_sums(
    num: Floats, den: Floats, customer: ArrayLike, cell: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """(cell, Σ num, Σ den) of each customer in each cell that has one of her rows."""
    who = np.asarray(customer)
    if not who.size:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    _, code = np.unique(who, return_inverse=True)
    pair, inverse = np.unique(
        cell.astype(np.int64) * (int(code.max()) + 1) + code, return_inverse=True
    )
    t: Floats = np.bincount(inverse, weights=num, minlength=pair.size).astype(np.float64)
    n: Floats = np.bincount(inverse, weights=den, minlength=pair.size).astype(np.float64)
    return pair // (int(code.max()) + 1), t, n
