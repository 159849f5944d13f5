"""Themes as files: their figures, and nobody's words."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.listen.themes import documents
from zhiyin.listen.themes.figures import Told

_FILE: dict[str, pa.DataType] = {
    "number": pa.int64(),
    "name": pa.string(),
    "words_zh": pa.string(),
    "words_en": pa.string(),
    "state": pa.string(),
    "under": pa.string(),
    "aspect": pa.string(),
    "first_said": pa.string(),
    "trend": pa.string(),
    "customers": pa.int64(),
    "clauses": pa.int64(),
    **{
        f"{name}{end}": pa.float64()
        for name in ("share", "sentiment", "growth")
        for end in ("", "_low", "_high")
    },
    "p": pa.float64(),
    "q": pa.float64(),
    "is_more_than_noise": pa.bool_(),
}


def table(told: Sequence[Told]) -> Rows:
    """Themes as the lines of a file."""
    return rows_of(_FILE, [_line(documents.theme(one)) for one in told])


def _line(one: dict[str, object]) -> dict[str, object]:
    made = {name: one.get(name) for name in _FILE}
    words = one["words"]
    if isinstance(words, dict):
        made |= {f"words_{name}": ", ".join(held) for name, held in words.items()}
    for name in ("share", "sentiment", "growth"):
        held = one[name]
        if isinstance(held, dict):
            made[name] = held.get("value", held.get("ratio"))
            made[f"{name}_low"], made[f"{name}_high"] = held["low"], held["high"]
    grown = one["growth"]
    if isinstance(grown, dict):
        made |= {name: grown[name] for name in ("p", "q", "is_more_than_noise")}
    return made
