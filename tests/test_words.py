"""Every sentence has its Chinese, and every Chinese its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import words

USED = words.used()
ENTRIES = words.catalogue()
TRANSLATED = {
    english: entry for entry in ENTRIES if all(entry.chinese) for english in entry.english
}


def test_every_sentence_has_its_chinese() -> None:
    lacking = sorted(
        f"{sentence.place}: {sentence.english!r}"
        for sentence in USED
        if sentence.english not in TRANSLATED
    )
    assert lacking == []


def test_no_chinese_is_left_of_a_sentence_that_is_gone() -> None:
    known = {sentence.english for sentence in USED} | words.of_click()
    stale = [f"{entry.file}: {entry.english}" for entry in ENTRIES if entry.english[0] not in known]
    assert stale == []


def test_the_chinese_has_the_blanks_of_the_english() -> None:
    differing = [
        f"{entry.file}: {entry.english}"
        for entry in ENTRIES
        for chinese in entry.chinese
        if words.blanks(chinese) not in [words.blanks(english) for english in entry.english]
    ]
    assert differing == []


def test_the_code_fills_the_blanks_that_the_sentence_has() -> None:
    wrong = [
        f"{sentence.place}: {sentence.english!r} is given {sorted(sentence.blanks)}"
        for sentence in USED
        if sentence.blanks and words.blanks(sentence.english) != sentence.blanks
    ]
    assert wrong == []


def test_one_sentence_has_one_chinese() -> None:
    said: dict[str, set[tuple[str, ...]]] = {}
    for entry in ENTRIES:
        said.setdefault(entry.english[0], set()).add(entry.chinese)
    assert {english: chinese for english, chinese in said.items() if len(chinese) > 1} == {}


def test_templates_have_no_words_of_their_own() -> None:
    names = {"Zhiyin", "知音", "知音Zhiyin", "English", "中文", "UTC", "CSV", "Excel", "PDF",
             "PowerPoint", "Tab", "Enter", "Alt"}  # fmt: skip
    pages = list(words.SOURCES.rglob("templates/**/*.html"))
    found = {
        f"{page.name}: {text}"
        for page in pages
        for text in words.unmarked(page.read_text("utf-8"))
        if not names.issuperset(re.findall(r"\w+", text))
    }
    assert pages
    assert found == set()


# The readers themselves


def test_python_sentences_are_found_however_they_are_written() -> None:
    source = '''
PLAIN = _("One.")
SPLIT = _("Two {of} "
          "them.", of=2)
EITHER = _("Three." if odd else "Four.")
PAGE = gettext("Five %(n)s") % {"n": 5}
SPREAD = _("{six}", **blanks)
NOT_A_SENTENCE = other("Seven.")

@click.command()
@click.option("--eight", help="Eight.")
def nine():
    """Nine
    goes on.

    Ten.
    """
'''
    found = {one.english: one.blanks for one in words.of_python(source, "a.py")}
    assert found == {
        "One.": frozenset(),
        "Two {of} them.": frozenset({"of"}),
        "Three.": frozenset(),
        "Four.": frozenset(),
        "Five %(n)s": None,
        "{six}": None,
        "Eight.": frozenset(),
        "Nine goes on.": frozenset(),
        "Ten.": frozenset(),
    }


def test_template_sentences_are_found_as_django_looks_them_up() -> None:
    source = """{% translate "One." %}<a title="{% translate 'Two "two".' %}">
{{ x|default:_("Three") }}
{% blocktranslate with n=page.n|count trimmed %}
   {{ n }} of
   100% are left.
{% endblocktranslate %}
{% blocktranslate count n=n %}one{% plural %}{{ n }} many{% endblocktranslate %}"""
    assert sorted(one.english for one in words.of_template(source, "a.html")) == [
        "%(n)s many",
        "%(n)s of 100%% are left.",
        "One.",
        "Three",
        'Two "two".',
        "one",
    ]


def test_words_of_a_template_are_found() -> None:
    source = """<h1 title="x">{% translate "One" %} two</h1><pre>three</pre>
{% blocktranslate trimmed %}four {{ n }}{% endblocktranslate %} 5 {{ page.six }}{# seven #}八九"""
    assert words.unmarked(source) == ["two", "5 八九"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("{a} and %(b)s", {"a", "%b"}),
        ("`scale: {{min: …}}` of {a}", {"a"}),
        ("Write `read: {sheet: NAME}`.", {"sheet"}),
        ("a { alone", set()),
    ],
)
def test_blanks(sentence: str, expected: set[str]) -> None:
    assert words.blanks(sentence) == expected


def test_an_empty_translation_is_not_one(tmp_path: Path) -> None:
    (tmp_path / "zh_Hans").mkdir()
    (tmp_path / "zh_Hans" / "room.po").write_text('msgid "One."\nmsgstr ""\n', "utf-8")
    (entry,) = words.catalogue(tmp_path / "zh_Hans")
    assert not all(entry.chinese)
