"""A log in a fresh folder, as the log's own tests have it, and an index of few events."""

from __future__ import annotations

import pytest

from zhiyin.warehouse.journeys import growing, index
from zhiyin.warehouse.tests.conftest import data, log, owner, served

__all__ = ["data", "log", "owner", "served"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tails of a few events are long, and are saved."""
    monkeypatch.setattr(growing, "SMALL", 10)
    monkeypatch.setattr(index, "SAVED", 20)
