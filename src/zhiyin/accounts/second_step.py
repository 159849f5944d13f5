"""The second step of signing in: a code of an authenticator app, or a recovery code.

allauth stores the secrets, encrypted by `sealing`, and computes the codes (RFC 6238). That no code
works twice is seen to here, in the store: a restart does not forget it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Membership, Person
from zhiyin.kernel import qr
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

APP, PASSKEY, RECOVERY = "totp", "webauthn", "recovery_codes"
"""What a person can have, as allauth names it."""

STEPS = (APP, PASSKEY)
"""What makes signing in a matter of two steps; recovery codes stand in for these."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a person has set up.

    Args:
        codes_left: recovery codes that were not used.
    """

    has_app: bool
    passkeys: int
    codes_left: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What an authenticator app takes in: a picture to scan, and the same to type."""

    svg: str
    secret: str


def has(person: Person) -> bool:
    """Whether signing in asks this person for a second step."""
    return bool(Authenticator.objects.filter(user=person, type__in=STEPS).exists())


def held(person: Person) -> Held:
    """What this person has set up."""
    found = list(Authenticator.objects.filter(user=person))
    codes = [one for one in found if one.type == RECOVERY]
    return Held(
        has_app=any(one.type == APP for one in found),
        passkeys=sum(one.type == PASSKEY for one in found),
        codes_left=len(RecoveryCodes(codes[0]).get_unused_codes()) if codes else 0,
    )


def is_required(person: Person) -> bool:
    """Whether a workspace where this person works wants two steps."""
    return Membership.objects.filter(person=person, workspace__requires_second_step=True).exists()


def offer(person: Person, secret: str) -> Offer:
    """What the app of this person is to take in; `secret` is one of `new_secret`."""
    address = get_adapter().build_totp_url(person, secret)
    grouped = " ".join(secret[k : k + 4] for k in range(0, len(secret), 4))
    return Offer(qr.drawn(address), grouped)


def new_secret() -> str:
    """160 random bits, as an authenticator app takes them; sealed, to be kept until confirmed."""
    sealed: str = get_adapter().encrypt(totp.generate_totp_secret())
    return sealed


def opened(sealed: str) -> str:
    """What `new_secret` has sealed.

    Raises:
        Problem: ``second-step.unreadable``.
    """
    secret: str = get_adapter().decrypt(sealed)
    return secret


@transaction.atomic
def set_up_app(*, by: Actor, person: Person, sealed: str, code: str) -> list[str]:
    """Have an authenticator app be the second step, once it has shown a right code.

    Args:
        sealed: what `new_secret` gave.

    Returns:
        Recovery codes, to be shown once; none where there are some from before.

    Raises:
        Problem: ``second-step.there``, ``second-step.wrong-code``, ``second-step.unreadable``.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    if Authenticator.objects.filter(user=person, type=APP).exists():
        raise Problem(
            "second-step.there",
            _("An authenticator app is set up already."),
            _("Turn it off first."),
        )
    counter = _counter(opened(sealed), code, after=-1)
    if counter is None:
        raise Problem(
            "second-step.wrong-code",
            _("This code is not right."),
            _("Enter what the app shows now; the clock of the telephone must be right."),
        )
    Authenticator.objects.create(user=person, type=APP, data={"secret": sealed, "last": counter})
    return began(by=by, person=person, way="app")


def began(*, by: Actor, person: Person, way: str) -> list[str]:
    """Write down that a second step was set up; recovery codes where there were none."""
    audit.record(
        by=by, action="second_step.set_up", subject=person.login, after={"way": way},
    )  # fmt: skip
    if Authenticator.objects.filter(user=person, type=RECOVERY).exists():
        return []
    return _codes(person)


@transaction.atomic
def new_codes(*, by: Actor, person: Person) -> list[str]:
    """Ten other recovery codes, to be shown once; the old ones work no longer.

    Raises:
        Problem: ``second-step.none``.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    if not has(person):
        raise Problem(
            "second-step.none",
            _("There is no second step yet."),
            _("Set one up first; recovery codes come with it."),
        )
    Authenticator.objects.filter(user=person, type=RECOVERY).delete()
    audit.record(by=by, action="recovery_codes.made", subject=person.login)
    return _codes(person)


@transaction.atomic
def proved(person: Person, code: str) -> str:
    """What `code` proves: ``app`` or ``recovery code``; blank where it is wrong or was used.

    Raises:
        Problem: ``second-step.unreadable``.
    """
    found = Authenticator.objects.select_for_update().filter(user=person, type__in=(APP, RECOVERY))
    by_type = {one.type: one for one in found}
    app, codes = by_type.get(APP), by_type.get(RECOVERY)
    if app is not None:
        counter = _counter(opened(app.data["secret"]), code, after=app.data["last"])
        if counter is not None:
            app.data["last"] = counter
            app.last_used_at = timezone.now()
            app.save()
            return "app"
    if codes is not None and RecoveryCodes(codes).validate_code(_plain(code)):
        return "recovery code"
    return ""


@transaction.atomic
def turn_off_app(*, by: Actor, person: Person) -> None:
    """The authenticator app is asked no longer.

    Raises:
        Problem: ``second-step.required``.
    """
    ended(
        by=by, person=person, found=Authenticator.objects.filter(user=person, type=APP), way="app"
    )


def ended(*, by: Actor, person: Person, found: Authenticator, way: str) -> None:
    """Remove what `found` holds, in a transaction; recovery codes go with the last second step.

    Raises:
        Problem: ``second-step.required``.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    removed, _by_model = found.delete()
    if not removed:
        return
    if not has(person):
        if is_required(person):
            raise Problem(
                "second-step.required",
                _("A workspace where you work wants two steps, and this is your last second one."),
                _("Set up another first."),
            )
        Authenticator.objects.filter(user=person, type=RECOVERY).delete()
    audit.record(
        by=by, action="second_step.turned_off", subject=person.login, before={"way": way},
    )  # fmt: skip


def take_away(*, by: Actor, person: Person, workspace: str = "") -> bool:
    """Remove every second step of somebody who lost it, in a transaction. She sets up another.

    Returns:
        Whether she had one.
    """
    if not has(person):
        return False
    Authenticator.objects.filter(user=person).delete()
    audit.record(
        by=by, action="second_step.taken_away", subject=person.login, workspace=workspace,
    )  # fmt: skip
    return True


def _codes(person: Person) -> list[str]:
    made: list[str] = RecoveryCodes.activate(person).generate_codes()
    return made


def _counter(secret: str, code: str, *, after: int) -> int | None:
    """The half minute that a code is of, where it is later than the last one used."""
    typed = _plain(code)
    for counter in totp.yield_hotp_counters_from_time():
        value = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if counter > after and compare_user_code(actual=typed, expected=value):
            return int(counter)
    return None


def _plain(code: str) -> str:
    # Chinese keyboards type digits at full width.
    return unicodedata.normalize("NFKC", code)[:40]
