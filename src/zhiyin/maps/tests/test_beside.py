"""Two sides of a map: each difference as another way of counting has it, marked as one family."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy import stats as scipy_stats

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.traffic import NodeTraffic, Traffic
from zhiyin.kernel.filters import both, parse
from zhiyin.maps.beside import Beside, NodeBeside, beside
from zhiyin.maps.document import Map
from zhiyin.maps.pairs import SHARES, shares
from zhiyin.maps.seen import Seen
from zhiyin.maps.sides import Both, Flows, Side
from zhiyin.maps.tests import crowd
from zhiyin.maps.tests.crowd import APRIL, IN_A, IN_B, MAY, NOW, SHOP, Customer, Keeps
from zhiyin.measure import comparisons
from zhiyin.measure.comparisons import Comparison
from zhiyin.measure.requests import ScoreRequest
from zhiyin.stats import proportion
from zhiyin.stats.totals import Cross, Totals
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "UTC", 0, "CNY", "en", minimum_base=5, test_base=30)
PEOPLE = crowd.crowd()
IDS = tuple(one.id for one in SHOP.nodes)


@pytest.fixture(scope="module")
def log(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    data = tmp_path_factory.mktemp("crowd") / "data"
    shutil.copytree(empty_log, data)
    with Owner(data) as owner:
        crowd.put(owner, PEOPLE)
        yield owner


def asked(log: Owner, here: Side, there: Side, settings: Settings = MAIN) -> Beside:
    return beside(log, settings, here, there, now=NOW)


def of(customers: str, seen: Seen = MAY, without: str = "") -> Side:
    return Side(SHOP, replace(seen, customers=customers), without)


def at(found: Beside, id_: str) -> NodeBeside:
    return next(one for one in found.nodes if one.node.id == id_)


def in_a(one: Customer) -> bool:
    return "A" in one.groups


def in_b(one: Customer) -> bool:
    return "B" in one.groups


def everybody(_one: Customer) -> bool:
    return True


def check(
    found: Beside, here: Keeps, there: Keeps, *, months: tuple[int, int] = (5, 5),
    channels: tuple[str, str] = ("", ""), shares_them: bool = False,
) -> None:  # fmt: skip
    """Every share, its difference and its mark, out of what each customer did."""
    for share in SHARES:
        for id_ in IDS:
            mine = crowd.outcomes(PEOPLE, share, id_, months[0], here, channels[0])
            other = crowd.outcomes(PEOPLE, share, id_, months[1], there, channels[1])
            sides = [(list(one.values()), list(one)) for one in (mine, other)]
            cross = Cross.of(*sides[0], *sides[1]) if shares_them else None
            pair = proportion.difference(Totals.of(*sides[0]), Totals.of(*sides[1]), cross)
            assert pair is not None
            told = at(found, id_).shares[share]
            assert told.here == pytest.approx(np.mean(sides[0][0])), (share, id_)
            assert told.there == pytest.approx(np.mean(sides[1][0])), (share, id_)
            assert (told.n_here, told.n_there) == (len(mine), len(other)), (share, id_)
            assert told.p == pytest.approx(pair.p, abs=1e-9), (share, id_)
        every = {
            one.node.id: one.shares[share].p
            for one in found.nodes
            if one.shares[share].p is not None
        }
        q = scipy_stats.false_discovery_control(list(every.values()))
        for id_, value in zip(every, q, strict=True):
            assert at(found, id_).shares[share].q == pytest.approx(value)
            assert at(found, id_).shares[share].marked == (value <= 0.05)


def test_customers_in_both_groups_count_with_their_covariance(log: Owner) -> None:
    """Would catch groups that are compared as if nobody were in both, and one family for all."""
    found = asked(log, of(IN_A), of(IN_B))
    assert (found.both, found.left_out) == ("counted", 0)
    check(found, in_a, in_b, shares_them=True)
    assert found.held == sum(pair.marked for one in found.nodes for pair in one.pairs)
    assert 0 < found.held <= found.seemed < found.tests


def test_a_group_within_all_customers_is_compared_with_them(log: Owner) -> None:
    found = asked(log, of(IN_A), of(""))
    check(found, in_a, everybody, shares_them=True)


def test_everybody_else_is_all_but_the_group(log: Owner) -> None:
    found = asked(log, of(IN_A), of("", without=IN_A))
    check(found, in_a, lambda one: not in_a(one))


def test_a_customer_of_two_channels_is_on_neither_side(log: Owner) -> None:
    """Would catch customers who search in one channel and pay in the other on both sides: what they
    did not do here they did there."""
    app, web = (replace(MAY, where=parse(f"channel = '{name}'")) for name in ("app", "web"))
    found = asked(log, Side(SHOP, app), Side(SHOP, web))
    used = {one.number: {channel for _n, channel in one.steps[5]} for one in PEOPLE}
    assert found.both == "neither"
    assert found.left_out == sum(len(channels) == 2 for channels in used.values()) > 50

    def keeps(one: Customer) -> bool:
        return len(used[one.number]) == 1

    check(found, keeps, keeps, channels=("app", "web"))


def test_a_few_on_both_sides_stay_where_they_are(log: Owner) -> None:
    """Or a side without them, beside the map's own page, would tell how few they are."""
    strict = replace(MAIN, minimum_base=400, test_base=400, small_base=400)
    app, web = (replace(MAY, where=parse(f"channel = '{name}'")) for name in ("app", "web"))
    assert asked(log, Side(SHOP, app), Side(SHOP, web), strict).left_out == 0


