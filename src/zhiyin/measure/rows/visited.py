"""Sessions, page views, carts and advertisements, from events by their public names.

A session stands at its first event and has that event's touchpoint, channel and dimensions:
it is in one cell of a break-down, whatever it touches later.
"""

from __future__ import annotations

from datetime import timedelta

from zhiyin.kernel.public_names import AD_CLICKS, CART, ORDERS, PAGE_VIEWS
from zhiyin.measure.metric import Source
from zhiyin.warehouse import lang

AD_WINDOW = timedelta(days=7)
"""An order so long after a click is held to follow from it."""
CART_WINDOW = timedelta(hours=24)
"""A cart without an order for so long is abandoned."""
PAGE_CAP_SECONDS = 1800
"""A longer pause is a person who went away, not one who read."""


def conversion(source: Source) -> lang.Expression:
    """Sessions (denominator), each with its completed orders; orders outside any session too."""
    events = _marked(source, ordered=ORDERS)
    columns = source.table("events").columns
    visits = _sessions(events)
    visits = visits.select(*columns, num=visits.in_session_ordered, den=lang.literal(1))
    loose = events.filter(events.session.isnull(), events.ordered == 1)
    orders = loose.select(*columns, num=lang.literal(1, "int64"), den=lang.literal(0))
    return lang.union(visits, orders)


def bounce(source: Source) -> lang.Expression:
    """Sessions with a page view: 1 where that one page view is all that happened."""
    visits = _sessions(_marked(source, viewed=PAGE_VIEWS, happened=None))
    only = (visits.in_session_happened == 1) & (visits.in_session_viewed == 1)
    return visits.mutate(num=_flag(only)).filter(visits.in_session_viewed > 0)


def time_on_page(source: Source) -> lang.Expression:
    """Seconds from a page view to the session's next event; the last page of a session has none."""
    events = _marked(source, viewed=PAGE_VIEWS)
    events = events.filter(events.session.notnull())
    timed = events.mutate(
        next_at=events.occurred_at.lead().over(
            group_by=events.session, order_by=[events.occurred_at, events.seq]
        )
    )
    # ClickHouse's lead gives 1970 instead of a missing time: an earlier time is none.
    known = timed.filter(timed.viewed == 1, timed.next_at >= timed.occurred_at)
    microseconds = known.next_at.delta(known.occurred_at, unit="microsecond")
    read = known.mutate(num=microseconds.cast("float64") / 1e6)
    return read.filter(read.num <= PAGE_CAP_SECONDS)


def carts(source: Source) -> lang.Expression:
    """Sessions in which a cart was filled, at the first such event: 1 where no order followed."""
    events = _with_next_order(_only_marked(source, filled=CART, ordered=ORDERS))
    filled = events.filter(events.filled == 1, events.session.notnull())
    first = _firsts(filled)
    settled = first.filter(first.occurred_at < lang.timestamp(source.until - CART_WINDOW))
    return settled.mutate(num=1 - _followed(settled, CART_WINDOW))


def ad_clicks(source: Source) -> lang.Expression:
    """Clicks on advertisements: 1 where an order of the same customer followed in time."""
    events = _with_next_order(_only_marked(source, clicked=AD_CLICKS, ordered=ORDERS))
    clicks = events.filter(
        events.clicked == 1, events.occurred_at < lang.timestamp(source.until - AD_WINDOW)
    )
    return clicks.mutate(num=_followed(clicks, AD_WINDOW))


def _marked(source: Source, **names: tuple[str, ...] | None) -> lang.Expression:
    """Events with a 0/1 column per group of names; None marks every event."""
    events = source.table("events")
    marks = {
        mark: lang.literal(1)
        if words is None
        else _flag(events.name.isin(source.codes("name", *words)))
        for mark, words in names.items()
    }
    return events.mutate(**marks)


def _only_marked(source: Source, **names: tuple[str, ...]) -> lang.Expression:
    """The events that have a mark. Where no other one matters, ordering them costs most."""
    events = _marked(source, **names)
    words = [word for group in names.values() for word in group]
    return events.filter(events.name.isin(source.codes("name", *words)))


def _sessions(events: lang.Expression) -> lang.Expression:
    """The first event of each session, with ``in_session_<mark>``: how many it has in all."""
    marks = [name for name in ("ordered", "viewed", "happened") if name in events.columns]
    within = events.filter(events.session.notnull())
    counted = within.mutate(
        **{f"in_session_{m}": within[m].sum().over(group_by=within.session) for m in marks}
    )
    return _firsts(counted)


def _firsts(events: lang.Expression) -> lang.Expression:
    """The first of these events in each session."""
    order = [events.occurred_at, events.seq]
    placed = events.mutate(first_seq=events.seq.first().over(group_by="session", order_by=order))
    return placed.filter(placed.seq == placed.first_seq)


def _with_next_order(events: lang.Expression) -> lang.Expression:
    """Events with ``order_at``: when the same customer's next order was completed."""
    at = lang.ifelse(events.ordered == 1, events.occurred_at, lang.null("timestamp(6)"))
    timed = events.mutate(at=at)
    return timed.mutate(
        order_at=timed.at.min().over(
            group_by="customer", order_by=[timed.occurred_at, timed.seq], rows=(0, None)
        )
    )


def _followed(rows: lang.Expression, window: timedelta) -> lang.Value:
    microseconds = rows.order_at.delta(rows.occurred_at, unit="microsecond")
    return lang.coalesce(_flag(microseconds <= window // timedelta(microseconds=1)), 0)


def _flag(condition: lang.Value) -> lang.Value:
    return lang.ifelse(condition, 1, 0)
