"""A log in a fresh folder and a way to import a file that a test writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.files.limits import LIMITS, Limits
from zhiyin.collect.files.run import ImportResult, import_path
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")

ASKED = """\
as: answers
source: desk
id: id
at: {column: at, timezone: UTC}
customer: who
questions:
  - {column: score, question: overall, metric: csat}
"""


class Desk:
    """A folder of files and a log, for one test."""

    def __init__(self, folder: Path, log: Owner) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir()
        self.data = folder / "data"
        self.log = log

    def put(self, name: str, content: str | bytes) -> Path:
        """A file in the folder of files, exactly as given."""
        file = self.files / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def bring(
        self,
        file: Path | None = None,
        mapping: str | None = ASKED,
        limits: Limits = LIMITS,
        **options: Any,
    ) -> ImportResult:
        """Import a file with a mapping."""
        place = None
        if mapping is not None:
            place = self.folder / "map.yaml"
            place.write_text(mapping, encoding="utf-8")
        path = file or self.files
        return import_path(self.log, MAIN, path, place, data=self.data, limits=limits, **options)

    def text(self, text: str, mapping: str = ASKED, **options: Any) -> ImportResult:
        """Import a CSV text."""
        return self.bring(self.put("file.csv", text), mapping, **options)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Live rows of a table of the log in the order of arrival, in words."""
        found = lang.table(self.log.schema("main"), table)
        query = found.order_by("seq").select(*columns)
        answer = self.log.execute("main", query, words=True)
        return [tuple(row[name] for name in columns) for row in answer.to_pylist()]


@pytest.fixture
def desk(empty_log: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(empty_log, tmp_path / "data")
    with Owner(tmp_path / "data") as owner:
        yield Desk(tmp_path, owner)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """(read, added, duplicate, rejected); the sum always holds."""
    added, duplicate, rejected = result.rows_added, result.rows_duplicate, result.rows_rejected
    assert result.rows_read == added + duplicate + rejected
    return result.rows_read, added, duplicate, rejected


def rejects(result: ImportResult) -> list[dict[str, str]]:
    """The rows of the rejects file."""
    import csv

    assert result.rejects_file is not None
    with result.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
