"""What somebody asks of journeys: whose events, which steps, in what time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _

Order = Literal["any", "earliest", "strict"]
ORDERS: tuple[Order, ...] = ("any", "earliest", "strict")

LONGEST_FUNNEL = 12
"""Steps; each is one more pass over the events."""

LONGEST_SPAN = timedelta(days=36_500)

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
"""Seconds."""
_SPAN = re.compile(r"(\d{1,9})\s*([smhdw])")
_NAME = re.compile(r'\s*(!?)\s*("(?:[^"]|"")*"|[^>|"!\s][^>|"]*)\s*')
_PLAIN = re.compile(r'[^>|"!\s](?:[^>|"]*[^>|"\s])?')


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which events a question is about. The others are as if they had never happened.

    Args:
        where: only events for which this holds.
        start: the first local day; None from the first event of the log.
        end: the day after the last; None up to the last.
        customers: only events of customers of this segment, by its short name, or for whom this
            rule holds; blank of everybody.
    """

    where: Filter | None = None
    start: date | None = None
    end: date | None = None
    customers: str = ""


ALL = Chosen()
"""Every event."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a funnel, each a set of names of events.

    Args:
        names: of each step, in the order in which it is passed.
        between: of each gap between two steps, names that may not come in it.
    """

    names: tuple[frozenset[str], ...]
    between: tuple[frozenset[str], ...]

    @property
    def words(self) -> frozenset[str]:
        """Every name that is spoken of."""
        return frozenset().union(*self.names, *self.between)

    @property
    def labels(self) -> tuple[str, ...]:
        """What each step is called."""
        return tuple(" | ".join(sorted(step)) for step in self.names)


def read_steps(text: str) -> Steps:
    """Steps as people write them: ``Cart Viewed > !Cart Cleared > Order Completed | Paid``.

    ``|`` joins the names of one step. What begins with ``!`` may not come between its neighbours.
    A name with one of these signs in it stands in double quotes, where a double quote is written
    twice.

    Raises:
        Problem: ``journey.steps``.
    """
    names: list[frozenset[str]] = []
    between: list[frozenset[str]] = []
    pending: frozenset[str] = frozenset()
    for is_forbidden, words in _parts(text):
        if is_forbidden:
            if not names:
                raise _wrong(text)
            pending |= words
            continue
        if names:
            between.append(pending)
        names.append(words)
        pending = frozenset()
    if len(names) < 2 or pending:
        raise _wrong(text)
    if len(names) > LONGEST_FUNNEL:
        raise Problem(
            "journey.too-many-steps",
            _("A funnel has at most {most} steps, and this one has {n}.",
              most=LONGEST_FUNNEL, n=len(names)),
            _("Leave out steps that everybody passes."),
        )  # fmt: skip
    return Steps(tuple(names), tuple(between))


def write_steps(steps: Steps) -> str:
    """Steps as `read_steps` reads them.

    >>> write_steps(read_steps('A > !"x > y" > C | B'))
    'A > !"x > y" > B | C'
    """
    parts = [write_names(steps.names[0])]
    for names, between in zip(steps.names[1:], steps.between, strict=True):
        parts += [f"!{write_names(between)}"] if between else []
        parts.append(write_names(names))
    return " > ".join(parts)


def read_names(text: str) -> frozenset[str]:
    """Names of events that count alike: ``Paid | Order Completed``, as those of one step.

    Raises:
        Problem: ``journey.names``.
    """
    try:
        ((is_forbidden, words),) = _parts(text)
    except (Problem, ValueError):
        is_forbidden, words = True, frozenset()
    if is_forbidden:
        raise Problem(
            "journey.names",
            _("“{text}” names no events.", text=text),
            _('Write one name of an event, or several with | between: "Paid | Order Completed".'),
        )
    return words


def write_names(names: Iterable[str]) -> str:
    """Names of one step, joined by ``|`` in the order of the alphabet, in quotes where needed."""
    return " | ".join(
        word if _PLAIN.fullmatch(word) else '"' + word.replace('"', '""') + '"'
        for word in sorted(names)
    )


def _parts(text: str) -> Iterator[tuple[bool, frozenset[str]]]:
    """Each part between two ``>``: whether it is forbidden, and its names."""
    place = 0
    while True:
        words: list[str] = []
        is_forbidden = False
        sign = "|"
        while sign == "|":
            found = _NAME.match(text, place)
            word = _unquoted(found[2]) if found else ""
            if found is None or not word or (found[1] and words):
                raise _wrong(text)
            is_forbidden = is_forbidden or bool(found[1])
            words.append(word)
            sign = text[found.end() : found.end() + 1]
            place = found.end() + 1
        yield is_forbidden, frozenset(words)
        if not sign:
            return
        if sign != ">":
            raise _wrong(text)


def _unquoted(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.strip()


def _wrong(text: str) -> Problem:
    return Problem(
        "journey.steps",
        _("“{text}” names no steps of a funnel.", text=text),
        _('Write two or more names of events: "Product Viewed > Order Completed".'),
    )


def read_span(text: str) -> timedelta:
    """A length of time: ``30m``, ``12h``, ``7d``, ``2w``.

    Raises:
        Problem: ``journey.span``.
    """
    found = _SPAN.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < seconds <= LONGEST_SPAN.total_seconds():
        raise Problem(
            "journey.span",
            _("“{text}” is no length of time.", text=text),
            _("Write a number with s, m, h, d or w: 30m, 12h, 7d."),
        )
    return timedelta(seconds=seconds)


def no_such_name(word: str, known: Iterable[str]) -> Problem:
    """The Problem of an event that nobody has sent."""
    near = difflib.get_close_matches(word, known, n=1)
    return Problem(
        "journey.no-such-event",
        _("No event is called {name}.", name=word),
        _("Did you mean {near}?", near=near[0])
        if near
        else _("The page Events lists the names that have come in."),
    )
