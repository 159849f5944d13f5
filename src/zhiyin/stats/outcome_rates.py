"""Outcome rates of a survey by their AAPOR names: response, cooperation, refusal and contact.

Every case that was asked has one of six outcomes: complete (I), partial (P), refusal or break-off
(R), non-contact (NC), other (O), or nobody knows whether she could have answered at all (U).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats import proportion
from zhiyin.stats.estimate import Estimates, Floats
from zhiyin.stats.totals import Totals

Outcome = Literal["I", "P", "R", "NC", "O", "U"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_KNOWN: tuple[Outcome, ...] = ("I", "P", "R", "NC", "O")


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate: the cases of some outcomes among those of more.

    Args:
        unknown: how much a case of unknown eligibility counts below the line: 1, nothing, or
            ``e``, the share of them who could have answered.
    """

    above: tuple[Outcome, ...]
    below: tuple[Outcome, ...]
    unknown: Literal["all", "e", "none"]


_REACHED: tuple[Outcome, ...] = ("I", "P", "R", "O")

RATES: dict[str, Rate] = {
    "RR1": Rate(("I",), _KNOWN, "all"),
    "RR2": Rate(("I", "P"), _KNOWN, "all"),
    "RR3": Rate(("I",), _KNOWN, "e"),
    "RR4": Rate(("I", "P"), _KNOWN, "e"),
    "RR5": Rate(("I",), _KNOWN, "none"),
    "RR6": Rate(("I", "P"), _KNOWN, "none"),
    "COOP1": Rate(("I",), _REACHED, "none"),
    "COOP2": Rate(("I", "P"), _REACHED, "none"),
    "COOP3": Rate(("I",), ("I", "P", "R"), "none"),
    "COOP4": Rate(("I", "P"), ("I", "P", "R"), "none"),
    "REF1": Rate(("R",), _KNOWN, "all"),
    "REF2": Rate(("R",), _KNOWN, "e"),
    "REF3": Rate(("R",), _KNOWN, "none"),
    "CON1": Rate(_REACHED, _KNOWN, "all"),
    "CON2": Rate(_REACHED, _KNOWN, "e"),
    "CON3": Rate(_REACHED, _KNOWN, "none"),
}
"""As the Standard Definitions write them; COOP does not know cases of unknown eligibility."""


def estimates(
    outcome: ArrayLike,
    customer: ArrayLike,
    cell: ArrayLike,
    cells: int,
    *,
    eligible: float = 1.0,
    confidence: float = 0.95,
) -> dict[str, Estimates]:
    """Every rate of each cell, with Wilson's interval over customers.

    A rate is a ratio of weighted cases: those below the line weigh 1, cases of unknown
    eligibility 1, `eligible` or nothing. A customer who was asked twice is two cases and one
    piece of news, which the interval counts (`proportion.estimates`).

    When it misleads: `eligible` is taken as known; where it was estimated, the intervals of RR3,
    RR4, REF2 and CON2 are too narrow. A rate says nothing about how alike those who answered and
    those who did not are.

    Args:
        outcome: of each case, its place in `OUTCOMES`.
        customer: whose case it is (integers or words).
        cell: of each case, 0…cells−1.
        eligible: e, the share of the cases of unknown eligibility who could have answered, 0…1.

    Source: American Association for Public Opinion Research, Standard Definitions: Final
    Dispositions of Case Codes and Outcome Rates for Surveys (9th edition, 2016), *Calculating
    Rates*.

    >>> found = estimates([0, 0, 1, 2, 5, 5], range(6), [0] * 6, 1, eligible=0.5)
    >>> [round(float(found[name].value[0]), 3) for name in ("RR1", "RR2", "RR3", "RR5", "COOP1")]
    [0.333, 0.5, 0.4, 0.5, 0.5]

    Raises:
        ValueError: `eligible` is not a share.
    """
    if not 0.0 <= eligible <= 1.0:
        raise ValueError(f"e is a share from 0 to 1, not {eligible!r}")
    which, who, place = np.asarray(outcome), np.asarray(customer), np.asarray(cell, dtype=np.int64)
    found = {}
    for name, rate in RATES.items():
        is_above, weight = _weighed(rate, which, eligible)
        is_in = weight > 0
        totals = Totals.by(
            is_above[is_in].astype(np.float64), who[is_in], place[is_in], cells, weight[is_in]
        )
        found[name] = proportion.estimates(totals, confidence=confidence)
    return found


def sums(
    outcome: ArrayLike, cell: ArrayLike, cells: int, *, eligible: float = 1.0
) -> dict[str, tuple[Floats, Floats]]:
    """Of each rate and cell (cases above the line, weighted cases below it).

    >>> [float(part[0]) for part in sums([0, 1, 5], [0, 0, 0], 1, eligible=0.5)["RR3"]]
    [1.0, 2.5]
    """
    which, place = np.asarray(outcome), np.asarray(cell, dtype=np.int64)
    found = {}
    for name, rate in RATES.items():
        is_above, weight = _weighed(rate, which, eligible)
        found[name] = (
            np.bincount(place, weights=is_above * weight, minlength=cells).astype(np.float64),
            np.bincount(place, weights=weight, minlength=cells).astype(np.float64),
        )
    return found


def _weighed(
    rate: Rate, outcome: NDArray[np.int64], eligible: float
) -> tuple[NDArray[np.bool_], Floats]:
    """(whether each case is above the line, how much it counts below)."""
    weights = np.zeros(len(OUTCOMES))
    weights[[OUTCOMES.index(one) for one in rate.below]] = 1.0
    weights[OUTCOMES.index("U")] = {"all": 1.0, "e": eligible, "none": 0.0}[rate.unknown]
    is_above = np.isin(outcome, [OUTCOMES.index(one) for one in rate.above])
    return is_above, weights[outcome]
