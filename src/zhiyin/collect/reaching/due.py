"""Who is really asked now: looked at once more at the moment of sending.

Between the list and the letter somebody may have stopped, answered or withdrawn consent, and the
survey may have closed. Whoever is asked is in the log before the letter leaves: her link works.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from zhiyin.collect.models import Asking, AskingState, Distribution
from zhiyin.collect.reaching import eligibility, people, planning, telling
from zhiyin.collect.reaching.people import Person
from zhiyin.kernel.clock import now
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

JUDGED_FOR = timedelta(minutes=10)
"""What was judged when somebody was planned holds so long."""

OVER = frozenset({"withdrawn", "no_consent"})
"""Reasons for which a reminder is not put off but given up."""

PUT_OFF = timedelta(days=1)


def next_after(
    held: Distribution, reminders_sent: int, *, is_reminder: bool, at: datetime
) -> datetime | None:
    """When the next reminder is due; None: there is none.

    Args:
        at: when the letter, or the last reminder, was sent.
    """
    days: list[int] = held.reminders
    if reminders_sent >= len(days):
        return None
    since = days[reminders_sent - 1] if is_reminder else 0
    return at + timedelta(days=days[reminders_sent] - since)


def ready(log: Log, workspace: str, found: Sequence[Asking]) -> list[Asking]:
    """Those of `found` whose letter or reminder is to leave now; the others are put off or over."""
    by_distribution: dict[int, list[Asking]] = {}
    for one in found:
        by_distribution.setdefault(one.distribution.pk, []).append(one)
    going: list[Asking] = []
    for askings in by_distribution.values():
        going += _ready(log, workspace, askings)
    _tell(log, workspace, going)
    return going


def _ready(log: Log, workspace: str, askings: list[Asking]) -> list[Asking]:
    held = askings[0].distribution
    if not held.survey.is_open:
        for one in askings:
            _give_up(one, AskingState.WITHHELD, "closed")
        return []
    stopped = planning.stopped_among(workspace, held.channel, askings)
    for one in [one for one in askings if one.address_hash in stopped]:
        _give_up(one, AskingState.STOPPED, "stopped")
    left = [one for one in askings if one.address_hash not in stopped]
    answered = _answered(log, workspace, [one for one in left if one.sent_at])
    for one in left:
        if one.token in answered:
            Asking.objects.filter(pk=one.pk).update(is_over=True)
    left = [one for one in left if one.token not in answered]
    return _judged(log, workspace, held, left)


def _judged(log: Log, workspace: str, held: Distribution, askings: list[Asking]) -> list[Asking]:
    fresh_since = timezone.now() - JUDGED_FOR
    old = [one for one in askings if one.sent_at or one.created_at < fresh_since]
    going = [one for one in askings if not (one.sent_at or one.created_at < fresh_since)]
    if not old:
        return going
    at = now()
    verdicts = eligibility.judge(
        log, workspace=workspace, kind=eligibility.kinds_of(workspace).get(held.survey.key, ""),
        channel=held.channel, people=[_person(one) for one in old], at=at,
        besides=[one.token for one in old],
    )  # fmt: skip
    for one, verdict in zip(old, verdicts, strict=True):
        reason = verdict.reason
        if one.sent_at is not None and reason not in OVER:
            # She was asked already: only consent, her quiet hours and an incident count.
            reason = ""
            if verdict.reason == "incident":
                _put_off(one, at + PUT_OFF)
                continue
        if reason:
            _give_up(one, AskingState.WITHHELD, reason)
        elif verdict.due_at > at:
            _put_off(one, verdict.due_at)
        else:
            going.append(one)
    return going


def _person(one: Asking) -> Person:
    return people.Person(customer=one.customer, customer_kind=one.customer_kind)


def _put_off(one: Asking, at: datetime) -> None:
    Asking.objects.filter(pk=one.pk, state=one.state).update(due_at=at.replace(tzinfo=UTC))


def _give_up(one: Asking, state: AskingState, reason: str) -> None:
    """Nothing more is sent to her. Who has had a letter was asked, whatever comes after."""
    mine = Asking.objects.filter(pk=one.pk, state=one.state)
    if one.sent_at is not None and state != AskingState.STOPPED:
        mine.update(is_over=True, reason=reason)
    else:
        mine.update(state=state, reason=reason, is_over=True, is_in_log=False)


def _answered(log: Log, workspace: str, askings: Sequence[Asking]) -> set[str]:
    """Whose survey was begun, by token; of an anonymous one, answered."""
    if not askings:
        return set()
    found = lang.table(log.schema(workspace), "exposures")
    tokens = lang.given([one.token for one in askings], "invitation")
    query = found.semi_join(tokens, "invitation").select("invitation", "action")
    rows = log.execute(workspace, query, words=True).to_pylist()
    return {row["invitation"] for row in rows if row["action"] in ("started", "answered")}


def _tell(log: Log, workspace: str, going: Sequence[Asking]) -> None:
    """Have the log know of each before she does."""
    new = [one for one in going if one.sent_at is None and not one.is_in_log]
    reminded = [one for one in going if one.sent_at is not None]
    said = [(one, "invited") for one in new] + [(one, "reminded") for one in reminded]
    if not said:
        return
    telling.write(log, workspace, said)
    Asking.objects.filter(pk__in=[one.pk for one in new], state=AskingState.WAITING).update(
        is_in_log=True
    )
