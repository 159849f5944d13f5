"""Measures read from what customers do, by the public names of events."""

from __future__ import annotations

from zhiyin.kernel.text import _
from zhiyin.measure.metric import Metric
from zhiyin.measure.rows import visited

SESSIONS = _("Sessions, each at its first event, with that event's columns")
SESSION_AT = _("the session's first event")

CONVERSION = Metric(
    slug="conversion",
    label=_("Conversion"),
    asks=_("How many visits lead to an order?"),
    unit="percent",
    better="up",
    population=SESSIONS,
    numerator=_("Order Completed events, those outside a session included"),
    denominator=_("sessions"),
    window=SESSION_AT,
    definition=_(
        "Order Completed events divided by sessions, times 100. An order counts in its session's"
        " period; one outside any session in its own."
    ),
    table="events",
    estimator="ratio",
    is_of_two_things=True,
    rows=visited.conversion,
    factor=100.0,
)

BOUNCE = Metric(
    slug="bounce",
    label=_("Bounce rate"),
    asks=_("What share of visits ends on the first page?"),
    unit="percent",
    better="down",
    population=_("Sessions with a page view, each at its first event, with that event's columns"),
    numerator=_("sessions whose only event is one page view"),
    denominator=_("sessions with a page view"),
    window=SESSION_AT,
    definition=_(
        "Sessions whose only event is one page view (Page Viewed, page or $pageview), divided by"
        " sessions with a page view, times 100."
    ),
    table="events",
    estimator="proportion",
    rows=visited.bounce,
    factor=100.0,
)

TIME_ON_PAGE = Metric(
    slug="time_on_page",
    label=_("Time on page"),
    asks=_("How long do visitors stay on a page?"),
    unit="seconds",
    better="up",
    population=_("Page views that another event of the session follows within 30 minutes"),
    numerator=_("seconds until the session's next event"),
    denominator=_("page views so followed"),
    window=_("the page view"),
    definition=_(
        "Seconds from a page view (Page Viewed, page or $pageview) to the session's next event,"
        " on average. The last page of a session and pauses over 30 minutes are left out: how long"
        " they were read is not known."
    ),
    table="events",
    estimator="mean",
    rows=visited.time_on_page,
)

CART_ABANDONMENT = Metric(
    slug="cart_abandonment",
    label=_("Cart abandonment"),
    asks=_("What share of filled carts is left behind?"),
    unit="percent",
    better="down",
    population=_(
        "Sessions in which a cart was filled, at the first such event, with that event's columns"
    ),
    numerator=_("carts without an order of the same customer within 24 hours"),
    denominator=_("carts: sessions with Product Added, Cart Viewed or Checkout Started"),
    window=_("the session's first cart event"),
    definition=_(
        "Carts that the customer did not follow by an Order Completed within 24 hours, divided by"
        " carts, times 100; a cart is a session with Product Added, Cart Viewed or Checkout"
        " Started. Carts of the last 24 hours are not counted yet."
    ),
    table="events",
    estimator="proportion",
    rows=visited.carts,
    factor=100.0,
)

AD_CONVERSION = Metric(
    slug="ad_conversion",
    label=_("Advertisement conversion"),
    asks=_("What share of clicks on advertisements leads to an order?"),
    unit="percent",
    better="up",
    population=_("Clicks on advertisements that are at least 7 days old"),
    numerator=_("clicks that an order of the same customer follows within 7 days"),
    denominator=_("Ad Clicked and Promotion Clicked events at least 7 days old"),
    window=_("the click"),
    definition=_(
        "Ad Clicked and Promotion Clicked events that an Order Completed of the same customer"
        " follows within 7 days, divided by all such clicks, times 100. Clicks of the last 7 days"
        " are not counted yet. That an order follows does not say that the click caused it."
    ),
    table="events",
    estimator="proportion",
    rows=visited.ad_clicks,
    factor=100.0,
)

ALL = (CONVERSION, BOUNCE, TIME_ON_PAGE, CART_ABANDONMENT, AD_CONVERSION)
