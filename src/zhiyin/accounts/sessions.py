"""Where a person is signed in: each browser, since when, last seen; ended one by one or all others.

Django keeps the sessions themselves. What is here beside them is for her eyes, and is brought up
to date every few minutes of use and not at each request.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import OpenSession, Person

BROWSERS = (
    ("MicroMessenger/", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("OpenHarmony", "HarmonyOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
"""What a browser's ``User-Agent`` holds, and its name; the first that is there counts."""


def browser_of(agent: str) -> str:
    """The names of browser and system in a ``User-Agent``; blank where none is known.

    >>> browser_of("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36")
    'Chrome, Windows'
    """
    found = [
        next((name for mark, name in names if mark in agent), "") for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in found if name)


def seen(person: Person, *, key: str, number: int, where: str, agent: str) -> int:
    """Write down that a session is used, or that it began.

    Args:
        key: of Django's session.
        number: what an earlier call gave for it; 0 where there was none.

    Returns:
        Its number.
    """
    browser = browser_of(re.sub(r"\s+", " ", agent))
    at = timezone.now()
    now: dict[str, Any] = {"seen_at": at, "where": where, "browser": browser}
    mine = OpenSession.objects.filter(person=person, pk=number)
    if number and mine.update(session_key=key, **now):
        return number
    # Two requests of a new session at once, or one that failed before: both find the same row.
    found, _is_new = OpenSession.objects.update_or_create(
        session_key=key,
        defaults={"person": person, **now},
        create_defaults={"person": person, "begun_at": at, **now},
    )
    return int(found.pk)


def of(person: Person) -> list[OpenSession]:
    """Where a person is signed in, last seen first."""
    return list(OpenSession.objects.filter(person=person, session_key__in=_alive()))


@transaction.atomic
def end(*, by: Actor, person: Person, number: int) -> bool:
    """Sign a person out of one browser; whether she was signed in there."""
    found = OpenSession.objects.filter(person=person, pk=number).first()
    if found is None:
        return False
    audit.record(
        by=by, action="session.ended", subject=person.login,
        before={"where": found.where, "browser": found.browser},
    )  # fmt: skip
    _end([found])
    return True


@transaction.atomic
def end_others(*, by: Actor, person: Person, key: str) -> int:
    """Sign a person out everywhere but in the session `key`; returns out of how many."""
    others = [one for one in of(person) if one.session_key != key]
    if others:
        audit.record(
            by=by, action="session.ended", subject=person.login, before={"others": len(others)},
        )  # fmt: skip
        _end(others)
    return len(others)


def forget(person: Person, *, but: str = "") -> None:
    """End what is open, in the transaction of what ended it, such as another password.

    Args:
        but: the key of the session that goes on.
    """
    _end(list(OpenSession.objects.filter(person=person).exclude(session_key=but)))


def forget_ended() -> int:
    """Drop what stands here of sessions that have run out; how many."""
    count, _by_model = OpenSession.objects.exclude(session_key__in=_alive()).delete()
    return count


def _alive() -> Any:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def _end(found: list[OpenSession]) -> None:
    Session.objects.filter(session_key__in=[one.session_key for one in found]).delete()
    OpenSession.objects.filter(pk__in=[one.pk for one in found]).delete()
