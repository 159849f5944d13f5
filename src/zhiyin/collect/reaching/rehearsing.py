"""Whom a trigger would have asked over some days, and why it would have left the others alone.

Nothing is sent and nothing written. Each event is judged at the moment at which its asking would
have been due, after those before it, by today's rules; what was really sent counts as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Distribution
from zhiyin.collect.reaching import planning, triggers
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
        left_out: of the rest, those that are not in the sample.
        late: of the rest, those that arrived too late.
        asked: of the rest, those who would have been asked, `customers` different ones.
        withheld: how many would not have been, by a key of `planning.REASONS`.
        is_cut: there were more events than were judged.
    """

    since: datetime
    until: datetime
    events: int = 0
    imported: int = 0
    nameless: int = 0
    waiting: int = 0
    left_out: int = 0
    late: int = 0
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
        names = (name for name in planning.REASONS if name != "not_drawn")
        withheld = {name: self.withheld.get(name, 0) for name in names} | {"late": self.late}
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
        held: the distribution that would be sent; its own trigger and share do not matter.
        share: of the events.
        as_if_live: events of imports count, and each as if it had arrived when it happened.
    """

    held: Distribution
    trigger: Trigger
    share: float = 1.0
    days: int = 7
    as_if_live: bool = False


def rehearse(log: Log, asked: Rehearsal, *, at: datetime) -> Rehearsed:
    """Whom it would have asked in the days before `at` (UTC, naive).

    Raises:
        Problem: ``filter.…``.
    """
    workspace = asked.held.workspace.slug
    settings, trigger = settings_of(workspace), asked.trigger
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
    named = triggers.people(log, workspace, trigger, taken, channel=asked.held.channel)
    timed = [(person, _due(one, asked), one) for one, person in named]
    due = [each for each in timed if each[1] <= at]
    seed = asked.held.seed
    drawn = [each for each in due if is_in_sample(seed, each[0].cause, asked.share)]
    in_time = [
        (person, moment)
        for person, moment, one in drawn
        if moment <= one.at + trigger.delay + trigger.late
    ]
    reasons = _foreseen(log, asked, in_time)
    asked_of = [pair[0] for pair, reason in zip(in_time, reasons, strict=True) if not reason]
    counted = Counter(reason for reason in reasons if reason)
    whose = {one.cause: one.customer for one in taken}
    return Rehearsed(
        since=since,
        until=at,
        events=len(events),
        imported=len(events) - len(taken),
        nameless=len(taken) - len(named),
        waiting=len(timed) - len(due),
        left_out=len(due) - len(drawn),
        late=len(drawn) - len(in_time),
        asked=len(asked_of),
        customers=len({whose[person.cause] for person in asked_of}),
        withheld=dict(counted),
        is_cut=is_cut,
    )


def _due(one: Lived, asked: Rehearsal) -> datetime:
    """When the work of the clock would have asked."""
    due = one.at + asked.trigger.delay
    return due if asked.as_if_live else max(due, one.received_at)


def _foreseen(log: Log, asked: Rehearsal, in_time: list[tuple[Person, datetime]]) -> list[str]:
    held = copy(asked.held)
    held.sample_share = 1.0  # drawn already
    return planning.foresee(
        log,
        distribution=held,
        people=[person for person, _moment in in_time],
        due_at=[moment for _person, moment in in_time],
    )
