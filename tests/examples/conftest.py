"""The folder of real files: `ZHIYIN_TEST_DATA`, else beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.warehouse.owner import Owner

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
MAIN = Settings("main", "Main", "UTC", 0, "BRL", "en")


@pytest.fixture(scope="session")
def real() -> Path:
    folder = Path(os.environ.get("ZHIYIN_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        said = f"the real files are not in {folder}; name their folder in ZHIYIN_TEST_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return folder


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with Owner(tmp_path_factory.mktemp("data")) as owner:
        owner.create("main")
        yield owner
