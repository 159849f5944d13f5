"""What an index on disk is made of: one small file that names the runs, replaced by renaming.

Whatever is not named is left over from a crash and removed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from zhiyin.kernel.durable import sync_folder

FORM = 2
"""Of the files; an index in another form is made anew."""

NAME = "manifest.json"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of events whose name fits `pattern`: those at or after `since`, in microseconds
    since 1970."""

    pattern: str
    since: int


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the log had taken back by the time that an index was brought up to it.

    Args:
        undone: batches that were taken back, rising.
        replaced_upto: when the last row was replaced, in microseconds since 1970.
        kept: the rules of what is kept of events.
        rewritten: how often the log's file was written anew. Whoever was erased is then in it no
            more, not even as erased.
    """

    undone: tuple[int, ...] = ()
    replaced_upto: int = -1
    kept: tuple[Rule, ...] = ()
    rewritten: int = 0


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A folder, and the `seq` up to which (not with it) it has the log's events."""

    folder: str
    upto: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts.

    Args:
        number: of the next folder.
        epoch, name_bits, low_bits, rest_bits: of `words.Bits`.
        columns: of the tuples.
        left_out: columns with so many words that their combinations are not held.
        dead: keys whose events are erased and lie there as zeros.
        last: `seq` and hash of the last row that the log had, which tells it from another log.
    """

    number: int
    epoch: int
    name_bits: int
    low_bits: int
    rest_bits: int
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    base: Run
    tail: Run | None
    dead: tuple[int, ...]
    standing: Standing
    last: tuple[int, int] | None
    form: int = FORM


def read(folder: Path) -> Manifest | None:
    """The manifest of an index; None where there is none that this program can read."""
    try:
        found = msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.form == FORM else None


def write(folder: Path, manifest: Manifest) -> None:
    """Put it in the place of the one before; it is on disk when this returns."""
    draft = folder / f"{NAME}.draft"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(manifest))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / NAME)
    sync_folder(folder)


def sweep(folder: Path, manifest: Manifest | None) -> None:
    """Remove what the manifest does not name."""
    runs = () if manifest is None else (manifest.base, manifest.tail)
    named = {NAME, *(run.folder for run in runs if run is not None)}
    if manifest is None:
        named.discard(NAME)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name in named:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
