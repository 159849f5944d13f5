"""Figures that are looked at every day: evidence that stays honest however often one looks.

A test at 5 % that is repeated every day fires in the end though nothing happened. What is kept
here is the capital of somebody who bets against *nothing has become worse*, starting with 1: if
nothing has, no way of looking brings it above 1/α with a probability of more than α (Ville). The
capital is called e-value.

Everybody counts once: a customer's value is the mean of her answers on the first day on which she
answered within the window, so values are of different customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhiyin.stats.estimate import Floats, check_confidence

Direction = Literal["down", "up"]

STAKES: Floats = 0.5 ** np.arange(1.0, 9.0)
"""Shares of the capital at stake, from bold (for large changes) to careful (for small ones)."""

RATES: Floats = np.array([1.15, 1.3, 1.5, 2.0, 3.0, 5.0])
"""Rises of a rate on which is bet; for a fall their reciprocals."""

_STEPS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a window's days say, looked at after each of them.

    Args:
        e_values: the capital at the end of each day, shape (days,).
        n: how many customers (or events) had been counted by then, shape (days,).
        method: ``betting``, ``paired-betting`` or ``paired-counts``.
    """

    e_values: Floats
    n: NDArray[np.int64]
    method: str

    def first_at(self, threshold: float, *, least: int = 0) -> int | None:
        """The first day on which the capital reaches `threshold`, with at least `least` counted."""
        reached = np.flatnonzero((self.e_values >= threshold) & (self.n >= least))
        return int(reached[0]) if reached.size else None


def against_value(
    values: ArrayLike,
    day: ArrayLike,
    days: int,
    reference: float,
    direction: Direction = "down",
    *,
    dispersion: float = 1.0,
) -> Evidence:
    """Evidence that the mean of customers lies below (`up`: above) a fixed value.

    The capital is a mixture over stakes θ and over the day on which the betting begins,

        1/days · Σ over days j · mean over θ of Π (1 + θ·(m − x)/(1 − m))

    over the values x since day j; what is not at stake yet is kept. So a change in the midst of
    the window is found too, and the order of the values of a day does not matter.

    When it misleads: it says that the mean is lower, not since when nor why. Where those who answer
    become other people, their mean changes though nobody has changed her mind.

    Args:
        values: one a customer, from 0 to 1.
        day: of each, from 0 on.
        days: of the window.
        reference: strictly between 0 and 1.
        dispersion: variance of the mean of a day ÷ what chance gives it, 1 or more; see
            `dispersion_of_means`. The growth is taken to the power 1/φ, as in `counts`.

    Sources: Waudby-Smith & Ramdas, JRSS B 86 (2024) 1–27; Shin, Ramdas & Rinaldo 2024 (mixtures
    over the day of change); Ville 1939.

    Raises:
        ValueError: a value, the reference or the dispersion is out of range.

    >>> found = against_value([0.0] * 12, [0] * 6 + [1] * 6, 2, reference=0.5)
    >>> found.e_values.round(1).tolist(), found.n.tolist()
    ([1.9, 11.1], [6, 12])
    """
    x, when = _values(values, day, days)
    _check_dispersion(dispersion)
    if not 0.0 < reference < 1.0:
        raise ValueError(f"a reference lies strictly between 0 and 1, not at {reference!r}")
    return Evidence(
        _mixed(_by_day(_growth(x, reference, direction), when, days) / dispersion),
        _counted(when, days),
        "betting",
    )


