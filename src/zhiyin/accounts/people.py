"""Who works in a workspace: invited, given a role and a part to see, changed, taken out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import actions, audit, second_step
from zhiyin.accounts.access import access_for
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import (
    Allowed,
    Invitation,
    Membership,
    Person,
    Role,
    Unit,
    Workspace,
    normal_login,
)
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import find
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _

INVITED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Allows:
    """What a membership is to allow.

    Args:
        unit: the key of the branch that she sees; blank is the whole workspace.
        scope: a filter that every fact must pass as well; blank is none.
    """

    role: str
    unit: str = ""
    scope: str = ""
    sees_personal_data: bool = True


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and the word that accepts it: shown once, kept nowhere but as a hash."""

    invitation: Invitation
    token: str


def members(workspace: str) -> list[Membership]:
    """Everybody who works in a workspace, by login."""
    found = Membership.objects.filter(workspace__slug=workspace)
    return list(found.select_related("person", "unit").order_by("person__login"))


def open_invitations(workspace: str) -> list[Invitation]:
    """Invitations that still wait, the newest first."""
    return list(
        Invitation.waiting().filter(workspace__slug=workspace).select_related("unit", "invited_by")
    )


def member(workspace: str, login: str) -> Membership:
    """The membership of whoever signs in as `login`.

    Raises:
        Problem: ``people.no-such-member``.
    """
    held = Membership.objects.filter(workspace__slug=workspace, person__login=normal_login(login))
    found = held.select_related("person", "unit").first()
    if found is None:
        raise Problem(
            "people.no-such-member",
            _("{login} does not work in this workspace.", login=login),
            _("`zhiyin person list` shows who does."),
        )
    return found


