"""A workspace for the tests that keep maps."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE


@pytest.fixture
def data(db: None, tmp_path: Path, settings: Settings) -> Path:
    """A data folder with the workspace main."""
    settings.ZHIYIN_DATA = str(tmp_path)
    accounts.set_up(by=COMMAND_LINE, login="ana")
    return tmp_path
