"""How far each customer's sessions came, in which place, and what they brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhiyin.journey.asking import Steps
from zhiyin.journey.events import EPOCH, NOBODY, Events, microseconds, order_of
from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.stats.estimate import Floats
from zhiyin.warehouse import lang

AFTER = timedelta(hours=24)
"""An order so long after a session's last event is still held to follow from it."""

NEVER_MORE = (1 << 63) - 1

Codes = NDArray[np.int64]
Number = TypeVar("Number", np.int64, np.float64)


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


def brought(events: Events, steps: Steps, names: Sequence[str], gap: timedelta) -> Brought:
    """Ask the log.

    Args:
        names: the columns that say where a session was: at its first event.
        gap: a session ends with a longer pause.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``, ``filter.…``.
    """
    found = _out_of_index(events, steps, names, gap)
    if found is not None:
        return found
    columns = [events.column(name) for name in names]
    return _brought(events.run(_each_customer(events, steps, columns, gap)), len(names), steps)


def _brought(found: pa.Table, places: int, steps: Steps) -> Brought:
    customers = np.unique(found["customer"].to_numpy(), return_inverse=True)[1]
    return Brought(
        customer=customers.astype(np.int64),
        is_anonymous=found["is_anonymous"].to_numpy().astype(np.bool_),
        place=_columns(found, "at", places, np.int64),
        came=_columns(found, "came", len(steps.names), np.float64),
        money=found["money"].to_numpy().astype(np.float64),
    )


def _columns(found: pa.Table, name: str, count: int, kind: type[Number]) -> NDArray[Number]:
    """Columns that are called so and numbered, as one array of [row, column]."""
    columns = [found[f"{name}{n}"].to_numpy().astype(kind) for n in range(count)]
    return np.array(columns, kind).T.reshape(found.num_rows, count)


def _out_of_index(
    events: Events, steps: Steps, names: Sequence[str], gap: timedelta
) -> Brought | None:
    found = came_of(events, steps, names, gap)
    if found is None:
        return None
    came, goals = found
    of = came["customer"].to_numpy()
    known = events.run(known_customers())["known"].to_numpy()
    places = _columns(came, "at", len(names), np.int64)
    columns = {"customer": of, "is_anonymous": ~np.isin(of, known)}
    money = _money(events, goals, of, places)
    return _brought(
        pa.table({**{n: came[n] for n in came.column_names}, **columns, "money": money}),
        len(names),
        steps,
    )


def came_of(
    events: Events, steps: Steps, names: Sequence[str], gap: timedelta
) -> tuple[pa.Table, pa.Table] | None:
    """Out of the journey index: how many sessions came to each step, by customer and place; and
    the sessions that came to the goal, as `warehouse.journeys.losing.visited` tells them. None
    where a query must.

    Raises:
        Problem: ``journey.no-such-event``, ``journey.no-such-column``.
    """
    for name in names:
        events.column(name)
    asked = {"names": [events.codes(one) for one in steps.names], "gap": microseconds(gap)}
    found = events.ask("visits", asked, also=names)
    if found is None:
        return None
    is_goal = found["start"].is_valid().to_numpy()
    count = int((~is_goal).sum())
    return found.slice(0, count), found.slice(count)


def _money(events: Events, goals: pa.Table, customers: Codes, places: Codes) -> NDArray[np.float64]:
    """What the orders came to that followed sessions which came to the goal, for each of the rows
    of customers and places; see `_paid`."""
    paid = np.zeros(len(customers))
    orders = events.run(orders_of(events)) if goals.num_rows else None
    if orders is None or not orders.num_rows:
        return paid
    starts = goals["start"].to_numpy()
    # Each order beside the sessions that began before it, or at the same moment, the last of them
    # first.
    who = np.concatenate([goals["customer"].to_numpy(), orders["buyer"].to_numpy()])
    at = np.concatenate([starts, orders["bought"].to_numpy()])
    is_order = np.arange(len(who)) >= len(starts)
    order = np.lexsort((is_order, at, who))
    session = np.maximum.accumulate(np.where(is_order[order], -1, np.arange(len(order))))
    mine = np.flatnonzero(is_order[order] & (session >= 0))
    mine = mine[who[order[session[mine]]] == who[order[mine]]]
    goal, bought = order[session[mine]], order[mine]
    following = np.asarray(goals["following"].fill_null(pa.scalar(NEVER_MORE)).to_numpy())
    ends = goals["ended"].to_numpy() + microseconds(AFTER)
    is_it = (at[bought] <= ends[goal]) & (at[bought] < following[goal])
    goal, bought = goal[is_it], bought[is_it] - len(starts)
    columns = [name for name in goals.column_names if name.startswith("at")]
    of_goal = np.column_stack([goals[name].to_numpy() for name in ("customer", *columns)])
    _rows, number = np.unique(
        np.concatenate([np.column_stack([customers, places]), of_goal[goal]]), axis=0,
        return_inverse=True,
    )  # fmt: skip
    number = number.reshape(-1)
    sums = np.bincount(
        number[len(customers) :], weights=orders["amount"].to_numpy()[bought],
        minlength=int(number.max()) + 1,
    )  # fmt: skip
    paid[:] = sums[number[: len(customers)]]
    return paid


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
    orders = orders_of(events)
    joined = goals.join(orders, [goals.customer == orders.buyer, orders.bought >= goals.start])
    # ClickHouse's lead gives 0 instead of a missing number.
    is_last = joined.following.isnull() | (joined.following <= joined.start)
    joined = joined.filter(
        joined.bought <= joined.ended + microseconds(AFTER),
        is_last | (joined.bought < joined.following),
    )
    keys = {f"of_{name}": joined[name] for name in ("customer", *places)}
    return joined.mutate(**keys).group_by([*keys]).aggregate(paid=joined.amount.sum())


def orders_of(events: Events, *, in_days: bool = False) -> lang.Expression:
    """``buyer``, ``bought`` (microseconds since 1970) and ``amount`` of each order in the
    workspace's currency.

    Args:
        in_days: only of the chosen days; else of all, since an order may follow later.
    """
    codes = events.log.words(events.settings.slug, "currency")
    mine = [code for code, word in codes.items() if word == events.settings.currency]
    orders = lang.table(events.schema, "orders")
    days = events.in_days(orders.occurred_at) if in_days else []
    orders = orders.filter(orders.currency.isin(mine), orders.amount.notnull(), *days)
    return orders.select(
        buyer="customer",
        bought=orders.occurred_at.delta(lang.timestamp(EPOCH), unit="microsecond"),
        amount=orders.amount.cast("float64"),
    )
