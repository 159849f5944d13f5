"""The write keys, as the accounts room published them; see `zhiyin.accounts.keys`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

LOOK_SECONDS = 0.5
"""A key that was made or revoked counts after so long at the latest."""


class Key(msgspec.Struct, frozen=True):
    """What a key stands for.

    Args:
        origins: browser origins that may use it; empty: every one.
        events_per_second: more are answered 429; 0 is no limit.
        signing_secret: where it has one, the key takes signed webhooks and nothing else.
    """

    workspace: str
    source: str
    origins: tuple[str, ...] = ()
    events_per_second: int = 0
    signing_secret: str = ""


class _Snapshot(msgspec.Struct):
    keys: dict[str, Key]


@dataclass(slots=True)
class Keys:
    """Finds keys; reads the snapshot anew when it has changed."""

    file: Path
    _found: dict[str, Key]
    _seen: Any
    _look_at: float

    def __init__(self, data: Path) -> None:
        self.file = data / "snapshots" / "keys.json"
        self._found = {}
        self._seen = None
        self._look_at = 0.0

    def find(self, key: str) -> Key | None:
        """The key, or None where there is none or it is revoked."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._look()
        return self._found.get(key)

    def _look(self) -> None:
        try:
            state = self.file.stat()
            seen = (state.st_mtime_ns, state.st_ino, state.st_size)
            if seen != self._seen:
                self._found = msgspec.json.decode(self.file.read_bytes(), type=_Snapshot).keys
                self._seen = seen
        except FileNotFoundError:
            self._found, self._seen = {}, None
        except (OSError, msgspec.DecodeError):
            # What was read last stands: a disk that fails for a moment refuses nobody.
            return
