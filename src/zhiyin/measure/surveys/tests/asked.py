"""A survey that people were invited to, with everything that can become of an invitation."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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

ROWS = ("staff", "rooms", "food", "price")

STAY: Survey = survey(
    (NPS, asking("why", "comment")),
    (
        asking("parts", "matrix", rows=choices(*ROWS), has_not_applicable=True),
        asking("satisfied", "csat"),
    ),
    (
        asking("trip", "single", choices=choices("work", "fun", "other"), has_dont_know=True),
        asking("liked", "multiple", choices=choices("bed", "view", "quiet")),
        asking("nights", "number"),
        asking("value", "rating"),
    ),
)
"""Eleven items on three pages; all but one are closed."""

PAGES = tuple(tuple(item.name for q in page.questions for item in q.items()) for page in STAY.pages)
ITEMS: dict[str, Item] = {item.name: item for item in STAY.items()}
SENT = datetime(2026, 3, 2, 8)
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Page:
    """One page as it was sent: after how many seconds, and what it said."""

    after: float
    said: Mapping[str, Answer]


@dataclass(frozen=True)
class Case:
    """One asking.

    Args:
        did: what was done with the invitation, with the hours after it was sent.
        pages: of the response; None: she did not come.
        ended: after how many seconds; None: it has no end.
        is_over: whether somebody has said what became of each question.
    """

    customer: str
    did: tuple[tuple[str, float], ...] = (("invited", 0.0),)
    channel: str = "email"
    arm: str = ""
    pages: tuple[Page, ...] | None = None
    began: float = 5.0
    ended: float | None = None
    is_over: bool = True
    flags: str = ""
    invited: bool = True
    token: str = ""
    about: str = ""
    at: datetime = SENT
    more: Mapping[str, str] = field(default_factory=dict)


def whole(drawn: random.Random, *, seconds: float = 90.0, pages: int = 3) -> tuple[Page, ...]:
    """Answers to the first so many pages, each after a third of the time."""
    return tuple(
        Page(seconds * (at + 1) / 3, {name: said(drawn, name) for name in PAGES[at]})
        for at in range(pages)
    )


def said(drawn: random.Random, name: str) -> Answer:
    """Some answer."""
    question = ITEMS[name].question
    match question.type:
        case "comment":
            return Answer("answered", text="It was late.")
        case "single":
            return Answer("answered", chosen=(drawn.choice(question.choices).value,))
        case "multiple":
            values = [one.value for one in question.choices]
            return Answer("answered", chosen=tuple(drawn.sample(values, drawn.randint(1, 3))))
        case "number":
            return Answer("answered", score=float(drawn.randrange(1, 9)))
    low, high = question.scale
    return Answer("answered", score=float(drawn.randint(low, high)))


def published(of: Survey = STAY) -> None:
    """Publish the survey."""
    actions.create(by=COMMAND_LINE, workspace="main", key="stay", survey=of)
    actions.publish(by=COMMAND_LINE, workspace="main", key="stay")


def planted(log: Log, cases: Iterable[Case], *, of: Survey = STAY) -> None:
    """Put the askings and their responses into the log."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for number, case in enumerate(cases):
        token = case.token or f"t{number}"
        for told in _told(case, token, number, of):
            reading = facts.read(Letter("main", SOURCE, WIRE, SENT, facts.body(told)))
            for table, columns in reading.facts.items():
                if table != "exposures":
                    rows.setdefault(table, []).extend(pa.table(columns).to_pylist())
        rows.setdefault("exposures", []).extend(_exposures(case, token))
    # What was said again has replaced what was said before.
    newest = {row["id"].split(":")[0]: row for row in rows.get("responses", [])}
    rows["responses"] = list(newest.values())
    with log.begin("main", source=SOURCE, label="planted") as batch:
        for table, found in rows.items():
            names = {name for row in found for name in row}
            batch.write(table, pa.table({name: _column(name, found) for name in sorted(names)} | {
                "row": pa.array(range(len(found)), pa.int64())
            }))  # fmt: skip
        batch.commit()


def _exposures(case: Case, token: str) -> list[dict[str, Any]]:
    did = case.did if case.invited else ()
    if case.pages is not None and case.invited:
        did = (*did, ("started", case.began))
    return [
        {
            "id": token if action != "reminded" else f"{token}:{at}",
            "invitation": token, "action": action, "survey": "stay", "mode": "link",
            "occurred_at": _us(case.at + timedelta(hours=hours)), "customer": case.customer,
            "customer_kind": "customer", "channel": case.channel, "arm": case.arm or None,
        }
        for at, (action, hours) in enumerate(did)
    ]  # fmt: skip


def _told(case: Case, token: str, number: int, of: Survey) -> Iterable[Told]:
    if case.pages is None:
        return
    start = _us(case.at + timedelta(hours=case.began))
    about = About(
        "stay", 1, f"r{number}", start, "en", customer=case.customer, customer_kind="customer",
        channel=case.channel, arm=case.arm, invitation=token if case.invited else "",
        about_kind="stay" if case.about else "", about_id=case.about,
    )  # fmt: skip
    items = {item.name: item for item in of.items()}
    yield Told(about, start, (), Filling(1))
    last, told = start, set()
    for page in case.pages:
        last = start + int(page.after * 1e6)
        told |= set(page.said)
        yield Told(
            about, last,
            tuple(facts.said(of, items[name], answer, 1) for name, answer in page.said.items()),
        )  # fmt: skip
    if not case.is_over:
        return
    ended = None if case.ended is None else start + int(case.ended * 1e6)
    rest = [name for name in items if name not in told]
    page_of = {name: at for at, names in enumerate(PAGES) for name in names}
    first = min((page_of[name] for name in rest), default=0)
    left: State = "dismissed" if "dismissed" in case.flags else "shown"
    states = tuple(
        facts.said(of, items[name], Answer(left if page_of[name] == first else "not_reached"), 1)
        for name in rest
    )
    yield Told(about, ended or last, states, Filling(2, ended or last, ended, case.flags))


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _column(name: str, rows: list[dict[str, Any]]) -> Any:
    values = [row.get(name) for row in rows]
    if name.endswith("_at"):
        return pa.chunked_array([pa.array(values, pa.int64()).cast(pa.timestamp("us"))])
    return pa.chunked_array([pa.array(values)])
