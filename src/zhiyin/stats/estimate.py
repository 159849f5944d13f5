"""What a statistic returns: a value that never travels without its interval.

Units are natural ones. Shares lie in 0…1 and NPS in −1…1 everywhere in this room; the
measure room multiplies by 100. Means and ratios are in the unit of what was averaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Number = float | Floats
"""One figure, or one figure a cell (all arrays of a call have one shape)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure with what it rests on.

    `low` and `high` are None where no honest interval exists (a mean of answers that are
    all equal on a scale that nobody declared); `design_effect` and `effective_n` are None
    where they mean nothing (a ratio of two different things).
    """

    value: float
    low: float | None
    high: float | None
    n: int
    """Answers (rows), unweighted."""
    method: str
    """Stable name: ``adjusted-wald``, ``wald``, ``wilson``, ``t``, ``ratio-t``."""
    customers: int
    design_effect: float | None
    """Variance over customers ÷ variance of as many answers by as many customers; as estimated,
    so it may be below 1."""
    effective_n: float | None
    """Answers by different customers that would tell as much: n ÷ max(design effect, 1)."""
    standard_error: float | None
    confidence: float

    @classmethod
    def of_one_customer(
        cls,
        value: float,
        low: float | None,
        high: float | None,
        *,
        n: int,
        method: str,
        confidence: float,
    ) -> Estimate:
        """A figure of one customer alone: no others, so no design effect, no error of a mean."""
        return cls(
            value=value,
            low=low,
            high=high,
            n=n,
            method=method,
            customers=1,
            design_effect=None,
            effective_n=None,
            standard_error=None,
            confidence=confidence,
        )

    def times(self, factor: float) -> Estimate:
        """The same in another unit: ``estimate.times(100)`` is in points or per cent."""
        return replace(
            self,
            value=self.value * factor,
            low=None if self.low is None else self.low * factor,
            high=None if self.high is None else self.high * factor,
            standard_error=None if self.standard_error is None else self.standard_error * factor,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """One estimate a cell, as arrays of one shape; nan where there is none."""

    value: Floats
    low: Floats
    high: Floats
    n: Floats
    method: str
    customers: Floats
    design_effect: Floats
    effective_n: Floats
    standard_error: Floats
    confidence: float

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, at: int | tuple[int, ...]) -> Estimate | None:
        """The cell's estimate; None where it has no answers."""
        if not np.isfinite(self.value[at]):
            return None
        return Estimate(
            value=float(self.value[at]),
            low=number(self.low[at]),
            high=number(self.high[at]),
            n=int(self.n[at]),
            method=self.method,
            customers=int(self.customers[at]),
            design_effect=number(self.design_effect[at]),
            effective_n=number(self.effective_n[at]),
            standard_error=number(self.standard_error[at]),
            confidence=self.confidence,
        )

    def __iter__(self) -> Iterator[Estimate | None]:
        return (self[index] for index in range(len(self)))

    def one(self) -> Estimate | None:
        """The only cell's estimate."""
        return self[()] if self.value.ndim == 0 else self[(0,) * self.value.ndim]


def number(value: np.float64) -> float | None:
    """A plain float, None for nan."""
    return None if np.isnan(value) else float(value)


def check_confidence(confidence: float) -> None:
    """A confidence level lies strictly between 0 and 1.

    Raises:
        ValueError: it does not (95 for 0.95 is the usual slip).
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence is a share between 0 and 1, not {confidence!r}")
