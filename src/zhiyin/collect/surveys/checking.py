"""All that is wrong with a survey; none of it is published.

Names, scales and choices are looked at here, texts in `speaking`, conditions in `judging`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from zhiyin.collect.surveys import limiting, piping, stale, validating
from zhiyin.collect.surveys.conditions import FIELD
from zhiyin.collect.surveys.definition import (
    CHOSEN,
    MANY,
    NAME,
    OTHER,
    SCORED,
    WRITTEN,
    Choice,
    Question,
    Survey,
)
from zhiyin.collect.surveys.fault import Fault
from zhiyin.collect.surveys.judging import of_conditions
from zhiyin.collect.surveys.speaking import of_texts
from zhiyin.collect.surveys.unnamed import of_anonymous
from zhiyin.kernel.filters.tokens import KEYWORDS
from zhiyin.kernel.text import _

MOST_PAGES = 100
MOST_QUESTIONS = 300
MOST_CHOICES = 200
LONGEST_VALUE = 100
POINTS = (2, 11)
FACES = 7
MOST_FIELD = 100_000
"""Characters that a text question may ask for."""

CONTRAST = 4.5
"""Of text against its ground, WCAG 2.2 AA."""

SERIES = re.compile(r"[^\W\d][\w.-]{0,99}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def faults(survey: Survey, aspects: Collection[str] | None = None) -> list[Fault]:
    """Everything that is wrong, in the order of the document.

    Args:
        aspects: the keys that reasons may count under; None: they are not looked at.
    """
    found = [*_of_whole(survey), *_of_names(survey)]
    if aspects is not None:
        found += _of_aspects(survey, aspects)
    for number, page in enumerate(survey.pages):
        for count, question in enumerate(page.questions):
            found += _of_question(f"/pages/{number}/questions/{count}", question)
    found += of_texts(survey)
    found += of_conditions(survey)
    found += of_anonymous(survey)
    found += stale.faults(survey)
    found += piping.faults(survey)
    found += limiting.faults(survey)
    return sorted(found, key=lambda one: _order(one.place))


def contrast_with_white(colour: str) -> float:
    """The contrast of ``#rrggbb`` and white, 1 to 21, as WCAG 2.2 counts it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05)


def _order(place: str) -> list[tuple[int, str]]:
    """What is of the whole comes first; numbers in a place are ordered as numbers."""
    steps = place.split("/")[1:]
    return [(int(step), "") if step.isdecimal() else (0, step) for step in steps]


# The whole


def _of_whole(survey: Survey) -> Iterator[Fault]:
    if not any(question.items() for question in survey.questions()):
        yield Fault(
            "/pages", "survey.nothing-asked",
            _("The survey asks nothing."),
            _("Give it a page with a question."),
        )  # fmt: skip
    questions = sum(len(page.questions) for page in survey.pages)
    if len(survey.pages) > MOST_PAGES or questions > MOST_QUESTIONS:
        yield Fault(
            "/pages", "survey.too-large",
            _("A survey has at most {pages} pages and {questions} questions.",
              pages=MOST_PAGES, questions=MOST_QUESTIONS),
            _("Make two surveys of it."),
        )  # fmt: skip
    if not _COLOUR.fullmatch(survey.colour):
        yield Fault(
            "/colour", "survey.colour",
            _("{colour} is no colour.", colour=survey.colour[:40]),
            _("Write # and six digits 0 to 9, a to f, such as #0b5563."),
        )  # fmt: skip
    elif contrast_with_white(survey.colour) < CONTRAST:
        yield Fault(
            "/colour", "survey.contrast",
            _("White on {colour} is hard to read: the contrast is {found} to 1.",
              colour=survey.colour, found=f"{contrast_with_white(survey.colour):.1f}"),
            _("Choose a darker colour; {least} to 1 is the least.", least=CONTRAST),
        )  # fmt: skip
    if survey.most_responses is not None and survey.most_responses < 1:
        yield Fault(
            "/most_responses", "survey.most-responses",
            _("The survey would be full before anybody answers."),
            _("Let it take at least one response, or leave the limit out."),
        )  # fmt: skip
    for number, ending in enumerate(survey.endings):
        if ending.link and not _is_link(ending.link):
            yield Fault(
                f"/endings/{number}/link", "survey.link",
                _("{link} is no address that can be opened.", link=ending.link[:80]),
                _("Write it whole, beginning with https:// or http://."),
            )  # fmt: skip


