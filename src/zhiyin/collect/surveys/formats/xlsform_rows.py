"""The rows of an XLSForm's sheets by the names of their columns, whatever spelling these have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zhiyin.collect.surveys.formats import languages
from zhiyin.collect.surveys.formats.workbook import Sheet

_SAME = {
    "list name": "list_name", "value": "name", "caption": "label", "relevance": "relevant",
    "constraint message": "constraint_message", "choice filter": "choice_filter",
    "requiredmsg": "required_message", "count": "repeat_count", "read_only": "readonly",
}  # fmt: skip
_HEAD = re.compile(r"\s*::?\s*")
_TEXTS = ("label", "hint", "constraint_message", "required_message", "guidance_hint")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet.

    Args:
        plain: cells by column.
        spoken: cells of texts, by column and language as the file calls it.
    """

    plain: dict[str, str]
    spoken: dict[tuple[str, str], str]

    def get(self, column: str) -> str:
        """A cell; blank where there is none."""
        return self.plain.get(column, "")

    def texts(self, column: str, main: str) -> dict[str, str]:
        """A text by language; without one it is of the main language."""
        found: dict[str, str] = {}
        for (name, said), text in self.spoken.items():
            code = languages.code(said)
            if name == column and code and text:
                found.setdefault(code, text)
        if self.get(column):
            found.setdefault(main, self.get(column))
        return found

    def languages(self) -> Iterator[str]:
        """As the columns of texts name them."""
        yield from (said for name, said in self.spoken if name == "label")


def rows_of(sheet: Sheet) -> list[Row]:
    """The rows under the first that is not blank, which names the columns."""
    first = next((number for number, row in enumerate(sheet) if any(row)), len(sheet))
    if first == len(sheet):
        return []
    heads = [_head(cell) for cell in sheet[first]]
    found = []
    for cells in sheet[first + 1 :]:
        plain: dict[str, str] = {}
        spoken: dict[tuple[str, str], str] = {}
        for (name, said), cell in zip(heads, cells, strict=False):
            if said:
                spoken.setdefault((name, said), cell)
            elif name and cell:
                plain.setdefault(name, cell)
        found.append(Row(plain, spoken))
    return found


def _head(cell: str) -> tuple[str, str]:
    """A column's name and language: ``label::中文 (zh)``; ``bind:relevant`` is ``relevant``."""
    parts = [part for part in _HEAD.split(cell.strip()) if part]
    if not parts:
        return "", ""
    if parts[0].lower() in ("bind", "control", "body", "media") and len(parts) > 1:
        parts = [parts[-1]] if parts[0].lower() != "media" else ["media", *parts[1:]]
    name = " ".join(parts[0].lower().split())
    name = _SAME.get(name, name)
    said = parts[-1] if len(parts) > 1 and name in _TEXTS else ""
    return name, said
