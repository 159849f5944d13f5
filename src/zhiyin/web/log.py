"""The log that the pages read: one client a process."""

from __future__ import annotations

from django.conf import settings

from zhiyin.warehouse.log import Log
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.wire import socket_of

_used: Log | None = None


def use(log: Log | None) -> None:
    """Read this log from now on; None goes back to the log process's."""
    global _used
    _used = log


def the_log() -> Log:
    """The log process's log, over its socket. The pages never open the log themselves."""
    if _used is None:
        use(RemoteLog(socket_of(settings.ZHIYIN_DATA)))
    assert _used is not None  # noqa: S101 - `use` has just set it
    return _used
