"""Journey instances and whether they follow the map, answered by the compiled passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.passes import conformance
from zhiyin.warehouse.journeys.passes.instances import Journey
from zhiyin.warehouse.journeys.questions import Timed, allowed_by


class JourneyAsked(Timed, frozen=True, kw_only=True):
    """A journey as it is drawn on the nodes that are chosen by `Log.ask_journeys`.

    Args:
        goal, hidden: codes of names.
        begins, stage, required: by node; see `passes.conformance.Drawn`.
        pause: microseconds.
    """

    goal: list[int]
    begins: list[bool]
    stage: list[int]
    required: list[bool]
    pause: int
    hidden: list[int] = []  # noqa: RUF012 - msgspec copies it


class InstancesAsked(JourneyAsked, frozen=True, kw_only=True):
    """Instances one by one.

    Args:
        until: microseconds since 1970, up to which the log is known.
    """

    until: int


class ConformanceAsked(JourneyAsked, frozen=True, kw_only=True):
    """Where instances leave the map."""


def listed(chosen: Chosen, asked: InstancesAsked) -> pa.Table:
    """A row an instance, a customer's together and in the order of time.

    Returns:
        ``customer``; ``start``, ``end`` and ``goal`` (microseconds since 1970, null where it was
        not reached); ``is_open``; ``steps`` (events at nodes); ``visited`` (a bit for each node);
        ``last`` (its node, null without any); and where it left the map, null where it did not:
        ``kind`` (0 back, 1 skipped), ``before``, ``to`` and ``missing`` (nodes, the last null where
        none was).
    """
    found = conformance.instances(
        chosen.histories, _drawn(chosen, asked), allowed=allowed_by(chosen, asked)
    )
    is_over = (found.is_followed == 1) | (asked.until - found.end_us > asked.pause)
    stays = found.left == conformance.NONE
    ways = conformance.unpacked(found.left)
    columns: dict[str, Any] = {
        "customer": found.keys,
        "start": found.start_us,
        "end": found.end_us,
        "goal": pa.array(found.goal_us, mask=found.goal_us == conformance.NO_TIME),
        "is_open": ~is_over,
        "steps": found.steps,
        "visited": found.visited,
        "last": pa.array(found.last, mask=found.last == conformance.NONE),
    }
    for name, way in zip(("kind", "before", "to", "missing"), ways, strict=True):
        columns[name] = pa.array(way, mask=stays | (way == conformance.NONE))
    return pa.table(columns)


def conforming(chosen: Chosen, asked: ConformanceAsked) -> pa.Table:
    """How many instances leave the map in which way.

    Returns:
        First a row of all instances with an event at a node: ``instances`` and ``customers``;
        ``following``, ``any_following`` and ``all_following``, instances that follow the map and
        customers one of whose does, and all of whose do; ``tt``, ``tn`` and ``nn``, sums over
        customers as those of `Log.totals`. Then a row each way of leaving: ``kind`` (0 back, 1
        skipped), ``before``, ``to`` and ``missing`` (nodes, the last null where none was). And for
        each of these a row for each ``name`` (code) of an unexplained event directly before.
    """
    found = conformance.conformance(
        chosen.histories, _drawn(chosen, asked), allowed=allowed_by(chosen, asked)
    )
    totals = dict(zip(conformance.TOTALS, found.totals.tolist(), strict=True))
    ways = ("kind", "before", "to", "missing", "name")
    rows = len(found.counts)
    columns: dict[str, Any] = {}
    for place, name in enumerate(ways):
        own = found.left[:, place]
        is_missing = np.append(True, own == conformance.NONE)
        columns[name] = pa.array(np.append(0, own), mask=is_missing)
    for place, name in enumerate(("instances", "customers")):
        columns[name] = np.append(totals[name], found.counts[:, place])
    for name in conformance.TOTALS[2:]:
        columns[name] = pa.array([totals[name], *([None] * rows)], pa.int64())
    return pa.table(columns)


def journey_of(chosen: Chosen, asked: JourneyAsked) -> Journey:
    """What instances are made of, as the passes take it."""
    return Journey(
        chosen.nodes, frozenset(asked.goal), asked.begins, asked.pause, frozenset(asked.hidden)
    )


def _drawn(chosen: Chosen, asked: JourneyAsked) -> conformance.Drawn:
    return conformance.Drawn(journey_of(chosen, asked), asked.stage, asked.required)
