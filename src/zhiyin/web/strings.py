"""The string 弦: one sign for every estimate. Hairline scale, interval bar, bead for the value.

Drawn as inline SVG, so that it needs no script, prints, and follows the page's colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhiyin.measure.scores import Score

LIMITS = {"percent": (0.0, 100.0), "points": (-100.0, 100.0)}


@dataclass(frozen=True, slots=True)
class Axis:
    """One scale for all the strings of a page.

    Args:
        low: the value at its left end.
        high: the value at its right end.
        ticks: at most five round values between.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, scores: Sequence[Score], unit: str) -> Axis | None:
        """An axis that holds every interval, or None where nothing is shown."""
        ends = [
            end
            for one in scores
            for end in (one.value, one.low, one.high)
            if end is not None and math.isfinite(end)
        ]
        if not ends:
            return None
        span = max(ends) - min(ends)
        size = max(abs(end) for end in ends)
        # Values that no reader could tell apart are drawn as one.
        step = _round_step(span if span > 1e-6 * size else size or 1.0)
        low = min(math.floor(min(ends) / step) * step, min(ends))
        high = max(math.ceil(max(ends) / step) * step, max(ends))
        if low == high:
            low, high = low - step, high + step
        least, most = LIMITS.get(unit, (-math.inf, math.inf))
        low, high = max(low, least), min(high, most)
        count = round((high - low) / step)
        return cls(low, high, tuple(low + step * k for k in range(count + 1)))

    def at(self, value: float, width: float) -> float:
        """The place of `value` on an axis `width` wide, inside it whatever the value."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * width, 1)


def _round_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that four steps or fewer cover `span`."""
    rough = span / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= rough * 0.999)
