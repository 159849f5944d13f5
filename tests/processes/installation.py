"""A data folder with its `zhiyin serve`, which starts, stops and starts again at one port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.processes.conftest import (
    READY_SECONDS,
    ZHIYIN,
    Server,
    children,
    free_port,
    is_alive,
    wait_for,
)

STOP_SECONDS = 60


@dataclass(frozen=True)
class Made:
    """A data folder as `zhiyin init` leaves it. It is copied and never used itself."""

    data: Path
    password: str

    def copy(self, to: Path) -> Path:
        """Another folder like it."""
        shutil.copytree(self.data, to)
        return to


class Installation:
    """One data folder and its server, always at the same address.

    Args:
        data: a folder that is not there yet; `zhiyin serve` makes it where `made` is None.
        made: the folder to begin with a copy of.
    """

    def __init__(self, data: Path, made: Made | None = None, host: str = "127.0.0.1") -> None:
        self.data = data if made is None else made.copy(data)
        self.password = "" if made is None else made.password
        self.host = host
        self.port = free_port(host)
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """The server that was opened last."""
        assert self._server is not None, "not opened"
        return self._server

    def running(self) -> Server:
        """The server; opened when the last one was stopped or killed."""
        if self._server is None or self._server.process.poll() is not None:
            return self.open()
        wait_for(self._server.is_ready, READY_SECONDS, "ready")
        return self._server

    def open(self) -> Server:
        """Start the product and wait until it can be used."""
        self.close()
        complaints = self.data.with_name(f"{self.data.name}.stderr").open("a")
        process = subprocess.Popen(
            [*ZHIYIN, "--data", str(self.data), "--json", "serve",
             "--host", self.host, "--port", str(self.port)],
            stdout=subprocess.PIPE, stderr=complaints, text=True,
        )  # fmt: skip
        complaints.close()
        server = self._server = Server(self.data, self.port, process, self.host)
        wait_for(server.is_ready, READY_SECONDS, "ready")
        assert process.stdout is not None
        server.said = json.loads(process.stdout.readline())
        self.password = server.said["password"] or self.password
        return server

    def close(self) -> None:
        """Stop as an operator does; what was acknowledged is in the log then."""
        if self._server is None:
            return
        process, mine = self._server.process, children(self._server.process.pid)
        self._server = None
        try:
            process.terminate()
            process.wait(STOP_SECONDS)
            wait_for(lambda: not any(map(is_alive, mine)), STOP_SECONDS, "children end")
        finally:
            process.kill()
            process.wait()
            for pid in filter(is_alive, mine):
                os.kill(pid, signal.SIGKILL)
            if process.stdout is not None:
                process.stdout.close()
