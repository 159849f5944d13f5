"""Templates of journey maps speak the glossary's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import glossary, words

GLOSSARY = glossary.rows(glossary.PAGE.read_text("utf-8"))
FILES = sorted((words.SOURCES / "maps" / "templates").glob("*.json"))


def texts(value: Any) -> Iterator[dict[str, str]]:
    """Every text by language in a document."""
    if isinstance(value, dict):
        if "zh-Hans" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from texts(part)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_template_of_an_industry_uses_a_forbidden_word(path: Path) -> None:
    said = list(texts(json.loads(path.read_bytes())))
    found = {
        " / ".join(text.values()): offended
        for text in said
        if (offended := glossary.offences(GLOSSARY, *text.values()))
    }
    assert len(said) > 100
    assert found == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_list_of_templates_says_what_is_in_each(path: Path) -> None:
    page = (words.ROOT / "docs" / "map-templates.md").read_text("utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{path.stem}` ")]
    map_ = json.loads(path.read_bytes())["map"]
    promises = sum("promise" in node for node in map_["nodes"])
    counts = [len(map_["stages"]), len(map_["nodes"]), promises]
    assert [cell.strip() for cell in row.split("|")[4:7]] == [str(count) for count in counts]
