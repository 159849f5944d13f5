"""A run: events in slices, in files that are mapped and never change.

A folder with ``offsets.npy``, ``words.npy``, ``rests.npy`` and ``codes.npy``, the dictionary of
tuples as it was then; in a tail also ``keys.npy``. The one change is that slices of erased
customers are overwritten with zeros.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from zhiyin.kernel.durable import sync_folder
from zhiyin.warehouse.journeys.histories import Ints, Rests, Slices, Words
from zhiyin.warehouse.journeys.slices import Keys, Lot
from zhiyin.warehouse.journeys.tuples import Codes

WORDS, RESTS = "words.npy", "rests.npy"


class Damaged(OSError):  # noqa: N818 - the answer is to build anew
    """A run whose files are missing or do not fit together."""


class Writer:
    """A run that is being written.

    Args:
        folder: made here; what stood there is half of a run that was never named.
        kind: the type of what stands beside the words.
    """

    def __init__(self, folder: Path, kind: np.dtype[Any]) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self.folder = folder
        self._events = 0
        self._words = _begin(folder / WORDS, np.dtype(np.uint64))
        self._rests = _begin(folder / RESTS, kind)
        self._kind = kind

    def add(self, words: Words, rests: Rests) -> None:
        """The events that come next."""
        words.tofile(self._words)
        rests.astype(self._kind, copy=False).tofile(self._rests)
        self._events += len(words)

    def end(self, offsets: Ints, codes: Codes, keys: Keys | None = None) -> None:
        """All is said; the run is on disk when this returns."""
        for file, kind in ((self._words, np.dtype(np.uint64)), (self._rests, self._kind)):
            file.seek(0)
            _head(file, kind, self._events)
            _finish(file)
        others = {"offsets": offsets, "codes": codes} | ({} if keys is None else {"keys": keys})
        for name, array in others.items():
            with (self.folder / f"{name}.npy").open("wb") as file:
                np.save(file, np.ascontiguousarray(array))
                file.flush()
                os.fsync(file.fileno())
        sync_folder(self.folder)
        sync_folder(self.folder.parent)

    def close(self) -> None:
        """Let go of the files."""
        self._words.close()
        self._rests.close()


def write(folder: Path, lot: Lot, codes: Codes, kind: np.dtype[Any]) -> None:
    """Write a lot as a run, with rests of a type."""
    writer = Writer(folder, kind)
    try:
        writer.add(lot.slices.words, lot.slices.rests)
        writer.end(lot.slices.offsets, codes, lot.keys)
    finally:
        writer.close()


def open_slices(folder: Path) -> Slices:
    """The slices of a run, mapped.

    Raises:
        Damaged: a file is missing, or they do not fit together.
    """
    found = Slices(_map(folder / "offsets.npy"), _map(folder / WORDS), _map(folder / RESTS))
    fits = (
        found.offsets.dtype == np.int64
        and found.words.dtype == np.uint64
        and len(found.offsets) > 0
        and found.offsets[0] == 0
        and found.offsets[-1] == len(found.words) == len(found.rests)
    )
    if not fits:
        raise Damaged(str(folder))
    return found


def open_lot(folder: Path) -> Lot:
    """A run with keys, in memory. Raises `Damaged` as `open_slices` does."""
    mapped = open_slices(folder)
    slices = Slices(mapped.offsets.copy(), mapped.words.copy(), mapped.rests.astype(np.uint32))
    keys = _map(folder / "keys.npy")
    if len(keys) + 1 != len(slices.offsets):
        raise Damaged(str(folder))
    return Lot(keys.copy(), slices)


def open_codes(folder: Path) -> Codes:
    """The dictionary of tuples that a run came with. Raises `Damaged`."""
    return _map(folder / "codes.npy").copy()


def overwrite(folder: Path, chosen: Collection[tuple[int, int]]) -> None:
    """Put zeros in the place of events, and wait until the disk has them.

    Args:
        chosen: of each slice its first event and the one after its last.
    """
    for name in (WORDS, RESTS):
        with (folder / name).open("r+b") as file:
            np.lib.format.read_magic(file)
            size = np.lib.format.read_array_header_1_0(file)[2].itemsize
            head = file.tell()
            for begin, end in chosen:
                file.seek(head + begin * size)
                file.write(bytes((end - begin) * size))
            _sync(file)


def spans(folder: Path, chosen: frozenset[int]) -> dict[int, tuple[int, int]]:
    """Of each chosen key that a run has events of: its first event and the one after its last."""
    mapped = open_slices(folder)
    place = np.fromiter(sorted(chosen), np.int64, len(chosen))
    wanted = place
    if (folder / "keys.npy").exists():
        keys = _map(folder / "keys.npy")
        place = np.searchsorted(keys, wanted)
        is_there = place < len(keys)
        is_there[is_there] = keys[place[is_there]] == wanted[is_there]
    else:
        is_there = place < len(mapped.offsets) - 1
    place, wanted = place[is_there], wanted[is_there]
    begins, ends = mapped.offsets[place], mapped.offsets[place + 1]
    found = zip(wanted.tolist(), begins.tolist(), ends.tolist(), strict=True)
    return {key: (begin, end) for key, begin, end in found if end > begin}


def _map(path: Path) -> npt.NDArray[Any]:
    """An array of a file. Kernels are compiled for one kind of array, so it can be written to:
    what is written stays in this process."""
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            shape = np.lib.format.read_array_header_1_0(file)[0]
        is_empty = 0 in shape  # which cannot be mapped
        found = np.load(path, mmap_mode=None if is_empty else "c")
    except (OSError, ValueError) as error:
        raise Damaged(str(path)) from error
    return np.asarray(found.view(np.ndarray))


def _begin(path: Path, kind: np.dtype[Any]) -> IO[bytes]:
    file = path.open("wb")
    _head(file, kind, 0)
    return file


def _head(file: IO[bytes], kind: np.dtype[Any], events: int) -> None:
    # The head leaves room for a longer number, so it may be written again when all is known.
    head = {"descr": kind.str, "fortran_order": False, "shape": (events,)}
    np.lib.format.write_array_header_1_0(file, head)


def _finish(file: IO[bytes]) -> None:
    _sync(file)
    file.close()


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def remove(folder: Path) -> None:
    """Remove a run, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
