"""How long until: quantiles of waits of which some were not over when the watching ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.clusters import critical
from zhiyin.stats.estimate import Estimate, Floats, check_confidence

_SAME = 1e-9
"""Shares that differ by less are one share, written twice."""


def quantiles(
    waited: ArrayLike,
    is_over: ArrayLike,
    customer: ArrayLike,
    shares: Sequence[float],
    *,
    confidence: float = 0.95,
) -> tuple[Estimate | None, ...]:
    """By when so large a share of the waits is over, with intervals over customers.

    Kaplan and Meier's curve says which share is over by each moment; a wait that was not over when
    the watching ended counts up to then. A quantile is where the curve reaches the share, the
    middle of the step where it stands level there; without open waits that is the plain quantile,
    and the median is the plain median. The curve's variance there is that of the customers' sums
    of infinitesimal jackknife values, k/(k−1) · Σ_c (Σ_i u_i)²: waits of one customer resemble each
    other. It gives an effective n (never above the waits), Wilson's interval of the share with
    Student's t of k − 1 degrees, and the curve is read one step outside its ends (Woodruff).

    When it misleads: where waits are left out because they are long (not merely young). An end
    is None where the curve has no step beyond it, so that few waits have no interval.

    Args:
        waited: how long, in any unit, not negative.
        is_over: whether the wait ended (True) or the watching did (False).
        customer: who waited, integers or words.
        shares: 0…1, neither included.
        confidence: 0…1.

    Returns:
        For each share an estimate in the unit of `waited`, or None where the curve never gets
        there. `n` is how many waits there are, `effective_n` how many of different customers
        would tell as much.

    Sources: Kaplan & Meier 1958; Woodruff 1952; Therneau & Grambsch 2000, 7 (jackknife). In R:
    ``quantile(survival::survfit(Surv(waited, is_over) ~ 1, cluster = customer))``, with the
    interval of ``survey::svyquantile(interval.type = "score")`` where nothing is open.

    >>> (found,) = quantiles([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
    ...     [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0], range(11), [0.5])
    >>> found.value, found.low, found.high
    (31.0, 13.0, None)
    """
    check_confidence(confidence)
    times, over = np.asarray(waited, dtype=np.float64), np.asarray(is_over, dtype=np.bool_)
    if not np.isfinite(times).all() or (times < 0).any():
        raise ValueError("a wait is missing, negative or not finite")
    if not len(times):
        return (None,) * len(shares)
    curve = _Curve(times, over, np.asarray(customer))
    return tuple(curve.quantile(share, confidence) for share in shares)


class _Curve:
    """Kaplan and Meier's curve at the different waits, and what each customer moves it by."""

    def __init__(self, times: Floats, over: NDArray[np.bool_], customer: NDArray[np.generic]):
        self.over = over
        _, self.who = np.unique(customer, return_inverse=True)
        self.customers = int(self.who.max()) + 1
        self.times, self.at = np.unique(times, return_inverse=True)
        self.ended = np.bincount(self.at, weights=over, minlength=len(self.times))
        left = np.bincount(self.at, minlength=len(self.times))
        watched = len(times) - np.concatenate(([0], np.cumsum(left)[:-1]))
        self.still = np.cumprod(1 - self.ended / watched)
        after = watched - self.ended
        self.part = np.where(after > 0, 1 / np.where(after > 0, after, 1), 0.0)
        self.taken = np.cumsum(self.ended / watched * self.part)

    def reaches(self, share: float) -> float | None:
        """When so large a share is over; None where it never is."""
        place = int(np.argmax(self.still <= 1 - share + _SAME))
        if self.still[place] > 1 - share + _SAME:
            return None
        found = float(self.times[place])
        later = np.flatnonzero(self.ended[place + 1 :])
        if abs(self.still[place] - (1 - share)) < _SAME and len(later):
            return (found + float(self.times[place + 1 + int(later[0])])) / 2
        return found

    def quantile(self, share: float, confidence: float) -> Estimate | None:
        """When so large a share is over, with its interval."""
        value = self.reaches(share)
        if value is None:
            return None
        n, k = float(len(self.at)), self.customers
        place = int(np.argmax(self.still <= 1 - share + _SAME))
        variance = self._variance(place)
        done = 1 - float(self.still[place])
        effective = min(done * (1 - done) / variance, n) if variance > 0 else float(k)
        low = high = None
        if k > 1:
            c = float(critical(confidence, np.asarray(k - 1.0)))
            shrink = 1 + c * c / effective
            middle = (share + c * c / (2 * effective)) / shrink
            spread = share * (1 - share) / effective + c * c / (4 * effective * effective)
            half = c * float(np.sqrt(spread)) / shrink
            low, high = self._before(middle - half), self._after(middle + half)
        return Estimate(
            value=value,
            low=low,
            high=high,
            n=int(n),
            method="kaplan-meier",
            customers=k,
            design_effect=None,
            effective_n=effective,
            standard_error=None,
            confidence=confidence,
        )

    def _before(self, share: float) -> float | None:
        """The last end of a wait before the curve reaches a share; None where there is none."""
        place = int(np.argmax(self.still <= 1 - share + _SAME))
        earlier = np.flatnonzero(self.ended[:place])
        return float(self.times[earlier[-1]]) if len(earlier) else None

    def _after(self, share: float) -> float | None:
        """The first end of a wait after the curve has reached a share; None where it has none."""
        place = int(np.argmax(self.still <= 1 - share + _SAME))
        if self.still[place] > 1 - share + _SAME:
            return None
        later = np.flatnonzero(self.ended[place + 1 :])
        return float(self.times[place + 1 + later[0]]) if len(later) else None

    def _variance(self, place: int) -> float:
        """Of the curve at a place, over customers; 0 where they do not differ."""
        k = self.customers
        if k < 2:
            return 0.0
        own = self.over * (self.at <= place) * self.part[self.at]
        moved = self.still[place] * (own - self.taken[np.minimum(self.at, place)])
        sums = np.bincount(self.who, weights=moved, minlength=k)
        return float(k / (k - 1) * (sums @ sums))
