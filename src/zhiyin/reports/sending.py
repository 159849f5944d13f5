"""Reports whose time has come: published for each scope among their readers, and sent once.

Killed at any moment, it goes on where it was: a time is one row, an edition is one for each scope
of a time, a letter is one for each person of a time, written with its mail in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import mail
from zhiyin.accounts.access import Access, access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.accounts.rights import Right
from zhiyin.kernel.filters import Filter, render
from zhiyin.kernel.text import Text, _
from zhiyin.reports import editions, letters, schedules
from zhiyin.reports.models import Edition, Letter, Report, Schedule, Sending
from zhiyin.warehouse.log import Log

PROGRAM = Actor(person=None, where="background")

WHY_NOT: dict[str, Text] = {
    "no_right": _("may not see figures any more"),
    **mail.WHY_NOT,
    "empty": _("there was nothing in the report"),
}
"""Why somebody was sent nothing."""


def send_due(
    workspace: str,
    log: Log,
    data: Path,
    *,
    between: Callable[[int, int], None] = lambda _done, _of: None,
    now: datetime | None = None,
) -> tuple[int, int]:
    """Publish and send every report of a workspace whose time has come.

    Args:
        between: told how far it is, between pieces.

    Returns:
        How many reports, and how many letters.
    """
    at = now or timezone.now()
    due = [sending for one in _schedules(workspace) if (sending := _begun(one, at)) is not None]
    written = 0
    for done, sending in enumerate(due):
        between(done, len(due))
        written += _send(sending, log, data)
    between(len(due), len(due))
    return len(due), written


def _schedules(workspace: str) -> list[Schedule]:
    found = Schedule.objects.filter(report__workspace__slug=workspace)
    return list(found.select_related("report__workspace").order_by("pk"))


def _begun(schedule: Schedule, now: datetime) -> Sending | None:
    """The time that has come and is not done, written down; None where there is none."""
    due_at = schedules.last_due(schedule, schedule.report.workspace.timezone, now)
    if due_at is None:
        return None
    sending, _is_new = Sending.objects.get_or_create(report=schedule.report, due_at=due_at)
    return sending if sending.done_at is None else None


def _send(sending: Sending, log: Log, data: Path) -> int:
    report = Report.objects.select_related("workspace", "schedule").get(pk=sending.report_id)
    written = 0
    for member in report.schedule.to.select_related("person"):
        if not sending.letters.filter(person=member.person).exists():
            written += _send_to(sending, report, member.person, log, data)
    Sending.objects.filter(pk=sending.pk).update(done_at=timezone.now())
    return written


def _send_to(sending: Sending, report: Report, person: Person, log: Log, data: Path) -> int:
    """A letter to one person, or why there is none; returns how many letters."""
    access = access_for(person, report.workspace.slug)
    why_not = _why_not(report, person, access)
    if why_not or access is None:
        Letter.objects.create(sending=sending, person=person, why_not=why_not)
        return 0
    edition = _edition(sending, report, access.scope, log, data)
    language = person.language or report.language
    attaches = report.schedule.attaches
    with transaction.atomic():
        written = mail.write(
            to=mail.address_of(person),
            subject=letters.subject(edition, language),
            body=letters.body(edition, language, attaches=attaches),
        )
        Letter.objects.create(
            sending=sending, person=person, edition=edition, mail=written, attaches=attaches,
            is_masked=not access.sees_personal_data,
        )  # fmt: skip
    return 1


def _why_not(report: Report, person: Person, access: Access | None) -> str:
    if access is None or not access.may(Right.SEE_FIGURES):
        return "no_right"
    if not report.blocks:
        return "empty"
    return mail.why_not(person)


def _edition(
    sending: Sending, report: Report, scope: Filter | None, log: Log, data: Path
) -> Edition:
    """The edition of this time for readers of a scope: the one that is there, else a new one."""
    said = "" if scope is None else render(scope)
    held = sending.editions.filter(scope=said).select_related("report__workspace").first()
    return held or editions.publish(
        by=PROGRAM, report=report, log=log, data=data, scope=scope, sending=sending
    )


def past(report: Report) -> list[Sending]:
    """The times at which a report was sent, the newest first, with their letters."""
    found = report.sendings.prefetch_related("letters__person", "letters__mail", "letters__edition")
    return list(found[:50])


def as_dict(one: Sending) -> dict[str, Any]:
    """One time at which a report was sent as the API writes it."""
    return {
        "due_at": one.due_at,
        "done_at": one.done_at,
        "letters": [
            {
                "login": letter.person.login,
                "edition": letter.edition.number if letter.edition else None,
                "became": str(became(letter)),
            }
            for letter in one.letters.all()
        ],
    }


def became(letter: Letter) -> Text:
    """What became of a letter, in words."""
    if letter.why_not:
        return WHY_NOT[letter.why_not]
    if letter.mail is None:
        return _("sent; the letter itself is kept no longer")
    if letter.mail.sent_at is not None:
        return _("sent")
    if letter.mail.next_try_at is None:
        return _("given up: {trouble}", trouble=letter.mail.trouble)
    if letter.mail.trouble:
        return _("tried again later: {trouble}", trouble=letter.mail.trouble)
    return _("on its way")
