"""Aspects to begin with, by industry, in our own words; the ready sets of surveys use them."""

from __future__ import annotations

from typing import NamedTuple

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _


class Written(NamedTuple):
    """An aspect as a list says it."""

    key: str
    en: str
    zh: str
    parent: str = ""


_ALL = (
    Written("quality", "Quality of what one gets", "产品与服务质量"),
    Written("reliability", "Reliability", "可靠性", "quality"),
    Written("choice", "What there is to choose from", "可选范围", "quality"),
    Written("price", "Price", "价格"),
    Written("value", "Value for money", "性价比", "price"),
    Written("fees", "Fees that come on top", "附加收费", "price"),
    Written("refund", "Refunds and compensation", "退款与赔付", "price"),
    Written("speed", "How fast it goes", "办理速度"),
    Written("waiting", "Waiting", "等待时间", "speed"),
    Written("punctuality", "On time", "准时", "speed"),
    Written("ease", "How easy it is", "方便程度"),
    Written("hours", "Opening hours", "营业时间", "ease"),
    Written("place", "The place and how to get there", "网点与位置", "ease"),
    Written("staff", "The people one deals with", "工作人员"),
    Written("courtesy", "Courtesy", "服务态度", "staff"),
    Written("competence", "Knowing their business", "专业能力", "staff"),
    Written("information", "Being told in time", "信息告知"),
    Written("complaints", "What becomes of a complaint", "投诉处理"),
    Written("digital", "App and website", "应用与网站"),
    Written("outages", "Faults and outages", "故障与中断", "digital"),
    Written("payment", "Paying", "支付"),
    Written("privacy", "What becomes of one's data", "隐私与数据"),
    Written("safety", "Safety", "安全"),
    Written("comfort", "Comfort", "舒适度"),
    Written("cleanliness", "Cleanliness", "清洁"),
    Written("delivery", "Delivery", "配送"),
    Written("packaging", "Packaging", "包装", "delivery"),
    Written("returns", "Sending back and exchanging", "退换货"),
    Written("stock", "Whether it is in stock", "是否有货"),
    Written("checkin", "Check-in", "值机与登记"),
    Written("seat", "Seat and cabin", "座位与客舱", "comfort"),
    Written("baggage", "Baggage", "行李"),
    Written("meals", "Meals and drinks", "餐饮"),
    Written("room", "The room", "客房", "comfort"),
    Written("advice", "Advice", "咨询建议"),
    Written("approval", "Being approved", "审批"),
    Written("coverage", "Coverage of the network", "网络覆盖"),
    Written("bill", "The bill", "账单", "price"),
    Written("treatment", "Treatment", "诊疗"),
    Written("appointment", "Getting an appointment", "预约", "ease"),
    Written("fairness", "Being treated fairly", "公平公正"),
    Written("paperwork", "Forms and papers", "材料与手续", "ease"),
    Written("features", "What it can do", "功能"),
    Written("support", "Help when it is needed", "技术支持"),
    Written("workload", "Workload", "工作量"),
    Written("growth", "Learning and getting on", "学习与发展"),
    Written("leadership", "Leadership", "管理与领导"),
    Written("booking", "Searching and booking", "查询与预订", "ease"),
    Written("disruption", "Care during disruptions", "不正常航班保障", "information"),
    Written("security", "Security checks", "安检"),
    Written("boarding-order", "Boarding in order", "登机秩序", "checkin"),
    Written("crew", "Crew on board", "机组与乘务", "staff"),
    Written("entertainment", "Films, Wi-Fi and reading", "娱乐与上网", "comfort"),
    Written("lounge", "Lounge", "休息室", "comfort"),
    Written("children", "Travelling or shopping with children", "带孩子"),
    Written("membership", "Points and membership", "积分与会员"),
    Written("hotline", "Hotline and customer service", "客服热线与在线客服", "staff"),
    Written("compensation", "Compensation and vouchers", "补偿与代金券", "refund"),
    Written("content", "Content and writing", "内容与文笔", "quality"),
    Written("appearance", "Looks and design", "外观与设计", "quality"),
    Written("performance", "How well it works", "性能与效果", "quality"),
    Written("freshness", "Freshness", "新鲜程度", "quality"),
    Written("as-shown", "As described", "与描述相符", "quality"),
    Written("fit", "Size and fit", "尺码与合身", "quality"),
    Written("installation", "Installing and setting up", "安装与调试"),
    Written("atmosphere", "Atmosphere", "环境与氛围", "comfort"),
    Written("temperature", "Temperature of the food", "菜品温度", "meals"),
    Written("portion", "Size of the portion", "分量", "value"),
    Written("fraud", "Fraud and reimbursement", "盗刷与赔付", "safety"),
    Written("limit", "Limit", "授信额度", "approval"),
    Written("onboarding", "Onboarding and training", "实施与培训", "support"),
    Written("contract", "Contract and renewal", "合同与续约", "price"),
)
_BY_KEY = {one.key: one for one in _ALL}
_GENERAL = (
    "quality", "reliability", "choice", "price", "value", "speed", "waiting", "ease", "staff",
    "courtesy", "competence", "information", "complaints", "digital",
)  # fmt: skip

