"""Some columns of a file as text, whatever its form: for what reads a file and imports nothing."""

# ruff: noqa: S608 - the statement is built from column places

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from zhiyin.collect.files.limits import LIMITS
from zhiyin.collect.files.looking import stage_first_sheet
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.staging import Workshop, open_engine
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def read(path: Path, names: Sequence[str], data: Path) -> list[tuple[int, tuple[str | None, ...]]]:
    """The rows of a file: where each stands, and its cells in these columns.

    Cells have no outer spaces; a blank one is None. Of a workbook it is the first sheet.

    Args:
        names: the columns, as the file has them.
        data: the data folder; what is packed is unpacked in its ``tmp``.

    Raises:
        Problem: ``import.…``: the file cannot be read; ``file.no-column``.
    """
    home = data / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="read-", dir=home))
    connection = open_engine(folder, large=False)
    try:
        shop = Workshop(folder, connection, LIMITS)
        staged = stage_first_sheet(path, Reading(), shop, data)
        missing = [name for name in names if name not in staged.names]
        if missing:
            raise Problem(
                "file.no-column",
                _("{file} has no column {name}.", file=path.name, name=missing[0]),
                _("Its columns: {names}.", names=", ".join(staged.names[:40])),
            )
        cells = ", ".join(f"c{staged.names.index(name)}" for name in names)
        found = connection.execute(f"SELECT line, {cells} FROM {staged.table} ORDER BY line")
        return [(line, tuple(rest)) for line, *rest in found.fetchall()]
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)
