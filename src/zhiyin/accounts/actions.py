"""Every write of the room: keyword-only, by somebody, in one transaction, with its audit entry."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from zhiyin.accounts import audit, second_step, sessions
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Membership, Person, Role, Workspace, normal_login
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

# No letter or digit that can be taken for another when read from a screen.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


TAKEN = frozenset(
    {
        "api", "array", "batch", "beacon", "capture", "decide", "e", "flags", "healthz",
        "hooks", "i", "join", "language", "me", "metrics", "password", "readyz", "sign-in",
        "sign-out", "sourceConfig", "static", "stop", "track", "v1",
    }
)  # fmt: skip
"""First parts of addresses, which no workspace may have for a short name."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How somebody signs in. The password is shown once and kept nowhere but as a hash."""

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Start:
    """What `set_up` found or made.

    Args:
        workspace: its slug.
        made_workspace: False when it was there before.
        administrator: how to sign in, when the person was made now; None when one was there.
        login: the login of an administrator in chief.
    """

    workspace: str
    made_workspace: bool
    administrator: Credentials | None
    login: str


@transaction.atomic
def set_up(*, by: Actor, slug: str = "main", login: str = "admin") -> Start:
    """Make the first workspace and its administrator in chief; what is there stays as it is."""
    made = not Workspace.objects.exists()
    if made:
        create_workspace(by=by, slug=slug, name="Zhiyin")
    workspace = Workspace.objects.filter(slug=slug).first() or Workspace.objects.all()[0]
    chief = (
        Membership.objects.filter(workspace=workspace, role=Role.ADMINISTRATOR_IN_CHIEF)
        .select_related("person")
        .first()
    )
    if chief:
        return Start(workspace.slug, made, None, chief.person.login)
    credentials = create_administrator_in_chief(by=by, workspace=workspace.slug, login=login)
    return Start(workspace.slug, made, credentials, credentials.login)


@transaction.atomic
def create_workspace(
    *,
    by: Actor,
    slug: str,
    name: str,
    timezone: str = "UTC",
    currency: str = "CNY",
    language: str = "en",
    week_start: int = 0,
    fiscal_year_start: int = 1,
) -> Workspace:
    """Add a workspace. Its log file is made by the warehouse, not here.

    Raises:
        Problem: ``accounts.workspace-exists``; ``accounts.workspace-settings`` for a value
            that cannot be.
    """
    if slug in TAKEN:
        raise Problem(
            "accounts.workspace-exists",
            _("{slug} is part of addresses of Zhiyin itself.", slug=slug),
            _("Choose another short name."),
        )
    if Workspace.objects.filter(slug=slug).exists():
        raise Problem(
            "accounts.workspace-exists",
            _("There is already a workspace {slug}.", slug=slug),
            _("Choose another short name."),
        )
    workspace = Workspace(
        slug=slug,
        name=name,
        timezone=timezone,
        currency=currency,
        language=language,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
    )
    _checked(workspace)
    workspace.save()
    audit.record(
        by=by,
        action="workspace.created",
        subject=slug,
        workspace=slug,
        after={"name": name, "timezone": timezone, "currency": currency, "language": language},
    )
    return workspace


SETTINGS = (
    "name",
    "timezone",
    "week_start",
    "fiscal_year_start",
    "currency",
    "language",
    "minimum_base",
    "test_base",
    "small_base",
    "requires_second_step",
)
"""What `change_workspace` may change."""


@transaction.atomic
def change_workspace(*, by: Actor, slug: str, **changes: str | int) -> Workspace:
    """Change settings of a workspace: any of `SETTINGS`.

    Raises:
        Problem: ``accounts.no-workspace``, ``accounts.workspace-settings``.
    """
    unknown = sorted(set(changes) - set(SETTINGS))
    if unknown:
        raise TypeError(f"not settings of a workspace: {', '.join(unknown)}")
    workspace = find(slug)
    before = {name: getattr(workspace, name) for name in changes}
    for name, value in changes.items():
        setattr(workspace, name, value)
    _checked(workspace)
    workspace.save()
    audit.record(
        by=by,
        action="workspace.changed",
        subject=slug,
        workspace=slug,
        before=before,
        after=changes,
    )
    return workspace


@transaction.atomic
def create_administrator_in_chief(
    *, by: Actor, workspace: str, login: str, name: str = "", language: str = ""
) -> Credentials:
    """Add a person who may do everything in `workspace`, with a password made here.

    Returns:
        The login and the password, which nobody can read again.

    Raises:
        Problem: ``accounts.no-workspace``, ``accounts.login-taken``.
    """
    place = find(workspace)
    if Person.objects.filter(login=normal_login(login)).exists():
        raise Problem(
            "accounts.login-taken",
            _("Somebody already signs in as {login}.", login=login),
            _("Choose another login."),
        )
    person = Person(login=login, name=name, language=language, has_generated_password=True)
    password = _generated_password()
    person.set_password(password)
    person.save()
    Membership.objects.create(workspace=place, person=person, role=Role.ADMINISTRATOR_IN_CHIEF)
    audit.record(
        by=by,
        action="person.created",
        subject=person.login,
        workspace=workspace,
        after={"name": name, "role": Role.ADMINISTRATOR_IN_CHIEF.value},
    )
    return Credentials(person.login, password)


@transaction.atomic
def renew_password(*, by: Actor, login: str, without_second_step: bool = False) -> Credentials:
    """Give somebody a new generated password, when the old one is lost. Ends their sessions.

    Args:
        without_second_step: take her second step away too.

    Raises:
        Problem: ``accounts.no-person``.
    """
    person = Person.objects.filter(login=normal_login(login)).first()
    if person is None:
        raise Problem(
            "accounts.no-person",
            _("Nobody signs in as {login}.", login=login),
            _("Check the spelling of the login."),
        )
    password = _generated_password()
    person.set_password(password)
    person.has_generated_password = True
    person.save()
    sessions.forget(person)
    audit.record(by=by, action="password.renewed", subject=person.login)
    if without_second_step:
        second_step.take_away(by=by, person=person)
    return Credentials(person.login, password)


@transaction.atomic
def change_password(*, by: Actor, person: Person, password: str, session: str = "") -> None:
    """Set the password that somebody chose. Their other sessions end.

    Args:
        session: the key of the session that goes on; blank ends all.

    Raises:
        Problem: ``accounts.weak-password``.
    """
    set_password(person, password)
    person.has_generated_password = False
    person.save()
    sessions.forget(person, but=session)
    audit.record(by=by, action="password.changed", subject=person.login)


def set_password(person: Person, password: str) -> None:
    """Give a person, who is not saved by this, a password that somebody chose.

    Raises:
        Problem: ``accounts.weak-password``.
    """
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Problem(
            "accounts.weak-password",
            Text(" ".join(error.messages), {}),
            _("Choose at least ten characters that nobody would guess."),
        ) from error
    person.set_password(password)


def _checked(workspace: Workspace) -> None:
    try:
        workspace.full_clean()
    except ValidationError as error:
        raise Problem(
            "accounts.workspace-settings",
            _("These settings cannot be: {fields}.", fields=", ".join(sorted(_fields(error)))),
            _("Correct them and try again."),
        ) from error


def _fields(error: ValidationError) -> list[str]:
    """Names of the fields at fault; a broken constraint is named by the fields it is about."""
    named = [name for name in error.message_dict if name != "__all__"]
    return named or ["minimum_base, test_base, small_base"]


def _generated_password() -> str:
    """Five groups of four: 99 bits, and short enough to type from a terminal."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(5))
