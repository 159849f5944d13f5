"""Where customers meet the company, what they think there, and what it weighs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """One touchpoint: its stage, the mean satisfaction there and its weight in a journey's.

    `weight` is 0 where the survey after a flight does not ask about it.
    """

    slug: str
    english: str
    chinese: str
    stage: str
    mean: float
    weight: float = 0.0


TOUCHPOINTS = (
    Touchpoint("search", "Search", "航班查询", "search", 0.00),
    Touchpoint("booking", "Booking", "订票", "book", 0.10, 0.12),
    Touchpoint("payment", "Payment", "支付", "pay", 0.25),
    Touchpoint("manage", "Changes", "退改签", "manage", -0.25),
    Touchpoint("check_in", "Check-in", "值机", "check-in", 0.20, 0.08),
    Touchpoint("bag_drop", "Bag drop", "行李托运", "check-in", -0.10, 0.06),
    Touchpoint("boarding", "Boarding", "登机", "airport", 0.05, 0.10),
    Touchpoint("cabin", "Cabin and crew", "客舱服务", "flight", 0.35, 0.18),
    Touchpoint("meal", "Meal", "机上餐食", "flight", -0.35, 0.10),
    Touchpoint("punctuality", "Punctuality", "航班正常", "flight", 0.15, 0.24),
    Touchpoint("baggage", "Baggage claim", "行李提取", "baggage", 0.05, 0.12),
    Touchpoint("refund", "Refund", "退款", "after-service", 0.00),
    Touchpoint("contact", "Service contact", "客户服务", "after-service", 0.05),
    Touchpoint("loyalty", "Miles and membership", "里程与会员", "renew", 0.00),
    Touchpoint("sharing", "Recommending", "推荐分享", "share", 0.10),
    Touchpoint("unaccompanied_minor", "Unaccompanied minors", "无成人陪伴儿童", "airport", -0.90),
)
SLUGS = tuple(t.slug for t in TOUCHPOINTS)
AT = {slug: place for place, slug in enumerate(SLUGS)}
MEANS = np.array([t.mean for t in TOUCHPOINTS])
WEIGHTS = np.array([t.weight for t in TOUCHPOINTS])
RATED = tuple(place for place, t in enumerate(TOUCHPOINTS) if t.weight > 0)
"""The touchpoints that the survey after a flight asks about, in journey order."""

STAGES = (
    ("motive", "Motive", "产生需求"),
    ("search", "Search", "查询"),
    ("choose", "Choose", "比较选择"),
    ("book", "Book", "预订"),
    ("pay", "Pay", "支付"),
    ("manage", "Manage", "行程管理"),
    ("check-in", "Check-in", "值机"),
    ("airport", "Airport", "机场"),
    ("flight", "Flight", "乘机"),
    ("baggage", "Baggage", "行李"),
    ("after-service", "After-service", "售后"),
    ("share", "Share", "传播"),
    ("renew", "Renew or leave", "续约或离开"),
)
