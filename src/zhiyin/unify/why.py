"""Why are these one? Every reason about a customer's ids, and what a guard held back."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.kernel.text import Text, _
from zhiyin.unify import finding
from zhiyin.unify.finding import Id
from zhiyin.warehouse import joining, lang
from zhiyin.warehouse.joining import Links
from zhiyin.warehouse.log import Log, Reader

REASONS = {
    "person": _("a person said so"),
    "suggestion accepted": _("a person accepted a suggestion"),
    "suggestion rejected": _("a person rejected a suggestion"),
    "signed_in": _("signed in on this device"),
    "alias": _("named as another id by the app or site"),
    "same_email": _("the same e-mail address"),
    "same_phone": _("the same telephone number"),
}
"""Reasons that the product itself writes, for people to read."""

GUARDS = {
    "unknown_caller": _("It came over the open network, which never joins two known customers."),
    "shared_device": _("Another customer signed in on this device first."),
    "too_many": _("Too many customers would become one."),
    "two_people": _("A person said that they are two."),
}

MOST = 2000
"""So many reasons are read and shown; a customer has a few."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason about two ids, and what it comes to.

    Args:
        merge_id: the fact's id; with it the merge is undone.
        one: an id of the customer.
        other: the other id; of the same customer, or of another where it does not join.
        action: ``link``, ``unlink`` or ``withdraw``.
        reason: the word in the log.
        linked_by: ``person``, ``import``, ``rule`` or ``intake``.
        source: the source of the fact.
        occurred_at: when it was said or done (UTC).
        received_at: when the log took it (UTC).
        evidence: values compared, a note, who.
        state: ``joins``, ``agrees`` (says what is so by others already), ``void`` (a later or
            higher word stands), ``two`` (says that they are two), or ``held``.
        guard: which guard holds it back, or "".
    """

    merge_id: str
    one: Id
    other: Id
    action: str
    reason: str
    linked_by: str
    source: str
    occurred_at: datetime
    received_at: datetime
    evidence: dict[str, Any]
    state: str
    guard: str = ""

    @property
    def says(self) -> Text:
        """The reason in words."""
        if self.reason.startswith("same_") and self.reason not in REASONS:
            return _("the same {trait}", trait=self.reason.removeprefix("same_"))
        return REASONS.get(self.reason, Text("{reason}", {"reason": self.reason or "–"}))

    @property
    def held_because(self) -> Text | None:
        """Why a guard holds it back."""
        return GUARDS.get(self.guard)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "merge_id": self.merge_id,
            "a": self.one.as_dict(),
            "b": self.other.as_dict(),
            "action": self.action,
            "reason": self.reason,
            "says": str(self.says),
            "linked_by": self.linked_by,
            "source": self.source,
            "occurred_at": self.occurred_at,
            "received_at": self.received_at,
            "evidence": self.evidence,
            "state": self.state,
            "guard": self.guard or None,
            "held_because": str(self.held_because) if self.held_because else None,
        }


@dataclass(frozen=True, slots=True)
class Branch:
    """An id in the tree of a customer: what it hangs on, and by which reason.

    Args:
        id: the id.
        depth: 0 for the id that stands for the customer.
        reason: why it is one with what it hangs on; None at the root.
    """

    id: Id
    depth: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why some ids are one customer.

    Args:
        customer: the id that stands for the customer.
        tree: every id under the one that it was joined to.
        reasons: every reason about two ids of the customer, in the order of arrival.
        held: links to other customers that a guard holds back.
        apart: ids of which a person said that they are somebody else's.
    """

    customer: Id
    tree: tuple[Branch, ...]
    reasons: tuple[Reason, ...]
    held: tuple[Reason, ...]
    apart: tuple[Reason, ...] = field(default=())

    @property
    def ids(self) -> list[Id]:
        """All ids of the customer."""
        return [branch.id for branch in self.tree]

    def as_dict(self) -> dict[str, Any]:
        """The document of `zhiyin why`."""
        return {
            "customer": self.customer.written,
            "ids": [one.as_dict() for one in self.ids],
            "tree": [
                {
                    "id": branch.id.as_dict(),
                    "depth": branch.depth,
                    "merge_id": branch.reason.merge_id if branch.reason else None,
                    "joined_to": _far(branch).as_dict() if branch.reason else None,
                }
                for branch in self.tree
            ],
            "reasons": [reason.as_dict() for reason in self.reasons],
            "held": [reason.as_dict() for reason in self.held],
            "apart": [reason.as_dict() for reason in self.apart],
        }


