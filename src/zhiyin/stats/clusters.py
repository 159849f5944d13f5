"""How far a figure can be off by chance, when customers answer more than once.

Answers of one customer resemble each other, so a row is not a piece of news of its own.
Every figure here is a ratio R = Σ num ÷ Σ den, and its variance is the linearised (Taylor)
one over customers:

    V = k/(k−1) · Σ_c (T_c − R·N_c)² ÷ (Σ N_c)²          k customers

Where each customer answers once and nobody weighted, V is s²/n (s² with n − 1), to the digit.

Sources: Binder 1983; Särndal, Swensson & Wretman 1992, 5.6; Kish 1965 (design effect);
Carter, Schnepel & Steigerwald 2017 (effective customers); Korn & Graubard 1998 (shares
from clustered samples). In R, ``survey::svymean(~y, svydesign(~customer, weights=~w,
data=d), deff="replace")`` gives R, √V and the design effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from zhiyin.stats.estimate import Floats, Number
from zhiyin.stats.finite import correction
from zhiyin.stats.totals import Cross, Totals

_NOTHING = 1e-12
"""Sums of squares below this share of their parts are rounding, not spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A cell's figure and its uncertainty, before any interval is drawn. Arrays of one shape."""

    ratio: Floats
    """R = Σ num ÷ Σ den; nan without answers."""
    second: Floats
    """Σ w·y² ÷ Σ w: for NPS the share of promoters and detractors together."""
    variance: Floats
    """V of R over customers, times the finite population correction; nan for one customer."""
    squares: Floats
    """Σ (T_c − R·N_c)², without any factor."""
    design_effect: Floats
    effective_n: Floats
    noise: Floats
    """Finite population correction ÷ effective n; 0 when the whole frame has answered."""
    df: Floats
    """Degrees of freedom of V: effective customers − 1; customers − 1 where all weigh alike."""
    extra_df: Floats
    """Degrees of freedom of the design effect; infinite where each customer answers once."""


def spread(totals: Totals, population: Number | None = None) -> Spread:
    """The figure, its variance over customers, design effect and effective n of each cell.

    The design effect is V ÷ (s²/n), with s² = n/(n−1) · Σ w(y−R)² ÷ Σ w the variance of the
    same answers taken one by one. It is exactly 1 where each customer answers once without
    weights. Two guards, both towards wider intervals:

    - effective n is n ÷ max(design effect, 1): a design effect below 1 is nearly always
      chance in a few customers, and no share gets an interval narrower than n rows would give;
    - where the answers do not differ, nothing tells how alike a customer's answers are;
      they are taken as one: effective n = effective customers.

    Effective customers, κ = (Σ N_c)² ÷ Σ N_c² (Kish), are as many as weigh alike and are
    worth as much; κ = k where all have one answer. V from customers of unequal weight is
    less certain than V from k equal ones, so degrees of freedom count κ, not k (with k, a
    "95 %" NPS interval of 30 weighted customers with 1.5 extra answers covered 90.6 %, with
    κ 92.2 %; see docs/coverage.md).

    `extra_df` extends Korn & Graubard's (t_{n−1} ÷ t_{κ−1})² to something that can be
    inverted: z·t_{κ−1}/t_{n−1} equals t_ν to first order (Cornish–Fisher) with
    1/ν = 1/(κ−1) − 1/(n−1), which is z itself where each customer answers once.

    Raises:
        ValueError: more customers than the frame holds.
    """
    n, k = _floats(totals.n), _floats(totals.customers)
    num, den, nn = _floats(totals.num), _floats(totals.den), _floats(totals.nn)
    left = correction(k, population)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(den > 0, num / den, np.nan)
        second = np.where(den > 0, totals.yy / den, np.nan)
        whole = totals.tt + ratio * ratio * nn
        squares = _floats(totals.tt) - 2 * ratio * totals.tn + ratio * ratio * nn
        squares = np.where(squares > _NOTHING * whole, squares, 0.0)
        variance = np.where(k > 1, k / (k - 1) * squares / (den * den), np.nan)
        apart = second - ratio * ratio
        apart = np.where(apart > _NOTHING * second, apart, 0.0)
        plain = apart / (n - 1)
        effective_k = np.where(nn > 0, den * den / nn, np.nan)
        as_one = n / effective_k
        known = (apart > 0) & (k > 1)
        design_effect = np.where(known, variance / np.where(known, plain, 1.0), as_one)
        effective_n = n / np.maximum(design_effect, 1.0)
        df = np.where((k > 1) & (effective_k > 1 + 1e-9), effective_k - 1, 0.0)
        more = 1.0 / df - 1.0 / (n - 1)
        extra_df = np.where(more > 1e-9 / df, 1.0 / more, np.inf)
    # One customer with several answers says nothing about others (t with 0 degrees).
    extra_df = np.where(df > 0, extra_df, np.where(n == 1, np.inf, 0.0))
    return Spread(
        ratio=ratio,
        second=second,
        variance=variance * left,
        squares=np.where(den > 0, squares, 0.0),
        design_effect=design_effect,
        effective_n=effective_n,
        noise=left / effective_n,
        df=df,
        extra_df=extra_df,
    )


