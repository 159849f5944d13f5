"""Which moment a journey is judged by, and what bad steps cost.

Programs that these would catch: parts that depend on the order in which the three are taken in; a
last step taken from the order of rows and not of the journey; journeys of one step, which pull
every part to a third; rows drawn in the place of customers; an R² of nothing that is surely above
0; a slope whose rows are counted as customers.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from zhiyin.stats import bad_steps, mean, peak_end
from zhiyin.stats.estimate import Floats
from zhiyin.stats.peak_end import PARTS, PeakEnd

Journeys = tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]
"""Scores of steps, their journeys, final scores, customers."""

# Fertility, Agriculture, Examination, Education, Catholic and Infant.Mortality of 47 districts of
# Switzerland in 1888: Mosteller & Tukey, Data Analysis and Regression, 1977, 549–551; R's `swiss`.
SWISS = """
80.2 17 15 12 9.96 22.2|83.1 45.1 6 9 84.84 22.2|92.5 39.7 5 5 93.4 20.2
85.8 36.5 12 7 33.77 20.3|76.9 43.5 17 15 5.16 20.6|76.1 35.3 9 7 90.57 26.6
83.8 70.2 16 7 92.85 23.6|92.4 67.8 14 8 97.16 24.9|82.4 53.3 12 7 97.67 21
82.9 45.2 16 13 91.38 24.4|87.1 64.5 14 6 98.61 24.5|64.1 62 21 12 8.52 16.5
66.9 67.5 14 7 2.27 19.1|68.9 60.7 19 12 4.43 22.7|61.7 69.3 22 5 2.82 18.7
68.3 72.6 18 2 24.2 21.2|71.7 34 17 8 3.3 20|55.7 19.4 26 28 12.11 20.2
54.3 15.2 31 20 2.15 10.8|65.1 73 19 9 2.84 20|65.5 59.8 22 10 5.23 18
65 55.1 14 3 4.52 22.4|56.6 50.9 22 12 15.14 16.7|57.4 54.1 20 6 4.2 15.3
72.5 71.2 12 1 2.4 21|74.2 58.1 14 8 5.23 23.8|72 63.5 6 3 2.56 18
60.5 60.8 16 10 7.72 16.3|58.3 26.8 25 19 18.46 20.9|65.4 49.5 15 8 6.1 22.5
75.5 85.9 3 2 99.71 15.1|69.3 84.9 7 6 99.68 19.8|77.3 89.7 5 2 100 18.3
70.5 78.2 12 6 98.96 19.4|79.4 64.9 7 3 98.22 20.2|65 75.9 9 9 99.06 17.8
92.2 84.6 3 3 99.46 16.3|79.3 63.1 13 13 96.83 18.1|70.4 38.4 26 12 5.62 20.3
65.7 7.7 29 11 13.79 20.5|72.7 16.7 22 13 11.22 18.9|64.4 17.6 35 32 16.92 23
77.6 37.6 15 7 4.97 20|67.6 18.7 25 7 8.65 19.5|35 1.2 37 53 42.34 18
44.7 46.6 16 29 50.43 18.2|42.8 27.7 22 29 58.33 19.3
"""


def swiss() -> Floats:
    rows = SWISS.strip().replace("\n", "|").split("|")
    return np.array([[float(value) for value in row.split()] for row in rows])


def test_the_parts_are_those_of_relaimpo() -> None:
    """``calc.relimp(lm(Fertility ~ ., swiss), type = "lmg")`` of R's relaimpo 2.2-7."""
    columns = np.roll(swiss(), -1, axis=1)
    assert columns.shape == (47, 6)
    found = peak_end.lmg(np.cov(columns.T))
    assert found == pytest.approx(
        [0.0570912207681, 0.1711730289002, 0.2601346786244, 0.1055701503735, 0.1127659229265],
        abs=1e-10,
    )
    assert found.sum() == pytest.approx(0.706735001593, abs=1e-10)


def judged(
    rng: np.random.Generator,
    customers: int,
    counts: tuple[float, float, float],
    *,
    noise: float = 0.15,
    extra: float = 0.5,
    steps: tuple[int, int] = (1, 7),
) -> Journeys:
    """Journeys judged by their mean, last and worst step, which count so much; a customer's are
    alike."""
    each = 1 + rng.poisson(extra, customers)
    customer = np.repeat(np.arange(customers), each)
    number = rng.integers(*steps, len(customer))
    journey = np.repeat(np.arange(len(customer)), number)
    mood = rng.normal(0.0, 0.5, customers)[customer]
    score = 1 / (1 + np.exp(-(rng.normal(0.7, 1.2, len(journey)) + mood[journey])))
    score = np.round(score, 1)
    begin = np.cumsum(number) - number
    mean_ = np.add.reduceat(score, begin) / number
    worst = np.minimum.reduceat(score, begin)
    last = score[begin + number - 1]
    final = counts[0] * mean_ + counts[1] * last + counts[2] * worst
    final += rng.normal(0.0, noise, len(final))
    final += (0.1 * mood) * any(counts)
    return score, journey, final, customer


