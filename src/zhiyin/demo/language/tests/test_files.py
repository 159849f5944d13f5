"""The files of phrases are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zhiyin.demo.language import ASPECTS, ASPECTS_AT, by_hand, phrases
from zhiyin.demo.language.by_hand import marked, stories
from zhiyin.demo.language.phrases import (
    FRAMES,
    POLARITIES,
    Line,
    blanks_of,
    blocks,
    lexicon,
    special_topics,
    taken_apart,
    topics,
)
from zhiyin.demo.language.slots import BLANKS
from zhiyin.demo.language.texts import PERSONAS

LANGUAGES = ("zh", "en")
SET_BY_THE_WRITER = {"subject", "noun"}


def every_line(lang: str) -> list[Line]:
    rows = [
        row
        for known in topics(lang).values()
        for topic in known
        for row in (*topic.say, *topic.details, *topic.short)
    ]
    for name in FRAMES:
        if name != "lexicon":
            rows += [row for block in blocks(lang, name).values() for row in block]
    return rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_blank_can_be_filled(lang: str) -> None:
    known = BLANKS | set(lexicon(lang)) | SET_BY_THE_WRITER
    for row in every_line(lang):
        assert row.blanks <= known, row
    for phrase in lexicon(lang).values():
        assert set(blanks_of(phrase)) <= known


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_aspect_has_every_polarity(lang: str) -> None:
    assert {aspect for aspect, _ in topics(lang)} == set(ASPECTS)
    for aspect in ASPECTS:
        for polarity in POLARITIES:
            plain = [t for t in topics(lang)[aspect, polarity] if not t.special]
            assert plain, (aspect, polarity)
            assert all(t.say for t in topics(lang)[aspect, polarity])


def test_both_languages_have_the_same_frames() -> None:
    for name in ("news", "dialogue", "opinions"):
        assert set(blocks("zh", name)) == set(blocks("en", name)), name
    for lang in LANGUAGES:
        for group in {aspect.group for aspect in ASPECTS.values()}:
            for polarity in ("negative", "positive"):
                assert ("any", polarity, "any") in blocks(lang, "remarks")
                assert group == "any" or (group, polarity, "any") in blocks(lang, "remarks")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_question_of_the_agent_has_its_answer(lang: str) -> None:
    found = blocks(lang, "dialogue")
    for kind in ("call", "chat"):
        assert len(found[kind, "ask"]) == len(found[kind, "tell"])


def test_the_stories_can_be_asked_for() -> None:
    assert special_topics() == {
        "bag_drop", "calendar", "chatbot", "child_site", "mail", "minor", "promotion",
        "shanghai", "typhoon", "voucher", "wechat",
    }  # fmt: skip


def test_touchpoints_name_known_aspects() -> None:
    assert {slug for slugs in ASPECTS_AT.values() for slug in slugs} <= set(ASPECTS)


def test_fifty_verbatims_are_written_by_hand() -> None:
    count = {lang: len(by_hand(lang=lang)) for lang in ("zh", "en", "mixed")}
    assert count == {"zh": 25, "en": 20, "mixed": 5}
    assert {"child-ticket", "shanghai", "refunds", "wechat-mail", "bag-drop", "typhoon"} <= set(
        stories()
    )
    for text in by_hand():
        assert text.clauses
        assert not re.search("[⟦⟧｜]", text.text)
        assert {c.aspect for c in text.clauses} <= set(ASPECTS)


def test_marks_become_offsets() -> None:
    text = marked("好，⟦food- negated｜不好吃⟧。⟦crew+｜人好⟧", "zh")
    assert text.text == "好，不好吃。人好"
    assert [(c.aspect, c.polarity, text.text[c.start : c.end]) for c in text.clauses] == [
        ("food", -1, "不好吃"),
        ("crew", 1, "人好"),
    ]
    assert text.sentiment == "mixed"


def test_a_bracket_without_its_partner_is_refused() -> None:
    for wrong in ("[a|b", "a]b", "a|b"):
        with pytest.raises(ValueError, match="bracket"):
            taken_apart(wrong)


def test_phrases_lists_what_nobody_may_copy() -> None:
    listed = list(phrases())
    assert len(listed) > 5_000
    assert "每回都是远机位"[2:] not in listed
    assert any("又是远机位" in p for p in listed)
    assert by_hand()[0].text[:10] in "".join(listed)


def test_files_stay_readable() -> None:

    for path in Path(__file__).parent.parent.glob("**/*.yaml"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 460, path.name
    assert set(PERSONAS)
