"""The journey map of Qingchuan Air as a document: a trip, bound to what its log holds."""

from __future__ import annotations

from typing import Any

from zhiyin.demo.organisation import STATIONS, TEAMS
from zhiyin.maps.document import Lane, Map, Node, Stage, Texts

KEY = "trip"
OWN = ("app", "web", "wechat")
SELF_SERVICE = tuple(station.slug for station in STATIONS if station.rollout >= 0)
"""Stations that get self-service bag drop; all of them have it in the last quarter."""
DIGITAL, PLACES, PEOPLE = "digital", "places", "people"


def _both(english: str, chinese: str) -> Texts:
    return {"en": english, "zh-Hans": chinese}


def _in(column: str, *words: str) -> str:
    """A condition of the filter language."""
    if len(words) == 1:
        return f"{column} = '{words[0]}'"
    return f"{column} in ({', '.join(repr(word) for word in words)})"


def _is(*names: str) -> str:
    return _in("name", *names)


def _about(touchpoint: str) -> str:
    return _in("touchpoint", touchpoint)


def _desk(*teams: str) -> dict[str, str]:
    """What binds a touchpoint to service teams: conversations and answers name them as units."""
    return {
        "events": f"{_about('contact')} and {_in('unit', *teams)}",
        "answers": f"{_about('contact')} and {_in('unit', *teams)}",
        "done": "Conversation Ended",
    }


def _asking(*teams: str) -> dict[str, str]:
    """What binds the wait for a service team: from here to the answer is how long it takes."""
    return {
        "events": f"{_is('Conversation Started')} and {_in('unit', *teams)}",
        "done": "Conversation Ended",
    }


def _node(
    id_: str, stage: str, lane: str, name: Texts, wish: str, wants: Texts, **more: Any
) -> Node:
    return Node(id_, stage, lane, name, wish, wants, **more)  # type: ignore[arg-type]


STAGES = (
    Stage("motive", _both("Motive", "产生动机"), begins=True),
    Stage("search", _both("Search", "查询"), begins=True),
    Stage("choose", _both("Choose", "比较选择")),
    Stage("buy", _both("Buy", "预订支付")),
    Stage("airport", _both("At the airport", "机场出发")),
    Stage("flight", _both("Flight and arrival", "乘机与到达")),
    Stage("after-sale", _both("After-sale", "售后服务")),
    Stage("share", _both("Share and stay", "分享与续约")),
)

LANES = (
    Lane(DIGITAL, _both("App, web and WeChat", "应用、官网与微信")),
    Lane(PLACES, _both("Counters, airport, cabin", "柜台、机场与客舱")),
    Lane(PEOPLE, _both("People who serve", "服务人员")),
)

_BEFORE = (
    _node(
        "ads", "motive", DIGITAL, _both("Ads and offers", "广告与促销"), "compare",
        _both("Give me a reason to go, and a price that holds.", "给个出发的理由，价格别变卦。"),
        channels=OWN, events=_is("Ad Clicked", "Promotion Clicked"),
    ),
    _node(
        "search-site", "search", DIGITAL, _both("Search on the site", "官网查询"), "answer",
        _both("Which day is cheapest, for two of us and a child?",
              "两大一小，哪天最便宜？"),
        channels=("web",), done="Product Viewed",
        events=f"{_is('Page Viewed', 'Products Searched')} and {_in('channel', 'web')}",
    ),
    _node(
        "search-app", "search", DIGITAL, _both("Search in app, WeChat", "应用与微信查询"),
        "answer",
        _both("The flights of my days at one glance.", "我那几天有什么航班，一眼看全。"),
        channels=("app", "wechat"), done="Product Viewed",
        events=_is("Page Viewed", "Screen Viewed", "Products Searched"),
    ),
    _node(
        "fares-site", "choose", DIGITAL, _both("Fares on the site", "官网比价"),
        "compare",
        _both("Put time beside price, with the fare for a child.",
              "时刻和价格并排看，儿童票价也列出来。"),
        channels=("web",), done="Product Added",
        events=f"{_is('Product List Viewed', 'Product Viewed')} and {_in('channel', 'web')}",
    ),
    _node(
        "fares-app", "choose", DIGITAL,
        _both("Fares in app, WeChat", "应用与微信比价"), "compare",
        _both("Let me compare without losing my place.", "来回比较，别让我从头再查。"),
        channels=("app", "wechat"), done="Product Added",
        events=_is("Product List Viewed", "Product Viewed"),
    ),
    _node(
        "cart", "buy", DIGITAL, _both("Cart and fees", "填写订单与费用"), "tick-off",
        _both("Enter all of us once, and no fee that I had not seen.",
              "一家人一次填完，别到最后冒出一笔没见过的费用。"),
        channels=OWN, events=_is("Product Added", "Checkout Started"), done="Order Completed",
    ),
    _node(
        "booking", "buy", DIGITAL, _both("Payment and ticket", "支付出票"), "tick-off",
        _both("Paid once, the ticket in my hand.", "付一次就成，马上出票。"),
        channels=(*OWN, "phone", "counter"), events=_is("Payment Info Entered", "Order Completed"),
        answers=_about("booking"), done="Order Completed", within="1h",
    ),
)  # fmt: skip

