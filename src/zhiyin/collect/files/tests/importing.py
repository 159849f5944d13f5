"""An import in a process of its own, without Django: models cannot be imported there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from zhiyin.collect.files.run import import_path
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.children import Says

MAIN: Any = SimpleNamespace(slug="main", timezone="UTC", currency="CNY")


def imports(says: Says, data: Path, folder: Path) -> None:
    """Import ``f.csv`` by ``m.yaml``; says when it begins, and what came of it."""
    with Owner(data) as log:
        log.create("main")
        says("began")
        done = import_path(log, MAIN, folder / "f.csv", folder / "m.yaml", data=data)
        says([done.rows_read, done.rows_added, done.rows_duplicate])
