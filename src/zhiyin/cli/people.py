"""`zhiyin person`: who works in a workspace, in what role, on which part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.accounts.models import Membership


@click.group()
def command() -> None:
    """List, invite, change and take out the people of a workspace."""


@command.command(name="list")
@click.pass_obj
def list_people(session: Session) -> None:
    """List everybody who works in the workspace, and the invitations that wait."""
    workspace = session.workspace.slug
    from zhiyin.accounts import documents, inviting, people

    members = [documents.member(one) for one in people.members(workspace)]
    invitations = [documents.invitation(one) for one in inviting.waiting(workspace)]
    heads = [_("login"), _("name"), _("role"), _("unit"), _("personal data"), _("state")]

    def human() -> str:
        rows = [[*_row(one), "" if one["is_active"] else str(_("closed"))] for one in members]
        rows += [[*_row(one), str(_("invited"))] for one in invitations]
        return table(heads, rows)

    session.say({"members": members, "invitations": invitations}, human)


@command.command()
@click.argument("login")
@click.option(
    "--role",
    required=True,
    help="admin, analyst, unit_manager, team_leader, agent, quality_reviewer, viewer, …",
)
@click.option("--unit", default="", metavar="KEY", help="Only facts of this branch of the tree.")
@click.option("--scope", default="", metavar="EXPR", help="Only facts for which this holds.")
@click.option(
    "--personal/--no-personal", default=True,
    help="Whether she sees names, addresses and what customers wrote (default: yes).",
)  # fmt: skip
@click.pass_obj
def invite(session: Session, login: str, role: str, unit: str, scope: str, personal: bool) -> None:
    """Invite LOGIN, an e-mail address or any login. The link works once, for seven days.

    It goes by mail where a mail server is set up and LOGIN is an address; else it is shown here.
    It begins with ZHIYIN_PUBLIC_URL, which must be the server's.
    """
    workspace = session.workspace
    from zhiyin.accounts import documents
    from zhiyin.accounts.allowing import Allows
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.web import invitations

    invited = invitations.invite(
        by=COMMAND_LINE,
        workspace=workspace,
        login=login,
        allows=Allows(role, unit, scope, personal),
    )
    is_sent = invitations.goes_by_mail(invited)
    link = None if is_sent else invitations.link(invited)
    said = (
        _("The invitation is on its way to {login}.", login=invited.invitation.login)
        if is_sent
        else _(
            "{login} joins by this link, once: {link}", login=invited.invitation.login, link=link
        )
    )
    document = {**documents.invitation(invited.invitation), "is_sent": is_sent, "link": link}
    session.say(document, lambda: str(said))


@command.command()
@click.argument("login")
@click.option("--role", help="Another role.")
@click.option("--unit", metavar="KEY", help="Another branch of the tree; '' is the whole of it.")
@click.option("--scope", metavar="EXPR", help="Another filter; '' is none.")
@click.option(
    "--personal/--no-personal", default=None,
    help="Whether she sees names, addresses and what customers wrote.",
)  # fmt: skip
@click.pass_obj
def change(
    session: Session,
    login: str,
    role: str | None,
    unit: str | None,
    scope: str | None,
    personal: bool | None,
) -> None:
    """Give LOGIN another role or another part to see; what is not named stays."""
    workspace = session.workspace.slug
    from zhiyin.accounts import documents, people
    from zhiyin.accounts.allowing import Allows
    from zhiyin.accounts.audit import COMMAND_LINE

    held = people.member(workspace, login)
    has_unit = held.unit.key if held.unit else ""
    allows = Allows(
        role=held.role if role is None else role,
        unit=has_unit if unit is None else unit,
        scope=held.scope if scope is None else scope,
        sees_personal_data=held.sees_personal_data if personal is None else personal,
    )
    changed = people.change(by=COMMAND_LINE, workspace=workspace, membership=held.pk, allows=allows)
    session.say(documents.member(changed), lambda: _said(changed))


@command.command()
@click.argument("login")
@click.pass_obj
def remove(session: Session, login: str) -> None:
    """Take LOGIN out of the workspace, or her invitation back.

    Her account, and what she did, stay; she can be invited again.
    """
    workspace = session.workspace.slug
    from zhiyin.accounts import inviting, people
    from zhiyin.accounts.audit import COMMAND_LINE

    invited = inviting.waiting_for(workspace, login)
    if invited is not None:
        inviting.withdraw(by=COMMAND_LINE, workspace=workspace, invitation=invited.pk)
        said = _("The invitation of {login} is taken back.", login=invited.login)
        document = {"login": invited.login, "removed": "invitation"}
    else:
        held = people.member(workspace, login)
        people.remove(by=COMMAND_LINE, workspace=workspace, membership=held.pk)
        said = _("{login} works here no longer.", login=held.person.login)
        document = {"login": held.person.login, "removed": "membership"}
    session.say(document, lambda: str(said))


def _row(one: dict[str, Any]) -> list[str]:
    shown = str(_("yes") if one["sees_personal_data"] else _("no"))
    return [one["login"], one.get("name", ""), one["role"], one["unit"] or "", shown]


def _said(held: Membership) -> str:
    return str(_("{login} is {role} now.", login=held.person.login, role=held.role))
