"""XLSX, row by row, in constant memory."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import xlsxwriter

from zhiyin.collect.exports.plain import Progress, chunks, local_time

ROWS_A_SHEET = 1_048_575
"""What a sheet holds under its header."""

LONGEST_CELL = 32_767


def write_workbook(table: pa.Table, path: Path, zone: str, progress: Progress) -> None:
    """Text stays text, whatever it begins with; times are local, their zone in the header."""
    local = ZoneInfo(zone)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold, moment = (
            book.add_format({"bold": True}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        )
        for first in range(0, max(table.num_rows, 1), ROWS_A_SHEET):
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            for column, field in enumerate(table.schema):
                is_time = pa.types.is_timestamp(field.type)
                sheet.set_column(column, column, 20 if is_time else 14)
                sheet.write_string(
                    0, column, f"{field.name} ({zone})" if is_time else field.name, bold
                )
            _fill(sheet, table.slice(first, ROWS_A_SHEET), local, moment, progress)


def _fill(
    sheet: xlsxwriter.worksheet.Worksheet,
    table: pa.Table,
    zone: ZoneInfo,
    moment: xlsxwriter.format.Format,
    progress: Progress,
) -> None:
    kinds = [_kind(field.type) for field in table.schema]
    row = 0
    for rows in chunks(table):
        columns = [rows.column(place).to_pylist() for place in range(rows.num_columns)]
        for values in zip(*columns, strict=True):
            row += 1
            for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
                if value is None:
                    continue
                if kind == "text":
                    sheet.write_string(row, column, value[:LONGEST_CELL])
                elif kind == "number":
                    sheet.write_number(row, column, value)
                elif kind == "time":
                    local = local_time(value, zone).replace(tzinfo=None)
                    sheet.write_datetime(row, column, local, moment)
                else:
                    sheet.write_boolean(row, column, value)
        progress(rows.num_rows)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "time"
    if pa.types.is_boolean(kind):
        return "truth"
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return "number" if is_number else "text"
