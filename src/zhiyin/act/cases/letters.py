"""Letters to who has a case: when it is given to her, and when it is overdue. Each goes out once.

What was sent, or why nothing was, stands in the history of the case, written in one transaction
with the letter: killed at any moment, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from zhiyin.accounts import mail
from zhiyin.accounts.access import Access, access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act.cases import kept
from zhiyin.act.cases.kept import TOLD
from zhiyin.act.cases.models import Case, CaseStep
from zhiyin.kernel import clock, masking
from zhiyin.kernel.text import Text, _, in_language

PROGRAM = Actor(person=None, where="background")

LATE = timedelta(days=7)
"""What fell due longer ago was known before anybody looked: no letter says it now."""

WHY_NOT: Mapping[str, Text] = {
    "no_right": _("may not work on cases any more"),
    **mail.WHY_NOT,
}
"""Why somebody was sent nothing."""


def named(case: Case, by: Actor) -> None:
    """Tell who has a case that it was given to her, unless she took it herself.

    Call it in the transaction that gives it to her.
    """
    if case.owner is not None and case.owner != by.person:
        _tell(case, case.owner, {"why": "named"}, by)


def tell_overdue(
    workspace: str,
    *,
    between: Callable[[int, int], None] = lambda _done, _of: None,
    now: datetime | None = None,
) -> int:
    """Tell who has a case that it is overdue; returns how many letters were written.

    A case that gets another time is told of once more when that has passed.

    Args:
        between: told how far it is, between pieces.
        now: UTC, naive.
    """
    at = now or clock.now()
    rows = list(_overdue(workspace, at))
    written = 0
    for done, pk in enumerate(rows):
        between(done, len(rows))
        with transaction.atomic():
            written += _told_overdue(pk, at)
    between(len(rows), len(rows))
    return written


def _overdue(workspace: str, at: datetime) -> list[int]:
    moment = at.replace(tzinfo=UTC)
    found = Case.objects.filter(
        kept.is_due(settings_of(workspace), "overdue"), workspace__slug=workspace,
        owner__isnull=False, due_at__gte=moment - LATE, due_at__lt=moment,
    )  # fmt: skip
    return list(found.order_by("pk").values_list("pk", flat=True))


def _told_overdue(pk: int, at: datetime) -> int:
    # Locked: a change of its owner or time, made at this moment, is seen or waits.
    found = Case.objects.select_for_update(of=("self",)).select_related("workspace", "owner")
    case = found.filter(pk=pk).first()
    if case is None or case.owner is None or not kept.is_overdue(case, at):
        return 0
    why = {"why": "overdue", "due_at": case.due_at.isoformat()}
    return 0 if _was_told(case, why) else _tell(case, case.owner, why, PROGRAM)


def _was_told(case: Case, why: Mapping[str, str]) -> bool:
    """Whether who has it has had this letter."""
    wanted = {**why, "to": case.owner.login if case.owner else ""}
    said = case.steps.filter(what=TOLD).values_list("after", flat=True)
    return any(wanted.items() <= one.items() for one in said if one)


def _tell(case: Case, person: Person, why: dict[str, str], by: Actor) -> int:
    """Write the letter, or why there is none; returns how many letters."""
    access = access_for(person, case.workspace.slug)
    why_not = _why_not(person, access)
    if access is not None and not why_not:
        with in_language(person.language or case.workspace.language):
            subject, body = _letter(case, person, access, why["why"])
        mail.write(to=mail.address_of(person), subject=subject, body=body)
    after: dict[str, Any] = {**why, "to": person.login}
    if why_not:
        after["why_not"] = why_not
    CaseStep.objects.create(
        case=case, what=TOLD, after=after, by=by.name, at=clock.now().replace(tzinfo=UTC)
    )
    return 0 if why_not else 1


def _why_not(person: Person, access: Access | None) -> str:
    if access is None or not access.may(Right.WORK_CASES):
        return "no_right"
    return mail.why_not(person)


def _letter(case: Case, person: Person, access: Access, why: str) -> tuple[str, str]:
    """Subject and body, in the language of the moment. No words of a customer leave by mail."""
    title = case.title if access.sees_personal_data else masking.in_text(case.title)
    zone = ZoneInfo(person.timezone or case.workspace.timezone)
    due = f"{case.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
    if why == "overdue":
        subject = _("Overdue: case {number}, {title}", number=case.number, title=title)
        said = _("Case {number} “{title}” was due at {due}, and you have it.",
                 number=case.number, title=title, due=due)  # fmt: skip
    else:
        subject = _("Case {number} is yours: {title}", number=case.number, title=title)
        said = _("Case {number} “{title}” was given to you. It is due at {due}.",
                 number=case.number, title=title, due=due)  # fmt: skip
    address = reverse("case", args=[case.workspace.slug, case.number])
    end = _("You get this letter because you have a case in {workspace}. Say there how far it is,"
            " or give it to somebody else.", workspace=case.workspace.name)  # fmt: skip
    link = settings.ZHIYIN_PUBLIC_URL.rstrip("/") + address
    return str(subject), "\n\n".join([str(said), link, str(end)])