def test_two_periods_are_compared_as_if_nobody_were_in_both(log: Owner) -> None:
    found = asked(log, of(""), of("", APRIL))
    assert found.both == "ignored"
    check(found, everybody, everybody, months=(5, 4))


def test_scores_are_those_that_the_measures_compare_one_by_one(log: Owner) -> None:
    """Asked touchpoint by touchpoint, by a filter in the place of parts."""
    app, web = (parse(f"channel = '{name}'") for name in ("app", "web"))
    found = asked(
        log, Side(SHOP, replace(MAY, where=app)), Side(SHOP, replace(MAY, where=web))
    )  # fmt: skip
    rows: dict[str, Comparison] = {}
    for id_ in ("search", "cart"):
        here, there = (both(side, parse(f"touchpoint = '{id_}'")) for side in (app, web))
        assert there is not None
        request = ScoreRequest("csat", start=MAY.start, end=MAY.end, where=here, kind="touchpoint")
        (rows[id_],) = comparisons.compare(log, MAIN, request, there, now=NOW).rows
    q = scipy_stats.false_discovery_control([row.p for row in rows.values() if row.p is not None])
    for (id_, row), value in zip(rows.items(), q, strict=True):
        told = at(found, id_).score
        assert (told.here, told.there, told.difference) == (
            row.value, row.reference_value, row.difference
        )  # fmt: skip
        assert (told.n_here, told.n_there) == (row.n, row.reference_n)
        assert told.p == pytest.approx(row.p)
        assert told.q == pytest.approx(value)


def test_scores_of_two_groups_are_those_of_their_answers(log: Owner) -> None:
    found = asked(log, of(IN_A), of("", without=IN_A))
    for id_ in ("search", "cart"):
        values: list[list[float]] = [[], []]
        for one in PEOPLE:
            values[not in_a(one)] += [s for place, _c, s in one.scores[5] if place == id_]
        told = at(found, id_).score
        boxes = [100.0 * float(np.mean([score >= 4 for score in side])) for side in values]
        assert (told.n_here, told.n_there) == (len(values[0]), len(values[1]))
        assert told.here == pytest.approx(boxes[0])
        assert told.there == pytest.approx(boxes[1])
        assert told.marked
        assert told.difference is not None
        assert told.difference > 0


def changed(**more: str) -> Map:
    """The next version: searching is bound otherwise, asking is gone, and a chat is new."""
    nodes = (
        msgspec.structs.replace(SHOP.nodes[0], **more),
        *SHOP.nodes[1:3],
        crowd.node("ask", "after", answers=""),
    )
    return msgspec.structs.replace(
        SHOP, nodes=(*nodes[:3], msgspec.structs.replace(nodes[3], id="chat"))
    )


def test_two_versions_of_the_same_days_are_shown_and_not_tested(log: Owner) -> None:
    """No chance is in it: the same customers and events, counted by two rules."""
    newer = changed(answers="touchpoint = 'search' and channel = 'app'")
    found = asked(log, Side(newer, MAY), Side(SHOP, MAY))
    assert (found.both, found.tests, found.held) == ("same", 0, 0)
    search, cart = at(found, "search"), at(found, "cart")
    counts = [
        sum(id_ == "search" and channel in channels for one in PEOPLE
            for id_, channel, _score in one.scores[5])
        for channels in (("app",), ("app", "web"))
    ]  # fmt: skip
    assert (search.score.n_here, search.score.n_there) == (counts[0], counts[1])
    assert (search.is_alike, cart.is_alike) == (False, True)
    assert search.score.difference is not None
    assert (cart.score.difference, cart.score.p) == (0.0, None)
    assert (at(found, "chat").in_there, at(found, "ask").in_here) == (False, False)
    assert at(found, "chat").shares["reach"].here == at(found, "ask").shares["reach"].there


