"""Where in the data folder the log lies, for those who do not open it."""

from __future__ import annotations

from pathlib import Path

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def log_folder(data: Path) -> Path:
    """The folder of the workspaces' files."""
    return data / "log"


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
