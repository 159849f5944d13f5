"""Answers that are still to come: when a period is *preliminary*.

Customers answer hours or weeks after what they experienced. By date of experience a period that
is over is therefore not complete. How many answers are still to come is told from the delays of
the past: of the answers that came at most d days after the experience, the share that came on
day d itself, over experiences old enough to show it, gives the share F(d) that is in after d days
(the product of one minus these shares from the longest delay down: the reverse-time life table of
Lagakos, Barraj & De Gruttola 1988, known in insurance as the chain ladder). Nothing is assumed
about the shape of the delays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.periods import Period
from zhiyin.measure.cells import Cells
from zhiyin.warehouse import lang

SHARE = 0.02
"""A period is preliminary while more than this share of its answers is still to come."""
LONGEST_DAYS = 90
"""Nobody waits longer for an answer."""
PAST_DAYS = 400
"""Delays are learnt from experiences of so many days."""
LEAST_DELAYS = 30
"""From fewer answers no delay is learnt, and nothing is called preliminary."""

_DAY = timedelta(days=1)


def preliminary(cells: Cells, periods: Sequence[Period]) -> list[bool]:
    """Which periods still expect more than 2 % of their answers.

    By date of answer none does: an answer is there on its own date.
    """
    recent = [period.end > cells.now - LONGEST_DAYS * _DAY for period in periods]
    if cells.request.date_of != "experience" or not any(recent):
        return [False] * len(periods)
    counts = _delays(cells)
    if counts.sum() < LEAST_DELAYS:
        return [False] * len(periods)
    arrived = share_arrived(counts)
    return [
        near and missing_share(counts, arrived, _ages(period, cells)) > SHARE
        for near, period in zip(recent, periods, strict=True)
    ]


def share_arrived(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F: the share of answers that are in `a` whole days after the experience, for each age a.

    Args:
        counts: answers by (age of the experience in days, delay in days); what is older or
            slower than the table is left out.

    Returns:
        One share per age, 1 for the last.
    """
    ages, delays = counts.shape
    by_delay = np.zeros(delays)
    up_to = np.zeros(delays)
    for delay in range(delays):
        # Only experiences that are older than the delay could have shown it in full.
        old = counts[delay + 1 :]
        by_delay[delay] = old[:, delay].sum()
        up_to[delay] = old[:, : delay + 1].sum()
    stayed = np.where(up_to > 0, 1.0 - by_delay / np.maximum(up_to, 1.0), 1.0)
    # in[d]: the share with a delay of at most d days.
    within = np.append(np.cumprod(stayed[::-1])[::-1][1:], 1.0)
    # After `a` whole days all delays of a − 1 days and less have been seen in full.
    shares = np.ones(ages)
    for age in range(ages):
        shares[age] = 0.0 if age == 0 else within[min(age - 1, delays - 1)]
    return shares


def missing_share(
    counts: NDArray[np.int64], arrived: NDArray[np.float64], ages: tuple[int, int]
) -> float:
    """The share of a period's answers that is still to come.

    Args:
        counts: answers by (age, delay).
        arrived: from `share_arrived`.
        ages: the period's youngest and oldest age in days, both included; a negative youngest
            age is a period that is not over, of which only what has been is judged.
    """
    young, old = max(ages[0], 0), min(ages[1], len(arrived) - 1)
    if old < young:
        return 1.0
    here = counts.sum(axis=1).astype(np.float64)
    # Days of which nearly nothing can be in yet are taken to be like the days before them.
    telling = (arrived >= 0.1) & (np.arange(len(arrived)) <= max(old, 28))
    final = np.where(telling, here / np.maximum(arrived, 0.1), 0.0)
    usual = final[telling].mean() if telling.any() else 0.0
    days = slice(young, old + 1)
    whole = np.where(telling[days], final[days], usual).sum()
    if whole <= 0:
        return 0.0
    return float(max(0.0, 1.0 - here[days].sum() / whole))


def _ages(period: Period, cells: Cells) -> tuple[int, int]:
    youngest = (cells.now - period.end) / _DAY
    oldest = (cells.now - period.start) / _DAY
    return int(np.floor(youngest)), int(np.ceil(oldest)) - 1


def _delays(cells: Cells) -> NDArray[np.int64]:
    """Answers by (age of the experience, delay of the answer), in whole days."""
    facts = cells.metric.rows(cells.source)
    facts = cells.chosen(facts)
    since = cells.now - PAST_DAYS * _DAY
    facts = facts.filter(
        facts.experienced_at >= lang.timestamp(since),
        facts.experienced_at <= lang.timestamp(cells.now),
        facts.occurred_at >= facts.experienced_at,
    )
    now = lang.timestamp(cells.now)
    day = 86_400_000_000
    aged = facts.select(
        age=(now.delta(facts.experienced_at, unit="microsecond") / day).floor().cast("int64"),
        delay=(facts.occurred_at.delta(facts.experienced_at, unit="microsecond") / day)
        .floor()
        .cast("int64"),
    )
    found = cells.log.execute(
        cells.settings.slug,
        aged.group_by(["age", "delay"]).aggregate(n=aged.count()),
        reader=cells.reader,
    )
    counts = np.zeros((PAST_DAYS + 1, LONGEST_DAYS + 1), dtype=np.int64)
    for row in found.to_pylist():
        if row["delay"] <= LONGEST_DAYS and row["age"] <= PAST_DAYS:
            counts[row["age"], row["delay"]] += row["n"]
    return counts
