"""Where the processes of one data folder meet."""

from __future__ import annotations

from pathlib import Path


def run_folder(data: Path) -> Path:
    """The folder of locks and sockets, made with mode 0700, and the data folder with it."""
    folder = data.resolve() / "run"
    # The mode holds for the last part alone: what a server's first start made, others could read.
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def web_socket(data: Path) -> Path:
    """Where the web process listens."""
    return run_folder(data) / "web.sock"


def serve_lock(data: Path) -> Path:
    """Held by the supervisor; says who it is and where it listens."""
    return run_folder(data) / "serve.lock"


def jobs_lock(data: Path) -> Path:
    """Held by the jobs process while it works."""
    return run_folder(data) / "jobs.lock"


def backup_lock(data: Path) -> Path:
    """Held by the command that makes a backup."""
    return run_folder(data) / "backup.lock"
