"""How far each customer's sessions came, in which place, and what they brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.journey.asking import Steps
from zhiyin.journey.events import EPOCH, NOBODY, Events, microseconds, order_of
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.stats.estimate import Floats
from zhiyin.warehouse import lang

AFTER = timedelta(hours=24)
"""An order so long after a session's last event is still held to follow from it."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """Sums of each customer in each place where she has a session; arrays of one length.

    Args:
        customer: 0…, counted anew.
        is_anonymous: whether nothing but anonymous ids is known of her.
        place: one column a dimension: codes of words, `NOBODY` for a missing one.
        came: one column a step, the goal included: sessions that came so far.
        money: of the orders that followed the sessions that came to the goal.
    """

    customer: Codes
    is_anonymous: NDArray[np.bool_]
    place: Codes
    came: Floats
    money: Floats


def brought(events: Events, steps: Steps, columns: Sequence[str], gap: timedelta) -> Brought:
    """Ask the log.

    Args:
        columns: the physical columns that say where a session was: at its first event.
        gap: a session ends with a longer pause.

    Raises:
        Problem: ``journey.no-such-event``, ``filter.…``.
    """
    found = events.run(_each_customer(events, steps, columns, gap))

    def column(name: str) -> Any:
        return found[name].to_numpy()

    rows = found.num_rows
    customers = np.unique(column("customer"), return_inverse=True)[1]
    came = [column(f"came{k}") for k in range(len(steps.names))]
    return Brought(
        customer=customers.astype(np.int64),
        is_anonymous=column("is_anonymous").astype(np.bool_),
        place=np.array([column(f"at{n}") for n in range(len(columns))], np.int64).T.reshape(
            rows, len(columns)
        ),
        came=np.array(came, np.float64).T.reshape(rows, len(came)),
        money=column("money").astype(np.float64),
    )


def visits(events: Events, steps: Steps, columns: Sequence[str], gap: timedelta) -> lang.Expression:
    """One row a session with an event of the first step: ``customer``, ``number``, ``start`` and
    ``ended`` (microseconds), ``following`` (when her next session starts, of whatever events),
    ``at0``… (where it was), ``reached`` (the last step that it has an event of)."""
    rows = events.rows(*dict.fromkeys(name for name in columns if name != "name"))
    turn = {"group_by": "customer", "order_by": order_of(rows)}
    rows = rows.mutate(last=rows.us.lag().over(**turn))
    # ClickHouse's lag gives 0 instead of a missing number: its pause is longer than any.
    is_new = rows.last.isnull() | (rows.us - rows.last > microseconds(gap))
    rows = rows.mutate(
        begins=lang.ifelse(is_new, 1, 0),
        looks=lang.ifelse(rows.name.isin(events.codes(steps.names[0])), 1, 0),
        reaches=_reaches(events, rows, steps),
    )
    number = rows.begins.sum().over(group_by="customer", order_by=order_of(rows), rows=(None, 0))
    rows = rows.mutate(number=number)
    where = {
        f"at{n}": lang.ifelse(
            rows.begins == 1, lang.coalesce(rows[column], NOBODY), lang.null("int32")
        ).max()
        for n, column in enumerate(columns)
    }
    each = rows.group_by(["customer", "number"]).aggregate(
        start=rows.us.min(),
        ended=rows.us.max(),
        looks=rows.looks.max(),
        reached=rows.reaches.max(),
        **where,
    )
    following = each.start.lead().over(group_by="customer", order_by="number")
    each = each.mutate(following=following)
    return each.filter(each.looks == 1).drop("looks")


def _reaches(events: Events, rows: lang.Expression, steps: Steps) -> lang.Value:
    """The last step that an event is of; -1 for none."""
    found = lang.literal(-1, "int32")
    for number, names in enumerate(steps.names):
        is_it = rows.name.isin(events.codes(names))
        found = lang.ifelse(is_it, lang.literal(number, "int32"), found)
    return found


def _each_customer(
    events: Events, steps: Steps, columns: Sequence[str], gap: timedelta
) -> lang.Expression:
    places = [f"at{n}" for n in range(len(columns))]
    each = visits(events, steps, columns, gap)
    goal = len(steps.names) - 1
    came = {f"came{k}": (each.reached >= k).cast("int64").sum() for k in range(len(steps.names))}
    counted = each.group_by(["customer", *places]).aggregate(**came)
    paid = _paid(events, each.filter(each.reached == goal), places)
    same = [counted[name] == paid[f"of_{name}"] for name in ("customer", *places)]
    joined = counted.left_join(paid, same)
    known = known_customers()
    joined = joined.left_join(known, joined.customer == known.known)
    return joined.select(
        "customer",
        *places,
        *came,
        money=lang.coalesce(joined.paid, 0.0),
        is_anonymous=joined.known.isnull(),
    )


def known_customers() -> lang.Expression:
    """``known``: the customers with an id of any kind but the anonymous one."""
    ids = lang.ids()
    return ids.filter(ids.kind != ANONYMOUS).select(known="key").distinct()


def _paid(events: Events, goals: lang.Expression, places: Sequence[str]) -> lang.Expression:
    """``paid``: what the orders came to that followed these sessions, by customer and place.

    An order follows from the last session that began before it, up to `AFTER` its last event.
    """
    codes = events.log.words(events.settings.slug, "currency")
    mine = [code for code, word in codes.items() if word == events.settings.currency]
    orders = lang.table(events.schema, "orders")
    orders = orders.filter(orders.currency.isin(mine), orders.amount.notnull())
    orders = orders.select(
        buyer="customer",
        bought=orders.occurred_at.delta(lang.timestamp(EPOCH), unit="microsecond"),
        amount=orders.amount.cast("float64"),
    )
    joined = goals.join(orders, [goals.customer == orders.buyer, orders.bought >= goals.start])
    # ClickHouse's lead gives 0 instead of a missing number.
    is_last = joined.following.isnull() | (joined.following <= joined.start)
    joined = joined.filter(
        joined.bought <= joined.ended + microseconds(AFTER),
        is_last | (joined.bought < joined.following),
    )
    keys = {f"of_{name}": joined[name] for name in ("customer", *places)}
    return joined.mutate(**keys).group_by([*keys]).aggregate(paid=joined.amount.sum())