def _is_link(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    has_blank = re.search(r"\s", link) is not None
    # What is piped stands behind the host: an answer never says where one is led.
    if "{" in parts.netloc:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not has_blank


def aspects_of(survey: Survey) -> tuple[str, ...]:
    """The aspects that its choices name, each once."""
    named = (choice.aspect for question in survey.questions() for choice in question.choices)
    return tuple(dict.fromkeys(aspect for aspect in named if aspect))


def _of_aspects(survey: Survey, aspects: Collection[str]) -> Iterator[Fault]:
    for number, page in enumerate(survey.pages):
        for count, question in enumerate(page.questions):
            for place, choice in enumerate(question.choices):
                if choice.aspect and choice.aspect not in aspects:
                    yield Fault(
                        f"/pages/{number}/questions/{count}/choices/{place}/aspect",
                        "survey.aspect",
                        _("{name}: there is no aspect {aspect}.",
                          name=question.name[:60], aspect=choice.aspect[:60]),
                        _("Choose one of the workspace's list of aspects, or add it to the list:"
                          " zhiyin aspects add"),
                    )  # fmt: skip


# Names


def _of_names(survey: Survey) -> Iterator[Fault]:
    pages: Counter[str] = Counter()
    names: Counter[str] = Counter()
    series: Counter[str] = Counter()
    for number, page in enumerate(survey.pages):
        at = f"/pages/{number}"
        yield from _of_name(f"{at}/name", page.name, pages)
        for count, question in enumerate(page.questions):
            place = f"{at}/questions/{count}"
            yield from _of_name(f"{place}/name", question.name, names)
            if question.series and not SERIES.fullmatch(question.series):
                yield Fault(
                    f"{place}/series", "survey.series",
                    _("{series} cannot be the name of a series.", series=question.series[:80]),
                    _("Begin with a letter; letters, digits, points and hyphens follow."),
                )  # fmt: skip
            for item in question.items():
                series[item.series] += 1
                if series[item.series] == 2:
                    yield Fault(
                        f"{place}/series", "survey.series-twice",
                        _("Two questions would stand under one series: {series}.",
                          series=item.series[:80]),
                        _("Give one of them another series or name."),
                    )  # fmt: skip


def _of_name(place: str, name: str, known: Counter[str]) -> Iterator[Fault]:
    if not NAME.fullmatch(name):
        yield Fault(
            place, "survey.name",
            _("“{name}” cannot be a name.", name=name[:80]),
            _("Begin with a letter; up to 59 letters, digits and underscores follow."),
        )  # fmt: skip
    elif name.lower() in KEYWORDS or name == FIELD:
        yield Fault(
            place, "survey.name-reserved",
            _("The name {name} means something else in conditions.", name=name),
            _("Choose another name."),
        )  # fmt: skip
    # Files of statistics programs do not tell capitals from small letters.
    known[name.casefold()] += 1
    if known[name.casefold()] == 2:
        yield Fault(
            place, "survey.name-twice",
            _("The name {name} is there twice.", name=name[:80]),
            _("Give one of them another name; capitals alone do not tell them apart."),
        )  # fmt: skip


# A question


def _of_question(at: str, question: Question) -> Iterator[Fault]:
    if question.type in SCORED:
        yield from _of_scale(at, question)
    yield from _of_choices(at, question)
    yield from _of_bounds(at, question)
    yield from validating.faults(at, question)


def _of_scale(at: str, question: Question) -> Iterator[Fault]:
    name = question.name[:60]
    given = (question.scale_min, question.scale_max)
    if question.type == "nps":
        if given not in ((None, None), (0, 10)):
            yield Fault(
                f"{at}/scale_max", "survey.nps-scale",
                _("{name}: NPS is asked from 0 to 10.", name=name),
                _("Leave its scale out, or make it a rating."),
            )  # fmt: skip
    else:
        low, high = question.scale
        least, most = POINTS
        if not (least <= high - low + 1 <= most and -most <= low <= most):
            yield Fault(
                f"{at}/scale_max", "survey.scale",
                _("{name}: a scale from {low} to {high} cannot be.", name=name, low=low, high=high),
                _("Let it have {least} to {most} points.", least=least, most=most),
            )  # fmt: skip
    low, high = question.scale
    if question.look == "stars" and low != 1:
        yield Fault(
            f"{at}/look", "survey.stars",
            _("{name}: stars begin with one, and this scale with {low}.", name=name, low=low),
            _("Let the scale begin with 1, or show numbers."),
        )  # fmt: skip
    if question.look == "faces" and high - low + 1 > FACES:
        yield Fault(
            f"{at}/look", "survey.faces",
            _("{name}: nobody tells more than {most} faces apart.", name=name, most=FACES),
            _("Show numbers, or make the scale shorter."),
        )  # fmt: skip


def _of_choices(at: str, question: Question) -> Iterator[Fault]:
    for part, listed, is_wanted in (
        ("choices", question.choices, question.type in CHOSEN),
        ("rows", question.rows, question.type == "matrix"),
    ):
        if bool(listed) != is_wanted:
            place = f"{at}/{part}"
            yield _lacks(place, question) if is_wanted else validating.idle(place, question)
        if len(listed) > MOST_CHOICES:
            yield Fault(
                f"{at}/{part}", "survey.many-choices",
                _("{name} has more than {most} choices or rows.",
                  name=question.name[:60], most=MOST_CHOICES),
                _("Shorten the list, or let people type."),
            )  # fmt: skip
        yield from _of_values(f"{at}/{part}", question, listed)
    if question.has_other and question.type not in CHOSEN:
        yield validating.idle(f"{at}/has_other", question)
    for number, choice in enumerate(question.choices):
        if choice.is_exclusive and question.type not in MANY:
            yield validating.idle(f"{at}/choices/{number}/is_exclusive", question)


def _of_values(at: str, question: Question, listed: tuple[Choice, ...]) -> Iterator[Fault]:
    known: Counter[str] = Counter()
    for number, choice in enumerate(listed):
        place, value = f"{at}/{number}/value", choice.value
        is_plain = value == value.strip() and not _CONTROL.search(value)
        # In a condition `question.a.b` would be something of the choice `a`.
        is_plain &= "." not in value or question.type not in (*MANY, "matrix")
        if not value or not is_plain or len(value) > LONGEST_VALUE:
            yield Fault(
                place, "survey.value",
                _("{name}: “{value}” cannot be the value of a choice.",
                  name=question.name[:60], value=value[:40]),
                _("Write up to {most} characters on one line, no blanks around, no points within.",
                  most=LONGEST_VALUE),
            )  # fmt: skip
        if value == OTHER and question.has_other:
            yield Fault(
                place, "survey.value-other",
                _("{name}: the value other stands for what is typed.", name=question.name[:60]),
                _("Give the choice another value, or take the typed choice out."),
            )  # fmt: skip
        known[value.casefold()] += 1
        if known[value.casefold()] == 2:
            yield Fault(
                place, "survey.value-twice",
                _("{name}: the value {value} is there twice.",
                  name=question.name[:60], value=value[:40]),
                _("Give each choice a value of its own."),
            )  # fmt: skip


def _of_bounds(at: str, question: Question) -> Iterator[Fault]:
    least, most = question.at_least, question.at_most
    if least is None and most is None:
        return
    is_count = question.type in MANY or question.type in WRITTEN
    if not is_count and question.type != "number":
        yield validating.idle(f"{at}/at_least", question)
        return
    low = least if least is not None else most
    high = most if most is not None else least
    is_wrong = low is not None and high is not None and low > high
    if is_count:
        given = [one for one in (least, most) if one is not None]
        top = len(question.choices) + question.has_other
        end = top if question.type in MANY else MOST_FIELD
        is_wrong |= any(one != int(one) or not 0 <= one <= end for one in given) or most == 0
    if is_wrong:
        yield Fault(
            f"{at}/at_least", "survey.bounds",
            _("{name}: nothing can be at least {least} and at most {most}.",
              name=question.name[:60], least=_said(least), most=_said(most)),
            _("Correct the two; of choices and texts they are whole numbers that can be reached."),
        )  # fmt: skip


def _said(bound: float | None) -> str:
    return "–" if bound is None else f"{bound:g}"


def _lacks(place: str, question: Question) -> Fault:
    return Fault(
        place, "survey.no-choices",
        _("{name} has nothing to choose from.", name=question.name[:60]),
        _("Give it choices, or rows where it is a matrix."),
    )  # fmt: skip
