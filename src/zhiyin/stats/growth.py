"""Whether something is said by more people than it was: many things at once, week by week.

Weeks vary by more than chance: a storm, a sale, a letter to everybody. So counts are set against
one another as if several of them were one, as many as the earlier weeks differ by more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from zhiyin.stats.estimate import Floats, check_confidence


@dataclass(frozen=True, slots=True, eq=False)
class Growths:
    """Rate now ÷ rate before, of each thing; nan where there is nothing to tell.

    Attributes:
        ratio: inf where it was said by nobody before.
        dispersion: how many counts are as one.
        p: two-sided.
    """

    ratio: Floats
    p: Floats
    dispersion: Floats
    _now: Floats
    _before: Floats
    _odds: float

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Of the logarithm of the ratio: (low, high), infinite where there is no end.

        Clopper & Pearson's for the share of what is said now, as a ratio of rates.
        """
        check_confidence(confidence)
        tail = (1.0 - confidence) / 2.0
        k, others = self._now / self.dispersion, self._before / self.dispersion
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.where(k > 0, special.betaincinv(np.maximum(k, 1e-12), others + 1, tail), 0.0)
            high = np.where(
                others > 0,
                special.betaincinv(k + 1, np.maximum(others, 1e-12), 1 - tail),
                1.0,
            )
            return _log_ratio(low, self._odds), _log_ratio(high, self._odds)


def growths(
    now: ArrayLike, spoke_now: float, before: ArrayLike, spoke_before: ArrayLike
) -> Growths:
    """How the rate now compares with that of the weeks before, of each of many things.

    If the rate is the same, then of all who said it the share that said it now follows the binomial
    distribution with the share of those who spoke now; the test is exact for counts that vary by
    chance alone. With a dispersion φ all counts are divided by it. φ is Pearson's χ² of the earlier
    weeks over its degrees, drawn half-way to the mean of all things (a few weeks tell little of
    one), and neither below that mean nor below 1.

    When it misleads: earlier weeks that rise or fall steadily look as if they varied, so a slow
    growth is found late. Somebody who says it in several weeks counts in each, which makes the
    interval wide rather than narrow.

    Args:
        now: customers who say it in the weeks of now, shape (things,).
        spoke_now: customers who said anything in these weeks.
        before: customers who said it in each earlier week, shape (things, weeks).
        spoke_before: customers who said anything in each, shape (weeks,).

    Sources: Przyborowski & Wilenski 1940; Clopper & Pearson 1934; Wedderburn 1974. In R:
    ``binom.test(k, k + K, n / (n + N))``.

    >>> found = growths([12], 100, [[3, 3]], [100, 100])
    >>> round(float(found.ratio[0]), 1), round(float(found.p[0]), 4)
    (4.0, 0.0078)
    """
    k, weekly = np.asarray(now, float), np.asarray(before, float)
    n = np.asarray(spoke_before, float)
    if weekly.ndim != 2 or weekly.shape != (k.size, n.size) or (weekly < 0).any():
        raise ValueError("each thing has its count of now, and one of each earlier week")
    earlier, whole = weekly.sum(axis=1), float(n.sum())
    phi = _dispersion(weekly, n)
    if spoke_now <= 0 or whole <= 0:
        nothing = np.full(k.shape, np.nan)
        return Growths(nothing, nothing, phi, k, earlier, 1.0)
    odds = spoke_now / whole
    share = odds / (1 + odds)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(k + earlier > 0, (k / earlier) / odds, np.nan)
    a, b = k / phi, earlier / phi
    more = np.where(a > 0, special.betainc(np.maximum(a, 1e-12), b + 1, share), 1.0)
    fewer = np.where(b > 0, special.betainc(np.maximum(b, 1e-12), a + 1, 1 - share), 1.0)
    p = np.where(k + earlier > 0, np.minimum(2 * np.minimum(more, fewer), 1.0), np.nan)
    return Growths(ratio, p, phi, k, earlier, odds)


def _dispersion(weekly: Floats, n: Floats) -> Floats:
    degrees = int((n > 0).sum()) - 1
    if degrees < 1 or not weekly.size:
        return np.ones(len(weekly))
    rate = weekly.sum(axis=1) / n.sum()
    expected = rate[:, None] * n[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(expected > 0, (weekly - expected) ** 2 / expected, 0.0)
    raw = apart.sum(axis=1) / degrees
    is_told = rate > 0
    usual = float(np.median(raw[is_told])) if is_told.any() else 1.0
    made: Floats = np.maximum(np.where(is_told, np.maximum((raw + usual) / 2, usual), usual), 1.0)
    return made


def _log_ratio(share: Floats, odds: float) -> Floats:
    with np.errstate(divide="ignore"):
        made: Floats = np.log(share) - np.log1p(-share) - np.log(odds)
    return made
