"""How cases show and forget a customer: a case about her stays as a number, its texts go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from zhiyin.accounts.models import Mail
from zhiyin.act.cases.models import Case, CaseStep
from zhiyin.kernel.masking import HIDDEN
from zhiyin.kernel.text import _
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her

WRITTEN = ("title", "says")
"""What people write, in the history of a case."""


def register_all() -> None:
    """Called when the room starts."""
    note = _("cases stay as numbers; their titles, notes and messages are gone")
    register("model", "cases.Case", Eraser(show_cases, erase_cases, note))
    register("model", "cases.CaseStep", Eraser(show_steps, erase_steps))
    register("model", "accounts.Mail", Eraser(show_letters, erase_letters))


def show_cases(her: Her) -> list[dict[str, Any]]:
    """Cases about her, and those whose title names her."""
    return [
        {
            "case": one.number, "kind": one.kind, "title": one.title, "status": one.status,
            "opened_at": one.opened_at.isoformat(),
            "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        }
        for one in (*_about(her), *_naming(her))
    ]  # fmt: skip


def show_steps(her: Her) -> list[dict[str, Any]]:
    """What was written of her, and to her."""
    return [
        {"case": one.case.number, "what": one.what, "text": one.says, "at": one.at.isoformat()}
        for one in (*_steps_about(her), *_steps_naming(her))
    ]


def erase_steps(her: Her) -> int:
    """Take what was written in cases about her, and hide her names elsewhere; returns how many."""
    count = 0
    for one in _steps_about(her):
        if one.says not in ("", HIDDEN) or _titles(one):
            one.says = HIDDEN if one.says else ""
            one.before, one.after = _without(one.before), _without(one.after)
            one.save(update_fields=["says", "before", "after"])
            count += 1
    for one in _steps_naming(her):
        one.says, one.before, one.after = _hidden(one, her)
        one.save(update_fields=["says", "before", "after"])
        count += 1
    return count


def erase_cases(her: Her) -> int:
    """Let no case be about her any more; returns how many were, or named her.

    Steps go first: they are found by the case.
    """
    erase_steps(her)
    count = 0
    for one in _about(her):
        one.title, one.customer = HIDDEN, None
        one.save(update_fields=["title", "customer"])
        count += 1
    for one in _naming(her):
        one.title = her.hidden_in(one.title)
        one.save(update_fields=["title"])
        count += 1
    return count


def show_letters(her: Her) -> list[dict[str, Any]]:
    """Letters to her that have not been sent, or were lately."""
    return [
        {"subject": one.subject, "text": one.body, "at": one.created_at.isoformat()}
        for one in _letters(her)
    ]


def erase_letters(her: Her) -> int:
    """Take them away; returns how many."""
    count, _by_model = _letters(her).delete()
    return count


def _about(her: Her) -> list[Case]:
    return list(Case.objects.filter(workspace__slug=her.workspace, customer__in=her.keys))


def _naming(her: Her) -> Iterator[Case]:
    """Cases about somebody else, or nobody, whose title names her."""
    held = Case.objects.filter(workspace__slug=her.workspace).exclude(customer__in=her.keys)
    for one in held.iterator():
        if her.hidden_in(one.title) != one.title:
            yield one


def _steps_about(her: Her) -> list[CaseStep]:
    found = CaseStep.objects.filter(
        case__workspace__slug=her.workspace, case__customer__in=her.keys
    )
    return list(found.select_related("case"))


def _steps_naming(her: Her) -> Iterator[CaseStep]:
    held = CaseStep.objects.filter(case__workspace__slug=her.workspace)
    for one in held.exclude(case__customer__in=her.keys).select_related("case").iterator():
        if _hidden(one, her) != (one.says, one.before, one.after):
            yield one


def _letters(her: Her) -> QuerySet[Mail]:
    # A workspace's letters are not told apart in the store: by hers, through its cases.
    sent = CaseStep.objects.filter(case__workspace__slug=her.workspace, what="wrote")
    numbers = [one["mail"] for one in sent.values_list("after", flat=True) if one and "mail" in one]
    mine = {one.casefold() for one in her.contacts} | {one.id.casefold() for one in her.ids}
    found = Mail.objects.filter(pk__in=numbers)
    return Mail.objects.filter(pk__in=[one.pk for one in found if one.to.casefold() in mine])


def _titles(one: CaseStep) -> bool:
    return any(held and held.get("title", HIDDEN) != HIDDEN for held in (one.before, one.after))


def _without(held: Any) -> Any:
    if not isinstance(held, dict):
        return held
    return {name: HIDDEN if name in WRITTEN and one else one for name, one in held.items()}


def _hidden(one: CaseStep, her: Her) -> tuple[str, Any, Any]:
    """What an entry says, and what was before and after it, with her names hidden."""
    return (
        her.hidden_in(one.says),
        her.hidden_in_fields(one.before, WRITTEN),
        her.hidden_in_fields(one.after, WRITTEN),
    )
