"""What a survey says: whether every language that it promises has every text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zhiyin.collect.surveys import texts
from zhiyin.collect.surveys.definition import Survey, Texts
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
    for one in texts.of(survey):
        yield from _of_text(one.place, one.shown, spoken, is_wanted=one.is_wanted)


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


def _of_text(
    place: str, said: Texts, spoken: tuple[str, ...], *, is_wanted: bool
) -> Iterator[Fault]:
    is_there = is_wanted or any(text.strip() for text in said.values())
    for code in spoken if is_there else ():
        if not said.get(code, "").strip():
            yield Fault(
                f"{place}/{code}", "survey.text-missing",
                _("A text is missing in {language}.", language=code),
                _("Write it, or take the language out of those that are promised."),
            )  # fmt: skip
    for code, text in said.items():
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
