"""Tables for a terminal, where a Chinese character is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def table(head: Sequence[object], rows: Sequence[Sequence[object]], right: str = "") -> str:
    """Rows under a head, columns aligned.

    Args:
        head: one title a column.
        rows: anything with a text; None is an empty cell.
        right: positions of the columns set to the right (figures), as in ``"134"``.
    """
    cells = [["" if cell is None else str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(width(row[i]) for row in cells) for i in range(len(head))]
    cells.insert(1, ["─" * wide for wide in widths])
    lines = []
    for row in cells:
        padded = []
        for i, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            space = " " * (wide - width(cell))
            padded.append(space + cell if str(i) in right else cell + space)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)
