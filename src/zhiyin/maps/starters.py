"""Five ways to begin a map: its stages by what kind of business it is, with lanes and no touchpoint
yet."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.maps.document import Lane, Map, Stage, Texts

LANES = (
    Lane("digital", {"en": "Own channels", "zh-Hans": "自有渠道"}),
    Lane("places", {"en": "Places", "zh-Hans": "线下场所"}),
    Lane("people", {"en": "People who serve", "zh-Hans": "人工服务"}),
)
"""What a touchpoint is made of in nearly every business; they are worded anew or removed."""


@dataclass(frozen=True, slots=True)
class Starter:
    """One way to begin.

    Args:
        says: for whom it is.
    """

    key: str
    name: Text
    says: Text
    stages: tuple[Stage, ...]

    def map(self, name: Texts) -> Map:
        """A map of this name with these stages."""
        return Map(name=name, stages=self.stages, lanes=LANES)


def _stage(id_: str, en: str, zh: str, *, begins: bool = False) -> Stage:
    return Stage(id_, {"en": en, "zh-Hans": zh}, begins)


STARTERS: tuple[Starter, ...] = (
    Starter(
        "sale",
        _("Before, during and after the sale"),
        _("The shortest: three stages, when little is known yet."),
        (
            _stage("before", "Before the sale", "售前", begins=True),
            _stage("during", "During the sale", "售中"),
            _stage("after", "After the sale", "售后"),
        ),
    ),
    Starter(
        "consumption",
        _("From the motive to telling others"),
        _("Seven stages of a purchase by a consumer: motive, search, choice, purchase, use, "
          "after-sale service, sharing."),
        (
            _stage("motive", "Motive", "产生动机", begins=True),
            _stage("search", "Search", "搜寻", begins=True),
            _stage("choose", "Choose", "比较选择"),
            _stage("buy", "Buy", "购买"),
            _stage("use", "Use", "使用"),
            _stage("after-sale", "After-sale service", "售后服务"),
            _stage("share", "Share", "分享推荐"),
        ),
    ),
    Starter(
        "subscription",
        _("From hearing of it to renewing or leaving"),
        _("For what is paid month by month or year by year: subscriptions, memberships, cards."),
        (
            _stage("aware", "Become aware", "知晓", begins=True),
            _stage("consider", "Consider", "考虑"),
            _stage("buy", "Buy", "购买"),
            _stage("use", "Use", "使用"),
            _stage("renew", "Renew or leave", "续费或离开"),
        ),
    ),
    Starter(
        "business",
        _("From the need to the next contract"),
        _("For companies that sell to companies: several people decide, and use goes on for "
          "years."),
        (
            _stage("need", "Need", "产生需求", begins=True),
            _stage("evaluate", "Evaluate", "评估选型"),
            _stage("contract", "Contract", "签约"),
            _stage("onboard", "Onboard", "上线实施"),
            _stage("use", "Use", "使用"),
            _stage("support", "Support", "支持服务"),
            _stage("renew", "Renew", "续约"),
        ),
    ),
    Starter(
        "service",
        _("A request for service"),
        _("For a service desk: from the moment that something is amiss until nobody has to ask "
          "again."),
        (
            _stage("notice", "Notice", "发现问题", begins=True),
            _stage("ask", "Ask", "求助", begins=True),
            _stage("wait", "Wait", "等待"),
            _stage("solve", "Solve", "解决"),
            _stage("follow-up", "Follow up", "跟进"),
        ),
    ),
)  # fmt: skip


def starter(key: str) -> Starter:
    """One of them.

    Raises:
        Problem: ``map.no-starter``.
    """
    found = next((one for one in STARTERS if one.key == key), None)
    if found is None:
        raise Problem(
            "map.no-starter",
            _("There is no way {key} to begin a map.", key=key[:80]),
            _("Ways: {known}.", known=", ".join(one.key for one in STARTERS)),
        )
    return found