def against_earlier(
    values: ArrayLike,
    day: ArrayLike,
    days: int,
    earlier: ArrayLike,
    earlier_day: ArrayLike,
    *,
    each: int = 1,
    dispersion: float = 1.0,
    direction: Direction = "down",
    seed: int = 0,
) -> Evidence:
    """Evidence that the mean is lower (`up`: higher) than it was in earlier windows.

    The earlier figure is not known exactly, and that counts: every customer is set against the mean
    of up to `each` customers of the same day of earlier windows, drawn without returning any, and
    the bet is on the differences. Where that day had fewer, some customers of now say nothing.

    Like is set beside like. Customers count on their first day of a window, so those who come often
    count early in it and the others late; and a longer window holds more of the others. Their
    figures differ as a rule, so a day may only be set against its own place in windows as long.

    When it misleads: as `against_value`; and the earlier windows are taken as they were, with their
    season.

    Args:
        values: one a customer, from 0 to 1, with `day` and `days` as in `against_value`.
        earlier: the values of the customers of the earlier windows, from 0 to 1.
        earlier_day: of each, the day of its own window, from 0 on.
        each: earlier customers to one of now: how many earlier windows there are.
        dispersion: as in `against_value`.
        seed: of the drawing.

    Sources: as `against_value`.

    >>> found = against_earlier([0.0] * 40, [0] * 40, 1, [1.0] * 80, [0] * 80, each=2)
    >>> bool(found.e_values[-1] > 1e6)
    True
    """
    x, when = _values(values, day, days)
    before, then = _values(earlier, earlier_day, days)
    _check_dispersion(dispersion)
    growth, n = np.zeros((days, STAKES.size)), np.zeros(days, np.int64)
    for at in range(days):
        # Of its own for each day, so that what comes late into one day draws no other anew.
        chance = np.random.default_rng((seed, at))
        now, usual = chance.permutation(x[when == at]), chance.permutation(before[then == at])
        if not now.size or not usual.size:
            continue
        among = max(1, min(each, usual.size // now.size))
        pairs = min(now.size, usual.size // among)
        references = usual[: pairs * among].reshape(pairs, among).mean(axis=1)
        apart = (now[:pairs] - references + 1.0) / 2.0
        growth[at], n[at] = _growth(apart, 0.5, direction).sum(axis=0), pairs
    return Evidence(_mixed(growth / dispersion), np.cumsum(n), "paired-betting")


def counts(
    now: ArrayLike,
    earlier: ArrayLike,
    each: ArrayLike,
    *,
    dispersion: float = 1.0,
    direction: Direction = "up",
) -> Evidence:
    """Evidence that something happens more often (`down`: less often) than it did.

    Each day stands beside `each` earlier days, of the same weekday if the caller pairs them so. If
    the rate is the same, then of the N that happened on all of them the day's own K follow the
    binomial distribution with 1/(1 + each), whatever the rate is; the bet on a rate r times as high
    grows by r^K · ((1 + each)/(r + each))^N. Mixed over r and the day of change as in
    `against_value`, so the uncertainty of what was usual counts.

    Days vary by more than chance. With a `dispersion` φ the growth is taken to the power 1/φ, which
    is as if φ events were one.

    When it misleads: days that depend on one another (a strike of a week) are no independent news.

    Args:
        now: events (or customers who …) of each day, shape (days,).
        earlier: those of the earlier days that stand beside it, summed, shape (days,).
        each: how many earlier days these are, shape (days,); 0: the day says nothing.
        dispersion: variance of a day's count ÷ its mean, 1 or more; see `dispersion_of`.

    Sources: Przyborowski & Wilenski 1940 (the conditional test of two Poisson counts); Howard,
    Ramdas, McAuliffe & Sekhon, Annals of Statistics 49 (2021) 1055–1080; Wedderburn 1974.

    >>> found = counts([12, 15, 14], [9, 12, 10], [3, 3, 3])
    >>> found.e_values.round(1).tolist()
    [16.2, 3178.3, 981783.1]
    """
    k, others = np.asarray(now, dtype=np.float64), np.asarray(earlier, dtype=np.float64)
    beside = np.asarray(each, dtype=np.float64)
    if k.shape != others.shape or k.shape != beside.shape or (k < 0).any() or (others < 0).any():
        raise ValueError("each day has its count, and the count of the days beside it")
    _check_dispersion(dispersion)
    rates = RATES if direction == "up" else 1.0 / RATES
    known = beside > 0
    n = np.where(known, k + others, 0.0)
    growth = np.log((1.0 + beside[:, None]) / (rates + beside[:, None])) * n[:, None]
    growth += np.log(rates) * np.where(known, k, 0.0)[:, None]
    return Evidence(
        _mixed(growth / dispersion),
        np.cumsum(np.where(known, k, 0.0)).astype(np.int64),
        "paired-counts",
    )


def dispersion_of(daily: ArrayLike, group: ArrayLike) -> float:
    """Variance ÷ mean of daily counts within groups (weekdays): Pearson's χ² over its degrees.

    Not below 1; 1 where there are no degrees of freedom.

    Source: McCullagh & Nelder 1989, 4.5.2.

    >>> round(dispersion_of([10, 30, 20, 20], [0, 0, 1, 1]), 2)
    5.0
    """
    y, of = np.asarray(daily, dtype=np.float64), np.asarray(group)
    if not y.size:
        return 1.0
    _, code = np.unique(of, return_inverse=True)
    size = np.bincount(code)
    usual = (np.bincount(code, weights=y) / size)[code]
    degrees = int(sum(size[size > 1] - 1))
    if not degrees:
        return 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(usual > 0, (y - usual) ** 2 / usual, 0.0)
    return max(1.0, float(distance.sum()) / degrees)


def dispersion_of_means(values: ArrayLike, day: ArrayLike, group: ArrayLike) -> float:
    """Variance of the means of days within groups ÷ what chance gives them: Pearson's χ² over its
    degrees.

    Days differ by more than chance where something befalls all customers of a day alike (a
    campaign, the weather). Not below 1; 1 where there are no degrees of freedom.

    Args:
        values: one a customer.
        day: of each.
        group: of each; days of one group have the same mean but for chance.

    Source: McCullagh & Nelder 1989, 4.5.2.

    >>> dispersion_of_means([1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0])
    3.0
    """
    x = np.asarray(values, dtype=np.float64)
    if not x.size:
        return 1.0
    cells, cell = np.unique(np.stack([group, day]), axis=1, return_inverse=True)
    cell = cell.reshape(-1)
    _, of, days = np.unique(cells[0], return_inverse=True, return_counts=True)
    size, total = np.bincount(cell), np.bincount(cell, weights=x)
    usual = (np.bincount(of, weights=total) / np.bincount(of, weights=size))[of]
    degrees, others = int((days - 1).sum()), x.size - days.size
    spread = float(((x - usual[cell]) ** 2).sum())
    if not degrees or spread <= 1e-12:
        return 1.0
    between = float((size * (total / size - usual) ** 2).sum())
    return max(1.0, (between / degrees) / (spread / others))


def interval(values: ArrayLike, *, confidence: float = 0.95) -> tuple[float, float]:
    """An interval of the mean that may be looked at every day and is right on all of them.

    It holds every mean against which neither a bet on less nor one on more has reached
    2/(1 − confidence): a confidence sequence. It is wider than the interval for one look.

    Args:
        values: one a customer, from 0 to 1.

    Source: Waudby-Smith & Ramdas, JRSS B 86 (2024) 1–27.

    >>> low, high = interval([0.0, 1.0] * 200)
    >>> round(low, 2), round(high, 2)
    (0.42, 0.58)
    """
    check_confidence(confidence)
    x = _in_range(values)
    limit = np.log(2.0 / (1.0 - confidence))

    def passes(mean: float, direction: Direction) -> bool:
        """Whether a bet that the mean lies on this side of `mean` has won."""
        return _log_mean(_growth(x, mean, direction).sum(axis=0)) >= float(limit)

    tiny = 1e-9
    bounds = []
    # The capital of a bet on less grows with the mean that it is against, that on more shrinks.
    for direction, inside, outside in (("up", 1.0 - tiny, tiny), ("down", tiny, 1.0 - tiny)):
        side: Direction = "up" if direction == "up" else "down"
        if not passes(outside, side):
            bounds.append(0.0 if side == "up" else 1.0)
            continue
        held, ruled_out = inside, outside
        for _ in range(_STEPS):
            middle = (held + ruled_out) / 2.0
            held, ruled_out = (held, middle) if passes(middle, side) else (middle, ruled_out)
        bounds.append(held)
    return bounds[0], bounds[1]


def _growth(x: Floats, mean: float, direction: Direction) -> Floats:
    """By value and stake, the logarithm of what a bet against `mean` multiplies the capital by."""
    if direction == "up":
        x, mean = 1.0 - x, 1.0 - mean
    return np.log1p(STAKES * ((mean - x) / (1.0 - mean))[:, None])


def _by_day(growth: Floats, day: NDArray[np.int64], days: int) -> Floats:
    found = np.zeros((days, growth.shape[1]))
    np.add.at(found, day, growth)
    return found


def _mixed(growth: Floats) -> Floats:
    """The capital after each day, from logarithms of growth by day and stake: stakes have equal
    parts of it, and so has each day on which betting begins."""
    days = growth.shape[0]
    until = np.concatenate([np.zeros((1, growth.shape[1])), np.cumsum(growth, axis=0)])
    found = np.empty(days)
    for day in range(days):
        since = until[day + 1] - until[: day + 1]
        begun = np.logaddexp.reduce(since.ravel()) - np.log(growth.shape[1])
        waiting = days - day - 1
        total = np.logaddexp(begun, np.log(waiting)) if waiting else begun
        found[day] = np.exp(min(total - np.log(days), 700.0))
    return found


def _log_mean(logs: Floats) -> float:
    return float(np.logaddexp.reduce(logs) - np.log(logs.size))


def _counted(day: NDArray[np.int64], days: int) -> NDArray[np.int64]:
    return np.cumsum(np.bincount(day, minlength=days)).astype(np.int64)


def _check_dispersion(dispersion: float) -> None:
    if not dispersion >= 1.0:
        raise ValueError(f"a dispersion is 1 or more, not {dispersion!r}")


def _values(values: ArrayLike, day: ArrayLike, days: int) -> tuple[Floats, NDArray[np.int64]]:
    x, when = _in_range(values), np.asarray(day, dtype=np.int64)
    if x.shape != when.shape or (when.size and (when.min() < 0 or when.max() >= days)):
        raise ValueError("each value has its day of the window")
    order = np.argsort(when, kind="stable")
    return x[order], when[order]


def _in_range(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if not ((x >= 0.0) & (x <= 1.0)).all():
        raise ValueError("a value lies from 0 to 1")
    return x
