"""The phrases, read from the YAML files of each language and taken apart once.

A line is a phrase with choices and blanks: ``[等了|又等了]{wait}`` is one of two beginnings and a
duration. Choices nest and may be empty. What stands before a line says what it is:

====  =========================================================================
``>``  a detail, said only after something else on its topic
``=``  enough alone, for people who write four words
``!``  says it by negation (both may stand together: ``>!``)
``?``  a suggestion
``*``  judges the whole trip (in openings and endings)
``~``  dialect
====  =========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zhiyin.demo.language.chance import Dice

_FOLDER = Path(__file__).parent
_MARKS = {"!": "negated", "?": "suggestion", "~": "dialect", "*": "general"}
_TOKEN = re.compile(r"([\[\]|]|\{[a-z_]+\})")
_WORDING = re.compile(r"[^\[\]{}|⟦⟧｜]+")
POLARITIES = ("negative", "neutral", "positive", "sarcastic")


@dataclass(frozen=True, slots=True)
class Blank:
    """A place for a word that the context knows or the lexicon offers."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several phrases."""

    options: tuple[Phrase, ...]


Phrase = tuple["str | Blank | Choice", ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its phrase and what its marks say of it."""

    phrase: Phrase
    role: str
    """``say``, ``detail`` or ``short``."""
    flags: frozenset[str]
    blanks: frozenset[str]
    question: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be said about one topic of an aspect with one polarity."""

    name: str
    special: bool
    """Spoken of only on request (its name begins with ``@`` in the file)."""
    say: tuple[Line, ...]
    details: tuple[Line, ...]
    short: tuple[Line, ...]


def taken_apart(phrase: str) -> Phrase:
    """A phrase with choices and blanks, ready to be said.

    Raises:
        ValueError: a bracket without its partner.
    """
    tokens = [t for t in _TOKEN.split(phrase) if t]
    place = 0

    def sequence(depth: int) -> Choice:
        nonlocal place
        options: list[list[str | Blank | Choice]] = [[]]
        while place < len(tokens):
            token = tokens[place]
            place += 1
            if token == "[":  # noqa: S105
                options[-1].append(sequence(depth + 1))
            elif token == "]" and depth:  # noqa: S105
                return Choice(tuple(tuple(o) for o in options))
            elif token == "|" and depth:  # noqa: S105
                options.append([])
            elif token in ("[", "]", "|"):
                raise ValueError(f"a bracket without its partner: {phrase}")
            else:
                options[-1].append(Blank(token[1:-1]) if token[0] == "{" else token)
        if depth:
            raise ValueError(f"a bracket without its partner: {phrase}")
        return Choice((tuple(options[0]),))

    return sequence(0).options[0]


def blanks_of(phrase: Phrase) -> Iterator[str]:
    """The names of its blanks."""
    for part in phrase:
        if isinstance(part, Blank):
            yield part.name
        elif isinstance(part, Choice):
            for option in part.options:
                yield from blanks_of(option)


def line(text: str) -> Line:
    """One line of a file."""
    flags = set()
    role = "say"
    rest = text.strip()
    while rest and rest[0] in ">=!?~*":
        if rest[0] == ">":
            role = "detail"
        elif rest[0] == "=":
            role = "short"
        else:
            flags.add(_MARKS[rest[0]])
        rest = rest[1:].lstrip()
    phrase = taken_apart(rest)
    blanks = frozenset(blanks_of(phrase))
    return Line(phrase, role, frozenset(flags), blanks, rest.endswith(("？", "?", "？|]")))


def lines(block: str) -> tuple[Line, ...]:
    """The lines of a block."""
    return tuple(line(text) for text in block.splitlines() if text.strip())


def said(phrase: Phrase, dice: Dice, word: Callable[[str], str | Phrase]) -> str:
    """The phrase with every choice made; `word` fills a blank with text or another phrase."""
    out = []
    for part in phrase:
        if type(part) is str:
            out.append(part)
        elif isinstance(part, Choice):
            out.append(said(dice.one(part.options), dice, word))
        elif isinstance(part, Blank):
            filling = word(part.name)
            out.append(filling if type(filling) is str else said(filling, dice, word))  # type: ignore[arg-type]
    return "".join(out)


@cache
def _file(language: str, name: str) -> Any:
    text = (_FOLDER / language / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


FRAMES = ("lexicon", "frames", "remarks", "news", "dialogue", "opinions")


@cache
def topics(language: str) -> Mapping[tuple[str, str], tuple[Topic, ...]]:
    """Everything that can be said in a language, by (aspect, polarity's name)."""
    found: dict[tuple[str, str], tuple[Topic, ...]] = {}
    for path in sorted((_FOLDER / language).glob("*.yaml")):
        if path.stem in FRAMES:
            continue
        for aspect, polarities in _file(language, path.stem).items():
            for polarity, blocks in polarities.items():
                rows = tuple(_topic(n, b) for n, b in blocks.items())
                found[aspect, polarity] = found.get((aspect, polarity), ()) + rows
    return found


def _topic(name: str, block: str) -> Topic:
    rows = lines(block)
    by_role = {
        role: tuple(r for r in rows if r.role == role) for role in ("say", "detail", "short")
    }
    return Topic(
        name.lstrip("@"), name[0] == "@", by_role["say"], by_role["detail"], by_role["short"]
    )


@cache
def blocks(language: str, name: str) -> Mapping[tuple[str, ...], tuple[Line, ...]]:
    """The lines of a frame file by their path of keys."""
    found: dict[tuple[str, ...], tuple[Line, ...]] = {}

    def walk(node: Any, path: tuple[str, ...]) -> None:
        if isinstance(node, str):
            found[path] = lines(node)
        else:
            for key, child in node.items():
                walk(child, (*path, str(key)))

    walk(_file(language, name), ())
    return found


@cache
def lexicon(language: str) -> Mapping[str, Phrase]:
    """Words with their variants, for blanks that no context fills."""
    return {name: taken_apart(text) for name, text in _file(language, "lexicon").items()}


def special_topics() -> frozenset[str]:
    """The topics spoken of only on request."""
    return frozenset(
        topic.name
        for language in ("zh", "en")
        for rows in topics(language).values()
        for topic in rows
        if topic.special
    )


def phrases() -> Iterator[str]:
    """Every stretch of wording, without choices and blanks: what nobody may copy."""
    for path in sorted(_FOLDER.glob("**/*.yaml")):
        for raw in path.read_text(encoding="utf-8").splitlines():
            plain = raw.strip().lstrip(">=!?~* ")
            yield from (p for p in _WORDING.findall(plain) if len(p) > 1)
