"""How far sessions came in which place, answered by the compiled passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import BrokenDown, Chosen
from zhiyin.warehouse.journeys.histories import Ints
from zhiyin.warehouse.journeys.passes import visits
from zhiyin.warehouse.journeys.passes.reading import ended
from zhiyin.warehouse.journeys.questions import Timed, allowed_by


class VisitsAsked(Timed, frozen=True, kw_only=True):
    """Steps as codes of names; a session ends with a pause of more than `gap` microseconds."""

    names: list[list[int]]
    gap: int


def visited(chosen: Chosen, asked: VisitsAsked) -> pa.Table:
    """Sessions with an event of the first step; where they were is told by their first event.

    Returns:
        First a row for each customer and place: ``customer``; ``at0``…, codes of the words of what
        is broken down by, -1 for a missing one; ``came0``…, how many sessions came to each step.
        Then a row for each session that came to the last, with nulls for these: ``start`` and
        ``ended``, microseconds since 1970, and ``following``, when the customer's next session
        starts, of whatever events, null for none.
    """
    steps = [frozenset(names) for names in asked.names]
    rows, goals = visits.visits(
        chosen.histories, steps, gap=asked.gap, allowed=allowed_by(chosen, asked)
    )
    keys, came = _together(chosen, rows)
    places = [_words(part, goals.names, goals.tuples) for part in chosen.parts]
    customer = np.concatenate([keys[:, 0], goals.keys])
    columns: dict[str, Any] = {"customer": customer}
    for at, place in enumerate(places):
        columns[f"at{at}"] = np.concatenate([keys[:, 1 + at], place]).astype(np.int32)
    is_goal = np.arange(len(customer)) >= len(keys)
    for step in range(came.shape[1]):
        columns[f"came{step}"] = _padded(came[:, step], 0, len(goals.keys), is_goal)
    before = len(keys)
    columns["start"] = _padded(goals.starts, before, 0, ~is_goal)
    columns["ended"] = _padded(goals.ends, before, 0, ~is_goal)
    is_last = np.concatenate([np.ones(before, np.bool_), goals.following == visits.NONE])
    columns["following"] = _padded(goals.following, before, 0, is_last)
    return pa.table(columns)


def _together(chosen: Chosen, rows: visits.Visits) -> tuple[Ints, Ints]:
    """[row, customer and codes], and what came, with those of one customer and place as one."""
    parts = [_words(part, rows.names, rows.tuples) for part in chosen.parts]
    keys = np.column_stack([rows.keys, *parts]).astype(np.int64)
    if not len(keys):
        return keys, rows.came
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    is_new = np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1)))
    starts = np.flatnonzero(is_new)
    return keys[starts], np.add.reduceat(rows.came[order], starts, axis=0)


def _words(part: BrokenDown, names: Ints, tuples: Ints) -> npt.NDArray[np.int32]:
    """The code of the word of each event, -1 for a missing one."""
    table = part.groups.table
    columns = ended(part.groups.columns, 0, np.uint16)
    column = columns[np.minimum(tuples, len(columns) - 1)]
    return part.codes[table[np.minimum(names, len(table) - 1), column]]


def _padded(values: Ints, before: int, after: int, mask: npt.NDArray[np.bool_]) -> pa.Int64Array:
    return pa.array(np.pad(values, (before, after)), pa.int64(), mask=mask)
