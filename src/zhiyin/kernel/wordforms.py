"""The ways in which one word is written: what a search for it finds.

A Chinese character is found in its traditional and simplified forms (发票 in 發票), and an English
word in all forms of its stem (*refunded* in *refund*, *cancellation* in *cancelled*). Both as one
regular expression that Python and RE2 read alike, so that what a database finds and what a page
marks are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any

_ASKED = re.compile(r'"([^"]+)"|“([^”]+)”|(\S+)')
_ENGLISH = re.compile(r"[a-z]{3,}(?:['’]s)?")

_ENDS = (
    "s", "es", "ed", "d", "ing", "er", "ers", "or", "ors", "ly", "ies", "ied", "ying", "y", "e",
    "ation", "ations", "ment", "ments", "ness", "al", "able",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for in a text.

    Args:
        words: in small letters.
        is_phrase: as it stands; else an English word is found in all its forms.
    """

    words: str
    is_phrase: bool = True


def asked(text: str, *, most: int) -> tuple[Sought, ...]:
    """Words and “phrases in quotes” of what somebody typed, each once.

    >>> asked('slow "the refund"', most=20)
    (Sought(words='slow', is_phrase=False), Sought(words='the refund', is_phrase=True))
    """
    found = (
        Sought((one[1] or one[2] or one[3]).lower(), is_phrase=one[3] is None)
        for one in _ASKED.finditer(text)
    )
    return tuple(dict.fromkeys(found))[:most]


@lru_cache(maxsize=512)
def pattern(sought: Sought) -> str | None:
    """As a regular expression; None where the words themselves are all there is to find.

    >>> pattern(Sought("退款")), pattern(Sought("发票"))
    (None, '[发發髮]票')
    """
    plain = "".join(_of_sign(sign) for sign in sought.words)
    has_cases = sought.words.lower() != sought.words.upper()
    forms = () if sought.is_phrase else _forms(sought.words)
    if forms:
        plain = f"{plain}|\\b(?:{'|'.join(forms)})\\b"
    if has_cases:
        return f"(?i){plain}"
    return None if plain == sought.words else plain


@lru_cache(maxsize=512)
def needed(sought: Sought) -> str | None:
    """What stands in every text in which it is found, as a regular expression without choices; None
    where the pattern has none itself, or nothing is shared.

    A database looks for it four times as fast, and for the pattern in what is left.

    >>> needed(Sought("发票")), needed(Sought("refunded", is_phrase=False))
    ('票', '(?i)refund')
    """
    wanted = pattern(sought)
    if wanted is None or ("[" not in wanted and "|" not in wanted):
        return None
    if sought.words.lower() == sought.words.upper():
        runs = "".join(one if one not in _same() else " " for one in sought.words).split(" ")
        longest = max(runs, key=len)
        return longest or None
    forms = [sought.words, *([] if sought.is_phrase else _forms(sought.words))]
    first, last = min(forms), max(forms)  # what these two begin with, all between them do
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    shared = "".join(sign for sign, _same_sign in alike)
    if not shared or any(sign in _same() for sign in shared):
        return None
    return "(?i)" + "".join(map(_escaped, shared))


def spans(text: str, sought: Sought) -> Iterator[tuple[int, int]]:
    """Where it stands in a text."""
    wanted = pattern(sought) or re.escape(sought.words)
    return (one.span() for one in re.finditer(wanted, text, re.ASCII))


def _of_sign(sign: str) -> str:
    """A character, or a class of all that are the same."""
    same = _same().get(sign)
    return f"[{same}]" if same else _escaped(sign)


def _escaped(sign: str) -> str:
    """As both readers of regular expressions take it for itself."""
    return f"\\{sign}" if sign in r"\.+*?()|[]{}^$" else sign


def _forms(word: str) -> tuple[str, ...]:
    """Other words of the same stem but those that hold the word, in which it is found anyhow."""
    if not _ENGLISH.fullmatch(word):
        return ()
    word = re.sub(r"['’]s$", "", word)
    stem = _stem(word)
    begun = {word, stem, stem + stem[-1], stem.removesuffix("i")}
    made = {one + end for one in begun for end in ("", *_ENDS)}
    kept = sorted(one for one in made if len(one) > 2 and word not in one and _stem(one) == stem)
    return tuple(kept)


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    made: str = _stemmer().stemWord(word)
    return made


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@cache
def _same() -> dict[str, str]:
    """Of each Chinese character that is written in several ways, all of them."""
    from opencc import OpenCC

    every = "".join(map(chr, range(0x3400, 0xA000)))
    simple = OpenCC("t2s").convert("\n".join(every)).split("\n")
    kinds: dict[str, list[str]] = {}
    for sign, one in zip(every, simple, strict=True):
        kinds.setdefault(one, []).append(sign)
    several = ("".join(sorted(held)) for held in kinds.values() if len(held) > 1)
    return {sign: held for held in several for sign in held}
