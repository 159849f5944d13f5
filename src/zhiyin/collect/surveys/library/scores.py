"""The scores that companies compare over years: NPS, CSAT, CES, and NPS among employees."""

from __future__ import annotations

from zhiyin.collect.surveys.definition import Choice, Page, Question
from zhiyin.collect.surveys.library.ready import Ready, both, choice, more, survey
from zhiyin.kernel.text import _

_REASONS: tuple[Choice, ...] = (
    choice("speed", "How fast it went", "办理速度", aspect="speed"),
    choice("staff", "The people I dealt with", "工作人员", aspect="staff"),
    choice("quality", "The quality of what I got", "产品或服务质量", aspect="quality"),
    choice("price", "The price", "价格", aspect="price"),
    choice("ease", "How easy it was", "方便程度", aspect="ease"),
    choice("information", "What I was told beforehand", "事先的信息告知", aspect="information"),
)

_BANDS = (
    ("low", "recommend <= 6", "What went wrong?", "哪些地方没做好？"),
    ("middle", "recommend between 7 and 8", "What was missing?", "还差在哪里？"),
    ("high", "recommend >= 9", "What did you like?", "哪些地方让您满意？"),
)


def _reasons(band: str, condition: str, english: str, chinese: str) -> Page:
    asked = Question(
        f"reasons_{band}", "reasons", both(english, chinese), choices=_REASONS, has_other=True,
        is_shuffled=True, at_most=3,
    )  # fmt: skip
    return Page(f"reasons_{band}", (asked,), condition)


NPS_RELATIONSHIP = Ready(
    "nps-relationship",
    _("Likelihood to recommend the company, asked at intervals of all customers."),
    "Reichheld, The One Number You Need to Grow, Harvard Business Review, December 2003",
    survey(
        both("How do you see us?", "您如何看待我们？"),
        Page("score", (Question("recommend_relationship", "nps", is_required=True),)),
        Page("why", (more(),)),
        kind="relationship",
    ),
)

NPS_TOUCHPOINT = Ready(
    "nps-touchpoint",
    _("Likelihood to recommend after one contact, with reasons that fit the score."),
    "Reichheld, The Ultimate Question 2.0, Harvard Business Review Press, 2011",
    survey(
        both("After your contact with us", "服务后的一点反馈"),
        Page("score", (Question("recommend", "nps", is_required=True),)),
        *(_reasons(*band) for band in _BANDS),
        Page("why", (more(),)),
    ),
)

CSAT = Ready(
    "csat",
    _("Satisfaction with one experience, from 1 to 5, right after it."),
    "Oliver, Satisfaction: A Behavioral Perspective on the Consumer, McGraw-Hill, 1997",
    survey(
        both("How was it?", "这次体验如何？"),
        Page("score", (Question("satisfied", "csat", is_required=True),)),
        Page("why", (more(),)),
    ),
)

CES_1 = Ready(
    "ces-1",
    _("Effort that it took, from 1 to 5: less is better."),
    "Dixon, Freeman and Toman, Stop Trying to Delight Your Customers, Harvard Business Review,"
    " July 2010",
    survey(
        both("How much effort was it?", "您费了多大力气？"),
        Page(
            "score",
            (Question("effort", "ces", is_required=True, variant=1, scale_min=1, scale_max=5),),
        ),
        Page("why", (more(),)),
    ),
)

CES_2 = Ready(
    "ces-2",
    _("Whether the company made it easy, from 1 to 7: more is better."),
    "Dixon, Toman and DeLisi, The Effortless Experience, Portfolio, 2013",
    survey(
        both("Was it easy?", "办得轻松吗？"),
        Page("score", (Question("ease", "ces", is_required=True, variant=2),)),
        Page("why", (more(),)),
    ),
)

ENPS = Ready(
    "enps",
    _("Likelihood to recommend the company as a place to work, in a workspace for employees."),
    "Reichheld, The Ultimate Question 2.0, Harvard Business Review Press, 2011, on employees",
    survey(
        both("How is it to work here?", "在这里工作感觉如何？"),
        Page(
            "score",
            (
                Question(
                    "recommend_work",
                    "nps",
                    both(
                        "How likely are you to recommend us to a friend as a place to work?",
                        "您有多大可能推荐朋友来这里工作？",
                    ),
                    is_required=True,
                    series="enps",
                ),
            ),
        ),
        Page(
            "tools",
            (
                Question(
                    "tools",
                    "rating",
                    both("My tools let me serve customers well.", "我使用的工具能让我服务好客户。"),
                    low=both("strongly disagree", "完全不同意"),
                    high=both("strongly agree", "完全同意"),
                    has_not_applicable=True,
                ),
                more(),
            ),
        ),
        kind="relationship",
    ),
)
