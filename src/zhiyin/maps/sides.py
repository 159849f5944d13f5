"""The two sides of a comparison of a map: whose events in which days by which rules, and who is
on both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import SECONDS, Events, Keys, Whose
from zhiyin.journey.mapped import MapAsked
from zhiyin.journey.traffic import NodeTraffic, Traffic, traffic
from zhiyin.kernel.filters import Filter, Not, both, write_node
from zhiyin.maps.document import Map
from zhiyin.maps.seen import Seen, asked_of
from zhiyin.measure import side_by_side
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

Both = Literal["counted", "neither", "ignored", "same"]
"""What becomes of customers on both sides, where shares of customers are compared.

``counted``: two groups of customers, the same events. Whoever is in both has the same journeys on
both sides, and counts with her covariance. ``neither``: two channels, or other rows: she is on
neither, since what she did here she may not have done there. ``ignored``: other days: as if nobody
were on both. ``same``: two versions of the same customers and events: nothing is tested, since no
chance is in it.
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One side.

    Args:
        without: all customers but these: short name of a segment, or a rule; blank: but nobody.
    """

    map: Map
    seen: Seen
    without: str = ""

    def whose(self, log: Log, workspace: str) -> Filter | None:
        """The rule over customers; None: everybody.

        Raises:
            Problem: as `segments.read`.
        """
        own = self.seen.whose(log, workspace)
        if not self.without:
            return own
        node = Not(segments.read(log, workspace, self.without).root)
        return both(own, Filter(node, write_node(node)))


@dataclass(frozen=True, slots=True)
class Flows:
    """The traffic of both sides.

    Args:
        shared: of the customers on both, where they are ``counted``.
        left_out: how many are on neither side, since they are on both.
    """

    here: Traffic
    there: Traffic
    both: Both
    shared: Traffic | None = None
    left_out: int = 0

    def of(self, id_: str) -> tuple[NodeTraffic | None, NodeTraffic | None]:
        """One touchpoint on both sides; None where the side's map has it not."""
        return node_of(self.here, id_), node_of(self.there, id_)


def node_of(flow: Traffic | None, id_: str) -> NodeTraffic | None:
    """The traffic of a touchpoint."""
    return next((one for one in flow.nodes if one.id == id_), None) if flow else None


def both_of(here: Side, there: Side) -> Both:
    """What becomes of customers on both sides."""
    mine, other = here.seen, there.seen
    if mine.where != other.where:
        return "neither"
    if (mine.start, mine.end) != (other.start, other.end):
        return "ignored"
    if (mine.customers, here.without) == (other.customers, there.without):
        return "same"
    is_same_map = asked_of(here.map, mine) == asked_of(there.map, mine)
    return "counted" if is_same_map else "neither"


def flows(
    log: Log, settings: Settings, here: Side, there: Side, hidden: frozenset[str] = frozenset()
) -> Flows:
    """Count the traffic of both sides.

    Raises:
        Problem: ``filter.…``; as `segments.read`.
    """
    # Looked up here: what is asked side by side reads the log alone, and segments stand elsewhere.
    whose = [_keys(log, settings, one.whose(log, settings.slug)) for one in (here, there)]
    asked = [_asked(one, hidden) for one in (here, there)]
    way, left_out = both_of(here, there), 0
    if way == "neither":
        present = side_by_side.found(
            partial(_present, log, settings, one.chosen, keys)
            for one, keys in zip(asked, whose, strict=True)
        )
        on_both = np.intersect1d(present[0], present[1])
        # Of a few nobody may be told how many they are, which a side without them would.
        if len(on_both) >= max(settings.minimum_base, 1):
            left_out = len(on_both)
            whose = [np.setdiff1d(one, on_both).astype(np.int32) for one in present]
    each = [(one, keys) for one, keys in zip(asked, whose, strict=True)]
    if way == "counted":
        each.append((asked[0], _common(*whose)))
    found = side_by_side.found(
        partial(traffic, log, settings, one, whose=keys) for one, keys in each
    )
    return Flows(found[0], found[1], way, found[2] if way == "counted" else None, left_out)


def _asked(side: Side, hidden: frozenset[str]) -> MapAsked:
    """What is asked of everybody; whose events alone are wanted is said by their keys."""
    asked = asked_of(side.map, side.seen, hidden)
    return replace(asked, chosen=replace(asked.chosen, customers=""))


def _keys(log: Log, settings: Settings, rule: Filter | None) -> Keys | None:
    return None if rule is None else keys_of(log, settings, rule)


def keys_of(log: Log, settings: Settings, rule: Filter | None) -> Keys:
    """The keys of the customers for whom a rule holds, int32 and rising; None: of all.

    Raises:
        Problem: ``filter.…``.
    """
    rows = Whose(() if rule is None else (rule,)).rows(log, settings)
    found = log.execute(settings.slug, rows, seconds=SECONDS)["customer"]
    return np.sort(found.to_numpy().astype(np.int32))


def _present(log: Log, settings: Settings, chosen: Chosen, keys: Keys | None) -> Keys:
    """The customers with an event on a side."""
    events = Events.of(log, settings, chosen)
    found = events.run(events.rows().select("customer").distinct())["customer"]
    present = np.sort(found.to_numpy().astype(np.int32))
    return present if keys is None else np.intersect1d(present, keys).astype(np.int32)


def _common(one: Keys | None, other: Keys | None) -> Keys | None:
    if one is None or other is None:
        return other if one is None else one
    return np.intersect1d(one, other).astype(np.int32)
