"""Shares of customers, each of whom counts once, with their intervals."""

from __future__ import annotations

from zhiyin.stats import proportion
from zhiyin.stats.estimate import Number
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
