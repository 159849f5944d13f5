"""The page's own words in each language in which customers are spoken to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import words
from zhiyin.collect.surveys import answer_files, answering, wordings
from zhiyin.collect.surveys.html import page
from zhiyin.edge import surveys
from zhiyin.kernel.text import Text, customers_language, in_customers_language

FOLDERS = (Path(page.__file__).parent, Path(surveys.__file__).parent)
SOURCES = [
    *sorted(source for folder in FOLDERS for source in folder.glob("*.py")),
    Path(answering.__file__),
    Path(answer_files.__file__),
]
HANT = {entry.english[0]: entry for entry in words.catalogue(words.SOURCES / "locale" / "zh_Hant")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_every_sentence_of_the_page_is_there_in_traditional_chinese(source: Path) -> None:
    said = words.of_python(source.read_text("utf-8"), source.name)
    for one in said:
        assert one.english in HANT, one
        (chinese,) = HANT[one.english].chinese
        assert words.blanks(chinese) == words.blanks(one.english), one
        with in_customers_language("zh-Hant"):
            assert Text(one.english, {}).__str__() == chinese


def test_no_traditional_chinese_is_left_of_a_sentence_that_is_gone() -> None:
    said = {
        one.english
        for source in SOURCES
        for one in words.of_python(source.read_text("utf-8"), source.name)
    }
    assert set(HANT) <= said


def test_fixed_wordings_are_there_in_the_three() -> None:
    for fixed in (wordings._NPS, wordings._CSAT, wordings._CES_1, wordings._CES_2):
        for texts in (fixed.title, fixed.low, fixed.high):
            assert set(texts) == {"en", "zh-Hans", "zh-Hant"}


@pytest.mark.parametrize(
    ("code", "nearest"),
    [
        ("zh-Hant", "zh-hant"), ("zh-TW", "zh-hant"), ("zh_HK", "zh-hant"), ("zh", "zh-hans"),
        ("zh-Hans-HK", "zh-hans"), ("zh-CN", "zh-hans"), ("fr", "en"), ("", "en"), (None, "en"),
    ],
)  # fmt: skip
def test_the_nearest_language(code: str | None, nearest: str) -> None:
    assert customers_language(code) == nearest
