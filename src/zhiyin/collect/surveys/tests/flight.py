"""A survey with one question of each type, as the tests of the room ask it."""

from __future__ import annotations

from zhiyin.collect.surveys.definition import (
    Choice,
    Ending,
    Page,
    Question,
    Survey,
)

CITIES = (Choice("hgh", {"en": "Hangzhou", "zh-Hans": "杭州"}), Choice("sha", {"en": "Shanghai"}))

FLIGHT = Survey(
    title={"en": "Your flight yesterday", "zh-Hans": "昨天的航班"},
    languages=("en", "zh-Hans"),
    company={"en": "Qingchuan Air", "zh-Hans": "晴川航空"},
    touchpoint="cabin",
    channel="web",
    pages=(
        Page(
            "first",
            (
                Question("nps", "nps", is_required=True),
                Question("why", "comment", {"en": "Why?"}),
                Question(
                    "parts",
                    "matrix",
                    {"en": "How satisfied were you with each part?"},
                    rows=(Choice("checkin", {"en": "Check-in"}), Choice("bag", {"en": "Bags"})),
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
                    {"en": "What went wrong?"},
                    choices=(
                        Choice("late", {"en": "It was late"}),
                        Choice("crew", {"en": "The crew"}, shown_if="parts.bag is missing"),
                        Choice("none", {"en": "None of these"}, is_exclusive=True),
                    ),
                    has_other=True,
                ),
                Question("how_late", "number", {"en": "How many minutes?"},
                         shown_if="reasons.late = true", at_least=1, at_most=2000),
            ),
            shown_if="nps <= 6",
        ),
        Page(
            "you",
            (
                Question("about", "statement", {"en": "A few words about you."}),
                Question("city", "dropdown", {"en": "Your city"}, choices=CITIES),
                Question("trip", "single", {"en": "Why did you fly?"}, has_dont_know=True,
                         choices=(Choice("work"), Choice("fun"))),
                Question("matters", "ranking", {"en": "What matters most?"},
                         choices=(Choice("price"), Choice("time"), Choice("comfort"))),
                Question("born", "date", {"en": "Born on"}),
                Question("mail", "email", {"en": "Your e-mail"}),
                Question("phone", "phone", {"en": "Your telephone"}),
                Question("ease", "ces", variant=1),
                Question("may", "consent", {"en": "May we write to you?"}),
            ),
        ),
    ),
    endings=(
        Ending({"en": "We are sorry."}, shown_if="nps <= 6"),
        Ending({"en": "Thank you!"}, link="https://example.com/", link_label={"en": "On"}),
    ),
)  # fmt: skip
