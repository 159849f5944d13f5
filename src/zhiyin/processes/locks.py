"""Locks that the kernel drops when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

PATIENCE_SECONDS = 1.0
"""Who only looks at a lock holds it, shared, for a moment."""


def take(path: Path, says: str) -> IO[str] | None:
    """Hold the lock and write `says` into it; None when another process has it."""
    lock = path.open("a+")
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(0.02)
                continue
            lock.close()
            return None
        write(lock, says)
        return lock


def write(lock: IO[str], says: str) -> None:
    """Replace what the lock says about its holder."""
    lock.seek(0)
    lock.truncate(0)
    lock.write(says)
    lock.flush()


def holder(path: Path) -> str | None:
    """What the holder of a lock says about itself; None when nobody holds it."""
    if not path.exists():
        return None
    with path.open("r+") as lock:
        try:
            # Shared: two who look at once must not take each other for the holder.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return lock.read().strip()
    return None
