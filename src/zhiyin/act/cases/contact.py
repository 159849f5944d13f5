"""Whether a customer can be written to about her case, and at which address.

A reply to what she said is no survey: cool-downs and quiet hours are not asked. That she stopped
letters to her address, or withdrew consent to be contacted about service, is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings as django_settings

from zhiyin.accounts import mail
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.models import Channel, Stopped
from zhiyin.collect.reaching import addresses
from zhiyin.kernel.text import Text, _
from zhiyin.unify import customer as customers
from zhiyin.unify import names
from zhiyin.unify.customer import Customer
from zhiyin.warehouse.log import Log

PURPOSE = "service"
"""The purpose whose consent, withdrawn, forbids letters about cases."""

WHY_NOT: Mapping[str, Text] = {
    "nobody": _("The case is about no customer that the log knows."),
    "no_address": _("No e-mail address of the customer is on file."),
    "stopped": _("The customer has stopped letters to this address."),
    "withdrawn": _("The customer has withdrawn consent to be written to about service."),
    "no_server": _("No mail server is set up."),
}
"""Why no letter goes out."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a customer is reached.

    Args:
        id_: one of hers as addresses of pages name her, ``kind:id``; blank: none is known.
        email: where a letter goes; blank where none does.
        why_not: a key of `WHY_NOT`; blank: she can be written to.
        language: hers; blank: nobody knows.
    """

    key: int | None = None
    name: str = ""
    id_: str = ""
    email: str = ""
    why_not: str = "nobody"
    language: str = ""


def reach(log: Log, settings: Settings, key: int | None) -> Reach:
    """How the customer of this key is reached, as far as the reader of the log may see her."""
    held = customers.held_of_key(log, settings.slug, key) if key is not None else None
    if held is None:
        return Reach()
    her = customers.read(log, settings, held[0], held=held[1])
    email = _email(her)
    first = her.ids[0] if her.ids else None
    return Reach(
        key=her.key,
        name=her.name,
        id_=f"{first.kind}:{first.id}" if first else "",
        email=email,
        why_not=_why_not(settings.slug, her, email),
        language=her.language,
    )


def _email(her: Customer) -> str:
    named = [one.id for one in her.ids if one.kind == Channel.EMAIL]
    given = [*named, names.trait(her.traits, names.MAIL)]
    found = (addresses.normal(Channel.EMAIL, one) for one in given)
    return next((one for one in found if one), "")


def _why_not(workspace: str, her: Customer, email: str) -> str:
    if not email:
        return "no_address"
    secret = addresses.key(Path(django_settings.ZHIYIN_DATA))
    hashed = addresses.hashed(secret, workspace, Channel.EMAIL, email)
    stopped = Stopped.objects.filter(
        workspace__slug=workspace, channel=Channel.EMAIL, address_hash=hashed
    )
    if stopped.exists():
        return "stopped"
    if any(
        one.purpose == PURPOSE and one.channel in (None, Channel.EMAIL) for one in her.forbidden
    ):
        return "withdrawn"
    return "" if mail.is_set_up() else "no_server"
