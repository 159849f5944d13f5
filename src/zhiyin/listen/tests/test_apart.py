"""What distinguishes two groups, and what to fix first: against plain counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from zhiyin.accounts import workspaces
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.listen import apart as telling
from zhiyin.listen.apart import Apart, Wanted
from zhiyin.listen.first import First, first
from zhiyin.stats import proportion
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1)


@dataclass(frozen=True)
class Said:
    """A response with a score, and what its comment blames and praises."""

    customer: int
    score: int
    blamed: tuple[str, ...] = ()
    praised: tuple[str, ...] = ()
    day: int = 0


def settings() -> Settings:
    return workspaces.settings_of("main")


def plant(log: Owner, said: Sequence[Said]) -> None:
    common: list[dict[str, Any]] = [
        {"row": n, "id": f"r{n}", "response": f"r{n}", "customer": f"c{one.customer}",
         "touchpoint": "desk", "occurred_at": START + timedelta(days=one.day, seconds=n)}
        for n, one in enumerate(said)
    ]  # fmt: skip
    put(log, [one | {"text": "x" * 100} for one in common], table="verbatims")
    put(
        log,
        [
            one | {"question": "q", "metric": "nps", "score": what.score, "scale_min": 0,
                   "scale_max": 10, "direction": "up", "answer_state": "answered"}
            for one, what in zip(common, said, strict=True)
        ],
        table="answers",
    )  # fmt: skip
    seqs = [seq for seq, _text in log.unread("main", "one", after=-1, limit=10_000)]
    found = []
    for seq, one in zip(seqs, said, strict=True):
        says = [(key, "negative") for key in one.blamed] + [
            (key, "positive") for key in one.praised
        ]
        for place, (key, polarity) in enumerate(says or [(None, "neutral")]):
            found.append(Finding(seq, place, place, place + 1, "en", polarity, 0.9, aspect=key))
    log.keep_findings("main", "one", seqs, found)


def drawn(n: int, seed: int = 7) -> list[Said]:
    """Customers with one to three responses: the queue is blamed by half of those with a low score
    and by a tenth of the others, the food by three in ten of either."""
    chance = np.random.default_rng(seed)
    made = []
    for customer in range(n):
        for _response in range(int(chance.integers(1, 4))):
            is_low = chance.random() < 0.4
            blamed = [key for key, share in (("queue", 0.5 if is_low else 0.1), ("food", 0.3))
                      if chance.random() < share]  # fmt: skip
            score = 3 if is_low else int(chance.choice([8, 9, 10]))
            made.append(Said(customer, score, tuple(blamed), ("crew",)))
    return made


def thing(found: Apart, name: str, polarity: str = "negative") -> telling.Thing:
    return next(one for one in found.things if (one.name, one.polarity) == (name, polarity))


def test_detractors_and_promoters_are_told_apart_as_by_counting(log: Owner) -> None:
    said = drawn(300)
    plant(log, said)
    found = telling.apart(log, settings(), Wanted("scores"))
    low = {one.customer for one in said if one.score <= 6}
    high = {one.customer for one in said if one.score >= 9}
    assert (found.here, found.there) == (len(low), len(high))
    queue = thing(found, "queue")
    says_low = {one.customer for one in said if one.score <= 6 and "queue" in one.blamed}
    says_high = {one.customer for one in said if one.score >= 9 and "queue" in one.blamed}
    assert queue.here.value == pytest.approx(len(says_low) / len(low))
    assert queue.there.value == pytest.approx(len(says_high) / len(high))
    expected = proportion.difference(
        Totals.of([one in says_low for one in sorted(low)], sorted(low)),
        Totals.of([one in says_high for one in sorted(high)], sorted(high)),
        Cross.of(
            [one in says_low for one in sorted(low)], sorted(low),
            [one in says_high for one in sorted(high)], sorted(high),
        ),
        confidence=found.confidence,
    )  # fmt: skip
    assert expected is not None
    assert (queue.low, queue.high) == pytest.approx((expected.low, expected.high))
    assert queue.marked
    assert found.things[0] is queue
    assert not thing(found, "food").marked
    assert not thing(found, "crew", "positive").marked


def test_a_period_stands_against_the_one_before(log: Owner) -> None:
    earlier = [Said(n, 9, ("food",) if n < 5 else (), day=n % 7) for n in range(100)]
    later = [Said(n, 9, ("food",) if n < 50 else (), day=7 + n % 7) for n in range(100)]
    plant(log, earlier + later)
    week = Wanted("before", date(2026, 3, 8), date(2026, 3, 15))
    food = thing(telling.apart(log, settings(), week), "food")
    assert (food.here.value, food.there.value, food.marked) == (0.5, 0.05, True)
    with pytest.raises(Problem) as caught:
        telling.apart(log, settings(), Wanted("before"))
    assert caught.value.code == "apart.no-period"


def test_a_filter_parts_clauses_and_too_few_say_nothing(log: Owner) -> None:
    plant(log, [Said(n, 9, ("food",) if n % 2 else ("queue",)) for n in range(40)])
    halves = Wanted("filter", one=parse("aspect = 'food'"))
    found = telling.apart(log, settings(), halves)
    assert (found.here, found.there) == (20, 20)
    assert thing(found, "food").difference == 1
    few = Wanted("filter", one=parse("aspect = 'food'"), among=parse("touchpoint = 'gate'"))
    assert telling.apart(log, settings(), few) == Apart(0, 0, (), 0, 0.95)
    with pytest.raises(Problem) as caught:
        telling.apart(log, settings(), Wanted("filter"))
    assert caught.value.code == "apart.no-filter"


def test_where_nothing_differs_little_is_marked(log: Owner) -> None:
    """Would catch tests that are each at five per cent: of thirty, one or two would be marked."""
    chance = np.random.default_rng(3)
    keys = [f"k{n}" for n in range(30)]
    said = [
        Said(n, int(chance.choice([3, 10])), tuple(k for k in keys if chance.random() < 0.2))
        for n in range(400)
    ]
    plant(log, said)
    found = telling.apart(log, settings(), Wanted("scores"))
    assert found.tests == 30
    assert sum(one.marked for one in found.things) == 0


def counted(said: Sequence[Said], key: str) -> tuple[Any, float]:
    """Plainly: the difference of low scores with and without, and how often it is blamed."""
    here = [one for one in said if key in one.blamed]
    there = [one for one in said if key not in one.blamed]

    def both(rows: Sequence[Said]) -> tuple[list[float], list[int]]:
        return [float(one.score <= 6) for one in rows], [one.customer for one in rows]

    difference = proportion.difference(
        Totals.of(*both(here)), Totals.of(*both(there)), Cross.of(*both(here), *both(there))
    )
    return difference, len(here) / len(said)


def test_what_goes_with_low_scores_and_is_often_there_comes_first(log: Owner) -> None:
    said = drawn(300)
    plant(log, said)
    found: First = first(log, settings())
    assert (found.n, found.customers) == (len(said), 300)
    assert [one.key for one in found.aspects] == ["queue", "food"]
    queue, food = found.aspects
    assert queue.marked
    assert not food.marked
    for one in found.aspects:
        difference, often = counted(said, one.key)
        assert one.difference == pytest.approx(difference.difference)
        assert one.often.value == pytest.approx(often)
        assert one.weight == pytest.approx(often * difference.difference)
        assert one.q == pytest.approx(
            difference.p * (2 if one.key == "queue" else 1), rel=1e-4, abs=1e-9
        )
    assert found.low is not None
    assert found.low.value == pytest.approx(np.mean([one.score <= 6 for one in said]))


def test_what_few_blame_is_left_out_and_said(log: Owner) -> None:
    plant(log, [Said(n, 3 if n < 12 else 9, ("rare",) if n < 4 else ()) for n in range(60)])
    found = first(log, settings())
    assert (found.aspects, found.left_out, found.customers) == ((), 1, 60)
    assert first(log, settings(), among=parse("touchpoint = 'gate'")).customers == 0
    assert first(log, settings(), start=date(2027, 1, 1)).n == 0
