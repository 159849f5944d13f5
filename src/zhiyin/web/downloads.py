"""Rows as a file that the browser keeps; text in it is never a formula."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse

from zhiyin.collect.exports import plain, workbook
from zhiyin.collect.exports.rows import Rows

WRITERS = {"csv": plain.write_csv, "xlsx": workbook.write_workbook}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(rows: Rows, *, name: str, kind: str, timezone: str) -> FileResponse:
    """An answer that is a file.

    Args:
        name: of the file, without what says its kind.
        kind: ``csv`` or ``xlsx``.
        timezone: where its times are told.

    Raises:
        Http404: another kind.
    """
    if kind not in WRITERS:
        raise Http404
    write = WRITERS[kind]
    return written(
        lambda path: write(rows, path, timezone, lambda _rows: None), name=name, kind=kind
    )


def kept(path: Path, *, name: str, kind: str) -> FileResponse:
    """An answer that is a file which stays where it is.

    Args:
        name: of the file, without what says its kind.
        kind: one of `TYPES`.
    """
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{name}.{kind}", content_type=TYPES[kind]
    )


def of_list(text: str, *, name: str) -> HttpResponse:
    """An answer that is a list of lines, which can be brought in again.

    Args:
        name: of the file, without what says its kind.
    """
    answer = HttpResponse(text.encode("utf-8-sig"), content_type=TYPES["csv"])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def written(write: Callable[[Path], object], *, name: str, kind: str) -> FileResponse:
    """An answer that is the file which `write` makes at the path that it is given.

    Args:
        name: of the file, without what says its kind.
        kind: one of `TYPES`.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhiyin-export-"))
    try:
        path = folder / f"rows.{kind}"
        write(path)
        # The file has no name any more once it is open, and is gone when the answer is.
        opened = path.open("rb")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return FileResponse(
        opened, as_attachment=True, filename=f"{name}.{kind}", content_type=TYPES[kind]
    )
