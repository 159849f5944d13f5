"""An import killed with -9 at any moment and run again ends as if it had run once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from zhiyin.collect.files.tests.conftest import ASKED
from zhiyin.collect.files.tests.importing import imports
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.children import Child

ROWS = 30_000


def start(data: Path, folder: Path) -> Child:
    child = Child(imports, data, folder)
    assert child.hears() == "began"
    return child


def held(data: Path) -> tuple[int, float]:
    """How many answers a log holds, and the sum of their scores."""
    with Owner(data) as log:
        found = lang.table(log.schema("main"), "answers")
        query = found.aggregate(n=found.count(), total=found.score.sum())
        (row,) = log.execute("main", query).to_pylist()
        return int(row["n"]), float(row["total"] or 0)


def test_killed_at_many_moments(tmp_path: Path) -> None:
    rows = "".join(f"{i},2026-03-01 10:00:00,c{i % 1000},{i % 5 + 1}\n" for i in range(ROWS))
    (tmp_path / "f.csv").write_text("id,at,who,score\n" + rows)
    (tmp_path / "m.yaml").write_text(ASKED)
    whole = start(tmp_path / "once", tmp_path)
    began = time.monotonic()
    assert whole.hears() == [ROWS, ROWS, 0]
    seconds = time.monotonic() - began
    assert whole.wait() == 0
    expected = held(tmp_path / "once")
    assert expected == (ROWS, ROWS * 3.0)

    data = tmp_path / "killed"
    ends = []
    for part in (0.3, 0.6, 0.9):
        child = start(data, tmp_path)
        time.sleep(seconds * part)
        child.kill()
        ends.append(child.wait())
        assert held(data) in ((0, 0.0), expected)
    assert -signal.SIGKILL in ends
    again = start(data, tmp_path)
    read, added, duplicate = again.hears()
    assert again.wait() == 0
    assert (read, added + duplicate) == (ROWS, ROWS)
    assert held(data) == expected
    with Owner(data) as log:
        assert len(log.imports("main")) == 1
    # What killed imports left behind goes with the first import of the next day.
    for left in (data / "tmp").glob("import-*"):
        os.utime(left, (0, 0))
    assert start(data, tmp_path).wait() == 0
    assert list((data / "tmp").glob("import-*")) == []
