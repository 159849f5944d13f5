"""A map's traffic beside a search by definition, by the index and by SQL.

Programs that these would catch: figures of a node put down to another where one is bound to
nothing; a goal that nobody has sent refused; orders of other days, of another currency or outside
the reader's scope counted; an interval over journeys as if each were another customer's; a
complement of few customers told by two figures that are shown.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.journey.asking import Chosen
from zhiyin.journey.mapped import MapAsked, MapNode
from zhiyin.journey.shares import interval
from zhiyin.journey.tests import naive_map
from zhiyin.journey.tests import naive_traffic as naive
from zhiyin.journey.tests.conftest import FIRST, MAIN, NAMES, SECOND, Planted
from zhiyin.journey.tests.naive import Happened, Histories
from zhiyin.journey.tests.test_conformance import RULES, drawn, nodes
from zhiyin.journey.traffic import GAP, NodeTraffic, Traffic, traffic
from zhiyin.kernel.filters import parse
from zhiyin.stats import mean, proportion, ratio
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.rules import Rule, Rules

MICROSECOND = timedelta(microseconds=1)
MINIMUM = 10
GUARDED = replace(MAIN, minimum_base=MINIMUM)
APP = parse("channel = 'app'")
DAYS = Chosen(start=date(2026, 1, 6), end=date(2026, 1, 16))
"""Days of Shanghai: from these moments to those, in microseconds since 1970."""
FROM, TO = 1_767_628_800_000_000, 1_768_492_800_000_000


@dataclass(frozen=True)
class Order:
    """One order of a customer, after merges."""

    customer: str
    us: int
    channel: str | None
    amount: float
    currency: str


@pytest.fixture(scope="module")
def paid(held: Planted) -> list[Order]:
    """Orders of the customers, and of some without events."""
    chance = random.Random(3)  # noqa: S311 - orders, not secrets
    rows, orders = [], []
    for place in range(220):
        number = chance.randrange(180)
        at = FIRST + timedelta(days=chance.choice((0, 1, 9, 40))) + chance.randint(0, 8) * SECOND
        row: dict[str, Any] = {
            "row": place, "id": f"o{place}", "customer": f"c{number}", "occurred_at": at,
            "amount": float(chance.randint(1, 900)), "channel": chance.choice(("app", None)),
            "currency": chance.choice(("CNY", "CNY", "EUR")),
        }  # fmt: skip
        rows.append(row)
        merged = number - 1 if number < 60 and number % 6 == 1 else number
        us = (at - datetime(1970, 1, 1)) // MICROSECOND
        orders.append(Order(f"c{merged}", us, row["channel"], row["amount"], row["currency"]))
    with held.log.begin("main", source="shop", label="test") as batch:
        batch.write("orders", pa.Table.from_pylist(rows))
        batch.commit()
    return orders


@pytest.fixture(scope="module", params=["index", "sql"])
def planted(
    held: Planted, paid: list[Order], request: pytest.FixtureRequest
) -> Iterator[tuple[Planted, list[Order]]]:
    """The log as its index answers, and as its queries do."""
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "sql":
            patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        yield held, paid


maps = st.builds(
    lambda every, help_, goal, hidden, pause, chosen: MapAsked(
        tuple(
            MapNode(f"n{at}", parse(rule) if rule else None, stage, begins, is_help=help_[at])
            for at, (rule, stage, begins, _required) in enumerate(every)
        ),
        goal, pause, chosen, hidden, stages=4,
    ),
    nodes,
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.frozensets(st.sampled_from([*NAMES, "Unheard of"]), max_size=2),
    st.frozensets(st.sampled_from([*NAMES, "Unheard of"]), max_size=1),
    st.sampled_from([1, 5, 86_400, 2_000_000]).map(lambda one: timedelta(seconds=one)),
    st.sampled_from([Chosen(), Chosen(APP), DAYS, replace(DAYS, where=APP)]),
)  # fmt: skip


def plain(
    planted: tuple[Planted, list[Order]], asked: MapAsked, *, is_app: bool = False
) -> tuple[Histories, naive.Asked]:
    """What the search goes through: all, or what `is_app` lets a reader see."""
    held, orders = planted
    in_days = asked.chosen.start is not None
    histories = {
        who: [
            event
            for event in events
            if (not in_days or FROM <= event.us < TO)
            and (not (is_app or asked.chosen.where) or event.channel == "app")
        ]
        for who, events in held.histories.items()
    }
    money: dict[str, float] = {}
    for one in orders:
        is_seen = one.channel == "app" or not is_app
        if one.currency == "CNY" and is_seen and (not in_days or FROM <= one.us < TO):
            money[one.customer] = money.get(one.customer, 0.0) + one.amount
    every = [
        event.us for events in held.histories.values() for event in events
        if not is_app or event.channel == "app"
    ]  # fmt: skip
    until = min(max(every), TO) if in_days else max(every)
    return histories, naive.Asked(
        drawn=drawn(asked),
        help=[one.is_help for one in asked.nodes],
        stages=4,
        gap=GAP // MICROSECOND,
        until=until,
        money=money,
    )


def is_near(found: Mapping[str, Any], name: str, told: Estimate | None) -> bool:
    """Whether a figure is this estimate with its interval."""
    ends = (name, f"{name}_low", f"{name}_high")
    expected = (None,) * 3 if told is None else (told.value, told.low, told.high)
    return [found[one] for one in ends] == [
        None if one is None else pytest.approx(one, rel=1e-9, abs=1e-9) for one in expected
    ]


def is_share(found: Mapping[str, Any], name: str, count: float, of: float) -> bool:
    ends = (name.removesuffix("_share"), *interval(int(count), int(of), 0.95))
    told = [found[name], found[f"{ends[0]}_low"], found[f"{ends[0]}_high"]]
    share = count / of if of else None
    return told == [None if one is None else pytest.approx(one) for one in (share, *ends[1:])]


def check_node(found: NodeTraffic, histories: Histories, asked: naive.Asked, at: int) -> None:
    sums, middle = naive.node(histories, asked, at)
    every, _money = naive.totals(histories, asked)
    told = found.as_dict()
    counts = {name: sums.get(name, 0) for name in ("customers", "instances", "events")}
    assert {name: told[name] for name in counts} == counts
    own = counts["customers"]
    assert is_share(told, "reach", own, every.get("customers", 0))
    assert is_share(told, "left_share", found.left_customers or 0, sums.get("over_customers", 0))
    assert found.left_customers == sums.get("left_customers", 0)
    assert is_share(told, "completion", sums.get("completed_customers", 0), own)
    passed, reached = sums.get("passed_customers", 0), every.get("reached_customers", 0)
    assert is_share(told, "necessity", passed, reached)
    assert found.without == reached - passed
    assert found.seconds == (None if middle is None else pytest.approx(middle / 1e6))
    rows = [
        (who, one)
        for who, events in histories.items()
        for one in naive.instances(events, asked)
        if at in one.at
    ]
    who = [one for one, _instance in rows]
    ones = [1] * len(rows)
    events = Totals.of_ratio([one.at.count(at) for _who, one in rows], ones, who)
    assert is_near(told, "attempts", ratio.estimate(events))
    switches = Totals.of_ratio([one.switches(at) for _who, one in rows], ones, who)
    assert is_near(told, "switches", ratio.estimate(switches))
    helped = Totals.of([one.is_helped(at) for _who, one in rows], who)
    assert is_near(told, "helped", proportion.estimate(helped))
    buyers = sorted(set(who))
    paid = Totals.of([asked.money.get(one, 0.0) for one in buyers], buyers)
    money = mean.estimate(paid, scale=(0.0, float("inf")))
    assert is_near(told, "money", None if money is None else money.times(len(buyers)))


def check(found: Traffic, histories: Histories, asked: naive.Asked, drawn_: MapAsked) -> None:
    for at, one in enumerate(drawn_.nodes):
        assert found.nodes[at].id == one.id
        if one.where is None:
            assert found.nodes[at] == NodeTraffic(one.id, "unbound")
        else:
            assert found.nodes[at].state == "ok"
            check_node(found.nodes[at], histories, asked, at)
    every, _money = naive.totals(histories, asked)
    for number, stage in enumerate(found.stages):
        instances, customers, _elsewhere = naive.stage(histories, asked, number)
        assert (stage.instances, stage.customers) == (instances, customers)
        assert is_share(stage.as_dict(), "reach", customers, every.get("customers", 0))
    assert len(found.stages) == 4
    names = {"reached": "reached_customers", "customers": "customers", "instances": "instances"}
    names |= {name: name for name in ("sessions", "sessions_unexplained")}
    assert {name: getattr(found, name) for name in names} == {
        name: every.get(of, 0) for name, of in names.items()
    }
    goal = [
        asked.money.get(who, 0.0)
        for who, events in histories.items()
        if any(one.goal is not None for one in naive.instances(events, asked))
    ]
    worth = mean.estimate(Totals.of(goal, range(len(goal))), scale=(0.0, float("inf")))
    ends = {name: getattr(found, name) for name in ("worth", "worth_low", "worth_high")}
    assert is_near(ends, "worth", worth)
    told = {one.name: (one.events, one.customers, one.sessions) for one in found.unexplained}
    assert told == naive.unexplained(histories, asked)
    sizes = [one.customers for one in found.unexplained]
    assert sizes == sorted(sizes, reverse=True)


@settings(max_examples=20, deadline=None)
@given(asked=maps)
def test_traffic(planted: tuple[Planted, list[Order]], asked: MapAsked) -> None:
    found = traffic(planted[0].log, MAIN, asked)
    check(found, *plain(planted, asked), asked)


@settings(max_examples=7, deadline=None)
@given(asked=maps)
def test_a_reader_sees_her_scope(planted: tuple[Planted, list[Order]], asked: MapAsked) -> None:
    found = traffic(planted[0].log, MAIN, asked, scope=APP)
    check(found, *plain(planted, asked, is_app=True), asked)


@settings(max_examples=7, deadline=None)
@given(asked=maps)
def test_of_a_segment(planted: tuple[Planted, list[Order]], asked: MapAsked) -> None:
    hers = replace(asked, chosen=replace(asked.chosen, customers="events >= 6"))
    found = traffic(planted[0].log, MAIN, hers)
    histories, search = plain(planted, asked)
    some = {who: events for who, events in histories.items() if len(planted[0].histories[who]) >= 6}
    assert 0 < len(some) < len(histories)
    check(found, some, search, asked)


def test_every_rule_in_one_map(planted: tuple[Planted, list[Order]]) -> None:
    """What a later one says is left over by the earlier ones."""
    every = tuple(
        MapNode(f"n{at}", parse(rule) if rule else None, at % 3) for at, rule in enumerate(RULES)
    )
    asked = MapAsked(every, frozenset({"D > E"}), timedelta(days=3), stages=4)
    found = traffic(planted[0].log, MAIN, asked)
    check(found, *plain(planted, asked), asked)
    assert found.nodes[0].customers
    assert found.unexplained == ()


def nested(found: Traffic, every: Traffic) -> list[tuple[int | None, int | None]]:
    """Counts that are shown, each with what it is among."""
    pairs: list[tuple[int | None, int | None]] = [(found.reached, found.customers)]
    pairs += [(stage.customers, found.customers) for stage in found.stages]
    for one, known in zip(found.nodes, every.nodes, strict=True):
        pairs.append((one.customers, found.customers))
        pairs.append((one.left_customers, one.left_of))
        pairs.append((one.left_of, one.customers))
        pairs.append((one.without, found.reached))
        completed = passed = None
        if one.completion is not None and known.completion is not None:
            completed = round(known.completion * (known.customers or 0))
            pairs += [(completed, one.customers), (completed, found.reached)]
        if one.without is not None and found.reached is not None:
            passed = found.reached - one.without
            pairs += [(passed, found.reached), (passed, completed)]
    return pairs


@settings(max_examples=20, deadline=None)
@given(asked=maps)
def test_nobody_alone_is_told_of(planted: tuple[Planted, list[Order]], asked: MapAsked) -> None:
    every, found = (traffic(planted[0].log, one, asked) for one in (MAIN, GUARDED))
    for count, of in nested(found, every):
        if count is not None:
            assert count == 0 or count >= MINIMUM
            assert of is None or of == count or of - count >= MINIMUM
    histories, search = plain(planted, asked)
    for at, one in enumerate(found.nodes):
        if one.customers is None:
            assert one == NodeTraffic(one.id, one.state)
            continue
        sums, _middle = naive.node(histories, search, at)
        if one.seconds is not None:
            assert sums["waited_customers"] >= MINIMUM
        if one.instances is not None and found.instances is not None:
            check_rest(histories, search, lambda instance, at=at: at not in instance.at)
    if found.sessions_unexplained is not None:
        totals, _money = naive.totals(histories, search)
        for name in ("unexplained_customers", "explained_customers"):
            assert totals.get(name, 0) == 0 or totals[name] >= MINIMUM
    assert all(name.customers >= MINIMUM for name in found.unexplained)
    assert len(every.unexplained) - len(found.unexplained) != 1


def check_rest(histories: Histories, asked: naive.Asked, is_rest: Any) -> None:
    """The journeys that are left are of nobody, or of enough."""
    who = sum(
        any(is_rest(one) for one in naive.instances(events, asked)) for events in histories.values()
    )
    assert who == 0 or who >= MINIMUM


def test_touchpoints_that_rules_give(held: Planted, paid: list[Order]) -> None:
    """The index looks rules up, as SQL does; what it cannot say is left to SQL."""
    asked = MapAsked(
        (MapNode("desk", parse("touchpoint = 'Desk'"), 0), MapNode("rest", APP, 1)),
        frozenset({"B"}), timedelta(days=2),
    )  # fmt: skip
    before = traffic(held.log, MAIN, asked)
    try:
        held.log.set_rules("main", "touchpoint", Rules((Rule("name = 'A'", "Desk"),)))
        by_index = traffic(held.log, MAIN, asked)
        assert by_index != before
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
            assert traffic(held.log, MAIN, asked) == by_index
        first = replace(asked.nodes[0], where=parse("name = 'A' or touchpoint = 'Desk'"))
        held.log.set_rules("main", "touchpoint", Rules())
        alike = traffic(held.log, MAIN, replace(asked, nodes=(first, asked.nodes[1])))
        # A rule comes after what an event says itself.
        assert alike.nodes[0].customers is not None
        assert by_index.nodes[0].customers is not None
        assert alike.nodes[0].customers >= by_index.nodes[0].customers
    finally:
        held.log.set_rules("main", "touchpoint", Rules())


def test_a_property_is_left_to_sql(held: Planted, paid: list[Order]) -> None:
    asked = MapAsked(
        (MapNode("a", parse("properties.path = '/' or name = 'A'"), 0),),
        frozenset({"B"}), timedelta(days=2),
    )  # fmt: skip
    rule = asked.nodes[0].where
    assert rule is not None
    question = {"names": [[0], [1]], "between": [[]], "within": 1}
    assert held.log.ask_journeys("main", "funnel", question, nodes=(rule,)) is None
    plain_rule = replace(asked.nodes[0], where=parse("name = 'A'"))
    alike = replace(asked, nodes=(plain_rule,))
    assert traffic(held.log, MAIN, asked) == traffic(held.log, MAIN, alike)


def test_what_nobody_has_sent_is_nobodys(planted: tuple[Planted, list[Order]]) -> None:
    asked = MapAsked(
        (MapNode("a", parse("name = 'Unheard of' and channel = 'nowhere'"), 0),),
        frozenset({"Unheard of, too"}), timedelta(days=2),
    )  # fmt: skip
    found = traffic(planted[0].log, GUARDED, asked)
    (node,) = found.nodes
    assert (node.state, node.customers, node.reach, node.completion) == ("ok", 0, None, None)
    assert (found.customers, found.reached, found.worth) == (0, 0, None)
    assert found.unexplained


def happened(us: int, name: str) -> Happened:
    return Happened(us, name, None)


def test_the_search_itself() -> None:
    """By hand: the definitions that the search stands for."""
    node = {"Look": 0, "Ask": 1, "Pay": 2}
    asked = naive.Asked(
        drawn=naive_map.Drawn(
            lambda event: node.get(event.name), frozenset({"Pay"}), [True, False, False],
            [0, 0, 1], [False] * 3, 100,
        ),
        help=[False, True, False], stages=2, gap=10, until=400, money={"c": 5.0},
    )  # fmt: skip
    events = [
        happened(0, "Look"), happened(5, "Other"), happened(9, "Ask"), happened(20, "Pay"),
        happened(50, "Look"), happened(300, "Look"),
    ]  # fmt: skip
    look, ask, pay = (naive.node({"c": events}, asked, at) for at in range(3))
    assert (look[0]["instances"], look[0]["over"], look[0]["left"]) == (3, 2, 1)
    assert (look[0]["helped"], look[0]["passed"], look[1]) == (1, 1, 9)
    assert (ask[0]["helped"], ask[0]["passed"], ask[1]) == (0, 1, 11)
    assert (pay[0]["passed"], pay[0]["waited"], pay[1]) == (1, 0, None)
    totals, money = naive.totals({"c": events}, asked)
    assert (totals["sessions"], totals["sessions_unexplained"], money) == (4, 1, 5.0)
