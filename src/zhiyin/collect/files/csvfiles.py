"""CSV and TSV: the dialect from a sample, a fast reading for clean files, an exact one for all."""

# ruff: noqa: S608 - paths and names are quoted

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import duckdb

from zhiyin.collect.files import encodings, rejects
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.records import Broken, Dialect, records
from zhiyin.collect.files.staging import Bad, Form, Staged, Workshop, clean_names, fill, trimmed
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

ODD_SPACES = " \t\r\n\v\f\u00a0\u3000"
DELIMITERS = (",", "\t", ";", "|")


def stage(path: Path, reading: Reading, shop: Workshop, table: str, name: str) -> Staged:
    """Read a CSV file into `table`.

    Raises:
        Problem: not text, no rows, too many columns, a column twice.
    """
    encoding = reading.encoding or encodings.detect(path)
    text = encodings.in_utf8(path, encoding, shop.folder)
    dialect = Dialect(
        reading.delimiter or sniff(text, reading, shop),
        '"' if reading.quote is None else reading.quote,
        reading.skip,
    )
    first = next(iter(records(text, dialect, shop.limits)), None)
    if first is None:
        raise Problem("import.empty", _("{name} is empty.", name=name))
    line, header = first
    if isinstance(header, Broken):
        raise Problem(
            "import.header",
            _("The first line of {name} cannot be read: {reason}", name=name, reason=header.reason),
        )
    has_header = reading.header is True
    if isinstance(reading.header, list):
        header = reading.header
    elif not has_header:
        header = [f"column {place}" for place in range(1, len(header) + 1)]
    names = clean_names(header, name, shop.limits)
    staged = None
    # Who wants the first records gets them one by one; the engine's reader takes a file whole.
    is_whole = shop.first is None
    if is_whole and has_header and line == reading.skip + 1 and len(names) > 1:
        staged = _fast(text, dialect, names, shop, table)
    if staged is None:
        staged = exact(text, dialect, names, shop, table, has_header=has_header)
    staged.form = Form("csv", encoding=encoding, delimiter=dialect.delimiter)
    if encodings.is_cut(text):
        staged.notes.append(
            _("{name} ends in the middle of a letter: it was not copied whole.", name=name)
        )
    if names[: len(rejects.HEAD)] == rejects.HEAD:
        rejects.take_back(staged)
    return staged


def sniff(path: Path, reading: Reading, shop: Workshop) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells, over one."""
    best, most = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        quote = '"' if reading.quote is None else reading.quote
        found = records(path, Dialect(delimiter, quote, reading.skip), shop.limits)
        widths = [len(c) for _line, c in islice(found, 200) if not isinstance(c, Broken)]
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        if width > 1 and (times / len(widths), width) > most:
            best, most = delimiter, (times / len(widths), width)
    return best


def _has_odd_spaces(path: Path) -> bool:
    """Whether cells of a UTF-8 file may begin or end with another space than the plain one.

    Cutting those off takes longer. Lines end inside cells only where there are quotes.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as found:
        odd = ['"', *(space for space in ODD_SPACES if space not in " \r\n")]
        return any(found.find(space.encode()) >= 0 for space in odd)


def _fast(
    path: Path, dialect: Dialect, names: tuple[str, ...], shop: Workshop, table: str
) -> Staged | None:
    """The engine's own reader, which is quick and takes clean files only; else None."""
    if len(dialect.delimiter) != 1 or dialect.quote != '"':
        return None
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(names)))
    quoted = str(path).replace("'", "''")
    cut = f", '{ODD_SPACES}'" if _has_odd_spaces(path) else ""
    cells = ", ".join(f"nullif(trim(c{i}{cut}), '') AS c{i}" for i in range(len(names)))
    try:
        shop.connection.execute(
            f"""
            CREATE OR REPLACE TABLE {table} AS
            SELECT row_number() OVER () AS line, {cells} FROM read_csv('{quoted}',
                auto_detect = false, columns = {{{columns}}}, header = true,
                delim = '{dialect.delimiter}', quote = '"', escape = '"', comment = '',
                skip = {dialect.skip}, strict_mode = true, null_padding = false, nullstr = '',
                max_line_size = {shop.limits.cell_bytes})
            """
        )
    except duckdb.Error:
        shop.connection.execute(f"DROP TABLE IF EXISTS {table}")
        return None

    def lines(places: Iterable[int]) -> Iterator[int]:
        numbered = enumerate(islice(records(path, dialect, shop.limits), 1, None), 1)
        for wanted in places:
            yield next(line for place, (line, _cells) in numbered if place == wanted)

    return Staged(shop.connection, table, names, shop.bad_rows(), lines)


def exact(
    path: Path,
    dialect: Dialect,
    names: tuple[str, ...],
    shop: Workshop,
    table: str,
    *,
    has_header: bool,
) -> Staged:
    """Every record on its own: those that are no rows become `Bad`."""
    staged = Staged(shop.connection, table, names, shop.bad_rows())
    width = len(names)

    def good() -> Iterator[tuple[int, list[str | None]]]:
        found = records(path, dialect, shop.limits)
        for line, cells in islice(found, 1 if has_header else 0, None):
            if isinstance(cells, Broken):
                staged.bad.add(Bad(line, "", cells.text[:200], cells.reason, (cells.text,)))
                continue
            while len(cells) > width and not cells[-1].strip():
                cells.pop()  # a delimiter too many at the end of the line says nothing
            if len(cells) != width:
                reason = _(
                    "{found} cells where the header has {width}", found=len(cells), width=width
                )
                value = cells[-1] if cells else ""
                staged.bad.add(Bad(line, "", value, reason, tuple(cells)))
            else:
                yield line, [trimmed(cell) for cell in cells]

    fill(shop, table, names, good())
    return staged
