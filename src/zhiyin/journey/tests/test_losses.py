"""Losses beside a plain reckoning on random histories.

Programs that this would catch: an order counted for every session before it; a session's place
taken from its last event; ids of one customer taken apart; a known customer's session counted as
lost; sessions of the place itself among those elsewhere; orders in another currency.
"""

from __future__ import annotations

import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from zhiyin.journey.asking import Chosen, read_steps
from zhiyin.journey.behind import Listing
from zhiyin.journey.brought import AFTER, Brought
from zhiyin.journey.elsewhere import cells, states
from zhiyin.journey.losses import Loss, LossesAsked, losses, usual_steps
from zhiyin.journey.tests.conftest import FIRST, MAIN
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY

NAMES = ("Look", "Look", "View", "Cart", "Paid", "Other")
CHANNELS = ("app", "web", None)
TOUCHPOINTS = ("shop", "help")


@dataclass(frozen=True)
class Visit:
    """One session, by hand."""

    customer: str
    channel: str | None
    touchpoint: str | None
    reached: int
    money: float


@dataclass(frozen=True)
class Planted:
    log: Owner
    events: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    owner: dict[str, str]
    known: set[str]


@pytest.fixture(scope="module", params=["index", "sql"])
def planted(held: Planted, request: pytest.FixtureRequest) -> Iterator[Planted]:
    """The log as its index answers, and as its queries do."""
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "sql":
            patched.setattr(held.log, "ask_journeys", lambda *_asked, **_more: None)
        yield held


@pytest.fixture(scope="module")
def held(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    data = tmp_path_factory.mktemp("losses") / "data"
    shutil.copytree(empty_log, data)
    chance = random.Random(11)  # noqa: S311 - histories, not secrets
    ids = [(f"a{k}", "anonymous") for k in range(150)] + [(f"k{k}", "customer") for k in range(60)]
    owner = {one: one for one, _kind in ids}
    owner |= {f"a{k}": f"k{k % 60}" for k in range(40)}  # devices of known customers
    owner |= {f"a{k}": f"a{k - 1}" for k in range(101, 120, 2)}  # two devices of nobody
    events = [_event(chance, place, *chance.choice(ids)) for place in range(1_800)]
    orders = [_order(chance, place, *chance.choice(ids)) for place in range(400)]
    with Owner(data) as log:
        for table, rows in (("events", events), ("orders", orders), ("identities", _links(owner))):
            with log.begin("main", source=table, label="test") as batch:
                batch.write(table, pa.Table.from_pylist(rows))
                batch.commit()
        yield Planted(log, events, orders, owner, {one for one, kind in ids if kind == "customer"})


def _event(chance: random.Random, place: int, customer: str, kind: str) -> dict[str, Any]:
    at = FIRST + timedelta(days=chance.choice((0, 0, 1, 2)), minutes=chance.randint(0, 400))
    return {
        "row": place, "id": f"e{place}", "occurred_at": at + timedelta(microseconds=place),
        "customer": customer, "customer_kind": kind, "name": chance.choice(NAMES),
        "channel": chance.choice(CHANNELS), "touchpoint": chance.choice(TOUCHPOINTS),
    }  # fmt: skip


def _order(chance: random.Random, place: int, customer: str, kind: str) -> dict[str, Any]:
    at = FIRST + timedelta(days=chance.choice((0, 0, 1, 2)), minutes=chance.randint(0, 1_000))
    return {
        "row": place, "id": f"o{place}", "occurred_at": at, "customer": customer,
        "customer_kind": kind, "amount": float(chance.randint(1, 900)),
        "currency": chance.choice(("CNY", "CNY", "EUR")),
    }  # fmt: skip


def _links(owner: dict[str, str]) -> list[dict[str, Any]]:
    kinds = {"a": "anonymous", "k": "customer"}
    links = [(one, other) for one, other in owner.items() if one != other]
    return [
        {
            "row": place, "id": f"l{place}", "occurred_at": DAY,
            "customer": other, "customer_kind": kinds[other[0]],
            "other": one, "other_kind": kinds[one[0]],
            "action": "link", "reason": "signed in", "linked_by": "person",
        }
        for place, (one, other) in enumerate(links)
    ]  # fmt: skip


def visits(
    planted: Planted, steps: Sequence[set[str]], gap: timedelta, channel: str | None
) -> list[Visit]:
    """Every session with an event of the first step, with what it brought."""
    rows = [row for row in planted.events if channel is None or row["channel"] == channel]
    by_customer = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["occurred_at"]):
        by_customer[planted.owner[row["customer"]]].append(row)
    found = []
    for customer, events in by_customer.items():
        stretches: list[list[dict[str, Any]]] = []
        for event in events:
            if stretches and event["occurred_at"] - stretches[-1][-1]["occurred_at"] <= gap:
                stretches[-1].append(event)
            else:
                stretches.append([event])
        for place, stretch in enumerate(stretches):
            names = [event["name"] for event in stretch]
            if not any(name in steps[0] for name in names):
                continue
            reached = max(k for k, step in enumerate(steps) for name in names if name in step)
            money = 0.0
            for order in planted.orders:
                is_hers = planted.owner[order["customer"]] == customer
                at = order["occurred_at"]
                is_then = stretch[0]["occurred_at"] <= at <= stretch[-1]["occurred_at"] + AFTER
                is_last = place + 1 == len(stretches) or at < stretches[place + 1][0]["occurred_at"]
                if is_hers and is_then and is_last and order["currency"] == "CNY":
                    money += order["amount"]
            first = stretch[0]
            bought = money if reached == len(steps) - 1 else 0.0
            found.append(Visit(customer, first["channel"], first["touchpoint"], reached, bought))
    return found


