"""How alike those who answered are to all who were asked: response propensities and R-indicator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from zhiyin.stats.clusters import critical
from zhiyin.stats.estimate import Floats, check_confidence

ROUNDS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Propensity:
    """A logistic model of who answers.

    Args:
        coefficients: the intercept, then those of the columns.
        covariance: of them, over customers.
        propensity: of each case, 0…1.
    """

    coefficients: Floats
    covariance: Floats
    propensity: Floats


@dataclass(frozen=True, slots=True)
class Representativeness:
    """The R-indicator.

    Args:
        value: 1 − 2·S(ρ), S² freed of what estimation adds; 1: everybody is as likely to answer.
        low: of its interval, with `high`.
        spread: S(ρ).
        greatest_bias: (1 − R) ÷ (2·mean ρ): by so many standard deviations of any answer its mean
            among those who answered can be off at most, as far as the model knows.
        greatest_bias_high: the same with R at the low end of its interval.
    """

    value: float
    low: float
    high: float
    spread: float
    mean: float
    greatest_bias: float
    greatest_bias_high: float
    cases: int
    customers: int


def fit(answered: ArrayLike, columns: ArrayLike, customer: ArrayLike) -> Propensity | None:
    """Fit P(answered) = 1 ÷ (1 + exp(−β·x)) by maximum likelihood; None where there is no such fit.

    There is none where nobody or everybody answered, and where a column tells for certain who
    did. The covariance is the sandwich over customers: a customer who was asked twice is one piece
    of news.

    Args:
        answered: of each case, 1 or 0.
        columns: cases × columns, without the intercept.
        customer: whose case it is.

    Source: Hosmer & Lemeshow; in R: ``glm(y ~ x, family = binomial)``, ``sandwich::vcovCL``.
    """
    y = np.asarray(answered, dtype=np.float64)
    x = np.column_stack([np.ones(len(y)), np.asarray(columns, dtype=np.float64)])
    _known, who = np.unique(np.asarray(customer), return_inverse=True)
    if not 0 < y.sum() < len(y) or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    beta = np.zeros(x.shape[1])
    for _round in range(ROUNDS):
        p = special.expit(x @ beta)
        information = x.T @ ((p * (1 - p))[:, None] * x)
        try:
            step = np.linalg.solve(information, x.T @ (y - p))
        except np.linalg.LinAlgError:
            return None
        beta = beta + step
        if np.abs(beta).max() > 30:
            return None
        if np.abs(step).max() < 1e-10:
            break
    else:
        return None
    p = special.expit(x @ beta)
    inverse = np.linalg.inv(x.T @ ((p * (1 - p))[:, None] * x))
    scores = np.zeros((int(who.max()) + 1, x.shape[1]))
    np.add.at(scores, who, (y - p)[:, None] * x)
    k = len(scores)
    covariance = inverse @ (scores.T @ scores) @ inverse * (k / max(k - 1, 1))
    return Propensity(beta, covariance, p)


def representativeness(
    found: Propensity,
    columns: ArrayLike,
    customer: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Representativeness:
    """The R-indicator of a model's propensities, with an interval over customers.

    S² is the variance of the estimated propensities less the mean variance that estimating them
    adds (it would be above 0 if all were alike), not below 0. The interval is that of the delta
    method; where everybody is nearly alike it is too wide rather than too narrow, and cut to 1.

    When it misleads: it knows no more than the columns do: those who answered can differ in all
    else. With few columns it is high for no good reason; compare surveys by the same columns only.

    Sources: Schouten, Cobben & Bethlehem, Survey Methodology 35 (2009) 101–113 (R, greatest
    bias); Shlomo, Skinner & Schouten, Journal of Statistical Planning and Inference 142 (2012)
    201–211 (bias of the estimate). The whole list was asked, so nothing is added for sampling.
    """
    check_confidence(confidence)
    p = found.propensity
    n = len(p)
    x = np.column_stack([np.ones(n), np.asarray(columns, dtype=np.float64)])
    slope = (p * (1 - p))[:, None] * x
    centred = slope - slope.mean(axis=0)
    raw = float(p.var(ddof=1))
    added = float(np.einsum("ij,jk,ik->", centred, found.covariance, centred) / (n - 1))
    spread = float(np.sqrt(max(raw - added, 0.0)))
    # d S² ÷ d β = 2·Σ (p − mean)·slope ÷ (n − 1); d S = d S² ÷ 2S, with the raw S where S is 0.
    gradient = (p - p.mean()) @ centred / (n - 1)
    variance = float(gradient @ found.covariance @ gradient) / max(raw, 1e-300)
    value = 1.0 - 2.0 * spread
    half = float(critical(confidence, np.array(np.inf))) * 2.0 * float(np.sqrt(variance))
    mean = float(p.mean())
    low = max(value - half, 0.0)
    return Representativeness(
        value=value,
        low=low,
        high=min(value + half, 1.0),
        spread=spread,
        mean=mean,
        greatest_bias=(1.0 - value) / (2.0 * mean),
        greatest_bias_high=(1.0 - low) / (2.0 * mean),
        cases=n,
        customers=len(np.unique(np.asarray(customer))),
    )


def standardised(here: ArrayLike, there: ArrayLike) -> NDArray[np.float64]:
    """(share here − share there) ÷ the standard deviation of both: by how much groups differ.

    Source: Austin, Communications in Statistics 38 (2009) 1228–1234; 0.1 is called small.

    >>> standardised([0.5], [0.4]).round(3).tolist()
    [0.202]
    """
    p, q = np.asarray(here, dtype=np.float64), np.asarray(there, dtype=np.float64)
    spread = np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = np.where(spread > 0, (p - q) / spread, 0.0)
    return found
