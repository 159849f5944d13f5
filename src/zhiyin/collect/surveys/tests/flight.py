"""A survey with one question of each type, as the tests of the room ask it."""

from __future__ import annotations

from zhiyin.collect.surveys.definition import (
    Choice,
    Ending,
    Page,
    Question,
    Survey,
    Texts,
)


def both(en: str, zh: str) -> Texts:
    """A text in the survey's two languages."""
    return {"en": en, "zh-Hans": zh}


CITIES = (
    Choice("hgh", both("Hangzhou", "杭州")),
    Choice("sha", both("Shanghai", "上海")),
)

FLIGHT = Survey(
    title=both("Your flight yesterday", "昨天的航班"),
    languages=("en", "zh-Hans"),
    company=both("Qingchuan Air", "晴川航空"),
    touchpoint="cabin",
    channel="web",
    pages=(
        Page(
            "first",
            (
                Question("nps", "nps", is_required=True),
                Question("why", "comment", both("Why?", "为什么？")),
                Question(
                    "parts",
                    "matrix",
                    both("How satisfied were you with each part?", "以下各环节您满意吗？"),
                    rows=(
                        Choice("checkin", both("Check-in", "值机")),
                        Choice("bag", both("Bags", "行李")),
                    ),
                    has_not_applicable=True,
                ),
            ),
        ),
        Page(
            "wrong",
            (
                Question(
                    "reasons",
                    "reasons",
                    both("What went wrong?", "哪里不好？"),
                    choices=(
                        Choice("late", both("It was late", "晚点")),
                        Choice("crew", both("The crew", "乘务员"), shown_if="parts.bag is missing"),
                        Choice("none", both("None of these", "以上都不是"), is_exclusive=True),
                    ),
                    has_other=True,
                ),
                Question(
                    "how_late",
                    "number",
                    both("How many minutes?", "晚点多少分钟？"),
                    shown_if="reasons.late = true",
                    at_least=1,
                    at_most=2000,
                ),
            ),
            shown_if="nps <= 6",
        ),
        Page(
            "you",
            (
                Question(
                    "about", "statement", both("A few words about you.", "请介绍一下您自己。")
                ),
                Question("city", "dropdown", both("Your city", "您的城市"), choices=CITIES),
                Question(
                    "trip",
                    "single",
                    both("Why did you fly?", "您为何出行？"),
                    has_dont_know=True,
                    choices=(
                        Choice("work", both("Work", "工作")),
                        Choice("fun", both("Fun", "休闲")),
                    ),
                ),
                Question(
                    "matters",
                    "ranking",
                    both("What matters most?", "您最看重什么？"),
                    choices=(
                        Choice("price", both("Price", "价格")),
                        Choice("time", both("Time", "时间")),
                        Choice("comfort", both("Comfort", "舒适")),
                    ),
                ),
                Question("born", "date", both("Born on", "出生日期")),
                Question("mail", "email", both("Your e-mail", "您的邮箱")),
                Question("phone", "phone", both("Your telephone", "您的电话")),
                Question("ease", "ces", variant=1),
                Question("may", "consent", both("May we write to you?", "我们可以联系您吗？")),
            ),
        ),
    ),
    endings=(
        Ending(both("We are sorry.", "非常抱歉。"), shown_if="nps <= 6"),
        Ending(
            both("Thank you!", "谢谢！"), link="https://example.com/", link_label=both("On", "继续")
        ),
    ),
)
