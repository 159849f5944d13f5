"""Chinese with English words in it, as people in offices and abroad speak."""

from __future__ import annotations

import re

from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.texts import Polarity

_SWAPS = (
    ("值机柜台", " check-in柜台"), ("办值机", "办check in"), ("值机", " check in "),
    ("登机口", " gate "),
    ("退改签", " refund or rebook "), ("登机箱", " carry-on "), ("登机牌", " boarding pass "),
    ("登机", " boarding "), ("航班", " flight "), ("延误", " delay "), ("行李额", "行李allowance"),
    ("行李", " luggage "), ("改签", " rebook "), ("退款", " refund "), ("态度", " attitude "),
    ("升舱", " upgrade "), ("座位", " seat "), ("座椅", " seat "), ("客服", " customer service "),
    ("休息室", " lounge "), ("会员", " member "), ("里程", " miles "), ("积分", " points "),
    ("乘务员", " crew "), ("空姐", " crew "), ("空乘", " crew "), ("机组", " crew "),
    ("餐食", " meal "),
    ("飞机餐", " inflight meal "), ("代金券", " voucher "), ("儿童票", " child ticket "),
    ("信用卡", " credit card "), ("价格", " price "), ("票价", " fare "), ("官网", " website "),
    ("安检", " security check "), ("准点", " on time "), ("效率", " efficiency "),
    ("专业", " professional "),
    ("很有耐心", "很patient"), ("建议", " suggest "), ("服务", " service "), ("通知", " notice "),
    ("体验", " experience "), ("订票", " booking "), ("补偿", " compensation "),
    ("航司", " airline "),
    ("邮件", " email "), ("确认", " confirm "), ("系统", " system "), ("取消", " cancel "),
    ("流程", " process "), ("经济舱", " economy "), ("公务舱", "business class"),
    ("免费", " free "),
    ("排队", "排queue"), ("屏幕", " screen "),
)  # fmt: skip
_TIDY = (
    ("  ", " "),
    (" ，", "，"),
    ("， ", "，"),
    (" 。", "。"),
    (" ！", "！"),
    (" 、", "、"),
    ("、 ", "、"),
)


_THANKS = ("thanks", "thx", "please advise", "many thanks")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LOOSE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[A-Za-z])|(?<=[A-Za-z]) (?=[\u4e00-\u9fff])")
"""A space between the scripts."""
_TAILS: dict[Polarity, tuple[str, ...]] = {
    -1: (
        "so disappointed", "seriously?", "never again", "not acceptable", "too bad", "really?",
        "what a joke", "hello?", "so annoying", "waste of time", "terrible", "come on", "sad",
        "I'm speechless", "so frustrating", "very bad experience", "not happy", "why?", "fail",
        "unbelievable", "OMG", "not worth it",
    ),
    0: ("FYI", "just saying", "thanks", "just a suggestion", "anyway", "thx"),
    1: (
        "love it", "well done", "highly recommend", "so nice", "thank you", "very smooth",
        "good job", "super happy", "surprisingly good", "really appreciate", "perfect",
        "amazing", "full marks",
    ),
    "mixed": ("half half", "so so", "not sure", "mixed feelings", "hmm", "could be better"),
}  # fmt: skip
"""What such people say in English at the end."""


def mixed(text: str, polarity: Polarity, dice: Dice, *, tails: bool = True) -> str:
    """The Chinese text with some words in English, or with an English tail where `tails` may be.

    Something stays Chinese, and without a word to swap the tail is certain.
    """
    found = [pair for pair in _SWAPS if pair[0] in text]
    # 登机 inside 登机口 is no word of its own.
    fitting = [p for p in found if not any(p[0] != q[0] and p[0] in q[0] for q in found)]
    tight = dice.chance(0.5)
    swapped = text
    for _ in range(min(len(fitting), dice.between(1, 3))):
        chinese, english = dice.one(fitting)
        swapped = swapped.replace(chinese, english, 1)
    if tight:
        swapped = _LOOSE.sub("", swapped)
    for rough, smooth in _TIDY:
        swapped = swapped.replace(rough, smooth)
    swapped = swapped.strip()
    if not _CHINESE.search(swapped):
        swapped = text
    if tails and (swapped == text or dice.chance(0.22)):
        swapped += ("" if swapped[-1] in "，。！？… " else "，") + dice.one(
            _THANKS if swapped[-1] == "？" else _TAILS[polarity]
        )
    return swapped
