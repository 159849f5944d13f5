"""Journeys that leave the drawn way are judged beside those that follow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.instances import BACK, FOLLOWED, NO_NODE, NOT_REACHED, Instances
from zhiyin.maps import leaving
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.maps.judged import Judged, Question

MAIN = Settings("main", "Main", "UTC", 0, "CNY", "en", minimum_base=10, test_base=30)
MAP = Map(
    stages=(Stage("one"), Stage("two")), lanes=(Lane("own"),),
    nodes=(Node("a", "one", "own"), Node("b", "two", "own")),
)  # fmt: skip


def judged(customer: Any, final: Any, is_back: Any) -> Judged:
    """Journeys of which some went back from b to a, and the others followed the map."""
    n = len(final)
    nothing = np.full(n, NO_NODE, np.int64)
    yes = np.asarray(is_back, np.bool_)
    journeys = Instances(
        customer=np.asarray(customer, np.int64), start=np.arange(n), end=np.arange(n),
        goal=np.full(n, NOT_REACHED), is_open=np.zeros(n, np.bool_), steps=np.ones(n, np.int64),
        visited=np.zeros((n, 2), np.bool_), last=nothing,
        left=np.where(yes, BACK, FOLLOWED), before=np.where(yes, 1, NO_NODE),
        to=np.where(yes, 0, NO_NODE), missing=nothing, until=0,
    )  # fmt: skip
    none = np.zeros(n, np.bool_)
    return Judged(
        Question("whole", 0, 0.0, 10.0, True), journeys, np.asarray(final, np.float64),
        np.zeros((n, 2), np.bool_), np.zeros(0), np.zeros(0, np.int64), none, none,
    )  # fmt: skip


def test_of_one_journey_each_it_is_welchs_test() -> None:
    rng = np.random.default_rng(3)
    final = rng.integers(0, 11, 300).astype(float)
    is_back = np.arange(300) % 4 == 0
    final[is_back] = np.maximum(final[is_back] - 2, 0)
    found = leaving._ways(judged(np.arange(300), final, is_back), MAIN, MAP, 0.95)
    follows, back = found.ways
    truth = stats.ttest_ind(final[is_back], final[~is_back], equal_var=False)
    assert (follows.kind, back.kind, back.before, back.to) == ("follows", "back", "b", "a")
    assert (follows.customers, back.journeys) == (225, 75)
    assert back.score.value == pytest.approx(final[is_back].mean())
    assert back.difference.value == pytest.approx(final[is_back].mean() - final[~is_back].mean())
    assert back.p == pytest.approx(truth.pvalue, rel=1e-9)
    assert back.marked == (truth.pvalue < 0.05)
    assert found.tests == 1


def test_where_nothing_differs_one_in_twenty_is_marked() -> None:
    """A customer has a level of her own and journeys of both kinds: rows are not independent."""
    rng = np.random.default_rng(5)
    marked = 0
    for _round in range(400):
        customer = np.repeat(np.arange(80), 3)
        final = np.repeat(rng.normal(6, 1.5, 80), 3) + rng.normal(0, 1, 240)
        is_back = rng.random(240) < 0.4
        found = leaving._ways(judged(customer, final, is_back), MAIN, MAP, 0.95)
        marked += found.ways[-1].marked
    assert 0.02 < marked / 400 < 0.09


def test_a_way_of_few_is_not_told() -> None:
    is_back = np.arange(100) < 9
    found = leaving._ways(judged(np.arange(100), np.full(100, 5.0), is_back), MAIN, MAP, 0.95)
    assert [one.kind for one in found.ways] == ["follows"]
    some = replace(MAIN, minimum_base=5)
    found = leaving._ways(judged(np.arange(100), np.full(100, 5.0), is_back), some, MAP, 0.95)
    assert [(one.kind, one.p) for one in found.ways] == [("follows", None), ("back", None)]
