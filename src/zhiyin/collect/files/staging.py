"""A file as a table of text: one row a record, with the record's place in the file."""

# ruff: noqa: S608 - the statements are built from column places and quoted names

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa

from zhiyin.collect.files.limits import LIMITS, Limits
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that is no row: where it stands, what stands there, why it is none."""

    line: int
    column: str
    value: str
    reason: Text | str
    cells: tuple[str, ...] = ()
    file: str = ""
    """Where it is another one than the file that is imported: a file of a query."""


class BadRows:
    """Bad records in the order of the file; many of them wait on the disk, not in memory."""

    KEPT = 20_000

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: list[Bad] = []
        self._file: IO[str] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, bad: Bad) -> None:
        """One more."""
        self._count += 1
        self._kept.append(bad)
        if len(self._kept) >= self.KEPT:
            if self._file is None:
                self._file = tempfile.TemporaryFile(  # noqa: SIM115 - it lives as long as this
                    "w+", dir=self._folder, encoding="utf-8", newline=""
                )
            writer = csv.writer(self._file)
            for b in self._kept:
                writer.writerow([b.line, b.column, b.value, str(b.reason), b.file, *b.cells])
            self._kept.clear()

    def __iter__(self) -> Iterator[Bad]:
        if self._file is not None:
            self._file.seek(0)
            csv.field_size_limit(2**31 - 1)
            for line, column, value, reason, file, *cells in csv.reader(self._file):
                yield Bad(int(line), column, value, reason, tuple(cells), file)
        yield from self._kept


@dataclass(frozen=True, slots=True)
class Form:
    """How a file was read, as far as its format leaves a choice.

    Args:
        kind: ``csv``, ``xlsx``, ``json``, ``parquet``, ``spss`` or ``xes``.
        encoding, delimiter: of text.
        sheet, sheets: of a workbook: the one that was read, and all.
    """

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()


@dataclass(slots=True)
class Staged:
    """A file, read. Cells have no outer spaces, and a blank cell is null.

    `table` is in `connection`, with ``line`` (bigint, 1-based place: physical line of the
    record's start, row of the sheet, number of the record) and one text column ``c0``, ``c1``…
    a name in `names`. Where `lines` is there, ``line`` counts records instead and
    `lines` gives the physical lines of some of them, asked for in rising order.
    """

    connection: duckdb.DuckDBPyConnection
    table: str
    names: tuple[str, ...]
    bad: BadRows
    lines: Callable[[Iterable[int]], Iterator[int]] | None = None
    notes: list[Text] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of a column's codes, where the file has them (SPSS)."""
    missing: dict[str, tuple[tuple[float | None, float | None], ...]] = field(default_factory=dict)
    """Of a column, the ranges of numbers that the file itself calls missing (SPSS)."""
    form: Form | None = None
    """None for the rows of a query, which have no form of their own."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a file is read: a folder that goes away, an engine without network, limits.

    Args:
        first: only so many records are read; None is all.
    """

    folder: Path
    connection: duckdb.DuckDBPyConnection
    limits: Limits = LIMITS
    first: int | None = None

    def bad_rows(self) -> BadRows:
        """A place for bad records."""
        return BadRows(self.folder)


def open_engine(folder: Path, *, large: bool) -> duckdb.DuckDBPyConnection:
    """An engine for one import. What does not fit in memory goes to `folder`."""
    place = str(folder / "staged.duckdb") if large else ":memory:"
    connection = duckdb.connect(place)
    connection.execute(f"SET temp_directory = '{str(folder).replace(chr(39), chr(39) * 2)}'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET memory_limit = '2GB'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def text_columns(names: Sequence[str]) -> str:
    """The columns of a staged table, for CREATE TABLE."""
    return ", ".join(["line BIGINT", *(f"c{i} VARCHAR" for i in range(len(names)))])


def fill(
    shop: Workshop,
    table: str,
    names: Sequence[str],
    records: Iterable[tuple[int, Sequence[str | None]]],
) -> None:
    """Make `table` out of records read in Python, in batches."""
    shop.connection.execute(f"CREATE TABLE {table} ({text_columns(names)})")
    lines: list[int] = []
    cells: list[Sequence[str | None]] = []
    for line, record in islice(records, shop.first):
        lines.append(line)
        cells.append(record)
        if len(lines) == BATCH:
            _flush(shop, table, len(names), lines, cells)
    if lines:
        _flush(shop, table, len(names), lines, cells)


def _flush(
    shop: Workshop, table: str, width: int, lines: list[int], cells: list[Sequence[str | None]]
) -> None:
    columns = list(zip(*cells, strict=True)) or [()] * width
    arriving = pa.table(
        {
            "line": pa.array(lines, pa.int64()),
            **{f"c{i}": pa.array(columns[i], pa.string()) for i in range(width)},
        }
    )
    shop.connection.register("arriving", arriving)
    shop.connection.execute(f"INSERT INTO {table} SELECT * FROM arriving")
    shop.connection.unregister("arriving")
    lines.clear()
    cells.clear()


def trimmed(cell: str | None) -> str | None:
    """A cell without outer spaces, the wide ones of Chinese too; None where nothing is left."""
    return (cell.strip() or None) if cell else None


def clean_names(header: Sequence[str], file: str, limits: Limits) -> tuple[str, ...]:
    """The column names of a header, trimmed; a second ``x`` is ``x (2)``.

    Raises:
        Problem: too many columns.
    """
    if len(header) > limits.columns:
        raise Problem(
            "import.too-many-columns",
            _("{file} has {found} columns; at most {limit} can be read.",
              file=file, found=f"{len(header):,}", limit=f"{limits.columns:,}"),
            _("Keep the columns that the mapping names, or split the file."),
        )  # fmt: skip
    names = tuple(
        " ".join(str(name).replace("\ufeff", "").split()) or f"column {place}"
        for place, name in enumerate(header, 1)
    )
    seen = Counter[str]()
    unique: dict[str, None] = {}
    for name in names:
        seen[name] += 1
        unique[name if seen[name] == 1 else f"{name} ({seen[name]})"] = None
    if len(unique) < len(names):  # and one is called that already
        return tuple(f"{name} ({place})" for place, name in enumerate(names, 1))
    return tuple(unique)


def check_size(path: Path, data: Path, limits: Limits) -> None:
    """Refuse a file that is over the limit, or that the disk has no room to work on.

    Raises:
        Problem: ``import.too-large``, ``import.disk-full``, ``import.empty``.
    """
    size = path.stat().st_size
    if size == 0:
        raise Problem(
            "import.empty",
            _("{name} is empty.", name=path.name),
            _("Check that it was copied whole."),
        )
    if size > limits.file_bytes:
        raise Problem(
            "import.too-large",
            _("{name} is {size}; files up to {limit} can be read.", name=path.name,
              size=human(size), limit=human(limits.file_bytes)),
            _("Split it, or give it as Parquet."),
        )  # fmt: skip
    free = shutil.disk_usage(data).free
    if free < 2 * size + 256 * 1024**2:
        raise Problem(
            "import.disk-full",
            _("The data folder has {free} left; {name} ({size}) needs twice its size to work on.",
              free=human(free), name=path.name, size=human(size)),
            _("Make room on the disk, or choose another data folder."),
        )  # fmt: skip


def human(size: int) -> str:
    """A number of bytes as people read it."""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            break
        amount /= 1024
    return f"{amount:,.0f} {unit}" if unit in ("B", "KB") else f"{amount:,.1f} {unit}"
