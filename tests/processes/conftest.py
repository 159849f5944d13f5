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

import pytest

from tests.processes import commands

ZHIYIN = [sys.executable, "-m", "zhiyin"]
READY_SECONDS = 240.0
SOON_SECONDS = 60.0
"""What takes a moment, on a machine that has much else to do."""


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
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
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
    """Whether any thread of it runs: a killed process holds its locks until the last is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    state, threads = stat[0], int(stat[17])
    return state != "Z" or threads > 1


def wait_for(
    condition: Callable[[], bool], seconds: float, what: str, *, every: float = 0.05
) -> float:
    """Seconds until the condition holds; whoever asks much asks seldom."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        time.sleep(every)
    return time.monotonic() - began


_claims: list[socket.socket] = []


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is the caller's for as long as the tests run, also while nobody listens at it.

    It is below those that the kernel gives to whoever asks for any, and a name that the kernel
    takes back at the end of this process keeps it from tests that run beside these.
    """
    given = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
    lowest = int(given.split()[0])
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(lowest - 1, 1024, -1):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0zhiyin-tests-port-{port}")
            with socket.socket(family) as found:
                found.bind((host, port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port
    pytest.fail(f"no port below {lowest} is free")


def zhiyin(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run of the command line."""
    return commands.run("--data", str(data), "--json", *arguments)
