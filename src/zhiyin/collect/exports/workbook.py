"""XLSX, row by row, in constant memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import xlsxwriter

from zhiyin.collect.exports.plain import Progress, chunks, is_time, local_times
from zhiyin.collect.exports.rows import Field, Rows, Tally

ROWS_A_SHEET = 1_048_575
"""What a sheet holds under its header."""

COLUMNS_A_SHEET = 16_384
LONGEST_CELL = 32_767
"""In UTF-16 units, as Excel counts."""

_EXACT = 2**53
_FIRST, _LAST = datetime(1900, 3, 1), datetime(9999, 12, 31)
"""Excel has no day before; its 1900 has a 29th of February that never was."""

_NOT_XML = re.compile("[\ufffe\uffff]")

Write: TypeAlias = Callable[[int, int, Any], object]


def write_workbook(rows: Rows, path: Path, zone: str, progress: Progress) -> None:
    """Text stays text, whatever it begins with; times are local, their zone in the header."""
    with _book(path) as book:
        _write(book, None, rows, zone, progress)


def write_sheets(sheets: Mapping[str, Rows], path: Path, zone: str) -> None:
    """Several tables, each on a sheet of its name, as `write_workbook` writes one."""
    with _book(path) as book:
        for name, rows in sheets.items():
            _write(book, name, rows, zone, lambda _rows: None)


def _book(path: Path) -> Any:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "tmpdir": str(path.parent),
    }
    book = xlsxwriter.Workbook(str(path), options)
    book.use_zip64()
    return book


def _write(book: Any, name: str | None, rows: Rows, zone: str, progress: Progress) -> None:
    """The rows on a sheet, and on more where they are too many for one."""
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet, row = _sheet(book, rows.schema, zone, bold, name), 0
    for part in chunks(rows):
        columns = [
            local_times(part.column(k), zone) if is_time(field.type)
            else part.column(k).to_pylist() for k, field in enumerate(rows.schema)
        ]  # fmt: skip
        writes = _writes(sheet, rows.schema, moment, rows.tally)
        for values in zip(*columns, strict=True):
            if row == ROWS_A_SHEET:
                sheet, row = _sheet(book, rows.schema, zone, bold), 0
                writes = _writes(sheet, rows.schema, moment, rows.tally)
            row += 1
            for column, value in enumerate(values):
                if value is not None:
                    writes[column](row, column, value)
        progress(part.num_rows)


def _sheet(book: Any, schema: pa.Schema, zone: str, bold: Any, name: str | None = None) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(schema):
        timed = is_time(field.type)
        sheet.set_column(column, column, 20 if timed else 14)
        _text(sheet, Tally(), bold)(0, column, f"{field.name} ({zone})" if timed else field.name)
    return sheet


def _writes(sheet: Any, schema: pa.Schema, moment: Any, tally: Tally) -> list[Write]:
    """How a cell of each column is written."""
    text = _text(sheet, tally)
    boolean: Write = sheet.write_boolean
    number: Write = sheet.write_number

    def time(row: int, column: int, value: datetime) -> None:
        local = value.replace(tzinfo=None)
        if _FIRST <= local <= _LAST:
            sheet.write_datetime(row, column, local, moment)
        else:
            text(row, column, value.isoformat())

    def whole(row: int, column: int, value: int) -> None:
        # A sheet's numbers are floats: a longer one would lose its last digits.
        if abs(value) <= _EXACT:
            sheet.write_number(row, column, value)
        else:
            text(row, column, str(value))

    def kind(field: Field) -> Write:
        if is_time(field.type):
            return time
        if pa.types.is_string(field.type):
            return text
        if pa.types.is_boolean(field.type):
            return boolean
        return whole if pa.types.is_integer(field.type) else number

    return [kind(field) for field in schema]


def _text(sheet: Any, tally: Tally, style: Any = None) -> Callable[[int, int, str], None]:
    def write(row: int, column: int, value: str) -> None:
        if len(value) * 2 > LONGEST_CELL:
            units = value.encode("utf-16-le")
            if len(units) > LONGEST_CELL * 2:
                value = units[: LONGEST_CELL * 2].decode("utf-16-le", errors="ignore")
                tally.cut += 1
        if _NOT_XML.search(value):
            value = _NOT_XML.sub("\ufffd", value)
        if value.startswith("<r>") and value.endswith("</r>"):
            # The library would write such a text as XML, unread.
            value = f"{value[: LONGEST_CELL - 1]} "
        sheet.write_string(row, column, value, style)

    return write
