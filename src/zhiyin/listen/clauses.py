"""A text cut into clauses: stretches that say one thing, with the places where they stand.

Sentences end at 。！？ and their like, at new lines and runs of emoji. Inside one, a comma cuts
where what stands on either side can be a judgement of its own, and so do the words that turn
praise into blame: 但是, 不过, *but*, *however*. What is too short to mean anything by itself
stays with its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from zhiyin.listen.signs import HAN


class Span(NamedTuple):
    """A stretch of a text, half-open, in characters."""

    start: int
    end: int


_END = re.compile(
    r"[。！？!?；;…\n\r]+[”’」』）)\"']*"  # always the end of a sentence
    r"|(?<=[A-Za-z\u00c0-\u024f)\"'’0-9])\.+[\"')]*(?=\s|$)"  # a full stop before a gap
    rf"|[~～]+(?=\s|[{HAN}])"
    rf"|(?<=[{HAN}）])\s+(?=[{HAN}])"  # Chinese that puts a gap for a full stop
    rf"|(?<=[{HAN}])\.+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|vs|etc|e\.g|i\.e|approx|p\.m|a\.m|min)|\b[A-Za-z])\.$",
    re.IGNORECASE,
)
_COMMA = re.compile(r"[，,、]+\s*|\s+[-–—]+\s+|——+")
_TURN = re.compile(
    r"(?:但是|但(?!凡)|不过|可是|只是|就是(?=[太有不没])|然而|却(?=[不没])|除了|另外|而且|反而|结果)"
    r"|(?<=\s)(?:but|however|although|though|yet|whereas|while|except|unfortunately)(?=[\s,])",
    re.IGNORECASE,
)

LEAST_CHINESE = 4
"""Han characters below which a piece stays with the one before it."""

LEAST_LATIN = 2
"""Words below which it does; beside Chinese, a Latin word is two characters."""

MOST = 160
"""Characters of a clause at most; a text without punctuation is cut at its next gap."""


def split(text: str) -> list[Span]:
    """The clauses of a text, from its start to its end; no two overlap, none is blank.

    What a text consists of beside them is white space.
    """
    found: list[Span] = []
    for sentence in _sentences(text):
        pieces = [piece for part in _cut(text, sentence) for piece in _short(text, part)]
        for one in _merged(text, pieces):
            if found and not _has_words(text[one.start : one.end]):
                found[-1] = Span(found[-1].start, one.end)
            else:
                found.append(one)
    return found


def _sentences(text: str) -> Iterator[Span]:
    at = 0
    for mark in _END.finditer(text):
        if _ABBREVIATION.search(text, max(at, mark.start() - 8), mark.end()) and mark[0] == ".":
            continue
        yield Span(at, mark.end())
        at = mark.end()
    yield Span(at, len(text))


def _cut(text: str, sentence: Span) -> Iterator[Span]:
    places = {mark.end() for mark in _COMMA.finditer(text, *sentence) if not _in_number(text, mark)}
    places |= {mark.start() for mark in _TURN.finditer(text, *sentence)}
    at = sentence.start
    for place in sorted(places):
        if at < place < sentence.end:
            yield Span(at, place)
            at = place
    yield Span(at, sentence.end)


def _in_number(text: str, mark: re.Match[str]) -> bool:
    """Whether the comma is that of 1,280."""
    return (
        text[mark.start() - 1 : mark.start()].isdecimal()
        and text[mark.end() : mark.end() + 1].isdecimal()
    )


def _short(text: str, piece: Span) -> Iterator[Span]:
    """The piece, cut at gaps where it is longer than a clause can be."""
    start = piece.start
    while piece.end - start > MOST:
        gap = text.rfind(" ", start + MOST // 2, start + MOST)
        cut = gap + 1 if gap > 0 else start + MOST
        yield Span(start, cut)
        start = cut
    yield Span(start, piece.end)


def _merged(text: str, pieces: list[Span]) -> Iterator[Span]:
    """The pieces of a sentence, those that mean nothing alone with a neighbour; without gaps."""
    waiting: Span | None = None
    done: list[Span] = []
    for piece in pieces:
        here = Span(waiting.start, piece.end) if waiting else piece
        if _is_enough(text[here.start : here.end]):
            done.append(here)
            waiting = None
        else:
            waiting = here
    if waiting is not None:
        if done and _has_words(text[waiting.start : waiting.end]):
            done[-1] = Span(done[-1].start, waiting.end)
        else:
            done.append(waiting)
    for one in done:
        held = text[one.start : one.end]
        start = one.start + len(held) - len(held.lstrip())
        end = one.end - len(held) + len(held.rstrip())
        if start < end:
            yield Span(start, end)


_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f0-9'’]+")


def _is_enough(text: str) -> bool:
    han, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    return (han + 2 * words >= LEAST_CHINESE) if han else words >= LEAST_LATIN


def _has_words(text: str) -> bool:
    return bool(_HAN.search(text) or _WORD.search(text))
