"""No template shows: how often words, stretches and whole clauses come again."""

from __future__ import annotations

import re
import time
from collections import Counter
from difflib import SequenceMatcher

import numpy as np
import pytest

from zhiyin.demo.language import ASPECTS, Request, Text, write
from zhiyin.demo.language.texts import Language

from .asking import POLARITIES, asked

DRAWS = 10_000


def units(text: str, lang: str) -> list[str]:
    """Characters in Chinese, words in English, both where both occur; figures count as one."""
    plain = re.sub(r"\d+", "#", text)
    if lang == "zh":
        return re.findall(r"[\w#]", plain)
    return re.findall(r"[a-z'#]+|[\u4e00-\u9fff]", plain.lower())


def grams(text: str, size: int, lang: str) -> list[tuple[str, ...]]:
    found = units(text, lang)
    return [tuple(found[at : at + size]) for at in range(len(found) - size + 1)]


@pytest.fixture(scope="module", params=["zh", "en", "mixed"])
def survey(request: pytest.FixtureRequest) -> tuple[str, list[Text]]:
    """10,000 survey comments of a language."""
    lang: Language = request.param
    requests = asked(DRAWS, lang, kind="survey", seed=11)
    return lang, write(np.random.default_rng(5), requests)


def test_long_comments_are_not_repeated(survey: tuple[str, list[Text]]) -> None:
    lang, texts = survey
    long = [t.text for t in texts if len(units(t.text, lang)) > 20]
    assert len(set(long)) / len(long) > 0.995
    assert len({t.text for t in texts}) / len(texts) > 0.93


def test_short_stretches_vary(survey: tuple[str, list[Text]]) -> None:
    lang, texts = survey
    least = {"zh": (0.085, 0.30), "en": (0.115, 0.37), "mixed": (0.055, 0.22)}[lang]
    for size, share in zip((2, 4), least, strict=True):
        counts = Counter(g for t in texts for g in grams(t.text, size, lang))
        assert len(counts) / counts.total() > share, size


def test_stretches_of_eight_rarely_come_again(survey: tuple[str, list[Text]]) -> None:
    lang, texts = survey
    counts = Counter(g for t in texts for g in grams(t.text, 8, lang))
    again = sum(number for number in counts.values() if number > 1) / counts.total()
    assert again < {"zh": 0.56, "en": 0.36, "mixed": 0.62}[lang]
    often = Counter(g for t in texts for g in set(grams(t.text, 8, lang))).most_common(1)[0]
    assert often[1] / len(texts) < {"zh": 0.006, "en": 0.006, "mixed": 0.05}[lang], often


def test_two_comments_share_little(survey: tuple[str, list[Text]]) -> None:
    lang, texts = survey
    rng = np.random.default_rng(3)
    shared = []
    for one, other in rng.integers(len(texts), size=(800, 2)):
        if one != other:
            a, b = (units(texts[i].text, lang) for i in (one, other))
            shared.append(SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size)
    assert np.median(shared) <= {"zh": 2, "en": 2, "mixed": 3}[lang]
    assert np.percentile(shared, 99) <= {"zh": 10, "en": 8, "mixed": 16}[lang]


@pytest.mark.parametrize("lang", ["zh", "en", "mixed"])
def test_every_aspect_and_polarity_can_be_said_in_many_ways(lang: Language) -> None:
    for aspect in ASPECTS:
        for polarity in POLARITIES:
            requests = [Request("survey", lang, ((aspect, polarity, 0.5),))] * 200
            texts = write(np.random.default_rng(1), requests)
            said = {t.text[c.start : c.end] for t in texts for c in t.clauses[:1]}
            assert len(said) > (40 if aspect == "other" else 60), (aspect, polarity, len(said))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_storm_of_mentions_is_not_one_voice(lang: Language) -> None:
    requests = [
        Request(kind, lang, ((aspect, polarity, 0.7),), topics=frozenset({"typhoon"}))
        for kind in ("microblog", "forum", "video")
        for aspect in ("punctuality", "rebooking", "information")
        for polarity in (-1, 0)
        for _ in range(100)
    ]
    texts = [t.text for t in write(np.random.default_rng(1), requests)]
    assert len(set(texts)) / len(texts) > 0.93


def test_no_clause_is_heard_too_often() -> None:
    texts = write(np.random.default_rng(5), asked(DRAWS, "zh", seed=4))
    counts = Counter(
        t.text[c.start : c.end] for t in texts for c in t.clauses if "general" not in c.flags
    )
    assert counts.most_common(1)[0][1] / counts.total() < 0.002
    assert len(counts) / counts.total() > 0.75


def test_speed_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    requests = asked(5_000, "zh", kind="survey", seed=2)
    began = time.process_time()
    texts = write(np.random.default_rng(1), requests)
    seconds = time.process_time() - began
    with capsys.disabled():
        print(f"\n5,000 comments: {seconds:.2f} s; 50,000: {10 * seconds:.1f} s")
    assert len(texts) == 5_000
