"""A backup of a server that takes events, over a log of ten million answers, beside `cp`.

`cp` copies the same files in the same run, before and after, to the same disk, and waits for it as
the backup does; the quicker of the two counts. Run it with ``python -m bench.backup [ANSWERS]``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.processes.conftest import wait_for, zhiyin
from tests.processes.installation import Installation
from tests.processes.sending import Sending, backlog, batch, post, write_key

from bench import measures

LOOK_SECONDS = 10.0


def prepare(folder: Path, answers: int) -> Installation:
    """A running installation whose workspace has so many answers."""
    installation = Installation(folder / "data")
    zhiyin(installation.data, "init")
    made = measures.prepare(folder / "made", answers)
    shutil.move(made, installation.data / "log" / "main.duckdb")
    installation.open()
    return installation


def cp_seconds(data: Path, to: Path) -> float:
    """Copying every file that a backup holds, until it is on disk."""
    began = time.perf_counter()
    names = ("zhiyin.sqlite3", "jobs.sqlite3", "secret-key", "keys", "journal", "log", "snapshots")
    found = [str(data / name) for name in names if (data / name).exists()]
    to.mkdir()
    subprocess.run(["cp", "-r", *found, str(to)], check=True)
    subprocess.run(["sync", "-f", str(to)], check=True)
    taken = time.perf_counter() - began
    shutil.rmtree(to)
    return taken


def longest_wait(sending: Sending) -> float:
    """The longest wait for an answer since the last look."""
    found, sending.longest_seconds = sending.longest_seconds, 0.0
    return found


def main(answers: int = 10_000_000) -> None:
    """Print seconds, their ratio, and what intake waited."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installation = prepare(folder, answers)
        try:
            data = installation.data
            key = write_key(data)
            # The first load after a start reads what it must know of the log; it is not measured.
            wait_for(lambda: post(installation.server, key, batch(["first"])) == 200, 60, "a key")
            wait_for(lambda: backlog(installation.server) == 0, 1800, "the first load")
            sending = Sending(installation.server, key, "e", threads=2)
            cp = [cp_seconds(data, folder / "copy")]
            sending.start()
            time.sleep(LOOK_SECONDS)
            idle = longest_wait(sending)
            file = folder / "backup.tar"
            began = time.perf_counter()
            done = zhiyin(data, "backup", str(file))
            taken = time.perf_counter() - began
            assert done.returncode == 0, done.stdout + done.stderr
            busy = longest_wait(sending)
            sending.stop()
            cp.append(cp_seconds(data, folder / "copy"))
            size = json.loads(done.stdout)["bytes"]
        finally:
            installation.close()
        print(f"{answers:,} answers, {size / 1e6:,.0f} MB, events coming in meanwhile")
        print(f"zhiyin backup   {taken:6.1f} s")
        print(f"cp, synced      {min(cp):6.1f} s   ratio {taken / min(cp):.1f}")
        print(
            f"intake waited at the most {busy * 1e3:.0f} ms; without a backup {idle * 1e3:.0f} ms"
        )
        print(
            f"{len(sending.acknowledged):,} events taken, {len(sending.refused)} requests refused"
        )
        began = time.perf_counter()
        back = zhiyin(folder / "other", "restore", str(file))
        assert back.returncode == 0, back.stdout + back.stderr
        print(f"zhiyin restore  {time.perf_counter() - began:6.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
