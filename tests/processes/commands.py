"""The command line as a process of its own, which does not begin with seconds of imports."""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 240


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `zhiyin` with these arguments to its end.

    Raises:
        subprocess.TimeoutExpired: it took longer than `SECONDS`.
    """
    with tempfile.TemporaryDirectory() as folder:
        said, complained = Path(folder) / "said", Path(folder) / "complained"
        asked = {
            "arguments": arguments,
            "environment": dict(os.environ),
            "folder": str(Path.cwd()),
            "said": str(said),
            "complained": str(complained),
            "seconds": SECONDS,
        }
        status = _ask(json.dumps(asked))
        if status == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(["zhiyin", *arguments], SECONDS)
        return subprocess.CompletedProcess(
            ["zhiyin", *arguments], status, said.read_text("utf-8"), complained.read_text("utf-8")
        )


def _ask(document: str) -> int:
    waiting = _waiting()
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    waiting.stdin.write(document + "\n")
    waiting.stdin.flush()
    return int(waiting.stdout.readline())


@functools.cache
def _waiting() -> subprocess.Popen[str]:
    program = Path(__file__).with_name("waiting.py")
    process = subprocess.Popen(
        [sys.executable, "-P", str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A copy of a process with threads has none of them.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    atexit.register(process.communicate)
    return process
