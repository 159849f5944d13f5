"""One workspace's intake: its journal, what of it is not in the log yet, and its troubles."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.exposition import Durations
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading
from zhiyin.warehouse.folders import cannot_open
from zhiyin.warehouse.journal import Damage, Journal, Place

if TYPE_CHECKING:
    from zhiyin.warehouse.intake import Bounds
    from zhiyin.warehouse.owner import Owner

LOOK_AGAIN_SECONDS = 2.0
"""A workspace that could not be opened, or whose disk is full, is tried again after this."""

_log = logging.getLogger("zhiyin.intake")


class Kept(msgspec.Struct, array_like=True):
    """A letter as a frame holds it."""

    source: str
    wire: str
    received_at: datetime
    body: bytes
    about: dict[str, str]


class Frame(msgspec.Struct, array_like=True):
    """The letters of one tick."""

    rows: int
    letters: list[Kept]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


@dataclass(slots=True)
class Waiting:
    """A letter whose answer waits for the disk."""

    letter: Letter
    reading: Reading
    future: Any
    loop: asyncio.AbstractEventLoop | None


@dataclass(slots=True)
class Entry:
    """A frame that the log does not have yet; with its facts while there is room for them."""

    place: Place
    rows: int
    held: list[tuple[Letter, Reading]] | None


class Desk:
    """What intake knows of one workspace. The writer's thread opens and fills it."""

    def __init__(
        self, slug: str, folder: Path, owner: Owner, bounds: Bounds, syncs: Durations
    ) -> None:
        self.slug = slug
        self.trouble: Problem | None = None
        self.load_trouble: Problem | None = None
        self.is_shut = False
        self.last_received_at: datetime | None = None
        self.backlog_rows = 0
        self.backlog_bytes = 0
        self.loaded_rows = 0
        self.duplicates = 0
        self.queue: deque[Entry] = deque()
        self.load_again = 0.0
        self._guard = threading.Lock()
        self._appending = threading.Lock()
        self._folder = folder
        self._bounds = bounds
        self._syncs = syncs
        self._held_rows = 0
        self._journal: Journal | None = None
        self._look_again = time.monotonic() + LOOK_AGAIN_SECONDS
        try:
            self._journal = Journal(folder, first=owner.journal_position(slug))
        except Problem as problem:
            self._shut(problem)
        except OSError as error:
            self._shut(_full(error, folder))
        except Exception as error:
            _log.exception("the log of %s", slug)
            self._shut(cannot_open(slug, error, "intake.damaged"))
        else:
            self._wait_for_load(self._journal)

    def must_reopen(self) -> bool:
        """Whether it could not be opened, and it is time to try again."""
        return self._journal is None and time.monotonic() > self._look_again

    def keep(self, letters: list[Waiting]) -> None:
        """Write a frame with these letters.

        Raises:
            Problem: it cannot be kept; nothing was.
        """
        if self.is_shut and self.trouble is not None:
            raise self.trouble
        journal = self._opened()
        rows = sum(row_count(waiting.reading) for waiting in letters)
        payload = _encode(Frame(rows, [_kept(waiting.letter) for waiting in letters]))
        try:
            self._check_room(len(payload))
            with self._appending:
                began = time.perf_counter()
                place = journal.append(payload)
                self._syncs.add(time.perf_counter() - began)
        except OSError as error:
            self.trouble = _full(error, self._folder)
            raise self.trouble from error
        self.trouble = None
        self.last_received_at = letters[-1].letter.received_at
        held = [(waiting.letter, waiting.reading) for waiting in letters]
        self._enqueue(place, rows, held)

    def take(self, rows: int) -> list[Entry]:
        """The oldest frames that make up about so many rows, at least one if there is one."""
        with self._guard:
            taken: list[Entry] = []
            count = 0
            for entry in self.queue:
                if taken and count + entry.rows > rows:
                    break
                taken.append(entry)
                count += entry.rows
        return taken

    def letters_of(self, entry: Entry) -> list[Letter]:
        """Read a frame again."""
        frame = _decode(self._opened().read(entry.place))
        return [
            Letter(self.slug, kept.source, kept.wire, kept.received_at, kept.body, kept.about)
            for kept in frame.letters
        ]

    def done(self, entries: list[Entry]) -> None:
        """These frames are in the log."""
        with self._guard:
            for entry in entries:
                self.queue.popleft()
                self.backlog_rows -= entry.rows
                self.backlog_bytes -= entry.place.length
                self._held_rows -= entry.rows if entry.held is not None else 0
        with contextlib.suppress(OSError):
            self._opened().release(entries[-1].place.number + 1)

    def turn_over(self) -> None:
        """Begin a new segment, so that those of now go as soon as the log has them."""
        if self._journal is not None:
            with self._appending, contextlib.suppress(OSError):
                self._journal.settle()

    def settle(self) -> None:
        """Remove the whole journal where the log has all of it."""
        if self._journal is None:
            return
        with self._appending, contextlib.suppress(OSError):
            if not self.queue:
                self._journal.settle()
                self._journal.release(self._journal.next_number)

    def close(self) -> None:
        """Let go of the files."""
        if self._journal is not None:
            self._journal.close()

    def _opened(self) -> Journal:
        if self._journal is None:
            msg = f"the journal of {self.slug} is not open"
            raise RuntimeError(msg)
        return self._journal

    def _wait_for_load(self, journal: Journal) -> None:
        for place in journal.waiting:
            self._enqueue(place, _rows_of(journal.read(place)), None)
        if journal.damages:
            self._shut(_damaged(journal.damages))

    def _enqueue(self, place: Place, rows: int, held: list[tuple[Letter, Reading]] | None) -> None:
        with self._guard:
            if held is not None and self._held_rows + rows > self._bounds.held_rows:
                held = None
            self.queue.append(Entry(place, rows, held))
            self.backlog_rows += rows
            self.backlog_bytes += place.length
            self._held_rows += rows if held is not None else 0

    def check_room_to_load(self) -> None:
        """Leave a transaction alone that would fill the disk: an engine that meets its end with
        half of it written takes nothing more until the process starts again.

        Raises:
            Problem: ``intake.full``.
        """
        try:
            self._check_room(0, self._bounds.free_bytes // 4)
        except OSError as error:
            raise _full(error, self._folder) from error

    def _check_room(self, size: int, free: int | None = None) -> None:
        found = os.statvfs(self._folder)
        wanted = self._bounds.free_bytes if free is None else free
        if found.f_bavail * found.f_frsize < wanted + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _shut(self, problem: Problem) -> None:
        _log.error("intake of %s: %s; zhiyin doctor says more", self.slug, problem.code)
        self.trouble = problem
        self.is_shut = True


def row_count(reading: Reading) -> int:
    """The facts and refusals of a reading."""
    count = len(reading.refused)
    for columns in reading.facts.values():
        count += len(next(iter(columns.values()), ()))
    return count


def _rows_of(payload: bytes) -> int:
    return _decode(payload).rows


def _kept(letter: Letter) -> Kept:
    return Kept(letter.source, letter.wire, letter.received_at, letter.body, dict(letter.about))


def _full(error: OSError, folder: Path) -> Problem:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Problem(
            "intake.full",
            _("There is no room on the disk of {folder} for more events.", folder=folder),
            _("Make room; intake goes on by itself."),
        )
    return Problem(
        "intake.full",
        _("Nothing can be written into {folder}: {error}.", folder=folder, error=error.strerror),
        _("See that the disk is whole and may be written to; intake goes on by itself."),
    )


def _damaged(damages: list[Damage]) -> Problem:
    return Problem(
        "intake.damaged",
        _("The journal is damaged: {where}.", where="; ".join(map(str, damages))),
        _("What can be read is in the log. Move the file away and start the server again."),
    )
