"""Rows as a file that the browser keeps; text in it is never a formula."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from django.http import FileResponse, Http404

from zhiyin.collect.exports import plain, workbook
from zhiyin.collect.exports.rows import Rows

WRITERS = {"csv": plain.write_csv, "xlsx": workbook.write_workbook}
TYPES = {
    "csv": "text/csv; charset=utf-8",
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
    folder = Path(tempfile.mkdtemp(prefix="zhiyin-export-"))
    try:
        path = folder / f"rows.{kind}"
        WRITERS[kind](rows, path, timezone, lambda _rows: None)
        # The file has no name any more once it is open, and is gone when the answer is.
        opened = path.open("rb")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return FileResponse(
        opened, as_attachment=True, filename=f"{name}.{kind}", content_type=TYPES[kind]
    )
