"""Processes of their own that a test may kill, forked from one that has imported everything.

A fresh interpreter takes seconds to import the engine; a fork of one that has takes none. What
is killed is a real process with a real SIGKILL either way.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", "zhiyin.collect.files.run", "zhiyin.warehouse.owner"])

Says = Callable[[Any], None]
"""By which a child tells its test something."""


class Child:
    """Runs `function(says, *arguments)`; the function stands at the top of a module
    that can be imported without Django."""

    def __init__(self, function: Callable[..., None], *arguments: Any) -> None:
        self._heard, says = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(
            target=_run, args=(dict(os.environ), says, function, arguments), daemon=True
        )
        self._process.start()
        self.pid = self._process.pid
        says.close()

    def hears(self) -> Any:
        """What the child says next."""
        return self._heard.recv()

    def rest(self) -> list[Any]:
        """All that it still says before it ends."""
        found = []
        while True:
            try:
                found.append(self._heard.recv())
            except EOFError:
                return found

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def wait(self, seconds: float = 120.0) -> int | None:
        """How it ended: 0, or minus the signal."""
        self._process.join(seconds)
        return self._process.exitcode


def _run(
    environment: dict[str, str],
    says: Connection[Any, Any],
    function: Callable[..., None],
    arguments: tuple[Any, ...],
) -> None:
    os.environ.update(environment)
    function(says.send, *arguments)
