"""A key of the installation: made once, in a file that only its owner reads."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_or_make(file: Path, make: Callable[[], bytes]) -> bytes:
    """What `file` holds; where there is none, `make` says what to put into it.

    Of two processes that start at once one wins, and both read the same key.
    """
    if file.exists():
        return file.read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    with os.fdopen(descriptor, "wb") as draft:  # mkstemp makes it 0600
        draft.write(make())
        draft.flush()
        os.fsync(draft.fileno())
    try:
        # A link cannot replace a file.
        os.link(name, file)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
    return file.read_bytes()
