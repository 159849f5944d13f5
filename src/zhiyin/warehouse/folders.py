"""Where in the data folder the log lies, for those who do not open it."""

from __future__ import annotations

from pathlib import Path

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def log_folder(data: Path) -> Path:
    """The folder of the workspaces' files."""
    return data / "log"


def restore_folder(data: Path) -> Path:
    """Where a backup is unpacked before it takes the place of what is there."""
    return data / "tmp" / "restore"


def begun(data: Path) -> Path:
    """There while a restore puts things in their places: some are old, some new."""
    return restore_folder(data) / "begun"


def is_between(data: Path) -> bool:
    """Whether a restore was cut off while it put things in place."""
    return begun(data).exists()


def check_whole(data: Path) -> None:
    """Let nobody work with stores that do not belong together.

    Raises:
        Problem: ``restore.cut-off``.
    """
    if is_between(data):
        raise Problem(
            "restore.cut-off",
            _("A restore into {data} was cut off: its stores do not belong together.", data=data),
            _("Run it again: zhiyin restore FILE"),
        )


def has_log(data: Path, workspace: str) -> bool:
    """Whether a workspace has a file, without the engine: importing that takes a second."""
    from zhiyin.warehouse.engines.duckdb import files

    return files.current(log_folder(data), workspace) is not None


def cannot_open(workspace: str, error: Exception, code: str = "log.damaged") -> Problem:
    """What is said of a workspace whose file the engine does not open; the others work."""
    return Problem(
        code,
        _(
            "The log of workspace {workspace} cannot be opened: {error}",
            workspace=workspace,
            error=error,
        ),
        _("Put its file back from a backup and start the server again."),
    )
