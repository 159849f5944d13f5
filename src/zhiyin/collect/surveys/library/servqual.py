"""SERVQUAL by the five dimensions RATER: what is expected, and what was met, in 22 pairs.

The gap of a pair is what was met less what was expected; rows have the same values in both.
"""

from __future__ import annotations

from zhiyin.collect.surveys.definition import Choice, Page, Question, Texts
from zhiyin.collect.surveys.library.ready import Ready, both, survey
from zhiyin.kernel.text import _

# Each pair: what the log calls it, then expected and met, in English and in Chinese.
_Pair = tuple[str, str, str, str, str]

_RELIABILITY: tuple[_Pair, ...] = (
    ("promise", "does what it has promised, when it has promised it",
     "They did what they had promised, when they had promised it",
     "按时兑现承诺", "他们按时兑现了承诺"),
    ("solves", "takes a customer's problem seriously until it is solved",
     "My problem was taken seriously until it was solved",
     "认真解决客户的问题", "我的问题得到了认真解决"),
    ("first_time", "gets it right at the first attempt",
     "They got it right at the first attempt",
     "第一次就把事情办对", "他们第一次就把事情办对了"),
    ("on_time", "keeps to the times that it names",
     "They kept to the times that they had named",
     "遵守所说的时间", "他们遵守了所说的时间"),
    ("records", "keeps its records free of errors",
     "What they have on record about me is right",
     "记录准确无误", "他们关于我的记录准确无误"),
)  # fmt: skip
_ASSURANCE: tuple[_Pair, ...] = (
    ("trust", "has staff whom one trusts", "I trusted the staff",
     "员工值得信任", "我信任这里的员工"),
    ("safe", "makes one feel safe in dealing with it", "I felt safe in dealing with them",
     "让人办事放心", "与他们打交道我很放心"),
    ("polite", "has staff who stay polite", "The staff stayed polite",
     "员工始终有礼貌", "员工始终有礼貌地对待我"),
    ("knowledge", "has staff who know the answers", "The staff knew the answers",
     "员工熟悉业务、能够解答", "员工熟悉业务，解答了我的疑问"),
)  # fmt: skip
_TANGIBLES: tuple[_Pair, ...] = (
    ("equipment", "works with up-to-date equipment", "Their equipment is up to date",
     "设备先进", "他们的设备先进"),
    ("rooms", "has places that are pleasant to look at", "Their places are pleasant to look at",
     "环境美观宜人", "他们的环境美观宜人"),
    ("looks", "has staff who look neat", "Their staff look neat",
     "员工仪表整洁", "他们的员工仪表整洁"),
    ("material", "has pages, forms and leaflets that are well made",
     "Their pages, forms and leaflets are well made",
     "网页、表单和资料制作精良", "他们的网页、表单和资料制作精良"),
)  # fmt: skip
_EMPATHY: tuple[_Pair, ...] = (
    ("individual", "treats each customer as an individual", "I was treated as an individual",
     "把每位客户当作独立的个人对待", "我感到自己被当作独立的个人对待"),
    ("hours", "is open when customers need it", "They were open when I needed them",
     "在客户需要的时间提供服务", "在我需要的时间他们提供了服务"),
    ("attention", "has staff who give their attention to one person",
     "The staff gave me their attention",
     "员工给予个别关注", "员工给了我个别关注"),
    ("interest", "has the customer's interest at heart", "They had my interest at heart",
     "把客户的利益放在心上", "他们把我的利益放在心上"),
    ("needs", "has staff who understand what a customer needs",
     "The staff understood what I needed",
     "员工理解客户的需要", "员工理解我的需要"),
)  # fmt: skip
_RESPONSIVENESS: tuple[_Pair, ...] = (
    ("says_when", "says when things will be done", "They said when things would be done",
     "说明何时办好", "他们说明了何时办好"),
    ("prompt", "serves without delay", "I was served without delay",
     "及时提供服务", "我得到了及时的服务"),
    ("willing", "has staff who are glad to help", "The staff were glad to help",
     "员工乐于帮助", "员工乐于帮助我"),
    ("not_busy", "has staff who are never too busy for a question",
     "The staff were never too busy for my question",
     "员工再忙也会回应", "员工再忙也回应了我"),
)  # fmt: skip

_DIMENSIONS: tuple[tuple[str, Texts, tuple[_Pair, ...]], ...] = (
    ("reliability", both("Reliability", "信赖度"), _RELIABILITY),
    ("assurance", both("Assurance", "专业度"), _ASSURANCE),
    ("tangibles", both("Tangibles", "有形度"), _TANGIBLES),
    ("empathy", both("Empathy", "同理度"), _EMPATHY),
    ("responsiveness", both("Responsiveness", "反应度"), _RESPONSIVENESS),
)


def _expected(name: str, label: Texts, pairs: tuple[_Pair, ...]) -> Question:
    rows = tuple(
        Choice(value, both(f"It {english}.", f"{chinese}。"))
        for value, english, _met, chinese, _met_zh in pairs
    )
    return _grid(
        f"expected_{name}",
        both(
            f"{label['en']}: think of an excellent company of this kind. Does this describe it?",
            f"{label['zh-Hans']}：请设想一家同行业中出色的公司，以下描述是否符合？",
        ),
        rows,
    )


def _met(name: str, label: Texts, pairs: tuple[_Pair, ...]) -> Question:
    rows = tuple(
        Choice(value, both(f"{met}.", f"{met_zh}。")) for value, _e, met, _c, met_zh in pairs
    )
    return _grid(
        f"met_{name}",
        both(
            f"{label['en']}: now think of us. Does this describe your own experience?",
            f"{label['zh-Hans']}：再想想我们，以下描述是否符合您的亲身体验？",
        ),
        rows,
    )


def _grid(name: str, title: Texts, rows: tuple[Choice, ...]) -> Question:
    return Question(
        name, "matrix", title, rows=rows, scale_min=1, scale_max=7, has_not_applicable=True,
        low=both("not at all", "完全不符合"), high=both("entirely", "完全符合"),
    )  # fmt: skip


SERVQUAL = Ready(
    "servqual",
    _("Service quality in 22 pairs: what customers expect of an excellent company, and met here."),
    "Parasuraman, Zeithaml and Berry, SERVQUAL, Journal of Retailing 64 (1), 1988",
    survey(
        both("What do you expect, and what did you meet?", "您的期望与实际感受"),
        *(Page(f"expected_{one[0]}", (_expected(*one),)) for one in _DIMENSIONS),
        *(Page(f"met_{one[0]}", (_met(*one),)) for one in _DIMENSIONS),
        kind="relationship",
    ),
)