def correlation(here: Spread, there: Spread, cross: Cross | None) -> Floats:
    """How two cells' figures move together because they share customers: −1…1, 0 for none.

    Σ over shared customers of (T − R·N)(T' − R'·N') ÷ √(ΣΣ); never beyond ±1, as both
    sums of squares run over all customers of their cell.
    """
    if cross is None:
        return np.zeros(np.broadcast_shapes(here.ratio.shape, there.ratio.shape))
    shared = (
        _floats(cross.tt)
        - there.ratio * cross.tn
        - here.ratio * cross.nt
        + here.ratio * there.ratio * cross.nn
    )
    size = np.sqrt(here.squares * there.squares)
    some = size > 0
    return np.where(some, np.clip(shared / np.where(some, size, 1.0), -1.0, 1.0), 0.0)


def overlap(here: Totals, there: Totals, cross: Cross | None) -> Floats:
    """How much two cells are the same customers: 0 (none shared) … 1 (all, answering alike)."""
    size = np.sqrt(_floats(here.nn) * _floats(there.nn))
    if cross is None:
        return np.zeros_like(size)
    return np.clip(_floats(cross.nn) / np.where(size > 0, size, 1.0), 0.0, 1.0)


def joint_df(
    v1: Floats, v2: Floats, covariance: Floats, df1: Floats, df2: Floats, shared: Floats
) -> Floats:
    """Degrees of freedom of v1 + v2 − 2·covariance (Welch–Satterthwaite, with shared customers).

    Without shared customers it is Welch's (v1+v2)² ÷ (v1²/df1 + v2²/df2); where the same
    customers are on both sides, as many as were paired, less one; in between, between.
    `shared` is `overlap`.
    """
    total = v1 + v2 - 2 * covariance
    with np.errstate(divide="ignore", invalid="ignore"):
        i1, i2 = 1.0 / df1, 1.0 / df2
        both = np.sqrt(i1 * i2)
        pieces = (
            v1 * v1 * i1
            + v2 * v2 * i2
            + both * (2 * shared * v1 * v2 + 4 * covariance * (covariance - v1 - v2))
        )
        inverse = pieces / (total * total)
        least, most = np.maximum(i1, i2), 1.0 / (df1 + df2)
        known = (total > 0) & np.isfinite(inverse)
        inverse = np.where(known, np.clip(inverse, most, least), least)
        return np.where(inverse > 0, 1.0 / inverse, np.inf)


def critical(confidence: float, df: Floats) -> Floats:
    """The t quantile that leaves (1 − confidence)/2 above it; z where df is infinite.

    Infinite where df is not above 0: one customer says nothing about others.
    """
    usable = df > 0
    quantile = special.stdtrit(np.where(usable, df, 1.0), (1.0 + confidence) / 2.0)
    return np.where(usable, quantile, np.inf)


def two_sided(statistic: Floats, df: Floats) -> Floats:
    """The p-value of a t statistic (z where df is infinite); 1 where df is not above 0."""
    usable = df > 0
    tail = special.stdtr(np.where(usable, df, 1.0), -np.abs(statistic))
    return np.where(usable, np.minimum(2.0 * tail, 1.0), 1.0)


def _floats(values: Number) -> Floats:
    return np.asarray(values, dtype=np.float64)
