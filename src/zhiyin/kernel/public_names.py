"""Names of events by the public specifications: what a page view, a cart and an order are called.

An event of one of these names needs no mapping before it counts.
"""

from __future__ import annotations

PAGE_VIEWS = ("Page Viewed", "page", "$pageview")
LOOKS = (
    *PAGE_VIEWS,
    "Screen Viewed",
    "screen",
    "$screen",
    "Products Searched",
    "Product List Viewed",
    "Product Viewed",
)
"""Somebody has come and looks."""
CART = ("Product Added", "Cart Viewed", "Checkout Started")
ORDERS = ("Order Completed",)
AD_CLICKS = ("Ad Clicked", "Promotion Clicked")
