"""Passkeys (WebAuthn): a key that a telephone, a computer or a stick holds, and shows to nobody.

A passkey signs in by itself, since its holder has shown a finger or a PIN to the device; after a
password it is a second step. The protocol is allauth's and fido2's; the challenge stands in the
session of the request that allauth's middleware knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit, second_step
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Person
from zhiyin.accounts.second_step import PASSKEY
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST = 20
"""So many passkeys one person has."""

REFUSALS = (ValidationError, InvalidSignature, ValueError, TypeError, KeyError, AttributeError)
"""What the libraries raise for an answer that is wrong or no answer at all."""

Options = Mapping[str, Any]
"""What a browser is asked, as its ``parse…OptionsFromJSON`` reads it."""


class Passkey:
    """One passkey of a person, as a page shows it."""

    def __init__(self, stored: Authenticator) -> None:
        self.number: int = stored.pk
        self.name: str = stored.wrap().name
        self.created_at: datetime = stored.created_at
        self.last_used_at: datetime | None = stored.last_used_at


def of(person: Person) -> list[Passkey]:
    """The passkeys of a person, the oldest first."""
    return [Passkey(one) for one in _stored(person).order_by("pk")]


def one_of(person: Person, number: int) -> Passkey | None:
    """One passkey of this person; None where it is not hers."""
    return next((one for one in of(person) if one.number == number), None)


def to_add(person: Person) -> Options:
    """What the browser is asked to make a passkey with; it asks for a finger or a PIN."""
    options: Options = auth.begin_registration(person, passwordless=True)
    return options


def to_enter(person: Person | None = None) -> Options:
    """What the browser is asked to sign in with.

    Args:
        person: who has given her password already; None lets any passkey of this site answer.
    """
    options: Options = auth.begin_authentication(person)
    return options


@transaction.atomic
def add(*, by: Actor, person: Person, name: str, answer: str) -> list[str]:
    """Keep a passkey that the browser has made.

    Args:
        answer: the browser's answer to `to_add`, as JSON.

    Returns:
        Recovery codes, to be shown once; none where there are some from before.

    Raises:
        Problem: ``passkey.refused``, ``passkey.too-many``.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    if _stored(person).count() >= MOST:
        raise Problem(
            "passkey.too-many",
            _("You have {n} passkeys, and no more are kept.", n=MOST),
            _("Remove one first."),
        )
    try:
        credential = json.loads(answer)
        auth.parse_registration_response(credential)
        if not auth.complete_registration(credential).is_user_verified():
            raise refused()
    except REFUSALS as error:
        raise refused() from error
    finally:
        auth.clear_state()
    named = _named(name)
    auth.WebAuthn.add(person, named, credential)
    return second_step.began(by=by, person=person, way=f"passkey {named}")


@transaction.atomic
def rename(*, by: Actor, person: Person, number: int, name: str) -> None:
    """Call a passkey otherwise."""
    stored = _stored(person).select_for_update().get(pk=number)
    before, after = stored.wrap().name, _named(name)
    if before == after:
        return
    stored.wrap().name = after
    stored.save()
    audit.record(
        by=by, action="passkey.renamed", subject=person.login,
        before={"name": before}, after={"name": after},
    )  # fmt: skip


@transaction.atomic
def remove(*, by: Actor, person: Person, number: int) -> None:
    """Let a passkey sign nobody in any longer.

    Raises:
        Problem: ``second-step.required``.
    """
    found = _stored(person).filter(pk=number)
    names = [one.wrap().name for one in found]
    second_step.ended(by=by, person=person, found=found, way=f"passkey {''.join(names)}")


def who(answer: str) -> Person:
    """Who signs in by a passkey alone.

    Args:
        answer: the browser's answer to `to_enter`, as JSON.

    Raises:
        Problem: ``passkey.refused``.
    """
    try:
        credential = json.loads(answer)
        person = auth.extract_user_from_response(credential)
        verified = auth.parse_authentication_response(credential)
        if not verified.response.authenticator_data.is_user_verified():
            raise refused()
    except REFUSALS as error:
        raise refused() from error
    if not isinstance(person, Person) or not person.is_active or not proved(person, answer):
        raise refused()
    return person


@transaction.atomic
def proved(person: Person, answer: str) -> bool:
    """Whether a passkey of this person has signed the challenge, which is good for one answer."""
    try:
        auth.complete_authentication(person, json.loads(answer)).record_usage()
    except REFUSALS:
        return False
    finally:
        auth.clear_state()
    return True


def _stored(person: Person) -> Any:
    return Authenticator.objects.filter(user=person, type=PASSKEY)


def _named(name: str) -> str:
    """As she calls it, or by the day."""
    return name.strip()[:60] or f"{timezone.now():%Y-%m-%d}"


def refused() -> Problem:
    """No passkey, or a wrong one."""
    return Problem(
        "passkey.refused",
        _("The passkey was not taken."),
        _("Try again; a question to the device is good for one answer."),
    )
