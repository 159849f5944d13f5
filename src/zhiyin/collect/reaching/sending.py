"""Sends what is due: the work of the jobs process. It may be killed anywhere, and nobody gets two.

A letter is taken down as being handed over before it is, and as sent after. Who was being handed
something when the process ended is *uncertain*: shown, and sent again by a person's word alone.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhiyin.collect.models import Asking, AskingState, Channel, Distribution
from zhiyin.collect.reaching import carriers, due, stopping, telling
from zhiyin.collect.reaching.handing import Carrier, Handed, Unreachable
from zhiyin.warehouse.log import Log

AT_ONCE = 500
"""Askings that are looked at together."""

IN_HAND = 20
"""Of these so many are handed over at once: what a kill leaves uncertain is no more."""

TRIES = 8
OUTAGE = timedelta(minutes=1)
"""How long a channel rests that takes nothing now."""

FIRST_WAIT = timedelta(minutes=5)
"""Doubled after each failure: the last try is some ten hours after the first."""

_log = logging.getLogger("zhiyin.reaching")


@dataclass(slots=True)
class Done:
    """What one run came to."""

    sent: int = 0
    reminded: int = 0
    not_sent: int = 0
    uncertain: int = 0

    def as_dict(self) -> dict[str, int]:
        """For the list of background work."""
        return {"sent": self.sent, "reminded": self.reminded, "not_sent": self.not_sent,
                "uncertain": self.uncertain}  # fmt: skip


def _on(_done: int, _of: int) -> None:
    return


def has_due(workspace: str, now: datetime | None = None) -> bool:
    """Whether there is something to send, or to tell the log."""
    return (
        _due(workspace, carriers.usable(), now or timezone.now()).exists()
        or telling.untold(workspace).exists()
        or _in_somebodys_hand(workspace).exists()
    )


def send_due(log: Log, workspace: str, *, between: Callable[[int, int], None] = _on) -> Done:
    """Send what is due, until nothing is.

    Args:
        between: told how many were dealt with, of how many; it may end the run.
    """
    holder = secrets.token_hex(16)
    done = Done(uncertain=_left_in_hand(workspace, holder))
    usable = carriers.usable()
    open_now: dict[str, Carrier] = {}
    telling.tell(log, workspace)
    seen = 0
    whole = _due(workspace, usable, timezone.now()).count()
    try:
        while found := _next(workspace, usable, timezone.now()):
            # More may have come of age meanwhile.
            whole = max(whole, seen + len(found))
            for part in _in_hand(due.ready(log, workspace, found)):
                between(seen, whole)
                channel = part[0].distribution.channel
                if channel not in usable:
                    continue
                if channel not in open_now:
                    open_now[channel] = carriers.of(channel)
                try:
                    seen += _hand(open_now[channel], part, holder, done)
                except Unreachable as error:
                    _log.warning("%s: %s", channel, error)
                    usable.discard(channel)
                    rest = timezone.now() + OUTAGE
                    _due(workspace, {channel}, rest).update(due_at=rest, trouble=str(error)[:120])
    finally:
        for carrier in open_now.values():
            carrier.close()
    telling.tell(log, workspace)
    return done


def _due(workspace: str, channels: set[str], at: datetime) -> QuerySet[Asking]:
    """Whose letter or reminder is due."""
    return Asking.objects.filter(
        Q(state__in=(AskingState.WAITING, AskingState.SENT)),
        workspace__slug=workspace,
        is_over__in=(False,),  # SQLite looks nothing up for NOT is_over, as Django writes False
        due_at__lte=at,
        distribution__is_paused=False,
        distribution__channel__in=channels,
    )


def _next(workspace: str, channels: set[str], at: datetime) -> list[Asking]:
    found = _due(workspace, channels, at).select_related("distribution__survey")
    return list(found.order_by("due_at", "pk")[:AT_ONCE])


def _in_hand(ready: Sequence[Asking]) -> Iterator[list[Asking]]:
    """Parts of one channel each."""
    for channel in Channel.values:
        of_it = [one for one in ready if one.distribution.channel == channel]
        for start in range(0, len(of_it), IN_HAND):
            yield of_it[start : start + IN_HAND]


def _left_in_hand(workspace: str, holder: str) -> int:
    """What another run was handing over when it ended."""
    cut_off = _in_somebodys_hand(workspace).exclude(holder=holder)
    return cut_off.update(state=AskingState.UNCERTAIN, reason="cut_off", trouble="")


def _in_somebodys_hand(workspace: str) -> QuerySet[Asking]:
    """Those that are being handed over. Whatever the log knows of them: an index begins with it."""
    return Asking.objects.filter(
        workspace__slug=workspace, is_in_log__in=(True, False), state=AskingState.SENDING
    )


def _hand(carrier: Carrier, part: Sequence[Asking], holder: str, done: Done) -> int:
    """Hand over what is still to be handed over; returns how many were dealt with."""
    messages: dict[int, Any] = {}
    said: dict[int, Handed] = {}
    for one in part:
        try:
            messages[one.pk] = carrier.write(one)
        except Exception:
            # One that cannot be written keeps no other waiting.
            _log.exception("asking %d", one.pk)
            said[one.pk] = Handed("failed", "not written")
    taken = _taken(part, holder)
    going = [(one, messages[one.pk]) for one in taken if one.pk in messages]
    try:
        carrier.hand(going, lambda one, handed: said.__setitem__(one.pk, handed))
    except Unreachable:
        _keep(taken, said, holder, done)
        _back(taken, said, holder)
        raise
    except BaseException:
        # What was said is kept. Of the others nobody knows: they stay in hand, and are uncertain.
        _keep(taken, said, holder, done)
        raise
    _keep(taken, said, holder, done)
    _back(taken, said, holder)
    return len(part)


def _taken(part: Sequence[Asking], holder: str) -> list[Asking]:
    """Take these down as being handed over: those that nobody took, stopped or paused meanwhile."""
    with transaction.atomic():
        mine = Asking.objects.filter(
            pk__in=[one.pk for one in part],
            state__in=(AskingState.WAITING, AskingState.SENT),
            is_over=False,
            distribution__in=Distribution.objects.filter(is_paused=False),
        )
        mine.update(state=AskingState.SENDING, holder=holder)
        held = set(
            Asking.objects.filter(
                pk__in=[one.pk for one in part], state=AskingState.SENDING, holder=holder
            ).values_list("pk", flat=True)
        )
    return [one for one in part if one.pk in held]


def _keep(taken: Sequence[Asking], said: dict[int, Handed], holder: str, done: Done) -> None:
    """Write down what became of each."""
    at = timezone.now()
    groups: dict[tuple[int, bool, int], list[int]] = {}
    with transaction.atomic():
        for one in taken:
            handed = said.get(one.pk)
            if handed is None:
                continue
            if handed.outcome == "sent":
                is_reminder = one.sent_at is not None
                group = one.distribution.pk, is_reminder, one.reminders_sent
                groups.setdefault(group, []).append(one.pk)
            else:
                _not_sent(one, handed, holder, at, done)
        by_pk = {one.distribution.pk: one.distribution for one in taken}
        for (pk, is_reminder, reminders), pks in groups.items():
            sent = _mine(pks, holder)
            count = reminders + 1 if is_reminder else 0
            next_at = due.next_after(by_pk[pk], count, is_reminder=is_reminder, at=at)
            more = {"reminders_sent": count} if is_reminder else {"sent_at": at}
            n = sent.update(
                state=AskingState.SENT, reason="", trouble="", holder="",
                is_over=next_at is None, due_at=next_at or at, **more,
            )  # fmt: skip
            if is_reminder:
                done.reminded += n
            else:
                done.sent += n


def _not_sent(one: Asking, handed: Handed, holder: str, at: datetime, done: Done) -> None:
    mine = _mine([one.pk], holder)
    trouble = handed.trouble[:120]
    done.not_sent += 1
    tries = one.tries + 1
    match handed.outcome:
        case "uncertain":
            mine.update(state=AskingState.UNCERTAIN, reason="cut_off", trouble=trouble)
            done.uncertain += 1
        case "refused":
            mine.update(
                state=AskingState.BOUNCED, reason="refused", trouble=trouble, holder="",
                is_over=True, is_in_log=False,
            )  # fmt: skip
            if handed.stops:
                stopping.stop_address(
                    one.workspace, one.distribution.channel, one.address_hash, why="bounced"
                )
        case "later" if tries < TRIES:
            wait = FIRST_WAIT * 2**one.tries
            mine.update(
                state=_before(one), tries=tries, trouble=trouble, holder="", due_at=at + wait
            )
        case _:
            reason = "not_taken" if handed.outcome == "failed" else "given_up"
            # Who has had the letter was asked, whatever became of the reminder.
            if one.sent_at is not None:
                mine.update(state=AskingState.SENT, trouble=trouble, holder="", is_over=True)
            else:
                mine.update(
                    state=AskingState.FAILED, reason=reason, trouble=trouble, holder="",
                    is_over=True, is_in_log=False,
                )  # fmt: skip


def _back(taken: Sequence[Asking], said: dict[int, Handed], holder: str) -> None:
    """Let those wait again whom nothing was handed."""
    for one in taken:
        if one.pk not in said:
            _mine([one.pk], holder).update(state=_before(one), holder="")


def _before(one: Asking) -> AskingState:
    return AskingState.WAITING if one.sent_at is None else AskingState.SENT


def _mine(pks: Sequence[int], holder: str) -> QuerySet[Asking]:
    """Those that this run holds, also where another has called them uncertain meanwhile."""
    return Asking.objects.filter(
        pk__in=pks, holder=holder, state__in=(AskingState.SENDING, AskingState.UNCERTAIN)
    )
