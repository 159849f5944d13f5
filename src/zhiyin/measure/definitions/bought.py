"""Measures read from orders, subscriptions and complaints."""

from __future__ import annotations

from zhiyin.kernel.text import _
from zhiyin.measure.metric import Metric
from zhiyin.measure.rows import bought
from zhiyin.warehouse import lang

ORDERS = _("Orders, whatever their status")
ORDERED_AT = _("the date of the order")


def _count(orders: lang.Value) -> lang.Value:
    return orders


def _twice(orders: lang.Value) -> lang.Value:
    return lang.ifelse(orders >= 2, 1, 0)


ORDER_VALUE = Metric(
    slug="order_value",
    label=_("Order value"),
    asks=_("How much does an order bring?"),
    unit="money",
    better="up",
    population=_("Orders with an amount, whatever their status"),
    numerator=_("the sum of their amounts"),
    denominator=_("orders with an amount"),
    window=ORDERED_AT,
    definition=_(
        "Revenue divided by orders, in the orders' one currency. Cancelled orders count unless"
        " they are filtered out."
    ),
    table="orders",
    estimator="ratio",
    rows=bought.order_value,
)

PURCHASE_FREQUENCY = Metric(
    slug="purchase_frequency",
    label=_("Purchase frequency"),
    asks=_("How often does a buying customer buy?"),
    unit="count",
    better="up",
    population=_("Customers with an order in the period"),
    numerator=_("their orders in the period"),
    denominator=_("customers with an order in the period"),
    window=ORDERED_AT,
    definition=_("Orders divided by the customers who ordered, within the period asked for."),
    table="orders",
    estimator="ratio",
    rows=bought.orders,
    of_customer=_count,
)

REPURCHASE = Metric(
    slug="repurchase",
    label=_("Repurchase rate"),
    asks=_("What share of buyers buys again?"),
    unit="percent",
    better="up",
    population=_("Customers with an order in the period"),
    numerator=_("customers with two or more orders in the period"),
    denominator=_("customers with an order in the period"),
    window=ORDERED_AT,
    definition=_(
        "Customers with two or more orders, divided by customers with an order, within the period"
        " asked for, times 100. Longer periods give higher rates: compare equal lengths only."
    ),
    table="orders",
    estimator="proportion",
    rows=bought.orders,
    factor=100.0,
    of_customer=_twice,
)

RENEWAL_RATE = Metric(
    slug="renewal_rate",
    label=_("Renewal rate"),
    asks=_("What share of subscriptions is renewed?"),
    unit="percent",
    better="up",
    population=_("Subscription terms that came to an end"),
    numerator=_("Subscription Renewed"),
    denominator=_("Subscription Renewed, Subscription Cancelled or Subscription Expired"),
    window=_("the date on which the term was renewed or ended"),
    definition=_(
        "Subscription Renewed events, divided by these and Subscription Cancelled and"
        " Subscription Expired events, times 100."
    ),
    table="events",
    estimator="proportion",
    rows=bought.terms,
    factor=100.0,
)

COMPLAINT_RATE = Metric(
    slug="complaint_rate",
    label=_("Complaint rate, per million orders"),
    asks=_("How many orders in a million lead to a complaint?"),
    unit="count",
    better="down",
    population=_("Orders, and service contacts whose reason is complaint (投诉)"),
    numerator=_("service contacts whose reason is complaint (投诉)"),
    denominator=_("orders"),
    window=_("each by its own date: the complaint's and the order's"),
    definition=_(
        "Service contacts whose reason is complaint (投诉), divided by orders, times 1,000,000:"
        " the regulator's unit. Broken down by a column that service contacts lack, their part"
        " is in the group without a value."
    ),
    table="orders",
    estimator="ratio",
    is_of_two_things=True,
    rows=bought.complaints,
    factor=1_000_000.0,
)

ALL = (ORDER_VALUE, PURCHASE_FREQUENCY, REPURCHASE, RENEWAL_RATE, COMPLAINT_RATE)