def reckoned(planted: Planted, all_visits: list[Visit], goal: int, like: bool) -> list[Loss]:
    """What the product should say, without intervals and tests."""
    places = {(v.channel, v.touchpoint if like else None) for v in all_visits}
    found = []
    for channel, touchpoint in places:
        group = [v for v in all_visits if not like or v.touchpoint == touchpoint]
        here = [v for v in group if v.channel == channel]
        there = [v for v in group if v.channel != channel]
        for step in range(goal):
            mine = [v for v in here if v.customer not in planted.known and v.reached >= step]
            if not mine:
                continue
            is_last = step + 1 == goal
            ours = [
                v
                for v in here
                if v.reached >= step and (is_last or v.customer not in planted.known)
            ]
            theirs = [
                v for v in there
                if v.reached >= step and (is_last or v.customer not in planted.known)
            ]  # fmt: skip
            anyone = [v for v in there if v.reached >= step]
            further = [v for v in there if v.reached > step]
            lost = [v for v in mine if v.reached == step]
            share = sum(v.reached > step for v in ours) / len(ours)
            like_share = sum(v.reached > step for v in theirs) / len(theirs)
            worth = sum(v.money for v in further) / len(further)
            fewer = len(mine) * (like_share - share)
            place: list[tuple[str, str | None]] = [("channel", channel)]
            found.append(
                Loss(
                    place=tuple([*place, ("touchpoint", touchpoint)] if like else place),
                    step="", number=step + 1, of_everyone=is_last,
                    sessions=len(mine), customers=len({v.customer for v in mine}),
                    lost=len(lost), lost_customers=len({v.customer for v in lost}),
                    share=share, like_sessions=len(theirs), like_share=like_share,
                    like_customers=len({v.customer for v in theirs}),
                    like_worth=sum(v.money for v in anyone) / len(anyone) if worth else None,
                    went_on_worth=worth or None,
                    more_lost=fewer,
                    loss=fewer * worth if worth else None,
                )
            )  # fmt: skip
    return found


def told(rows: Sequence[Loss]) -> dict[Any, dict[str, Any]]:
    """Rows by place and step, rounded, without what the reckoning lacks."""
    left_out = ("place", "step", "number", "low", "high", "p", "q", "marked")
    return {
        (row.place, row.number): {
            name: value for name, value in row.as_dict().items() if name not in left_out
        }
        for row in rows
    }


@pytest.mark.parametrize(
    "steps", ["Look > Cart > Paid", "Look | View > Paid", "Look > View > Cart > Paid"]
)
@pytest.mark.parametrize("minutes", [5, 30, 120])
@pytest.mark.parametrize("like", [False, True])
def test_losses_are_those_of_a_plain_reckoning(
    planted: Planted, steps: str, minutes: int, like: bool
) -> None:
    gap = timedelta(minutes=minutes)
    read = read_steps(steps)
    asked = LossesAsked(read, like=("touchpoint",) if like else (), gap=gap)
    found = losses(planted.log, MAIN, asked)
    names = [set(step) for step in read.names]
    expected = reckoned(planted, visits(planted, names, gap, None), len(names) - 1, like)
    one, other = told(found.losses), told(expected)
    assert one.keys() == other.keys()
    for key, row in one.items():
        assert row == pytest.approx(other[key]), key


