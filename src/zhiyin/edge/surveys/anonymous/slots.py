"""A file that keeps records and neither when nor in which order they came.

It is a row of blocks. A free block is full of chance; a record takes as many as it needs, any of
those that are free. What is written again takes other blocks, and the old ones are overwritten
when the new ones are on disk, so that a crash leaves one of the two whole. The file doubles when it
is full, and never shrinks: its size tells of the most that it ever held.

On disks that copy what is written (btrfs, ZFS, worn cells of an SSD) old blocks live on below the
file, out of reach of this.
"""

from __future__ import annotations

import os
import secrets
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from zhiyin.kernel.durable import sync_folder

BLOCK = 4096
FIRST = 64
"""Blocks of a new file."""

KEY = 16
"""Bytes of a record's key."""

_HEAD = struct.Struct(f"<4sI{KEY}sIHHH")
"""Mark, checksum of the rest, key, number, place, of how many, length."""

_MARK = b"ZYH1"
_ROOM = BLOCK - _HEAD.size
LARGEST = 0xFFFF * _ROOM


class _Part(NamedTuple):
    """One block of a record.

    Args:
        number: greater where the record was written again.
        place: among the blocks of the record, `of` how many.
    """

    block: int
    number: int
    place: int
    of: int
    body: bytes


class _Held(NamedTuple):
    number: int
    blocks: list[int]


class Slots:
    """The file, opened for reading and writing by one thread at a time.

    Args:
        path: made where it is missing, for its owner alone.

    Attributes:
        records: what it held when it was opened, by key.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._blocks = os.fstat(self._file).st_size // BLOCK
        self._held: dict[bytes, _Held] = {}
        self._tried: dict[bytes, int] = {}
        self._free: set[int] = set()
        if not self._blocks:
            self._grow(FIRST)
            sync_folder(path.parent)
        self.records = self._read()

    def write(self, records: Mapping[bytes, bytes], *, gone: Iterable[bytes] = ()) -> None:
        """Keep records, each in place of the one with its key, and overwrite those that are gone.
        All is on disk when this returns.

        Raises:
            OSError: what was there before is there still.
            ValueError: a record is too large.
        """
        new: dict[bytes, _Held] = {}
        try:
            for key, body in records.items():
                held = self._held[key].number if key in self._held else 0
                # What failed may stand there in parts: it is not mixed with what is tried again.
                self._tried[key] = max(held, self._tried.get(key, 0)) + 1
                new[key] = self._put(key, self._tried[key], body)
            if new:
                os.fdatasync(self._file)
        except OSError:
            self._free.update(block for held in new.values() for block in held.blocks)
            raise
        old = [self._held.pop(key) for key in {*new, *gone} if key in self._held]
        self._held |= new
        for key in new:
            del self._tried[key]
        self._overwrite([block for held in old for block in held.blocks])

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)

    def _put(self, key: bytes, number: int, body: bytes) -> _Held:
        parts = [body[at : at + _ROOM] for at in range(0, max(len(body), 1), _ROOM)]
        if len(body) > LARGEST:
            msg = f"a record has at most {LARGEST} bytes"
            raise ValueError(msg)
        if len(self._free) < len(parts):
            self._grow(max(self._blocks, len(parts)))
        blocks = _CHANCE.sample(list(self._free), len(parts))
        for place, (block, part) in enumerate(zip(blocks, parts, strict=True)):
            rest = struct.pack(f"<{KEY}sIHHH", key, number, place, len(parts), len(part))
            padded = part + secrets.token_bytes(_ROOM - len(part))
            head = _MARK + struct.pack("<I", zlib.crc32(rest + padded)) + rest
            _write(self._file, head + padded, block * BLOCK)
        self._free -= set(blocks)
        return _Held(number, blocks)

    def _overwrite(self, blocks: list[int]) -> None:
        for block in blocks:
            _write(self._file, secrets.token_bytes(BLOCK), block * BLOCK)
        if blocks:
            os.fdatasync(self._file)
        self._free.update(blocks)

    def _grow(self, blocks: int) -> None:
        first = self._blocks
        _write(self._file, secrets.token_bytes(blocks * BLOCK), first * BLOCK)
        os.fsync(self._file)
        self._blocks += blocks
        self._free.update(range(first, self._blocks))

    def _read(self) -> dict[bytes, bytes]:
        """Every whole record, the last of each key; blocks of others are overwritten."""
        found: dict[tuple[bytes, int], list[_Part]] = defaultdict(list)
        for key, part in self._parts():
            found[key, part.number].append(part)
        whole = {at: parts for at, parts in found.items() if _is_whole(parts)}
        records: dict[bytes, bytes] = {}
        for (key, number), parts in sorted(whole.items(), key=lambda one: one[0][1]):
            parts.sort(key=lambda part: part.place)
            records[key] = b"".join(part.body for part in parts)
            self._held[key] = _Held(number, [part.block for part in parts])
        used = {block for held in self._held.values() for block in held.blocks}
        self._free = set(range(self._blocks)) - used
        self._overwrite([p.block for parts in found.values() for p in parts if p.block not in used])
        return records

    def _parts(self) -> Iterator[tuple[bytes, _Part]]:
        for block in range(self._blocks):
            held = os.pread(self._file, BLOCK, block * BLOCK)
            mark, checksum, key, number, place, of, length = _HEAD.unpack_from(held)
            if mark == _MARK and checksum == zlib.crc32(held[8:]) and length <= _ROOM:
                body = held[_HEAD.size : _HEAD.size + length]
                yield key, _Part(block, number, place, of, body)


_CHANCE = secrets.SystemRandom()


def _is_whole(parts: list[_Part]) -> bool:
    return sorted(part.place for part in parts) == list(range(parts[0].of))


def _write(file: int, held: bytes, at: int) -> None:
    left = memoryview(held)
    while left:
        written = os.pwrite(file, left, at)
        at += written
        left = left[written:]
