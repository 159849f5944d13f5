"""Languages as other systems call them, as BCP 47 has them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zhiyin.collect.surveys.speaking import LANGUAGE

_NAMES = {
    "english": "en", "chinese": "zh-Hans", "中文": "zh-Hans", "简体中文": "zh-Hans",
    "繁體中文": "zh-Hant", "繁体中文": "zh-Hant", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "german": "de", "deutsch": "de", "portuguese": "pt",
    "português": "pt", "russian": "ru", "русский": "ru", "arabic": "ar", "japanese": "ja",
    "日本語": "ja", "korean": "ko", "한국어": "ko", "italian": "it", "italiano": "it",
    "swahili": "sw", "hindi": "hi", "vietnamese": "vi", "thai": "th", "indonesian": "id",
}  # fmt: skip
_CODES = {
    "zh": "zh-Hans", "zh-s": "zh-Hans", "zh-t": "zh-Hant", "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
    "zh-hant-tw": "zh-Hant", "zh-hant-hk": "zh-Hant", "en-us": "en", "en-gb": "en-GB",
    "es-es": "es", "esla": "es-419", "pt-br": "pt-BR", "pb": "pt-BR",
}  # fmt: skip
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_HAN = re.compile("[\u4e00-\u9fff]")
_FORMS = ("informal", "easy", "formal")


def code(said: str) -> str:
    """The code of a language: ``zh-Hans`` for ``ZH-S``, ``zh-cn`` or ``中文 (zh)``.

    Returns:
        "" where no language can be told.
    """
    said = said.strip()
    inside = re.search(r"[(（]\s*([\w-]{2,12})\s*[)）]\s*$", said)
    bare = (inside.group(1) if inside else said).replace("_", "-").casefold()
    if bare in _NAMES or bare in _CODES:
        return _NAMES.get(bare) or _CODES[bare]
    parts = [part for part in bare.split("-") if part not in _FORMS]
    if not parts or not parts[0]:
        return ""
    written = [parts[0], *(p.title() if len(p) == 4 else p.upper() for p in parts[1:])]
    found = "-".join(written)
    return found if LANGUAGE.fullmatch(found) else ""


def of_words(words: Iterable[str]) -> str:
    """The language of texts that name none: ``zh-Hans`` where most have Chinese signs, else ``en``.

    Kana and Hangul tell Japanese and Korean apart from it.
    """
    listed = [text for text in words if text]
    for code, signs in (("ja", _KANA), ("ko", _HANGUL), ("zh-Hans", _HAN)):
        if sum(1 for text in listed if signs.search(text)) * 2 > len(listed):
            return code
    return "en"