_TRAVEL = (
    _node(
        "check-in", "airport", PLACES, _both("Check-in", "值机"), "tick-off",
        _both("Seat and pass before I leave home; a person where that fails.",
              "出门前办好，办不了的柜台有人。"),
        promise=_both("Never more than ten minutes in the queue.", "排队不超过十分钟。"),
        promise_question="rate_check_in", channels=("app", "wechat", "kiosk", "counter"),
        events=_is("Check-in Completed"), answers=_about("check_in"),
    ),
    _node(
        "bag-drop-self", "airport", PLACES,
        _both("Bag drop with self-service", "行李托运（有自助）"), "tick-off",
        _both("Hand the bag over by myself, and go.", "自己放上去就走。"),
        channels=("kiosk", "counter"),
        events=f"{_is('Bag Dropped')} and {_in('unit', *SELF_SERVICE)}",
        answers=f"{_about('bag_drop')} and {_in('unit', *SELF_SERVICE)}",
    ),
    _node(
        "bag-drop", "airport", PLACES,
        _both("Bag drop at the counter", "行李托运（仅柜台）"), "tick-off",
        _both("A short queue, and the bag on my flight.", "队别太长，行李跟我同一班。"),
        channels=("counter",), events=_is("Bag Dropped"), answers=_about("bag_drop"),
    ),
    _node(
        "boarding", "airport", PLACES, _both("Boarding", "登机"), "tick-off",
        _both("In order, and from a gate rather than a bus.", "有序登机，少坐摆渡车。"),
        channels=("gate",), events=_is("Flight Boarded"), answers=_about("boarding"),
        is_required=True,
    ),
    _node(
        "punctuality", "flight", PLACES, _both("On time", "航班正常"), "tick-off",
        _both("There when the ticket says; if not, told before I ask.",
              "票上几点到就几点到，晚了先告诉我。"),
        promise=_both("On time, or told in time.", "准点，或者提前告知。"),
        promise_question="rate_punctuality", channels=("gate",),
        events=_is("Flight Arrived", "Flight Cancelled"), answers=_about("punctuality"),
        bad=_is("Flight Cancelled"),
    ),
    _node(
        "cabin", "flight", PLACES, _both("Cabin and crew", "客舱服务"), "tick-off",
        _both("Clean, quiet, and somebody who comes when I ring.", "干净安静，按铃就有人来。"),
        channels=("cabin",), answers=_about("cabin"),
    ),
    _node(
        "meal", "flight", PLACES, _both("Meal", "机上餐食"), "tick-off",
        _both("Something warm that a child eats too.", "热的，孩子也肯吃。"),
        promise=_both("A warm meal on every flight of ninety minutes and more.",
                      "九十分钟以上的航班都有热餐。"),
        promise_question="rate_meal", channels=("cabin",), answers=_about("meal"),
    ),
    _node(
        "baggage", "flight", PLACES, _both("Baggage claim", "行李提取"), "tick-off",
        _both("My bag, whole, soon after me.", "人到不久行李就到，箱子完好。"),
        promise=_both("The first bag on the belt within twenty minutes.",
                      "首件行李二十分钟内上转盘。"),
        promise_question="rate_baggage", channels=("counter",),
        events=_is("Bag Claimed", "Bag Delayed"), answers=_about("baggage"),
        bad=_is("Bag Delayed"),
    ),
)  # fmt: skip

