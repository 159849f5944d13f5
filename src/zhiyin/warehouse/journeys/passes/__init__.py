"""Questions about the order of events as compiled passes: one walk over customers' histories each.

Each gives what `zhiyin.journey` gives by SQL, and both mean what `docs/journeys.md` says.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_HERE = Path(__file__).parent
_FILES = (*sorted(_HERE.glob("*.py")), _HERE.parent / "histories.py")

SOURCES = int(hashlib.sha256(b"".join(file.read_bytes() for file in _FILES)).hexdigest()[:12], 16)
"""Stands for all that passes are made of.

Numba keeps what it has compiled until the file of the function changes, though it holds code of
other files too. So only what is called from outside is kept, and has this as the default of an
argument, which is part of what Numba knows it by.
"""
