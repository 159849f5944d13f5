"""Many comparisons, finite frames, rankings, small bases."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zhiyin.stats import families, mean, nps, proportion, ranking
from zhiyin.stats.bases import Bases
from zhiyin.stats.difference import symmetric
from zhiyin.stats.totals import Totals


def comparisons(z: Any, confidence: Any = 0.95) -> Any:
    z = np.asarray(z, dtype=float)
    return symmetric(
        z,
        centre=z,
        standard_error=np.ones_like(z),
        df=np.full_like(z, np.inf),
        limit=np.inf,
        method="z",
        confidence=confidence,
    )


@settings(max_examples=300)
@given(
    st.lists(st.one_of(st.floats(-6, 6), st.just(np.nan)), min_size=1, max_size=40),
    st.sampled_from([0.01, 0.05, 0.2]),
    st.sampled_from(["bh", "by"]),
)
def test_a_mark_and_its_interval_never_disagree(z: Any, q: float, method: Any) -> None:
    """Catches plain 95 % intervals beside marks, and FCR intervals for the marked ones only."""
    found = comparisons(z)
    family = families.mark(found.p, q, method)
    low, high = families.intervals(family, found.interval)
    tested = np.isfinite(found.difference)
    assert ((low > 0) | (high < 0))[tested].tolist() == family.marked[tested].tolist()
    assert np.isnan(low[~tested]).all()
    # Not by the guard against rounding: the level itself says so, but on the line.
    raw_low, raw_high = found.interval(family.confidence)
    off_the_line = tested & (np.abs(found.p - (1 - family.confidence)) > 1e-9)
    leaves_out = ((raw_low > 0) | (raw_high < 0))[off_the_line]
    assert leaves_out.tolist() == family.marked[off_the_line].tolist()


def test_a_mark_and_newcombes_interval_never_disagree(rng: np.random.Generator) -> None:
    """The same through the bisected p of shares, on random small cells."""
    for _ in range(40):
        cell, customer = rng.integers(0, 24, 900), rng.integers(0, 300, 900)
        totals = Totals.by(rng.random(900) < 0.3 + 0.02 * cell, customer, cell, 24)
        found = proportion.differences(totals[:12], totals[12:])
        family = families.mark(found.p)
        low, high = families.intervals(family, found.interval)
        assert ((low > 0) | (high < 0)).tolist() == family.marked.tolist()


def test_what_was_not_tested_is_no_part_of_the_family() -> None:
    """Catches counting untested rows: 0.02 would not be marked among four."""
    family = families.mark([0.02, np.nan, np.nan, np.nan])
    assert family.tests == 1
    assert family.marked.tolist() == [True, False, False, False]
    assert np.isnan(family.q_values[1:]).all()


def test_a_family_of_none() -> None:
    family = families.mark([np.nan, np.nan])
    assert family.tests == 0
    assert not family.marked.any()
    low, _ = families.intervals(family, comparisons([np.nan, np.nan]).interval)
    assert np.isnan(low).all()


@pytest.mark.parametrize(("p", "q"), [([1.2], 0.05), ([-0.1], 0.05), ([0.1], 0.0), ([0.1], 1.0)])
def test_what_is_no_p_value_is_refused(p: Any, q: float) -> None:
    with pytest.raises(ValueError, match=r"between|from 0 to 1"):
        families.mark(p, q)


def test_sixty_comparisons_with_nothing_to_find(rng: np.random.Generator) -> None:
    """Twelve touchpoints × five metrics: 5 % each gives a false alarm in 95 % of periods."""
    p = stats.norm.sf(np.abs(rng.standard_normal((2_000, 60)))) * 2
    raw = np.mean((p < 0.05).any(axis=1))
    alarms = np.mean([families.mark(period).marked.any() for period in p])
    assert raw > 0.93
    assert alarms == pytest.approx(0.05, abs=0.016)


def test_marks_are_false_and_intervals_miss_no_more_than_stated(rng: np.random.Generator) -> None:
    """Planted: 15 of 60 differ. FDR and FCR at most q; plain intervals of the marked miss more."""
    truth = np.concatenate([np.linspace(0.5, 3.5, 15), np.zeros(45)])
    false, missed, plain_missed = [], [], []
    for _ in range(1_500):
        found = comparisons(truth + rng.standard_normal(60))
        family = families.mark(found.p)
        marks = max(family.marked.sum(), 1)
        low, high = families.intervals(family, found.interval)
        out = (truth < low) | (truth > high)
        plain_out = (truth < found.low) | (truth > found.high)
        false.append((family.marked & (truth == 0)).sum() / marks)
        missed.append((family.marked & out).sum() / marks)
        plain_missed.append((family.marked & plain_out).sum() / marks)
    assert np.mean(false) < 0.05
    assert np.mean(missed) < 0.055
    assert np.mean(plain_missed) > 0.10


def test_a_frame_makes_the_interval_as_narrow_as_it_should_be(rng: np.random.Generator) -> None:
    """250 of 400 customers asked: corrected intervals cover 95 %, plain ones nearly all.

    Catches a correction with n ÷ N instead of 1 − n ÷ N, or one on the width, not the variance.
    """
    frame = rng.choice([-1, 0, 1], 400, p=[0.2, 0.3, 0.5])
    asked = [rng.permutation(frame)[:250] for _ in range(3_000)]
    cells = Totals.stack(Totals.of(each, range(250)) for each in asked)
    truth = frame.mean()

    def coverage(found: Any) -> Any:
        return np.mean((found.low <= truth) & (truth <= found.high))

    assert coverage(nps.estimates(cells, population=400)) == pytest.approx(0.95, abs=0.015)
    assert coverage(mean.estimates(cells, population=400)) == pytest.approx(0.95, abs=0.015)
    assert coverage(nps.estimates(cells)) > 0.99


def test_when_all_have_answered_nothing_is_left_to_chance() -> None:
    everybody = Totals.of([1] * 30 + [0] * 20, range(50))
    found: Any
    for found in (
        nps.estimate(everybody, population=50),
        proportion.estimate(everybody, population=50),
        mean.estimate(everybody, population=50),
    ):
        assert (found.low, found.high) == pytest.approx((0.6, 0.6))
    sides: Any = {"population": 50, "other_population": 50}
    other = Totals.of([1] * 29 + [0] * 21, range(50))
    for room in (nps, proportion):
        compared: Any = room.difference(everybody, other, **sides)
        assert compared.p == pytest.approx(0.0)


def test_a_frame_smaller_than_the_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer customers"):
        nps.estimate(Totals.of([1, 0, 1], range(3)), population=2)


def by_intervals(low: Any, high: Any) -> Any:
    low, high = np.asarray(low), np.asarray(high)
    return lambda i, j: (low[i] > high[j]) | (low[j] > high[i])


def test_ten_enthusiasts_do_not_outrank_a_thousand_content() -> None:
    """Catches ranking by value, which puts the ten first."""
    low, high = [0.10, 0.42, 0.05], [1.0, 0.52, 0.15]
    found = ranking.order([0.8, 0.47, 0.1], low, high, 0.3, by_intervals(low, high))
    assert [place.index for place in found] == [1, 0, 2]
    assert [place.place for place in found] == [1, 1, 1]
    assert [(place.best, place.worst) for place in found] == [(1, 2), (1, 3), (2, 3)]


def test_neighbours_share_a_place_or_stand_apart() -> None:
    low, high = [8.0, 7.5, 4.0, 3.5, 1.0], [9.0, 8.5, 5.0, 4.5, 2.0]
    value = [8.5, 8.0, 4.5, 4.0, 1.5]
    found = ranking.order(value, low, high, 4.2, by_intervals(low, high))
    assert [place.place for place in found] == [1, 1, 3, 3, 5]
    down = ranking.order(value, low, high, 4.2, by_intervals(low, high), better="down")
    assert [(place.index, place.place) for place in down] == [
        (4, 1),
        (3, 2),
        (2, 2),
        (1, 4),
        (0, 4),
    ]


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 1)), max_size=12), st.floats(-1, 1))
def test_places_are_whole_and_in_order(items: list[tuple[float, float]], average: float) -> None:
    value = [each for each, _ in items]
    low, high = [v - w for v, w in items], [v + w for v, w in items]
    found = ranking.order(value, low, high, average, by_intervals(low, high))
    assert sorted(place.index for place in found) == list(range(len(items)))
    places = [place.place for place in found]
    assert places == sorted(places)
    assert not places or places[0] == 1
    for place in found:
        assert place.best <= place.worst
    assert found == ranking.order(value, low, high, average, by_intervals(low, high))


def test_items_without_an_interval_have_no_place() -> None:
    found = ranking.order([1, 2], [0.5, np.nan], [1.5, np.nan], 1, by_intervals([0, 0], [1, 1]))
    assert [place.index for place in found] == [0]


def test_small_bases_count_customers() -> None:
    bases = Bases()
    assert [bases.state(k) for k in (0, 9, 10)] == ["too_few", "too_few", "ok"]
    assert bases.flags(29) == ("no_test", "small_base")
    assert bases.flags(30) == ("small_base",)
    assert bases.flags(100) == ()
    assert bases.shown(np.array([9, 10])).tolist() == [False, True]
    assert bases.tested(np.array([30, 30, 29]), np.array([30, 29, 30])).tolist() == [
        True,
        False,
        False,
    ]
    assert Bases(minimum=5, test=5, small=5).flags(5) == ()
    with pytest.raises(ValueError, match="must not fall"):
        Bases(minimum=50)
