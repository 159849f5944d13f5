"""Sessions: stretches of a customer's events without a longer pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events, microseconds, order_of, seconds
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Sessions:
    """How often customers come, and for how long; nothing of fewer customers than `minimum_base`.

    Args:
        sessions: their number.
        single: of them, those of one event.
        customers: who have one.
        events: in all of them.
        median_events: of a session; None where there is none.
        median_seconds: from its first event to its last.
    """

    sessions: int | None
    single: int | None
    customers: int | None
    events: int | None
    median_events: float | None
    median_seconds: float | None
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def sessions(
    log: Log,
    settings: Settings,
    chosen: Chosen,
    *,
    gap: timedelta,
    scope: Filter | None = None,
) -> Sessions:
    """Count sessions; after a pause of more than `gap` the next one begins.

    They are made of the order of events, whatever session a source itself names.

    Raises:
        Problem: ``filter.…``.
    """
    events = Events.of(log, settings, chosen, scope=scope)
    found = events.ask("sessions", {"gap": microseconds(gap)})
    (row,) = (_by_sql(events, gap) if found is None else found).to_pylist()
    minimum = settings.minimum_base
    if 0 < row["customers"] < minimum:
        return Sessions(None, None, None, None, None, None, minimum)
    return Sessions(
        sessions=row["sessions"],
        single=int(row["single"] or 0),  # a sum comes as a decimal
        customers=row["customers"],
        events=int(row["events"] or 0),
        median_events=row["median_events"],
        median_seconds=seconds(row["lasted"]),
        minimum_base=minimum,
    )


def each_session(events: Events, gap: timedelta) -> lang.Expression:
    """One row a session: ``customer``, ``events``, ``began_at``, ``lasted`` (microseconds)."""
    rows = events.rows("occurred_at")
    turn = {"group_by": "customer", "order_by": order_of(rows)}
    rows = rows.mutate(last=rows.us.lag().over(**turn))
    is_new = rows.last.isnull() | (rows.us - rows.last > microseconds(gap))
    rows = rows.mutate(begins=lang.ifelse(is_new, 1, 0))
    number = rows.begins.sum().over(group_by="customer", order_by=order_of(rows), rows=(None, 0))
    rows = rows.mutate(number=number)
    return rows.group_by(["customer", "number"]).aggregate(
        events=rows.count(),
        began_at=rows.occurred_at.min(),
        lasted=rows.us.max() - rows.us.min(),
    )


def _by_sql(events: Events, gap: timedelta) -> pa.Table:
    each = each_session(events, gap)
    counted = each.aggregate(
        sessions=each.count(),
        single=(each.events == 1).cast("int64").sum(),
        customers=each.customer.nunique(),
        events=each.events.sum(),
        median_events=each.events.median(),
        lasted=each.lasted.median(),
    )
    return events.run(counted)
