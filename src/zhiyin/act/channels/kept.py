"""Ways out to teams and what went by them, as they are kept: found, listed, told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from zhiyin.act.channels.kinds import KINDS
from zhiyin.act.channels.models import Attempt, Channel, Delivery, DeliveryState
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

STATES: dict[str, Text] = {
    DeliveryState.WAITING: _("waiting"),
    DeliveryState.SENT: _("sent"),
    DeliveryState.MERGED: _("told with others"),
    DeliveryState.EMPTY: _("nothing left to tell"),
    DeliveryState.DEAD: _("given up"),
}


def of(workspace: str) -> QuerySet[Channel]:
    """The channels of a workspace, each with how many messages wait and were given up."""
    counted = Channel.objects.filter(workspace__slug=workspace).annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
        dead=Count("deliveries", filter=Q(deliveries__state=DeliveryState.DEAD)),
    )
    return counted.select_related("workspace")


def get(workspace: str, key: str) -> Channel:
    """The channel of this key.

    Raises:
        Problem: ``channels.none``.
    """
    found = of(workspace).filter(key=key).first()
    if found is None:
        raise none_such(key)
    return found


def deliveries(workspace: str, *, channel: str = "", state: str = "") -> QuerySet[Delivery]:
    """What was put into the outbox, the newest first.

    Raises:
        Problem: ``channels.state``.
    """
    found = Delivery.objects.filter(channel__workspace__slug=workspace)
    if channel:
        found = found.filter(channel__key=channel)
    if state:
        if state not in STATES:
            raise Problem(
                "channels.state",
                _("No message has the state {state}.", state=state[:40]),
                _("Use one of: {known}.", known=", ".join(STATES)),
            )
        found = found.filter(state=state)
    return found.select_related("channel").order_by("-pk")


def delivery(workspace: str, number: int) -> Delivery:
    """One of them.

    Raises:
        Problem: ``channels.no-delivery``.
    """
    found = deliveries(workspace).filter(pk=number).first()
    if found is None:
        raise no_delivery(number)
    return found


def as_dict(channel: Channel) -> dict[str, Any]:
    """A channel as the command line and the API write it: without address and secret."""
    return {
        "key": channel.key,
        "name": channel.name,
        "kind": channel.kind,
        "host": channel.host,
        "language": channel.language,
        "keyword": channel.keyword or None,
        "is_signed": bool(channel.secret),
        "is_on": channel.is_on,
        "why_off": channel.why_off or None,
        "per_minute": KINDS[channel.kind].per_minute,  # type: ignore[index]
        "waiting": int(vars(channel).get("waiting", 0)),
        "given_up": int(vars(channel).get("dead", 0)),
        "made_by": channel.made_by,
        "made_at": channel.made_at.isoformat(),
    }


def delivery_as_dict(held: Delivery, *, with_tries: bool = False) -> dict[str, Any]:
    """A message as the command line and the API write it: what it is about, not its words."""
    told: dict[str, Any] = {
        "number": held.pk,
        "id": held.name,
        "channel": held.channel.key,
        "kind": held.kind,
        "about": {name: value for name, value in held.about.items() if name != "by"},
        "state": held.state,
        "merged_into": held.merged_into_id,
        "tries": held.tries,
        "next_try_at": _written(held.next_try_at),
        "made_at": _written(held.made_at),
        "ended_at": _written(held.ended_at),
        "said": held.said or None,
    }
    if with_tries:
        told["attempts"] = [_attempt(one) for one in held.attempts.all()]
    return told


def none_such(key: str) -> Problem:
    """That there is no such channel."""
    return Problem(
        "channels.none",
        _("There is no channel {key}.", key=key[:80]),
        _("`zhiyin channel list` shows those that there are."),
    )


def no_delivery(number: int) -> Problem:
    """That there is no such message."""
    return Problem(
        "channels.no-delivery",
        _("There is no message {number} here.", number=number),
        _("`zhiyin channel deliveries` shows those that there are."),
    )


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "verdict": one.verdict,
        "said": one.said or None,
        "milliseconds": one.milliseconds,
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
