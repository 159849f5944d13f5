"""What is said of a text is true of it."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from zhiyin.demo.language import ASPECTS, Clause, Request, Text, write
from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.phrases import Blank, Choice, Line, Phrase, blocks, topics
from zhiyin.demo.language.slips import slipped
from zhiyin.demo.language.texts import KINDS, Language, sentiment_of

from .asking import asked

LANGUAGES: tuple[Language, ...] = ("zh", "en", "mixed")


def drawn(count: int, lang: Language, seed: int = 1) -> list[tuple[Request, Text]]:
    requests = asked(count, lang, seed=seed)
    return list(zip(requests, write(np.random.default_rng(seed), requests), strict=True))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_chance_writes_the_same_texts(lang: Language) -> None:
    requests = asked(300, lang)
    once = write(np.random.default_rng(7), requests)
    assert write(np.random.default_rng(7), requests) == once
    assert write(np.random.default_rng(8), requests) != once


@pytest.mark.parametrize("lang", LANGUAGES)
def test_clauses_lie_in_the_text_in_order_and_apart(lang: Language) -> None:
    for _, text in drawn(1500, lang):
        end = 0
        for clause in text.clauses:
            assert end <= clause.start < clause.end <= len(text.text)
            assert (
                text.text[clause.start : clause.end].strip() == text.text[clause.start : clause.end]
            )
            end = clause.end


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_aspect_asked_for_is_said_once_with_its_polarity(lang: Language) -> None:
    for request, text in drawn(1500, lang):
        wanted = [(aspect, polarity) for aspect, polarity, _ in request.aspects]
        said = [(c.aspect, c.polarity) for c in text.clauses if "general" not in c.flags]
        assert said == wanted
        assert text.sentiment == sentiment_of(c.polarity for c in text.clauses)
        assert text.sentiment == sentiment_of(polarity for _, polarity in wanted)


def _pattern(phrase: Phrase) -> str:
    parts = []
    for part in phrase:
        if isinstance(part, Blank):
            parts.append(".+?")
        elif isinstance(part, Choice):
            parts.append("(?:" + "|".join(_pattern(option) for option in part.options) + ")")
        else:
            parts.append(re.sub(r"(，|。|,\\ )", lambda m: "[，。,. ]+", re.escape(part)))
    return "".join(parts)


def _spoken(lang: str) -> dict[tuple[str, object, bool], list[re.Pattern[str]]]:
    """The patterns of every line that may begin a clause, by aspect, polarity and sarcasm."""
    found: dict[tuple[str, object, bool], list[re.Pattern[str]]] = {}
    names = {"negative": -1, "neutral": 0, "positive": 1, "sarcastic": -1}

    def add(aspect: str, name: str, rows: tuple[Line, ...]) -> None:
        key = (aspect, names[name], name == "sarcastic")
        found.setdefault(key, []).extend(
            re.compile(_pattern(r.phrase), re.IGNORECASE) for r in rows
        )

    for (aspect, name), known in topics(lang).items():
        for topic in known:
            add(aspect, name, topic.say + topic.short)
    for aspect in ASPECTS:
        for name in ("negative", "neutral", "positive"):
            add(aspect, name, blocks(lang, "opinions")[name, "plain"])
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_clause_begins_with_a_line_of_its_aspect_and_polarity(lang: Language) -> None:
    spoken = _spoken(lang)
    checked = 0
    for request, text in drawn(900, lang, seed=3):
        if request.kind == "news":
            continue
        for clause in text.clauses:
            if clause.flags & {"typo", "general"} or clause.polarity == "mixed":
                continue
            words = text.text[clause.start : clause.end]
            patterns = spoken[clause.aspect, clause.polarity, "sarcastic" in clause.flags]
            assert any(p.match(words) for p in patterns), (clause, words)
            checked += 1
    assert checked > 700


def test_mixed_texts_hold_both_languages() -> None:
    for request, text in drawn(600, "mixed"):
        if request.kind == "news":
            continue
        assert re.search(r"[\u4e00-\u9fff]", text.text), text.text
        assert re.search(r"[a-zA-Z]{2}", text.text), text.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_chinese_holds_chinese_and_english_english(lang: Language) -> None:
    for _, text in drawn(800, lang):
        assert bool(re.search(r"[\u4e00-\u9fff]", text.text)) == (lang == "zh"), text.text
        assert not re.search(r"[\[\]{}|⟦⟧]", re.sub(r"\[[^\[\]|]{1,6}\]", "", text.text)), text.text


def _balance(sign: int, count: int = 4000) -> float:
    requests = [
        Request("survey", "zh", ((aspect, sign, 0.5),))  # type: ignore[arg-type]
        for aspect in list(ASPECTS) * (count // len(ASPECTS))
    ]
    texts = write(np.random.default_rng(2), requests)
    return float(np.mean([t.sentiment == sign for t in texts]))


def test_the_polarity_asked_for_is_the_one_written() -> None:
    assert [_balance(sign) for sign in (-1, 0, 1)] == [1.0, 1.0, 1.0]


def test_what_the_context_knows_is_what_the_text_says() -> None:
    context = {
        "origin": "SHA", "destination": "成都", "flight": "QC5123", "date": date(2025, 9, 12),
        "minutes": 187, "amount": 1280,
    }  # fmt: skip
    requests = [
        Request("complaint", "zh", (("punctuality", -1, 0.9),), context=context) for _ in range(200)
    ]
    texts = [t.text for t in write(np.random.default_rng(1), requests)]
    everything = "\n".join(texts)
    assert not set(re.findall(r"QC\d+", everything)) - {"QC5123"}
    assert not set(re.findall(r"\d+月\d+[日号]", everything)) - {"9月12日"}
    assert np.mean(["虹桥" in t and "成都" in t for t in texts]) > 0.7
    assert "1280" in everything
    assert not re.search("北京|广州|杭州", everything)


def test_special_topics_wait_until_they_are_asked_for() -> None:
    aspects = (("punctuality", -1, 0.8), ("information", -1, 0.8))
    plain = [Request("survey", "zh", aspects) for _ in range(400)]  # type: ignore[arg-type]
    storm = [
        Request("survey", "zh", aspects, topics=frozenset({"typhoon"}))  # type: ignore[arg-type]
        for _ in range(400)
    ]
    rng = np.random.default_rng(1)
    assert not any("台风" in t.text for t in write(rng, plain))
    assert np.mean(["台风" in t.text for t in write(rng, storm)]) > 0.5


def test_flags_mark_negation_sarcasm_and_slips() -> None:
    clauses = [c for _, t in drawn(6000, "zh") for c in t.clauses]
    for flag, least in (
        ("negated", 0.06),
        ("sarcastic", 0.03),
        ("typo", 0.02),
        ("suggestion", 0.01),
    ):
        assert np.mean([flag in c.flags for c in clauses]) > least, flag
    assert not [c for c in clauses if "sarcastic" in c.flags and c.polarity != -1]


def test_a_slip_changes_the_words_a_little() -> None:
    dice = Dice(np.random.default_rng(1))
    wrong = [slipped("行李等了四十分钟才出来，工作人员态度很差", "zh", dice) for _ in range(50)]
    assert len(set(wrong)) >= 3
    assert all(17 < len(w) < 21 for w in wrong)


def test_short_and_long_texts_both_occur() -> None:
    texts = [t for _, t in drawn(4000, "zh")]
    lengths = np.array([len(t.text) for t in texts])
    assert lengths.min() <= 4
    assert lengths.max() > 150
    assert {r.kind for r, _ in drawn(200, "zh")} == set(KINDS)


def test_calls_are_not_written_and_texts_are_about_something() -> None:
    with pytest.raises(ValueError, match="transcripts"):
        write(np.random.default_rng(1), [Request("call", "zh", (("food", 1, 0.5),))])
    with pytest.raises(ValueError, match="about something"):
        write(np.random.default_rng(1), [Request("survey", "zh", ())])


def test_a_clause_knows_its_stretch() -> None:
    [text] = write(np.random.default_rng(4), [Request("survey", "en", (("food", 1, 0.5),))])
    assert isinstance(text.clauses[0], Clause)
    assert text.text[text.clauses[0].start : text.clauses[0].end] in text.text
