"""Whom a trigger would have asked over some days, and why it would have left the others alone.

Nothing is sent and nothing written. Each event is judged at the moment at which its asking would
have been due, after those before it, by today's rules; what was really sent counts as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.reaching import eligibility, triggers
from zhiyin.collect.reaching.drawing import is_in_sample
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.reaching.triggers import Lived, Span, Trigger
from zhiyin.warehouse.log import Log

MOST = 20_000
"""Events that are judged; of more, the first."""

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a trigger would have done.

    Args:
        events: that pass its filter.
        imported: of these, such as came with imports, which it does not take.
        nameless: of the rest, those of nobody whom an id names.
        waiting: of the rest, those whose delay is not over.
        late: of the rest, those that arrived too late.
        left_out: of the rest, those that are not in the sample.
        asked: of the rest, those who would have been asked, `customers` different ones.
        withheld: how many would not have been, by a key of `eligibility.REASONS`.
        is_cut: there were more events than were judged.
    """

    since: datetime
    until: datetime
    events: int = 0
    imported: int = 0
    nameless: int = 0
    waiting: int = 0
    late: int = 0
    left_out: int = 0
    asked: int = 0
    customers: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def all_withheld(self) -> int:
        """How many would not have been asked for a reason of the rules, or came too late."""
        return self.late + sum(self.withheld.values())

    def as_dict(self) -> dict[str, Any]:
        """As the API and the command line write it."""
        withheld = {"late": self.late, **{name: self.withheld.get(name, 0) for name in
                                          eligibility.REASONS}}  # fmt: skip
        return {
            "since": self.since,
            "until": self.until,
            "events": self.events,
            "imported": self.imported,
            "nameless": self.nameless,
            "waiting": self.waiting,
            "not_in_sample": self.left_out,
            "asked": self.asked,
            "customers": self.customers,
            "withheld": withheld,
            "is_cut": self.is_cut,
        }


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What is tried.

    Args:
        kind: of the survey.
        channel: by which it would be sent.
        seed: of the sample.
        as_if_live: events of imports count, and each as if it had arrived when it happened.
    """

    trigger: Trigger
    kind: str
    channel: str
    share: float = 1.0
    seed: int = 0
    days: int = 7
    as_if_live: bool = False


def rehearse(log: Log, *, workspace: str, asked: Rehearsal, at: datetime) -> Rehearsed:
    """Whom it would have asked in the days before `at` (UTC, naive).

    Raises:
        Problem: ``filter.…``.
    """
    settings = settings_of(workspace)
    trigger = asked.trigger
    since = at - timedelta(days=asked.days)
    span = Span(after=since, upto=at, lived_upto=at, seen=at, lived_after=since)
    events: list[Lived] = []
    for page in triggers.lived(log, settings, trigger, span, imports=True):
        events += page
        if len(events) > MOST:
            break
    is_cut, events = len(events) > MOST, events[:MOST]
    takes = trigger.takes_imports or asked.as_if_live
    taken = [one for one in events if takes or not one.is_imported]
    named = triggers.people(log, workspace, trigger, taken)
    timed = [(person, _due(one, asked), one) for one, person in named]
    due = [each for each in timed if each[1] <= at]
    in_time = [
        (person, moment)
        for person, moment, one in due
        if moment <= one.at + trigger.delay + trigger.late
    ]
    drawn = [pair for pair in in_time if is_in_sample(asked.seed, pair[0].cause, asked.share)]
    reasons = _judged(log, workspace, asked, drawn)
    asked_of = [pair[0] for pair, reason in zip(drawn, reasons, strict=True) if not reason]
    counted = Counter(reason for reason in reasons if reason)
    whose = {one.cause: one.customer for one in taken}
    return Rehearsed(
        since=since,
        until=at,
        events=len(events),
        imported=len(events) - len(taken),
        nameless=len(taken) - len(named),
        waiting=len(timed) - len(due),
        late=len(due) - len(in_time),
        left_out=len(in_time) - len(drawn),
        asked=len(asked_of),
        customers=len({whose[person.cause] for person in asked_of}),
        withheld=dict(counted),
        is_cut=is_cut,
    )


def _due(one: Lived, asked: Rehearsal) -> datetime:
    """When the work of the clock would have asked."""
    due = one.at + asked.trigger.delay
    return due if asked.as_if_live else max(due, one.received_at)


def _judged(
    log: Log, workspace: str, asked: Rehearsal, drawn: list[tuple[Person, datetime]]
) -> list[str]:
    verdicts = eligibility.judge(
        log,
        workspace=workspace,
        kind=asked.kind,
        channel=asked.channel,
        people=[person for person, _moment in drawn],
        at=[moment for _person, moment in drawn],
    )
    return [one.reason for one in verdicts]
