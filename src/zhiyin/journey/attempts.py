"""Attempts at a task, and waits for what comes next: one row each, before anything is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zhiyin.journey.events import EPOCH, NOBODY, Events, microseconds, order_of
from zhiyin.kernel.periods import day_start
from zhiyin.warehouse import lang

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

CAME, GAVE_UP, OPEN = range(3)
"""How an attempt stands: the goal came; its time is over; neither, when the log ends."""

_BITS = {"begins": 1, "goal": 2, "error": 4, "help": 8}


@dataclass(frozen=True, slots=True)
class Attempts:
    """One entry an attempt, a customer's together and in the order of time.

    Args:
        customer: her key.
        began, lasted: microseconds since 1970; until the goal came, the time was over or the log
            ends.
        state: CAME, GAVE_UP or OPEN.
        errors, helps, switches: events of these names, and changes of channel, within it.
        part: the code of the break-down at the event that began it, NOBODY for a missing one.
    """

    customer: Ints
    began: Ints
    lasted: Ints
    state: Ints
    errors: Ints
    helps: Ints
    switches: Ints
    part: Ints

    def of(self, chosen: Marks) -> Attempts:
        """Some of them, in their order."""
        return Attempts(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Gaps:
    """One entry a wait: `lasted` microseconds until the next event came, or the log ends."""

    customer: Ints
    began: Ints
    lasted: Ints
    came: Marks


def known_until(events: Events, now: datetime) -> int:
    """The moment up to which the log is known, in microseconds since 1970.

    That of the last event of all, whatever the filter, but not beyond the last chosen day or now.
    """
    everything = lang.table(events.schema, "events")
    query = everything.aggregate(last=everything.occurred_at.max())
    (row,) = events.run(query).to_pylist()
    until = min(now, row["last"] or now)
    if events.chosen.end is not None:
        until = min(until, day_start(events.chosen.end, events.settings.timezone))
    return microseconds(until - EPOCH)


def attempts(
    events: Events,
    names: Mapping[str, frozenset[str]],
    *,
    within: int,
    until: int,
    by: str | None = None,
) -> Attempts:
    """Every attempt, by the index or by SQL.

    Args:
        names: of events, for ``begins``, ``goal``, ``error`` and ``help``.
        within: microseconds from the start, the end included.
        until: microseconds since 1970, up to which the log is known.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``.
    """
    codes = {kind: events.codes(words) for kind, words in names.items()}
    column = None if by is None else events.column(by)
    found = events.ask("attempts", {**codes, "within": within, "until": until}, by)
    if found is None or found["switches"].null_count:
        found = _by_sql(events, codes, column, within, until)
    return Attempts(*(_ints(found, name) for name in Attempts.__dataclass_fields__))


def gaps(events: Events, first: frozenset[str], then: frozenset[str], *, until: int) -> Gaps:
    """From each event of `first` to the customer's next one of `then`, an event of its own.

    Raises:
        Problem: ``journey.no-such-event``.
    """
    one, other = events.codes(first), events.codes(then)
    found = events.ask("gaps", {"first": one, "then": other, "until": until})
    if found is None:
        found = events.run(_waits(events, one, other, until))
    customer, began, lasted = (_ints(found, name) for name in ("customer", "began", "lasted"))
    return Gaps(customer, began, lasted, _ints(found, "came").astype(np.bool_))


def _waits(events: Events, first: list[int], then: list[int], until: int) -> lang.Expression:
    rows = events.rows()
    rows = rows.filter(rows.name.isin([*first, *then]))
    at = lang.ifelse(rows.name.isin(then), rows.us, lang.null("int64"))
    rows = rows.mutate(at=at)
    after = {"group_by": "customer", "order_by": order_of(rows), "rows": (1, None)}
    rows = rows.mutate(next=rows.at.min().over(**after))
    begun = rows.filter(rows.name.isin(first))
    came = begun.next.notnull()
    still = lang.ifelse(begun.us < until, lang.literal(until) - begun.us, 0)
    return begun.select(
        customer="customer",
        began="us",
        lasted=lang.ifelse(came, begun.next - begun.us, still),
        came=came,
    )


def _by_sql(
    events: Events, codes: Mapping[str, list[int]], column: str | None, within: int, until: int
) -> pa.Table:
    """SQL chooses and orders the events; the pass that walks over the index walks over them."""
    # Here alone: whoever asks the index does not load the compiler.
    from zhiyin.warehouse.journeys import walking

    rows = events.rows(*{"channel", *([column] if column else [])} - {"name"})
    mark: Any = lang.literal(0)
    for kind, bit in _BITS.items():
        if codes[kind]:
            mark = mark + lang.ifelse(rows.name.isin(codes[kind]), bit, 0)
    rows = rows.mutate(
        mark=mark.cast("int64"),
        part=lang.coalesce(rows[column], NOBODY) if column else lang.literal(NOBODY),
        told=lang.coalesce(rows.channel, NOBODY),
        started=lang.ifelse(rows.name.isin(codes["begins"]), rows.us, lang.null("int64")),
    )
    # An attempt began at a start, so the last start is no longer ago than its time.
    until_now = {"group_by": "customer", "order_by": order_of(rows), "rows": (None, 0)}
    rows = rows.mutate(last=rows.started.max().over(**until_now))
    near = rows.filter(rows.last.notnull(), rows.us - rows.last <= within)
    query = near.order_by(["customer", *order_of(near)]).select(
        "customer", "us", "mark", "part", "told"
    )
    found = events.run(query)
    return walking.attempts(
        *(_ints(found, name) for name in ("customer", "us", "mark", "part", "told")),
        within=within,
        until=until,
    )


def _ints(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)
