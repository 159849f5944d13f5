"""A text as the signs that stand in it: what a model without an embedder, or beside one, reads.

Chinese is taken in runs of one to three characters, which need no dictionary and keep 不 with what
it denies; other writing in words, pairs of words and the first five letters of a word. Marks and
emoji count as they are.
"""

from __future__ import annotations

import re
import unicodedata

HAN = r"\u3400-\u9fff"
"""Chinese characters, as a regular expression writes a range of them."""

_PIECES = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<word>[^\W\d_{HAN}]+(?:['’][a-z]+)?)"
    r"|(?P<mark>[!?~]|[\u2600-\u27bf\U0001f300-\U0001faff])"
)
STEM = 5
"""Letters of a word that are also taken by themselves: *refund*, *refunds* and *refunded* meet."""


def of(text: str) -> list[str]:
    """The signs of a text, as often as they stand in it."""
    found: list[str] = []
    before = ""
    for piece in _PIECES.finditer(unicodedata.normalize("NFKC", text).lower()):
        run = piece[0]
        if piece.lastgroup == "han":
            found += run
            found += [run[at : at + 2] for at in range(len(run) - 1)]
            found += [run[at : at + 3] for at in range(len(run) - 2)]
            before = ""
        elif piece.lastgroup == "word":
            found.append(f"{run} ")
            if len(run) > STEM:
                found.append(f"{run[:STEM]}-")
            if before:
                found.append(f"{before} {run}")
            before = run
        else:
            found.append(run)
            before = ""
    return found
