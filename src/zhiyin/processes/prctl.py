"""What Linux lets a process say about itself (prctl(2)); elsewhere nothing is said."""

from __future__ import annotations

import ctypes
import signal
import sys

_SIGNAL_AT_PARENTS_DEATH = 1
_NAME = 15
_ADOPTS_ORPHANS = 36


def end_with_parent(told: signal.Signals) -> None:
    """Be sent this signal when the parent of the moment ends."""
    _say(_SIGNAL_AT_PARENTS_DEATH, told)


def take_name(name: str) -> None:
    """Be called so in lists of processes: what Python was started with says little there.

    Args:
        name: up to 15 letters; the kernel cuts the rest off.
    """
    _say(_NAME, ctypes.c_char_p(name.encode()))


def adopt_orphans() -> bool:
    """Become the parent of whichever process below loses its own; False where that is not known."""
    return _say(_ADOPTS_ORPHANS, 1)


def _say(option: int, given: int | ctypes.c_char_p) -> bool:
    if sys.platform != "linux":
        return False
    value = ctypes.c_ulong(given) if isinstance(given, int) else given
    return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)
