"""A map's figures: those of other pages with the same filter, and what is hard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import parse
from zhiyin.maps.difficulties import difficulties
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.maps.figures import Figures, aspects_at, figures
from zhiyin.maps.seen import Seen
from zhiyin.measure import comparisons
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.planting import answer, csat, plant
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 15)
MAY = Seen(date(2026, 5, 1), date(2026, 6, 1))
FIRST = datetime(2026, 5, 4, 2)
MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en", minimum_base=10, test_base=30)


def node(id_: str, stage: str, name: str, **more: Any) -> Node:
    return Node(
        id_, stage, "own", {"en": id_}, events=f"name = '{name}'",
        answers=f"touchpoint = '{id_}'", **more,
    )  # fmt: skip


TRIP = Map(
    name={"en": "Trip"},
    goal="Order Completed",
    pause="7d",
    stages=(Stage("look", begins=True), Stage("buy"), Stage("after")),
    lanes=(Lane("own"),),
    nodes=(
        node("search", "look", "Products Searched", wish="compare"),
        node("cart", "buy", "Product Added", wish="tick-off", promise_question="kept"),
        node("pay", "buy", "Order Completed", wish="tick-off"),
        node("refund", "after", "Refund Asked", wish="solve"),
        Node("pets", "look", "own", {"en": "pets"}),
    ),
)


@pytest.fixture(scope="module")
def log(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """Two hundred customers look, half of them fill a cart, forty leave it, sixty pay; twenty of
    these ask for a refund, which they like less, and less than in April."""
    data = tmp_path_factory.mktemp("map") / "data"
    shutil.copytree(empty_log, data)
    with Owner(data) as owner:
        _plant(owner)
        yield owner


def _plant(owner: Owner) -> None:
    events: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []

    def happened(n: int, name: str, hours: float, channel: str = "web") -> None:
        events.append(
            {"name": name, "customer": f"c{n}", "channel": channel,
             "occurred_at": FIRST + timedelta(minutes=n, hours=hours)}
        )  # fmt: skip

    for n in range(200):
        happened(n, "Products Searched", 0)
        if n % 5 == 0:
            happened(n, "Pet Page Viewed", 0.2)
        if n < 100:
            happened(n, "Product Added", 1, "app" if n % 2 else "web")
        if n < 60:
            happened(n, "Order Completed", 2)
            orders.append(
                {"customer": f"c{n}", "amount": 100.0 + n, "currency": "CNY",
                 "occurred_at": FIRST + timedelta(minutes=n, hours=2)}
            )  # fmt: skip
        if n < 40:
            happened(n, "Refund Asked", 48)
    # By then the journeys of the others are over.
    happened(0, "Pet Page Viewed", 24 * 20)
    for month in (0, 1):
        at = FIRST - timedelta(days=30 * month)
        for n in range(60):
            more = {"customer": f"c{n}", "occurred_at": at + timedelta(days=3, minutes=n)}
            answers.append(csat(4.0 + n % 2, touchpoint="pay", **more))
            answers.append(csat(3.0 + n % 3, touchpoint="search", **more))
            if n < 40:
                low = 1.0 + n % 2 if month == 0 else 3.0 + n % 3
                answers.append(csat(low, touchpoint="refund", **more))
            if n < 50:
                answers.append(
                    answer(1.0 + n % 5, question="kept", metric="rating", scale_min=1.0,
                           scale_max=5.0, touchpoint="cart", **more)
                )  # fmt: skip
    for table, rows in (("events", events), ("answers", answers), ("orders", orders)):
        ids = [{"id": f"{table}-{number}", **row} for number, row in enumerate(rows)]
        plant(owner, "main", table, ids)
    _say(owner)


def _say(owner: Owner) -> None:
    """Forty write of a refund, all of its time and twenty of the clerk; thirty write of paying."""
    at = FIRST + timedelta(days=3)
    said = [
        {"id": f"{touchpoint}-{n}", "customer": f"c{n}", "occurred_at": at, "text": "…",
         "touchpoint": touchpoint}
        for touchpoint, times in (("refund", 40), ("pay", 30))
        for n in range(times)
    ]  # fmt: skip
    plant(owner, "main", "verbatims", said)
    seqs = [seq for seq, _text in owner.unread("main", "one")]
    found = [Finding(seq, 0, 0, 1, "zh", "negative", 0.9, aspect="waiting") for seq in seqs[:40]]
    found += [Finding(seq, 1, 0, 1, "zh", "positive", 0.9, aspect="staff") for seq in seqs[:20]]
    found += [Finding(seq, 0, 0, 1, "zh", "positive", 0.9, aspect="payment") for seq in seqs[40:]]
    owner.keep_findings("main", "one", seqs, found)


@pytest.fixture(scope="module")
def found(log: Owner) -> Figures:
    return figures(log, MAIN, TRIP, MAY, now=NOW)


def test_who_comes_goes_on_and_ends(found: Figures) -> None:
    search, cart, pay, refund, pets = (one.traffic for one in found.nodes)
    assert [one.customers for one in (search, cart, pay, refund)] == [200, 100, 60, 40]
    assert pets.state == "unbound"
    assert search.reach == 1.0
    assert cart.completion == pytest.approx(0.6)
    assert (search.left_customers, cart.left_customers) == (100, 40)
    assert cart.left_share == pytest.approx(0.4)
    # Sixty reached the goal, all by way of the cart.
    assert (cart.necessity, cart.without) == (1.0, 0)
    assert search.seconds == pytest.approx(3600)
    assert pay.money == pytest.approx(sum(100 + n for n in range(60)))
    assert pay.money_low is not None
    assert pay.money_high is not None
    assert pay.money_low < (pay.money or 0) < pay.money_high


def test_traffic_that_no_touchpoint_explains(found: Figures) -> None:
    told = {one.name: one.customers for one in found.traffic.unexplained}
    assert told == {"Pet Page Viewed": 40}
    assert found.traffic.sessions_unexplained == 41


def test_a_score_is_that_of_the_page_of_scores(log: Owner, found: Figures) -> None:
    request = ScoreRequest(
        "csat", by=("touchpoint",), start=MAY.start, end=MAY.end, kind="touchpoint",
        where=parse("touchpoint in ('search', 'pay', 'refund')"),
    )  # fmt: skip
    scored, rest = comparisons.scored_and_compared(log, MAIN, request, "rest", now=NOW)
    before = comparisons.compare(log, MAIN, request, "previous", now=NOW)
    for name in ("search", "pay", "refund"):
        mine = found.node(name)
        assert mine is not None
        assert mine.score is not None
        assert mine.rest is not None
        assert mine.change is not None
        row = next(one for one in scored.rows if one.group["touchpoint"] == name)
        assert (mine.score.value, mine.score.low, mine.score.n) == (row.value, row.low, row.n)
        beside = next(one for one in rest.rows if one.group["touchpoint"] == name)
        assert (mine.rest.difference, mine.rest.q) == (beside.difference, beside.q)
        moved = next(one for one in before.rows if one.group["touchpoint"] == name)
        assert (mine.change.difference, mine.change.q) == (moved.difference, moved.q)


def test_what_is_bad_and_what_has_changed_says_so(found: Figures) -> None:
    tones = {one.node.id: one.tone for one in found.nodes}
    assert (tones["refund"], tones["pay"]) == (-2, 2)
    refund = found.node("refund")
    assert refund is not None
    assert refund.changed == -2
    assert found.held == 1
    assert found.tests == 3


def test_a_promise_is_felt_or_not(found: Figures) -> None:
    cart = found.node("cart")
    assert cart is not None
    assert cart.felt is not None
    assert (cart.felt.value, cart.felt.n) == (40.0, 50)
    assert cart.gap == 60.0


def test_a_question_about_two_touchpoints_is_felt_at_each_by_its_own_answers(log: Owner) -> None:
    """All its answers are about the cart; none of them says anything of the payment."""
    shared = tuple(
        msgspec.structs.replace(one, promise_question="kept") if one.id == "pay" else one
        for one in TRIP.nodes
    )
    told = figures(log, MAIN, msgspec.structs.replace(TRIP, nodes=shared), MAY, now=NOW)
    felt = {one.node.id: one.felt for one in told.nodes}
    assert felt["cart"] is not None
    assert (felt["cart"].value, felt["cart"].n) == (40.0, 50)
    assert felt["pay"] is None


def test_what_is_said_at_a_touchpoint_is_that_of_the_page_of_scores(
    log: Owner, found: Figures
) -> None:
    refund, pay, cart = (found.node(name) for name in ("refund", "pay", "cart"))
    assert refund is not None
    assert refund.sentiment is not None
    assert (refund.sentiment.n, refund.sentiment.customers) == (60, 40)
    assert refund.sentiment.value == pytest.approx(100 * (20 - 40) / 60)
    where = parse("touchpoint = 'refund'")
    request = ScoreRequest("sentiment", start=MAY.start, end=MAY.end, where=where)
    alone = score(log, MAIN, request, now=NOW).total
    assert (alone.value, alone.low, alone.high) == (
        refund.sentiment.value, refund.sentiment.low, refund.sentiment.high,
    )  # fmt: skip
    assert pay is not None
    assert pay.sentiment is not None
    assert pay.sentiment.value == 100.0
    assert cart is not None
    assert cart.sentiment is None
    aspects = aspects_at(log, MAIN, refund.node, MAY, NOW)
    assert [(one.group["aspect"], one.value, one.n) for one in aspects] == [
        ("waiting", -100.0, 40), ("staff", 100.0, 20),
    ]  # fmt: skip
    of_answers_alone = msgspec.structs.replace(
        refund.node, answers="touchpoint = 'refund' and metric = 'csat'"
    )
    assert aspects_at(log, MAIN, of_answers_alone, MAY, NOW) == ()


def test_the_emotion_of_a_stage_is_that_of_its_answers(found: Figures) -> None:
    values = [one.emotion and one.emotion.value for one in found.stages]
    # Of three answers two are above the middle, and none is in the two worst boxes.
    assert values[0] == pytest.approx(200 / 3)
    assert values[1] == 100.0
    assert values[2] == -100.0


def test_convenience_is_beside_the_best_of_those_for_the_same(found: Figures) -> None:
    cart, pay = found.node("cart"), found.node("pay")
    assert cart is not None
    assert pay is not None
    assert cart.convenience is not None
    assert pay.convenience is not None
    assert cart.convenience.beside == ("pay",)
    assert max(cart.convenience.value, pay.convenience.value) <= 100.0
    best = {part.name: part.best_at for part in cart.convenience.parts}
    assert best["attempts"] in ("cart", "pay")


def test_the_difficulties_are_each_touchpoint_once(found: Figures) -> None:
    told = difficulties(found)
    assert told[0].by == "worst"
    assert told[0].figures.node.id == "refund"
    assert len({one.figures.node.id for one in told}) == len(told)
    by_loss = next(one for one in told if one.by == "loss")
    assert by_loss.figures.node.id in ("cart", "search")
    assert by_loss.loss is not None
    assert by_loss.loss.low < by_loss.loss.value < by_loss.loss.high


def test_few_customers_are_not_told(log: Owner) -> None:
    some = Seen(MAY.start, MAY.end, where=parse("channel = 'app'"))
    strict = Settings(
        "main", "Main", "Asia/Shanghai", 0, "CNY", "en", minimum_base=60, test_base=60
    )
    cart = figures(log, strict, TRIP, some, now=NOW).node("cart")
    assert cart is not None
    assert cart.traffic.customers is None
    assert cart.traffic.state == "too_few"
    assert cart.traffic.completion is None


def test_a_map_in_json_has_every_figure(found: Figures) -> None:
    told = found.as_dict()
    first = told["touchpoints"][0]
    assert (first["id"], first["traffic"]["customers"]) == ("search", 200)
    assert first["score"]["low"] < first["score"]["value"] < first["score"]["high"]
    assert told["unexplained"][0]["name"] == "Pet Page Viewed"
