"""What a file may cost, so that a hostile one gets an answer and not the machine."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one import.

    Args:
        file_bytes: of the file itself, and of what comes out of a packed one.
        ratio: how many times larger than itself a packed file may be; over 100 MB only.
        columns: of one file.
        cell_bytes: of one cell.
        record_lines: physical lines of one CSV record; a longer one has an open quote.
        spss_cells: rows × columns of an SPSS file.
        sheet_cells: rows × columns that a spreadsheet says it has.
        query_seconds, query_memory, query_bytes, query_rows: of a mapping's query.
    """

    file_bytes: int = 8192 * MB
    ratio: int = 200
    columns: int = 2000
    cell_bytes: int = 1 * MB
    record_lines: int = 2000
    sheet_bytes: int = 1024 * MB
    sheet_cells: int = 50_000_000
    spss_cells: int = 1_000_000_000
    query_seconds: float = 300.0
    query_memory: int = 2048 * MB
    query_bytes: int = 4096 * MB
    query_rows: int = 50_000_000


UPLOAD_BYTES = 1000 * MB
"""Of a file that is brought in the browser. What passes between the processes of the server holds
no request longer than a gigabyte."""

LIMITS = Limits()
