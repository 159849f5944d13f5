"""Which facts came lately: a set of 64-bit hashes for each day of `received_at`.

The sets are files that are mapped into memory. They may be ahead of the log after a crash, so a
hit is confirmed in the log; they may be behind it, so they say up to which row they are whole,
and the rows behind it are read from the log.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zhiyin.warehouse.engines.duckdb.tally import (
    FULL,
    Hashes,
    add_to_set,
    find_in_set,
    slots_for,
)

KEPT_DAYS = 31


class _Day:
    """The hashes of one day."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists():
            self.slots = np.memmap(path, np.uint64, "r+")
            self.count = int(np.count_nonzero(self.slots))
        else:
            self.slots = np.memmap(path, np.uint64, "w+", shape=(slots_for(0),))
            self.count = 0

    def add(self, hashes: Hashes) -> None:
        needed = self.count + len(hashes)
        if needed > FULL * len(self.slots):
            self._grow(needed)
        self.count += add_to_set(self.slots, hashes)

    def _grow(self, needed: int) -> None:
        draft = self.path.with_suffix(".new")
        wider = np.memmap(draft, np.uint64, "w+", shape=(slots_for(needed),))
        add_to_set(wider, self.slots[self.slots != 0])
        # The state names a row up to which this day is whole; that must hold after a power cut.
        wider.flush()
        draft.replace(self.path)
        self.slots = wider


class Seen:
    """The sets of one workspace.

    Args:
        folder: holds a file a day and `state.json`.
        log: what tells this log from another of the same name.
    """

    def __init__(self, folder: Path, log: str) -> None:
        self._folder = folder
        self._log = log
        self._days: dict[date, _Day] = {}
        self.upto: dict[str, int] = {}
        """Per table of the log, the row up to which the sets are whole."""
        state = _state(folder)
        if state.get("log") != log:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
            return
        self.upto = {str(name): int(seq) for name, seq in state["upto"].items()}
        for path in sorted(folder.glob("*.set")):
            self._days[date.fromisoformat(path.stem)] = _Day(path)

    def reset(self) -> None:
        """Forget everything: the log has fewer rows than the sets know of."""
        self._days.clear()
        self.upto.clear()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)

    def add(self, day: date, hashes: Hashes) -> None:
        """These came on `day`."""
        if day not in self._days:
            self._days[day] = _Day(self._folder / f"{day}.set")
        self._days[day].add(np.ascontiguousarray(hashes))

    def find(self, hashes: Hashes) -> tuple[npt.NDArray[np.bool_], date | None]:
        """Which of the hashes came before, perhaps, and the first day on which one did."""
        found = np.zeros(len(hashes), np.bool_)
        first = None
        count = 0
        for day in sorted(self._days, reverse=True):
            find_in_set(self._days[day].slots, hashes, found)
            now = int(np.count_nonzero(found))
            first, count = (day, now) if now > count else (first, count)
        return found, first

    def flush(self, today: date) -> None:
        """Write the sets and the row up to which they are whole; drop the days that are past."""
        for day in [d for d in self._days if d < first_day(today)]:
            self._days.pop(day).path.unlink(missing_ok=True)
        upto = dict(self.upto)
        for held in self._days.values():
            held.slots.flush()
        draft = self._folder / "state.new"
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"log": self._log, "upto": upto}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / "state.json")


def first_day(today: date) -> date:
    """The oldest day that is kept."""
    return today - timedelta(days=KEPT_DAYS)


def first_instant(now: datetime) -> datetime:
    """From when on the log's rows belong into the sets."""
    day = first_day(now.date())
    return datetime(day.year, day.month, day.day)


def _state(folder: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads((folder / "state.json").read_text("utf-8"))
        if isinstance(found, dict) and isinstance(found.get("upto"), dict):
            return found
    return {}
