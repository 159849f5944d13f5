"""Every write to the ways out to teams: one transaction, with its audit entry."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from zhiyin.accounts import audit, sealing, work
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import find
from zhiyin.act.channels import kept, outbox, writing
from zhiyin.act.channels.kinds import KINDS
from zhiyin.act.channels.models import Channel, Delivery, DeliveryState
from zhiyin.collect.events.webhook import SECRET
from zhiyin.kernel import outbound
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import LANGUAGES, _

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
NO_KEYS = frozenset({"new", "deliveries"})
"""What stands in addresses where else a key does."""

MOST = 50
"""Channels of a workspace."""

BOTH_HOLD = timedelta(hours=24)
"""So long a webhook is signed with its former secret too, after that was renewed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel as somebody wants it.

    Args:
        address: blank: as it is.
        secret: blank: as it is; of a new webhook: one is made.
        language: blank: the workspace's.
    """

    name: str
    kind: str = ""
    address: str = ""
    secret: str = ""
    keyword: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A channel, and the secret that was made for it: it is shown this once."""

    channel: Channel
    secret: str = ""


@transaction.atomic
def add(*, by: Actor, workspace: str, key: str, wanted: Wanted) -> Made:
    """A way out to a team.

    Raises:
        Problem: ``channels.key``, ``channels.key-taken``, ``channels.kind``, ``channels.name``,
            ``channels.address``, ``channels.secret``, ``channels.language``,
            ``channels.too-many``; ``outbound.…`` where nobody may be reached there.
    """
    if not KEY.fullmatch(key) or key in NO_KEYS:
        raise Problem(
            "channels.key",
            _("{key} cannot be the key of a channel.", key=key[:80] or "“”"),
            _("Use up to 40 small letters, digits, hyphens and underscores."),
        )
    place = find(workspace)
    if place.channels.count() >= MOST:
        raise Problem(
            "channels.too-many",
            _("There are {n} channels already.", n=MOST),
            _("Remove one that nobody needs."),
        )
    kind = _known_kind(wanted.kind)
    _check_address(wanted.address)
    made = ""
    if kind == "webhook" and not wanted.secret:
        made = SECRET + base64.b64encode(secrets.token_bytes(32)).decode()
    secret = _checked_secret(kind, wanted.secret or made)
    try:
        with transaction.atomic():
            held = Channel.objects.create(
                workspace=place,
                key=key,
                name=_checked_name(wanted.name),
                kind=kind,
                host=_host(wanted.address),
                address=sealing.seal(wanted.address),
                secret=sealing.seal(secret) if secret else "",
                keyword=wanted.keyword.strip()[:60],
                language=_checked_language(wanted.language or place.language),
                made_by=by.name,
            )
    except IntegrityError as error:
        raise Problem(
            "channels.key-taken",
            _("There is a channel {key} already.", key=key),
            _("Choose another key."),
        ) from error
    audit.record(
        by=by, action="channel.added", subject=key, workspace=workspace, after=_shown(held)
    )
    return Made(held, made)


@transaction.atomic
def change(*, by: Actor, workspace: str, key: str, wanted: Wanted) -> Channel:
    """Change a channel. Another secret of a webhook holds at once; for a day so does the former.

    Raises:
        Problem: ``channels.none``; as `add`.
    """
    held = _locked(workspace, key)
    before = _shown(held)
    held.name = _checked_name(wanted.name)
    held.keyword = wanted.keyword.strip()[:60]
    held.language = _checked_language(wanted.language or held.language)
    if wanted.address:
        _check_address(wanted.address)
        held.address, held.host = sealing.seal(wanted.address), _host(wanted.address)
        held.not_before = None
    if wanted.secret:
        if held.kind == "webhook" and held.secret:
            held.former, held.former_until = held.secret, timezone.now() + BOTH_HOLD
        held.secret = sealing.seal(_checked_secret(held.kind, wanted.secret))
    held.save()
    after = {**_shown(held), "address": bool(wanted.address), "secret": bool(wanted.secret)}
    audit.record(
        by=by, action="channel.changed", subject=key, workspace=workspace, before=before,
        after=after,
    )  # fmt: skip
    return held