def _far(branch: Branch) -> Id:
    reason = branch.reason
    assert reason is not None  # noqa: S101 - the caller asked
    return reason.other if reason.one.own == branch.id.own else reason.one


def explain(log: Log, *, workspace: str, written: str) -> Explanation:
    """Everything that joins the ids of the customer whom `written` names.

    Raises:
        Problem: ``customer.no-such-id``, ``customer.ambiguous-id``.
    """
    asked = finding.find(log, workspace, written)
    ids = finding.ids_of(log, workspace, asked.customer) or [asked]
    rows = _rows(log, workspace, [one.own for one in ids])
    guards = _guards(log, workspace, [one.own for one in ids])
    strangers = {row[end] for row in rows for end in ("customer", "other")} - {
        one.own for one in ids
    }
    people = {one.own: one for one in ids} | finding.by_key(log, workspace, sorted(strangers))
    mine = {one.own for one in ids}
    devices = {one.own for one in ids if one.kind == ANONYMOUS}
    states = _states(rows, mine, devices)
    reasons: dict[bool, list[Reason]] = {True: [], False: []}
    for row, state in zip(rows, states, strict=True):
        pair = _pair(row)
        if not {row["customer"], row["other"]} <= people.keys():
            continue  # the other id was erased
        guard = guards.get(pair, "") if state == "link" else ""
        shown = "held" if guard else {"link": "void"}.get(state, state)
        reasons[set(pair) <= mine].append(_reason(row, people, mine, shown, guard))
    return Explanation(
        customer=ids[0],
        tree=tuple(_tree(ids, [one for one in reasons[True] if one.state == "joins"])),
        reasons=tuple(reasons[True]),
        held=tuple(one for one in reasons[False] if one.state == "held"),
        apart=tuple(
            one for one in reasons[False] if one.state == "two" and one.linked_by == "person"
        ),
    )


def _rows(log: Log, workspace: str, keys: list[int]) -> list[dict[str, Any]]:
    table = lang.table(log.schema(workspace), "identities")
    touching = (table.customer.isin(keys) | table.other.isin(keys)) & table.other.notnull()
    columns = (
        "seq", "id", "source", "occurred_at", "received_at", "customer", "other", "action",
        "reason", "linked_by", "evidence",
    )  # fmt: skip
    query = table.filter(touching & (table.customer != table.other)).order_by("seq")
    found = log.execute(
        workspace, query.select(*columns).limit(MOST), words=True, reader=Reader(is_merged=False)
    )
    return [dict(row) for row in found.to_pylist()]


def _guards(log: Log, workspace: str, keys: list[int]) -> dict[tuple[int, int], str]:
    held = lang.held()
    found = log.execute(workspace, held.filter(held.key.isin(keys) | held.other.isin(keys)))
    return {
        (min(row["key"], row["other"]), max(row["key"], row["other"])): row["guard"]
        for row in found.to_pylist()
    }


def speaker(row: dict[str, Any]) -> int:
    """Who says so: the column, else what the reason tells."""
    if row["linked_by"] is not None:
        return joining.SPEAKERS.get(row["linked_by"], joining.IMPORT)
    return joining.SPOKEN_BY_REASON.get(row["reason"], joining.IMPORT)


