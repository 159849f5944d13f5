"""What must hold after a power cut."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace(file: Path, content: bytes) -> None:
    """Write a file whole, in place of the one that is there: all of it or nothing, whoever writes
    the same at the same time. Folders that are missing are made; its owner alone reads it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
    with os.fdopen(descriptor, "wb") as draft:  # mkstemp makes it 0600
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
    Path(name).replace(file)
    sync_folder(file.parent)
