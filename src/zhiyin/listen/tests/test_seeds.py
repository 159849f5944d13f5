"""The clauses that models begin from are ours, whole, and nothing of the demo company's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.collect.aspects import starters
from zhiyin.listen import seeds

DEMO = Path(seeds.__file__).parents[2] / "demo" / "language"
"""The demo company's words, which stand above this room: they are looked at as files."""

HAN = 6
"""Characters of a Chinese phrase that may not be shared."""

WORDS = 5
"""Words of an English one: six characters would be the word *refund*."""


def test_every_language_has_hundreds_of_clauses_of_each_class() -> None:
    counts = Counter((one.language, one.polarity) for one in seeds.read())
    for language in seeds.LANGUAGES:
        assert counts[language, seeds.NEGATIVE] >= 700
        assert counts[language, seeds.POSITIVE] >= 700
        assert counts[language, seeds.NEUTRAL] >= 300
        assert counts[language, seeds.MIXED] >= 60


def test_every_aspect_of_ours_has_clauses_that_blame_and_praise_it_in_both_languages() -> None:
    counts = Counter((one.language, one.aspect, one.polarity) for one in seeds.read())
    lacking = [
        (language, one.key, polarity)
        for language in seeds.LANGUAGES
        for one in starters.every()
        for polarity in (seeds.NEGATIVE, seeds.POSITIVE)
        if counts[language, one.key, polarity] < 8
    ]
    assert lacking == []


def test_seeds_speak_of_no_aspect_that_is_none_of_ours() -> None:
    assert {one.aspect for one in seeds.read()} - {None, seeds.NONE} <= starters.known()


def test_no_clause_stands_twice() -> None:
    twice = [text for text, n in Counter(one.text for one in seeds.read()).items() if n > 1]
    assert twice == []


@pytest.mark.parametrize(("kind", "classes"), [
    ("emotion", {"anger", "worry", "disappointment", "joy", "thanks"}),
    ("intent", {"complain", "ask", "praise", "suggest", "leave"}),
    ("effort", {"high", "low"}),
    ("urgency", {"urgent"}),
])  # fmt: skip
def test_every_mark_has_clauses_in_both_languages(kind: str, classes: set[str]) -> None:
    counts = Counter((one.language, getattr(one, kind)) for one in seeds.read())
    for language in seeds.LANGUAGES:
        assert all(counts[language, name] >= 35 for name in classes)


def test_no_phrase_is_shared_with_the_demo_company() -> None:
    """Else its verbatims would be no test of how rightly something new is read."""
    assert len(list(DEMO.rglob("*.yaml"))) > 10
    theirs = set()
    for line in _lines_of_the_demo():
        theirs |= set(_phrases(line))
    shared = {one.text: found for one in seeds.read() if (found := _shared(one.text, theirs))}
    assert shared == {}


def _shared(text: str, theirs: set[str]) -> list[str]:
    return [phrase for phrase in _phrases(text) if phrase in theirs]


def _phrases(text: str) -> Iterator[str]:
    for run in re.findall(r"[\u3400-\u9fff]+", text):
        yield from (run[at : at + HAN] for at in range(len(run) - HAN + 1))
    words = re.findall(r"[a-z0-9'’]+", text.lower())
    yield from (" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1))


def _lines_of_the_demo() -> Iterator[str]:
    """What the demo company's texts are put together from: of each choice, every branch in its
    place between what stands before and behind it."""
    for path in sorted(DEMO.rglob("*.yaml")):
        for line in path.read_text("utf-8").splitlines():
            yield from _spelled(line)


def _spelled(line: str) -> Iterator[str]:
    parts = re.split(r"\[([^\[\]]*)\]", line)
    plain, choices = parts[::2], parts[1::2]
    yield " ".join(plain)
    for place, choice in enumerate(choices):
        for branch in choice.split("|"):
            yield f"{plain[place]}{branch}{plain[place + 1]}"
    for place in range(len(choices) - 1):
        if plain[place + 1]:
            continue
        for first in choices[place].split("|"):
            for second in choices[place + 1].split("|"):
                yield f"{first}{second}"