def _pair(row: dict[str, Any]) -> tuple[int, int]:
    return min(row["customer"], row["other"]), max(row["customer"], row["other"])


def _states(rows: list[dict[str, Any]], mine: set[int], devices: set[int]) -> list[str]:
    """Per row: ``joins``, ``agrees``, ``link`` (stands, to a stranger), ``two`` or ``void``."""
    last: dict[tuple[Any, ...], int] = {}
    for place, row in enumerate(rows):
        last[_word(row)] = place
    standing: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place in last.values():
        standing[_pair(rows[place])].append(place)
    states = ["void"] * len(rows)
    links = []
    for places in standing.values():
        highest = [p for p in places if _cuts(rows[p])]
        cut = min((speaker(rows[p]) for p in highest), default=9)
        for place in highest:
            states[place] = "two" if speaker(rows[place]) == cut else "void"
        standing_links = [
            p for p in places if rows[p]["action"] == "link" and speaker(rows[p]) < cut
        ]
        if standing_links and highest:
            for place in highest:
                states[place] = "void"
        links += standing_links
    links.sort(
        key=lambda place: (
            speaker(rows[place]) != joining.PERSON,
            not devices.isdisjoint(_pair(rows[place])),
            rows[place]["seq"],
        )
    )
    keys = {key: place for place, key in enumerate(sorted(mine))}
    inside = [p for p in links if set(_pair(rows[p])) <= mine]
    for place in links:
        states[place] = "link"
    none = np.zeros(0, np.int64)
    ends = np.array([[keys[e] for e in _pair(rows[p])] for p in inside], np.int64).reshape(-1, 2)
    # The ids are one already: which of the links joined them is a spanning tree.
    by = np.full(len(inside), joining.PERSON, np.int8)
    _root, verdict = joining.joined(
        Links(ends[:, 0], ends[:, 1], by, (none, none)), np.ones(len(keys), np.bool_)
    )
    for place, what in zip(inside, verdict, strict=True):
        states[place] = "agrees" if what == joining.AGREES else "joins"
    return states


def _word(row: dict[str, Any]) -> tuple[Any, ...]:
    by = speaker(row)
    return (*_pair(row), by, row["reason"] if by == joining.RULE else "")


def _cuts(row: dict[str, Any]) -> bool:
    return row["action"] == "unlink" and speaker(row) < joining.RULE


def _reason(
    row: dict[str, Any], people: dict[int, Id], mine: set[int], state: str, guard: str
) -> Reason:
    ends = [people[row["customer"]], people[row["other"]]]
    ends.sort(key=lambda one: one.own not in mine)
    try:
        evidence = json.loads(row["evidence"] or "{}")
    except ValueError:
        evidence = {}
    names = {number: name for name, number in joining.SPEAKERS.items()}
    return Reason(
        merge_id=row["id"],
        one=ends[0],
        other=ends[1],
        action=row["action"] or "",
        reason=row["reason"] or "",
        linked_by=names[speaker(row)],
        source=row["source"],
        occurred_at=row["occurred_at"],
        received_at=row["received_at"],
        evidence=evidence if isinstance(evidence, dict) else {"said": evidence},
        state=state,
        guard=guard,
    )


def _tree(ids: list[Id], joins: list[Reason]) -> list[Branch]:
    near: dict[int, list[Reason]] = defaultdict(list)
    for link in joins:
        near[link.one.own].append(link)
        near[link.other.own].append(link)
    left = {one.own: one for one in ids}
    found: list[Branch] = []
    waiting: list[tuple[int, int, Reason | None]] = []
    for root in ids:
        if root.own in left:
            waiting.append((root.own, 0, None))
        while waiting:
            key, depth, reason = waiting.pop()
            if key not in left:
                continue
            found.append(Branch(left.pop(key), depth, reason))
            for link in near[key][::-1]:
                far = link.other if link.one.own == key else link.one
                waiting.append((far.own, depth + 1, link))
    return found
