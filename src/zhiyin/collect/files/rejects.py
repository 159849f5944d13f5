"""The rejects file: every row that did not go in, with its place and the reason."""

# ruff: noqa: S608 - the statements are built from column places

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zhiyin.collect.files.judging import Plan
from zhiyin.collect.files.staging import Bad
from zhiyin.kernel.text import _

HEAD = ("line", "column", "value", "reason", "file")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rejects of one file."""

    file: str
    names: tuple[str, ...]
    rows: list[Bad]


def rejected(plan: Plan, file: str) -> Rejected:
    """Every rejected row of a judged file, in the order of the file."""
    rows = [*plan.staged.bad, *_judged(plan)]
    return Rejected(file, plan.staged.names, sorted(rows, key=lambda row: row.line))


def _judged(plan: Plan) -> Iterator[Bad]:
    con, staged = plan.staged.connection, plan.staged
    value = " ".join(
        f"WHEN {i} THEN {c.cell.replace('c', 's.c', 1) if c.cell.startswith('c') else c.cell}"
        for i, c in enumerate(plan.checks)
    )
    value = f"CASE j.problem {value} ELSE j.id END" if value else "j.id"
    cells = ", ".join(f"s.c{i}" for i in range(len(staged.names)))
    rows = con.execute(
        f"""
        SELECT j.line, j.problem, {value}, {cells}
        FROM judged j JOIN {staged.table} s ON s.line = j.line
        WHERE j.problem IS NOT NULL ORDER BY j.line
        """
    ).fetchall()
    places = staged.lines([row[0] for row in rows]) if staged.lines and rows else {}
    identity = plan.mapping.shared.id
    id_column = "/".join(identity) if isinstance(identity, list) else identity or ""
    for line, problem, said, *words in rows:
        if problem < 0:
            column, reason = id_column, _("duplicate id, other content")
        else:
            column, reason = plan.checks[problem].column, plan.checks[problem].reason
        written = tuple(word or "" for word in words)
        yield Bad(places.get(line, line), column, said or "", reason, written)


def write(path: Path, parts: list[Rejected]) -> None:
    """Write the rejects of an import, whole or not at all.

    UTF-8 with a mark, so that spreadsheets read it; a cell that a spreadsheet would take for
    a formula gets an apostrophe in front.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    heads = {part.names for part in parts}
    width = max((len(part.names) for part in parts), default=0)
    names = next(iter(heads)) if len(heads) == 1 else tuple(f"cell {i + 1}" for i in range(width))
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEAD, *(_safe(name) for name in names)])
        for part in parts:
            for bad in part.rows:
                said = (bad.column, bad.value, str(bad.reason), bad.file or part.file, *bad.cells)
                writer.writerow([bad.line, *(_safe(word) for word in said)])
    half.replace(path)


def _safe(word: str) -> str:
    if not word.startswith(FORMULA) or _is_number(word):
        return word
    return "'" + word


def _is_number(word: str) -> bool:
    return word[:1] in "+-" and word[1:].replace(".", "", 1).isdigit()
