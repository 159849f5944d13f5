"""Time between: how long after an event another one comes, or the same one again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.asking import ALL, Chosen
from zhiyin.journey.attempts import Gaps, Marks, gaps, known_until
from zhiyin.journey.events import EPOCH, MICROSECOND, Events
from zhiyin.journey.lengths import Length, lengths
from zhiyin.journey.withholding import State, within
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class BetweenAsked:
    """From each event of one set of names to the next of another, or of the same.

    Args:
        first: names that the time counts from.
        then: names that end it; the same names ask how long until it is done again.
        confidence: of the intervals.
    """

    first: frozenset[str]
    then: frozenset[str]
    chosen: Chosen = ALL
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Between:
    """How long it takes; None and nothing where it is not shown, as the states say.

    Args:
        waits: events that the time counts from.
        customers: who had one.
        followed: of the waits, those that the next event ended.
        followed_customers: who had one of these.
        times: of those followed, by share, in seconds.
        times_of_all: by when so large a share of all is followed; the others count up to the end
            of the log.
        known_until: up to when the log is known (UTC, naive).
        minimum_base: a count of fewer customers is not shown.
    """

    waits: int | None
    customers: int | None
    followed: int | None
    followed_customers: int | None
    times: tuple[Length, ...]
    times_of_all: tuple[Length, ...]
    known_until: datetime
    minimum_base: int
    state: State = "ok"
    followed_state: State = "ok"

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "waits": self.waits,
            "customers": self.customers,
            "followed": self.followed,
            "followed_customers": self.followed_customers,
            "times": [one.as_dict() for one in self.times],
            "times_of_all": [one.as_dict() for one in self.times_of_all],
            "state": self.state,
            "followed_state": self.followed_state,
            "known_until": f"{self.known_until.isoformat(timespec='seconds')}Z",
            "minimum_base": self.minimum_base,
        }


def between(
    log: Log,
    settings: Settings,
    asked: BetweenAsked,
    *,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Between:
    """Say how long it takes from each event to the next.

    Args:
        now: the log is known up to this moment at most (UTC, naive); None is this moment.

    Raises:
        Problem: ``journey.no-such-event``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    until = known_until(events, now or clock.now())
    found = gaps(events, asked.first, asked.then, until=until)
    customers = len(np.unique(found.customer))
    followed = len(np.unique(found.customer[found.came]))
    minimum = settings.minimum_base
    waiting = len(np.unique(found.customer[~found.came]))
    base, came = within([customers, followed], minimum)
    # What was followed and what still waits are each other's rest.
    came = within([customers, waiting], minimum)[1] if came == "ok" else came
    is_told = base == came == "ok"
    done = found.came
    return Between(
        waits=len(found.came) if base == "ok" else None,
        customers=customers if base == "ok" else None,
        followed=int(found.came.sum()) if is_told else None,
        followed_customers=followed if is_told else None,
        times=_lengths(found, done, asked) if is_told else (),
        times_of_all=_lengths(found, np.ones_like(done), asked) if is_told else (),
        known_until=EPOCH + until * MICROSECOND,
        minimum_base=minimum,
        state=base,
        followed_state=came,
    )


def _lengths(found: Gaps, these: Marks, asked: BetweenAsked) -> tuple[Length, ...]:
    return lengths(
        found.lasted[these], found.came[these], found.customer[these], asked.confidence, SHARES
    )
