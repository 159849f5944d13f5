"""What is withheld of counts of customers, so that none tells of fewer than the smallest base.

Counts of journeys lie within one another: whoever reached a step is among those who started, and
two counts differ by those who stopped between. So a count is shown where it is nobody or at least
the minimum, and where it differs from each other one that is shown by nobody or by at least the
minimum; groups beside their whole are withheld as `zhiyin.stats.withheld` says.

What it does not do: it protects one answer. Two questions may differ by a few customers, and sums
over several steps and groups at once are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from zhiyin.stats.withheld import Wholes, beside

State = Literal["ok", "too_few", "withheld"]
"""``too_few``: fewer than the minimum; ``withheld``: another one could be calculated from it."""


def within(counts: Sequence[int], minimum: int) -> list[State]:
    """Counts of which each is among those before it: the steps of a funnel.

    The first and the last are looked at first: they are asked for most.

    >>> within([120, 115, 60, 3], 10)
    ['ok', 'withheld', 'ok', 'too_few']
    """
    last = len(counts) - 1
    found: dict[int, State] = {}
    shown: list[int] = []
    for place in dict.fromkeys((0, last, *range(1, last))):
        found[place] = _state(counts[place], shown, minimum)
        if found[place] == "ok":
            shown.append(counts[place])
    return [found[place] for place in range(len(counts))]


def among(counts: Sequence[int], minimum: int) -> list[State]:
    """Counts of which each is among the first, and none among another: who came again, and when.

    >>> among([100, 40, 95, 38], 10)
    ['ok', 'ok', 'withheld', 'ok']
    """
    first = _state(counts[0], (), minimum)
    beside_it = counts[:1] if first == "ok" else []
    return [first, *(_state(count, beside_it, minimum) for count in counts[1:])]


def beside_whole(
    counts: Sequence[int],
    states: Sequence[State],
    whole: int,
    minimum: int,
    *,
    is_shown: bool = True,
) -> list[State]:
    """The states of groups that stand beside their whole, further ones withheld.

    Args:
        counts: of each group.
        states: of each by itself.
        whole: those in any group.
        is_shown: whether the whole is; where it is not, no group of somebody is either.
    """
    hidden = np.array([state != "ok" for state in states], dtype=np.bool_)
    if is_shown:
        sums = [Wholes.one(len(counts), whole)]
        more = beside(counts, minimum, sums, already=hidden) & ~hidden
    else:
        more = ~hidden & (np.asarray(counts) > 0)
    return ["withheld" if is_more else state for state, is_more in zip(states, more, strict=True)]


def _state(count: int, shown: Sequence[int], minimum: int) -> State:
    if 0 < count < minimum:
        return "too_few"
    return "withheld" if any(0 < abs(count - one) < minimum for one in shown) else "ok"