@transaction.atomic
def switch(*, by: Actor, workspace: str, key: str, is_on: bool) -> Channel:
    """Send by a channel again, or not for now: what waits goes on waiting.

    Raises:
        Problem: ``channels.none``.
    """
    held = _locked(workspace, key)
    if held.is_on != is_on:
        held.is_on, held.why_off, held.not_before = is_on, "", None
        held.save()
        action = "channel.resumed" if is_on else "channel.paused"
        audit.record(by=by, action=action, subject=key, workspace=workspace)
        if is_on:
            work.ask(by=None, kind="send-messages", workspace=workspace)
    return held


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str) -> None:
    """Remove a channel with what waits for it.

    Raises:
        Problem: ``channels.none``.
    """
    held = _locked(workspace, key)
    before = _shown(held)
    held.delete()
    audit.record(by=by, action="channel.removed", subject=key, workspace=workspace, before=before)


@transaction.atomic
def test(*, by: Actor, workspace: str, key: str) -> Delivery:
    """Put a message into the outbox that says nothing but that it arrived.

    Raises:
        Problem: ``channels.none``, ``channels.off``.
    """
    held = _locked(workspace, key)
    if not held.is_on:
        raise Problem(
            "channels.off",
            _("The channel {name} is switched off.", name=held.name),
            _("Switch it on first."),
        )
    made = outbox.put(
        channel=held, kind=writing.TEST, key=f"test-{secrets.token_hex(8)}", about={"by": by.name}
    )
    audit.record(by=by, action="channel.tested", subject=key, workspace=workspace)
    return made


@transaction.atomic
def replay(*, by: Actor, workspace: str, number: int) -> Delivery:
    """Send a message once more: what was given up, or what arrived and got lost there.

    It keeps its id, so a receiver that has it already can tell.

    Raises:
        Problem: ``channels.no-delivery``, ``channels.waits``.
    """
    found = Delivery.objects.select_for_update(of=("self",)).select_related("channel")
    held = found.filter(pk=number, channel__workspace__slug=workspace).first()
    if held is None:
        raise kept.no_delivery(number)
    if held.state == DeliveryState.WAITING:
        raise Problem(
            "channels.waits",
            _("The message {number} waits for its next try already.", number=number),
            _("Look at the channel: it may be switched off, or asked too often."),
        )
    held.state, held.merged_into, held.ended_at = DeliveryState.WAITING, None, None
    held.tries, held.next_try_at = 0, timezone.now()
    held.save()
    audit.record(
        by=by, action="delivery.replayed", subject=f"{held.channel.key} {held.pk}",
        workspace=workspace,
    )  # fmt: skip
    work.ask(by=None, kind="send-messages", workspace=workspace)
    return held


def _locked(workspace: str, key: str) -> Channel:
    held = Channel.objects.select_for_update().filter(workspace__slug=workspace, key=key).first()
    if held is None:
        raise kept.none_such(key)
    return held


def _shown(held: Channel) -> dict[str, str]:
    """What the audit log may know: no address, no secret."""
    return {"name": held.name, "kind": held.kind, "host": held.host, "language": held.language}


def _known_kind(kind: str) -> str:
    if kind in KINDS:
        return kind
    raise Problem(
        "channels.kind",
        _("There is no kind of channels {kind}.", kind=kind[:40] or "“”"),
        _("Use one of: {known}.", known=", ".join(KINDS)),
    )


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 120:
        raise Problem(
            "channels.name",
            _("A channel needs a name of up to 120 letters."),
            _("Name the team or the group that reads it."),
        )
    return plain


def _checked_language(language: str) -> str:
    if language in LANGUAGES:
        return language
    raise Problem(
        "channels.language",
        _("There is no language {language}.", language=language[:20]),
        _("Use one of: {known}.", known=", ".join(LANGUAGES)),
    )


def _checked_secret(kind: str, secret: str) -> str:
    signs = KINDS[kind].signs  # type: ignore[index]
    if signs == "none" and secret:
        raise Problem(
            "channels.secret",
            _("{kind} has no secret: its address is one.", kind=kind),
            _("Leave the secret out."),
        )
    if kind == "webhook" and not _is_webhook_secret(secret):
        raise Problem(
            "channels.secret",
            _("This is no secret for webhooks."),
            _("It is whsec_ and 24 to 64 bytes in base64. Leave it out, and one is made."),
        )
    return secret.strip()


def _is_webhook_secret(secret: str) -> bool:
    try:
        held = base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except ValueError:
        return False
    return secret.startswith(SECRET) and 24 <= len(held) <= 64


def _check_address(address: str) -> None:
    if not address.strip():
        raise Problem(
            "channels.address",
            _("A channel needs the address that messages are sent to."),
            _("Copy it from where the robot or the webhook was made."),
        )
    outbound.check(address)


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "")[:253]
