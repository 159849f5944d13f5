"""Every measure is in the docs, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from zhiyin.kernel.text import Text
from zhiyin.measure.metric import Metric
from zhiyin.measure.registry import METRICS, metric

pytestmark = pytest.mark.any_engine

ROOM = Path(__file__).resolve().parents[1]
PACKAGE = ROOM.parent
DOCS = PACKAGE.parents[1] / "docs" / "measures.md"


def catalogue() -> dict[str, str]:
    with (PACKAGE / "locale" / "zh_Hans" / "measure.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


@pytest.mark.parametrize("slug", METRICS)
def test_every_measure_is_in_the_docs(slug: str) -> None:
    page, chinese, one = DOCS.read_text(), catalogue(), METRICS[slug]
    assert f"### `{slug}`" in page
    for name in ("label", "asks", "definition", "population", "numerator", "denominator", "window"):
        text: Text = getattr(one, name)
        assert text.sentence in page
        assert chinese[text.sentence] in page


@pytest.mark.parametrize("one", METRICS.values(), ids=lambda one: one.slug)
def test_definitions_are_whole(one: Metric) -> None:
    assert one.version >= 1
    assert one.factor == {"points": 100, "percent": 100}.get(one.unit, one.factor)
    assert one.is_asked == bool(one.scored)
    assert metric(one.slug.replace("_", "-").upper()) is one