def invitation_for(workspace: str, login: str) -> Invitation | None:
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
    _may_give(by, workspace, allows.role)
    _may_show(by, workspace, allows.sees_personal_data)
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
    _set(invitation, workspace, allows)
    invitation.save()
    audit.record(
        by=by,
        action="person.invited",
        subject=login,
        workspace=workspace,
        after=_as_json(invitation),
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
    _check(person)
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
        after=_as_json(membership) if is_new else {},
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
    _may_give(by, workspace, found.role)
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    audit.record(
        by=by, action="invitation.withdrawn", subject=found.login, workspace=workspace,
        before=_as_json(found),
    )  # fmt: skip


@transaction.atomic
def change(*, by: Actor, workspace: str, membership: int, allows: Allows) -> Membership:
    """Give a member another role or another part to see; it holds from her next click on.

    Raises:
        Problem: ``people.nobody``, ``people.last-chief``, ``people.not-yours-to-give``,
            ``people.role``, ``people.no-such-unit``, ``filter.…``.
    """
    held = _held(workspace, membership)
    _may_give(by, workspace, held.role)
    _may_give(by, workspace, allows.role)
    is_chief = held.role == Role.ADMINISTRATOR_IN_CHIEF
    stays_chief = allows.role == Role.ADMINISTRATOR_IN_CHIEF and not (allows.unit or allows.scope)
    if is_chief and not stays_chief:
        _keep_a_chief(workspace, held)
    if not held.sees_personal_data:
        _may_show(by, workspace, allows.sees_personal_data)
    before = _as_json(held)
    _set(held, workspace, allows)
    held.save()
    after = _as_json(held)
    if after != before:
        audit.record(
            by=by, action="membership.changed", subject=held.person.login, workspace=workspace,
            before=before, after=after,
        )  # fmt: skip
    return held


@transaction.atomic
def remove(*, by: Actor, workspace: str, membership: int) -> None:
    """Somebody works here no longer. Her account, and what she did, stay.

    Raises:
        Problem: ``people.nobody``, ``people.last-chief``, ``people.not-yours-to-give``.
    """
    held = _held(workspace, membership)
    _may_give(by, workspace, held.role)
    if held.role == Role.ADMINISTRATOR_IN_CHIEF:
        _keep_a_chief(workspace, held)
    audit.record(
        by=by, action="membership.removed", subject=held.person.login, workspace=workspace,
        before=_as_json(held),
    )  # fmt: skip
    held.delete()


@transaction.atomic
def take_second_step_away(*, by: Actor, workspace: str, membership: int) -> None:
    """Have a member who lost her telephone or passkey sign in by her password alone again.

    Raises:
        Problem: ``people.nobody``, ``people.not-yours-to-give``, ``people.works-elsewhere``.
    """
    person = _held(workspace, membership).person
    for one in Membership.objects.filter(person=person).select_related("workspace"):
        if by.person is None:
            break
        access = access_for(by.person, one.workspace.slug)
        if access is None or not access.may(Right.CHANGE_PEOPLE):
            raise Problem(
                "people.works-elsewhere",
                _("{login} works in a workspace too where you do not.", login=person.login),
                _("On the machine of Zhiyin: zhiyin password {login} --without-second-step",
                  login=person.login),
            )  # fmt: skip
        _may_give(by, one.workspace.slug, one.role)
    second_step.take_away(by=by, person=person, workspace=workspace)


@transaction.atomic
def change_person(*, by: Actor, person: Person, **changes: str) -> None:
    """Change what somebody says of herself: ``name``, ``email``, ``language``,
    ``timezone``, ``theme``.

    Raises:
        Problem: ``people.fields``.
    """
    before = {name: getattr(person, name) for name in changes}
    if before == changes:
        return
    for name, value in changes.items():
        setattr(person, name, value)
    _check(person)
    person.save(update_fields=list(changes))
    audit.record(by=by, action="person.changed", subject=person.login, before=before, after=changes)


ALLOWED = ("role", "unit", "scope", "sees_personal_data")


def _held(workspace: str, membership: int) -> Membership:
    # One change of members at a time: two chiefs who take each other out at once must not leave
    # none, nor wait for each other for ever.
    Workspace.objects.select_for_update().get(slug=workspace)
    found = (
        Membership.objects.filter(workspace__slug=workspace, pk=membership)
        .select_related("person", "unit")
        .first()
    )
    if found is None:
        raise Problem(
            "people.nobody",
            _("This person works here no longer."),
            _("Load the page again."),
        )
    return found


def _may_give(by: Actor, workspace: str, role: str) -> None:
    """Only an administrator in chief makes, changes or takes out another; an API key nobody."""
    if by.key:
        raise Problem(
            "people.not-by-key",
            _("An API key gives rights to nobody, and takes none away."),
            _("A person does that under Settings, People, or by: zhiyin person"),
        )
    if role not in Role.values:
        raise Problem(
            "people.role",
            _("There is no role {role}.", role=role),
            _("Roles: {roles}.", roles=", ".join(Role.values)),
        )
    if role != Role.ADMINISTRATOR_IN_CHIEF or by.person is None:
        return
    access = access_for(by.person, workspace)
    if access is None or not access.may(Right.CHANGE_CHIEFS):
        raise Problem(
            "people.not-yours-to-give",
            _("Only an administrator in chief names or changes another."),
            _("Ask one of them."),
        )


def _may_show(by: Actor, workspace: str, sees_personal_data: bool) -> None:
    """Who does not see personal data gives the right to nobody, herself included."""
    if not sees_personal_data or by.person is None:
        return
    access = access_for(by.person, workspace)
    if access is None or not access.sees_personal_data:
        raise Problem(
            "people.not-yours-to-give",
            _("Your membership does not show personal data, so you cannot give that right."),
            _("Ask an administrator who has it."),
        )


def _keep_a_chief(workspace: str, but: Membership) -> None:
    others = Membership.objects.filter(
        workspace__slug=workspace,
        role=Role.ADMINISTRATOR_IN_CHIEF,
        unit=None,
        scope="",
        person__is_active=True,
    ).exclude(pk=but.pk)
    if not others.exists():
        raise Problem(
            "people.last-chief",
            _("{login} is the last administrator in chief.", login=but.person.login),
            _("Name another first."),
        )


def _set(held: Allowed, workspace: str, allows: Allows) -> None:
    held.role = allows.role
    held.unit = None
    if allows.unit:
        held.unit = Unit.objects.filter(workspace__slug=workspace, key=allows.unit).first()
        if held.unit is None:
            raise Problem(
                "people.no-such-unit",
                _("There is no unit {key}.", key=allows.unit),
                _("Choose one of the organisation tree."),
            )
    held.scope = str(parse(allows.scope)) if allows.scope.strip() else ""
    held.sees_personal_data = allows.sees_personal_data


def _made(login: str, name: str, password: str) -> Person:
    person = Person(login=login, name=name[:120], email=login if "@" in login else "")
    actions.set_password(person, password)
    _check(person)
    person.save()
    return person


def _check(person: Person) -> None:
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Problem(
            "people.fields",
            _("These cannot be: {fields}.", fields=", ".join(sorted(error.message_dict))),
            _("Correct them and try again."),
        ) from error


def _used() -> Problem:
    return Problem(
        "people.no-invitation",
        _("This invitation is used, taken back or too old."),
        _("Ask whoever invited you for another."),
    )


def _hash(token: str) -> str:
    # The token has 256 random bits: nothing is gained by a slow hash.
    return hashlib.sha256(token.encode()).hexdigest()


def _as_json(held: Allowed) -> Mapping[str, Any]:
    return {
        "role": held.role,
        "unit": held.unit.key if held.unit else "",
        "scope": held.scope,
        "sees_personal_data": held.sees_personal_data,
    }
