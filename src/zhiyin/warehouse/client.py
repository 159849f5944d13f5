"""The one way to the log: over the socket when a server runs, in this process when none does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.folders import check_whole
from zhiyin.warehouse.remote import RemoteLog, socket_of

if TYPE_CHECKING:
    from zhiyin.warehouse.owner import Owner


def connect(data: Path, *, patience: float = 10.0) -> Owner | RemoteLog:
    """The log of a data folder.

    Args:
        patience: seconds to wait while another command, which serves nobody, holds the log.

    Raises:
        Problem: ``log.held`` when it does so for longer; ``restore.cut-off``.
    """
    check_whole(data)
    until = time.monotonic() + patience
    while True:
        # A server is asked first: only without one is the engine, a second to import, needed here.
        if (remote := RemoteLog.if_answering(socket_of(data))) is not None:
            return remote
        from zhiyin.warehouse.owner import Held, Owner

        try:
            return Owner(data)
        except Held as held:
            if time.monotonic() > until:
                raise Problem(
                    "log.held",
                    _("Another program holds the log of {data} ({by}).", data=data, by=held.by),
                    _("Wait until it ends, or stop it, and try again."),
                ) from held
        time.sleep(0.05)
