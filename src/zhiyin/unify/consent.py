"""Consent per purpose and channel: what a customer has said, and whether somebody may act on it.

Each statement is a fact of the log. What holds is her latest statement about a purpose and a
channel, over every id that is hers, so that merging two records joins what was said to either. A
statement without a channel is about every channel. Of two statements of the same moment the
withdrawal counts, and where she never said anything, nobody may.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.rights import Id

SOURCE = "zhiyin"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that she said about a purpose. `channel` is None for every channel."""

    purpose: str
    channel: str | None
    is_given: bool
    said_at: datetime
    source: str
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a purpose and a channel, and the statement that says so."""

    purpose: str
    channel: str | None
    is_given: bool
    by: Statement


def history(log: Log, workspace: str, customer: int) -> list[Statement]:
    """Everything that she said, newest first; of one moment, withdrawals first."""
    consents = lang.table(log.schema(workspace), "consents")
    query = consents.filter(consents.customer == customer).select(
        "purpose", "channel", "is_given", "occurred_at", "source", "evidence", "seq"
    )
    rows = log.execute(workspace, query, words=True).to_pylist()
    rows.sort(key=lambda row: (row["occurred_at"], not row["is_given"], row["seq"]), reverse=True)
    return [
        Statement(
            row["purpose"] or "",
            row["channel"],
            bool(row["is_given"]),
            row["occurred_at"],
            row["source"],
            row["evidence"],
        )
        for row in rows
    ]


def standing(statements: list[Statement], at: datetime | None = None) -> list[Standing]:
    """What holds at a moment, for every purpose and channel that she spoke of."""
    then = at or now()
    spoken = sorted(
        {(said.purpose, said.channel) for said in statements},
        key=lambda pair: (pair[0], pair[1] or ""),
    )
    found = []
    for purpose, channel in spoken:
        last = _last(statements, purpose, channel, then)
        if last is not None:
            found.append(Standing(purpose, channel, last.is_given, last))
    return found


def may(
    log: Log,
    workspace: str,
    customer: int,
    purpose: str,
    channel: str | None,
    at: datetime | None = None,
) -> bool:
    """Whether she may be written to for a purpose, in a channel, at a moment (now).

    Args:
        customer: her key, as queries see it (`Subject.customer`).
        channel: None asks about every channel: only a statement about all of them allows it.
    """
    last = _last(history(log, workspace, customer), purpose, channel, at or now())
    return last is not None and last.is_given


def _last(
    statements: list[Statement], purpose: str, channel: str | None, at: datetime
) -> Statement | None:
    about = [
        said
        for said in statements
        if said.purpose == purpose and said.said_at <= at and said.channel in (None, channel)
    ]
    # A withdrawal for one channel leaves "every channel" no longer true.
    narrower = [
        said
        for said in statements
        if channel is None
        and said.purpose == purpose
        and said.said_at <= at
        and not said.is_given
        and said.channel is not None
    ]
    found = sorted(about + narrower, key=lambda said: (said.said_at, not said.is_given))
    return found[-1] if found else None


def record(
    *,
    by: Actor,
    log: Log,
    workspace: str,
    customer: Id,
    purpose: str,
    channel: str | None,
    is_given: bool,
    evidence: str,
    said_at: datetime | None = None,
) -> None:
    """Write down what she said, as a fact, with how it is known.

    Raises:
        Problem: ``rights.consent`` when a word is missing; ``rights.erased`` when she was erased.
    """
    purpose, channel, evidence = purpose.strip(), (channel or "").strip() or None, evidence.strip()
    if not purpose or not evidence or max(map(len, (purpose, channel or "", evidence))) > LONGEST:
        raise Problem(
            "rights.consent",
            _("A statement about consent needs a purpose and how it is known."),
            _(
                "Up to {most} letters each, such as: newsletter; form of 1 March.",
                most=LONGEST,
            ),
        )
    at = said_at or now()
    with transaction.atomic():
        audit.record(
            by=by,
            action="consent.recorded",
            subject="consent",
            workspace=workspace,
            after={"purpose": purpose, "channel": channel, "is_given": is_given},
        )
        with log.begin(workspace, source=SOURCE, label="consent") as batch:
            batch.write("consents", _fact(customer, purpose, channel, is_given, evidence, at))
            receipt = batch.commit()
        if receipt.rows_refused:
            raise Problem(
                "rights.erased",
                _("This customer was erased and is not taken again."),
                _("The workspace's rules of erasure say so; they can be changed."),
            )


def _fact(
    customer: Id, purpose: str, channel: str | None, is_given: bool, evidence: str, at: datetime
) -> pa.Table:
    return pa.table(
        {
            "row": pa.array([0], pa.int64()),
            "id": [uuid.uuid4().hex],
            "occurred_at": pa.array([at], pa.timestamp("us")),
            "customer": [customer.id],
            "customer_kind": [customer.kind],
            "purpose": [purpose],
            "channel": pa.array([channel], pa.string()),
            "is_given": [is_given],
            "evidence": [evidence],
        }
    )
