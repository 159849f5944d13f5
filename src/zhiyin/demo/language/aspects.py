"""What a clause can be about: one stable set, with names in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["time", "money", "people", "online", "comfort", "any"]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One aspect (评价维度): its slug, its names, and which remarks fit behind it.

    `category` is the heading under which the regulator counts a complaint about it; `key` is what
    a workspace's list calls it, blank where it is about no single thing.
    """

    slug: str
    english: str
    chinese: str
    group: Group
    category: str
    key: str


ASPECTS: dict[str, Aspect] = {
    aspect.slug: aspect
    for aspect in (
        Aspect(
            "booking",
            "Search and booking site",
            "查询与订票",
            "online",
            "预订票务与登机",
            "booking",
        ),
        Aspect("price", "Price and fees", "票价与费用", "money", "预订票务与登机", "price"),
        Aspect("child_ticket", "Child ticket", "儿童票", "money", "预订票务与登机", "children"),
        Aspect("payment", "Payment", "支付", "money", "预订票务与登机", "payment"),
        Aspect("refund", "Refunds", "退票退款", "money", "退款", "refund"),
        Aspect(
            "rebooking",
            "Rebooking and irregular operations",
            "改签与不正常航班",
            "people",
            "航班问题",
            "disruption",
        ),
        Aspect("check_in", "Check-in", "值机", "time", "预订票务与登机", "checkin"),
        Aspect("security", "Security and queues", "安检与排队", "time", "机场服务", "security"),
        Aspect(
            "boarding",
            "Boarding and bus",
            "登机与摆渡车",
            "time",
            "预订票务与登机",
            "boarding-order",
        ),
        Aspect("punctuality", "Punctuality", "航班准点", "time", "航班问题", "punctuality"),
        Aspect("crew", "Cabin crew", "乘务组", "people", "旅客服务", "crew"),
        Aspect("seat", "Seat and comfort", "座椅与舒适度", "comfort", "旅客服务", "seat"),
        Aspect("food", "Food", "机上餐食", "comfort", "旅客服务", "meals"),
        Aspect(
            "entertainment",
            "Entertainment and wifi",
            "机上娱乐与网络",
            "comfort",
            "旅客服务",
            "entertainment",
        ),
        Aspect("baggage", "Baggage", "行李", "time", "行李运输", "baggage"),
        Aspect("lounge", "Lounge", "休息室", "comfort", "旅客服务", "lounge"),
        Aspect("miles", "Miles and membership", "里程与会员", "money", "常旅客计划", "membership"),
        Aspect("app", "App and WeChat service", "APP与微信服务", "online", "旅客服务", "digital"),
        Aspect("hotline", "Hotline and mail", "客服热线与邮件", "people", "旅客服务", "hotline"),
        Aspect("staff", "Staff attitude", "服务态度", "people", "旅客服务", "staff"),
        Aspect("information", "Information", "信息告知", "people", "航班问题", "information"),
        Aspect(
            "compensation",
            "Compensation and vouchers",
            "补偿与代金券",
            "money",
            "航班问题",
            "compensation",
        ),
        Aspect("other", "Other", "其他", "any", "其他", ""),
    )
}

ASPECTS_AT: dict[str, tuple[str, ...]] = {
    "search": ("booking", "price", "app"),
    "booking": ("booking", "price", "child_ticket"),
    "payment": ("payment", "price"),
    "manage": ("rebooking", "app", "hotline", "price"),
    "check_in": ("check_in", "staff", "seat"),
    "bag_drop": ("baggage", "check_in", "staff"),
    "boarding": ("boarding", "information", "security"),
    "cabin": ("crew", "seat", "entertainment"),
    "meal": ("food", "crew"),
    "punctuality": ("punctuality", "information", "compensation"),
    "baggage": ("baggage", "staff"),
    "refund": ("refund", "hotline"),
    "contact": ("hotline", "app", "staff"),
    "loyalty": ("miles", "lounge", "compensation"),
    "sharing": ("other",),
    "unaccompanied_minor": ("child_ticket", "staff", "information"),
}
"""The aspects that people speak of at each touchpoint, the likeliest first."""
