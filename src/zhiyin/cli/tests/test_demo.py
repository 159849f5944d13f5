"""`zhiyin demo` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.kernel.text import _

SMALL = ["--customers", "120", "--months", "2"]


@pytest.fixture(autouse=True)
def _with_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    place = ("zhiyin.cli.demo:command", _("Fill a workspace with a demo company, or write it."))
    monkeypatch.setitem(frame.COMMANDS, "demo", place)


def test_files_are_written_and_described(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    assert frame.run(["demo", "--to", str(folder), *SMALL, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["until"] == "2026-06-30"
    assert told["from"] == "2026-05-01"
    assert Path(told["truth"]).exists()
    assert (folder / "orders.csv").exists()
    assert (folder / "orders.parquet").exists()


def test_one_format_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "files"
    assert frame.run(["demo", "--to", str(folder), *SMALL, "--format", "csv"]) == 0
    assert "120" in capsys.readouterr().out
    assert not list(folder.glob("*.parquet"))


def test_a_full_folder_is_a_problem_in_the_readers_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()
    assert frame.run(["demo", "--to", str(tmp_path), *SMALL, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "demo.folder-not-empty"


def test_a_workspace_is_filled_and_emptied(zhiyin: Zhiyin) -> None:
    filled = zhiyin("demo", *SMALL, "--until", "2026-05-31")
    assert filled["until"] == "2026-05-31"
    assert Path(str(filled["truth"])).exists()
    scored = zhiyin("score", "nps", "--question", "recommend_journey")
    assert scored["timezone"] == "Asia/Shanghai"
    assert zhiyin("demo", "--remove")["facts_removed"] == filled["facts_added"]
