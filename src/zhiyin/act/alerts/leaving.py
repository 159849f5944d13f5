"""The share of customers who leave a journey at a touchpoint, day by day.

A journey counts on the day on which it is known to be over: when nothing has happened for the map's
pause. So whoever leaves and whoever goes on are counted equally late, and a day that is over stays
as it is.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.alerts import conditions
from zhiyin.act.alerts.conditions import Leaving
from zhiyin.act.alerts.seen import Daily
from zhiyin.journey.asking import read_span
from zhiyin.journey.events import microseconds
from zhiyin.journey.instances import instances
from zhiyin.kernel import clock
from zhiyin.kernel.periods import day_start
from zhiyin.maps import kept, seen
from zhiyin.warehouse.log import Log

LONGEST = timedelta(days=60)
"""A journey that has gone on for longer is taken to begin so long before its days."""


def read(log: Log, settings: Settings, condition: Leaving, start: date, end: date) -> Daily:
    """Of the customers whose journeys past the touchpoint were over on these days, 1 for each who
    left there short of the goal, 0 for the others.

    Raises:
        Problem: ``map.none``, ``alerts.touchpoint``; as `segments.read`.
    """
    map_, node = conditions.node_of(condition, settings.slug)
    pause = read_span(map_.pause)
    early = start - timedelta(days=pause.days + 1) - LONGEST
    whose = kept.persona(settings.slug, map_.persona).customers if map_.persona else ""
    looked = seen.Seen(early, end, where=conditions.filter_of(condition), customers=whose)
    place = map_.nodes.index(node)
    found = instances(log, settings, seen.asked_of(map_, looked))
    over_at = found.end + microseconds(pause)
    days = (end - start).days
    edges = [
        clock.microseconds(day_start(start + timedelta(days=one), settings.timezone))
        for one in range(days + 1)
    ]
    day = np.searchsorted(np.array(edges, np.int64), over_at, side="right") - 1
    is_in = found.visited[:, place] & ~found.is_open & (day >= 0) & (day < days)
    has_left = (found.last == place) & ~found.reached
    # A customer's journeys that were over on one day are one answer: whether she left in any.
    cell, of = np.unique(np.stack([day[is_in], found.customer[is_in]]), axis=1, return_inverse=True)
    left = np.zeros(cell.shape[1])
    np.maximum.at(left, of.reshape(-1), has_left[is_in].astype(float))
    return Daily(start, days, cell[0], cell[1], left, factor=100.0, unit="percent")
