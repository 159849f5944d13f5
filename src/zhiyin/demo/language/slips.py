"""Slips of the keyboard: homophones and lost characters in Chinese, letters in English."""

from __future__ import annotations

from zhiyin.demo.language.chance import Dice

# Sounds alike on a pinyin keyboard; lengths are equal.
_HOMOPHONES = (
    ("座位", "坐位"), ("已经", "以经"), ("值机", "直机"), ("登机", "登记"), ("行李", "行里"),
    ("客服", "客户"), ("延误", "延物"), ("退票", "推票"), ("改签", "该签"), ("航班", "行班"),
    ("再也", "在也"), ("还在", "还再"), ("态度", "太度"), ("解释", "解是"), ("排队", "拍队"),
    ("终于", "中于"), ("超重", "超中"), ("特别", "特变"), ("居然", "局然"), ("结果", "接果"),
    ("舒服", "书服"), ("耐心", "耐性"), ("准时", "准是"), ("安排", "按排"), ("里程", "理程"),
    ("补偿", "补尝"), ("通知", "通之"), ("电话", "点话"), ("服务", "服物"), ("空姐", "空解"),
    ("不知道", "不只道"), ("做得", "做的"), ("得很", "的很"), ("慢得", "慢的"), ("太贵", "太归"),
    ("飞机", "非机"), ("托运", "拖运"), ("好吃", "号吃"), ("方便", "方遍"), ("希望", "西望"),
)  # fmt: skip
_DROPPED = ("的", "了", "是", "个", "我")
_MISSPELT = (
    ("luggage", "lugage"), ("definitely", "definately"), ("received", "recieved"),
    ("receive", "recieve"), ("their", "thier"), ("until", "untill"), ("really", "realy"),
    ("which", "wich"), ("because", "becuase"), ("waiting", "wating"), ("minutes", "minuts"),
    ("comfortable", "comfertable"), ("customer", "custmer"), ("service", "servise"),
    ("baggage", "bagage"), ("refund", "refound"), ("boarding", "bording"),
    ("passengers", "passangers"),
    ("the ", "teh "), ("with ", "wiht "), ("friendly", "freindly"), ("could", "coud"),
    ("attendant", "attendent"), ("believe", "beleive"), ("separate", "seperate"),
    ("nobody", "noboby"), ("airport", "airpot"), ("didn't", "didnt"), ("wasn't", "wasnt"),
    ("couldn't", "couldnt"), ("don't", "dont"), ("ticket", "tiket"), ("flight", "fligth"),
    ("website", "webstie"), ("helpful", "helpfull"), ("announcement", "anouncement"),
)  # fmt: skip


def slipped(text: str, lang: str, dice: Dice) -> str:
    """The text with one slip, or as it was where none fits."""
    pairs = _HOMOPHONES if lang == "zh" else _MISSPELT
    fitting = [pair for pair in pairs if pair[0] in text]
    if fitting and not (lang == "zh" and dice.chance(0.2)):
        right, wrong = dice.one(fitting)
        return text.replace(right, wrong, 1)
    if lang == "zh":
        places = [i for i, c in enumerate(text) if c in _DROPPED and 1 < i < len(text) - 1]
    else:
        # Two letters change places inside a long word.
        places = [
            i for i in range(2, len(text) - 3)
            if text[i - 2 : i + 3].isalpha() and text[i - 2 : i + 3].islower()
            and text[i] != text[i + 1]
        ]  # fmt: skip
    if not places:
        return text
    at = dice.one(places)
    if lang == "zh":
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
