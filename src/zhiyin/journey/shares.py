"""Shares and means with their intervals, which count customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zhiyin.stats import mean, proportion
from zhiyin.stats.estimate import Estimate, Number
from zhiyin.stats.totals import Totals


def interval(
    count: int, of: int, confidence: float, *, is_all: bool = False
) -> tuple[float | None, float | None]:
    """Wilson's interval of `count` customers among `of`, in 0…1; None among nobody.

    Args:
        is_all: they are all of them by definition, so there is nothing to be uncertain of.

    >>> low, high = interval(81, 263, 0.95)
    >>> round(low or 0, 4), round(high or 0, 4)
    (0.2553, 0.3662)
    """
    if is_all and of:
        return 1.0, 1.0
    found = proportion.estimate(totals(float(count), float(of)), confidence=confidence)
    return (found.low, found.high) if found else (None, None)


def totals(count: Number, of: Number) -> Totals:
    """`count` customers among `of`, as the statistics take them; numbers, or arrays of one shape.

    >>> totals(81.0, 263.0).num
    81.0
    """
    return Totals(n=of, customers=of, num=count, den=of, yy=count, den2=of, tt=count, tn=count,
                  nn=of)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval; None where there is none, or it is not shown."""

    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, found: Estimate | None) -> Figure:
        """The value and ends of an estimate."""
        return cls(None, None, None) if found is None else cls(found.value, found.low, found.high)

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


NO_FIGURE = Figure(None, None, None)


def share_of(is_so: npt.ArrayLike, customer: npt.ArrayLike, confidence: float) -> Figure:
    """A share of things of which a customer may have several, in 0…1; variance over customers."""
    totals = Totals.of(np.asarray(is_so, np.float64), customer)
    return Figure.of(proportion.estimate(totals, confidence=confidence))


def mean_of(value: npt.ArrayLike, customer: npt.ArrayLike, confidence: float) -> Figure:
    """A mean of counts of which a customer may have several; variance over customers."""
    totals = Totals.of(value, customer)
    return Figure.of(mean.estimate(totals, confidence=confidence, scale=(0.0, np.inf)))
