"""Letters to who answers for a mark: when she is named, and when it falls due. Each goes out once.

What was sent, or why nothing was, stands in the history of the mark, written in one transaction
with the letter: killed at any moment, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from zhiyin.accounts import mail
from zhiyin.accounts.access import access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import of as settings_of
from zhiyin.kernel.text import Text, _, in_language
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import Pin, PinEvent
from zhiyin.maps.pins import OVER

PROGRAM = Actor(person=None, where="background")

TOLD = "told"
"""What a letter is called in the history of a mark."""
HOUR = 8
"""A letter about a day goes out on that day from this hour on, where its reader is."""
LATE = timedelta(days=7)
"""What fell due longer ago was known before anybody looked: no letter says it now."""

WHY_NOT: dict[str, Text] = {
    "no_right": _("may not see figures any more"),
    **mail.WHY_NOT,
}
"""Why somebody was sent nothing."""


def named(pin: Pin, by: Actor) -> None:
    """Tell the owner of a mark that she was named, unless she did it herself or knows it already.

    Call it in the transaction that names her.
    """
    if pin.owner is not None and pin.owner != by.person and not _was_told(pin, {"why": "named"}):
        _tell(pin, pin.owner, {"why": "named"}, by)


def tell_due(
    workspace: str,
    *,
    between: Callable[[int, int], None] = lambda _done, _of: None,
    now: datetime | None = None,
) -> int:
    """Tell the owners of marks that have fallen due; returns how many letters were written.

    A mark that gets another day is told of once more on that day.

    Args:
        between: told how far it is, between pieces.
    """
    at = now or timezone.now()
    rows = list(_fallen_due(workspace, at))
    written = 0
    for done, pk in enumerate(rows):
        between(done, len(rows))
        with transaction.atomic():
            written += _told_due(pk, at)
    between(len(rows), len(rows))
    return written


def _fallen_due(workspace: str, at: datetime) -> list[int]:
    """The marks that are due today or were lately, somewhere on earth."""
    day = at.astimezone(UTC).date()
    found = Pin.objects.filter(
        map__workspace__slug=workspace, owner__isnull=False,
        due_on__gte=day - LATE, due_on__lte=day + timedelta(days=1),
    ).exclude(status__in=OVER)  # fmt: skip
    return list(found.order_by("pk").values_list("pk", flat=True))


def _told_due(pk: int, at: datetime) -> int:
    # Locked: a change of its owner or day, made at this moment, is seen or waits.
    pin = Pin.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if pin is None or pin.owner is None or pin.due_on is None or pin.status in OVER:
        return 0
    zone = pin.owner.timezone or pin.map.workspace.timezone
    local = at.astimezone(ZoneInfo(zone))
    is_time = local.date() > pin.due_on or (local.date() == pin.due_on and local.hour >= HOUR)
    why = {"why": "due", "due_on": pin.due_on.isoformat()}
    return _tell(pin, pin.owner, why, PROGRAM) if is_time and not _was_told(pin, why) else 0


def _was_told(pin: Pin, why: dict[str, str]) -> bool:
    """Whether its owner has had this letter."""
    if pin.owner is None:
        return False
    said = pin.events.filter(what=TOLD).values_list("after", flat=True)
    wanted = {**why, "to": pin.owner.login}
    return any(wanted.items() <= one.items() for one in said if one)


def _tell(pin: Pin, person: Person, why: dict[str, str], by: Actor) -> int:
    """Write the letter, or why there is none; returns how many letters."""
    workspace = pin.map.workspace
    why_not = _why_not(person, workspace.slug)
    if not why_not:
        language = person.language or workspace.language
        with in_language(language):
            letter = _letter(pin, why["why"])
        mail.write(to=mail.address_of(person), subject=letter[0], body=letter[1])
    after: dict[str, Any] = {**why, "to": person.login}
    if why_not:
        after["why_not"] = why_not
    PinEvent.objects.create(pin=pin, what=TOLD, after=after, by=by.name)
    return 0 if why_not else 1


def _why_not(person: Person, workspace: str) -> str:
    access = access_for(person, workspace)
    if access is None or not access.may(Right.SEE_FIGURES):
        return "no_right"
    return mail.why_not(person)


def _letter(pin: Pin, why: str) -> tuple[str, str]:
    """Subject and body, in the language of the moment."""
    workspace = settings_of(pin.map.workspace)
    where = touchpoints(pin.map).get(pin.node, pin.node)
    if why == "due":
        subject = _("Due today: {title}", title=pin.title)
        said = _("The mark “{title}” at {touchpoint} is due on {day}, and you answer for it.",
                 title=pin.title, touchpoint=where, day=pin.due_on)  # fmt: skip
    else:
        subject = _("You answer for: {title}", title=pin.title)
        said = _("You were named to answer for the mark “{title}” at {touchpoint}.",
                 title=pin.title, touchpoint=where)  # fmt: skip
    due = [_("It is due on {day}.", day=pin.due_on)] if pin.due_on and why != "due" else []
    address = reverse("pin", args=[workspace.slug, pin.map.key, pin.number])
    end = _(
        "You get this letter because you answer for a mark on a journey map of {workspace}."
        " Name somebody else there, or say how far it is.",
        workspace=workspace.name,
    )
    link = settings.ZHIYIN_PUBLIC_URL.rstrip("/") + address
    return str(subject), "\n\n".join([*map(str, [said, *due]), link, str(end)])