def test_a_filter_comes_before_anything_else(planted: Planted) -> None:
    asked = LossesAsked(
        read_steps("Look > Cart > Paid"),
        by=("touchpoint",),
        chosen=Chosen(where=parse("channel = 'app'")),
    )
    found = losses(planted.log, MAIN, asked)
    steps = [{"Look"}, {"Cart"}, {"Paid"}]
    all_visits = visits(planted, steps, asked.gap, "app")
    came = [v for v in all_visits if v.customer not in planted.known]
    assert sum(row.sessions or 0 for row in found.losses if row.number == 1) == len(came)
    scoped = losses(planted.log, MAIN, replace(asked, chosen=Chosen()), scope=asked.chosen.where)
    told_of = {(row.place, row.number): row.sessions for row in found.losses}
    assert {(row.place, row.number): row.sessions for row in scoped.losses} == told_of


def test_the_worst_for_certain_comes_first(planted: Planted) -> None:
    found = losses(planted.log, MAIN, LossesAsked(read_steps("Look > Cart > Paid")))
    ends = [row.low for row in found.losses if row.low is not None]
    assert ends == sorted(ends, reverse=True)
    for row in found.losses:
        if row.marked:
            assert row.low is not None
            assert row.high is not None
            assert not row.low <= 0 <= row.high


def test_nothing_is_told_of_few(planted: Planted) -> None:
    many = replace(MAIN, minimum_base=8)
    found = losses(planted.log, many, LossesAsked(read_steps("Look > Cart > Paid")))
    assert {row.state for row in found.losses} >= {"ok", "too_few"}
    for row in found.losses:
        if row.state == "ok":
            assert row.customers is not None
            assert row.customers >= 8
            assert row.lost_customers is not None
            assert not 0 < row.lost_customers < 8
        else:
            assert (row.sessions, row.share, row.loss, row.like_sessions) == (None,) * 4


def test_a_small_place_does_not_follow_from_the_others() -> None:
    sizes = (120, 60, 4)
    place = np.repeat(np.arange(3), sizes)
    n = len(place)
    went = (np.arange(n) % 2).astype(np.float64)
    found = Brought(
        customer=np.arange(n),
        is_anonymous=np.ones(n, np.bool_),
        place=place[:, None],
        came=np.column_stack([np.ones(n), went, np.zeros(n)]),
        money=np.zeros(n),
    )
    first = [cell for cell in cells(found, ()) if cell.step == 0]
    # What the largest is compared with, less the middle one, would tell of four customers.
    assert [cell.customers for cell in first] == [120, 60, 4]
    assert states(first, 10) == ["ok", "withheld", "too_few"]


def test_what_cannot_be_asked(planted: Planted) -> None:
    steps = read_steps("Look > Cart > Paid")
    for asked, code in (
        (LossesAsked(), "journey.no-steps"),
        (LossesAsked(steps, by=("channel",), like=("channel",)), "journey.nowhere-else"),
        (LossesAsked(read_steps("Look > !Other > Paid")), "journey.no-between"),
        (LossesAsked(read_steps("Look > Bought")), "journey.no-such-event"),
        (LossesAsked(steps, by=("colour",)), "journey.no-such-column"),
    ):
        with pytest.raises(Problem) as raised:
            losses(planted.log, MAIN, asked)
        assert raised.value.code == code


def test_usual_steps_are_those_that_have_come_in() -> None:
    assert usual_steps(["Page Viewed", "Cart Viewed", "Other"]) is None
    assert usual_steps(["Order Completed"]) is None
    found = usual_steps(["page", "Product Viewed", "Checkout Started", "Order Completed"])
    assert found is not None
    assert found.labels == ("Product Viewed | page", "Checkout Started", "Order Completed")


def test_the_customers_behind_a_loss_are_as_many_as_it_says(planted: Planted) -> None:
    asked = LossesAsked(read_steps("Look > Cart > Paid"), like=("touchpoint",))
    found = losses(planted.log, MAIN, asked)
    listing = Listing(planted.log, MAIN)
    for row in found.losses[:3]:
        came = listing.of_loss(asked, row.place, row.number - 1, stopped=False)
        lost = listing.of_loss(asked, row.place, row.number - 1, stopped=True)
        assert (came.customers, lost.customers) == (row.customers, row.lost_customers)
