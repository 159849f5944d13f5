"""The journal of one workspace: what was acknowledged and may not be in the log yet.

A folder of segments. A segment has a head (with salt of its own) and frames behind it; a frame
has its length, a checksum and its number, which is one more than that of the frame before.
`Journal.append` returns when the frame is on disk. A broken frame at the very end was never
acknowledged and is cut off; a broken one that has a good one behind it is damage.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zhiyin.kernel.durable import sync_folder

SEGMENT_BYTES = 32 << 20
"""A segment that has grown to this is followed by the next."""

_HEAD = struct.Struct("<4s8sQI")  # mark, salt, number of the first frame, checksum
_FRAME = struct.Struct("<4sIQII")  # mark, length, number, checksum of these, of the payload
_HEAD_MARK = b"ZYJ1"
_FRAME_MARK = b"\xf0ZY\xf1"

_log = logging.getLogger("zhiyin.journal")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame stands."""

    number: int
    segment: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Damage:
    """What cannot be read although it was acknowledged."""

    file: Path
    offset: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}, byte {self.offset}: {self.says}"


@dataclass(slots=True)
class Found:
    """What a look at the segments has found."""

    places: list[Place] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    torn: tuple[Path, int] | None = None
    """The last segment and where its broken end begins."""
    next_number: int = 0