def by_subsets(journeys: Journeys) -> Floats:
    """R² and the parts by least squares of every order, one regressor after the other."""
    score, journey, final, _customer = journeys
    rows = []
    for at in range(len(final)):
        own = score[journey == at]
        if len(own) >= 2:
            rows.append((own.mean(), own[-1], own.min(), final[at]))
    told = np.array(rows)
    y = told[:, 3] - told[:, 3].mean()

    def explained(some: tuple[int, ...]) -> float:
        x = np.column_stack([np.ones(len(told)), *(told[:, one] for one in some)])
        fitted = x @ np.linalg.lstsq(x, told[:, 3], rcond=None)[0]
        return 1 - float(((told[:, 3] - fitted) ** 2).sum()) / float(y @ y)

    gains = np.zeros(3)
    for order in permutations(range(3)):
        for place, one in enumerate(order):
            gains[one] += (explained(order[: place + 1]) - explained(order[:place])) / 6
    return np.array([gains.sum(), *(gains / gains.sum())])


def values(found: PeakEnd) -> list[float]:
    parts = [getattr(found, name) for name in PARTS]
    return [found.explained.value, *(part.value for part in parts if part is not None)]


def test_it_is_what_least_squares_says_of_every_order() -> None:
    journeys = judged(np.random.default_rng(1), 120, (0.2, 0.3, 0.5))
    found = peak_end.peak_end(*journeys)
    assert found is not None
    assert values(found) == pytest.approx(by_subsets(journeys))
    told = np.bincount(journeys[1]) >= 2
    assert found.explained.n == told.sum()
    assert found.explained.customers == len(np.unique(journeys[3][told]))


def test_the_order_of_the_rows_of_different_journeys_says_nothing() -> None:
    score, journey, final, customer = judged(np.random.default_rng(2), 60, (0.0, 1.0, 0.0))
    # All first steps, then all second ones: within a journey in order.
    place = np.arange(len(journey)) - np.searchsorted(journey, journey)
    order = np.argsort(place, kind="stable")
    mixed = peak_end.peak_end(score[order], journey[order], final, customer)
    assert mixed == peak_end.peak_end(score, journey, final, customer)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_planted_is_found(part: str) -> None:
    """Who is judged by one of the three alone: it has by far the largest part, surely."""
    counts = tuple(float(name == part) for name in PARTS)
    journeys = judged(np.random.default_rng(3), 3_000, counts, noise=0.1, steps=(3, 8))  # type: ignore[arg-type]
    found = peak_end.peak_end(*journeys)
    assert found is not None
    parts = {name: getattr(found, name) for name in PARTS}
    assert max(parts, key=lambda name: parts[name].value) == part
    others = [one.high for name, one in parts.items() if name != part]
    assert parts[part].low > max(others)
    assert sum(one.value for one in parts.values()) == pytest.approx(1.0)


def test_nothing_is_found_where_nothing_is() -> None:
    """R² may be 0 then, in at least the 95 % that it says, and no part is told."""
    rng = np.random.default_rng(4)
    found = [peak_end.peak_end(*judged(rng, 150, (0, 0, 0), noise=0.3)) for _time in range(200)]
    assert all(one is not None and one.explained.value < 0.15 for one in found)
    is_told = [one is not None and one.mean is not None for one in found]
    assert np.mean(is_told) < 0.05
    assert all(one is None or one.mean is None or one.explained.low for one in found)


