"""Words that name an aspect: where one stands in a clause, the clause is nearly always about it.

Chinese words are found wherever they stand, the longest first: 登机牌 is not 登机. Words of other
languages are found where a word begins with them, so *refund* is in *refunded*.
"""

from __future__ import annotations

import re
from functools import cache

from zhiyin.listen import seeds
from zhiyin.listen.signs import HAN

_HAN = re.compile(f"[{HAN}]")
_RUN = re.compile(f"[{HAN}a-z0-9]+")
_WORD = re.compile(r"[a-z0-9'’-]+")
LEAST_LETTERS = 3
"""Letters that a word must begin with."""


def of(text: str) -> set[str]:
    """The aspects that a text names."""
    plain = text.lower()
    found: set[str] = set()
    if _HAN.search(plain):
        for run in _RUN.findall(plain):
            _in_chinese(run, found)
    _in_words(_WORD.findall(plain), found)
    return found


def _in_chinese(run: str, found: set[str]) -> None:
    known, sizes = _words("zh"), _sizes()
    at = 0
    while at < len(run):
        for size in sizes.get(run[at], ()):
            key = known.get(run[at : at + size])
            if key is not None:
                found.add(key)
                at += size
                break
        else:
            at += 1


def _in_words(words: list[str], found: set[str]) -> None:
    known = _words("en")
    for place, word in enumerate(words):
        two = f"{word} {words[place + 1]}" if place + 1 < len(words) else ""
        for said in (two, word):
            key = next(
                (
                    known[said[:size]]
                    for size in range(len(said), LEAST_LETTERS - 1, -1)
                    if said[:size] in known
                ),
                None,
            )
            if key is not None:
                found.add(key)
                break


@cache
def _sizes() -> dict[str, list[int]]:
    """How long the Chinese words are that begin with a sign, the longest first."""
    found: dict[str, set[int]] = {}
    for word in _words("zh"):
        found.setdefault(word[0], set()).add(len(word))
    return {sign: sorted(sizes, reverse=True) for sign, sizes in found.items()}


@cache
def _words(language: str) -> dict[str, str]:
    """The aspect that each word names."""
    return {word.lower(): key for key, words in seeds.words(language).items() for word in words}