INDUSTRIES: dict[str, tuple[Text, tuple[str, ...]]] = {
    "general": (_("any company"), ()),
    "airline": (
        _("airline"),
        (
            "punctuality",
            "disruption",
            "booking",
            "payment",
            "fees",
            "refund",
            "compensation",
            "checkin",
            "security",
            "boarding-order",
            "baggage",
            "lounge",
            "crew",
            "seat",
            "meals",
            "entertainment",
            "children",
            "membership",
            "hotline",
            "safety",
            "cleanliness",
        ),
    ),
    "banking": (
        _("bank or insurer"),
        (
            "fees",
            "advice",
            "approval",
            "limit",
            "payment",
            "fraud",
            "privacy",
            "outages",
            "hours",
            "place",
        ),
    ),
    "retail": (
        _("shop, in town or online"),
        (
            "stock",
            "delivery",
            "packaging",
            "returns",
            "refund",
            "payment",
            "place",
            "hours",
            "appearance",
            "performance",
            "content",
            "freshness",
            "as-shown",
            "fit",
            "installation",
            "hotline",
        ),
    ),
    "telecom": (
        _("telephone and internet"),
        ("coverage", "outages", "bill", "support", "installation", "contract", "hotline", "fees"),
    ),
    "hotel": (
        _("hotel or restaurant"),
        (
            "room",
            "meals",
            "portion",
            "temperature",
            "freshness",
            "atmosphere",
            "cleanliness",
            "checkin",
            "booking",
            "place",
        ),
    ),
    "health": (
        _("hospital or practice"),
        ("treatment", "appointment", "privacy", "safety", "cleanliness", "fees"),
    ),
    "public": (
        _("public service"),
        ("paperwork", "fairness", "appointment", "hours", "place", "privacy"),
    ),
    "software": (
        _("software"),
        ("features", "outages", "support", "onboarding", "privacy", "bill", "contract"),
    ),
    "employer": (
        _("employer, of its own people"),
        ("workload", "growth", "leadership", "fairness"),
    ),
}
"""By name: for whom, and what comes to the general ones."""


def of(industry: str) -> tuple[Written, ...]:
    """The aspects that an industry begins with, the general ones first; parents before children.

    Raises:
        Problem: ``aspects.no-industry``.
    """
    if industry not in INDUSTRIES:
        raise Problem(
            "aspects.no-industry",
            _("There is no starter for {name}.", name=industry[:60] or "“”"),
            _("There are: {names}.", names=", ".join(INDUSTRIES)),
        )
    return with_parents((*_GENERAL, *INDUSTRIES[industry][1]))


def with_parents(keys: tuple[str, ...]) -> tuple[Written, ...]:
    """These of our aspects, and those that they are under, in our order; others are left out."""
    wanted: set[str] = set()
    for key in keys:
        while key in _BY_KEY:
            wanted.add(key)
            key = _BY_KEY[key].parent
    return tuple(one for one in _ALL if one.key in wanted)


def every() -> tuple[Written, ...]:
    """All our aspects, in our order."""
    return _ALL


def known() -> frozenset[str]:
    """The keys of all our aspects."""
    return frozenset(_BY_KEY)
