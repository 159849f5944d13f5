"""Two sides compared: how often a true nothing is marked, and what is told of small groups.

Programs that these would catch: a covariance left out where the same customers are on both sides
(too few marks), or made up where they are not (too many); a small part that follows from the whole.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiyin.journey.compared import Counts, Sizes, certain, compared
from zhiyin.stats.bases import Bases

BASES = Bases()


def drawn(trials: int, shared: int, alone: int, more: float, seed: int) -> list[float]:
    """The p of each trial: `shared` customers with both moments, who are alike with themselves,
    and `alone` on each side; here it is `more` likely. The trials are the rows of one table."""
    chance, share = np.random.default_rng(seed), 0.3
    found = []
    for trial in range(trials):
        own = chance.beta(1.5, 3.5, shared)
        here = chance.random(shared) < own * (1 + more)
        there = chance.random(shared) < own
        only_here = (chance.random(alone) < share * (1 + more)).sum()
        only_there = (chance.random(alone) < share).sum()
        both = int((here & there).sum())
        n, m = int(here.sum()), int(there.sum())
        found.append(((f"{trial}",), Counts(n + int(only_here), m + int(only_there), both, n, m)))
    sizes = Sizes(shared + alone, shared + alone, shared)
    rows = compared(found, sizes, BASES).rows
    assert len(rows) == trials
    return [row.p if row.p is not None else 1.0 for row in rows]


@pytest.mark.parametrize(("shared", "alone"), [(0, 150), (150, 0), (100, 80)])
def test_a_true_nothing_is_marked_as_often_as_was_promised(shared: int, alone: int) -> None:
    p = np.array(drawn(800, shared, alone, 0.0, 20260603))
    assert abs((p < 0.05).mean() - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 800)


def test_a_planted_difference_is_found() -> None:
    p = np.array(drawn(100, 200, 200, 0.5, 20260604))
    assert (p < 0.05).mean() > 0.9


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8))
def test_parts_of_a_whole_tell_of_nobody_alone(pairs: list[tuple[int, int]]) -> None:
    found = [((f"N{at}",), Counts(h, t, 0, 0, 0)) for at, (h, t) in enumerate(pairs)]
    sizes = Sizes(sum(h for h, _t in pairs), sum(t for _h, t in pairs), 0)
    table = compared(found, sizes, BASES, are_parts=True)
    names = {row.steps: row for row in table.rows}
    for side, of in (("here", sizes.here), ("there", sizes.there)):
        told = [getattr(row, side).customers for row in table.rows]
        assert all(n is None or n == 0 or n >= 10 for n in told)
        hidden = of - sum(n or 0 for n in told)
        assert hidden == 0 or hidden >= 10 or not any(told)
    assert table.rows_withheld == len(pairs) - len(names)


def test_how_far_an_interval_is_from_nothing() -> None:
    assert [certain(0.1, 0.2), certain(-0.2, -0.1), certain(-0.1, 0.1)] == [0.1, 0.1, 0.0]
    assert certain(None, None) == 0.0
