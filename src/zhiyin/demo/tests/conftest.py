"""One company for all tests that read its files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from zhiyin.demo import files, filling
from zhiyin.demo.plan import Plan
from zhiyin.warehouse.owner import Owner

AIRLINE = Plan(customers=8_000)


@dataclass(frozen=True)
class Company:
    """The files of a company, read when asked for."""

    folder: Path

    def __getitem__(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @cached_property
    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "truth.json").read_text("utf-8"))
        return found


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Twelve thousand customers over two years."""
    folder = tmp_path_factory.mktemp("qingchuan") / "files"
    files.write(Plan(customers=12_000), folder, formats=("parquet",))
    return Company(folder)


@pytest.fixture(scope="session")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """A log that eight thousand customers over two years have filled; nobody writes to it."""
    with Owner(tmp_path_factory.mktemp("airline")) as owner:
        owner.create("main")
        filling.fill(owner, "main", AIRLINE)
        yield owner


@pytest.fixture(scope="session")
def events(company: Company) -> pd.DataFrame:
    """All events of all sources."""
    names = [f"events_{source}" for source in ("digital", "operations", "kiosk", "service")]
    return pd.concat([company[name] for name in names], ignore_index=True)
