"""What the clock does for triggers, every minute: events that have come of age ask.

An event is dealt with once for each distribution, whenever the process is killed: the asking that
it came to has a key made of the event, which the store takes once, and how far the log was read is
written down after that. What arrived, was lived long enough ago and was not dealt with is read:

- what arrived since the last look, if its delay is over;
- what had arrived before, if its delay has come to an end since.

An event that was taken back, replaced or erased before its delay was over is not there to ask.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Distribution
from zhiyin.collect.reaching import drawing, planning, triggers
from zhiyin.collect.reaching.models import TriggerLook
from zhiyin.collect.reaching.triggers import Lived, Span, Trigger
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log

_log = logging.getLogger("zhiyin.triggers")


@dataclass(slots=True)
class Looked:
    """What one look came to.

    Args:
        events: that were dealt with.
        nameless: of these, such as no id names.
        left_out: are not in the sample.
        planned: are asked when they are due.
        withheld: by reason.
        already: had been dealt with before the process was killed.
    """

    events: int = 0
    nameless: int = 0
    left_out: int = 0
    planned: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    already: int = 0


def look_all(
    log: Log, workspace: str, *, between: Callable[[int, int], None], at: datetime | None = None
) -> Mapping[str, int]:
    """Look for every trigger of a workspace; a trigger that cannot be read says so, and keeps none
    of the others waiting.

    Args:
        between: told how many are done, of how many; it may raise, to stop.
    """
    held = active(workspace)
    asked = withheld = 0
    for done, one in enumerate(held):
        between(done, len(held))
        try:
            found = look(log, one, at=at or now())
        except Problem as problem:
            _log.warning("a trigger cannot be read: %s", problem.code)
            TriggerLook.objects.filter(distribution=one).update(trouble=problem.code)
            continue
        asked += found.planned
        withheld += found.withheld.total()
    return {"triggers": len(held), "asked": asked, "withheld": withheld}


def active(workspace: str) -> list[Distribution]:
    """The distributions whose trigger asks at present: not paused, and the survey takes answers."""
    found = Distribution.objects.filter(
        workspace__slug=workspace, begins__isnull=False, is_paused=False, survey__is_open=True
    )
    return list(found.select_related("survey", "workspace").order_by("pk"))


def look(log: Log, held: Distribution, *, at: datetime) -> Looked:
    """Deal with the events of one trigger that have come of age by `at` (UTC, naive).

    Raises:
        Problem: the trigger's filter, or the survey, is no longer what it was.
    """
    slug = held.workspace.slug
    trigger = triggers.read(held.begins or {})
    place = _place(held, trigger)
    newest = triggers.newest(log, slug)
    found = Looked()
    if newest is None:
        return found
    span = _span(place, trigger, newest, at)
    for page in triggers.lived(log, settings_of(slug), trigger, span):
        _deal(log, held, trigger, page, at, found)
    # Last: who is killed before this deals with the same events again, and finds them dealt with.
    TriggerLook.objects.filter(pk=place.pk, says=place.says).update(
        seen_at=max(span.upto, span.seen).replace(tzinfo=UTC),
        lived_upto=span.lived_upto.replace(tzinfo=UTC),
        trouble="",
    )
    return found


def _place(held: Distribution, trigger: Trigger) -> TriggerLook:
    """How far it has read; from when it was set on, where it is new or asks for other events."""
    says = hashlib.sha256(f"{trigger.event}\0{trigger.where}".encode()).hexdigest()
    found = TriggerLook.objects.filter(distribution=held).first()
    if found is not None and found.says == says:
        return found
    since = held.changed_at
    anew = {"says": says, "since_at": since, "seen_at": since, "trouble": ""}
    # Nothing that has arrived since was lived before this.
    anew["lived_upto"] = since - timedelta(days=3650)
    place, _made = TriggerLook.objects.update_or_create(distribution=held, defaults=anew)
    return place


def _span(place: TriggerLook, trigger: Trigger, newest: datetime, at: datetime) -> Span:
    since, seen, lived_after = (
        moment.astimezone(UTC).replace(tzinfo=None)
        for moment in (place.since_at, place.seen_at, place.lived_upto)
    )
    return Span(
        # Nothing arrives before it is lived, as `Lived.at` has it.
        after=max(since, min(seen, lived_after)),
        upto=newest,
        # Where the delay has become longer this is earlier than it was, and some is read again.
        lived_upto=at - trigger.delay,
        seen=seen,
        lived_after=lived_after,
    )


def _deal(
    log: Log, held: Distribution, trigger: Trigger, page: list[Lived], at: datetime, found: Looked
) -> None:
    """Ask for what a page of events asks for."""
    named = triggers.people(log, held.workspace.slug, trigger, page, channel=held.channel)
    drawn = [
        (one, person)
        for one, person in named
        if drawing.is_in_sample(held.seed, one.cause, held.sample_share)
    ]
    found.events += len(page)
    found.nameless += len(page) - len(named)
    found.left_out += len(named) - len(drawn)
    if not drawn:
        return
    done = planning.plan(
        log,
        by=None,
        distribution=held,
        people=[person for _one, person in drawn],
        due_at=at,
        known=["late" if is_late(one, trigger, at) else "" for one, _person in drawn],
    )
    found.planned += done.planned
    found.already += done.already
    found.withheld.update(done.withheld)


def is_late(one: Lived, trigger: Trigger, at: datetime) -> bool:
    """Whether an asking at `at` would come later after the event than the trigger allows."""
    return at > one.at + trigger.delay + trigger.late
