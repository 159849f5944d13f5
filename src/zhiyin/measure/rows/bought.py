"""Orders, renewals and complaints."""

from __future__ import annotations

from zhiyin.measure.metric import Source
from zhiyin.warehouse import lang

RENEWED = ("Subscription Renewed",)
ENDED = ("Subscription Cancelled", "Subscription Canceled", "Subscription Expired")
COMPLAINT_REASONS = ("complaint", "Complaint", "投诉")


def orders(source: Source) -> lang.Expression:
    """Every order, 1 each."""
    return source.table("orders").mutate(num=lang.literal(1))


def order_value(source: Source) -> lang.Expression:
    """The amount of every order that has one."""
    bought = source.table("orders")
    amount = bought.amount.cast("float64")
    return bought.mutate(num=amount).filter(bought.amount.notnull())


def terms(source: Source) -> lang.Expression:
    """Subscription terms that came to an end in a renewal (1) or without one (0)."""
    events = source.table("events")
    renewed = events.name.isin(source.codes("name", *RENEWED))
    ended = events.name.isin(source.codes("name", *ENDED))
    return events.mutate(num=lang.ifelse(renewed, 1, 0)).filter(renewed | ended)


def complaints(source: Source) -> lang.Expression:
    """Orders (denominator) and service contacts that are complaints (numerator), in one list."""
    bought = source.table("orders")
    contacts = source.table("service_contacts")
    complaint = contacts.filter(contacts.reason.isin(source.codes("reason", *COMPLAINT_REASONS)))
    # Both show the columns that orders have; what a contact has not is missing in it.
    columns = {
        name: complaint[name] if name in contacts.columns else lang.null(bought[name].type())
        for name in bought.columns
    }
    return lang.union(
        bought.mutate(num=lang.literal(0), den=lang.literal(1)),
        complaint.select(**columns, num=lang.literal(1), den=lang.literal(0)),
    )
