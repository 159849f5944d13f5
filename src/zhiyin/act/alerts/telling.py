"""People and teams are told of alerts, each once: what is due to one of them goes in one letter, or
into the outbox as one message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from zhiyin.accounts import mail
from zhiyin.accounts.access import access_for
from zhiyin.accounts.models import Person
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.act.alerts import fired, parts, saying
from zhiyin.act.alerts.models import Alert, Notice
from zhiyin.act.channels import outbox
from zhiyin.act.channels.models import Channel
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import Text, _, in_language
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.scoped import scoped

WHY_NOT: dict[str, Text] = {
    "no_right": _("may not see it"),
    **mail.WHY_NOT,
}


def has_due(workspace: str, now: datetime | None = None) -> bool:
    """Whether somebody is to be told now."""
    return _due(workspace, now or timezone.now()).exists()


def tell(
    log: Log,
    workspace: str,
    *,
    progress: Progress = unseen,
    now: Callable[[], datetime] = timezone.now,
) -> dict[str, int]:
    """Tell who is to be told now; returns how many ``letters`` and ``messages``."""
    settings, at = settings_of(workspace), now()
    due = _due(workspace, at)
    people = list(Person.objects.filter(pk__in=due.values("person")).order_by("login"))
    channels = list(Channel.objects.filter(pk__in=due.values("channel")).order_by("pk"))
    found = {"letters": 0, "messages": 0}
    for done, person in enumerate(people):
        progress(done, len(people) + len(channels))
        found["letters"] += _tell_person(log, settings, person, at)
    for done, channel in enumerate(channels, len(people)):
        progress(done, len(people) + len(channels))
        found["messages"] += _tell_team(channel, at)
    progress(len(people) + len(channels), len(people) + len(channels))
    return found


def _due(workspace: str, at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(alert__workspace__slug=workspace, due_at__lte=at)


def _tell_person(log: Log, settings: Settings, person: Person, at: datetime) -> int:
    access = access_for(person, settings.slug)
    mine: Sequence[Alert] = ()
    if access is not None and access.may(Right.SEE_FIGURES):
        log = scoped(log, access.scope)
        numbers = _due(settings.slug, at).filter(person=person).values("alert__number")
        visible = fired.seen_by(
            fired.of(settings.slug).filter(number__in=numbers), parts.of(access), log
        ).order_by("number")
        mine = list(visible)
    why_not = _why_not(person, has_any=bool(mine))
    letter = None
    if not why_not and access is not None:
        with in_language(person.language or settings.language):
            sees_it = access.sees_personal_data and access.may(Right.SEE_CUSTOMERS)
            letter = saying.letter(log, settings, mine, sees_it=sees_it)
    told = {alert.pk for alert in mine} if letter else set()
    with transaction.atomic():
        notices = _due(settings.slug, at).select_for_update().filter(person=person)
        held = list(notices)
        now_told = [one for one in held if one.alert_id in told]
        if letter is not None and now_told:
            mail.write(to=mail.address_of(person), subject=letter[0], body=letter[1])
        for one in held:
            is_told = one.alert_id in told
            one.due_at, one.told_at = None, at if is_told else None
            one.why_not = "" if is_told else why_not or "no_right"
            one.save()
    return int(letter is not None and bool(now_told))


@transaction.atomic
def _tell_team(channel: Channel, at: datetime) -> int:
    held = list(
        _due(channel.workspace.slug, at)
        .select_for_update(of=("self",))
        .filter(channel=channel)
        .select_related("alert")
        .order_by("alert__number")
    )
    if not held:
        return 0
    numbers = [one.alert.number for one in held]
    outbox.put(
        channel=channel, kind=saying.FIRED, key=f"alerts-{held[0].pk}-{held[-1].pk}",
        about={"alerts": numbers},
    )  # fmt: skip
    Notice.objects.filter(pk__in=[one.pk for one in held]).update(due_at=None, told_at=at)
    return 1


def _why_not(person: Person, *, has_any: bool) -> str:
    if not has_any:
        return "no_right"
    return mail.why_not(person)
