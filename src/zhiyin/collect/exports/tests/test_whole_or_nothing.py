"""A file is there when it is complete, and another's is not lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zhiyin.collect.exports import run
from zhiyin.collect.exports.rows import Rows
from zhiyin.collect.exports.tests.conftest import Out
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.owner import Owner


def test_a_file_is_replaced_only_when_asked(log: Owner, out: Out) -> None:
    done = out(log, "csv")
    with pytest.raises(Problem, match="already a file"):
        out(log, "csv")
    assert out(log, "csv", replace=True).bytes == done.bytes


def test_a_codebook_of_somebody_else_is_not_replaced_unasked(
    log: Owner, out: Out, tmp_path: Path
) -> None:
    (tmp_path / "out.sav.codebook.csv").write_text("mine")
    with pytest.raises(Problem, match="already a file"):
        out(log, "sav")
    assert (tmp_path / "out.sav.codebook.csv").read_text() == "mine"


def test_a_fault_midway_leaves_the_old_file_and_nothing_else(
    log: Owner, out: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = out(log, "csv")
    before = {file.name for file in tmp_path.iterdir()}

    def fail(_rows: Rows, path: Path, _zone: str, _progress: Callable[[int], None]) -> None:
        path.write_text("half")
        raise OSError("the disk is full")

    monkeypatch.setitem(run.WRITERS, "csv", fail)
    with pytest.raises(OSError, match="disk is full"):
        out(log, "csv", replace=True)
    assert Path(done.file).stat().st_size == done.bytes
    assert {file.name for file in tmp_path.iterdir()} == before


def test_a_folder_that_is_not_there_is_named(log: Owner, tmp_path: Path) -> None:
    from zhiyin.collect.exports.tests.conftest import MAIN

    with pytest.raises(Problem, match="no folder"):
        run.export(log, MAIN, "orders", "csv", tmp_path / "nowhere" / "x.csv")


def test_progress_counts_every_row(log: Owner, out: Out) -> None:
    for kind in run.FORMATS:
        seen: list[int] = []
        out(log, kind, progress=seen.append)
        assert sum(seen) == 3
