"""Sets about an experience as a whole: five elements, happiness, a journey in five minutes."""

from __future__ import annotations

from zhiyin.collect.surveys.definition import Page, Question
from zhiyin.collect.surveys.library.ready import Ready, both, choice, more, survey
from zhiyin.kernel.text import _

_LOW = both("strongly disagree", "完全不同意")
_HIGH = both("strongly agree", "完全同意")


def _agree(name: str, english: str, chinese: str, *, points: int = 5) -> Question:
    return Question(
        name, "rating", both(english, chinese), scale_min=1, scale_max=points,
        low=_LOW, high=_HIGH, has_not_applicable=True,
    )  # fmt: skip


def _stage(name: str, english: str, chinese: str) -> Question:
    return Question(
        f"satisfied_{name}", "csat", both(english, chinese), touchpoint=name,
        has_not_applicable=True,
    )  # fmt: skip


FIVE_ELEMENTS = Ready(
    "five-elements",
    _("Convenience, usefulness, reliability, empathy and personalisation of one touchpoint."),
    "the five elements of a touchpoint's experience, one statement each",
    survey(
        both("Five short questions about your visit", "关于这次体验的五个小问题"),
        Page(
            "elements",
            (
                _agree("convenience", "It was convenient for me.", "办理起来很便利。"),
                _agree("usefulness", "I got what I came for.", "满足了我此行的需要。"),
                _agree("reliability", "I could rely on what I was told.", "所说所做都可靠。"),
                _agree("empathy", "I felt understood.", "我感到被理解。"),
                _agree("personalisation", "It suited me in particular.", "服务适合我的个人情况。"),
            ),
        ),
        Page("why", (more(),)),
    ),
)

HAPPINESS = Ready(
    "heart-happiness",
    _("Happiness with a digital product: satisfaction, ease, looks, likelihood to recommend."),
    "Rodden, Hutchinson and Fu, Measuring the User Experience on a Large Scale, CHI 2010",
    survey(
        both("How do you like it?", "您觉得它怎么样？"),
        Page(
            "use",
            (
                Question(
                    "satisfied_product",
                    "csat",
                    both("How satisfied are you with it as a whole?", "总体而言，您对它是否满意？"),
                    is_required=True,
                ),
                _agree("easy_to_use", "It is easy to use.", "它用起来很容易。", points=7),
                _agree("looks", "I like the way it looks.", "我喜欢它的外观。", points=7),
            ),
        ),
        Page("recommend", (Question("recommend_product", "nps"),)),
        Page("why", (more(),)),
        kind="journey",
    ),
)

_NEEDS = (
    choice("price", "A good price", "价格合适"),
    choice("speed", "That it goes fast", "速度快"),
    choice("certainty", "To know that it will work out", "确定能办成"),
    choice("advice", "Somebody who advises me", "有人给我建议"),
    choice("comfort", "That it is comfortable", "舒适"),
)

JOURNEY = Ready(
    "journey",
    _("A journey from the first look to the time after, in five minutes."),
    "satisfaction by stage, after Lemon and Verhoef, Understanding Customer Experience Throughout"
    " the Customer Journey, Journal of Marketing 80 (6), 2016",
    survey(
        both("Your way with us, from start to end", "您与我们同行的全程"),
        Page(
            "need",
            (
                Question(
                    "needs",
                    "multiple",
                    both("What mattered most to you?", "您最看重什么？"),
                    choices=_NEEDS,
                    has_other=True,
                    is_shuffled=True,
                    at_most=2,
                    need="chosen",
                ),
            ),
        ),
        Page(
            "before",
            (
                _stage("search", "How satisfied were you with finding what you wanted?",
                       "您对查找所需内容的过程是否满意？"),
                _stage("choose", "How satisfied were you with what you could choose from?",
                       "您对可选的范围是否满意？"),
                _stage("buy", "How satisfied were you with ordering and paying?",
                       "您对下单和付款是否满意？"),
            ),
        ),
        Page(
            "during",
            (
                _stage("use", "How satisfied were you with what you got?",
                       "您对实际得到的产品或服务是否满意？"),
                Question("ease_journey", "ces", variant=2, has_not_applicable=True),
            ),
        ),
        Page(
            "after",
            (
                Question(
                    "had_problem",
                    "single",
                    both("Did anything go wrong on the way?", "途中是否出过问题？"),
                    choices=(choice("no", "No", "没有"), choice("yes", "Yes", "有")),
                ),
            ),
        ),
        Page(
            "problem",
            (
                _stage("after_sale", "How satisfied were you with the help that you got?",
                       "您对得到的帮助是否满意？"),
                Question(
                    "problem",
                    "comment",
                    both("What was it?", "是什么问题？"),
                ),
            ),
            "had_problem = 'yes'",
        ),
        Page("recommend", (Question("recommend_journey", "nps", is_required=True),)),
        Page("why", (more(),)),
        kind="journey",
    ),
)  # fmt: skip
