"""Weights that bring a sample to known margins, what they cost, and figures made with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.clusters import critical
from zhiyin.stats.estimate import Floats, check_confidence
from zhiyin.stats.finite import correction

Ints = NDArray[np.int64]

TOLERANCE = 1e-6
"""The largest gap between a margin and its target, as a share, at which they agree."""

ROUNDS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Raked:
    """Weights, of mean 1.

    Args:
        has_converged: whether every margin agrees with its target.
        rounds: over all margins.
        gap: the largest difference of a margin from its target that is left, as a share.
        trimmed: how many weights stand at the limit.
        design_effect: Kish's, n·Σw² ÷ (Σw)²: how much larger the variance of a mean becomes by
            unequal weights, if they have nothing to do with what is measured.
        effective_n: n ÷ `design_effect`.
    """

    weight: Floats
    has_converged: bool
    rounds: int
    gap: float
    trimmed: int
    design_effect: float
    effective_n: float


def rake(
    margins: Sequence[ArrayLike],
    targets: Sequence[ArrayLike],
    *,
    start: ArrayLike | None = None,
    trim: float | None = None,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> Raked:
    """Multiply weights until each margin has its target: iterative proportional fitting.

    Margin by margin every weight is multiplied with (target of its category) ÷ (weight that the
    category has), again and again. Where nobody knows a row's category in a margin (−1) it keeps
    its weight there, and the target is that of the others. With `trim` a weight above so many
    times the mean is cut to that after each round and the margins are fitted again, so that the
    cut weight goes to others; where no weights fit both, it does not converge, and `gap` says by
    how much.

    When it misleads: it takes away what goes with the margins, and nothing else; those who answer
    are taken to be like those of their categories who do not. Few in a category with a large target
    make a few answers loud: look at the design effect. Shares that do not fit together (or empty
    combinations of categories) never converge.

    Args:
        margins: of each row its category, 0…; −1 where nobody knows.
        targets: of each margin the share of each category; every one has a row, all add up to 1.
        start: weights to begin with; without them all are 1.

    Sources: Deming & Stephan, Annals of Mathematical Statistics 11 (1940) 427–444; Kish, Survey
    Sampling (1965), 11.7. In R: ``survey::rake``, ``survey::trimWeights``.

    >>> found = rake([[0, 0, 0, 1], [0, 1, 1, 1]], [[0.5, 0.5], [0.4, 0.6]], trim=3)
    >>> found.weight.round(3).tolist(), found.has_converged, round(found.effective_n, 2)
    ([1.6, 0.2, 0.2, 2.0], True, 2.41)

    Raises:
        ValueError: a category without a row or without a target, or targets that are no shares.
    """
    codes = [np.asarray(one, dtype=np.int64) for one in margins]
    wanted = [np.asarray(one, dtype=np.float64) for one in targets]
    w = (
        np.ones(len(codes[0]) if codes else 0)
        if start is None
        else np.array(start, dtype=np.float64)
    )
    n = len(w)
    for code, target in zip(codes, wanted, strict=True):
        _check(code, target)
    w *= n / w.sum()
    gap, done = np.inf, 0
    while done < rounds and gap > tolerance:
        for code, target in zip(codes, wanted, strict=True):
            known = code >= 0
            held = np.bincount(code[known], weights=w[known], minlength=len(target))
            factor = target * held.sum() / held
            w[known] *= factor[code[known]]
        if trim is not None:
            w = np.minimum(w, trim * w.mean())
        gap, done = _gap(codes, wanted, w), done + 1
    w *= n / w.sum()
    limit = np.inf if trim is None else trim * (1.0 - 1e-4)
    cost = float(n * (w @ w) / w.sum() ** 2)
    return Raked(
        weight=w,
        has_converged=bool(gap <= tolerance),
        rounds=done,
        gap=float(gap),
        trimmed=int((w >= limit).sum()),
        design_effect=cost,
        effective_n=n / cost,
    )


def _check(code: Ints, target: Floats) -> None:
    present = np.bincount(code[code >= 0], minlength=len(target))
    if len(present) > len(target) or (present[: len(target)] == 0).any() or (target <= 0).any():
        raise ValueError("every category needs a row and a target above 0")
    if abs(target.sum() - 1.0) > 1e-9:
        raise ValueError("the targets of a margin add up to 1")


def _gap(codes: Sequence[Ints], targets: Sequence[Floats], w: Floats) -> float:
    found = 0.0
    for code, target in zip(codes, targets, strict=True):
        known = code >= 0
        held = np.bincount(code[known], weights=w[known], minlength=len(target))
        found = max(found, float(np.abs(held / held.sum() - target).max()))
    return found


Kind = Literal["share", "points", "mean"]


@dataclass(frozen=True, slots=True)
class Weighted:
    """One figure with weights.

    Args:
        standard_error: linearised; `design_effect`: its square ÷ the variance that as many
            unweighted answers would have.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    customers: int
    standard_error: float
    design_effect: float | None
    effective_n: float | None
    method: str = "calibrated"


