"""Which moment of a journey its judgement goes by: all of it, the last step, or the worst.

Kahneman's *peak-end rule* says that an experience is remembered by its most intense moment and its
end. Here the final score of a journey is regressed on the mean of its steps' scores, the last one
and the worst, and what the three explain together is shared out among them.

Sources: Kahneman, Fredrickson, Schreiber & Redelmeier 1993 (peak and end); Lindeman, Merenda & Gold
1980 and Grömping 2006, Journal of Statistical Software 17(1) (the parts, `lmg` in R's *relaimpo*);
Efron & Tibshirani 1993 (bootstrap).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.estimate import Estimate, Floats, check_confidence

PARTS = ("mean", "last", "worst")
LEAST_STEPS = 2
"""A journey of one step says nothing: its mean, its last and its worst are one number."""

DRAWS = 1_000
MOST_UNITS = 5_000
"""Of more customers, so many lots of them are drawn: an even number of customers in each."""
SEED = 20_250_101

_NOTHING = 1e-12
"""A variance below this share of the square of what varies is rounding."""


@dataclass(frozen=True, slots=True)
class PeakEnd:
    """What the judgement of whole journeys goes by.

    Args:
        explained: R², the share of the final scores' variance that the three explain, 0…1.
        mean, last, worst: the part of it that each has; together 1. None where R² may be 0: nobody
            has a part of nothing.
    """

    explained: Estimate
    mean: Estimate | None
    last: Estimate | None
    worst: Estimate | None


def peak_end(
    score: ArrayLike,
    journey: ArrayLike,
    final: ArrayLike,
    customer: ArrayLike,
    *,
    confidence: float = 0.95,
) -> PeakEnd | None:
    """How much of the final score the mean, the last and the worst step explain, and which part of
    that is whose; None of fewer than two customers, and where nothing varies.

    The part of one is what R² gains by it, averaged over all orders in which the three could have
    been taken in (LMG, which is the Shapley value of R²). Intervals are by a bootstrap over
    customers: `DRAWS` samples of customers, seeded, so that the same data give the same interval.

    When it misleads: the three are made of the same scores and go together, so their parts are
    uncertain until hundreds of customers have judged journeys of three steps and more; R² of few
    customers is too high, by about 3 ÷ customers; parts of an R² near 0 are parts of nothing; and
    it says what goes with the final score, not what would change it.

    Args:
        score: of each step, 0…1, 1 is good; the steps of a journey in their order.
        journey: of each step, the place of its journey in `final`.
        final: of each journey, the judgement of the whole.
        customer: of each journey (integers or words).

    >>> steps = np.random.default_rng(1).random((500, 4))
    >>> found = peak_end(steps.ravel(), np.repeat(np.arange(500), 4), steps[:, -1], range(500))
    >>> round(found.explained.value, 6), found.last.value > 0.6
    (1.0, True)
    """
    check_confidence(confidence)
    rows, who = _rows(score, journey, final, customer)
    known, place = np.unique(who, return_inverse=True)
    customers = len(known)
    if customers < 2:
        return None
    moments = _moments(rows, place, customers)
    whole = _parts(moments.sum(axis=0, keepdims=True))[0]
    if not np.isfinite(whole).all():
        return None
    drawn = _parts(np.concatenate(list(_drawn(moments))))
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
    ends = 2.0 * whole[0] - high[0], 2.0 * whole[0] - low[0]
    low[0], high[0] = (min(max(end, 0.0), 1.0) for end in ends)
    error = drawn.std(axis=0, ddof=1)

    def estimate(at: int) -> Estimate:
        return Estimate(
            value=float(whole[at]),
            low=float(low[at]),
            high=float(high[at]),
            n=len(rows),
            method="lmg-bootstrap",
            customers=customers,
            design_effect=None,
            effective_n=None,
            standard_error=float(error[at]),
            confidence=confidence,
        )

    explained = estimate(0)
    parts = [estimate(1 + at) if low[0] > 0 else None for at in range(len(PARTS))]
    return PeakEnd(explained, *parts)


def lmg(covariance: Floats) -> Floats:
    """The part of the variance of the last variable that each of the others explains.

    Args:
        covariance: (…, p + 1, p + 1).

    Returns:
        (…, p): shares of the variance, together R²; nan where the last does not vary.

    >>> lmg(np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]])).round(2).tolist()
    [0.36, 0.09]
    """
    size = covariance.shape[-1] - 1
    of_outcome = covariance[..., size, size]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    scale = np.where(np.isfinite(scale), scale, 0.0)
    related = covariance * scale[..., :, None] * scale[..., None, :]
    explained: dict[tuple[int, ...], Floats] = {(): np.zeros(covariance.shape[:-2])}
    for count in range(1, size + 1):
        for some in combinations(range(size), count):
            among = related[..., some, :][..., :, some]
            with_it = related[..., some, size]
            weights = np.linalg.pinv(among, rcond=1e-10, hermitian=True) @ with_it[..., None]
            explained[some] = (with_it * weights[..., 0]).sum(axis=-1)
    found = np.zeros((*covariance.shape[:-2], size))
    for one in range(size):
        for some in (each for each in explained if one not in each):
            more = tuple(sorted((*some, one)))
            times = factorial(len(some)) * factorial(size - len(some) - 1) / factorial(size)
            found[..., one] += times * (explained[more] - explained[some])
    return np.where((of_outcome > 0)[..., None], found, np.nan)


def _rows(
    score: ArrayLike, journey: ArrayLike, final: ArrayLike, customer: ArrayLike
) -> tuple[Floats, NDArray[np.generic]]:
    """Of each journey with steps enough: mean, last, worst and final score; and its customer."""
    steps, of = np.asarray(score, np.float64), np.asarray(journey, np.int64)
    ends = np.asarray(final, np.float64)
    order = np.argsort(of, kind="stable")
    steps, of = steps[order], of[order]
    count = np.bincount(of, minlength=len(ends))
    starts = np.cumsum(count) - count
    is_told = count >= LEAST_STEPS
    begin, number = starts[is_told], count[is_told]
    if not len(begin):
        return np.zeros((0, 4)), np.asarray(customer)[:0]
    kept = np.repeat(is_told, count)
    steps, begin = steps[kept], np.cumsum(number) - number
    mean = np.add.reduceat(steps, begin) / number
    worst = np.minimum.reduceat(steps, begin)
    last = steps[begin + number - 1]
    return np.column_stack([mean, last, worst, ends[is_told]]), np.asarray(customer)[is_told]


def _moments(rows: Floats, place: NDArray[np.int64], customers: int) -> Floats:
    """Of each customer the sums of 1, of the four, and of their products: (customers, 5, 5)."""
    centred = rows - rows.mean(axis=0) if len(rows) else rows
    one = np.column_stack([np.ones(len(rows)), centred])
    products = one[:, :, None] * one[:, None, :]
    found = np.zeros((customers, 5, 5))
    for i in range(5):
        for j in range(i, 5):
            found[:, i, j] = found[:, j, i] = np.bincount(
                place, weights=products[:, i, j], minlength=customers
            )
    return found


def _parts(moments: Floats) -> Floats:
    """R², and the part of each of the three; nan where nothing varies. (samples, 4)"""
    with np.errstate(divide="ignore", invalid="ignore"):
        means = moments[:, 0, 1:] / moments[:, :1, 0]
        squares = moments[:, 1:, 1:] / moments[:, :1, :1]
        covariance = squares - means[:, :, None] * means[:, None, :]
    covariance = np.where(np.abs(covariance) > _NOTHING, covariance, 0.0)
    covariance = np.nan_to_num(covariance)
    shares = lmg(covariance)
    explained = shares.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(explained[:, None] > _NOTHING, shares / explained[:, None], np.nan)
    return np.column_stack([explained, parts])


def _drawn(moments: Floats) -> Iterator[Floats]:
    """The sums of `DRAWS` samples of as many customers as there are."""
    rng = np.random.default_rng(SEED)
    if len(moments) > MOST_UNITS:
        lot = rng.permutation(len(moments)) % MOST_UNITS
        flat = moments.reshape(len(moments), -1)
        columns = [np.bincount(lot, weights=one, minlength=MOST_UNITS) for one in flat.T]
        moments = np.column_stack(columns).astype(np.float64).reshape(MOST_UNITS, 5, 5)
    units = len(moments)
    flat = moments.reshape(units, -1)
    at_once = max(1, 2_000_000 // units)
    for begin in range(0, DRAWS, at_once):
        times = min(at_once, DRAWS - begin)
        who = rng.integers(0, units, (times, units))
        who += units * np.arange(times)[:, None]
        counts = np.bincount(who.ravel(), minlength=times * units).reshape(times, units)
        drawn: Floats = counts.astype(np.float64) @ flat
        yield drawn.reshape(times, 5, 5)
