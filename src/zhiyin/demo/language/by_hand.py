"""The fifty verbatims written by hand, with their truth marked in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.texts import Clause, Language, Polarity, Text, sentiment_of

_MARKED = re.compile(r"⟦([a-z_]+)([+0±-])([a-z ]*)｜(.*?)⟧", re.DOTALL)
_POLARITY: dict[str, Polarity] = {"+": 1, "-": -1, "0": 0, "±": "mixed"}


def marked(source: str, language: Language) -> Text:
    """A text whose clauses are marked ``⟦aspect, sign, flags｜words⟧``, without the marks."""
    parts: list[str] = []
    clauses = []
    at = read = 0
    for found in _MARKED.finditer(source):
        plain = source[read : found.start()]
        aspect, sign, flags, words = found.groups()
        parts += (plain, words)
        start = at + len(plain)
        at = start + len(words)
        clauses.append(Clause(aspect, _POLARITY[sign], start, at, frozenset(flags.split())))
        read = found.end()
    parts.append(source[read:])
    return Text(
        "".join(parts), language, tuple(clauses), sentiment_of(c.polarity for c in clauses), True
    )


@cache
def _all() -> tuple[tuple[str, Text], ...]:
    source = (Path(__file__).parent / "by_hand.yaml").read_text(encoding="utf-8")
    rows: Any = yaml.safe_load(source)
    return tuple(
        (row["story"], marked(row["text"].strip(), cast("Language", row["lang"]))) for row in rows
    )


def by_hand(story: str | None = None, lang: str | None = None) -> tuple[Text, ...]:
    """The hand-written verbatims, of one story or language if given."""
    return tuple(
        text for name, text in _all() if story in (None, name) and lang in (None, text.lang)
    )


def stories() -> tuple[str, ...]:
    """The stories that they tell, in the file's order."""
    return tuple(dict.fromkeys(name for name, _ in _all()))


def wording() -> Iterator[str]:
    """The texts alone."""
    yield from (text.text for _, text in _all())


class Drawer:
    """Gives each hand-written verbatim once."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], list[Text]] = {}

    def take(self, story: str, lang: str, dice: Dice) -> Text | None:
        """One of that story and language that was not given yet, or None."""
        left = self._left.setdefault((story, lang), list(by_hand(story, lang)))
        return left.pop(dice.between(0, len(left) - 1)) if left else None
