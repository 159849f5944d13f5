"""Many comparisons at once: which marks to believe, and the interval that agrees with each.

Sixty tests at 5 % find something in 95 of 100 periods in which nothing happened. A table of
comparisons is one family: the *whole table that was asked for*, not the rows that look good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.difference import Inversion
from zhiyin.stats.estimate import Floats

Procedure = Literal["bh", "by"]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The verdict on a family of tests, in the order of its p-values."""

    q_values: Floats
    """The smallest q at which each would be marked; nan where there was no test."""
    marked: NDArray[np.bool_]
    q: float
    method: Procedure
    tests: int
    """How many were tested (nan is not)."""
    confidence: float
    """The level of every interval shown in this family: 1 − max(marked, 1)·q ÷ tests
    (by: ÷ the harmonic sum too)."""


def mark(p_values: ArrayLike, q: float = 0.05, method: Procedure = "bh") -> Family:
    """Mark comparisons so that at most a share q of the marks is expected to be false.

    ``bh`` (Benjamini–Hochberg) holds for independent tests and those that go together, such
    as groups against a common rest; ``by`` (Benjamini–Yekutieli) under any dependence, and
    costs the harmonic sum 1 + ½ + … + 1/m in strictness. nan is no test: never marked, and
    not counted.

    When it misleads: chosen rows of a larger table are another family, and q is an average
    over families, not a promise for this one.

    Sources: Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001. In R:
    ``p.adjust(p, "BH")``, ``p.adjust(p, "BY")``.

    Raises:
        ValueError: a p-value is not from 0 to 1, or q is not strictly between.

    >>> family = mark([0.001, 0.02, 0.04, 0.8])
    >>> family.marked.tolist(), round(family.confidence, 4)
    ([True, True, False, False], 0.975)
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not 0.0 < q < 1.0:
        raise ValueError(f"q is a share between 0 and 1, not {q!r}")
    tested = ~np.isnan(p)
    if ((p[tested] < 0) | (p[tested] > 1)).any():
        raise ValueError("a p-value lies from 0 to 1")
    # Here and not above: a second of imports, and most processes never test anything.
    from scipy.stats import false_discovery_control

    q_values = np.full(p.shape, np.nan)
    tests = int(tested.sum())
    if tests:
        q_values[tested] = false_discovery_control(p[tested], method=method)
    # Marked by the procedure itself: q-values are products and may round across the line.
    threshold = _threshold(np.sort(p[tested]), q, method)
    marked = tested & (np.where(tested, p, 1.0) <= threshold)
    level = max(int(marked.sum()), 1) * q / (max(tests, 1) * _price(tests, method))
    return Family(
        q_values=q_values,
        marked=marked,
        q=q,
        method=method,
        tests=tests,
        confidence=1.0 - level,
    )


def intervals(family: Family, interval: Inversion) -> tuple[Floats, Floats]:
    """The (low, high) to show beside the marks; a mark and its interval never disagree.

    Every interval of the family is shown at one level, `family.confidence`. With R marks
    among m tests that is 1 − Rq/m: for the marked ones the false-coverage-rate adjusted
    interval (of the intervals shown because their row was marked, a share q at most is
    expected to miss). It leaves out 0 exactly for the marked ones:

    - marked: p ≤ p_(R) ≤ Rq/m, so the 1 − Rq/m interval leaves 0 out;
    - not marked: were p ≤ Rq/m, at least R + 1 p-values would lie at or under it, hence
      under (R+1)q/m, and the procedure would have marked R + 1. So p > Rq/m, and 0 is in.
    - with no mark at all, p_(1) > q/m: the 1 − q/m interval holds 0 for each.

    So intervals of not-marked rows are wider than 95 % when marks are few. That is the price
    of having looked at many, and the same for all rows of the table.

    Args:
        family: from `mark`, on the p-values of the same comparisons.
        interval: confidence → (low, high); `Differences.interval`.

    Source: Benjamini & Yekutieli, JASA 100 (2005) 71–81.
    """
    low, high = interval(family.confidence)
    # At p = Rq/m exactly the interval touches 0; rounding may put it on either side.
    tiny = np.nextafter(0.0, 1.0)
    touching = family.marked & (low <= 0) & (high >= 0)
    upwards = touching & (np.abs(low) <= np.abs(high))
    low = np.where(upwards, tiny, low)
    high = np.where(touching & ~upwards, -tiny, high)
    held = ~family.marked & ~np.isnan(family.q_values)
    low = np.where(held, np.minimum(low, 0.0), low)
    high = np.where(held, np.maximum(high, 0.0), high)
    return low, high


def _price(tests: int, method: Procedure) -> float:
    return float(np.sum(1.0 / np.arange(1, tests + 1))) if method == "by" and tests else 1.0


def _threshold(p_sorted: Floats, q: float, method: Procedure) -> float:
    """The largest p_(i) ≤ i·q ÷ (m·price); −1 when there is none."""
    tests = p_sorted.size
    steps = np.arange(1, tests + 1) * q / (max(tests, 1) * _price(tests, method))
    passed = np.flatnonzero(p_sorted <= steps)
    return float(p_sorted[passed[-1]]) if passed.size else -1.0
