"""Lists that people keep in a spreadsheet, as CSV: each line is read, and each fault said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhiyin.collect.exports.plain import safe
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

MOST_LINES = 2_000
_ENCODINGS = ("utf-8-sig", "gb18030")
"""Excel in China writes the second."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Args:
        name: as it is written.
        chinese: what may stand in its place.
        is_needed: whether a list must have it.
    """

    name: str
    chinese: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line under the head, as texts without blanks around them."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line; the head is line 1."""

    line: int
    problem: Problem


def check(faults: Sequence[Fault]) -> None:
    """Refuse a list of which a line is wrong: all of it is done, or nothing.

    Raises:
        Problem: ``list.wrong``, with all that is wrong line by line.
    """
    if faults:
        lines = "\n".join(f"{one.line}: {one.problem}" for one in faults)
        raise Problem(
            "list.wrong",
            _("{count} lines are wrong; nothing was written.", count=len(faults)),
            _("By line of the file:\n{lines}", lines=lines),
        )


def brought(counts: Mapping[str, int], *, is_dry_run: bool) -> dict[str, object]:
    """What a list did, or would do, as the command line and the API write it.

    Args:
        counts: of its lines, by what becomes of them.
    """
    return {**counts, "is_dry_run": is_dry_run}


def read(data: bytes, columns: Sequence[Column]) -> list[Line]:
    """The lines that hold anything.

    Raises:
        Problem: ``list.not-text``, ``list.no-column``, ``list.too-long``.
    """
    text = text_of(data)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        found = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise _not_text() from error
    head = _head([cell.strip() for cell in found[0][1]] if found else [], columns)
    lines = []
    for number, row in found[1:]:
        cells = {name: cell.strip() for name, cell in zip(head, row, strict=False) if name}
        if any(cells.values()):
            lines.append(Line(number, {column.name: "" for column in columns} | cells))
    if len(lines) > MOST_LINES:
        raise Problem(
            "list.too-long",
            _("The list has {count} lines.", count=len(lines)),
            _("A list has at most {most}; send it in parts.", most=MOST_LINES),
        )
    return lines


def write(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> str:
    """A list that `read` takes. No text in it acts as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for row in rows:
        cells = (row.get(column.name) for column in columns)
        writer.writerow(["" if cell is None else safe(str(cell)) for cell in cells])
    return out.getvalue()


def text_of(data: bytes) -> str:
    """The text of a list, whichever way its program writes Chinese.

    Raises:
        Problem: ``list.not-text``.
    """
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _not_text()


def number(text: str) -> float:
    """A number as people write it, thousands apart or not.

    Raises:
        Problem: ``list.not-a-number``.
    """
    try:
        return float(text.replace(",", "").replace("−", "-").removesuffix("%"))
    except ValueError:
        raise Problem(
            "list.not-a-number",
            _("“{text}” is no number.", text=text),
            _("Write it as 42 or 87.5."),
        ) from None


def _head(cells: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The name of each column; blank for one that is not of the list."""
    known = {name: column.name for column in columns for name in (column.name, column.chinese)}
    head = [known.get(cell.lower().removeprefix("'"), "") for cell in cells]
    lacking = [column.name for column in columns if column.is_needed and column.name not in head]
    if lacking:
        raise Problem(
            "list.no-column",
            _("The first line names no column {names}.", names=", ".join(lacking)),
            _("Its columns are: {known}.", known=", ".join(column.name for column in columns)),
        )
    return head


def _not_text() -> Problem:
    return Problem(
        "list.not-text",
        _("The file is no list in CSV."),
        _("Save it as CSV (UTF-8) and choose that file."),
    )
