"""How long people take for a task, where few have done it: the geometric mean, and ratios of it.

Times of a task have a long tail to the right: of few runs the mean follows the slowest one, and
the median jumps. Their logs are nearly symmetric, and the mean of the logs, brought back, is the
best of the usual middles under some 25 people (Sauro & Lewis 2010).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from zhiyin.stats import mean
from zhiyin.stats.difference import Differences
from zhiyin.stats.estimate import Estimate, Estimates
from zhiyin.stats.totals import Cross, Totals

LEAST = 5
"""Under so many people on either side no comparison of runs is tested: of fewer, a "5 %" test of
completion finds a difference in up to one case of eight where there is none (the simulation is
among the tests)."""


def logs(seconds: ArrayLike, person: ArrayLike) -> Totals:
    """Totals of the logs of times, for the functions below.

    Args:
        seconds: one time a run, above 0.
        person: who did it; her runs are not news of their own.

    Raises:
        ValueError: a time is not above 0, or not finite.
    """
    times = np.asarray(seconds, dtype=np.float64)
    if not (np.isfinite(times).all() and (times > 0).all()):
        raise ValueError("a time is above 0 and finite")
    return Totals.of(np.log(times), person)


def estimates(totals: Totals, *, confidence: float = 0.95) -> Estimates:
    """The geometric mean of each cell in seconds, with the log-t interval over people.

    exp(m ± t·√V), m the mean of the logs and V its variance over people (`mean.estimates`). Where
    each person did it once this is exp(m ± t·s/√n) with n − 1 degrees of freedom. The interval is
    not symmetric, never below 0, and there is none of one person.

    When it misleads: times of those who succeeded say nothing of those who gave up; look at the
    completion beside them. A mix of experts and beginners has two middles and neither is this.

    Args:
        totals: of `logs`; arrays of any one shape, or plain numbers.

    Sources: Sauro & Lewis, *Average task times in usability tests: what to report?*, CHI 2010,
    2347–2350; Sauro & Lewis, *Quantifying the User Experience*, chapter 3. In R:
    ``exp(t.test(log(y))$conf.int)``.

    >>> found = estimate(logs([55, 65, 75, 62, 45, 135], range(6)))
    >>> round(found.value), round(found.low), round(found.high)
    (68, 46, 101)
    """
    found = mean.estimates(totals, confidence=confidence, method="log-t")
    value = np.exp(found.value)
    return replace(
        found,
        value=value,
        low=np.exp(found.low),
        high=np.exp(found.high),
        standard_error=value * found.standard_error,
    )


def estimate(totals: Totals, *, confidence: float = 0.95) -> Estimate | None:
    """`estimates` of one cell; None without times."""
    return estimates(totals, confidence=confidence).one()


def log_ratios(
    here: Totals, there: Totals, cross: Cross | None = None, *, confidence: float = 0.95
) -> Differences:
    """The log of (geometric mean here ÷ there), cell by cell: Welch's t on the logs, over people.

    0 is no difference, so families of tests take it as it is; `exp` of the difference and of its
    ends are the ratio and its interval. Where people did the task on both sides, `cross` brings
    what is alike in their times; were all of them on both, it is the paired t test of the logs.

    In R: ``t.test(log(y) ~ side)``; paired: ``t.test(log(y1), log(y2), paired = TRUE)``.

    >>> found = log_ratios(logs([40, 60, 90], range(3)), logs([80, 120, 180], range(3, 6))).one()
    >>> round(float(np.exp(found.difference)), 3)
    0.5
    """
    return mean.differences(here, there, cross, confidence=confidence, method="log-welch")
