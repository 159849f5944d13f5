"""Clauses of our own, in both languages, that every model of what customers mean begins from.

They were written for this: nobody's reviews are among them, and none shares a phrase with the
demo company, whose verbatims are there to be read as something new. The files say by their names
and headings what each clause shows; `read` brings them into one form.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_Yaml = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")

NEGATIVE, NEUTRAL, POSITIVE, MIXED = "negative", "neutral", "positive", "mixed"
POLARITIES = (NEGATIVE, NEUTRAL, POSITIVE, MIXED)

NONE = ""
"""The class of a clause that shows none of a kind: no aspect, no emotion."""


@dataclass(frozen=True, slots=True)
class Seed:
    """One clause, and what it shows. None where its file does not say.

    Attributes:
        language: ``zh`` or ``en``.
        polarity: one of `POLARITIES`.
        aspect: the key of one of our aspects; "" where it judges no single thing.
        emotion: anger, worry, disappointment, joy or thanks.
        intent: complain, ask, praise, suggest or leave.
        effort: high or low.
        urgency: urgent, or "" where it may wait.
    """

    text: str
    language: str
    polarity: str | None = None
    aspect: str | None = None
    emotion: str | None = None
    intent: str | None = None
    effort: str | None = None
    urgency: str | None = None


_OF_EMOTION = {
    "anger": NEGATIVE, "worry": NEGATIVE, "disappointment": NEGATIVE,
    "joy": POSITIVE, "thanks": POSITIVE,
}  # fmt: skip
_OF_INTENT = {
    "complain": NEGATIVE, "leave": NEGATIVE, "praise": POSITIVE, "ask": NEUTRAL, "suggest": NEUTRAL,
}  # fmt: skip
_OF_EFFORT = {"high": NEGATIVE, "low": POSITIVE}


@cache
def read() -> tuple[Seed, ...]:
    """Every seed, in the order of languages and files.

    Raises:
        ValueError: a heading that no file of its name has.
    """
    return tuple(one for language in LANGUAGES for one in _of_language(language))


@cache
def words(language: str) -> dict[str, list[str]]:
    """By aspect, the words that name it (`naming`)."""
    found: dict[str, list[str]] = _load(FOLDER / language / "words.yaml")
    return found


@cache
def digest() -> str:
    """What the seeds are, in 16 hexadecimal digits: another where one clause is another."""
    told = hashlib.sha256()
    for one in read():
        told.update(f"{one}\n".encode())
    for language in LANGUAGES:
        told.update(repr(words(language)).encode())
    return told.hexdigest()[:16]


def _of_language(language: str) -> list[Seed]:
    folder = FOLDER / language
    found: list[Seed] = []
    for path in sorted((folder / "aspects").glob("*.yaml")):
        for aspect, said in _load(path).items():
            for polarity, texts in said.items():
                _one_of(polarity, POLARITIES, path)
                found += [Seed(t, language, polarity, aspect) for t in texts]
    for name in ("general.yaml", "asides.yaml"):
        for polarity, texts in _load(folder / name).items():
            _one_of(polarity, POLARITIES, folder)
            found += [Seed(t, language, polarity, NONE) for t in texts]
    found += [Seed(t, language, MIXED) for t in _load(folder / "mixed.yaml")]
    found += [Seed(t, language, NEGATIVE) for t in _load(folder / "sarcastic.yaml")]
    for name in ("understated.yaml", "told.yaml"):
        for polarity, texts in _load(folder / name).items():
            found += [Seed(t, language, polarity) for t in texts]
    for emotion, texts in _load(folder / "emotions.yaml").items():
        found += [Seed(t, language, _OF_EMOTION[emotion], emotion=emotion) for t in texts]
    for intent, texts in _load(folder / "intents.yaml").items():
        found += [Seed(t, language, _OF_INTENT[intent], intent=intent) for t in texts]
    for effort, texts in _load(folder / "effort.yaml").items():
        found += [Seed(t, language, _OF_EFFORT[effort], effort=effort) for t in texts]
    for urgency, texts in _load(folder / "urgency.yaml").items():
        shown = urgency if urgency == "urgent" else NONE
        found += [Seed(t, language, urgency=shown) for t in texts]
    return found


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Yaml)  # noqa: S506 (it is a safe loader)


def _one_of(name: str, names: tuple[str, ...], path: Path) -> None:
    if name not in names:
        raise ValueError(f"{path} has a heading {name!r}, which is none of {names}")
