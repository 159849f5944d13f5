"""Before a survey is sent: how wide the interval of n answers will be, and what change they show.

Each customer answers once, and all who are asked are as likely to answer; where answers are
weighted or come in clusters, n is the effective n.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from zhiyin.stats import mean, nps, proportion
from zhiyin.stats.estimate import Estimate, check_confidence
from zhiyin.stats.totals import Totals


@dataclass(frozen=True, slots=True)
class Planned:
    """What n answers will tell, if customers are as was assumed.

    Args:
        value: what was assumed, with the interval that it will have.
        change: the smallest difference from another n that is found with the power that was asked
            for; None where none is, however large.
    """

    value: Estimate
    change: float | None


def of_nps(
    *,
    promoters: float,
    detractors: float,
    n: int,
    confidence: float = 0.95,
    power: float = 0.8,
) -> Planned:
    """NPS with these shares (0…1) among n answers.

    The interval is that of `nps.estimate`. The change is (z₁₋α⸝₂ + z_power) √(2 v/n) with
    v = promoters + detractors − (promoters − detractors)², the variance that both sides are taken
    to have.

    When it misleads: a change that makes answers more or less divided has another variance; under
    some 30 answers the interval is wider than the normal one that the change rests on.

    Source: Rocks 2016 for the interval; Lachin, Controlled Clinical Trials 2 (1981) 93-113 for
    the change.

    >>> found = of_nps(promoters=0.5, detractors=0.2, n=200)
    >>> round(found.value.low, 3), round(found.value.high, 3), round(found.change, 3)
    (0.188, 0.403, 0.219)
    """
    if promoters < 0 or detractors < 0 or promoters + detractors > 1:
        raise ValueError("shares lie in 0…1, and together too")
    score, second = promoters - detractors, promoters + detractors
    value = _there(nps.estimate(_expected(n, score, second), confidence=confidence))
    half = _both(confidence, power) * math.sqrt(2 * (second - score * score) / n)
    # What would lie beyond ±1 is never reached.
    return Planned(value, half if 0 < half <= 1 + abs(score) else None)


def of_share(*, share: float, n: int, confidence: float = 0.95, power: float = 0.8) -> Planned:
    """A share (0…1), such as CSAT's satisfied, among n answers.

    The interval is that of `proportion.estimate` (Wilson). The change is the larger of the rise and
    the fall δ with δ = (z₁₋α⸝₂ + z_power) √((p q + p′ q′)/n), p′ = p ± δ; where one of them does
    not fit into 0…1, the other.

    When it misleads: with fewer than some five answers on either side the normal approximation is
    poor.

    Source: Fleiss, Statistical Methods for Rates and Proportions, 2nd ed. 1981, section 3.2
    (variances not pooled).

    >>> found = of_share(share=0.8, n=200)
    >>> round(found.value.low, 3), round(found.value.high, 3), round(found.change, 3)
    (0.739, 0.85, 0.122)
    """
    if not 0 <= share <= 1:
        raise ValueError("a share lies in 0…1")
    value = _there(proportion.estimate(_expected(n, share, share), confidence=confidence))
    z = _both(confidence, power)
    # Here and not above: a second of imports, and most processes never plan anything.
    from scipy import optimize

    def lacking(sign: int) -> Callable[[float], float]:
        def of(change: float) -> float:
            other = share + sign * change
            return change - z * math.sqrt((share * (1 - share) + other * (1 - other)) / n)

        return of

    found = []
    for sign, room in ((1, 1 - share), (-1, share)):
        if room > 0 and lacking(sign)(room) >= 0:
            found.append(float(optimize.brentq(lacking(sign), 0.0, room)))
    return Planned(value, max(found, default=None))


def of_mean(*, value: float, sd: float, n: int, confidence: float = 0.95,
            power: float = 0.8) -> Planned:  # fmt: skip
    """A mean of answers with this standard deviation, among n of them.

    The interval is that of `mean.estimate`. The change is the one that Student's t of two samples
    finds, by the noncentral t.

    When it misleads: the standard deviation is a guess before there are answers; take it from an
    earlier survey on the same scale.

    Source: Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed. 1988, chapter 2.
    In R: ``power.t.test(n, sd = sd, power = power)``.

    >>> found = of_mean(value=4.1, sd=0.9, n=200)
    >>> round(found.value.low, 3), round(found.value.high, 3), round(found.change, 3)
    (3.975, 4.225, 0.253)
    """
    if sd < 0 or n < 2:
        raise ValueError("a standard deviation is not below 0, and two answers are the least")
    # Sums whose sample variance is sd².
    totals = _expected(n, value, value * value + sd * sd * (n - 1) / n)
    found = _there(mean.estimate(totals, confidence=confidence))
    df = 2 * n - 2
    least = float(special.stdtrit(df, (1 + confidence) / 2))
    from scipy import optimize, stats

    def lacking(shift: float) -> float:
        # The far tail underflows to NaN where it is nothing.
        tail = np.nan_to_num(stats.nct.cdf(-least, df, shift))
        return float(stats.nct.sf(least, df, shift) + tail) - power

    most = least + 1.0
    while lacking(most) < 0:
        most *= 1.2
    shift = optimize.brentq(lacking, 1e-9, most)
    return Planned(found, float(shift) * sd * math.sqrt(2 / n) if sd else None)


def _both(confidence: float, power: float) -> float:
    check_confidence(confidence)
    if not 0 < power < 1:
        raise ValueError("power lies between 0 and 1")
    return float(special.ndtri((1 + confidence) / 2) + special.ndtri(power))


def _expected(n: int, first: float, second: float) -> Totals:
    """The sums of n answers of as many customers, from the mean of them and of their squares."""
    if n < 1:
        raise ValueError("one answer is the least")
    number, total, squares = float(n), n * first, n * second
    return Totals(
        n=number, customers=number, num=total, den=number, yy=squares, den2=number,
        tt=squares, tn=total, nn=number,
    )  # fmt: skip


def _there(found: Estimate | None) -> Estimate:
    if found is None:
        raise ValueError("no answers, no estimate")
    return found
