"""Where in the data folder the log lies, for those who do not open it."""

from __future__ import annotations

from pathlib import Path


def log_folder(data: Path) -> Path:
    """The folder of the workspaces' files."""
    return data / "log"


def has_log(data: Path, workspace: str) -> bool:
    """Whether a workspace has a file, without the engine: importing that takes a second."""
    from zhiyin.warehouse.engines.duckdb import files

    return files.current(log_folder(data), workspace) is not None
