"""A workspace with a log of its own, in which a survey is published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.measure.surveys.tests import asked
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def stay(db: None, empty_log: Path, tmp_path: Path) -> Iterator[Owner]:
    """An empty log beside a published survey."""
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    with override_settings(ZHIYIN_DATA=str(tmp_path)):
        accounts.set_up(by=COMMAND_LINE, login="ana")
        asked.published()
        with Owner(tmp_path) as owner:
            yield owner
