"""A survey's wire for tests: one answer a letter, said so many times, made into facts by `read`."""

from __future__ import annotations

from typing import Any

import msgspec

from zhiyin.kernel.clock import now
from zhiyin.warehouse.arriving import Change, Letter, Reading

BEGUN = 1_700_000_000_000_000
"""Before anything of these tests was received (microseconds since 1970)."""


def read(letter: Letter) -> Reading:
    """A row of `answers` for each choice, one of `verbatims` where she wrote something, and one of
    `responses` where no question is named; with the changes that each of them makes."""
    says = msgspec.json.decode(letter.body)
    response, question, number = says["response"], says["question"], says["number"]
    begins = f"{response}:{number}"
    common = {"occurred_at": says["at"], "customer": says["customer"]}
    if question is None:
        row = {"id": begins, **common, "flags": says["words"]}
        changes = [Change("responses", response, None, begins, BEGUN)]
        return Reading({"responses": _columns([row])}, changes=changes)
    common |= {"response": response, "question": question}
    ids = [begins] if says["places"] == 1 else [f"{begins}:{n}" for n in range(says["places"])]
    answer = {"metric": "csat", "answer_state": "answered", "score": says["score"]}
    facts = {"answers": _columns([{"id": one, **common, **answer} for one in ids])}
    if says["words"] is not None:
        facts["verbatims"] = _columns([{"id": begins, **common, "text": says["words"]}])
    changes = [Change(name, response, question, begins, BEGUN) for name in ("answers", "verbatims")]
    return Reading(facts, changes=changes)


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def said(
    response: str,
    number: int,
    score: float = 5.0,
    *,
    question: str | None = "overall",
    words: str | None = None,
    places: int = 1,
    customer: str = "c1",
    source: str = "page",
) -> tuple[Letter, Reading]:
    """The letter of an answer, and its reading."""
    body = {
        "response": response,
        "question": question,
        "number": number,
        "score": score,
        "words": words,
        "places": places,
        "customer": customer,
        "at": BEGUN + number,
    }
    letter = Letter("main", source, "survey", now(), msgspec.json.encode(body))
    return letter, read(letter)
