"""One scale for all that a chart shows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from zhiyin.kernel import figures

LIMITS = {"percent": (0.0, 100.0), "points": (-100.0, 100.0)}
MOST_TICKS = 4

_STEPS = (1.0, 2.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale.

    Args:
        low: the value at its beginning.
        high: the value at its end.
        ticks: two to four round values between.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float | None], unit: str) -> Axis | None:
        """An axis that holds every value, or None where there is none.

        Args:
            values: all that is drawn, the ends of intervals too.
            unit: as measures name it; shares stay within 0 to 100, points within ±100.
        """
        ends = [end for end in values if end is not None and math.isfinite(end)]
        if not ends:
            return None
        low, high = _roomy(min(ends), max(ends), *LIMITS.get(unit, (-math.inf, math.inf)))
        return cls(low, high, _ticks(low, high))

    def at(self, value: float, length: float) -> float:
        """The place of `value` on an axis of that length, inside it whatever the value."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(share, 0.0), 1.0) * length


def tick_words(tick: float, unit: str) -> str:
    """A tick as it is written."""
    written = f"{tick:,.10g}".replace("-", figures.MINUS)
    return f"{written}%" if unit == "percent" else written


def _roomy(least: float, most: float, floor: float, ceiling: float) -> tuple[float, float]:
    """Ends a little beyond the values, so that none is drawn on the edge."""
    size = max(abs(least), abs(most))
    # Values that no reader could tell apart are drawn as one.
    span = most - least if most - least > 1e-6 * size else size or 1.0
    low, high = max(least - 0.06 * span, floor), min(most + 0.06 * span, ceiling)
    return min(low, least), max(high, most)


def _ticks(low: float, high: float) -> tuple[float, ...]:
    """The round values within the ends, with the smallest step that leaves four or fewer."""
    power = 10.0 ** math.floor(math.log10(high - low) - 1)
    while True:
        for factor in _STEPS:
            step = factor * power
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first < MOST_TICKS:
                return tuple(step * number for number in range(first, last + 1))
        power *= 10
