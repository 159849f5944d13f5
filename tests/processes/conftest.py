"""Real processes of `zhiyin`: a server, its children, and the command line."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.processes import commands

ZHIYIN = [sys.executable, "-m", "zhiyin"]
READY_SECONDS = 240.0


@dataclass
class Server:
    """One `zhiyin serve`."""

    data: Path
    port: int
    process: subprocess.Popen[str]
    host: str = "127.0.0.1"
    said: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a GET."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def child(self, name: str) -> int:
        """The process id of a child by its module's name; 0 while there is none."""
        found = children(self.process.pid).items()
        return next((pid for pid, named in found if named == f"zhiyin-{name}"), 0)

    def is_back(self, name: str, old: int) -> bool:
        """Whether another child of that name runs and the product is ready.

        A killed process holds its locks until its last thread is gone, so ready alone says little.
        """
        return self.child(name) not in (0, old) and self.is_ready()


def children(pid: int) -> dict[int, str]:
    """Direct children of a process and their names."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text()
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        if int(status.rpartition(")")[2].split()[1]) == pid:
            found[int(entry.name)] = name
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Seconds until the condition holds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def free_port(host: str = "127.0.0.1") -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as found:
        found.bind((host, 0))
        port: int = found.getsockname()[1]
        return port


def zhiyin(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run of the command line."""
    return commands.run("--data", str(data), "--json", *arguments)
