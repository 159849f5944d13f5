"""The traffic of a journey map, answered by the compiled pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.conformance_asked import JourneyAsked, journey_of
from zhiyin.warehouse.journeys.passes import mapped
from zhiyin.warehouse.journeys.passes.next_node import MapAsked
from zhiyin.warehouse.journeys.questions import allowed_by

CHANNEL = "channel"
NODE, STAGE, TOTAL, NAME = range(4)
"""What a row of the answer is about."""


class TrafficAsked(JourneyAsked, frozen=True, kw_only=True):
    """What goes on at the nodes of a map that are chosen by `Log.ask_journeys`.

    Args:
        help: by node, whether customers ask for help there.
        stages: how many there are.
        gap: microseconds; a session ends with a longer pause.
        until: microseconds since 1970, up to which the log is known.
        customers: int32, those who ordered something.
        amounts: float64, what each of them ordered.
    """

    help: list[bool]
    stages: int
    gap: int
    until: int
    customers: bytes = b""
    amounts: bytes = b""


def mapped_traffic(chosen: Chosen, asked: TrafficAsked) -> pa.Table:
    """What goes on at each node, in each stage, in all, and by name at no node.

    Returns:
        ``what`` (NODE, STAGE, TOTAL, NAME) and ``number`` (of the node, of the stage, 0, code of
        the name); the columns of `passes.mapped`'s sums, null where a row has none; ``median``
        microseconds to the next node; ``money`` and ``money_squares`` of a node's customers, and of
        those who reached the goal in the row of all. ``switches``, ``ss`` and ``si`` are null where
        the index does not hold channels.
    """
    question = MapAsked(
        journey=journey_of(chosen, asked),
        stage=asked.stage,
        stages=asked.stages,
        help=asked.help,
        gap=asked.gap,
        until=asked.until,
        channels=_channels(chosen),
        money=_money(asked),
    )
    found = mapped.traffic(chosen.histories, question, allowed=allowed_by(chosen, asked))
    used = np.flatnonzero(found.names.any(axis=1))
    lots: list[tuple[int, npt.NDArray[np.int64], tuple[str, ...], npt.NDArray[np.int64]]] = [
        (NODE, np.arange(len(found.nodes)), mapped.NODE_SUMS, found.nodes),
        (STAGE, np.arange(len(found.stages)), mapped.STAGE_SUMS, found.stages),
        (TOTAL, np.zeros(1, np.int64), mapped.TOTALS, found.totals.reshape(1, -1)),
        (NAME, used, mapped.NAME_SUMS, found.names[used]),
    ]
    columns: dict[str, Any] = {
        "what": np.concatenate([np.full(len(numbers), what) for what, numbers, _n, _s in lots]),
        "number": np.concatenate([numbers for _what, numbers, _n, _s in lots]),
    }
    for name in dict.fromkeys(one for _w, _n, names, _s in lots for one in names):
        parts = [
            sums[:, names.index(name)] if name in names else np.zeros(len(numbers), np.int64)
            for _what, numbers, names, sums in lots
        ]
        known = [np.full(len(numbers), name in names) for _what, numbers, names, _s in lots]
        columns[name] = pa.array(np.concatenate(parts), mask=~np.concatenate(known))
    if question.channels is None:
        for name in ("switches", "ss", "si"):
            columns[name] = pa.nulls(len(columns["what"]), pa.int64())
    rest = [None] * len(used)
    blank = [None] * len(found.stages)
    columns["median"] = pa.array(
        [*(None if np.isnan(us) else us for us in found.median_us), *blank, None, *rest],
        pa.float64(),
    )
    for place, name in enumerate(("money", "money_squares")):
        own = [*found.money[:, place], *blank, found.reached_money[place], *rest]
        columns[name] = pa.array(own, pa.float64())
    return pa.table(columns)


def _channels(chosen: Chosen) -> npt.NDArray[np.int32] | None:
    if CHANNEL not in chosen.columns:
        return None
    return np.ascontiguousarray(chosen.codes[:, chosen.columns.index(CHANNEL)])


def _money(asked: TrafficAsked) -> npt.NDArray[np.float64] | None:
    customers = np.frombuffer(asked.customers, np.int32)
    if not len(customers):
        return None
    found = np.zeros(int(customers.max()) + 1)
    found[customers] = np.frombuffer(asked.amounts, np.float64)
    return found
