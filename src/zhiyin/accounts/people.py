"""Who works in a workspace: given another role or part to see, taken out."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from zhiyin.accounts import allowing, audit, second_step
from zhiyin.accounts.access import access_for
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import (
    Membership,
    Person,
    Role,
    Workspace,
    normal_login,
)
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def members(workspace: str) -> list[Membership]:
    """Everybody who works in a workspace, by login."""
    found = Membership.objects.filter(workspace__slug=workspace)
    return list(found.select_related("person", "unit", "workspace").order_by("person__login"))


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


@transaction.atomic
def change(*, by: Actor, workspace: str, membership: int, allows: Allows) -> Membership:
    """Give a member another role or another part to see; it holds from her next click on.

    Raises:
        Problem: ``people.nobody``, ``people.last-chief``, ``people.not-yours-to-give``,
            ``people.role``, ``people.no-such-unit``, ``filter.…``.
    """
    held = _held(workspace, membership)
    allowing.may_give(by, workspace, held.role)
    allowing.may_give(by, workspace, allows.role)
    is_chief = held.role == Role.ADMINISTRATOR_IN_CHIEF
    stays_chief = allows.role == Role.ADMINISTRATOR_IN_CHIEF and not (allows.unit or allows.scope)
    if is_chief and not stays_chief:
        _keep_a_chief(workspace, held)
    if not held.sees_personal_data:
        allowing.may_show(by, workspace, allows.sees_personal_data)
    before = allowing.as_json(held)
    allowing.fill(held, workspace, allows)
    held.save()
    after = allowing.as_json(held)
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
    allowing.may_give(by, workspace, held.role)
    if held.role == Role.ADMINISTRATOR_IN_CHIEF:
        _keep_a_chief(workspace, held)
    audit.record(
        by=by, action="membership.removed", subject=held.person.login, workspace=workspace,
        before=allowing.as_json(held),
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
        allowing.may_give(by, one.workspace.slug, one.role)
    second_step.take_away(by=by, person=person, workspace=workspace)


@transaction.atomic
def change_person(*, by: Actor, person: Person, **changes: str) -> None:
    """Change what somebody says of herself: ``name``, ``email``, ``language``, ``timezone``,
    ``theme``, ``single_keys``.

    Raises:
        Problem: ``people.fields``.
    """
    before = {name: getattr(person, name) for name in changes}
    if before == changes:
        return
    for name, value in changes.items():
        setattr(person, name, value)
    check(person)
    person.save(update_fields=list(changes))
    audit.record(by=by, action="person.changed", subject=person.login, before=before, after=changes)


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


def check(person: Person) -> None:
    """Refuse what cannot be said of a person.

    Raises:
        Problem: ``people.fields``.
    """
    try:
        person.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Problem(
            "people.fields",
            _("These cannot be: {fields}.", fields=", ".join(sorted(error.message_dict))),
            _("Correct them and try again."),
        ) from error
