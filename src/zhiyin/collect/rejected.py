"""Rows of files that an import could not take: how many, and where they are kept."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Import

LOOKED_AT = 50
"""So many of the newest imports are looked at."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rejects of one import."""

    brought: Import
    rows: int
    file: Path

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {"import_id": self.brought.import_id, "label": self.brought.label, "rows": self.rows}


def newest(data: Path, imports: Sequence[Import]) -> list[Rejected]:
    """The newest imports that rejected rows, the newest first."""
    folder = data / "rejects"
    if not folder.is_dir():
        return []
    # One file may be of several imports, whose ids are its name; the first of them stands for all.
    files = {file.stem.split("+")[0]: file for file in folder.glob("*.csv")}
    return [
        Rejected(one, _rows(files[one.import_id]), files[one.import_id])
        for one in imports[:LOOKED_AT]
        if one.import_id in files
    ]


def file_of(data: Path, imports: Sequence[Import], import_id: str) -> Path:
    """The file of the rows that an import of this workspace rejected.

    Args:
        imports: those of the workspace.
        import_id: one of theirs; several that came from one file may be joined by ``+``.

    Raises:
        Problem: ``import.no-rejects``.
    """
    mine = {one.import_id for one in imports}
    first = import_id.split("+")[0]
    files = (data / "rejects").glob("*.csv") if first in mine else ()
    found = next((file for file in files if file.stem.split("+")[0] == first), None)
    if found is None:
        raise Problem(
            "import.no-rejects",
            _("Of the import {import_id} no rejected rows are kept.", import_id=import_id),
            _("Either it took every row, or it is none of this workspace."),
        )
    return found


def _rows(file: Path) -> int:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return max(sum(1 for _row in csv.reader(lines)) - 1, 0)
