"""The glossary as a test reads it: `docs/glossary.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.words import ROOT

PAGE = ROOT / "docs" / "glossary.md"

_ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)
_AVOID = re.compile(r"(here: )?`([^`]+)`")
_REMARK = re.compile(r"\([^()]*\)|（[^（）]*）|^[A-Z]+: ")


@dataclass(frozen=True, slots=True)
class Row:
    """One idea: its words, the words never used, and those not used in a sentence about it."""

    number: int
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    never: tuple[str, ...] = ()
    not_here: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Its words in both languages."""
        return self.english + self.chinese


@dataclass(frozen=True, slots=True)
class Offence:
    """A forbidden word and the row that forbids it."""

    word: str
    row: int


def rows(page: str) -> list[Row]:
    """The rows of the glossary's table.

    Raises:
        ValueError: a row without five columns, or an *avoid* column with words outside backquotes.
    """
    found = []
    for hit in _ROW.finditer(page):
        cells = [cell.strip() for cell in hit[2].split("|")]
        if len(cells) != 4:
            raise ValueError(f"row {hit[1]} has {len(cells) + 1} columns")
        english, chinese, avoid, _note = cells
        if _AVOID.sub("", avoid).strip("; "):
            raise ValueError(f"row {hit[1]}: words to avoid stand in backquotes: {avoid}")
        words = _AVOID.findall(avoid)
        found.append(
            Row(
                int(hit[1]),
                _terms(english),
                _terms(chinese),
                tuple(word for here, word in words if not here),
                tuple(word for here, word in words if here),
            )
        )
    return found


def _terms(cell: str) -> tuple[str, ...]:
    # "HEART: " names the family, parentheses explain; neither is part of a term.
    parts = (_REMARK.sub("", part).strip() for part in cell.split(" / "))
    return tuple(part for part in parts if part)


def offences(glossary: list[Row], *texts: str) -> list[Offence]:
    """The forbidden words in a sentence, given in one or more languages.

    At each place the longest word counts, so that a term hides a shorter forbidden word inside it
    (客户流失率 hides 流失) and a forbidden word is not taken apart by a shorter term.
    """
    text = "\n".join(texts)
    own = {term: row.number for row in glossary for term in row.terms}
    about = _about(glossary, text, own)
    forbidden = {word: row.number for row in glossary for word in row.never}
    for row in glossary:
        if row.number in about:
            forbidden |= dict.fromkeys(row.not_here, row.number)
    return [
        Offence(word, forbidden[word])
        for word in _occurring([*own, *forbidden], text)
        if word in forbidden and word not in own
    ]


def _about(glossary: list[Row], text: str, own: dict[str, int]) -> set[int]:
    occurring = set(_occurring(list(own), text))
    return {row.number for row in glossary if occurring.intersection(row.terms)}


def _occurring(words: list[str], text: str) -> list[str]:
    lower = text.lower()
    # A pattern of all words takes seconds where one of those that stand there takes none.
    near = [word for word in words if _stem(word).lower() in lower]
    ordered = sorted(near, key=len, reverse=True)
    if not ordered:
        return []
    pattern = "|".join(f"({_pattern(word)})" for word in ordered)
    return [ordered[(hit.lastindex or 1) - 1] for hit in re.finditer(pattern, text, re.IGNORECASE)]


def _stem(word: str) -> str:
    """What stands in a text wherever the word does, in the singular or the plural."""
    return word.removesuffix("s") if word.isascii() else word


def _pattern(word: str) -> str:
    stem = re.escape(_stem(word))
    # Whole words, singular or plural.
    return rf"(?<![a-z]){stem}(?:e?s)?(?![a-z])" if word.isascii() else stem
