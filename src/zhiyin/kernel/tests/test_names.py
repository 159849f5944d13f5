"""Names of people are found, as surely as docs/security.md says; sentences of our own.

In ``names_zh.txt`` and ``names_en.txt`` a name stands in brackets, and ``=`` is a new line. The
sentences were written after the rules, and no rule was changed for one of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.kernel import masking, names
from zhiyin.kernel.names import Span

HERE = Path(__file__).parent


def sentences(language: str) -> Iterator[tuple[str, list[Span]]]:
    """(text, where names stand in it)."""
    for line in (HERE / f"names_{language}.txt").read_text("utf-8").splitlines():
        text, true = "", []
        for part in re.split(r"(\[[^\]]*\])", line.replace("=", "\n")):
            if part.startswith("["):
                true.append((len(text), len(text) + len(part) - 2))
                part = part[1:-1]
            text += part
        yield text, true


def rightness(language: str) -> tuple[float, float]:
    """(precision, recall): a name is found where all of it is; any overlap is no false one."""
    found_names = all_names = right = all_found = 0
    for text, true in sentences(language):
        found = names.find(text)
        all_names += len(true)
        all_found += len(found)
        found_names += sum(any(a <= start and end <= b for a, b in found) for start, end in true)
        right += sum(any(a < end and start < b for start, end in true) for a, b in found)
    return right / all_found, found_names / all_names


@pytest.mark.parametrize(
    ("language", "precision", "recall"), [("zh", 0.95, 0.94), ("en", 0.85, 0.77)]
)
def test_names_are_found_as_surely_as_is_told(
    language: str, precision: float, recall: float
) -> None:
    found = rightness(language)
    assert found[0] >= precision
    assert found[1] >= recall


def test_without_the_tagger_what_stands_around_a_name_still_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "_loaded", [None])
    names._found.cache_clear()
    try:
        precision, recall = rightness("zh")
        assert precision >= 0.95
        assert 0.2 <= recall < 0.6, "docs/security.md says how much less"
    finally:
        names._found.cache_clear()


def test_names_are_masked_with_all_else() -> None:
    said = "我叫李雷，电话13800138000，客服王小明不理我。Sarah Jones did help."
    assert masking.in_text(said) == (
        "我叫李****，电话138****8000，客服王****不理我。Sa****es did help."
    )


def test_places_are_right_in_long_and_in_odd_texts() -> None:
    text = "。".join(["很好" * 200, "ＡＢＣ　１２３，🙂我找王小明", "a\r\nb", "王小明"])
    found = [text[start:end] for start, end in names.find(text)]
    assert found == ["王小明", "王小明"]
    assert names.find("") == names.find("\n\n") == names.find("🙂" * 5) == []


def test_a_page_of_texts_is_quick() -> None:
    texts = [f"{n}：{text}" for n, (text, _true) in enumerate(sentences("zh"))][:50]
    names.find("热身王小明")
    began = time.monotonic()
    for text in texts:
        names.find(text)
    assert time.monotonic() - began < 5.0
    began = time.monotonic()
    for text in texts:
        names.find(text)
    assert time.monotonic() - began < 0.05
