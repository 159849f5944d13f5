"""A survey that forty responses were given to, with every state, as the survey page tells them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.surveys import actions, facts
from zhiyin.collect.surveys.definition import Item, Survey
from zhiyin.collect.surveys.facts import SOURCE, WIRE, About, Filling, Told
from zhiyin.collect.surveys.logic import Answer, State
from zhiyin.collect.surveys.tests.written import NPS, asking, choices, survey
from zhiyin.warehouse.arriving import Letter
from zhiyin.warehouse.log import Log

VISIT: Survey = survey(
    (NPS, asking("why", "comment")),
    (
        asking("satisfied", "csat"),
        asking("ease", "ces", variant=1),
        asking("parts", "matrix", rows=choices("staff", "rooms"), has_not_applicable=True),
        asking("reasons", "reasons", choices=choices("slow", "dear", "never"), has_other=True),
        asking("trip", "single", choices=choices("work", "fun"), has_dont_know=True),
        asking("matters", "ranking", choices=choices("price", "time", "comfort")),
        asking("minutes", "number", shown_if="recommend <= 6"),
    ),
)
FIRST = ("recommend", "why")
"""What is asked on the first page."""

BEGAN = datetime(2026, 3, 10, 4)
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Given:
    """One response: what became of it and of each item."""

    customer: str
    channel: str
    outcome: str
    seconds: int
    said: Mapping[str, Answer]


def given() -> list[Given]:
    """Twenty-six at the end, five dismissed, five left, four open; some customers came twice."""
    drawn = random.Random(7)  # noqa: S311 - a test's series
    outcomes = ["ended"] * 26 + ["dismissed"] * 5 + ["left"] * 5 + ["open"] * 4
    return [
        Given(
            f"c{number % 34}", "app" if number % 3 else "web", outcome,
            30 + drawn.randrange(400), dict(_said(drawn, outcome)),
        )
        for number, outcome in enumerate(outcomes)
    ]  # fmt: skip


def _said(drawn: random.Random, outcome: str) -> Iterator[tuple[str, Answer]]:
    items = {item.name: item for item in VISIT.items()}
    score = float(drawn.randrange(11))
    for name, item in items.items():
        if outcome == "dismissed" or (outcome == "left" and name not in FIRST):
            on_page: State = "dismissed" if outcome == "dismissed" else "shown"
            is_seen = outcome == "left" or name in FIRST
            yield name, Answer(on_page if is_seen else "not_reached")
        elif name == "recommend":
            yield name, Answer("answered", score=score)
        elif outcome == "open" and name not in FIRST:
            continue
        elif name == "minutes" and score > 6:
            yield name, Answer("hidden")
        else:
            yield name, _answer(drawn, item)


def _answer(drawn: random.Random, item: Item) -> Answer:
    question = item.question
    if drawn.random() < 0.1:
        if question.has_not_applicable:
            return Answer("not_applicable")
        return Answer("dont_know") if question.has_dont_know else Answer("skipped")
    offered = [one.value for one in question.choices if one.value != "never"]
    match question.type:
        case "comment":
            return Answer("answered", text="It was late.")
        case "reasons":
            offered.append("other")
            chosen = tuple(drawn.sample(offered, drawn.randint(1, 3)))
            return Answer("answered", chosen=chosen, text="seat" if "other" in chosen else "")
        case "ranking":
            return Answer("answered", chosen=tuple(drawn.sample(offered, drawn.randint(1, 3))))
        case "single":
            return Answer("answered", chosen=(drawn.choice(offered),))
        case "number":
            return Answer("answered", score=float(drawn.randrange(5, 90)))
    low, high = question.scale
    return Answer("answered", score=float(drawn.randint(low, high)))


def published() -> None:
    """Publish the survey."""
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=VISIT)
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit")


def planted(
    log: Log,
    responses: list[Given],
    *,
    version: int = 1,
    of: Survey = VISIT,
    weight: float | None = None,
) -> None:
    """Put the facts of these responses into the log, as they stand in the end.

    Args:
        weight: of every third answer.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for number, one in enumerate(responses):
        body = facts.body(_told(one, f"v{version}r{number}", version, of))
        reading = facts.read(Letter("main", SOURCE, WIRE, BEGAN, body))
        for table, columns in reading.facts.items():
            rows.setdefault(table, []).extend(pa.table(columns).to_pylist())
    if weight is not None:
        rows["answers"] = [
            {**row, "weight": None if place % 3 else weight}
            for place, row in enumerate(rows["answers"])
        ]
    with log.begin("main", source=SOURCE, label="planted") as batch:
        for table, found in rows.items():
            batch.write(table, pa.table({name: _column(name, found) for name in found[0]} | {
                "row": pa.array(range(len(found)), pa.int64())
            }))  # fmt: skip
        batch.commit()


def _told(one: Given, response: str, version: int, of: Survey) -> Told:
    began = (BEGAN - EPOCH) // timedelta(microseconds=1)
    ended = began + one.seconds * 1_000_000
    about = About(
        "visit", version, response, began, "en", customer=one.customer, customer_kind="customer",
        channel=one.channel,
    )  # fmt: skip
    items = {item.name: item for item in of.items()}
    said = tuple(facts.said(of, items[name], answer, 1) for name, answer in one.said.items())
    if one.outcome == "open":
        return Told(about, began, said, Filling(1))
    flags = "bot dismissed" if one.outcome == "dismissed" else ""
    filling = Filling(2, ended, ended if one.outcome == "ended" else None, flags)
    return Told(about, ended, said, filling)


def _column(name: str, rows: list[dict[str, Any]]) -> pa.ChunkedArray[Any]:
    values = [row[name] for row in rows]
    if name.endswith("_at"):
        return pa.chunked_array([pa.array(values, pa.int64()).cast(pa.timestamp("us"))])
    return pa.chunked_array([pa.array(values)])
