"""What a survey says: whether every language that it promises has every text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zhiyin.collect.surveys import wordings
from zhiyin.collect.surveys.definition import Question, Survey, Texts
from zhiyin.collect.surveys.fault import Fault
from zhiyin.kernel.text import _

LONGEST = 5_000
"""Characters of a text."""

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def of_texts(survey: Survey) -> Iterator[Fault]:
    """What texts lack or have too much of."""
    yield from _of_languages(survey)
    spoken = survey.spoken()
    for place, texts, is_wanted in _texts(survey):
        yield from _of_text(place, texts, spoken, is_wanted=is_wanted)


def _of_languages(survey: Survey) -> Iterator[Fault]:
    codes = [("/language", survey.language)]
    codes += [(f"/languages/{number}", code) for number, code in enumerate(survey.languages)]
    for place, code in codes:
        if not LANGUAGE.fullmatch(code):
            yield Fault(
                place, "survey.language",
                _("“{code}” is no code of a language.", code=code[:40]),
                _("Write it as BCP 47 has it: en, zh-Hans, zh-Hant, pt-BR."),
            )  # fmt: skip
    if len(set(survey.languages)) < len(survey.languages):
        yield Fault(
            "/languages", "survey.language-twice",
            _("A language is named twice."),
            _("Name each once."),
        )  # fmt: skip


def _texts(survey: Survey) -> Iterator[tuple[str, Texts, bool]]:
    """Each text with its place, and whether it must be there."""
    yield "/title", survey.title, True
    yield "/company", survey.company, any(_says_company(one) for one in survey.questions())
    yield "/welcome", survey.welcome, False
    yield "/privacy", survey.privacy, False
    for number, page in enumerate(survey.pages):
        for count, question in enumerate(page.questions):
            yield from _of_question(f"/pages/{number}/questions/{count}", question)
    for number, ending in enumerate(survey.endings):
        at = f"/endings/{number}"
        yield f"{at}/title", ending.title, not ending.text
        yield f"{at}/text", ending.text, False
        yield f"{at}/link_label", ending.link_label, bool(ending.link)


def _of_question(at: str, question: Question) -> Iterator[tuple[str, Texts, bool]]:
    fixed = wordings.of(question)
    # Of its own words a question needs those that the fixed wording lacks.
    yield f"{at}/title", question.title or fixed.title, True
    yield f"{at}/help", question.help, False
    yield f"{at}/low", question.low or fixed.low, False
    yield f"{at}/high", question.high or fixed.high, False
    for part, listed in (("choices", question.choices), ("rows", question.rows)):
        for number, choice in enumerate(listed):
            yield f"{at}/{part}/{number}/label", choice.label, True


def _says_company(question: Question) -> bool:
    return not question.title and "{company}" in "".join(wordings.of(question).title.values())


def _of_text(
    place: str, texts: Texts, spoken: tuple[str, ...], *, is_wanted: bool
) -> Iterator[Fault]:
    is_there = is_wanted or any(text.strip() for text in texts.values())
    for code in spoken if is_there else ():
        if not texts.get(code, "").strip():
            yield Fault(
                f"{place}/{code}", "survey.text-missing",
                _("A text is missing in {language}.", language=code),
                _("Write it, or take the language out of those that are promised."),
            )  # fmt: skip
    for code, text in texts.items():
        if len(text) > LONGEST:
            yield Fault(
                f"{place}/{code}", "survey.text-long",
                _("A text has {n} characters; at most {most} are shown.",
                  n=len(text), most=LONGEST),
                _("Shorten it."),
            )  # fmt: skip
        if _CONTROL.search(text):
            yield Fault(
                f"{place}/{code}", "survey.text-control",
                _("A text has characters that nobody can see."),
                _("Type it anew instead of copying it."),
            )  # fmt: skip
