"""How much evidence an alert needs, so that few of all alerts are false.

Hypotheses are opened one after the other without an end: every rule opens one per window. e-LOND
gives the t-th the level

    α_t = q · γ_t · (R + 1),    γ_t = ln 2 · (1/ln(t + 1) − 1/ln(t + 2))

with R the alerts so far, and an alert is given when its e-value reaches 1/α_t. The γ sum to 1,
exactly and slowly, so that the thousandth hypothesis can still be found.

Then the expected share of false ones among all alerts is at most q, *whatever the dependence*
between the figures. For an alert that is false brings to that share at most
1/(R + 1) · α_t · e = q·γ_t·e, and the e-value of a true hypothesis has a mean of 1 at most.

Source: Xu & Ramdas, *Online multiple testing with e-values*, AISTATS 2024; LOND: Javanmard &
Montanari 2015.
"""

from __future__ import annotations

import math


def share_of(number: int) -> float:
    """γ of the hypothesis of this number, from 1 on.

    >>> round(sum(share_of(number) for number in range(1, 100_000)), 3)
    0.94
    """
    if number < 1:
        raise ValueError(f"hypotheses are numbered from 1 on, not {number!r}")
    return math.log(2.0) * (1.0 / math.log(number + 1) - 1.0 / math.log(number + 2))


def threshold(number: int, alerts: int, *, q: float = 0.1) -> float:
    """The e-value that the hypothesis of this number must reach, after so many alerts.

    Args:
        number: in the order in which hypotheses were opened, from 1 on.
        alerts: given by the other hypotheses until now.
        q: of all alerts, the share of false ones that is expected at most.

    >>> round(threshold(1, 0), 1), round(threshold(100, 0)), round(threshold(100, 9))
    (27.1, 31256, 3126)
    """
    if not 0.0 < q < 1.0:
        raise ValueError(f"q is a share between 0 and 1, not {q!r}")
    return 1.0 / (q * share_of(number) * (alerts + 1))
