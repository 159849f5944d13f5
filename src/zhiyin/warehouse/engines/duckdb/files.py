"""The file of a workspace, and its successors.

A workspace begins as ``main.duckdb``. Writing it anew makes ``main.1.duckdb``, then
``main.2.duckdb``: a file has its final name only when it is whole and on disk, so the highest
number is the workspace, and everything else of its name is left over from a crash.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from zhiyin.kernel.durable import sync_folder

_FILE = re.compile(r"(?P<slug>[a-z0-9][a-z0-9-]{0,39})(?:\.(?P<number>[1-9][0-9]*))?\.duckdb")


def number_of(path: Path) -> int:
    """Which successor a file is; 0 is the first."""
    found = _FILE.fullmatch(path.name)
    return int(found["number"] or 0) if found else -1


def slugs(folder: Path) -> list[str]:
    """The workspaces that have a file, in order."""
    found = (_FILE.fullmatch(path.name) for path in folder.glob("*.duckdb"))
    return sorted({match["slug"] for match in found if match})


def current(folder: Path, slug: str) -> Path | None:
    """The file that is the workspace, or None."""
    found = [path for path in folder.glob(f"{slug}.*duckdb") if number_of(path) >= 0]
    return max(found, key=number_of, default=None)


def size(folder: Path, slug: str) -> int:
    """Bytes of the file that is the workspace and of its write-ahead log; 0 where it is gone."""
    path = current(folder, slug)
    total = 0
    for part in (path, Path(f"{path}.wal")) if path is not None else ():
        # Either may go while it is looked at: a checkpoint, or the workspace written anew.
        with contextlib.suppress(FileNotFoundError):
            total += part.stat().st_size
    return total


def draft(folder: Path, slug: str, number: int) -> Path:
    """Where the file of that number is made."""
    return folder / f"{slug}.{number}.draft"


def finished(path: Path) -> Path:
    """Give a draft that is whole its name, for good: from here on it is the workspace."""
    with path.open("rb") as opened:
        os.fsync(opened.fileno())
    named = path.with_suffix(".duckdb")
    path.rename(named)
    sync_folder(path.parent)
    return named


def remove(path: Path) -> None:
    """Remove a file and its write-ahead log, if they are there.

    The write-ahead log goes first: it is nothing without its file, and a file of the same name
    would take it for its own. The folder is synced: a power cut must not bring anything back.
    """
    Path(f"{path}.wal").unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sweep(folder: Path) -> list[Path]:
    """Remove what a crash left: drafts, and files that have a successor."""
    left = [path for path in folder.glob("*.draft") if path.is_file()]
    for slug in slugs(folder):
        newest = current(folder, slug)
        left += [
            path
            for path in folder.glob(f"{slug}.*duckdb")
            if path != newest and number_of(path) >= 0
        ]
    for path in left:
        remove(path)
    # A log whose file is gone: a crash between the two removals, or one of a draft.
    for wal in folder.glob("*.wal"):
        if not wal.with_suffix("").exists():
            left.append(wal)
            wal.unlink()
    return left


def remove_all(folder: Path, slug: str) -> None:
    """Remove everything of a workspace."""
    for path in (*folder.glob(f"{slug}.duckdb*"), *folder.glob(f"{slug}.*.*")):
        if path.name.split(".")[0] == slug:
            path.unlink(missing_ok=True)
