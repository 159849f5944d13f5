"""A file that a program sends with its mapping, and that is imported while the program waits."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.files.rejects import HEAD
from zhiyin.collect.files.run import ImportResult, import_path
from zhiyin.warehouse.log import Log

LONGEST_NAME = 100


def bring(
    log: Log,
    workspace: Settings,
    *,
    name: str,
    content: Iterable[bytes],
    mapping: str,
    data: Path,
    dry_run: bool,
    replace: bool,
) -> ImportResult:
    """Import it, as `zhiyin import` would.

    Args:
        name: as whoever sends it calls it.
        content: its bytes, in parts.
        mapping: the text of a mapping file.
        data: the data folder.

    Raises:
        Problem: those of `import_path`.
    """
    with _folder(data) as folder:
        file = folder / "file" / safe(name)
        file.parent.mkdir()
        with file.open("wb") as opened:
            opened.writelines(content)
        says = folder / "mapping.yaml"
        says.write_text(mapping, "utf-8")
        return import_path(log, workspace, file, says, data=data, dry_run=dry_run, replace=replace)


def rejected(result: ImportResult, most: int) -> list[dict[str, Any]]:
    """The first rows that were not taken: line, column, value, reason and file."""
    if result.rejects_file is None:
        return []
    with result.rejects_file.open(encoding="utf-8-sig", newline="") as lines:
        rows = islice(csv.reader(lines), 1, most + 1)
        return [{**dict(zip(HEAD, row, strict=False)), "line": int(row[0])} for row in rows]


def safe(name: str) -> str:
    """The last part of a name, short enough for every disk, and never a hidden file."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable()).strip().lstrip(".")
    return plain[-LONGEST_NAME:].lstrip(".") or "file"


@contextmanager
def _folder(data: Path) -> Iterator[Path]:
    """A folder for what was sent, gone afterwards; the next import clears what a kill has left."""
    home = data / "tmp"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=f"import-{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
