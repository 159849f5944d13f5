"""The fixed wording of NPS, CSAT and CES in each language, so that figures of years compare.

NPS is asked as its authors asked it (Reichheld 2003: likelihood to recommend, 0 to 10). CES 1 asks
for the effort that it took (Dixon, Freeman and Toman 2010; less is better), CES 2 for agreement
with "made it easy" (2013; more is better). The sentences are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.collect.surveys.definition import Question, Survey, Texts, said


@dataclass(frozen=True, slots=True)
class Wording:
    """A question and the ends of its scale, by language; ``{company}`` is the survey's company."""

    title: Texts
    low: Texts
    high: Texts


_NPS = Wording(
    {
        "en": "How likely are you to recommend {company} to a friend or family member?",
        "zh-Hans": "您有多大可能向朋友或家人推荐{company}？",
        "zh-Hant": "您有多大可能向朋友或家人推薦{company}？",
    },
    {"en": "not at all likely", "zh-Hans": "完全不可能", "zh-Hant": "完全不可能"},
    {"en": "extremely likely", "zh-Hans": "非常可能", "zh-Hant": "非常可能"},
)
_CSAT = Wording(
    {
        "en": "How satisfied were you?",
        "zh-Hans": "您对这次体验是否满意？",
        "zh-Hant": "您對這次體驗是否滿意？",
    },
    {"en": "very dissatisfied", "zh-Hans": "很不满意", "zh-Hant": "很不滿意"},
    {"en": "very satisfied", "zh-Hans": "很满意", "zh-Hant": "很滿意"},
)
_CES_1 = Wording(
    {
        "en": "How much effort did it take you to get this done?",
        "zh-Hans": "为办成这件事，您费了多大力气？",
        "zh-Hant": "為辦成這件事，您費了多大力氣？",
    },
    {"en": "very little effort", "zh-Hans": "毫不费力", "zh-Hant": "毫不費力"},
    {"en": "very much effort", "zh-Hans": "非常费力", "zh-Hant": "非常費力"},
)
_CES_2 = Wording(
    {
        "en": "{company} made it easy for me to get this done.",
        "zh-Hans": "{company}让我轻松办成了这件事。",
        "zh-Hant": "{company}讓我輕鬆辦成了這件事。",
    },
    {"en": "strongly disagree", "zh-Hans": "完全不同意", "zh-Hant": "完全不同意"},
    {"en": "strongly agree", "zh-Hans": "完全同意", "zh-Hant": "完全同意"},
)
_NONE = Wording({}, {}, {})


def of(question: Question) -> Wording:
    """The fixed wording of a question's type; without any text where the type has none."""
    if question.type == "ces":
        return _CES_1 if question.variant == 1 else _CES_2
    return {"nps": _NPS, "csat": _CSAT}.get(question.type, _NONE)


def title(question: Question, language: str, survey: Survey) -> str:
    """What a question asks, in a language."""
    own = said(question.title, language, survey)
    if own:
        return own
    company = said(survey.company, language, survey)
    return said(of(question).title, language, survey).replace("{company}", company)


def ends(question: Question, language: str, survey: Survey) -> tuple[str, str]:
    """What stands at the low and at the high end of its scale."""
    fixed = of(question)
    return (
        said(question.low, language, survey) or said(fixed.low, language, survey),
        said(question.high, language, survey) or said(fixed.high, language, survey),
    )
