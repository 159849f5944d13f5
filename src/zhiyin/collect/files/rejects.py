"""The rejects file: every row that did not go in, with its place and the reason."""

# ruff: noqa: S608 - the statements are built from column places

from __future__ import annotations

import csv
import heapq
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import tee
from pathlib import Path
from typing import Any

import duckdb

from zhiyin.collect.files.judging import Plan
from zhiyin.collect.files.staging import Bad, Staged
from zhiyin.collect.files.values import literal
from zhiyin.kernel.text import Text, _

OTHER = _("other reasons")
LONGEST_EXAMPLE = 200

HEAD = ("line", "column", "value", "reason", "file")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some rows were rejected.

    Args:
        examples: the first of them: the line, and what stands in the column.
    """

    column: str
    reason: Text
    rows: int
    examples: tuple[tuple[int, str], ...]


class Tally:
    """Rejected rows, counted by column and reason."""

    EXAMPLES = 3
    KINDS = 200

    def __init__(self) -> None:
        self._rows = Counter[tuple[str, Text]]()
        self._examples: dict[tuple[str, Text], list[tuple[int, str]]] = {}

    def add(self, bad: Bad) -> None:
        """One more."""
        # What waited on the disk came back as words.
        reason = bad.reason if isinstance(bad.reason, Text) else Text(bad.reason, {})
        key = (bad.column, reason)
        if key not in self._rows and len(self._rows) >= self.KINDS:
            key = ("", OTHER)
        self._rows[key] += 1
        examples = self._examples.setdefault(key, [])
        if len(examples) < self.EXAMPLES:
            examples.append((bad.line, bad.value[:LONGEST_EXAMPLE]))

    def reasons(self) -> tuple[Reason, ...]:
        """The most rows first."""
        return tuple(
            Reason(column, reason, rows, tuple(self._examples[column, reason]))
            for (column, reason), rows in self._rows.most_common()
        )


def rows_of(plan: Plan) -> Iterator[Bad]:
    """Every rejected row of a judged file, in the order of the file."""
    return heapq.merge(plan.staged.bad, _judged(plan), key=lambda bad: bad.line)


def _judged(plan: Plan) -> Iterator[Bad]:
    con, staged = plan.staged.connection, plan.staged
    value = " ".join(f"WHEN {i} THEN {_cell(c.cell)}" for i, c in enumerate(plan.checks))
    value = f"CASE j.problem {value} ELSE j.id END" if value else "j.id"
    cells = ", ".join(f"s.c{i}" for i in range(len(staged.names)))
    found = con.cursor().execute(
        f"""
        SELECT j.line, j.problem, {value}, {cells}
        FROM judged j JOIN {staged.table} s ON s.line = j.line
        WHERE j.problem IS NOT NULL ORDER BY j.line
        """
    )
    identity = plan.mapping.shared.id
    id_column = "/".join(identity) if isinstance(identity, list) else identity or ""
    rows, again = tee(_fetched(found))
    places = (row[0] for row in again)
    # Both walk the file once, side by side: nothing is held for a file of many bad rows.
    for row, line in zip(rows, staged.lines(places) if staged.lines else places, strict=True):
        _place, problem, said, *words = row
        if problem < 0:
            column, reason = id_column, _("duplicate id, other content")
        else:
            check = plan.checks[problem]
            column, reason = check.column, check.reason
            if not check.keeps_cells:
                words = [""] * len(words)
        yield Bad(line, column, said or "", reason, tuple(word or "" for word in words))


def _cell(cell: str) -> str:
    """The check's cell, of the staged row; a literal stays what it is."""
    return f"s.{cell}" if cell.startswith("c") else cell


def _fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := found.fetchmany(5_000):
        yield from rows


def write(path: Path, plan: Plan, file: str) -> tuple[Reason, ...]:
    """Write the rejected rows of one file, and say why they were rejected, the most rows first.

    UTF-8 with a mark, so that spreadsheets read it; a cell that a spreadsheet would take for
    a formula gets an apostrophe in front.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([*HEAD, *(_safe(name) for name in plan.staged.names)])
        tally = Tally()
        for bad in rows_of(plan):
            tally.add(bad)
            said = (bad.column, bad.value, str(bad.reason), bad.file or file, *bad.cells)
            writer.writerow([bad.line, *(_safe(word) for word in said)])
    return tally.reasons()


def put_together(parts: list[Path], path: Path) -> None:
    """The rejects of an import, whole or not at all, out of those of its mappings.

    The columns are all that occur: each row's cells stand under their own names.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    if len(parts) == 1:
        shutil.copyfile(parts[0], half)
    else:
        _join(parts, half)
    half.replace(path)


def _join(parts: list[Path], out: Path) -> None:
    csv.field_size_limit(2**31 - 1)
    fixed = len(HEAD)
    names: dict[str, None] = {}
    for part in parts:
        with part.open(encoding="utf-8-sig", newline="") as read:
            names.update(dict.fromkeys(next(csv.reader(read))[fixed:]))
    with out.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([*HEAD, *names])
        for part in parts:
            with part.open(encoding="utf-8-sig", newline="") as read:
                rows = csv.reader(read)
                own = next(rows)[fixed:]
                for row in rows:
                    cells = dict(zip(own, row[fixed:], strict=False))
                    extra = row[fixed + len(own) :]
                    writer.writerow([*row[:fixed], *(cells.get(n, "") for n in names), *extra])


def _safe(word: str) -> str:
    bare = word.lstrip("'")
    if not bare.startswith(FORMULA) or _is_number(word):
        return word
    return "'" + word


def take_back(staged: Staged) -> None:
    """Undo the apostrophes in a rejects file that was mended and is imported again."""
    signs = "".join(f"\\x{{{ord(sign):x}}}" for sign in FORMULA)
    pattern = literal(f"^'('*[{signs}])")
    for place in range(len(HEAD), len(staged.names)):
        cell = f"c{place}"
        staged.connection.execute(
            f"UPDATE {staged.table} SET {cell} = regexp_replace({cell}, {pattern}, '\\1')"
            f" WHERE starts_with({cell}, chr(39))"
        )


def _is_number(word: str) -> bool:
    return word[:1] in "+-" and word[1:].replace(".", "", 1).isdigit()
