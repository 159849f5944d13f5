"""Which choices of other systems are a scale: whole numbers in a row, with or without words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zhiyin.collect.surveys.checking import POINTS
from zhiyin.collect.surveys.definition import Direction, Texts, Type
from zhiyin.collect.surveys.formats import loose

_RECOMMENDS = re.compile(
    r"recommend|recommand|recomend|empfehl|consiglier|рекоменд|推荐|推薦|おすすめ|薦め", re.I
)
_SATISFIED = re.compile(r"satisf|zufrieden|удовлетвор|满意|滿意", re.I)
_ORDERED = re.compile(
    r"satisf|agree|likely|good|bad|poor|excellent|important|easy|difficult|hard\b|often|always|"
    r"never|rarely|strongly|very|extremely|not at all|completely|totally|best|worst|zufrieden|"
    r"stimme|sehr|"
    r"accord|très|удовлетвор|соглас|满意|滿意|同意|可能|重要|容易|困难|困難|经常|經常|总是|總是|从不|"
    r"從不|非常|很|完全|好|差|优|優",
    re.I,
)
"""Words at the ends of a scale, and not of a list of things."""

_WORSE = re.compile(
    r"dissatisf|unsatisf|insatisf|disagree|unlikely|unimportant|not |poor|bad\b|worst|difficult|"
    r"hard\b|never|terrible|un?zufrieden|nicht|pas |не |不|差|困难|困難|从不|從不",
    re.I,
)
_EASE = re.compile(r"made it easy|easy (it was )?(for me |for you )?to\b|轻松|輕鬆|容易", re.I)
_EFFORT = re.compile(r"how much effort|费.{0,2}力|費.{0,2}力", re.I)
_NOT_APPLICABLE = re.compile(
    r"^\W*(n\W?a|not applicable|does not apply|no opinion|no experience|never (tried|used)( it)?|"
    r"不适用|不適用|未使用过?|"
    r"无意见|sans objet|nicht zutreffend|keine angabe)\W*$",
    re.I,
)
_DONT_KNOW = re.compile(
    r"^\W*(don.?t know|do not know|not sure|unsure|不清楚|不知道|说不清|weiß nicht|"
    r"ne sait pas)\W*$",
    re.I,
)
_OTHER = re.compile(
    r"^\W*(others?|其他|其它|autres?|otro|andere[rs]?|sonstige[rs]?)\b|请注明", re.I
)

EFFORT_POINTS = ((1, 5), (1, 7))
MOST_STATES = 5
LEAST_OF_SCORE = 5
"""Points of a single choice that becomes a score."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One choice of a file.

    Args:
        value: as the file and its answers have it.
        is_outside: the file leaves it out of its figures.
    """

    value: str
    label: Texts
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Choices that are one scale.

    Args:
        low, high: labels at its ends; blank where they are the numbers themselves.
        between: labels that a scale does not show.
        is_numbered: the labels between the ends are their numbers.
        is_ordered: the ends are numbers, or words such as ends of a scale have.
        not_applicable, dont_know: values that are states, and no scores.
    """

    least: int
    most: int
    low: Texts
    high: Texts
    between: tuple[str, ...]
    is_numbered: bool
    is_ordered: bool
    not_applicable: tuple[str, ...]
    dont_know: tuple[str, ...]


def of(listed: Sequence[Listed]) -> Scale | None:
    """The scale that choices are; None where their values are no whole numbers in a row."""
    least, most = POINTS
    if len(listed) > most + MOST_STATES:
        return None
    outside = [one for one in listed if one.is_outside or _asks(one.label, _NOT_APPLICABLE)]
    unknown = [one for one in listed if _asks(one.label, _DONT_KNOW)]
    rest = [one for one in listed if one not in outside and one not in unknown]
    points = {loose.whole(one.value): one for one in rest}
    numbers = sorted(number for number in points if number is not None)
    if None in points or len(points) < len(rest) or not least <= len(rest) <= most:
        return None
    if numbers[-1] - numbers[0] != len(numbers) - 1 or not -most <= numbers[0] <= most:
        return None
    ends = points[numbers[0]], points[numbers[-1]]
    middle = [points[number] for number in numbers[1:-1]]
    return Scale(
        numbers[0], numbers[-1],
        {} if _is_number(ends[0]) else ends[0].label,
        {} if _is_number(ends[1]) else ends[1].label,
        tuple(_first(one) for one in middle if not _is_number(one)),
        all(_is_number(one) for one in middle),
        all(_is_number(one) or _asks(one.label, _ORDERED) for one in ends),
        tuple(one.value for one in outside if one not in unknown),
        tuple(one.value for one in unknown),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """Which score a question is; `variant` of CES alone."""

    type: Type
    variant: Literal[1, 2] = 2


def score_of(title: Texts, scale: Scale) -> Score | None:
    """Which score a question of one answer on a scale is; None: it is a choice.

    It is one where its words say so, or where its labels are the numbers themselves.
    """
    points = (scale.least, scale.most)
    if scale.most - scale.least + 1 < LEAST_OF_SCORE:
        return None
    if is_nps(title, *points) and scale.is_numbered:
        return Score("nps")
    if points in EFFORT_POINTS and scale.is_ordered:
        if _asks(title, _EFFORT):
            return Score("ces", 1)
        if _asks(title, _EASE) and direction(scale.low, scale.high) == "up":
            return Score("ces", 2)
    if _asks(scale.low, _SATISFIED) and _asks(scale.high, _SATISFIED):
        return Score("csat")
    return Score("rating") if scale.is_numbered else None


def is_nps(title: Texts, least: int, most: int) -> bool:
    """Whether a question from 0 to 10 asks for a recommendation."""
    return (least, most) == (0, 10) and _asks(title, _RECOMMENDS)


def direction(low: Texts, high: Texts) -> Direction:
    """Which end of a scale is better, as its labels have it; up where they say nothing."""
    is_worse = _asks(high, _WORSE) and not _asks(low, _WORSE)
    return "down" if is_worse and _asks(low, _ORDERED) else "up"


def is_other(label: Texts) -> bool:
    """Whether a choice that is typed is *other*, and not something of its own."""
    return _asks(label, _OTHER)


def _first(one: Listed) -> str:
    return next(iter(one.label.values()), one.value)


def _is_number(one: Listed) -> bool:
    return all(
        re.sub(r"\W", "", text) in ("", one.value.lstrip("-")) for text in one.label.values()
    )


def _asks(texts: Texts, words: re.Pattern[str]) -> bool:
    return any(words.search(text) for text in texts.values())
