"""A full disk and a read-only one, real ones: intake refuses, says so, loses nothing, goes on."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.conftest import Server, free_port, wait_for
from tests.processes.installation import Made
from tests.processes.sending import backlog, batch, post, write_key

SIZE_MIB = 192
UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "-r", "--mount"]


class SmallDisk:
    """The log process on a small file system of its own, seen from outside through /proc."""

    def __init__(self, made: Made, folder: Path) -> None:
        mount, data = folder / "disk", made.copy(folder / "data")
        self.key = write_key(data)
        mount.mkdir()
        port = free_port()
        python = shlex.quote(sys.executable)
        script = f"""
            set -e
            mount -t tmpfs -o size={SIZE_MIB}m tmpfs {mount}
            cp -a {data}/. {mount}
            exec {python} -m zhiyin.processes.log {mount} 127.0.0.1 {port}
        """
        self.process = subprocess.Popen([*UNSHARE, "sh", "-c", script], text=True)
        self.server = Server(mount, port, self.process)
        wait_for(self._answers, 180, "healthy")
        self.data = Path(f"/proc/{self.process.pid}/root{mount}")

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the log process has ended"
        try:
            return self.server.get("/healthz")[0] == 200
        except OSError:
            return False

    def post(self, name: str) -> int:
        """The status of a batch of one event."""
        return post(self.server, self.key, batch([name]))

    def trouble(self) -> dict[str, str]:
        """What ``/readyz`` says."""
        found: dict[str, str] = json.loads(self.server.get("/readyz")[2])["intake"]["trouble"]
        return found

    def inside(self, *command: str) -> str:
        """Run a command where the disk is mounted; returns what it said."""
        enter = ["nsenter", "-t", str(self.process.pid), "--mount"]
        if os.geteuid() != 0:
            enter += ["--user", "--preserve-credentials"]
        ran = subprocess.run([*enter, *command], check=True, capture_output=True, text=True)
        return ran.stdout

    def count(self) -> int:
        """How many events the log has."""
        zhiyin = [sys.executable, "-m", "zhiyin", "--data", str(self.server.data), "--json"]
        return int(json.loads(self.inside(*zhiyin, "events", "--count"))["count"])


@pytest.fixture
def disk(made: Made, tmp_path: Path) -> Iterator[SmallDisk]:
    found = SmallDisk(made, tmp_path)
    yield found
    if found.process.poll() is None:
        found.process.kill()
        found.process.wait()


def test_a_full_disk(disk: SmallDisk) -> None:
    wait_for(lambda: disk.post("before") == 200, 60, "the key is known")
    wait_for(lambda: backlog(disk.server) == 0, 60, "nobody writes")
    filler = disk.data / "filler"
    free = os.statvfs(disk.data)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - (1 << 20))
    assert disk.post("refused") == 503
    assert disk.trouble() == {"main": "intake.full"}
    filler.unlink()
    assert disk.post("after") == 200
    wait_for(lambda: backlog(disk.server) == 0 and not disk.trouble(), 120, "loaded")
    assert disk.count() == 2


def test_a_read_only_disk(disk: SmallDisk) -> None:
    journal = str(disk.server.data / "journal")
    (disk.data / "journal").mkdir(exist_ok=True)
    disk.inside("mount", "--bind", journal, journal)
    disk.inside("mount", "-o", "remount,bind,ro", journal)
    wait_for(lambda: disk.post("refused") == 503, 60, "the key is known")
    assert disk.trouble() == {"main": "intake.full"}
    disk.inside("umount", journal)
    wait_for(lambda: disk.post("after") == 200, 60, "taken again")
    wait_for(lambda: backlog(disk.server) == 0 and not disk.trouble(), 120, "loaded")
    assert disk.count() == 1
