"""No more letters: who says so, and at which address. What is stopped stays so.

It holds for every survey of the workspace by that channel. The address is kept as a keyed hash.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import find
from zhiyin.collect.models import Asking, AskingState, Channel, Stopped, StopWhy
from zhiyin.collect.reaching import addresses, letter_ids
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import identity_rules


@transaction.atomic
def stop_address(workspace: Workspace, channel: str, address_hash: str, *, why: str) -> bool:
    """Let nobody be asked there any more; returns whether somebody could be until now."""
    if not address_hash:
        return False
    _held, is_new = Stopped.objects.get_or_create(
        workspace=workspace, channel=channel, address_hash=address_hash, defaults={"why": why}
    )
    # What has not left does not leave; of what has, no reminder follows.
    hers = Asking.objects.filter(
        workspace=workspace, distribution__channel=channel, address_hash=address_hash, is_over=False
    )
    hers.filter(Q(state=AskingState.WAITING) | Q(state=AskingState.UNCERTAIN)).update(
        state=AskingState.STOPPED, reason=why, is_over=True, is_in_log=False, due_at=timezone.now()
    )
    hers.update(is_over=True)
    return is_new


def asking_of(named: str) -> Asking | None:
    """Whose letter it is that is called so; None: nobody's any more, or it never was one."""
    number = letter_ids.read(named)
    if number is None:
        return None
    found = Asking.objects.filter(pk=number)
    return found.select_related("workspace", "distribution__survey").first()


@transaction.atomic
def unsubscribe(asking: Asking) -> bool:
    """She says that she wants no more. Saying it again is fine."""
    is_new = stop_address(
        asking.workspace, asking.distribution.channel, asking.address_hash,
        why=StopWhy.UNSUBSCRIBED,
    )  # fmt: skip
    mark(asking, AskingState.STOPPED, "unsubscribed")
    return is_new


def mark(asking: Asking, state: AskingState, reason: str) -> None:
    """Say of a letter that it came back, or that its reader wants no more; the log is told."""
    if asking.state == state:
        return
    Asking.objects.filter(pk=asking.pk).update(
        state=state, reason=reason, is_over=True, is_in_log=False
    )


@transaction.atomic
def stop_by_hand(*, by: Actor, workspace: str, channel: str, address: str) -> bool:
    """Somebody here says that an address is not to be written to.

    Raises:
        Problem: ``distribution.address``.
    """
    held = find(workspace)
    country = identity_rules.rules_of(workspace).country
    normal = addresses.normal(channel, address, country=country)
    if not normal or channel not in Channel.values:
        raise Problem(
            "distribution.address",
            _("This can be no address of the channel {channel}.", channel=channel[:20]),
            _("Write an e-mail address or a telephone number as letters and messages have it."),
        )
    hashed = addresses.hashed(addresses.key(settings.ZHIYIN_DATA), workspace, channel, normal)
    is_new = stop_address(held, channel, hashed, why=StopWhy.STAFF)
    # The address itself stays out of the trail.
    audit.record(
        by=by, action="address.stopped", subject=channel, workspace=workspace,
        after={"is_new": is_new},
    )  # fmt: skip
    return is_new
