"""Invitations: somebody is asked to join a workspace, and joins by the link or by her address."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import actions, allowing, audit, people
from zhiyin.accounts.allowing import ALLOWED, Allows
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Invitation, Membership, Person, normal_login
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

INVITED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and the word that accepts it: shown once, kept nowhere but as a hash."""

    invitation: Invitation
    token: str


def waiting(workspace: str) -> list[Invitation]:
    """Invitations that still wait, the newest first."""
    return list(
        Invitation.waiting().filter(workspace__slug=workspace).select_related("unit", "invited_by")
    )


def waiting_for(workspace: str, login: str) -> Invitation | None:
    """The invitation of `login` that waits, if there is one."""
    return Invitation.waiting().filter(workspace__slug=workspace, login=normal_login(login)).first()


@transaction.atomic
def invite(*, by: Actor, workspace: str, login: str, allows: Allows) -> Invited:
    """Ask somebody to join; an earlier invitation of hers ends.

    Raises:
        Problem: ``people.login``, ``people.already-here``, ``people.role``,
            ``people.not-yours-to-give``, ``people.no-such-unit``, ``filter.…``.
    """
    place, login = find(workspace), normal_login(login)
    if not login or len(login) > 254:
        raise Problem(
            "people.login",
            _("An invitation needs the e-mail address or the login of somebody."),
            _("Write what she will sign in with."),
        )
    if Membership.objects.filter(workspace=place, person__login=login).exists():
        raise Problem(
            "people.already-here",
            _("{login} works in this workspace already.", login=login),
            _("Change her role in the list."),
        )
    allowing.may_give(by, workspace, allows.role)
    allowing.may_show(by, workspace, allows.sees_personal_data)
    at, token = timezone.now(), secrets.token_urlsafe(32)
    Invitation.waiting().filter(workspace=place, login=login).update(revoked_at=at)
    invitation = Invitation(
        workspace=place,
        login=login,
        token_hash=_hash(token),
        invited_by=by.person,
        created_at=at,
        expires_at=at + timedelta(days=INVITED_DAYS),
    )
    allowing.fill(invitation, workspace, allows)
    invitation.save()
    audit.record(
        by=by,
        action="person.invited",
        subject=login,
        workspace=workspace,
        after=allowing.as_json(invitation),
    )
    return Invited(invitation, token)


def invitation_of(token: str) -> Invitation:
    """The invitation that a token accepts.

    Raises:
        Problem: ``people.no-invitation``: there is none, or it was used, taken back or is too old.
    """
    found = (
        Invitation.waiting()
        .filter(token_hash=_hash(token))
        .select_related("workspace", "unit")
        .first()
    )
    if found is None:
        raise _used()
    return found


@transaction.atomic
def accept(
    *, token: str, where: str, person: Person | None = None, name: str = "", password: str = ""
) -> Person:
    """Join by an invitation: as oneself, or as a person who is made now.

    Args:
        where: the network address, for the audit trail.
        person: who is signed in; None makes a person with `name` and `password`.

    Raises:
        Problem: ``people.no-invitation``, ``people.somebody-else``, ``people.sign-in-first``,
            ``accounts.weak-password``.
    """
    invitation = invitation_of(token)
    # Two clicks at once: the second finds it used.
    if not Invitation.waiting().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise _used()
    known = Person.objects.filter(login=invitation.login).first()
    if person is not None and person.login != invitation.login:
        raise Problem(
            "people.somebody-else",
            _("This invitation is for {login}.", login=invitation.login),
            _("Sign out, and open the link again."),
        )
    if person is None and known is not None:
        raise Problem(
            "people.sign-in-first",
            _("{login} has an account already.", login=invitation.login),
            _("Sign in, and open the link again."),
        )
    joining = person or _made(invitation.login, name.strip(), password)
    _join(invitation, joining, where)
    return joining


@transaction.atomic
def accept_by_address(*, address: str, name: str, where: str) -> Person | None:
    """Make a person of every invitation of an address that is known to be hers.

    She has no password, and sets one by “Forgot the password?” when she wants one.

    Returns:
        None where nobody has invited the address.

    Raises:
        Problem: ``people.fields``.
    """
    invitations = list(Invitation.waiting().filter(login=normal_login(address)))
    if not invitations:
        return None
    person = Person(login=address, name=name.strip()[:120], email=address)
    person.set_unusable_password()
    people.check(person)
    person.save()
    for invitation in invitations:
        Invitation.waiting().filter(pk=invitation.pk).update(accepted_at=timezone.now())
        _join(invitation, person, where)
    return person


def _join(invitation: Invitation, joining: Person, where: str) -> None:
    by = Actor(joining, where)
    membership, is_new = Membership.objects.get_or_create(
        workspace=invitation.workspace,
        person=joining,
        defaults={name: getattr(invitation, name) for name in ALLOWED},
    )
    audit.record(
        by=by,
        action="person.joined",
        subject=joining.login,
        workspace=invitation.workspace.slug,
        after=allowing.as_json(membership) if is_new else {},
    )


@transaction.atomic
def withdraw(*, by: Actor, workspace: str, invitation: int) -> None:
    """Take an invitation back.

    Raises:
        Problem: ``people.no-invitation``.
    """
    found = Invitation.waiting().filter(workspace__slug=workspace, pk=invitation).first()
    if found is None:
        raise _used()
    allowing.may_give(by, workspace, found.role)
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    audit.record(
        by=by, action="invitation.withdrawn", subject=found.login, workspace=workspace,
        before=allowing.as_json(found),
    )  # fmt: skip


def _made(login: str, name: str, password: str) -> Person:
    person = Person(login=login, name=name[:120], email=login if "@" in login else "")
    actions.set_password(person, password)
    people.check(person)
    person.save()
    return person


def _used() -> Problem:
    return Problem(
        "people.no-invitation",
        _("This invitation is used, taken back or too old."),
        _("Ask whoever invited you for another."),
    )


def _hash(token: str) -> str:
    # The token has 256 random bits: nothing is gained by a slow hash.
    return hashlib.sha256(token.encode()).hexdigest()
