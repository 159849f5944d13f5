"""An import killed with -9 at any moment and run again ends as if it had run once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from zhiyin.collect.files.tests.conftest import ASKED
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

ROWS = 60_000
PROGRAM = """
import json, sys, types
from pathlib import Path
from zhiyin.collect.files.run import import_path
from zhiyin.warehouse.owner import Owner
data, file, mapping = map(Path, sys.argv[1:])
main = types.SimpleNamespace(slug="main", timezone="UTC", currency="CNY")
with Owner(data) as log:
    log.create("main")
    print("began", flush=True)
    done = import_path(log, main, file, mapping, data=data)
    print(json.dumps([done.rows_read, done.rows_added, done.rows_duplicate]), flush=True)
"""


def start(data: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, str(data), f"{folder}/f.csv", f"{folder}/m.yaml"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"began\n"
    return process


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
    began = time.monotonic()
    with start(tmp_path / "once", tmp_path) as whole:
        assert whole.stdout is not None
        assert json.loads(whole.stdout.read()) == [ROWS, ROWS, 0]
    seconds = time.monotonic() - began
    expected = held(tmp_path / "once")
    assert expected == (ROWS, ROWS * 3.0)

    data = tmp_path / "killed"
    ends = []
    for part in (0.3, 0.6, 0.9):
        with start(data, tmp_path) as process:
            time.sleep(seconds * part * 0.6)
            os.kill(process.pid, signal.SIGKILL)
        ends.append(process.returncode)
        assert held(data) in ((0, 0.0), expected)
    assert -signal.SIGKILL in ends
    with start(data, tmp_path) as again:
        assert again.stdout is not None
        read, added, duplicate = json.loads(again.stdout.read())
    assert (read, added + duplicate) == (ROWS, ROWS)
    assert held(data) == expected
    with Owner(data) as log:
        assert len(log.imports("main")) == 1
    # What killed imports left behind goes with the first import of the next day.
    for left in (data / "tmp").glob("import-*"):
        os.utime(left, (0, 0))
    with start(data, tmp_path) as last:
        last.wait()
    assert list((data / "tmp").glob("import-*")) == []
