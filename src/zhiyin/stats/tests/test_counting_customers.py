"""Repeat answers, weights, cells that share customers, degenerate cells, arrays of cells."""

import doctest
import importlib
import itertools
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zhiyin.stats import mean, nps, proportion, ratio
from zhiyin.stats.clusters import spread
from zhiyin.stats.totals import Cross, Totals, rest

Rows = list[tuple[int, int]]

answers = st.lists(
    st.tuples(st.sampled_from([-1, 0, 1]), st.integers(0, 11)), min_size=1, max_size=60
)


def of(rows: Rows) -> Totals:
    return Totals.of([value for value, _ in rows], [customer for _, customer in rows])


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=2, max_size=200))
def test_with_one_answer_each_everything_is_the_plain_formula(values: list[int]) -> None:
    """Catches a design effect of k/(k−1) or n/(n−1) that is not quite 1."""
    assume(len(set(values)) > 1)
    found = spread(Totals.of(values, range(len(values))))
    assert float(found.design_effect) == pytest.approx(1.0)
    assert float(found.variance) == pytest.approx(np.var(values, ddof=1) / len(values))
    assert float(found.effective_n) == pytest.approx(len(values))
    assert float(found.df) == pytest.approx(len(values) - 1)
    assert float(found.extra_df) == np.inf


@given(answers, st.integers(2, 5))
def test_the_same_answers_copied_tell_nothing_new(rows: Rows, copies: int) -> None:
    """Every answer given again by the same customer: value, variance, effective n stay.

    Catches counting rows: its interval shrinks by √copies.
    """
    once, again = spread(of(rows)), spread(of(rows * copies))
    assert float(again.ratio) == pytest.approx(float(once.ratio))
    assert float(again.variance) == pytest.approx(float(once.variance), nan_ok=True)
    if float(once.design_effect) >= 1:
        assert float(again.effective_n) <= float(once.effective_n) * (1 + 1e-9)


@given(answers)
def test_effective_n_never_exceeds_the_answers(rows: Rows) -> None:
    found = spread(of(rows))
    assert 0 < float(found.effective_n) <= len(rows) + 1e-9


@given(answers, st.floats(0.1, 100))
def test_the_unit_of_weights_does_not_matter(rows: Rows, unit: float) -> None:
    weights = [1.0 + customer % 3 for _, customer in rows]
    values, customers = zip(*rows, strict=True)
    one: Any = nps.estimate(Totals.of(values, customers, weights))
    two: Any = nps.estimate(Totals.of(values, customers, [unit * w for w in weights]))
    assert (two.value, two.low, two.high) == pytest.approx((one.value, one.low, one.high))
    assert two.effective_n == pytest.approx(one.effective_n)


@given(answers)
def test_intervals_hold_their_value_within_the_possible(rows: Rows) -> None:
    assume(len({customer for _, customer in rows}) > 1)
    found: Any = nps.estimate(of(rows))
    assert -1 <= found.low <= found.value <= found.high <= 1
    share: Any = proportion.estimate(of([(value > 0, customer) for value, customer in rows]))
    assert 0 <= share.low <= share.value <= share.high <= 1
    average: Any = mean.estimate(of(rows), scale=(-1, 1))
    assert -1 <= average.low <= average.value <= average.high <= 1


@given(answers, st.floats(0.5, 0.9), st.floats(0.01, 0.09))
def test_more_confidence_is_wider(rows: Rows, confidence: Any, more: float) -> None:
    narrow: Any = nps.estimate(of(rows), confidence=confidence)
    wide: Any = nps.estimate(of(rows), confidence=confidence + more)
    assert wide.low <= narrow.low
    assert wide.high >= narrow.high


def test_weights_alone_give_kishs_design_effect(rng: np.random.Generator) -> None:
    """With weights unrelated to answers the design effect is near n Σw² ÷ (Σw)²."""
    weight = rng.choice([1.0, 4.0], 40_000)
    found = spread(Totals.of(rng.choice([-1, 0, 1], 40_000), range(40_000), weight))
    kish = 40_000 * (weight @ weight) / weight.sum() ** 2
    assert float(found.design_effect) == pytest.approx(kish, rel=0.02)


@given(answers, answers)
def test_disjoint_cells_add_up(rows: Rows, others: Rows) -> None:
    moved = [(value, customer + 100) for value, customer in others]
    together, added = of(rows + moved), of(rows) + of(moved)
    for name in Totals.__slots__:
        assert getattr(added, name) == pytest.approx(getattr(together, name))


