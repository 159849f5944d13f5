"""The outbox: what is to be told waits here until it was taken, or was given up after three days.

A message is put in within the transaction of what it is about. Whoever is killed between sending
and writing that down sends it once more, with the same id: twice is possible, lost is not.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from zhiyin.accounts import sealing, work
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.act.channels import retries, writing
from zhiyin.act.channels.kinds import KINDS, Kind
from zhiyin.act.channels.message import Place, Verdict
from zhiyin.act.channels.models import Attempt, Channel, Delivery, DeliveryState
from zhiyin.kernel import outbound
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import in_language
from zhiyin.warehouse.log import Log

TIMEOUT_SECONDS = 20.0
MOST_BYTES = 100_000
"""Of an answer."""

ROOM = 3
"""So many messages of a channel that gathers go one by one; of more, one tells all."""

KEPT = timedelta(days=30)
"""How long what is over is shown, and may be replayed."""

MINUTE = timedelta(minutes=1)

Ask = Callable[..., outbound.Reply]


@transaction.atomic
def put(*, channel: Channel, kind: str, key: str, about: Mapping[str, Any]) -> Delivery:
    """Put a message in. Call it inside the transaction of what it is about.

    Args:
        kind: what is told; a room has said `writing.write_with` for it.
        key: of the message: one that is there already is not put in again.
        about: what it tells of; JSON values, never anything that a customer said.
    """
    made, is_new = Delivery.objects.get_or_create(
        channel=channel,
        key=key,
        defaults={
            "name": f"msg_{secrets.token_hex(14)}",
            "kind": kind,
            "about": dict(about),
            "next_try_at": timezone.now(),
        },
    )
    if is_new:
        work.ask(by=None, kind="send-messages", workspace=channel.workspace.slug)
    return made


def has_due(workspace: str, now: datetime | None = None) -> bool:
    """Whether something is to be sent now."""
    at = now or timezone.now()
    return any(_room(channel, at) for channel in _channels_due(workspace, at))


def send_due(
    log: Log,
    workspace: str,
    *,
    progress: Progress = unseen,
    now: Callable[[], datetime] = timezone.now,
    ask: Ask = outbound.request,
    chance: random.Random | None = None,
) -> dict[str, int]:
    """Send what is due; returns how many messages were ``sent``, wait for ``later``, were given up
    (``dead``), or were ``merged`` into one that tells several.

    Args:
        progress: hears how many are done; what it raises ends the sending.
    """
    found = {"sent": 0, "later": 0, "dead": 0, "merged": 0}
    settings = settings_of(workspace)
    done = 0
    for channel in _channels_due(workspace, now()):
        with in_language(channel.language):
            found["merged"] += _gather(channel, now())
            while (room := _room(channel, now())) > 0:
                waiting = list(_due(channel, now())[:room])
                if not waiting:
                    break
                for held in waiting:
                    progress(done, done + len(waiting))
                    ended = _send(log, settings, channel, held, now, ask, chance or random)
                    found[ended] = found.get(ended, 0) + 1
                    done += 1
                    channel.refresh_from_db()
                    if not _room(channel, now()):
                        break
    progress(done, done)
    found.pop("empty", None)
    return found


def remove_old(now: datetime | None = None) -> int:
    """Remove what was over long ago; returns how many messages."""
    old = (now or timezone.now()) - KEPT
    count, _by_model = Delivery.objects.filter(ended_at__lt=old).delete()
    return count


def _channels_due(workspace: str, at: datetime) -> list[Channel]:
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=at)
    found = Channel.objects.filter(
        workspace__slug=workspace, is_on=True, pk__in=due.values("channel_id")
    )
    return list(found.select_related("workspace").order_by("pk"))


def _due(channel: Channel, at: datetime) -> QuerySet[Delivery]:
    waiting = channel.deliveries.filter(state=DeliveryState.WAITING, next_try_at__lte=at)
    return waiting.order_by("pk")


def _room(channel: Channel, at: datetime) -> int:
    """How many requests the channel takes now without being asked too often."""
    if not channel.is_on or (channel.not_before is not None and channel.not_before > at):
        return 0
    lately = Attempt.objects.filter(delivery__channel=channel, at__gt=at - MINUTE).count()
    return max(0, _kind(channel).per_minute - lately)


@transaction.atomic
def _gather(channel: Channel, at: datetime) -> int:
    """Where many messages wait that people read, have the first tell all; returns how many others.

    Tests, and what was tried before, go by themselves.
    """
    if not _kind(channel).gathers:
        return 0
    fresh = _due(channel, at).filter(tries=0).exclude(kind=writing.TEST).select_for_update()
    by_kind: dict[str, list[Delivery]] = {}
    for held in fresh:
        by_kind.setdefault(held.kind, []).append(held)
    gathered = 0
    for same in by_kind.values():
        if len(same) <= ROOM:
            continue
        first, others = same[0], same[1:]
        Delivery.objects.filter(pk__in=[one.pk for one in others]).update(
            state=DeliveryState.MERGED, merged_into=first, next_try_at=None, ended_at=at
        )
        gathered += len(others)
    return gathered


def _send(
    log: Log,
    settings: Settings,
    channel: Channel,
    held: Delivery,
    now: Callable[[], datetime],
    ask: Ask,
    chance: Any,
) -> str:
    kind = _kind(channel)
    abouts = [held.about, *held.merged.order_by("pk").values_list("about", flat=True)]
    message = writing.written(log, settings, held, abouts)
    if message is None:
        held.state, held.next_try_at, held.ended_at = DeliveryState.EMPTY, None, now()
        held.save()
        return "empty"
    begun, at = time.monotonic(), now()
    try:
        place = _place(channel, at)
        request = kind.request(message, place, at.replace(tzinfo=None))
        reply = ask(
            "POST", request.url, headers=request.headers, body=request.body,
            most_bytes=MOST_BYTES, timeout_seconds=TIMEOUT_SECONDS, redirects=0,
        )  # fmt: skip
        verdict = kind.judged(reply)
    except outbound.NotReached as error:
        verdict = Verdict("later", error.code)
    except Problem as error:
        verdict = Verdict("failed", error.code)
    spent = int((time.monotonic() - begun) * 1000)
    return _note(channel.pk, held.pk, verdict, at, spent, chance)


@transaction.atomic
def _note(
    channel_pk: int, pk: int, verdict: Verdict, at: datetime, milliseconds: int, chance: Any
) -> str:
    """Write down what became of a try."""
    channel = Channel.objects.select_for_update().filter(pk=channel_pk).first()
    held = Delivery.objects.select_for_update().filter(pk=pk).first()
    if channel is None or held is None:
        return "empty"  # removed at this moment
    said = verdict.said[:300]
    Attempt.objects.create(
        delivery=held, at=at, verdict=verdict.state, said=said, milliseconds=milliseconds
    )
    held.tries += 1
    held.said = said
    again = None
    if verdict.state == "later":
        again = retries.next_at(at, held.tries, verdict.wait_seconds, chance)
        if verdict.wait_seconds:
            wait = min(verdict.wait_seconds, retries.LONGEST)
            channel.not_before = at + timedelta(seconds=wait)
    elif verdict.state == "gone":
        # Nobody is there: what waits goes on waiting until a person has looked.
        channel.is_on, channel.why_off = False, said or "410"
        again = at
    channel.save()
    if again is not None:
        held.state, held.next_try_at = DeliveryState.WAITING, again
    else:
        held.state = DeliveryState.SENT if verdict.state == "sent" else DeliveryState.DEAD
        held.next_try_at, held.ended_at = None, at
    held.save()
    return "later" if held.state == DeliveryState.WAITING else str(held.state)


def _place(channel: Channel, at: datetime) -> Place:
    holds = channel.former_until is not None and channel.former_until > at
    return Place(
        sealing.unseal(channel.address),
        sealing.unseal(channel.secret) if channel.secret else "",
        sealing.unseal(channel.former) if holds else "",
        channel.keyword,
    )


def _kind(channel: Channel) -> Kind:
    return KINDS[channel.kind]  # type: ignore[index]