def estimate(
    value: ArrayLike,
    place: ArrayLike,
    weight: ArrayLike,
    customer: ArrayLike,
    margins: Sequence[ArrayLike] = (),
    *,
    start: ArrayLike | None = None,
    kind: Kind = "mean",
    scale: tuple[float, float] | None = None,
    population: float | None = None,
    confidence: float = 0.95,
) -> Weighted | None:
    """A weighted mean of answers, whose interval knows that margins were fitted.

    R = Σ w·y ÷ Σ w over the answers. Its linearised value of each row of the sample, (y − R) ÷ Σ w,
    0 for a row without an answer, is freed by least squares (with the weights before fitting) of
    what the margins explain, as fitted margins have no chance left; the rest is summed by customer:
    V = k/(k − 1) · Σ_c (Σ w·e)². Without `margins` it is V of `clusters`: weights taken as given.
    Shares have Wilson's interval with the n that has this V, others t with effective customers − 1
    degrees of freedom.

    When it misleads: targets that are estimates have an error of their own, which nothing here
    knows; few customers in a category.

    Args:
        value: of each answer.
        place: the row of the sample that gave it.
        weight: of every row of the sample, likewise `customer` and each of `margins` (−1 where the
            category is not known).
        start: the weights from which the margins were fitted; without them all were 1.
        kind: ``share``: values are 0 and 1; ``points``: −1, 0 and 1; ``mean``: any.
        scale: cuts the interval of a mean.

    Sources: Deville & Särndal, JASA 87 (1992) 376–382; Deville, Särndal & Sautory 1993. In R:
    ``svymean(~y, rake(design, margins, targets))``.

    >>> found = estimate([1, 0, 1, 1], [0, 1, 2, 3], [2, 1, 1, 1], range(4), kind="share")
    >>> found and (round(found.value, 3), round(found.standard_error, 3))
    (0.8, 0.217)
    """
    check_confidence(confidence)
    y, at = np.asarray(value, dtype=np.float64), np.asarray(place, dtype=np.int64)
    w = np.asarray(weight, dtype=np.float64)
    _known, who = np.unique(np.asarray(customer), return_inverse=True)
    if not len(y):
        return None
    mine = w[at]
    total = float(mine.sum())
    ratio = float(mine @ y / total)
    linear = np.zeros(len(w))
    np.add.at(linear, at, (y - ratio) / total)
    before = np.ones(len(w)) if start is None else np.asarray(start, dtype=np.float64)
    left = linear - _explained(linear, before, margins)
    k = int(who.max()) + 1
    answering = np.unique(who[at])
    if k < 2 or len(answering) < 2:
        return Weighted(ratio, None, None, len(y), len(answering), 0.0, None, None)
    by_customer = np.bincount(who, weights=w * left)
    free = float(np.asarray(correction(np.float64(k), population)))
    variance = float(k / (k - 1) * (by_customer @ by_customer)) * free
    hers = np.bincount(who[at], weights=mine)
    hers = hers[hers > 0]
    df = float(hers.sum() ** 2 / (hers @ hers)) - 1.0
    spread = float(mine @ (y - ratio) ** 2 / total)
    plain = spread / (len(y) - 1) if len(y) > 1 else 0.0
    effect = variance / plain if plain > 0 else None
    critical_value = float(critical(confidence, np.array(df)))
    low, high = _interval(ratio, variance, spread, critical_value, kind, scale, len(answering))
    return Weighted(
        value=ratio,
        low=low,
        high=high,
        n=len(y),
        customers=len(answering),
        standard_error=float(np.sqrt(variance)),
        design_effect=effect,
        effective_n=None if effect is None else len(y) / max(effect, 1.0),
    )


def _explained(linear: Floats, w: Floats, margins: Sequence[ArrayLike]) -> Floats:
    """What the margins explain of the linearised values, by weighted least squares."""
    if not margins:
        return np.zeros_like(linear)
    columns = []
    for margin in margins:
        code = np.asarray(margin, dtype=np.int64)
        # A row whose category nobody knows is a category of its own.
        columns.append((code[:, None] == np.unique(code)[None, :]).astype(np.float64))
    design = np.hstack(columns)
    # The normal equations are singular by design: each margin adds up to 1.
    inverse = np.linalg.pinv(design.T @ (w[:, None] * design))
    found: Floats = design @ (inverse @ (design.T @ (w * linear)))
    return found


def _interval(
    ratio: float,
    variance: float,
    spread: float,
    c: float,
    kind: Kind,
    scale: tuple[float, float] | None,
    customers: int,
) -> tuple[float | None, float | None]:
    if not np.isfinite(c):
        return None, None
    if kind == "share":
        # As many answers as have this variance; all alike, as many as customers.
        noise = variance / spread if spread > 0 else 1.0 / customers
        a = c * c * noise
        half = np.sqrt(a * ratio * (1 - ratio) + a * a / 4)
        return (
            max(float((ratio + a / 2 - half) / (1 + a)), 0.0),
            min(float((ratio + a / 2 + half) / (1 + a)), 1.0),
        )
    if spread == 0:
        return None, None
    ends = (-1.0, 1.0) if kind == "points" else scale or (-np.inf, np.inf)
    half = c * np.sqrt(variance)
    return max(float(ratio - half), ends[0]), min(float(ratio + half), ends[1])
