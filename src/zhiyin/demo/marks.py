"""What is marked on the journey map of Qingchuan Air: its planted stories, as a team would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlencode

from zhiyin.demo.drawn import KEY, SELF_SERVICE

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.audit import Actor
    from zhiyin.accounts.workspaces import Settings
    from zhiyin.maps.models import JourneyMap, Pin
    from zhiyin.warehouse.log import Log


class Mark(NamedTuple):
    """A mark in both languages, title and what it says, and the figure that it rests on: its
    measure, its question, and where."""

    node: str
    kind: Literal["problem", "suggestion"]
    english: tuple[str, str]
    chinese: tuple[str, str]
    metric: str
    question: str = ""
    where: str = ""

    @property
    def figure(self) -> str:
        """The address of the figure, over the whole history."""
        kind = "touchpoint" if self.question else ""
        asked = {
            "metric": self.metric, "kind": kind, "question": self.question, "where": self.where,
        }  # fmt: skip
        return urlencode({name: text for name, text in asked.items() if text})

    def said(self, *, is_chinese: bool) -> tuple[str, str]:
        """Title and text in one of them."""
        return self.chinese if is_chinese else self.english


_SITE = "channel = 'web' and party = 'with children'"
_OTHERS = f"unit not in ({', '.join(repr(unit) for unit in SELF_SERVICE)})"

MARKS = (
    Mark(
        "search-site", "problem",
        ("Shanghai Pudong is not among the popular cities",
         "It is found by typing only. Look at those who search on the site and go, by route."),
        ("热门城市里没有上海浦东",
         "只能手动输入才找得到。请看在官网查询后离开的旅客，按航线分开看。"),
        "conversion", where=f"{_SITE} and route contains '-PVG'",
    ),
    Mark(
        "fares-site", "problem",
        ("No child's ticket on the site",
         "Families see no fare for a child and no calendar of prices. Compare families here and in"
         " app and WeChat: who goes on to passengers?"),
        ("官网买不了儿童票",
         "亲子家庭看不到儿童票价，也没有价格日历。请对比官网与应用、微信：有多少家庭走到填写乘机人？"),
        "conversion", where=_SITE,
    ),
    Mark(
        "fares-site", "suggestion",
        ("Sell the child's fare on the site as in app and WeChat",
         "Beside this: how families convert there."),
        ("官网像应用和微信一样卖儿童票", "对照：亲子家庭在应用和微信的转化率。"),
        "conversion", where="channel in ('app', 'wechat') and party = 'with children'",
    ),
    Mark(
        "cart", "problem",
        ("The service fee appears at the last step",
         "It differs by region and is highest in the West. Look at carts left behind by region."),
        ("服务费到最后一步才出现", "各地区不同，西部最高。请按地区看购物车放弃率。"),
        "cart_abandonment", where="region = 'west'",
    ),
    Mark(
        "bag-drop", "suggestion",
        ("Bring self-service to the other stations",
         "Compare with the touchpoint beside it, where it runs already."),
        ("其余机场也上自助托运", "请与旁边已上线自助的触点对比。"),
        "csat", "rate_bag_drop", _OTHERS,
    ),
    Mark(
        "meal", "problem",
        ("The meal is rated worst of all that is rated after a flight",
         "Fewest feel the promise of a warm meal kept."),
        ("餐食是乘机后评价最低的一项", "“热餐”这条承诺，感到兑现的人最少。"),
        "csat", "rate_meal",
    ),
    Mark(
        "refund", "problem",
        ("Refunds take weeks longer since the new system",
         "See the mark “New refund system” in the calendar, and those who ask where the money is."),
        ("退款系统切换后，到账晚了几周",
         "见日历中的“退款系统切换”，以及来问“钱到哪儿了”的客户。"),
        "csat", "satisfied", "touchpoint = 'refund'",
    ),
    Mark(
        "wechat-ask", "problem",
        ("Hours of waiting on WeChat",
         "Most people come here, and wait longest; a mail is answered sooner."),
        ("微信要等几个小时", "来的人最多，等得也最久；发邮件反而先有答复。"),
        "csat", "satisfied", "unit in ('wechat-a', 'wechat-b')",
    ),
    Mark(
        "wechat", "suggestion",
        ("Ask how the high scores of WeChat B come about",
         "Recommendation and satisfaction do not fit each other there."),
        ("查一查微信二组的高分从何而来", "该组的推荐意愿与满意度对不上。"),
        "nps", "recommend_contact", "unit = 'wechat-b'",
    ),
)  # fmt: skip


def add(workspace: Settings, *, by: Actor) -> None:
    """Pin them to the map."""
    from zhiyin.maps import pinning
    from zhiyin.maps.pin_wanted import Wanted

    for mark in MARKS:
        title, says = mark.said(is_chinese=workspace.language != "en")
        pinning.make(
            by=by, workspace=workspace, key=KEY,
            wanted=Wanted(mark.node, title, kind=mark.kind, says=says),
        )  # fmt: skip


def prove(log: Log, workspace: Settings, *, by: Actor) -> None:
    """Let each rest on its figure, where it rests on nothing yet; may run twice."""
    from zhiyin.maps import pinning
    from zhiyin.maps.models import JourneyMap
    from zhiyin.maps.pinning import Proof

    held = JourneyMap.objects.filter(workspace__slug=workspace.slug, key=KEY).first()
    if held is None or not are_ours(held):
        return
    for pin, mark in zip(held.pins.order_by("number"), MARKS, strict=True):
        if not pin.evidence.exists():
            pinning.add_evidence(
                by=by, workspace=workspace, key=KEY, number=pin.number, log=log,
                proofs=[Proof("figure", mark.figure)],
            )  # fmt: skip


def are_ours(held: JourneyMap) -> bool:
    """Whether what is pinned to a map is this, and nobody has done anything with it since."""
    from zhiyin.maps.pin_wanted import Wanted, wanted_of

    pins = list(held.pins.order_by("number"))
    found = [wanted_of(pin) for pin in pins]
    return all(map(_is_untouched, pins)) and any(
        found
        == [
            Wanted(one.node, title, kind=one.kind, says=says)
            for one in MARKS
            for title, says in [one.said(is_chinese=is_chinese)]
        ]
        for is_chinese in (True, False)
    )


def _is_untouched(pin: Pin) -> bool:
    """Whether nobody has voted, commented or added to what it rests on."""
    done = list(pin.events.values_list("what", flat=True))
    return done in (["made"], ["made", "evidence"]) and pin.evidence.count() == len(done) - 1