@pytest.mark.parametrize("customers", [100, 400])
def test_the_intervals_cover(customers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The truth is that of half a million journeys of the same kind."""
    monkeypatch.setattr(peak_end, "DRAWS", 300)
    counts = (0.2, 0.3, 0.5)
    rows, who = peak_end._rows(*judged(np.random.default_rng(5), 300_000, counts))
    moments = peak_end._moments(rows, who.astype(np.int64), 300_000)
    truth = peak_end._parts(moments.sum(axis=0, keepdims=True))[0]
    rng, times = np.random.default_rng(6), 300
    held = np.zeros(4)
    for _time in range(times):
        found = peak_end.peak_end(*judged(rng, customers, counts))
        assert found is not None
        every = [found.explained, *(getattr(found, name) for name in PARTS)]
        held += [one.low <= true <= one.high for one, true in zip(every, truth, strict=True)]
    # Three hundred samples tell 95 % to ± 3.8 points (three standard errors).
    assert (held / times > 0.91).all(), held / times
    assert (held / times < 0.985).all(), held / times


def test_customers_are_drawn_and_not_journeys() -> None:
    """Each journey ten times over, by the same customer: nothing new is known."""
    score, journey, final, customer = judged(np.random.default_rng(7), 200, (0, 0.5, 0.5), extra=0)
    once = peak_end.peak_end(score, journey, final, customer)
    size = len(final)
    again = peak_end.peak_end(
        np.tile(score, 10),
        np.concatenate([journey + size * time for time in range(10)]),
        np.tile(final, 10),
        np.tile(customer, 10),
    )
    assert once is not None
    assert again is not None
    for name in ("explained", *PARTS):
        one, other = getattr(once, name), getattr(again, name)
        assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_lots_of_customers_are_as_uncertain_as_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    journeys = judged(np.random.default_rng(8), 4_000, (0.2, 0.3, 0.5))
    each = peak_end.peak_end(*journeys)
    monkeypatch.setattr(peak_end, "MOST_UNITS", 500)
    lots = peak_end.peak_end(*journeys)
    assert each is not None
    assert lots is not None
    for name in ("explained", *PARTS):
        one, other = getattr(each, name), getattr(lots, name)
        assert one.standard_error == pytest.approx(other.standard_error, rel=0.2)


def test_what_does_not_vary_has_no_parts() -> None:
    steps, who = np.tile([0.2, 0.8], 40), np.arange(40)
    journey = np.repeat(who, 2)
    assert peak_end.peak_end(steps, journey, np.full(40, 7.0), who) is None
    assert peak_end.peak_end(steps, journey, np.arange(40.0), who) is None
    assert peak_end.peak_end([], [], [], []) is None
    assert peak_end.peak_end(np.arange(5.0), np.arange(5), np.arange(5.0), range(5)) is None
    assert peak_end.peak_end([0.1, 0.9, 0.5, 0.2], [0, 0, 1, 1], [3, 1], ["a", "a"]) is None


def burdened(
    rng: np.random.Generator, customers: int, cost: float, extra: float = 1.0
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Final scores, numbers of bad steps, customers; a customer's journeys are alike in both."""
    each = 1 + rng.poisson(extra, customers)
    customer = np.repeat(np.arange(customers), each)
    bad = rng.poisson(rng.gamma(0.8, 1.0, customers)[customer])
    mood = rng.normal(0.0, 1.0, customers)[customer]
    value = 8 - cost * np.minimum(bad, 3) + mood + rng.normal(0.0, 1.0, len(bad))
    return value, bad, customer


def test_the_trend_is_that_of_cluster_robust_regression() -> None:
    """Statsmodels has Student's t with customers − 1 degrees; here those who tell are counted."""
    value, bad, customer = burdened(np.random.default_rng(9), 80, 0.7)
    found = bad_steps.trend(value, bad, customer)
    x = np.column_stack([np.ones(len(bad)), np.minimum(bad, 3)])
    model = OLS(value, x).fit(cov_type="cluster", cov_kwds={"groups": customer}, use_t=True)
    assert found is not None
    assert found.difference == pytest.approx(model.params[1])
    assert found.standard_error == pytest.approx(model.bse[1])
    assert found.df is not None
    assert 10 < found.df < 79


@pytest.mark.parametrize("customers", [40, 300])
def test_the_trend_of_nothing_is_found_in_one_of_twenty(customers: int) -> None:
    rng, times = np.random.default_rng(10), 2_000
    p = []
    for _time in range(times):
        found = bad_steps.trend(*burdened(rng, customers, 0.0))
        assert found is not None
        p.append(found.p)
    # Two thousand samples tell 5 % to ± 1.5 points; few customers err towards saying less.
    assert (0.02 if customers < 100 else 0.035) < np.mean(np.array(p) < 0.05) < 0.065


def test_the_means_are_of_the_journeys_with_so_many_bad_steps() -> None:
    value, bad, customer = burdened(np.random.default_rng(11), 500, 0.7)
    found = mean.estimates(bad_steps.totals(value, bad, customer), scale=(0.0, 15.0))
    for number, one in enumerate(found):
        is_in = bad >= 3 if number == bad_steps.MOST else bad == number
        assert one is not None
        assert one.value == pytest.approx(value[is_in].mean())
        assert one.customers == len(np.unique(customer[is_in]))


def test_where_all_have_as_many_there_is_no_trend() -> None:
    assert bad_steps.trend([3, 4, 5], [1, 1, 1], range(3)) is None
    one = bad_steps.trend([3, 4, 6], [0, 1, 2], ["a", "a", "a"])
    assert one is not None
    assert (one.low, one.p) == (None, None)
