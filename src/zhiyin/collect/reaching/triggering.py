"""The triggers of a workspace: which distributions have one, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import distributions, drawing, rehearsing, triggers
from zhiyin.collect.reaching.models import TriggerLook
from zhiyin.collect.reaching.rehearsing import Rehearsal, Rehearsed
from zhiyin.collect.reaching.triggers import Trigger
from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log


@dataclass(frozen=True, slots=True)
class Listed:
    """A distribution with its trigger.

    Args:
        counts: its askings by state and reason.
        look: how far the log was read; None: never.
    """

    held: Distribution
    trigger: Trigger
    counts: Sequence[tuple[str, str, int]]
    look: TriggerLook | None

    def as_dict(self) -> dict[str, Any]:
        """As the API and the command line write it."""
        return {
            "key": self.held.key,
            "survey": self.held.survey.key,
            "channel": self.held.channel,
            "is_paused": self.held.is_paused,
            "sample_share": self.held.sample_share,
            "seed": self.held.seed,
            **self.trigger.as_dict(),
            "seen_at": self.look.seen_at if self.look else None,
            "trouble": (self.look.trouble or None) if self.look else None,
            "askings": [
                {"state": state, "reason": reason, "n": n} for state, reason, n in self.counts
            ],
        }


def of(workspace: str) -> list[Listed]:
    """The distributions that events ask for, by key."""
    return [_listed(held) for held in distributions.of(workspace).filter(begins__isnull=False)]


def get(workspace: str, key: str) -> Listed:
    """The trigger of a distribution.

    Raises:
        Problem: ``distribution.none``, ``trigger.none``.
    """
    held = distributions.get(workspace, key)
    if held.begins is None:
        raise Problem(
            "trigger.none",
            _("No event asks for the distribution {key}.", key=key),
            _("Give it a trigger: zhiyin reach trigger {key} --event NAME", key=key),
        )
    return _listed(held)


def counts(held: Distribution) -> list[tuple[str, str, int]]:
    """How many askings of a distribution are in which state, for which reason."""
    counted = (
        Asking.objects.filter(distribution=held)
        .values_list("state", "reason")
        .annotate(n=Count("pk"))
        .order_by("state", "reason")
    )
    return list(counted)


def _listed(held: Distribution) -> Listed:
    look = TriggerLook.objects.filter(distribution=held).first()
    return Listed(held, triggers.read(held.begins or {}), counts(held), look)


def put(
    log: Log, *, by: Actor, workspace: str, key: str, trigger: Trigger, share: float | None = None
) -> Listed:
    """Let an event ask for a distribution. What arrived before asks for nothing.

    Args:
        share: of the events; None leaves it.

    Raises:
        Problem: ``distribution.none``, ``trigger.…``, ``filter.…``.
    """
    held = distributions.get(workspace, key)
    trigger = triggers.read(trigger.as_dict())
    triggers.check(log, settings_of(workspace), trigger)
    share = held.sample_share if share is None else checked_share(share)
    before = {"begins": held.begins, "sample_share": held.sample_share}
    after = {"begins": trigger.as_dict(), "sample_share": share}
    if before != after:
        with transaction.atomic():
            held.begins, held.sample_share = after["begins"], share
            held.changed_by = by.name
            held.save(update_fields=["begins", "sample_share", "changed_by", "changed_at"])
            audit.record(
                by=by,
                action="trigger.changed",
                subject=key,
                workspace=workspace,
                before=before,
                # With it anybody can draw the same sample again.
                after={**after, "seed": held.seed},
            )
    return get(workspace, key)


def checked_share(share: float) -> float:
    """A share that can be.

    Raises:
        Problem: ``trigger.share``.
    """
    if not 0 < share <= 1:
        raise Problem(
            "trigger.share",
            _("The share of events that ask is more than 0 and at most 1, which is 100%."),
            _("For a fifth of them write 0.2, and on the page 20."),
        )
    return share


@transaction.atomic
def remove(*, by: Actor, workspace: str, key: str) -> None:
    """Let no event ask for it any more; what waits to be sent is sent.

    Raises:
        Problem: ``distribution.none``, ``trigger.none``.
    """
    held = get(workspace, key).held
    before = {"begins": held.begins}
    held.begins, held.changed_by = None, by.name
    held.save(update_fields=["begins", "changed_by", "changed_at"])
    TriggerLook.objects.filter(distribution=held).delete()
    audit.record(by=by, action="trigger.removed", subject=key, workspace=workspace, before=before)


def rehearsed(
    log: Log,
    held: Distribution,
    trigger: Trigger,
    *,
    days: int = 7,
    share: float | None = None,
    as_if_live: bool = False,
) -> Rehearsed:
    """Whom a trigger would have asked over the last days; see `rehearsing`.

    Raises:
        Problem: ``trigger.days``, ``filter.…``.
    """
    if not 1 <= days <= rehearsing.MOST_DAYS:
        raise Problem(
            "trigger.days",
            _("A dry run looks 1 to {most} days back.", most=rehearsing.MOST_DAYS),
            _("Give a number of days within that."),
        )
    asked = Rehearsal(
        held=held,
        trigger=trigger,
        share=held.sample_share if share is None else share,
        days=days,
        as_if_live=as_if_live,
    )
    return rehearsing.rehearse(log, asked, at=now())


def drawn(held: Distribution, source: str, event_id: str) -> dict[str, Any]:
    """What is drawn for an event: whether it asks, and the incentive's arm."""
    subject = drawing.SEPARATOR.join((source, event_id))
    return {
        "seed": held.seed,
        "number": drawing.number(held.seed, "sample", subject),
        "sample_share": held.sample_share,
        "is_in_sample": drawing.is_in_sample(held.seed, subject, held.sample_share),
        "arm": drawing.arm(held.seed, subject, held.arms) or None,
    }
