"""A small sample of our own: a tea shop's questionnaire, with its mapping."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from zhiyin.accounts.workspaces import Settings
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.collect.files.run import ImportResult

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "tea-shop.csv"
MAPPING = FOLDER / "tea-shop.yaml"


def mapping() -> str:
    """The mapping, as it stands in its file."""
    return MAPPING.read_text("utf-8")


def head(rows: int = 6) -> list[list[str]]:
    """The first rows of the sample, names first."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [row for _turn, row in zip(range(rows + 1), csv.reader(file), strict=False)]


def load(log: Log, workspace: Settings, data: Path) -> ImportResult:
    """Import the sample; a second time adds nothing."""
    # Files are read with an engine of their own, which a page that reads none need not load.
    from zhiyin.collect.files.run import import_path

    return import_path(log, workspace, FILE, MAPPING, data=data)