def test_versions_of_other_days_test_what_is_bound_alike(log: Owner) -> None:
    newer = changed(answers="touchpoint = 'search' and channel = 'app'")
    found = asked(log, Side(newer, MAY), Side(SHOP, APRIL))
    assert at(found, "search").score.p is None
    assert at(found, "search").score.difference is not None
    assert at(found, "cart").score.p is not None


def test_the_same_customers_and_days_are_no_chance(log: Owner) -> None:
    found = asked(log, of(""), of(""))
    assert found.tests == 0
    assert {pair.difference for one in found.nodes for pair in one.pairs} <= {0.0, None}


def test_below_the_base_of_a_test_nothing_is_tested(log: Owner) -> None:
    """Of the 600 some 180 are in B alone."""
    strict = replace(MAIN, test_base=250, small_base=250)
    found = asked(log, of(IN_A), of("", without=IN_A), strict)
    assert found.tests == 0
    assert at(found, "search").shares["completion"].difference is not None


def test_few_are_not_told(log: Owner) -> None:
    """Would catch a difference, an interval or a number of customers of those who are too few."""
    strict = replace(MAIN, minimum_base=60, test_base=60)
    found = asked(log, of(IN_A), of("", without=IN_A), strict)
    ask = at(found, "ask")
    hers = crowd.outcomes(PEOPLE, "completion", "ask", 5, lambda one: not in_a(one))
    assert 0 < len(hers) < 60
    for pair in ask.shares.values():
        assert pair.there is None
        assert (pair.difference, pair.low, pair.p, pair.n_there) == (None, None, None, None)
        assert pair.state in ("too_few", "withheld")


def flow(counts: np.ndarray, of: np.ndarray) -> Traffic:
    """Traffic whose completions are given; nothing else is."""
    nodes = tuple(
        NodeTraffic(f"t{at}", customers=int(n), completion=float(c / n) if n else None)
        for at, (c, n) in enumerate(zip(counts, of, strict=True))
    )
    return Traffic(nodes, (), None, None, None, None, None, None, None, None, (), 5)


@pytest.mark.parametrize("way", ["counted", "ignored"])
def test_a_table_in_which_nothing_differs_is_seldom_marked(way: Both) -> None:
    """Two groups of 300 of whom 150 are in both, 20 touchpoints, 400 tables: with the covariance
    one test in twenty has p below 0.05, and one table in twenty a mark; as if nobody were in both,
    tests are far too shy. Would catch a covariance with the wrong sign or size."""
    chance = np.random.default_rng(11)
    ids, small, marked = [f"t{at}" for at in range(20)], 0, 0
    own, common = np.full(20, 150), np.full(20, 150)
    for _round in range(400):
        alone, others, shared = (chance.binomial(150, 0.4, 20) for _side in range(3))
        found = shares(
            "completion",
            ids,
            Flows(
                flow(alone + shared, own + common), flow(others + shared, own + common), way,
                flow(shared, common) if way == "counted" else None,
            ),
            30,
        )  # fmt: skip
        small += sum((pair.p or 0.0) < 0.05 for pair in found)
        marked += any(pair.marked for pair in found)
    tests = 400 * 20
    if way == "counted":
        assert small / tests == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / tests))
        assert marked / 400 < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)
    else:
        assert small / tests < 0.02


def test_where_some_differ_few_marks_are_false() -> None:
    """Half of the touchpoints differ; of the marks at most one in twenty may be of the others."""
    chance = np.random.default_rng(12)
    ids = [f"t{at}" for at in range(20)]
    rates = []
    for _round in range(200):
        truth = np.where(np.arange(20) < 10, 0.55, 0.4)
        found = shares(
            "completion", ids,
            Flows(flow(chance.binomial(300, truth), np.full(20, 300)),
                  flow(chance.binomial(300, 0.4, 20), np.full(20, 300)), "ignored"),
            30,
        )  # fmt: skip
        marks = [pair.marked for pair in found]
        rates.append(sum(marks[10:]) / max(sum(marks), 1))
        assert all(
            (pair.low is not None and pair.high is not None)
            and pair.marked == (pair.low > 0 or pair.high < 0)
            for pair in found
        )
    assert np.mean(rates) < 0.05
