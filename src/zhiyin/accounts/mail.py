"""Letters to people who work here: written into the store with what they are about, sent after."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from zhiyin.accounts.models import Mail, Person
from zhiyin.kernel.text import Text, _

TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
"""Doubled after each failure: the last try is some four hours after the first."""

KEPT = timedelta(days=30)
AT_ONCE = 50

_log = logging.getLogger("zhiyin.mail")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along with a letter.

    Args:
        name: of the file.
        kind: its media type.
    """

    name: str
    kind: str
    held: bytes


_ATTACHING: list[Callable[[Mail], list[Attachment]]] = []


def attach_with(found: Callable[[Mail], list[Attachment]]) -> None:
    """Have a room say what its letters carry; called when the room starts.

    It is asked when a letter goes out, so that nothing is kept twice and what was erased
    meanwhile stays behind.
    """
    _ATTACHING.append(found)


def is_set_up() -> bool:
    """Whether the installation has a server to send mail through."""
    return bool(settings.EMAIL_HOST)


WHY_NOT: dict[str, Text] = {
    "no_address": _("has no e-mail address"),
    "no_server": _("no mail server is set up"),
}
"""Why a letter to somebody who works here cannot be sent."""


def address_of(person: Person) -> str:
    """Where letters to somebody who works here go; blank where none can."""
    return person.email or (person.login if "@" in person.login else "")


def why_not(person: Person) -> str:
    """Why no letter can be sent to her, a key of `WHY_NOT`; blank where one can."""
    if not address_of(person):
        return "no_address"
    return "" if is_set_up() else "no_server"


def trouble() -> str:
    """Why the mail server takes no letter now; blank where it would."""
    try:
        with get_connection(fail_silently=False):
            return ""
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"


def given_up() -> int:
    """Letters that were tried as often as they are, and never went out."""
    return Mail.objects.filter(next_try_at=None, sent_at=None).count()


def write(*, to: str, subject: str, body: str) -> Mail:
    """Put a letter on its way. Call it inside the transaction of what it is about."""
    at = timezone.now()
    # A line break in a subject would begin another header.
    plain = " ".join(subject.split())[:200]
    return Mail.objects.create(to=to, subject=plain, body=body, created_at=at, next_try_at=at)


def wrote_lately(to: str) -> bool:
    """Whether a letter to this address was put on its way in the last two minutes."""
    since = timezone.now() - timedelta(minutes=2)
    return Mail.objects.filter(to=to, created_at__gt=since).exists()


def send_waiting(now: datetime | None = None) -> int:
    """Send what is due; returns how many letters went out. One that fails is tried again later."""
    at = now or timezone.now()
    if not is_set_up():
        return 0
    due = Mail.objects.filter(next_try_at__lte=at).order_by("next_try_at")[:AT_ONCE]
    sent = 0
    for letter in list(due):
        try:
            _message(letter).send()
        except (OSError, smtplib.SMTPException) as error:
            _failed(letter, error, at)
        else:
            letter.sent_at, letter.next_try_at, letter.trouble = at, None, ""
            letter.body = ""
            letter.save()
            sent += 1
    return sent


def remove_old(now: datetime | None = None) -> int:
    """Remove letters that were sent, or given up, long ago; returns how many."""
    oldest = (now or timezone.now()) - KEPT
    count, _by_model = Mail.objects.filter(next_try_at=None, created_at__lt=oldest).delete()
    return count


def _message(letter: Mail) -> EmailMessage:
    made = EmailMessage(letter.subject, letter.body, to=[letter.to])
    for found in _ATTACHING:
        for one in found(letter):
            made.attach(one.name, one.held, one.kind)
    return made


def _failed(letter: Mail, error: Exception, at: datetime) -> None:
    letter.tries += 1
    # What a server answers may quote the address: only its kind and number are kept.
    number = getattr(error, "smtp_code", "")
    letter.trouble = f"{type(error).__name__} {number}".strip()
    is_last = letter.tries >= TRIES or isinstance(error, smtplib.SMTPRecipientsRefused)
    wait = FIRST_WAIT * 2 ** (letter.tries - 1)
    letter.next_try_at = None if is_last else at + wait
    letter.save()
    _log.error("letter %d, try %d: %s", letter.pk, letter.tries, letter.trouble)
