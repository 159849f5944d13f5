"""Conversion over time: of those who began a funnel in a period, how many come to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zhiyin.journey.events import Events
from zhiyin.journey.funnel import FunnelAsked, Part, Step, counted, withheld
from zhiyin.journey.retention import periods
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Grain, day_start
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Began:
    """Those whose chain began in a period.

    Args:
        is_final: whether the time from the first step to the last is over for all of them; until
            then more may come.
    """

    period: str
    is_final: bool
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "period": self.period,
            "is_final": self.is_final,
            "steps": [step.as_dict() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Conversion:
    """A funnel for each period, in the order of time; one in which nobody began has no steps."""

    every: Grain
    periods: tuple[Began, ...]
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "every": self.every,
            "periods": [one.as_dict() for one in self.periods],
            "minimum_base": self.minimum_base,
        }


def conversion(
    log: Log,
    settings: Settings,
    asked: FunnelAsked,
    *,
    every: Grain,
    scope: Filter | None = None,
    now: datetime | None = None,
) -> Conversion:
    """Count who passes the steps by the period of the event that starts the chain.

    As with a break-down, a customer who started in two periods is in both, each by a chain of its
    own. The end of a chain may lie in a later period.

    Args:
        asked: without regard to its break-down.
        now: what has not happened by then may still come (UTC, naive); None is this moment.

    Raises:
        Problem: ``journey.no-such-event``, ``filter.…``.
    """
    events = Events.of(log, settings, asked.chosen, scope=scope)
    buckets = periods(events, every)
    if not buckets:
        return Conversion(every, (), settings.minimum_base)
    whole, found = counted(events, asked, Part("occurred_at", tuple(buckets)))
    shown = dict(
        withheld([(str(n), steps) for n, steps in found.items()], whole, settings.minimum_base)
    )
    end = now or clock.now()
    if asked.chosen.end is not None:
        end = min(end, day_start(asked.chosen.end, settings.timezone))
    return Conversion(
        every,
        tuple(
            Began(bucket.label, bucket.end + asked.within <= end, shown.get(str(n), ()))
            for n, bucket in enumerate(buckets)
        ),
        settings.minimum_base,
    )
