"""How long until: the share that is still on its way, where not everybody was watched to the end.

Whoever has not arrived when she was last watched is *censored*: she counts among those on their way
for as long as she was watched, and not after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from zhiyin.stats.estimate import Floats, check_confidence

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """The product-limit curve of Kaplan and Meier. Arrays are by time.

    Args:
        times: rising, in the unit in which they were given; those at which anybody arrived or was
            last watched.
        at_risk: on their way and watched just before each.
        share: still on their way just after it, 0…1; it falls at times of arrival alone.
        low, high: the interval of the share at each time by itself: not a band around the whole
            curve. 1 before anybody arrived; nan after everybody did, where there is none.
        n: all who began.
    """

    times: Floats
    at_risk: Ints
    share: Floats
    low: Floats
    high: Floats
    n: int
    confidence: float

    def at(self, moments: ArrayLike) -> Moments:
        """The curve at moments: shares just after, at risk just before."""
        wanted = np.asarray(moments, dtype=np.float64)
        place = np.searchsorted(self.times, wanted, side="right") - 1
        is_begun = place >= 0

        def then(values: Floats) -> Floats:
            return np.where(is_begun, values[place], 1.0)

        following = np.searchsorted(self.times, wanted, side="left")
        at_risk = np.append(self.at_risk, 0)[following]
        return Moments(wanted, at_risk, then(self.share), then(self.low), then(self.high))

    @property
    def median(self) -> Median:
        """The time until half have arrived, with its interval.

        The interval is of the times at which the interval of the share holds one half (Brookmeyer
        and Crowley 1982).
        """
        return Median(*(self._first(half) for half in (self.share, self.low, self.high)))

    def _first(self, values: Floats) -> float | None:
        """The first time at which these are one half or less."""
        # Where everybody has arrived there is no interval, and half had arrived before.
        (below,) = np.nonzero(np.where(np.isnan(values), 0.0, values) <= 0.5 + _ROUNDING)
        return float(self.times[below[0]]) if len(below) else None


_ROUNDING = 1e-12
"""A product of fractions that is one half may differ from it so much."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """A curve at moments; as in `Survival`."""

    times: Floats
    at_risk: Ints
    share: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Median:
    """None where the curve, or an end of its interval, does not come down to one half."""

    value: float | None
    low: float | None
    high: float | None


def curve(
    times: ArrayLike, arrived: ArrayLike, still: ArrayLike, *, confidence: float = 0.95
) -> Survival | None:
    """The share that is still on its way, by how long ago it began.

    Kaplan and Meier's product of 1 − d ÷ n over the times of arrival, d of n at risk; at one time
    those who arrive go before those who are last watched. The interval is Greenwood's variance on
    the scale log(−log), which keeps within 0…1.

    When it misleads: it takes for granted that those who were watched for a short time would arrive
    like the others. Who began lately must not differ from who began long ago. Far to the right it
    rests on the few who are still at risk.

    Args:
        times: each once, in any order; any unit.
        arrived: how many arrived at each.
        still: how many were last watched at each, and had not arrived.
        confidence: 0…1.

    Returns:
        None of nobody.

    Source: Kaplan and Meier (1958); Kalbfleisch and Prentice (2002), 1.4. In R:
    ``survfit(Surv(time, arrived) ~ 1, conf.type = "log-log")``.

    >>> found = curve([1, 2, 4], [2, 0, 1], [0, 1, 1])
    >>> found.at_risk.tolist(), found.share.round(3).tolist(), found.median
    ([5, 3, 2], [0.6, 0.6, 0.3], Median(value=4.0, low=1.0, high=None))
    """
    check_confidence(confidence)
    order = np.argsort(np.asarray(times, dtype=np.float64))
    when = np.asarray(times, dtype=np.float64)[order]
    came, left = (np.asarray(counts, dtype=np.int64)[order] for counts in (arrived, still))
    n = int((came + left).sum())
    if n == 0:
        return None
    at_risk = n - np.cumsum(came + left) + came + left
    share = np.cumprod(1.0 - came / at_risk, dtype=np.float64)
    low, high = _ends(at_risk, came, share, confidence)
    return Survival(when, at_risk, share, low, high, n, confidence)


def _ends(at_risk: Ints, came: Ints, share: Floats, confidence: float) -> tuple[Floats, Floats]:
    after = np.maximum(at_risk - came, 1)
    variance = np.cumsum(came / (at_risk * after))
    is_inside = (share > 0.0) & (share < 1.0)
    outside = np.where(share == 1.0, 1.0, np.nan)
    logs = np.log(share, where=is_inside, out=np.full_like(share, -1.0))
    width = special.ndtri(0.5 + confidence / 2) * np.sqrt(variance) / logs
    low, high = (
        np.where(is_inside, np.exp(logs * np.exp(sign * width)), outside) for sign in (-1, 1)
    )
    return low, high
