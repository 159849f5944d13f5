"""The interface speaks the glossary's words."""

from __future__ import annotations

import re

import pytest

from tests import glossary, words
from tests.glossary import Offence, Row, offences

GLOSSARY = glossary.rows(glossary.PAGE.read_text("utf-8"))

CAST = [
    Row(7, ("churn",), ("客户流失率",)),
    Row(8, ("alerts",), ("预警",), ("警报", "touch point"), ("警告",)),
    Row(9, ("drop-off",), ("流出率",), (), ("流失",)),
    Row(78, ("valid completes",), ("有效样本",)),
    Row(80, ("effective sample size",), ("等效样本量",), ("有效样本量",)),
]


def test_no_sentence_uses_a_forbidden_word() -> None:
    found = [
        f"{entry.file}: {' / '.join((*entry.english, *entry.chinese))!r} says {offence.word!r},"
        f" see row {offence.row}"
        for entry in words.catalogue()
        for offence in offences(GLOSSARY, *entry.english, *entry.chinese)
    ]
    assert found == []


def test_no_template_uses_a_forbidden_word() -> None:
    found = {}
    for path in words.SOURCES.rglob("templates/**/*.html"):
        shown = re.sub(r"<[^>]*>|\{[{%#].*?[}%#]\}", "\n", path.read_text("utf-8"))
        for line in filter(str.strip, shown.splitlines()):
            if offended := offences(GLOSSARY, line):
                found[path.name, line] = offended
    assert found == {}


def test_the_glossary_is_whole() -> None:
    assert [row.number for row in GLOSSARY] == list(range(1, 118))
    assert all(row.english and row.chinese for row in GLOSSARY)


def test_no_word_is_both_a_term_and_forbidden() -> None:
    terms = {term for row in GLOSSARY for term in row.terms}
    assert terms.isdisjoint(word for row in GLOSSARY for word in row.never)


def test_no_row_forbids_its_own_words() -> None:
    assert [row.number for row in GLOSSARY if {*row.never, *row.not_here} & {*row.terms}] == []


# The checker itself


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (("An alert.", "一条警报。"), [Offence("警报", 8)]),
        (("An alert.", "一条预警。"), []),
        # Forbidden for one idea only.
        (("An alert.", "一条警告。"), [Offence("警告", 8)]),
        (("A warning.", "一条警告。"), []),
        (("A warning.", "预警不是警告。"), [Offence("警告", 8)]),
        (("An alertness.", "一条警告。"), []),
        # The longest word counts, from either side.
        (("The drop-off", "流失"), [Offence("流失", 9)]),
        (("The drop-off", "流出率，不是客户流失率"), []),
        (("n", "有效样本量"), [Offence("有效样本量", 80)]),
        (("n", "有效样本"), []),
        # English: whole words, any case, singular or plural.
        (("Two Touch Points.", "两个触点。"), [Offence("touch point", 8)]),
        (("A touch pointer.", ""), []),
    ],
)
def test_planted_offenders_are_found(sentence: tuple[str, str], expected: list[Offence]) -> None:
    assert offences(CAST, *sentence) == expected


def test_the_table_is_read_as_it_is_written() -> None:
    page = "| 82 | HEART: joy (up) / pain | 愉悦度（高） / 痛 | `烦`; here: `要` | a note |"
    assert glossary.rows(page) == [Row(82, ("joy", "pain"), ("愉悦度", "痛"), ("烦",), ("要",))]


@pytest.mark.parametrize("row", ["| 1 | a | 甲 | 乙 | |", "| 1 | a | 甲 | `乙` |"])
def test_a_row_in_another_form_is_an_error(row: str) -> None:
    with pytest.raises(ValueError, match="row 1"):
        glossary.rows(row)
