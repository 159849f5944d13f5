"""Suggestions that two ids are one customer: offered, accepted, rejected, never silent 合并建议."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import finding, merging
from zhiyin.unify.models import MatchSuggestion, SuggestionState
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader

MOST = 10_000
"""Pending suggestions of one origin that are kept, the strongest: nobody reads more."""

MODEL = "model"
DISAGREEMENT = "disagreement"
GUARDS = ("unknown_caller", "too_many")
"""Guards whose held links a person may decide."""


@dataclass(frozen=True, slots=True)
class Found:
    """Two ids that may be one customer.

    Args:
        key_a: own key of one id.
        key_b: own key of the other.
        origin: ``model``, ``disagreement`` or a guard's name.
        weight: match weight (log2 of the odds), where a model says.
        probability: where a model says.
        comparison: per field ``field``, ``a``, ``b``, ``level`` (``same``, ``similar``,
            ``different``, ``missing``) and ``weight``.
    """

    key_a: int
    key_b: int
    origin: str
    weight: float | None = None
    probability: float | None = None
    comparison: Sequence[dict[str, Any]] = ()


def offer(log: Log, *, workspace: str, origin: str, found: Iterable[Found]) -> int:
    """Make the pending suggestions of one origin these; what was decided is never asked again.

    Returns:
        How many wait.
    """
    place = find(workspace)
    pairs = {
        (min(f.key_a, f.key_b), max(f.key_a, f.key_b)): f
        for f in sorted(found, key=lambda one: one.weight or 0.0)
    }
    decided = set(
        MatchSuggestion.objects.filter(workspace=place)
        .exclude(state=SuggestionState.PENDING)
        .values_list("key_a", "key_b")
    ) | _said_to_be_two(log, workspace)
    ids = _ids(log, workspace, sorted({key for pair in pairs for key in pair}))
    waiting = []
    for pair, one in pairs.items():
        if pair in decided or not all(key in ids for key in pair):
            continue
        a, b = (ids[key] for key in pair)
        if a.customer == b.customer:
            continue
        turned = one.key_a != pair[0]
        waiting.append(
            MatchSuggestion(
                workspace=place,
                key_a=a.own,
                key_b=b.own,
                kind_a=a.kind,
                id_a=a.id,
                kind_b=b.kind,
                id_b=b.id,
                origin=origin,
                weight=one.weight,
                probability=one.probability,
                comparison=[_turned(c) if turned else dict(c) for c in one.comparison],
            )
        )
    waiting = sorted(waiting, key=lambda one: -(one.weight or 0.0))[:MOST]
    with transaction.atomic():
        mine = MatchSuggestion.objects.filter(workspace=place, state=SuggestionState.PENDING)
        mine.filter(origin=origin).delete()
        MatchSuggestion.objects.bulk_create(waiting, batch_size=500, ignore_conflicts=True)
        return mine.filter(origin=origin).count()


def pending(workspace: str, *, search: str = "") -> QuerySet[MatchSuggestion]:
    """What waits for a decision, the strongest first."""
    return listed(workspace, state=SuggestionState.PENDING, search=search)


def listed(workspace: str, *, state: str, search: str = "") -> QuerySet[MatchSuggestion]:
    """Suggestions in a state; `search` is part of an id."""
    rows = MatchSuggestion.objects.filter(workspace__slug=workspace, state=state)
    if search:
        rows = rows.filter(Q(id_a__icontains=search) | Q(id_b__icontains=search))
    if state == SuggestionState.PENDING:
        return rows.order_by(F("weight").desc(nulls_last=True), "pk")
    return rows.order_by("-decided_at", "-pk")


def accept(log: Log, *, by: Actor, workspace: str, pk: int) -> MatchSuggestion:
    """Say that the two are one customer.

    Raises:
        Problem: ``suggestion.no-such``, ``suggestion.decided``.
    """
    row = _pending(workspace, pk)
    a, b = _ends(log, workspace, row)
    if a.customer == b.customer:
        return _decide(row, by, SuggestionState.ACCEPTED, "")
    made = merging.merge(
        log, by=by, workspace=workspace, a=f"{a.kind}:{a.id}", b=f"{b.kind}:{b.id}",
        reason="suggestion accepted", weight=row.weight,
    )  # fmt: skip
    return _decide(row, by, SuggestionState.ACCEPTED, made.merge_id)


def reject(log: Log, *, by: Actor, workspace: str, pk: int) -> MatchSuggestion:
    """Say that the two are two people: no rule joins them, and nobody is asked again.

    Raises:
        Problem: ``suggestion.no-such``, ``suggestion.decided``.
    """
    row = _pending(workspace, pk)
    a, b = _ends(log, workspace, row)
    said = merging.say_two(
        log, by=by, workspace=workspace, one=a, other=b, reason="suggestion rejected"
    )
    return _decide(row, by, SuggestionState.REJECTED, said)


def reopen(log: Log, *, by: Actor, workspace: str, pk: int) -> MatchSuggestion:
    """Undo a decision: what it said is taken back, and the suggestion waits again.

    Raises:
        Problem: ``suggestion.no-such``.
    """
    row = MatchSuggestion.objects.filter(workspace__slug=workspace, pk=pk).first()
    if row is None:
        raise _no_such()
    if row.state == SuggestionState.PENDING:
        return row
    a, b = _ends(log, workspace, row)
    if row.merge_id:
        merging.take_back(log, by=by, workspace=workspace, one=a, other=b, of=row.merge_id)
    with transaction.atomic():
        before = row.state
        row.state, row.merge_id = SuggestionState.PENDING, ""
        row.decided_at, row.decided_by, row.decided_by_person = None, "", None
        row.save()
        audit.record(
            by=by, action="match_suggestion.reopened", subject=str(pk), workspace=workspace,
            before={"state": before},
        )  # fmt: skip
    return row


def _decide(row: MatchSuggestion, by: Actor, state: SuggestionState, fact: str) -> MatchSuggestion:
    with transaction.atomic():
        row.state, row.merge_id = state, fact
        row.decided_at, row.decided_by = timezone.now(), by.name
        row.decided_by_person = by.person
        row.save()
        audit.record(
            by=by, action=f"match_suggestion.{state.value}", subject=str(row.pk),
            workspace=row.workspace.slug, after={"merge_id": fact, "weight": row.weight},
        )  # fmt: skip
    return row


def _pending(workspace: str, pk: int) -> MatchSuggestion:
    row = (
        MatchSuggestion.objects.select_related("workspace")
        .filter(workspace__slug=workspace, pk=pk)
        .first()
    )
    if row is None:
        raise _no_such()
    if row.state != SuggestionState.PENDING:
        raise Problem(
            "suggestion.decided",
            _("Somebody has decided this suggestion already."),
            _("Look at the decided ones; a decision can be undone there."),
        )
    return row


def _no_such() -> Problem:
    return Problem(
        "suggestion.no-such",
        _("There is no such suggestion any more."),
        _("Look at the list again."),
    )


def _ends(log: Log, workspace: str, row: MatchSuggestion) -> tuple[finding.Id, finding.Id]:
    ids = finding.by_key(log, workspace, [row.key_a, row.key_b])
    if len(ids) < 2:
        raise _no_such()
    return ids[row.key_a], ids[row.key_b]


def _said_to_be_two(log: Log, workspace: str) -> set[tuple[int, int]]:
    table = lang.table(log.schema(workspace), "identities")
    codes = {word: code for code, word in log.words(workspace, "linked_by").items()}
    if "person" not in codes:
        return set()
    rows = log.execute(
        workspace,
        table.filter((table.linked_by == codes["person"]) & table.other.notnull())
        .select("customer", "other", "action", "seq")
        .order_by("seq"),
        words=True,
        reader=Reader(is_merged=False),
        seconds=600.0,
    ).to_pylist()
    last = {
        (min(r["customer"], r["other"]), max(r["customer"], r["other"])): r["action"] for r in rows
    }
    return {pair for pair, action in last.items() if action == "unlink"}


def _ids(log: Log, workspace: str, keys: list[int]) -> dict[int, finding.Id]:
    found: dict[int, finding.Id] = {}
    for first in range(0, len(keys), 5_000):
        found |= finding.by_key(log, workspace, keys[first : first + 5_000])
    return found


def _turned(compared: dict[str, Any]) -> dict[str, Any]:
    return {**compared, "a": compared["b"], "b": compared["a"]}
