"""What a theme is called before anybody names it: the words that set it apart.

A word counts by how many customers say it in the theme against how many say it in all else, with a
prior that holds back what few say (Monroe, Colaresi & Quinn 2008). A word that fewer than
`LEAST` customers of the theme say is none of its words: it could tell who they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhiyin.kernel import masking
from zhiyin.listen.signs import HAN
from zhiyin.listen.themes.grouping import ALONE, Groups

LEAST = 3
OFTEN = 0.08
"""The share of a theme's customers who must say a word of it."""

MOST = 5
"""Words of a theme in one language."""

_PRIOR = 0.5
_HAN = re.compile(rf"[{HAN}]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_EMPTY = frozenset(Path(__file__).with_name("empty_words.txt").read_text(encoding="utf-8").split())
"""Words that name nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """One clause as words are counted in it."""

    text: str
    language: str
    customer: int


def of_groups(said: Sequence[Said], groups: Groups) -> list[dict[str, tuple[str, ...]]]:
    """The words of each group by language (zh, en), the most telling first."""
    count = int(groups.max()) + 1 if groups.size else 0
    inside: list[Counter[str]] = [Counter() for _one in range(count)]
    speakers: list[set[int]] = [set() for _one in range(count)]
    whole: Counter[str] = Counter()
    seen: set[tuple[int, int, str]] = set()
    for one, place in zip(said, groups.tolist(), strict=True):
        if place != ALONE:
            speakers[place].add(one.customer)
        for word in dict.fromkeys(tokens(one.text)):
            key = (place, one.customer, word)
            if key in seen:
                continue
            seen.add(key)
            whole[word] += 1
            if place != ALONE:
                inside[place][word] += 1
    total = sum(whole.values())
    return [
        _telling(held, whole, total, least=max(LEAST, OFTEN * len(who)))
        for held, who in zip(inside, speakers, strict=True)
    ]


def tokens(text: str) -> Iterable[str]:
    """The words of a text that may name something, Chinese cut by `rjieba`; no numbers."""
    import rjieba

    plain = unicodedata.normalize("NFKC", text).lower()
    before = ""
    for piece in re.finditer(rf"[{HAN}]+|[^{HAN}]+", plain):
        if _HAN.fullmatch(piece[0]):
            yield from (one for one in rjieba.cut(piece[0]) if len(one) > 1 and one not in _EMPTY)
            continue
        for word in _WORD.findall(piece[0]):
            if word in _EMPTY or len(word) < 3:
                before = ""
                continue
            yield word
            if before:
                yield f"{before} {word}"
            before = word


def _telling(
    held: Mapping[str, int], whole: Mapping[str, int], total: int, *, least: float
) -> dict[str, tuple[str, ...]]:
    inside = sum(held.values())
    ranked: dict[str, list[tuple[float, str]]] = {"zh": [], "en": []}
    for word, n in held.items():
        if n < least or masking.in_text(word) != word:
            continue
        prior = _PRIOR * whole[word] / total * 1000
        here, there = n + prior, whole[word] - n + prior
        apart = np.log(here / (inside + 1000 * _PRIOR - here)) - np.log(
            there / (total - inside + 1000 * _PRIOR - there)
        )
        surely = float(apart / np.sqrt(1 / here + 1 / there))
        if surely > 0:
            ranked["zh" if _HAN.search(word) else "en"].append((surely, word))
    return {
        language: _apart(
            [word for _surely, word in sorted(found, key=lambda one: (-one[0], one[1]))]
        )
        for language, found in ranked.items()
        if found
    }


def _apart(found: Sequence[str]) -> tuple[str, ...]:
    """The first words, none of which says a part of another again."""
    kept: list[str] = []
    for word in found:
        longer = next((one for one in kept if set(one.split()) & set(word.split())), None)
        if longer is not None or any(word in one or one in word for one in kept):
            continue
        kept.append(word)
        if len(kept) == MOST:
            break
    return tuple(kept)
