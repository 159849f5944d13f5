"""How long something took: quartiles in seconds, with intervals over customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from zhiyin.journey.events import seconds
from zhiyin.stats import waits

QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Length:
    """So large a `share` (0…1) took at most so many seconds.

    Args:
        seconds: None where so large a share was never over.
        low, high: its interval; None at an end that cannot be told.
    """

    share: float
    seconds: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def lengths(
    us: npt.ArrayLike,
    is_over: npt.ArrayLike,
    customer: npt.ArrayLike,
    confidence: float,
    shares: tuple[float, ...] = QUARTILES,
) -> tuple[Length, ...]:
    """Quantiles of waits in microseconds; those that are not over count up to then."""
    found = waits.quantiles(us, is_over, customer, shares, confidence=confidence)
    return tuple(
        Length(share, None, None, None)
        if one is None
        else Length(share, one.value / 1e6, seconds(one.low), seconds(one.high))
        for share, one in zip(shares, found, strict=True)
    )
