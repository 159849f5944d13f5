"""A real log in a fresh folder, and the settings of its workspace."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.warehouse.owner import Owner


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    data: Path = tmp_path_factory.mktemp("data")
    with Owner(data) as owner:
        yield owner


@pytest.fixture
def fresh(log: Owner, empty_log: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A workspace of the test's own: a copy of an empty one, as making it takes longer."""
    slug = f"w{abs(hash(request.node.nodeid)) % 10**12}"
    shutil.copy(empty_log / "log" / "main.duckdb", log.data / "log" / f"{slug}.duckdb")
    yield slug
    log.drop(slug)


@pytest.fixture
def settings(fresh: str) -> Settings:
    return settings_for(fresh)


def settings_for(slug: str, **changes: object) -> Settings:
    known: dict[str, object] = {
        "slug": slug,
        "name": "Main",
        "timezone": "Asia/Shanghai",
        "week_start": 0,
        "currency": "CNY",
        "language": "zh-hans",
        "minimum_base": 0,
        "test_base": 0,
        "small_base": 0,
    }
    return Settings(**{**known, **changes})  # type: ignore[arg-type]