class Journal:
    """The segments of one workspace, opened for writing. Used by one thread at a time for `append`;
    `read` and `release` may run beside it.

    Args:
        folder: holds the segments; made when missing.
        first: the number of the first frame that the log does not have.
    """

    def __init__(self, folder: Path, *, first: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = look(folder, first=first)
        _cut(found)
        self.damages = found.damages
        self.waiting = [place for place in found.places if place.number >= first]
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._number = max(found.next_number, first)
        self._file: int | None = None
        self._path = Path()
        self._salt = b""
        self._end = 0
        self._kept = {damage.file for damage in found.damages}

    @property
    def next_number(self) -> int:
        """The number that the next frame gets."""
        return self._number

    def append(self, payload: bytes) -> Place:
        """Write a frame; it is on disk when this returns.

        Raises:
            OSError: nothing was acknowledged, and what was written of it is gone again.
        """
        file = self._open_segment() if self._file is None else self._file
        start = self._end
        head = _frame_head(self._salt, self._number, payload)
        try:
            _write_all(file, head + payload, start)
            os.fdatasync(file)
        except OSError:
            self._take_back(file, start)
            raise
        place = Place(self._number, self._path, start + _FRAME.size, len(payload))
        self._number += 1
        self._end = start + _FRAME.size + len(payload)
        if self._end >= self._segment_bytes:
            self._close_segment()
        return place

    def read(self, place: Place) -> bytes:
        """The payload of a frame."""
        with place.segment.open("rb") as file:
            file.seek(place.offset)
            return file.read(place.length)

    def release(self, upto: int) -> None:
        """Remove the segments whose frames all have smaller numbers: the log has them."""
        paths = segments(self._folder)
        for path, after in itertools.zip_longest(paths, paths[1:]):
            last = self._number if after is None else _first_of(after)
            if path == self._path or path in self._kept or last > upto:
                continue
            path.unlink(missing_ok=True)

    def settle(self) -> None:
        """End the present segment, so that `release` may remove all that the log has."""
        self._close_segment()

    def close(self) -> None:
        """Let go of the files."""
        self._close_segment()

    def _open_segment(self) -> int:
        path = self._folder / f"{self._number:020d}.seg"
        salt = os.urandom(8)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(file, _segment_head(salt, self._number), 0)
            os.fsync(file)
            sync_folder(self._folder)
        except OSError:
            os.close(file)
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        self._file, self._path, self._salt, self._end = file, path, salt, _HEAD.size
        return file

    def _take_back(self, file: int, start: int) -> None:
        # After a failed sync nobody knows what is on disk: the next frame begins a new segment,
        # and with its number the readers know that whatever stands here from it on is void.
        with contextlib.suppress(OSError):
            os.ftruncate(file, start)
            os.fsync(file)
        self._close_segment()
        if start == _HEAD.size:
            with contextlib.suppress(OSError):
                (self._folder / f"{self._number:020d}.seg").unlink()

    def _close_segment(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._path = None, Path()


def segments(folder: Path) -> list[Path]:
    """The segments of a folder, in order."""
    return sorted(folder.glob("*.seg"))


def remove(folder: Path) -> None:
    """Remove a workspace's journal and all in it."""
    shutil.rmtree(folder, ignore_errors=True)


def look(folder: Path, *, first: int = 0) -> Found:
    """Read every frame and say which are good, changing nothing.

    Args:
        first: frames with smaller numbers are in the log: one that is missing is no damage.
    """
    found = Found(next_number=first)
    paths = segments(folder)
    expected: int | None = None
    for path, after in itertools.zip_longest(paths, paths[1:]):
        begins = _first_of(path)
        missing_from = first if expected is None else max(expected, first)
        if begins > missing_from:
            says = f"the requests {missing_from} to {begins - 1} before it are missing"
            found.damages.append(Damage(path, 0, says))
        expected = _look_at(path, after, found, first)
        found.next_number = max(found.next_number, expected)
    return found


def _look_at(path: Path, after: Path | None, found: Found, first: int) -> int:
    """Read one segment into `found`; returns the number that should follow."""
    content = path.read_bytes()
    number = _first_of(path)
    until = None if after is None else _first_of(after)
    salt = _salt_of(content, number)
    if salt is None:
        if len(content) > _HEAD.size or after is not None:
            found.damages.append(Damage(path, 0, "the head of the segment is broken"))
            return number if until is None else until
        found.torn = (path, 0)
        return number
    offset = _HEAD.size
    for start, end, at in _frames(content, salt):
        if until is not None and at >= until:
            break
        if start != offset or at != number:
            found.damages.append(Damage(path, offset, _lost(number, at)))
        found.places.append(Place(at, path, start + _FRAME.size, end - start - _FRAME.size))
        offset, number = end, at + 1
    if until is None and offset < len(content):
        found.torn = (path, offset)
    elif until is not None and number < until and (until > first or offset < len(content)):
        found.damages.append(Damage(path, offset, _lost(number, until)))
        number = until
    return number


def _lost(first: int, after: int) -> str:
    if after - first <= 1:
        return f"the requests of frame {first} cannot be read"
    return f"the requests of the frames {first} to {after - 1} cannot be read"


def _frames(content: bytes, salt: bytes) -> Iterator[tuple[int, int, int]]:
    """(begin, end, number) of every good frame, whatever stands between them.

    Nobody who sends a body can plant a frame in it: the checksums begin with the segment's salt.
    """
    offset = _HEAD.size
    least = -1
    while (offset := content.find(_FRAME_MARK, offset)) >= 0:
        good = _frame_at(content, offset, salt)
        if good is None or good[1] <= least:
            offset += 1
            continue
        end, number = good
        yield offset, end, number
        offset, least = end, number


def _frame_at(content: bytes, offset: int, salt: bytes) -> tuple[int, int] | None:
    if offset + _FRAME.size > len(content):
        return None
    _mark, length, number, of_head, of_payload = _FRAME.unpack_from(content, offset)
    end = offset + _FRAME.size + length
    check = _check(salt, length, number)
    if end > len(content) or of_head != check:
        return None
    payload = memoryview(content)[offset + _FRAME.size : end]
    return (end, number) if zlib.crc32(payload, check) == of_payload else None


def _check(salt: bytes, length: int, number: int) -> int:
    return zlib.crc32(salt + struct.pack("<IQ", length, number))


def _frame_head(salt: bytes, number: int, payload: bytes) -> bytes:
    length = len(payload)
    check = _check(salt, length, number)
    return _FRAME.pack(_FRAME_MARK, length, number, check, zlib.crc32(payload, check))


def _segment_head(salt: bytes, number: int) -> bytes:
    return _HEAD.pack(_HEAD_MARK, salt, number, _check(salt, 0, number))


def _salt_of(content: bytes, number: int) -> bytes | None:
    if len(content) < _HEAD.size:
        return None
    mark, salt, first, check = _HEAD.unpack_from(content)
    is_good = mark == _HEAD_MARK and first == number and check == _check(salt, 0, number)
    return bytes(salt) if is_good else None


def _first_of(path: Path) -> int:
    return int(path.stem)


def _cut(found: Found) -> None:
    if found.torn is None:
        return
    path, offset = found.torn
    if offset == 0:
        path.unlink()
        sync_folder(path.parent)
        return
    _log.warning("%s: cut off at byte %d, where a frame is not whole", path, offset)
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.ftruncate(file, offset)
        os.fsync(file)
    finally:
        os.close(file)


def _write_all(file: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
