"""Words that name an aspect."""

from __future__ import annotations

from collections import Counter

import pytest

from zhiyin.collect.aspects import starters
from zhiyin.listen import naming, seeds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("登机牌打不出来", {"checkin"}),  # and not 登机, which is in it
        ("行李箱摔裂了，又没人回电话", {"baggage"}),
        ("The refunded fare never came", {"refund", "price"}),
        ("REFUND!", {"refund"}),
        ("天气不错", set()),
        ("", set()),
    ],
)
def test_an_aspect_is_named(text: str, expected: set[str]) -> None:
    assert naming.of(text) >= expected
    if not expected:
        assert naming.of(text) == set()


def test_every_aspect_of_ours_is_named_by_words_of_both_languages() -> None:
    for language in seeds.LANGUAGES:
        named = seeds.words(language)
        assert set(named) == starters.known()
        counts = Counter(word for words in named.values() for word in words)
        assert [word for word, n in counts.items() if n > 1] == []
