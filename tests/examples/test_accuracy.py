"""docs/accuracy.md says what is measured: part of it is measured again."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from zhiyin.listen import evaluating

BENCH = Path(__file__).resolve().parents[2] / "bench" / "accuracy.py"


def _bench() -> Any:
    """The measurement, which is no module that the tests could name."""
    spec = importlib.util.spec_from_file_location("accuracy_of_bench", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


accuracy = _bench()

AGAIN = 120
"""Texts that are read again: the first of those that the page is about."""


@pytest.fixture(scope="module")
def kept() -> dict[str, list[Any]]:
    held = json.loads(accuracy.KEPT.read_text("utf-8"))
    return {name: [accuracy.Figure(**row) for row in rows] for name, rows in held.items()}


def test_the_page_is_that_of_what_was_measured() -> None:
    held = json.loads(accuracy.KEPT.read_text("utf-8"))
    assert accuracy.PAGE.read_text("utf-8") == accuracy.page(held)
    assert set(held) == set(accuracy.PARTS)


def test_reviews_are_read_as_rightly_as_the_page_says(
    real: Path, kept: dict[str, list[Any]]
) -> None:
    """Would catch seeds or settings that changed while the page did not."""
    kind = "平板"
    said = next(one for one in kept["goods"] if one.split.startswith(f"{kind}, 0 ") and one.low > 0)
    assert real == accuracy.DATA
    found = evaluating.evaluate(
        accuracy.reader_of(accuracy.subjects.ours()),
        accuracy.goods_of(kind),
        train=0,
        seed=accuracy.SEED,
        most=AGAIN,
    )
    low, high = found.accuracy.low, found.accuracy.high
    assert low is not None
    assert high is not None
    assert low <= said.high
    assert said.low <= high
    assert found.accuracy.value >= 0.82
