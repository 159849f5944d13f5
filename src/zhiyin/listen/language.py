"""Which language a text is in: by its signs where they say it, else by its letters' habits.

Chinese, Japanese, Korean, Thai, Russian and the like are told by their script alone. Latin
letters are asked of lingua, among the languages in which customers of our users write.
"""

from __future__ import annotations

import re
import threading
from functools import cache

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

UNKNOWN = "und"
"""What has no letters: digits, emoji, punctuation (ISO 639-2)."""

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f']+")

HAN_PER_WORD = 1 / 2
"""So many Han characters for each Latin word and a text is Chinese: 「APP 一直 loading」 is."""

_AMONG = (
    Language.ENGLISH, Language.PORTUGUESE, Language.SPANISH, Language.FRENCH, Language.GERMAN,
    Language.ITALIAN, Language.DUTCH, Language.VIETNAMESE, Language.INDONESIAN, Language.TURKISH,
    Language.POLISH, Language.SWEDISH,
)  # fmt: skip

SURE = 0.25
"""Where English lies this near to the likeliest language, a text is English: short texts are
everybody's, and English is what is written most."""


def of(text: str) -> str:
    """The language of a text as an ISO 639-1 code, ``zh`` for Chinese of either writing.

    Returns:
        ``und`` where the text has no letters.
    """
    han = len(_HAN.findall(text))
    words = len(_LATIN_WORD.findall(text))
    kana = len(_KANA.findall(text))
    if kana and kana * 4 >= han:
        return "ja"
    for code, script in _SCRIPTS:
        if len(script.findall(text)) > max(han, words):
            return code
    if _is_chinese(han, words):
        return "zh"
    return _of_latin(text) if words else UNKNOWN


def is_chinese(text: str) -> bool:
    """Whether a text is rather Chinese than in Latin letters: quick, for texts that are one of the
    two."""
    return _is_chinese(len(_HAN.findall(text)), len(_LATIN_WORD.findall(text)))


def _is_chinese(han: int, words: int) -> bool:
    return han > 0 and han >= words * HAN_PER_WORD


def _of_latin(text: str) -> str:
    words = [word.lower() for word in _LATIN_WORD.findall(text[:_ENOUGH])]
    if sum(word in _ENGLISH for word in words) >= len(words) * ENGLISH_SHARE:
        return "en"
    with _LOCK:
        found = _detector().compute_language_confidence_values(text[:_ENOUGH])
    best = found[0]
    english = next(one.value for one in found if one.language == Language.ENGLISH)
    if best.value - english <= SURE:
        return "en"
    return _code(best.language.iso_code_639_1)


ENGLISH_SHARE = 1 / 7
"""Where so many of the words are those that only English is held together by, it is English."""

# Of these, German and Dutch have "was", too, so it is not among them.
_ENGLISH = frozenset((
    "the", "and", "is", "are", "were", "been", "have", "has", "had", "you", "your", "we", "our",
    "they", "their", "it's", "i'm", "don't", "didn't", "can't", "won't", "couldn't", "this", "that",
    "these", "with", "from", "would", "should", "could", "what", "when", "which", "very", "too",
    "my", "not", "but", "it", "of", "by", "to", "in", "for", "just", "only", "there", "here",
))  # fmt: skip

_ENOUGH = 400
"""Signs after which more would not change the answer."""

_LOCK = threading.Lock()


@cache
def _detector() -> LanguageDetector:
    # Trigrams alone take a tenth of the memory and of the time.
    return LanguageDetectorBuilder.from_languages(*_AMONG).with_low_accuracy_mode().build()


def _code(code: IsoCode639_1) -> str:
    return code.name.lower()
