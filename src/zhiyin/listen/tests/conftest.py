"""A workspace whose log is empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.accounts.models import Workspace
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def log(empty_log: Path, tmp_path: Path) -> Iterator[Owner]:
    Workspace.objects.create(slug="main", name="Main", timezone="UTC")
    with Owner(tmp_path / "data") as log:
        log.create("main")
        yield log
