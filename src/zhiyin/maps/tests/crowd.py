"""Customers on a short map whose journeys are known one by one, and what they come to when counted
in another way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.maps.seen import Seen
from zhiyin.measure.tests.planting import csat, plant
from zhiyin.warehouse.log import Log

NOW = datetime(2026, 7, 1)
APRIL = Seen(date(2026, 4, 1), date(2026, 5, 1))
MAY = Seen(date(2026, 5, 1), date(2026, 6, 1))
IN_A, IN_B = "`did In A` >= 1", "`did In B` >= 1"
NAMES = {"search": "Searched", "cart": "Added", "pay": "Paid", "ask": "Asked"}
CUSTOMERS = 600


def node(id_: str, stage: str, **more: Any) -> Node:
    told = {"events": f"name = '{NAMES[id_]}'", "answers": f"touchpoint = '{id_}'", **more}
    return Node(id_, stage, "own", {"en": id_.title()}, **told)


SHOP = Map(
    name={"en": "Shop"},
    goal="Paid",
    pause="7d",
    stages=(Stage("look"), Stage("buy"), Stage("after")),
    lanes=(Lane("own"),),
    nodes=(node("search", "look"), node("cart", "buy"), node("pay", "buy"), node("ask", "after")),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: which groups she is in, and her one journey of each month, in order.

    Args:
        steps: (name of the event, channel) by month.
        scores: (touchpoint, channel, score) by month.
    """

    number: int
    groups: frozenset[str]
    steps: Mapping[int, tuple[tuple[str, str], ...]]
    scores: Mapping[int, tuple[tuple[str, str, float], ...]]


def crowd(seed: int = 3) -> tuple[Customer, ...]:
    """Of group A more go on; a third are in A and B both; the web loses more than the app."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(CUSTOMERS):
        draw = chance.random()
        groups = frozenset("A" if draw < 0.4 else "B" if draw < 0.7 else "AB")
        steps, scores = {}, {}
        for month in (4, 5):
            own = "app" if chance.random() < 0.55 else "web"
            other = {"app": "web", "web": "app"}[own]
            # Some look in one channel and go on in the other.
            then = other if chance.random() < 0.25 else own
            goes_on = 0.45 + 0.25 * ("A" in groups) + 0.1 * (own == "app")
            told = [("Searched", own)]
            if chance.random() < goes_on:
                told.append(("Added", then))
                if chance.random() < goes_on:
                    told.append(("Paid", then))
                    if chance.random() < 0.3:
                        told.append(("Asked", then))
            elif chance.random() < 0.2:
                told.append(("Asked", own))
            steps[month] = tuple(told)
            lift = 0.8 * ("A" in groups) - 0.3 * (month == 4)
            scores[month] = tuple(
                (id_, channel, float(np.clip(round(3 + lift + chance.normal()), 1, 5)))
                for id_ in ("search", "cart")
                for channel in (own,)
                if chance.random() < 0.7
            )
        found.append(Customer(number, groups, steps, scores))
    return tuple(found)


def put(log: Log, people: Sequence[Customer]) -> None:
    """Into the workspace main."""
    events: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for one in people:
        who = f"c{one.number}"
        for group in sorted(one.groups):
            at = datetime(2026, 2, 1) + timedelta(minutes=one.number)
            events.append({"name": f"In {group}", "customer": who, "occurred_at": at})
        for month, steps in one.steps.items():
            start = datetime(2026, month, 5) + timedelta(minutes=one.number)
            for place, (name, channel) in enumerate(steps):
                at = start + timedelta(hours=place)
                events.append(
                    {"name": name, "customer": who, "channel": channel, "occurred_at": at}
                )
            for place, (id_, channel, score) in enumerate(one.scores[month]):
                at = start + timedelta(days=1, hours=place)
                answers.append(
                    csat(score, touchpoint=id_, channel=channel, customer=who, occurred_at=at)
                )
    # By then every journey is over.
    events.append({"name": "Slept", "customer": "c0", "occurred_at": datetime(2026, 6, 25)})
    for table, rows in (("events", events), ("answers", answers)):
        plant(log, "main", table, [{"id": f"{table}-{at}", **row} for at, row in enumerate(rows)])


Keeps = Callable[[Customer], bool]


def outcomes(
    people: Sequence[Customer], share: str, id_: str, month: int, keeps: Keeps, channel: str = ""
) -> dict[int, float]:
    """By the definitions of `docs/journeys.md`: 1 or 0 of each customer that the share is of."""
    found: dict[int, float] = {}
    for one in people:
        names = [name for name, at in one.steps[month] if channel in ("", at)]
        if not keeps(one) or not names:
            continue
        goal = names.index("Paid") if "Paid" in names else None
        is_here = NAMES[id_] in names
        if share == "reach":
            found[one.number] = float(is_here)
        elif share == "necessity" and goal is not None:
            found[one.number] = float(NAMES[id_] in names[: goal + 1])
        elif share == "completion" and is_here:
            found[one.number] = float(goal is not None)
        elif share == "left_share" and is_here:
            found[one.number] = float(goal is None and names[-1] == NAMES[id_])
    return found
