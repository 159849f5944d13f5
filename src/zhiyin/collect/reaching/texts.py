"""What letters and messages say, by language, with blanks for what is known of each person.

``{name}`` is a field of her list, ``{name|there}`` says what stands where she has none;
``{company}`` is the survey's. A line that is ``{link}`` alone is the place of the link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from zhiyin.collect.models import Channel
from zhiyin.collect.surveys.conditions import places
from zhiyin.collect.surveys.definition import Survey, said
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _

BLANK = re.compile(r"\{([^\W\d]\w{0,59})(?:\|([^{}]*))?\}")
LINK = "{link}"
LONGEST = 10_000
LONGEST_SUBJECT = 150


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one letter or message says in one language.

    Args:
        subject: of an e-mail; the title of a push.
        body: paragraphs with a blank line between them; the text of a push, and of an SMS where
            the provider takes free text.
        button: what the link is called in an e-mail.
        reminder_subject, reminder_body: blank: those of the letter.
        signature: of an SMS, as it is registered with the provider.
        template: likewise, its code.
        variables: what fills the template, by name; ``{code}`` is the end of her link.
    """

    subject: str = ""
    body: str = ""
    button: str = ""
    reminder_subject: str = ""
    reminder_body: str = ""
    signature: str = ""
    template: str = ""
    variables: dict[str, str] = {}


Texts = dict[str, Words]

_decoder = msgspec.json.Decoder(Texts)

READY: Texts = {
    "en": Words(
        subject="Your opinion, please: it takes a minute",
        body=(
            "Hello {name|there},\n\nyou were with us a short while ago. How was it?\n\n{link}\n\n"
            "Thank you.\n{company}"
        ),
        button="Answer now",
        reminder_subject="A reminder: your opinion, please",
    ),
    "zh-Hans": Words(
        subject="想听听您的意见，只需一分钟",
        body=("{name|您好}：\n\n感谢您近期的光临。您的感受如何？\n\n{link}\n\n谢谢您。\n{company}"),
        button="立即作答",
        reminder_subject="温馨提醒：想听听您的意见",
    ),
    "zh-Hant": Words(
        subject="想聽聽您的意見，只需一分鐘",
        body=("{name|您好}：\n\n感謝您近期的光臨。您的感受如何？\n\n{link}\n\n謝謝您。\n{company}"),
        button="立即作答",
        reminder_subject="溫馨提醒：想聽聽您的意見",
    ),
}
"""What a letter says where nobody has written another, in the languages that there are."""


def read(document: Mapping[str, Any], survey: Survey, channel: str) -> Texts:
    """Texts as they were given, with those that are ready for the languages left out.

    Raises:
        Problem: ``distribution.texts``: not of this shape, no language of the survey's, too long,
            or nothing to say in the survey's own language.
    """
    try:
        given = _decoder.decode(msgspec.json.encode(document))
    except (msgspec.ValidationError, TypeError) as error:
        raise _wrong(str(error)[:200]) from error
    strange = [code for code in given if code not in survey.spoken()]
    if strange:
        raise _wrong(strange[0][:20])
    if channel == Channel.EMAIL:
        given = {code: _filled(code, given.get(code, Words())) for code in survey.spoken()}
        given = {code: words for code, words in given.items() if words.body}
    if channel in (Channel.EMAIL, Channel.PUSH, Channel.SMS) and survey.language not in given:
        raise _wrong(survey.language)
    for code, words in given.items():
        _check(code, words, channel)
    return given


def held(document: Mapping[str, Any]) -> Texts:
    """Texts as they are kept."""
    return _decoder.decode(msgspec.json.encode(document))


def kept(texts: Texts) -> dict[str, Any]:
    """The document of texts, as `held` reads it."""
    found: dict[str, Any] = msgspec.to_builtins(texts)
    return found


def chosen(texts: Texts, language: str, survey: Survey) -> tuple[str, Words]:
    """The language in which somebody is written to, and its words: hers, the nearest, or the
    survey's own."""
    low = language.lower().replace("_", "-")
    for code in texts:
        if code.lower() == low:
            return code, texts[code]
    for code in texts:
        if low and code.lower().split("-")[0] == low.split("-")[0]:
            return code, texts[code]
    code = survey.language if survey.language in texts else next(iter(texts))
    return code, texts[code]


def filled(text: str, fields: Mapping[str, str]) -> str:
    """A text with its blanks filled. ``{link}`` stays: what it is depends on the kind of letter."""

    def one(found: re.Match[str]) -> str:
        name, otherwise = found[1], found[2] or ""
        if found[0] == LINK and "link" not in fields:
            return LINK
        # What a list says of her is one line of text, whatever stands in the file.
        return " ".join(fields.get(name, "").split()) or otherwise

    return BLANK.sub(one, text)


def fields_of(
    survey: Survey, language: str, fields: Mapping[str, str], more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What blanks may name: her fields, and what everybody's letter knows."""
    return {**fields, "company": said(survey.company, language, survey), **(more or {})}


def asked_for(survey: Survey) -> frozenset[str]:
    """The fields that conditions of the survey ask for, which a link brings along. What is only for
    the letter, her name, stays out of addresses."""
    conditions = [place.says for place in places(survey)]
    names = {name for says in conditions for name in parse(says).columns()}
    return frozenset(name.removeprefix("field.") for name in names if name.startswith("field."))


def _filled(code: str, words: Words) -> Words:
    ready = READY.get(code, Words())
    return msgspec.structs.replace(
        words,
        subject=words.subject or ready.subject,
        body=words.body or ready.body,
        button=words.button or ready.button or "→",
        reminder_subject=words.reminder_subject
        or ("" if words.subject else ready.reminder_subject),
    )


def _check(code: str, words: Words, channel: str) -> None:
    subjects = (words.subject, words.reminder_subject)
    if any(len(one) > LONGEST_SUBJECT or "\n" in one or "\r" in one for one in subjects):
        raise _wrong(f"{code}.subject")
    bodies = (words.body, words.reminder_body, *words.variables.values())
    if any(len(one) > LONGEST for one in bodies):
        raise _wrong(f"{code}.body")
    if channel == Channel.EMAIL and not (words.subject and words.body):
        raise _wrong(f"{code}.subject")
    if channel == Channel.PUSH and not words.body:
        raise _wrong(f"{code}.body")
    if channel == Channel.SMS:
        if not (words.body or (words.signature and words.template)):
            raise _wrong(f"{code}.template")
        if not any(way in said for said in bodies for way in (LINK, "{code}")):
            raise _wrong(f"{code}: {LINK}")


def _wrong(what: str) -> Problem:
    return Problem(
        "distribution.texts",
        _("The texts of the distribution are not as they should be: {what}.", what=what),
        _("They are given by language of the survey: an e-mail has subject and body, an SMS"
          " signature and template, a push body; docs/reaching.md describes them."),
    )  # fmt: skip
