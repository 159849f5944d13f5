"""A touchpoint's score over time, through the versions of its map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.periods import Grain, local_day
from zhiyin.maps import document
from zhiyin.maps.causes import request_of
from zhiyin.maps.document import Node
from zhiyin.maps.models import JourneyMap
from zhiyin.maps.seen import Seen
from zhiyin.measure import scores
from zhiyin.measure.scores import Scores
from zhiyin.warehouse.log import Log


@dataclass(frozen=True, slots=True)
class Break:
    """From this day on the rule that binds a touchpoint to answers is another one.

    The trend goes on: all of it is counted by the rule of today. The break says where somebody
    who looked then saw other figures.
    """

    day: date
    version: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A score by period, all by the rule that is looked at."""

    scores: Scores
    breaks: tuple[Break, ...]


def trend(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    node: Node,
    seen: Seen,
    metric: str,
    *,
    every: Grain,
    now: datetime,
) -> Trend | None:
    """The score of a touchpoint over the days looked at; None where it is not asked about.

    Raises:
        Problem: as `scores.score`.
    """
    if not node.answers:
        return None
    request = request_of(node, seen, metric, seen.whose(log, settings.slug))
    found = scores.score(log, settings, replace(request, every=every), now=now)
    return Trend(found, breaks(held, node.id, settings.timezone))


def breaks(held: JourneyMap, node: str, zone: str) -> tuple[Break, ...]:
    """Where the versions of a map bind a touchpoint to other answers than the version before."""
    found = []
    before: str | None = None
    for version in held.versions.order_by("number"):
        one = document.read(version.document).node(node)
        rule = one.answers if one else None
        if before is not None and rule is not None and rule != before:
            day = local_day(version.kept_at.replace(tzinfo=None), zone)
            found.append(Break(day, version.number, before, rule))
        before = rule if rule is not None else before
    return tuple(found)