@given(answers, answers)
def test_the_rest_is_derived_from_group_and_margin_exactly(group: Rows, others: Rows) -> None:
    """Catches a rest that forgets customers who are on both sides (tt would be margin − group)."""
    everything = group + others
    cross = Cross.of(*zip(*group, strict=True), *zip(*everything, strict=True))
    found, shared = rest(of(group), of(everything), cross)
    truth = of(others)
    for name in set(Totals.__slots__) - {"customers"}:
        assert float(getattr(found, name)) == pytest.approx(getattr(truth, name), abs=1e-9), name
    expected = Cross.of(*zip(*group, strict=True), *zip(*others, strict=True))
    for name in Cross.__slots__:
        assert float(getattr(shared, name)) == pytest.approx(getattr(expected, name), abs=1e-9)
    assert 1 <= float(found.customers) <= truth.customers


def test_customers_of_the_rest_are_exact_when_nobody_is_on_both_sides() -> None:
    group, others = [(1, 1), (0, 1), (1, 2)], [(1, 3), (1, 3), (-1, 4), (0, 5)]
    cross = Cross.of(*zip(*group, strict=True), *zip(*group, *others, strict=True))
    found, _ = rest(of(group), of(group + others), cross)
    assert float(found.customers) == 3


def test_the_rest_of_everything_is_nobody() -> None:
    everything = of([(1, 1), (0, 2)])
    cross = Cross(everything.tt, everything.tn, everything.tn, everything.nn)
    found, _ = rest(everything, everything, cross)
    assert (float(found.n), float(found.customers)) == (0, 0)
    assert nps.estimate(found) is None


@given(answers, answers)
def test_seen_from_the_other_side_a_difference_is_its_mirror(rows: Rows, others: Rows) -> None:
    here, there = of(rows), of(others)
    cross = Cross.of(*zip(*rows, strict=True), *zip(*others, strict=True))
    for room in (nps, mean):
        one: Any = room.difference(here, there, cross)
        two: Any = room.difference(there, here, cross.swapped())
        mirrored = None if two.low is None else pytest.approx(-two.high, abs=1e-9)
        assert one.difference == pytest.approx(-two.difference)
        assert one.low == mirrored
        assert one.p == (None if two.p is None else pytest.approx(two.p))


@settings(max_examples=200)
@given(answers, answers, st.booleans(), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
def test_p_and_interval_say_the_same(
    rows: Rows, others: Rows, shared: Any, confidence: Any
) -> None:
    """Catches a pooled or plain z test beside Newcombe's interval."""
    cross = Cross.of(*zip(*rows, strict=True), *zip(*others, strict=True)) if shared else None
    good, other_good = (
        [(int(value > 0), customer) for value, customer in each] for each in (rows, others)
    )
    good_cross = (
        Cross.of(*zip(*good, strict=True), *zip(*other_good, strict=True)) if shared else None
    )
    found: list[Any] = [
        nps.difference(of(rows), of(others), cross, confidence=confidence),
        mean.difference(of(rows), of(others), cross, confidence=confidence),
        proportion.difference(of(good), of(other_good), good_cross, confidence=confidence),
        nps.against(of(rows), 0.3, confidence=confidence).one(),
        mean.against(of(rows), 0.3, confidence=confidence).one(),
        proportion.against(of(good), 0.3, confidence=confidence).one(),
    ]
    for each in found:
        if each.p is None:
            assert each.low is None
            assert each.high is None
        elif abs(each.p - (1 - confidence)) > 1e-9:
            assert (each.low > 0 or each.high < 0) == (each.p < 1 - confidence)


def test_cells_that_do_not_vary_keep_an_interval() -> None:
    """Twelve answers of three people, all promoters: three pieces of news, not twelve."""
    rows = [(1, customer) for customer in (1, 2, 3) for _ in range(4)]
    found: Any = nps.estimate(of(rows))
    assert (found.value, found.design_effect, found.effective_n) == (1.0, 4.0, 3.0)
    assert found.low < 0.3
    share: Any = proportion.estimate(of(rows))
    assert share.low < 0.5
    unknown: Any = mean.estimate(of(rows))
    assert unknown.low is None
    scaled: Any = mean.estimate(of(rows), scale=(-1, 1))
    assert scaled.low == pytest.approx(1 - 2 * (1 - 0.025 ** (1 / 3)))
    untested: Any = mean.difference(of(rows), of(rows))
    assert untested.p is None


def test_a_mean_of_equal_answers_is_covered_by_the_rule_of_three() -> None:
    """The worst case: all answers at the top but a share that k customers just fail to show."""
    k, hidden = 30, 1 - 0.025 ** (1 / 30)
    found: Any = mean.estimate(Totals.of([5] * k, range(k)), scale=(1, 5))
    assert found.low == pytest.approx(5 - 4 * hidden)
    assert (1 - hidden) ** k == pytest.approx(0.025)


def test_no_answers_no_estimate() -> None:
    nothing = Totals.of([], [])
    for room in (nps, proportion, mean, ratio):
        assert room.estimate(nothing) is None
        assert room.difference(nothing, of([(1, 1)])) is None


@pytest.mark.parametrize(
    ("value", "weight"), [([1.0, np.nan], None), ([1.0, 2.0], [1.0, 0.0]), ([1.0], [np.inf])]
)
def test_what_is_not_an_answer_is_refused(value: Any, weight: Any) -> None:
    with pytest.raises(ValueError, match="missing or not"):
        Totals.of(value, range(len(value)), weight)


@pytest.mark.parametrize("room", [nps, proportion, mean, ratio])
@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5])
def test_a_confidence_is_a_share(room: Any, confidence: Any) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        room.estimate(of([(1, 1), (0, 2)]), confidence=confidence)