_AFTER = (
    _node(
        "cancel", "after-sale", DIGITAL, _both("Cancelling", "退票申请"), "solve",
        _both("Out of it in a minute, and know what comes back.", "一分钟退掉，退多少当场看清。"),
        channels=("app",), events=_is("Order Cancelled"), done="Order Refunded", within="7d",
    ),
    _node(
        "refund", "after-sale", DIGITAL, _both("Refund", "退款到账"), "solve",
        _both("The money, on the day you named.", "哪天到账，说到做到。"),
        promise=_both("Money back within seven working days.", "七个工作日内退款到账。"),
        channels=("app",), events=_is("Order Refunded"), answers=_about("refund"),
    ),
    _node(
        "desks", "after-sale", PEOPLE,
        _both("Specialist desks", "专席客服"),
        "solve",
        _both("Refund, bag, invoice, complaint: straight to whoever can settle it.",
              "退款、行李、发票、投诉，直接找到能办的人。"),
        channels=("phone", "wechat", "chat", "mail"), is_help=True,
        **_desk("refunds", "baggage", "invoices", "complaints"),
    ),
    _node(
        "phone", "after-sale", PEOPLE, _both("Telephone", "电话客服"), "solve",
        _both("A person at once, and the story told once.", "马上有人接，话只说一遍。"),
        channels=("phone",), is_help=True,
        **_desk(*(team.slug for team in TEAMS if team.channel == "phone")),
    ),
    _node(
        "wechat-ask", "after-sale", DIGITAL, _both("Asking on WeChat", "微信提问与等候"), "answer",
        _both("An answer while I still hold the phone.", "趁我还拿着手机就回我。"),
        channels=("wechat",), is_help=True, **_asking("wechat-a", "wechat-b"),
    ),
    _node(
        "wechat", "after-sale", PEOPLE, _both("WeChat service", "微信客服"), "solve",
        _both("Settled in this chat, not passed on.", "就在这里办完，别再转来转去。"),
        channels=("wechat",), **_desk("wechat-a", "wechat-b"),
    ),
    _node(
        "chat", "after-sale", PEOPLE, _both("Web chat", "在线客服"), "solve",
        _both("No robot that sends me in circles.", "别让机器人绕圈子。"),
        channels=("chat",), is_help=True, **_desk("chat"),
    ),
    _node(
        "mail-ask", "after-sale", DIGITAL, _both("Asking by mail", "邮件提问与等候"), "answer",
        _both("A sign that somebody has read it.", "有人看了，先回一声。"),
        channels=("mail",), is_help=True, **_asking("mail"),
    ),
    _node(
        "mail", "after-sale", PEOPLE, _both("Mail service", "邮件客服"), "solve",
        _both("One mail, one whole answer.", "一封邮件问清，一封邮件答全。"),
        channels=("mail",), **_desk("mail"),
    ),
    _node(
        "sharing", "share", DIGITAL, _both("Sharing", "推荐分享"), "tick-off",
        _both("Tell friends in a tap.", "一点就能分享给朋友。"),
        channels=("wechat",), events=_is("Product Shared", "Invite Sent"),
    ),
    _node(
        "loyalty", "share", DIGITAL, _both("Miles and yearly card", "里程与年卡"), "compare",
        _both("Miles that post by themselves, and a card that pays.",
              "里程自动到账，年卡用得回本。"),
        channels=("app",),
        events=_is("Points Earned", "Subscription Renewed", "Subscription Cancelled",
                   "Subscription Expired"),
        bad=_is("Subscription Cancelled", "Subscription Expired"),
    ),
)  # fmt: skip

TRIP = Map(
    name=_both("Domestic trip", "国内出行"),
    about=_both(
        "From the motive to the next trip, for all personas. The few flights to Tokyo and Singapore"
        " are in it too. Who buys with an agency is first seen at check-in.",
        "从起意到下一次出行，面向所有客户角色。少量东京、新加坡航班也在其中。"
        "通过代理人购票的旅客，到值机时才第一次出现。",
    ),
    goal="Order Completed|Flight Arrived",
    pause="14d",
    whole="recommend_journey",
    metric="csat",
    stages=STAGES,
    lanes=LANES,
    nodes=(*_BEFORE, *_TRAVEL, *_AFTER),
)
