"""What the log has of one response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

Row = Mapping[str, Any]

_ANSWERS = ("id", "occurred_at", "question", "answer_state", "score", "choice")
_VERBATIMS = ("id", "question", "text")
_RESPONSES = (
    "id", "version", "started_at", "last_at", "ended_at", "language", "mode", "device",
    "invitation", "customer", "touchpoint", "channel", "unit", "arm", "about_kind", "about_id",
    "experienced_at", "flags",
)  # fmt: skip


_INVITATIONS = (
    "invitation", "customer", "touchpoint", "channel", "unit", "arm", "about_kind", "about_id",
    "experienced_at", "survey", "action",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """The live rows of a response, with words for codes.

    Args:
        filling: of ``responses``; None: the log knows of none.
        invitation: of ``exposures``: who is asked about what, before she begins.
        customer: an id of hers, and its name space: the company's if it knows her; blank: she has
            none.
        has_answered: of an anonymous survey, whether the invitation was answered.
    """

    answers: Sequence[Row] = ()
    texts: Sequence[Row] = ()
    filling: Row | None = None
    invitation: Row | None = None
    customer: tuple[str, str] = ("", "")
    has_answered: bool = False


def of(log: Log, workspace: str, response: str, *, invitation: str = "", since: datetime) -> Held:
    """Look it up.

    Args:
        invitation: whose link it was filled in by; blank: anybody's.
        since: when it began, or before (UTC, naive): rows that the log took earlier are not read.
    """
    schema = log.schema(workspace)

    def rows(table: str, columns: tuple[str, ...]) -> list[Row]:
        found = lang.table(schema, table)
        is_of_it = {
            "responses": lambda: found.id.startswith(f"{response}:"),
            "exposures": lambda: (found.id == invitation) & (found.invitation == invitation),
        }.get(table, lambda: found.response == response)()
        chosen = found.filter(is_of_it, found.received_at >= lang.timestamp(since))
        query = chosen.select("source", *columns)
        return [
            row
            for row in log.execute(workspace, query, words=True).to_pylist()
            if row["source"] == SOURCE
        ]

    filling = rows("responses", _RESPONSES)
    if filling:
        customer = _known_as(log, workspace, filling[-1]["customer"])
        return Held(
            rows("answers", _ANSWERS), rows("verbatims", _VERBATIMS), filling[-1], None, customer
        )
    invited = rows("exposures", _INVITATIONS) if invitation else []
    if not invited:
        return Held()
    first = next((row for row in invited if row["action"] == "invited"), invited[0])
    return Held(
        invitation=first,
        customer=_known_as(log, workspace, first["customer"]),
        has_answered=any(row["action"] == "answered" for row in invited),
    )


def _known_as(log: Log, workspace: str, customer: int) -> tuple[str, str]:
    """An id of a customer, and its name space: one by which the company knows her, else one that
    a device of hers made up; blank where she has none."""
    ids = lang.ids()
    hers = ids.filter(ids.key == customer).order_by([ids.kind == ANONYMOUS, "own"]).limit(1)
    found = log.execute(workspace, hers.select("id", "kind")).to_pylist()
    return (found[0]["id"], found[0]["kind"]) if found else ("", "")


QUOTA = "quota:"
"""What stands before the name of a quota in the flags of a response that counts in it."""


def came_to_the_end(log: Log, workspace: str, survey: str) -> Counter[str]:
    """How many responses of a survey have come to the end: under a blank all, and by quota."""
    found = lang.table(log.schema(workspace), "responses")
    code = {word: code for code, word in log.words(workspace, "survey").items()}.get(survey)
    if code is None:
        return Counter()
    ended = found.filter(found.survey == code, found.ended_at.notnull())
    by_flags = ended.group_by("flags").aggregate(n=ended.count())
    count: Counter[str] = Counter()
    for row in log.execute(workspace, by_flags, words=True).to_pylist():
        count[""] += row["n"]
        for flag in (row["flags"] or "").split():
            if flag.startswith(QUOTA):
                count[flag.removeprefix(QUOTA)] += row["n"]
    return count


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A response that began and of which nobody has said that it is over."""

    workspace: str
    survey: str
    version: int
    response: str


def left_open(log: Log, workspace: str, *, before: datetime, since: datetime) -> list[LeftOpen]:
    """Responses that began before a moment and are open still, the oldest first.

    Args:
        before, since: UTC, naive; what the log took before `since` is not read.
    """
    found = lang.table(log.schema(workspace), "responses")
    open_still = found.filter(
        found.last_at.isnull(),
        found.started_at < lang.timestamp(before),
        found.received_at >= lang.timestamp(since),
    )
    query = open_still.select("source", "id", "survey", "version", "started_at")
    rows = log.execute(workspace, query.order_by("started_at"), words=True).to_pylist()
    return [
        LeftOpen(workspace, row["survey"], row["version"], row["id"].rpartition(":")[0])
        for row in rows
        if row["source"] == SOURCE
    ]
