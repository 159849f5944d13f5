"""Somebody is invited, and the link reaches her: by a letter, or by whoever invited her."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from zhiyin.accounts import inviting, mail
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.inviting import Invited
from zhiyin.accounts.models import Role
from zhiyin.accounts.rights import ROLE_NAMES
from zhiyin.accounts.workspaces import Settings


@transaction.atomic
def invite(*, by: Actor, workspace: Settings, login: str, allows: Allows) -> Invited:
    """Invite, and put the letter on its way where one goes, both or neither.

    Raises:
        Problem: those of `inviting.invite`.
    """
    invited = inviting.invite(by=by, workspace=workspace.slug, login=login, allows=allows)
    if goes_by_mail(invited):
        mail.write(
            to=invited.invitation.login,
            subject=gettext("Join %(workspace)s on Zhiyin") % {"workspace": workspace.name},
            body=_letter(by, workspace, invited),
        )
    return invited


def goes_by_mail(invited: Invited) -> bool:
    """Whether the link goes by a letter, and is shown to nobody else."""
    return mail.is_set_up() and "@" in invited.invitation.login


def link(invited: Invited) -> str:
    """The link that accepts the invitation, once."""
    return settings.ZHIYIN_PUBLIC_URL.rstrip("/") + reverse("join", args=[invited.token])


def _letter(by: Actor, workspace: Settings, invited: Invited) -> str:
    said = gettext(
        "%(inviter)s invites you to work in %(workspace)s on Zhiyin, as %(role)s.\n\n"
        "Join here; the link works once, until %(until)s:\n%(link)s\n\n"
        "If you do not know what this is about, leave it be: nothing happens without you."
    )
    return said % {
        "inviter": str(by.person) if by.person else gettext("The administrator"),
        "workspace": workspace.name,
        "role": ROLE_NAMES[Role(invited.invitation.role)],
        "until": f"{invited.invitation.expires_at:%Y-%m-%d %H:%M} UTC",
        "link": link(invited),
    }