def _many(rng: np.random.Generator) -> tuple[Totals, Totals]:
    cell, customer = rng.integers(0, 300, 9_000), rng.integers(0, 900, 9_000)
    value = rng.choice([-1, 0, 1], 9_000, p=[0.2, 0.3, 0.5])
    # The last two cells stay empty.
    return Totals.by(value, customer, cell, 302), Totals.by(value > 0, customer, cell, 302)


def test_an_array_of_cells_gives_what_each_cell_gives(rng: np.random.Generator) -> None:
    """Catches a scalar path that drifts from the array path."""
    cells, shares = _many(rng)
    for room, totals in ((nps, cells), (mean, cells), (proportion, shares)):
        for together, index in zip(room.estimates(totals), itertools.count()):
            assert together == room.estimate(totals[index])
        for together, index in zip(room.differences(totals, totals[::-1]), itertools.count()):
            alone: Any = room.difference(totals[index], totals[301 - index])
            assert together == alone


def test_totals_of_many_cells_are_those_of_each(rng: np.random.Generator) -> None:
    cell, customer = rng.integers(0, 5, 200), rng.integers(0, 20, 200)
    value, weight = rng.normal(size=200), rng.uniform(0.5, 2, 200)
    cells = Totals.by(value, customer, cell, 5, weight)
    for index in range(5):
        mine = cell == index
        alone = Totals.of(value[mine], customer[mine], weight[mine])
        for name in Totals.__slots__:
            assert getattr(cells[index], name) == pytest.approx(getattr(alone, name))


def test_seven_thousand_cells_take_milliseconds(rng: np.random.Generator) -> None:
    cells = Totals.by(
        rng.choice([-1, 0, 1], 400_000),
        rng.integers(0, 50_000, 400_000),
        rng.integers(0, 7_200, 400_000),
        7_200,
    )

    def seconds() -> float:
        start = time.process_time()
        nps.estimates(cells)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.05


@pytest.mark.parametrize(
    "name",
    [
        "bases",
        "families",
        "finite",
        "mean",
        "nps",
        "proportion",
        "ranking",
        "ratio",
        "reaching",
        "totals",
        "withheld",
    ],
)
def test_examples_in_docstrings_run(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"zhiyin.stats.{name}"))
    assert (failed, tried > 0) == (0, True)


def test_one_customer_who_outweighs_all_gives_no_degrees_of_freedom() -> None:
    """Two customers, one a billion times heavier: as good as one. Catches t with infinite df."""
    lopsided = Totals.of([1, 1], [1, 2], [1.0, 1e12])
    ordinary = Totals.of([1, 0, 0, 1], range(3, 7))
    for room in (nps, proportion, mean):
        found: Any = room.difference(lopsided, ordinary)
        assert (found.difference, found.p, found.low) == (0.5, None, None)
    alone: Any = nps.estimate(lopsided)
    assert (alone.low, alone.high) == (-1.0, 1.0)
