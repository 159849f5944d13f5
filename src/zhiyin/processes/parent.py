"""A child ends when its parent does, however that ends."""

from __future__ import annotations

import os
import signal
import threading
import time

from zhiyin.processes import prctl

GRACE_SECONDS = 1.0
"""What an orphan may use to finish what it is writing."""


def follow() -> None:
    """Call first in a child whose file descriptor `ZHIYIN_PARENT` is the reading end of a pipe.

    On Linux the kernel signals the orphan; everywhere the pipe closes. Either way the process is
    gone a second later, even if it is stuck, so that port, sockets and locks are free again.
    """
    descriptor = os.environ.pop("ZHIYIN_PARENT", None)
    if descriptor is None:
        return
    prctl.end_with_parent(signal.SIGTERM)
    threading.Thread(target=_watch, args=(int(descriptor),), daemon=True).start()


def _watch(descriptor: int) -> None:
    # Nothing is ever written: the read returns when the last writer, the parent, is gone.
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
