"""What a comparison returns: the difference, its interval and the p-value that agrees with it.

p is, for every method here, the smallest α at which the 1 − α interval leaves 0 out. So
"significant at α" and "the 1 − α interval leaves 0 out" are one statement, not two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from zhiyin.stats.clusters import critical, two_sided
from zhiyin.stats.estimate import Floats, check_confidence, number

Inversion = Callable[[float], tuple[Floats, Floats]]
"""confidence → (low, high), for every cell."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Here minus there. `low`, `high` and `p` are None where no test is possible."""

    difference: float
    low: float | None
    high: float | None
    p: float | None
    method: str
    """Stable name: ``adjusted-wald``, ``newcombe``, ``welch``; ``…-against`` for a fixed value."""
    standard_error: float | None
    df: float | None
    """Of the test; infinite where the normal distribution serves."""
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """One comparison a cell, as arrays of one shape; nan where there is none."""

    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    method: str
    standard_error: Floats
    df: Floats
    confidence: float
    inversion: Inversion = field(repr=False)

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """(low, high) at another level: what a family's marks ask for.

        Raises:
            ValueError: the level is not strictly between 0 and 1.
        """
        check_confidence(confidence)
        return self.inversion(confidence)

    def __len__(self) -> int:
        return len(self.difference)

    def __getitem__(self, at: int | tuple[int, ...]) -> Difference | None:
        """The cell's comparison; None where a side has no answers."""
        if not np.isfinite(self.difference[at]):
            return None
        return Difference(
            difference=float(self.difference[at]),
            low=number(self.low[at]),
            high=number(self.high[at]),
            p=number(self.p[at]),
            method=self.method,
            standard_error=number(self.standard_error[at]),
            df=number(self.df[at]),
            confidence=self.confidence,
        )

    def __iter__(self) -> Iterator[Difference | None]:
        return (self[index] for index in range(len(self)))

    def one(self) -> Difference | None:
        """The only cell's comparison."""
        return self[()] if self.difference.ndim == 0 else self[(0,) * self.difference.ndim]


def symmetric(
    difference: Floats,
    *,
    centre: Floats,
    standard_error: Floats,
    df: Floats,
    limit: float,
    method: str,
    confidence: float,
) -> Differences:
    """A comparison whose interval is centre ± t·standard error, cut to ±limit.

    Cutting cannot make interval and p disagree: ±limit is never beyond 0.
    """
    check_confidence(confidence)
    usable = np.isfinite(difference) & np.isfinite(standard_error) & (df > 0)

    def inversion(level: float) -> tuple[Floats, Floats]:
        with np.errstate(invalid="ignore"):
            half = critical(level, df) * standard_error
            low, high = np.maximum(centre - half, -limit), np.minimum(centre + half, limit)
        return np.where(usable, low, np.nan), np.where(usable, high, np.nan)

    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(centre == 0, 0.0, centre / standard_error)
    low, high = inversion(confidence)
    return Differences(
        difference=difference,
        low=low,
        high=high,
        p=np.where(usable, two_sided(np.where(usable, statistic, 0.0), df), np.nan),
        method=method,
        standard_error=standard_error,
        df=np.where(usable, df, np.nan),
        confidence=confidence,
        inversion=inversion,
    )
