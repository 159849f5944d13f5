"""Why a touchpoint hurts, as far as figures tell: for whom most, and which reason they chose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import Filter, both, parse
from zhiyin.maps.document import Node
from zhiyin.maps.seen import Seen
from zhiyin.measure import behind, overview, registry, scores
from zhiyin.measure.behind import Reason
from zhiyin.measure.requests import ScoreRequest
from zhiyin.warehouse.log import Log

LOW_SHARE = 0.5
"""Of a scale: the half of it that is the bad one."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What goes with a bad score at a touchpoint; none of it proves a cause.

    Args:
        reasons: what those who rated it low chose as their reason, the most chosen first.
        group: for whom it is certainly worse than for the others there.
        low: the request of those who rated it low, whose rows lie behind.
    """

    reasons: tuple[Reason, ...] = ()
    group: overview.Group | None = None
    low: ScoreRequest | None = None


def request_of(node: Node, seen: Seen, metric: str, whose: Filter | None = None) -> ScoreRequest:
    """The figure of one touchpoint."""
    asked = registry.metric(metric)
    return ScoreRequest(
        asked.slug,
        start=seen.start,
        end=seen.end,
        where=both(seen.where, parse(node.answers)),
        kind="touchpoint" if asked.is_asked else None,
        confidence=seen.confidence,
        whose=whose,
    )


def cause(
    log: Log,
    settings: Settings,
    node: Node,
    seen: Seen,
    metric: str,
    *,
    now: datetime,
) -> Cause:
    """What goes with a bad score at a touchpoint.

    Raises:
        Problem: as `scores.score`.
    """
    if not node.answers:
        return Cause()
    whose = seen.whose(log, settings.slug)
    request = request_of(node, seen, metric, whose)
    ready = scores.prepared(log, settings, request, now=now)
    if ready.scale is None:
        return Cause()
    scale = ready.scale
    middle = scale.low + LOW_SHARE * (scale.high - scale.low)
    side = f"score < {middle:g}" if scale.direction == "up" else f"score > {middle:g}"
    low = replace(request, where=both(request.where, parse(side)))
    found = behind.of_figure(log, settings, low)
    return Cause(
        reasons=tuple(behind.reasons(found, settings)),
        group=overview.worst_for(log, settings, request, ready.better, now=now),
        low=low,
    )
