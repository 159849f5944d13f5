"""Rows of files that an import could not take: how many, and where they are kept."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zhiyin.warehouse.log import Import

LOOKED_AT = 50
"""So many of the newest imports are looked at."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rejects of one import."""

    brought: Import
    rows: int
    file: Path


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


def _rows(file: Path) -> int:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return max(sum(1 for _row in csv.reader(lines)) - 1, 0)
