"""Compiling the passes before anybody asks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.journeys.histories import PLAIN, Histories, Slices
from zhiyin.warehouse.journeys.passes import (
    adoption,
    before,
    conformance,
    engagement,
    extent,
    funnel,
    instances,
    mapped,
    next_node,
    parting,
    paths,
    repeats,
    retention,
    sessions,
    tasks,
    variants,
    visits,
)
from zhiyin.warehouse.journeys.passes.asked import WHOLE, Nodes
from zhiyin.warehouse.journeys.passes.locating import Page

DAY = 86_400_000_000


def warm() -> None:
    """Compile every pass for the usual kind of tuples, or load it from disk.

    Half a minute once per machine, then some tenths of a second. Called at set-up and before a
    server says that it is ready.
    """
    steps = funnel.Steps([frozenset({0}), frozenset({1})], [frozenset()], DAY, "earliest")
    nodes, one = Nodes.named(2), frozenset({0})
    days, page = np.array([0, DAY]), Page(0, 1)
    histories = _one_event()
    funnel.waits(histories, steps, until=DAY)
    funnel.funnel(histories, steps)
    asked = paths.PathsAsked(nodes)
    paths.edges(histories, asked)
    paths.median_us(histories, asked, [(0, 0)])
    sessions.sessions(histories, gap=DAY)
    variants.variants(histories, nodes)
    visits.visits(histories, [one, one], gap=DAY)
    variants.row_of(histories, nodes, 0)
    repeats.repeats(histories, nodes)
    extent.extent(histories)
    retention.retention(histories, days)
    taken_up = adoption.AdoptionAsked(one, None, DAY, 1, days)
    adoption.adoption(histories, taken_up)
    engagement.engagement(histories, days, finished=1, gap=DAY)
    paths.behind(histories, asked, page, before=one, after=None)
    variants.behind(histories, nodes, [0], page)
    moments = before.Moments(np.zeros(1, np.int32), np.array([DAY]), np.zeros(1, np.uint8))
    before.before(histories, moments, nodes, within=DAY)
    parting.parting(histories, parting.PartingAsked(nodes, DAY, DAY, by=WHOLE))
    nothing = frozenset[int]()
    task = tasks.Task(frozenset({0}), frozenset({1}), nothing, nothing, DAY, DAY)
    tasks.attempts(histories, task, channels=[])
    tasks.gaps(histories, frozenset({0}), frozenset({1}), until=DAY)
    journey = instances.Journey(nodes, one, [True, False], DAY)
    drawn = conformance.Drawn(journey, [0, 1], [True, False])
    conformance.instances(histories, drawn)
    conformance.conformance(histories, drawn)
    on_map = next_node.MapAsked(journey, [0, 1], 2, [False, True], DAY, DAY)
    mapped.traffic(histories, on_map)
    next_node.medians_us(histories, on_map)


def _one_event() -> Histories:
    rests = np.zeros(1, np.uint8)
    none: npt.NDArray[np.int64] = np.zeros(1, np.int64)
    words = np.array([1], np.uint64)
    return Histories(
        epoch=0,
        name_bits=1,
        low_bits=0,
        base=Slices(np.array([0, 1]), words, rests),
        tail=Slices(none, words[:0].copy(), rests[:0].copy()),
        tail_place=np.full(1, -1, np.int32),
        flags=np.full(1, PLAIN, np.uint8),
        group=np.full(1, -1, np.int32),
        group_offsets=none,
        members=np.zeros(0, np.int32),
    )
