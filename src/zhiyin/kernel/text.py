"""Sentences in English and 简体中文, rendered late, in the reader's language.

A sentence is written once, in English, as `_("… {column} …", column=name)`. It is
rendered when somebody reads it, in the language of that moment, from the product's
one message catalogue (``zhiyin/locale``), which Django's templates read too.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}

_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_language: ContextVar[str] = ContextVar("zhiyin_language", default="en")


class Text:
    """A sentence with named blanks, in no language yet."""

    __slots__ = ("blanks", "sentence")

    def __init__(self, sentence: str, blanks: dict[str, object]) -> None:
        self.sentence = sentence
        self.blanks = blanks

    def __str__(self) -> str:
        translated = _catalogue(_language.get()).gettext(self.sentence)
        return translated.format(**self.blanks) if self.blanks else translated

    def __repr__(self) -> str:
        return f"Text({self.sentence!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Text):
            return NotImplemented
        return self.sentence == other.sentence and self.blanks == other.blanks

    def __hash__(self) -> int:
        return hash(self.sentence)


def _(sentence: str, /, **blanks: object) -> Text:
    """Mark `sentence` for translation; ``{name}`` blanks are filled when it is read."""
    return Text(sentence, blanks)


def language() -> str:
    """The language of the moment: ``en`` or ``zh-hans``."""
    return _language.get()


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Render sentences in `code` (``en``, ``zh``, ``zh-CN``, ``zh-hans``…) inside the block."""
    token = _language.set(best_language(code))
    try:
        yield
    finally:
        _language.reset(token)


def best_language(code: str | None) -> str:
    """The product's language nearest to `code`: any Chinese is ``zh-hans``, all else ``en``."""
    return "zh-hans" if code and code.lower().replace("_", "-").startswith("zh") else "en"


@contextmanager
def in_customers_language(code: str) -> Iterator[None]:
    """Render sentences as customers read them: in 繁體中文 too, where `code` is of it."""
    token = _language.set(customers_language(code))
    try:
        yield
    finally:
        _language.reset(token)


def customers_language(code: str | None) -> str:
    """Of the three languages in which customers are spoken to, the nearest to `code`.

    ``zh-hant`` for traditional Chinese (``zh-Hant``, ``zh-TW``, ``zh-HK``, ``zh-MO``), ``zh-hans``
    for other Chinese, ``en`` for all else.
    """
    parts = (code or "").lower().replace("_", "-").split("-")
    if parts[0] == "zh" and "hans" not in parts and {"hant", "tw", "hk", "mo"} & set(parts):
        return "zh-hant"
    return best_language(code)


_FOLDERS = {"zh-hans": ["zh_Hans"], "zh-hant": ["zh_Hant", "zh_Hans"]}
"""Where each language's sentences are; what is not in the first is taken from the next."""


@cache
def _catalogue(code: str) -> _gettext.NullTranslations:
    # Django reads the same files; it calls the folder by the locale, zh_Hans.
    names = _FOLDERS.get(code, [])
    return _gettext.translation("django", localedir=str(_LOCALE), languages=names, fallback=True)
