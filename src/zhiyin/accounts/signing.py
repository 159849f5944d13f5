"""Signing in: how often one may fail, and a way back for whoever forgot the password.

Failures are counted by login and by network address. A browser that this person has signed in
with before is counted by itself: whoever guesses from elsewhere closes the door for other
unknown browsers only, and never for hers.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from zhiyin.accounts import actions, audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import FailedSignIn, Person, normal_login
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

WINDOW = timedelta(minutes=15)
FOR_A_LOGIN = 10
"""Failures of unknown browsers, or of one known one, within the window."""

FROM_AN_ADDRESS = 100
"""Failures of all logins from one network address: an office may be behind it."""

KNOWN_DAYS = 365
_SALT = "zhiyin.known-browser"


def check(login: str, where: str, known: str) -> None:
    """Refuse another try where there were too many.

    Args:
        where: the network address.
        known: what `mark_of` gave this browser, blank where it has none.

    Raises:
        Problem: ``sign-in.too-often``.
    """
    _check(_bucket(login, known), where)


def _check(bucket: str, where: str) -> None:
    since = timezone.now() - WINDOW
    of_login = FailedSignIn.objects.filter(bucket=bucket, at__gt=since).count()
    of_address = FailedSignIn.objects.filter(where=where, at__gt=since).count()
    if of_login >= FOR_A_LOGIN or of_address >= FROM_AN_ADDRESS:
        raise Problem(
            "sign-in.too-often",
            _("There were too many tries."),
            _("Wait a quarter of an hour, or use the browser in which you signed in before."),
        )


def failed(login: str, where: str, known: str) -> None:
    """Somebody failed to sign in."""
    _failed(_bucket(login, known), login, where)


@transaction.atomic
def _failed(bucket: str, login: str, where: str) -> None:
    at = timezone.now()
    FailedSignIn.objects.filter(at__lt=at - WINDOW).delete()
    before = FailedSignIn.objects.filter(bucket=bucket).count()
    FailedSignIn.objects.create(bucket=bucket, where=where, at=at)
    person = Person.objects.filter(login=normal_login(login)).first()
    # What is nobody's login is not written down: it may be a password in the wrong field.
    if person is not None and before + 1 == FOR_A_LOGIN:
        audit.record(by=Actor(None, where), action="sign_in.locked", subject=person.login)


def succeeded(person: Person, where: str, known: str, way: str = "password") -> None:
    """Somebody signed in: what went wrong in this browser before is forgotten.

    Args:
        way: what she proved who she is with, for the audit trail.
    """
    FailedSignIn.objects.filter(bucket=_bucket(person.login, known)).delete()
    audit.record(
        by=Actor(person, where), action="sign_in.done", subject=person.login, after={"way": way},
    )  # fmt: skip


def confirm(person: Person, password: str, where: str) -> None:
    """Have somebody who is signed in prove once more that it is she.

    Failures are counted apart from those of the sign-in page, so that nobody who guesses there
    keeps her from changing how she signs in.

    Raises:
        Problem: ``sign-in.too-often``, ``sign-in.wrong-password``.
    """
    bucket = hashlib.sha256(f"{person.login}\nsigned in".encode()).hexdigest()
    _check(bucket, where)
    if not person.check_password(password):
        _failed(bucket, person.login, where)
        raise Problem(
            "sign-in.wrong-password",
            _("The present password is not right."),
            _("Who has none sets one by “Forgot the password?” on the sign-in page."),
        )


def mark_of(person: Person) -> str:
    """What a browser keeps to be known as one that this person signed in with."""
    return signing.dumps(person.login, salt=_SALT)


def reset_token(person: Person) -> tuple[str, str]:
    """The two parts of an address that sets a new password; good for an hour, and once."""
    return urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)


def person_of_reset(number: str, token: str) -> Person:
    """Whose password an address sets.

    Raises:
        Problem: ``sign-in.no-reset``.
    """
    try:
        found = Person.objects.filter(pk=int(urlsafe_base64_decode(number)), is_active=True).first()
    except (ValueError, OverflowError):
        found = None
    if found is None or not default_token_generator.check_token(found, token):
        raise Problem(
            "sign-in.no-reset",
            _("This address is used or too old."),
            _("Ask for another."),
        )
    return found


def reset(*, number: str, token: str, password: str, where: str) -> Person:
    """Set a new password by an address from a letter; ends every session of hers.

    Raises:
        Problem: ``sign-in.no-reset``, ``accounts.weak-password``.
    """
    person = person_of_reset(number, token)
    actions.change_password(by=Actor(person, where), person=person, password=password)
    return person


def whose(text: str) -> Person | None:
    """Who is meant by a login or an e-mail address that only one person has."""
    login = normal_login(text)
    found = Person.objects.filter(login=login, is_active=True).first()
    if found is not None:
        return found
    by_address = list(Person.objects.filter(email__iexact=text.strip(), is_active=True)[:2])
    return by_address[0] if len(by_address) == 1 else None


def _bucket(login: str, known: str) -> str:
    normal = normal_login(login)
    try:
        is_known = signing.loads(known, salt=_SALT, max_age=timedelta(days=KNOWN_DAYS)) == normal
    except signing.BadSignature:
        is_known = False
    # A login that somebody typed may be a password in the wrong field: kept as a hash only.
    named = f"{normal}\n{known if is_known else ''}"
    return hashlib.sha256(named.encode()).hexdigest()
