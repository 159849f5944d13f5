"""A look at a file before anything is said of it: its form, its columns, what stands in them."""

# ruff: noqa: S608 - the statements are built from column places

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from zhiyin.collect.files import sources, values
from zhiyin.collect.files.limits import LIMITS, Limits
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.seen import Column, Look, kept
from zhiyin.collect.files.staging import Form, Staged, Workshop, open_engine
from zhiyin.kernel.errors import Problem

ROWS = 2_000
"""So many of the first rows are looked at."""

EXAMPLES = 3
FIRST_DAY, LAST_DAY = 19900101, 20391231
"""A whole number between these may be a day."""
LONGEST_EXAMPLE = 80

DATE_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


def look(path: Path, reading: Reading, data: Path, limits: Limits = LIMITS) -> Look:
    """Look at the first rows of a file.

    Of a workbook of several sheets it is the first, unless `reading` names one.

    Args:
        data: the data folder; what is packed is unpacked in its ``tmp``.

    Raises:
        Problem: ``import.…``: the file cannot be read.
    """
    home = data / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="look-", dir=home))
    connection = open_engine(folder, large=False)
    try:
        shop = Workshop(folder, connection, limits, first=ROWS)
        staged = stage_first_sheet(path, reading, shop, data)
        return _told(staged)
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def stage_first_sheet(path: Path, reading: Reading, shop: Workshop, data: Path) -> Staged:
    """One file; of a workbook of several sheets the first, unless `reading` names one.

    Raises:
        Problem: ``import.…``: the file cannot be read.
    """
    try:
        return sources.stage_as(path, reading, None, shop, data, "staged")
    except Problem as problem:
        if problem.code != "import.sheet" or reading.sheet is not None:
            raise
        first = msgspec.structs.replace(reading, sheet=1)
        return sources.stage_as(path, first, None, shop, data, "staged")


def _told(staged: Staged) -> Look:
    form = staged.form or Form("")
    (rows,) = _row(staged, f"SELECT count(*) FROM {staged.table}")
    return Look(
        kind=form.kind,
        encoding=form.encoding,
        delimiter=form.delimiter,
        sheet=form.sheet,
        sheets=form.sheets,
        rows=rows,
        is_all=rows < ROWS,
        broken=len(staged.bad),
        columns=tuple(_column(staged, place, name) for place, name in enumerate(staged.names)),
        notes=tuple(kept(note) for note in staged.notes),
    )


def _column(staged: Staged, place: int, name: str) -> Column:
    cell = f"c{place}"
    filled, distinct, letters = _row(
        staged,
        f"SELECT count({cell}), count(DISTINCT {cell}), coalesce(avg(length({cell})), 0)"
        f" FROM {staged.table}",
    )
    kind, low, high = _kind_of_words(staged, cell, filled)
    formats: tuple[str, ...] = ()
    if kind == "text":
        kind, formats = _kind_of_dates(staged, cell, filled)
    elif kind == "int" and low >= FIRST_DAY and high <= LAST_DAY and _are_days(staged, cell):
        kind, low, high = "time", None, None
    return Column(
        name=name,
        kind=kind,
        filled=filled,
        distinct=distinct,
        examples=_examples(staged, cell),
        low=low,
        high=high,
        letters=letters,
        formats=formats,
        labels=len(staged.labels.get(name, {})),
    )


def _kind_of_words(staged: Staged, cell: str, filled: int) -> tuple[str, Any, Any]:
    """Numbers with their ends, truths, and what is neither."""
    if not filled:
        return "empty", None, None
    words = ", ".join(values.literal(word) for word in (*values.YES, *values.NO))
    numbers, whole, low, high, truths = _row(
        staged,
        f"""
        SELECT count(number), count(*) FILTER (number = floor(number)), min(number), max(number),
            count(*) FILTER (lower({cell}) IN ({words}))
        FROM (SELECT {cell}, CASE WHEN isfinite(try_cast({cell} AS DOUBLE))
            THEN try_cast({cell} AS DOUBLE) END AS number FROM {staged.table})
        """,
    )
    most = _most(filled)
    if whole >= most:
        return "int", low, high
    if numbers >= most:
        return "float", low, high
    return ("bool" if truths >= most else "text"), None, None


def _kind_of_dates(staged: Staged, cell: str, filled: int) -> tuple[str, tuple[str, ...]]:
    """Dates that begin with the year need no format; of others, those that read them."""
    most = _most(filled)
    year_first, other = _row(
        staged,
        f"SELECT count(*) FILTER (regexp_matches({cell}, '^\\d{{4}}\\D')),"
        f" count(*) FILTER (regexp_matches({cell}, '^\\d{{1,2}}[-/.]\\d{{1,2}}[-/.]\\d'))"
        f" FROM {staged.table}",
    )
    if year_first >= most:
        instant = values.instant("at", cell, "at", "UTC", None, needed=False).sql
        (times,) = _row(staged, f"SELECT count({instant}) FROM {staged.table}")
        return ("time" if times >= most else "text"), ()
    formats = _formats(staged, cell, most) if other >= most else ()
    return ("time" if formats else "text"), formats


def _most(filled: int) -> int:
    """Nearly all: one in fifty may be something else, and is to be rejected; of few rows one."""
    return filled - max(filled // 50, min(filled // 4, 1))


def _are_days(staged: Staged, cell: str) -> bool:
    (no_days,) = _row(
        staged,
        f"SELECT count(*) FROM {staged.table}"
        f" WHERE {cell} IS NOT NULL AND try_strptime({cell}, '%Y%m%d') IS NULL",
    )
    return not no_days


def _formats(staged: Staged, cell: str, most: int) -> tuple[str, ...]:
    candidates = [day + clock for day in DATE_FORMATS for clock in CLOCKS]
    counts = _row(
        staged,
        "SELECT "
        + ", ".join(f"count(try_strptime({cell}, '{form}'))" for form in candidates)
        + f" FROM {staged.table}",
    )
    best = max(counts)
    if best < most:
        return ()
    # Four digits of a year are read by %Y alone; two of them both forms of the year would take.
    return tuple(form for form, count in zip(candidates, counts, strict=True) if count == best)[:2]


def _examples(staged: Staged, cell: str) -> tuple[str, ...]:
    found = staged.connection.execute(
        f"SELECT {cell} FROM {staged.table} WHERE {cell} IS NOT NULL"
        f" GROUP BY {cell} ORDER BY min(line) LIMIT {EXAMPLES}"
    ).fetchall()
    return tuple(str(word)[:LONGEST_EXAMPLE] for (word,) in found)


def _row(staged: Staged, sql: str) -> tuple[Any, ...]:
    found = staged.connection.execute(sql).fetchone()
    return tuple(found or ())
