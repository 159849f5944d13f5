"""Intervals cover the truth when who answers is chance, and fail when it is not."""

from __future__ import annotations

import numpy as np
import pytest

from zhiyin.demo.answering import Answering, nps_score, vote
from zhiyin.demo.arrays import Floats, Ints
from zhiyin.demo.chunks import Chunk, make
from zhiyin.demo.plan import Plan
from zhiyin.demo.world import World
from zhiyin.stats import nps, proportion
from zhiyin.stats.totals import Totals

REPETITIONS = 500
BY_CHANCE = Answering(base=-3.6, satisfaction=0.0, frailty=0.0, incentive=0.0, mode=(0, 0, 0))
AS_PEOPLE_DO = Answering(base=-3.6)


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return make(World.of(Plan(customers=4_000)), 0)


def covered(chunk: Chunk, answering: Answering) -> tuple[float, float, float]:
    """Shares of intervals that hold the population's NPS and CSAT, and rows-only NPS ones."""
    trips = chunk.trips
    votes = vote(nps_score(trips.better))
    truth, satisfied = votes.mean(), (votes >= 0).mean()
    customer = trips.customer
    frailty, mode = chunk.people.frailty[customer], chunk.people.mode[customer]
    rng = np.random.default_rng(7)
    arm = np.zeros(len(trips), dtype=np.int64)
    held = np.zeros(3)
    for _ in range(REPETITIONS):
        said = answering.answers(rng, trips.better, frailty, mode, arm)
        found = nps.estimate(Totals.of(votes[said], customer[said]))
        share = proportion.estimate(Totals.of((votes[said] >= 0).astype(int), customer[said]))
        naive = nps.estimate(Totals.of(votes[said], np.arange(said.sum())))
        assert found is not None
        assert share is not None
        assert naive is not None
        held += [_holds(found, truth), _holds(share, satisfied), _holds(naive, truth)]
    score, share, rows = (held / REPETITIONS).tolist()
    return score, share, rows


def _holds(found: object, truth: float) -> bool:
    return bool(found.low <= truth <= found.high)  # type: ignore[attr-defined]


def test_they_cover_when_who_answers_is_chance(chunk: Chunk) -> None:
    score, share, _rows = covered(chunk, BY_CHANCE)
    # 500 repetitions tell 95 % to ± 2.
    assert 0.93 <= score <= 0.99
    assert 0.93 <= share <= 0.99


def test_they_fail_when_the_content_answer_more(chunk: Chunk) -> None:
    score, share, _rows = covered(chunk, AS_PEOPLE_DO)
    assert score < 0.5
    assert share < 0.6


def test_counting_rows_of_customers_who_answer_often_covers_too_little(chunk: Chunk) -> None:
    """A sample of customers, each with all their answers: the frequent ones count many times."""
    trips = chunk.trips
    customer: Ints = trips.customer
    votes: Floats = vote(nps_score(trips.better)).astype(np.float64)
    often = np.bincount(customer, minlength=len(chunk.people))
    truth = votes[often[customer] > 0].mean()
    rng = np.random.default_rng(11)
    right = wrong = 0
    for _ in range(REPETITIONS):
        drawn = rng.random(len(chunk.people)) < 0.05
        said = drawn[customer]
        counted = nps.estimate(Totals.of(votes[said], customer[said]))
        naive = nps.estimate(Totals.of(votes[said], np.arange(said.sum())))
        right += _holds(counted, truth)
        wrong += _holds(naive, truth)
    assert 0.92 <= right / REPETITIONS <= 0.98
    assert wrong / REPETITIONS < 0.85
