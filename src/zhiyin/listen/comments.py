"""Comments with a score: what customers wrote beside a number that says whether they were content.

A low score is a label of its comment, noisily: some who give a 3 praise the crew. What lies between
says nothing and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zhiyin.listen.seeds import NEGATIVE, POSITIVE
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

METRICS = ("nps", "csat", "rating", "ces")

DETRACTS, PROMOTES = 6.0, 9.0
"""Scores of an NPS question up to and from which a customer is content or not."""

LOW, HIGH = 0.25, 0.75
"""Places on any other scale, of 0 to 1."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment and what its score says of it, negative or positive.

    Attributes:
        customer: the customer's key.
        at: when it was said (UTC, naive).
    """

    text: str
    label: str
    customer: int
    at: datetime


def scored(log: Log, workspace: str) -> lang.Expression | None:
    """Responses with what their scores say: `response`, and the least and the most that one of them
    says, `low` and `high`: −1 not content, 1 content, 0 neither. None where nothing is scored."""
    answers = lang.table(log.schema(workspace), "answers")
    codes = {word: code for code, word in log.words(workspace, "metric").items()}
    ways = {word: code for code, word in log.words(workspace, "direction").items()}
    if not any(word in codes for word in METRICS):
        return None
    rows = answers.filter(
        answers.metric.isin([codes[word] for word in METRICS if word in codes]),
        answers.score.notnull(),
        answers.response.notnull(),
    )
    place = (rows.score - rows.scale_min) / (rows.scale_max - rows.scale_min)
    place = lang.ifelse(rows.direction == ways.get("down", -1), 1 - place, place)
    is_nps = rows.metric == codes.get("nps", -1)
    says = lang.cases(
        (is_nps & (rows.score <= DETRACTS), -1),
        (is_nps & (rows.score >= PROMOTES), 1),
        (is_nps, 0),
        (place <= LOW, -1),
        (place >= HIGH, 1),
        else_=0,
    )
    rows = rows.mutate(says=says)
    return rows.group_by("response").aggregate(low=rows.says.min(), high=rows.says.max())


def newest(log: Log, workspace: str, *, most: int) -> list[Comment]:
    """Comments of responses with one score that says something, the newest first.

    The same words are one comment: the newest. A response of which one score says this and another
    that is left out.
    """
    responses = scored(log, workspace)
    if responses is None:
        return []
    responses = responses.filter((responses.low != 0) & (responses.low == responses.high))
    said = lang.table(log.schema(workspace), "verbatims")
    with_words = said.filter(said.text.notnull(), said.response.notnull())
    found = with_words.join(responses, "response").select(
        "text", "low", "customer", "occurred_at", "seq"
    )
    found = found.order_by(lang.desc("occurred_at"), lang.desc("seq")).limit(most)
    once: dict[str, Comment] = {}
    for row in log.execute(workspace, found).to_pylist():
        if row["text"].strip():
            label = POSITIVE if row["low"] > 0 else NEGATIVE
            once.setdefault(
                row["text"], Comment(row["text"], label, row["customer"], row["occurred_at"])
            )
    return list(once.values())
