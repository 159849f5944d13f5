"""The sheets of a questionnaire that is an Excel file, measured before they are read."""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from zhiyin.collect.files import sheets, unpacking
from zhiyin.collect.files.limits import LIMITS, MB
from zhiyin.collect.files.texts import text_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LIMITS_OF_ONE = replace(LIMITS, sheet_bytes=64 * MB, sheet_cells=2_000_000)
"""A questionnaire is far smaller than a file of answers."""

MOST_ROWS = 20_000
_BROKEN = (
    CalamineError, WorksheetNotFound, zipfile.BadZipFile, zlib.error, OSError, ValueError,
    RuntimeError, LookupError,
)  # fmt: skip
Sheet = list[list[str]]


def is_one(data: bytes) -> bool:
    """By its first bytes, as Excel writes files now and before 2007."""
    return unpacking.is_zip(data) or data.startswith(_OLD)


def read(data: bytes, name: str) -> dict[str, Sheet]:
    """The cells of each sheet as text, by the name of the sheet in small letters.

    Raises:
        Problem: ``survey.file-broken``, ``survey.file-old``, ``survey.file-too-large``;
            ``import.bomb`` and ``import.sheet-cells``: it unpacks to far more than a
            questionnaire has.
    """
    if data.startswith(_OLD):
        # The reader of these ends the whole process on some damaged ones: it is not asked.
        raise Problem(
            "survey.file-old",
            _("{name} is an Excel file of the form before 2007 (.xls), or locked with a password.",
              name=name),
            _("Open it in a spreadsheet and save it as .xlsx, without a password."),
        )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="zhiyin-survey-") as folder:
        plain = re.sub(r"[^\w. ()-]", "_", PurePosixPath(name).stem)[:80]
        path = Path(folder) / f"{plain}.xlsx"
        path.write_bytes(data)
        try:
            sheets.measure(path, LIMITS_OF_ONE)
            with CalamineWorkbook.from_path(path) as book:
                return {one.strip().lower(): _cells(book, one) for one in book.sheet_names}
        except _BROKEN as error:
            raise _broken(name, str(error)) from error


def _broken(name: str, why: str) -> Problem:
    return Problem(
        "survey.file-broken",
        _("{name} cannot be read as an Excel file: {why}.", name=name, why=why[:200]),
        _("Open it in a spreadsheet and save it again."),
    )


def _cells(book: CalamineWorkbook, name: str) -> Sheet:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        raise Problem(
            "survey.file-too-large",
            _("The sheet {sheet} has more than {most} rows.", sheet=name, most=MOST_ROWS),
            _("Take out what is not needed, or make two files of it."),
        )
    return [[(text_of(cell) or "").strip() for cell in row] for row in rows]
