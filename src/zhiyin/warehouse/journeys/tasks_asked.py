"""Attempts at a task and the time between two events, answered by the compiled passes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.passes import tasks
from zhiyin.warehouse.journeys.passes.asked import ALL, WHOLE, Allowed, Groups
from zhiyin.warehouse.journeys.questions import Timed, allowed_by
from zhiyin.warehouse.journeys.tuples import Codes

CHANNEL = "channel"
_NO_CODES: Codes = np.zeros(0, np.int32)


class TaskAsked(Timed, frozen=True, kw_only=True):
    """What a task is made of, as codes of names; `within` in microseconds.

    Args:
        until: microseconds since 1970, up to which the log is known.
    """

    begins: list[int]
    goal: list[int]
    error: list[int]
    help: list[int]
    within: int
    until: int


class GapsAsked(Timed, frozen=True, kw_only=True):
    """From which names to the next of which, as codes.

    Args:
        until: microseconds since 1970, up to which the log is known.
    """

    first: list[int]
    then: list[int]
    until: int


def attempted(chosen: Chosen, asked: TaskAsked) -> pa.Table:
    """Attempts at a task, a row each; see `attempts_table`.

    ``switches`` is null where the index does not hold channels.
    """
    task = tasks.Task(
        frozenset(asked.begins), frozenset(asked.goal), frozenset(asked.error),
        frozenset(asked.help), asked.within, asked.until,
    )  # fmt: skip
    has_channels = CHANNEL in chosen.columns
    channels = chosen.codes[:, chosen.columns.index(CHANNEL)] if has_channels else _NO_CODES
    found = attempts_table(
        chosen.histories,
        task,
        channels=channels,
        allowed=allowed_by(chosen, asked),
        by=WHOLE if chosen.by is None else chosen.by.groups,
        codes=_NO_CODES if chosen.by is None else chosen.by.codes,
    )
    if has_channels:
        return found
    return found.set_column(
        found.schema.get_field_index("switches"), "switches", pa.nulls(len(found), pa.int32())
    )


def attempts_table(
    histories: Histories,
    task: tasks.Task,
    *,
    channels: Codes,
    codes: Codes,
    allowed: Allowed = ALL,
    by: Groups = WHOLE,
) -> pa.Table:
    """Attempts at a task as one table.

    Args:
        channels: by code of the tuple its channel, -1 where none is told.
        codes: of each group the code of its word.

    Returns:
        ``customer``, ``began`` and ``lasted`` (microseconds), ``state`` (0 came, 1 given up, 2
        open), ``errors``, ``helps``, ``switches``, ``part`` (code of the group's word, -1 for a
        missing one or where nothing is broken down).
    """
    found = tasks.attempts(histories, task, channels=channels, allowed=allowed, by=by)
    words = np.append(codes, -1).astype(np.int32)
    return pa.table(
        {
            "customer": found.keys,
            "began": found.began_us,
            "lasted": found.lasted_us,
            "state": found.state.astype(np.int8),
            "errors": found.errors.astype(np.int32),
            "helps": found.helps.astype(np.int32),
            "switches": found.switches.astype(np.int32),
            "part": words[found.groups],
        }
    )


def awaited(chosen: Chosen, asked: GapsAsked) -> pa.Table:
    """From each event of some names to the next of others: ``customer``, ``began`` and ``lasted``
    (microseconds), ``came`` (whether it did; else the log ends)."""
    found = tasks.gaps(
        chosen.histories,
        frozenset(asked.first),
        frozenset(asked.then),
        until=asked.until,
        allowed=allowed_by(chosen, asked),
    )
    return pa.table(
        {
            "customer": found.keys,
            "began": found.began_us,
            "lasted": found.lasted_us,
            "came": found.came.astype(np.bool_),
        }
    )
