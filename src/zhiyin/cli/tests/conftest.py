"""The command line as a person types it, in this process: another would only import it again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.cli import frame

Zhiyin = Callable[..., dict[str, Any]]


@pytest.fixture
def data(db: None, empty_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with stores and the workspace main."""
    monkeypatch.setenv("ZHIYIN_DATA", str(tmp_path))
    actions.set_up(by=COMMAND_LINE, login="ana")
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def zhiyin(data: Path, capsys: pytest.CaptureFixture[str]) -> Zhiyin:
    """Runs one command with ``--json``; returns its document."""

    def run(*arguments: str, status: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        ended = frame.run([*arguments, "--data", str(data), "--json"])
        said = capsys.readouterr()
        assert ended == status, said.err or said.out
        return dict(json.loads(said.out))

    return run
