"""What a window is made of, and what was seen of it: customers' values and counts, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.stats.estimate import Floats
from zhiyin.stats.watching import Evidence


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a window up to some day.

    Args:
        evidence: the e-value after each day.
        figures: what a person is told: value, limits, reference; JSON values.
    """

    evidence: Evidence
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """Facts of local days from `start` on, held so that any window of them can be looked at.

    Attributes:
        day: of each value (or count), from 0.
        customer: of each value.
        value: the mean of the customer's answers of the day, as the measure counts them; or 1 for
            each customer to whom it happened on the day.
    """

    start: date
    days: int
    day: NDArray[np.int64]
    customer: NDArray[np.int64]
    value: Floats
    factor: float = 1.0
    limits: tuple[float, float] = (0.0, 1.0)
    unit: str = "count"


def beside(before: Floats, days: int) -> Floats:
    """Of each day of a window, the sum of the earlier days of its weekday that stand beside it,
    each of which stands beside one day alone: whole weeks on both sides, the last dimension days.

    >>> beside(np.arange(14.0), 7).tolist()
    [7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0]
    """
    weekday = np.arange(before.shape[-1]) % 7
    found = [
        before[..., weekday == at % 7][..., at // 7 :: days // 7].sum(axis=-1) for at in range(days)
    ]
    made: Floats = np.stack(found, axis=-1)
    return made


def so_far(evidence: Evidence, seen: timedelta) -> Evidence:
    """Of the evidence, the days that are over."""
    days = max(0, seen.days)
    return Evidence(evidence.e_values[:days], evidence.n[:days], evidence.method)
