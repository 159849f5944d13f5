"""How rightly a workspace's own texts are read: on labels that the model had not seen.

Whether it stays so is told month by month, and by a test of the last thirty days against all
before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.stats import proportion
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals

LEAST = 20
"""Customers below which no share is told."""

LATELY = timedelta(days=30)

MONTHS = 13


@dataclass(frozen=True, slots=True)
class Judged:
    """One label, and whether it was told so.

    Attributes:
        right: told by what reads now, a model that did not see the label.
        before: told by the seeds alone.
        kind: the aspect or polarity under which it is counted.
    """

    right: bool
    before: bool
    customer: int
    language: str
    at: datetime
    kind: str


def figures(judged: Sequence[Judged], *, today: date) -> dict[str, Any]:
    """The share of labels told rightly, as a whole and by kind, language and month."""
    return {
        "n": len(judged),
        "customers": len({one.customer for one in judged}),
        "right": _share(judged, lambda one: one.right),
        "by_seeds": _share(judged, lambda one: one.before),
        "languages": _by(judged, lambda one: one.language),
        "kinds": _by(judged, lambda one: one.kind),
        "months": dict(sorted(_by(judged, lambda one: f"{one.at:%Y-%m}").items())[-MONTHS:]),
        "drift": _drift(judged, today),
    }


def _by(judged: Sequence[Judged], of: Callable[[Judged], str]) -> dict[str, Any]:
    """The share of each group, the largest first; None where a group has too few customers."""
    counted = Counter(of(one) for one in judged)
    return {
        name: _share([one for one in judged if of(one) == name], lambda one: one.right)
        for name, _n in counted.most_common()
    }


def _share(judged: Sequence[Judged], of: Callable[[Judged], bool]) -> dict[str, Any] | None:
    return share([(of(one), one.customer) for one in judged])


def share(held: Sequence[tuple[bool, int]]) -> dict[str, Any] | None:
    """How often it holds, of whether it does and of whom; None for too few customers."""
    if len({customer for _holds, customer in held}) < LEAST:
        return None
    totals = Totals.of([float(holds) for holds, _who in held], [who for _holds, who in held])
    return written(proportion.estimate(totals))


def _totals(judged: Sequence[Judged], of: Callable[[Judged], bool]) -> Totals:
    return Totals.of([float(of(one)) for one in judged], [one.customer for one in judged])


def _drift(judged: Sequence[Judged], today: date) -> dict[str, Any] | None:
    """The last thirty days less all before; None where either has too few customers."""
    since = datetime.combine(today, datetime.min.time()) - LATELY
    lately = [one for one in judged if one.at >= since]
    before = [one for one in judged if one.at < since]
    if min(len({one.customer for one in part}) for part in (lately, before)) < LEAST:
        return None
    here, there = (_totals(part, lambda one: one.right) for part in (lately, before))
    found = proportion.difference(here, there)
    if found is None:
        return None
    return {
        "lately": written(proportion.estimate(here)),
        "before": written(proportion.estimate(there)),
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "p": found.p,
    }


def written(found: Estimate | None) -> dict[str, Any] | None:
    """An estimate as it is kept, and as the command line and the API write it."""
    if found is None:
        return None
    return {
        "value": found.value, "low": found.low, "high": found.high, "n": found.n,
        "customers": found.customers,
    }  # fmt: skip


def right(scores: NDArray[np.float64], labels: Sequence[str], classes: Sequence[str]) -> list[bool]:
    """Whether the likeliest class of each row is its label."""
    told = scores.argmax(axis=1).tolist()
    return [classes[at] == label for at, label in zip(told, labels, strict=True)]
