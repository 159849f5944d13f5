"""Identity merges: made by a person, explained, and undone 身份合并."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.kernel.text import _
from zhiyin.unify import finding
from zhiyin.unify.finding import Id
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader

SOURCE = "identity"
"""The log's `source` of every reason that is made here."""

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was made.

    Args:
        merge_id: with which it is undone.
        customer: the id that stands for the customer.
        ids: all ids of the customer, that one first.
    """

    merge_id: str
    customer: Id
    ids: tuple[Id, ...]

    def as_dict(self) -> dict[str, Any]:
        """The document of `zhiyin merge`."""
        return {
            "merge_id": self.merge_id,
            "customer": self.customer.written,
            "ids": [one.as_dict() for one in self.ids],
        }


@dataclass(frozen=True, slots=True)
class Undone:
    """A merge that was undone.

    Args:
        merge_id: that which was undone.
        customers: what the two ids name now.
        is_still_one: other people's merges keep them together.
    """

    merge_id: str
    customers: tuple[Id, Id]
    is_still_one: bool

    def as_dict(self) -> dict[str, Any]:
        """The document of `zhiyin unmerge`."""
        return {
            "merge_id": self.merge_id,
            "customers": [one.written for one in self.customers],
            "is_still_one": self.is_still_one,
        }


def merge(
    log: Log,
    *,
    by: Actor,
    workspace: str,
    a: str,
    b: str,
    note: str = "",
    reason: str = PERSON,
    weight: float | None = None,
) -> Merge:
    """Say that the ids `a` and `b` are one customer.

    Args:
        log: the experience log.
        by: who says so.
        workspace: slug.
        a: ``ID`` or ``kind:ID``.
        b: the other.
        note: why, for those who ask later.
        reason: the word in the log.
        weight: match weight, where a model suggested it.

    Raises:
        Problem: ``customer.no-such-id``, ``customer.ambiguous-id``, ``merge.already-one``.
    """
    one, other = (finding.find(log, workspace, written) for written in (a, b))
    if one.customer == other.customer:
        raise Problem(
            "merge.already-one",
            _("{a} and {b} are one customer already.", a=one.written, b=other.written),
            _("`zhiyin why {a}` says why.", a=one.written),
        )
    one, other = (_known(log, workspace, end) for end in (one, other))
    merge_id = f"m-{uuid.uuid4().hex[:16]}"
    with transaction.atomic():
        # No ids in it: the audit trail outlives an erasure, and the fact names them.
        audit.record(
            by=by,
            action="customers.merged",
            subject=merge_id,
            workspace=workspace,
            after={"reason": reason, "has_note": bool(note)},
        )
        ground = {"by": by.name, "note": note}
        _say(log, workspace, merge_id, "link", one, other, reason, ground, weight)
    ids = finding.ids_of(log, workspace, min(one.customer, other.customer))
    return Merge(merge_id, ids[0], tuple(ids))


def _known(log: Log, workspace: str, one: Id) -> Id:
    """A known id of the customer: a device that a person links would leave its customer."""
    return finding.ids_of(log, workspace, one.customer)[0] if one.kind == ANONYMOUS else one


def unmerge(log: Log, *, by: Actor, workspace: str, merge_id: str) -> Undone:
    """Undo a merge, whoever made it: the two ids are said to be two, and no rule joins them again.

    Raises:
        Problem: ``merge.no-such-merge``, ``merge.already-undone``.
    """
    table = lang.table(log.schema(workspace), "identities")
    unmerged = Reader(is_merged=False)
    columns = ("seq", "id", "source", "customer", "other", "action", "linked_by", "reason")
    rows = log.execute(
        workspace,
        table.filter((table.id == merge_id) & table.other.notnull()).select(*columns),
        words=True,
        reader=unmerged,
    ).to_pylist()
    links = [row for row in rows if row["action"] == "link"]
    if not links:
        raise Problem(
            "merge.no-such-merge",
            _("There is no merge {id} in this workspace.", id=merge_id),
            _("`zhiyin why ID` lists the merges of a customer."),
        )
    link = min(links, key=lambda row: row["source"] != SOURCE)
    ends = sorted((link["customer"], link["other"]))
    said = log.execute(
        workspace,
        table.filter(table.customer.isin(ends) & table.other.isin(ends)).select(*columns),
        words=True,
        reader=unmerged,
    ).to_pylist()
    mine = [row for row in said if row["linked_by"] == PERSON]
    if mine and max(mine, key=lambda row: row["seq"])["action"] == "unlink":
        raise Problem(
            "merge.already-undone",
            _("The merge {id} is undone already.", id=merge_id),
            _("`zhiyin merge A B` joins the two again."),
        )
    ids = finding.by_key(log, workspace, ends)
    one, other = ids[link["customer"]], ids[link["other"]]
    undoing = f"u-{uuid.uuid4().hex[:16]}"
    with transaction.atomic():
        audit.record(
            by=by,
            action="customers.unmerged",
            subject=merge_id,
            workspace=workspace,
            after={"by": undoing},
        )
        ground = {"by": by.name, "undoes": merge_id}
        _say(log, workspace, undoing, "unlink", one, other, PERSON, ground)
    now_ids = finding.by_key(log, workspace, ends)
    leads = [finding.ids_of(log, workspace, now_ids[end].customer)[0] for end in ends]
    return Undone(merge_id, (leads[0], leads[1]), leads[0].own == leads[1].own)


def say_two(log: Log, *, by: Actor, workspace: str, one: Id, other: Id, reason: str) -> str:
    """Say that two ids are two people; returns the id of the fact. The caller audits."""
    said = f"u-{uuid.uuid4().hex[:16]}"
    _say(log, workspace, said, "unlink", one, other, reason, {"by": by.name})
    return said


def take_back(log: Log, *, by: Actor, workspace: str, one: Id, other: Id, of: str) -> None:
    """Take a person's last word on two ids back, as if it had not been said."""
    ground = {"by": by.name, "takes_back": of}
    _say(log, workspace, f"w-{uuid.uuid4().hex[:16]}", "withdraw", one, other, PERSON, ground)


def _say(
    log: Log,
    workspace: str,
    fact: str,
    action: str,
    one: Id,
    other: Id,
    reason: str,
    ground: dict[str, str],
    weight: float | None = None,
) -> None:
    row = {
        "row": 0,
        "id": fact,
        "occurred_at": now(),
        "customer": one.id,
        "customer_kind": one.kind,
        "other": other.id,
        "other_kind": other.kind,
        "action": action,
        "reason": reason,
        "weight": weight,
        "linked_by": PERSON,
        "evidence": json.dumps({k: v for k, v in ground.items() if v}, ensure_ascii=False),
    }
    with log.begin(workspace, source=SOURCE, label=action) as batch:
        table = pa.Table.from_pylist([row]).drop_columns(["weight"])
        batch.write("identities", table.append_column("weight", pa.array([weight], pa.float64())))
        batch.commit()
