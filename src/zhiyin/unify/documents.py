"""What the command line and the API say of customers, as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from zhiyin.kernel.filters import Filter
from zhiyin.unify.consent import Standing, Statement
from zhiyin.unify.customer import Customer
from zhiyin.unify.identity_rules import Rules
from zhiyin.unify.lines import Line
from zhiyin.unify.models import Erasure, MatchRun, MatchSuggestion, RightsRules, Segment
from zhiyin.unify.people import Count, Person


def customer(found: Customer, shown: Sequence[Line]) -> dict[str, Any]:
    """One customer with the head of her time line."""
    return {
        "customer": found.ids[0].id if found.ids else None,
        "name": found.name,
        "ids": [{"kind": one.kind, "id": one.id} for one in found.ids],
        "traits": dict(found.traits),
        "counts": dict(found.counts),
        "channels": dict(found.channels),
        "first_at": instant(found.first_at),
        "last_at": instant(found.last_at),
        "money": [
            {
                "currency": one.currency,
                "orders": one.orders,
                "paid": float(one.paid),
                "refunds": one.refunds,
                "refunded": float(one.refunded),
            }
            for one in found.money
        ],
        "open_issues": [
            {
                "issue": one.issue,
                "reason": one.reason,
                "since": instant(one.since),
                "contacts": one.contacts,
                "promised_until": instant(one.promised_until),
            }
            for one in found.issues
        ],
        "consents": [
            {
                "purpose": one.purpose,
                "channel": one.channel,
                "is_given": one.is_given,
                "at": instant(one.at),
            }
            for one in found.consents
        ],
        "timeline": [line(one) for one in shown],
    }


def line(one: Line) -> dict[str, Any]:
    """One line of a time line."""
    return {
        "at": instant(one.at),
        "table": one.table,
        "title": one.title,
        "detail": one.detail or None,
        "says": one.says or None,
        "amount": one.amount or None,
        "channel": one.channel or None,
        "touchpoint": one.touchpoint or None,
    }


def person(one: Person) -> dict[str, Any]:
    """One customer in a list."""
    return {
        "ids": [{"kind": held.kind, "id": held.id} for held in one.ids],
        "name": one.name,
        "tier": one.tier or None,
        "last_at": instant(one.last_at),
        "orders": one.orders,
        "spent": None if one.spent is None else float(one.spent),
        "contacts": one.contacts,
        "last_nps": one.last_nps,
    }


def segment(one: Segment) -> dict[str, Any]:
    """A saved segment."""
    return {"slug": one.slug, "name": one.name, "rule": one.rule, "is_kept": one.is_kept}


def counted(rule: Filter | None, found: Count) -> dict[str, Any]:
    """How many customers a rule chooses."""
    return {
        "rule": "" if rule is None else str(rule),
        "n": found.n,
        "of": found.of,
        "seconds": found.seconds,
    }


def suggestion(one: MatchSuggestion) -> dict[str, Any]:
    """Two ids that may be one customer, and what was decided."""
    return {
        "number": one.pk,
        "a": {"kind": one.kind_a, "id": one.id_a},
        "b": {"kind": one.kind_b, "id": one.id_b},
        "origin": one.origin,
        "weight": one.weight,
        "probability": one.probability,
        "comparison": list(one.comparison),
        "state": one.state,
        "merge_id": one.merge_id or None,
        "found_at": one.found_at,
        "decided_at": one.decided_at,
        "decided_by": one.decided_by or None,
    }


def erasure(one: Erasure) -> dict[str, Any]:
    """How far an erasure is; its receipt says what went where."""
    return {
        "number": one.number,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "reason": one.reason,
        "state": one.state,
        "unreadable_at": one.unreadable_at,
        "gone_by": one.gone_by,
        "gone_at": one.gone_at,
    }


def identity_rules(rules: Rules, last: MatchRun | None) -> dict[str, Any]:
    """By what ids are one customer, and what the last run that changed something counted."""
    ran = None if last is None else {"done_at": last.done_at, "found": last.found}
    return {**asdict(rules), "last_run": ran}


def rights_rules(held: RightsRules) -> dict[str, Any]:
    """The stated time of erasure, and what becomes of rows of erased ids."""
    return {"stated_days": held.stated_days, "erased_ids": held.erased_ids}


def retention(months: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """How long each kind of data is kept; what is not named is kept for good."""
    return [
        {"table": table, "pattern": pattern, "months": number}
        for (table, pattern), number in sorted(months.items())
    ]


def statement(said: Statement) -> dict[str, Any]:
    """One thing that a customer said about a purpose, and how it is known."""
    return {
        "purpose": said.purpose,
        "channel": said.channel,
        "is_given": said.is_given,
        "at": instant(said.said_at),
        "source": said.source,
        "evidence": said.evidence,
    }


def standing(held: Standing) -> dict[str, Any]:
    """What holds for a purpose and a channel."""
    return {
        "purpose": held.purpose,
        "channel": held.channel,
        "is_given": held.is_given,
        "at": instant(held.by.said_at),
    }


def instant(moment: datetime | None) -> str | None:
    """A naive UTC time as it is written."""
    return None if moment is None else f"{moment.isoformat()}Z"
