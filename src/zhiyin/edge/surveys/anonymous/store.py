"""The holding store: responses of anonymous surveys until they go into the log.

It says nothing of who, when and in which order. Of time it keeps one bit: whether anything was said
since the last sweep.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from zhiyin.collect.surveys.logic import Answer
from zhiyin.edge.surveys.anonymous.slots import KEY, Slots
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

_log = logging.getLogger("zhiyin.edge")

HOLDING = "holding"
"""The folder of the holding store, in that of the data."""

Over = Literal["", "ended", "dismissed", "left"]
"""How a response is over; blank: it is open."""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """One response, or of one that went into the log no more than that it was there.

    Args:
        survey: its key in the workspace.
        name: what the log will call it, drawn for it alone; blank: it is in the log.
        sent, seen: names of pages.
        is_touched: something was said since the last sweep.
    """

    survey: str
    version: int
    name: str = ""
    answers: dict[str, Answer] = {}
    sent: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    over: Over = ""
    is_touched: bool = True


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a workspace's file has besides responses.

    Args:
        swept: the number of the last sweep.
        days: by survey, that of its last group in the log (ISO).
        letter: a group that goes into the log: it is there, or will be.
        letter_of: keys of its responses.
    """

    swept: int = 0
    days: dict[str, str] = {}
    letter: bytes = b""
    letter_of: tuple[bytes, ...] = ()


Changes: TypeAlias = Mapping[bytes, Kept | None]
"""By key of a response, see `key_of`, what is held of it."""

Change: TypeAlias = Callable[[Changes], Changes]


class Holding:
    """What one workspace holds; changes count when they are on disk.

    Attributes:
        page: what is held besides responses.
        turn: whoever tells the log of groups has it, one at a time.
    """

    def __init__(self, path: Path) -> None:
        self._slots = Slots(path)
        records = dict(self._slots.records)
        self._slots.records.clear()
        held = records.pop(_PAGE, None)
        self.page = Page() if held is None else _page.decode(held)
        self._responses: dict[bytes, Kept | None] = {
            key: _kept.decode(body) for key, body in records.items()
        }
        self.turn = asyncio.Lock()
        self._pending: list[_Pending] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, change: Change, page: Page | None = None) -> None:
        """Change what is held.

        Args:
            change: of what is held when its turn comes, what is kept in its place; None overwrites
                a response.

        Raises:
            Problem: ``survey.not-kept``: the disk does not take it; what was there is there still.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(change, page, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        """Whatever comes while one write is under way goes with the next."""
        while self._pending:
            batch, self._pending = self._pending, []
            changes: dict[bytes, Kept | None] = {}
            taken: list[_Pending] = []
            for one in batch:
                try:
                    changes.update(one.change(ChainMap(changes, self._responses)))
                except Exception as error:
                    _tell([one], error)
                else:
                    taken.append(one)
            page = next((one.page for one in reversed(taken) if one.page is not None), None)
            try:
                await asyncio.to_thread(self._write, changes, page)
            except Exception as error:
                _tell(taken, error)
            else:
                self._take(changes, page)
                _tell(taken, None)

    def _write(self, changes: Changes, page: Page | None) -> None:
        records = {key: _encode(kept) for key, kept in changes.items() if kept is not None}
        if page is not None:
            records[_PAGE] = _encode(page)
        self._slots.write(records, gone=[key for key, kept in changes.items() if kept is None])

    def _take(self, changes: Changes, page: Page | None) -> None:
        for key, kept in changes.items():
            if kept is None:
                self._responses.pop(key, None)
            else:
                self._responses[key] = kept
        self.page = page or self.page

    def get(self, key: bytes) -> Kept | None:
        """What is held of a response."""
        return self._responses.get(key)

    def responses(self) -> list[tuple[bytes, Kept]]:
        """All that is held, with its keys."""
        return [(key, kept) for key, kept in self._responses.items() if kept is not None]

    def close(self) -> None:
        """Give the file back."""
        self._slots.close()


@dataclass(frozen=True, slots=True)
class _Pending:
    change: Change
    page: Page | None
    done: asyncio.Future[None]


_PAGE = bytes(KEY)
_encode = msgspec.msgpack.Encoder().encode
_page = msgspec.msgpack.Decoder(Page)
_kept = msgspec.msgpack.Decoder(Kept)


def _tell(batch: list[_Pending], error: Exception | None) -> None:
    for one in batch:
        if one.done.done():
            continue  # whoever waited has left
        if error is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(_not_kept(error))


def _not_kept(error: Exception) -> Problem:
    _log.error("anonymous answers are not kept: %s", error)
    return Problem(
        "survey.not-kept",
        _("The disk does not take the answers."),
        _("Send them again in a moment; whoever runs the server finds the reason in its log."),
    )


def key_of(ticket: str) -> bytes:
    """Under what a response is kept: it tells nothing of the ticket, which its browser has."""
    return hashlib.blake2b(ticket.encode(), digest_size=KEY).digest()


class HoldingStore:
    """The files of all workspaces, opened when they are needed.

    Args:
        folder: made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Holding] = {}

    def of(self, workspace: str) -> Holding:
        """What a workspace holds."""
        found = self._open.get(workspace)
        if found is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            found = self._open[workspace] = Holding(self._folder / f"{workspace}{_ENDING}")
        return found

    def workspaces(self) -> list[str]:
        """Those that hold, or held, something."""
        return sorted(path.name.removesuffix(_ENDING) for path in self._folder.glob(f"*{_ENDING}"))

    def close(self) -> None:
        """Give the files back."""
        for one in self._open.values():
            one.close()
        self._open.clear()


_ENDING = ".slots"
