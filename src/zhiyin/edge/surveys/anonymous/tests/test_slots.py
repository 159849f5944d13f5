"""The file of records: nothing that was written is lost, and nothing that is gone can be read.

Programs that this would catch: one that writes over a record before the new one is on disk; one
that takes half a record for a whole; one that leaves old words in free blocks; one that puts what
comes later behind what came before.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zhiyin.edge.surveys.anonymous.slots import BLOCK, Slots

KEYS = [bytes([n]) * 16 for n in range(6)]


def test_what_was_written_is_there_again_and_what_is_gone_is_not(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    path = tmp_path / "main.slots"
    slots, held = Slots(path), dict[bytes, bytes]()
    for turn in range(60):
        records = {
            key: b"<%d> says %d " % (turn, chance.randrange(9)) * chance.choice((1, 400, 3000))
            for key in chance.sample(KEYS, chance.randint(0, 3))
        }
        gone = [key for key in chance.sample(KEYS, 2) if key not in records]
        slots.write(records, gone=gone)
        held = {key: body for key, body in held.items() if key not in gone} | records
        if turn % 10 == 9:
            slots.close()
            slots = Slots(path)
            assert slots.records == held
    written = path.read_bytes()
    assert len(written) % BLOCK == 0
    for turn in range(60):
        is_held = any(body.startswith(b"<%d>" % turn) for body in held.values())
        assert (b"<%d> says" % turn in written) is is_held


def failing_after(writes: int) -> Callable[[int, Any, int], int]:
    """Writes as the system does for so many times, and then no more."""
    left, write = iter(range(writes)), os.pwrite

    def until(file: int, held: Any, at: int) -> int:
        if next(left, None) is None:
            raise OSError
        return write(file, held, at)

    return until


def test_a_kill_at_any_write_leaves_the_old_or_the_new_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is cut off from its writer before the first write, the second, and so on."""
    old, new = dict.fromkeys(KEYS[:2], b"old" * 3000), dict.fromkeys(KEYS[:2], b"new" * 4000)
    seen: set[str | bytes] = set()
    for last in range(20):
        path = tmp_path / f"{last}.slots"
        slots = Slots(path)
        slots.write(old)
        with monkeypatch.context() as patched:
            patched.setattr(os, "pwrite", failing_after(last))
            try:
                slots.write(new)
                seen.add("whole")
            except OSError:
                seen.add("cut")
        slots.close()
        found = Slots(path).records
        assert all(found[key] in (old[key], new[key]) for key in KEYS[:2]), last
        seen.update({body[:3] for body in found.values()})
    assert seen == {"whole", "cut", b"old", b"new"}


def test_a_write_that_failed_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots(tmp_path / "main.slots")
    slots.write({KEYS[0]: b"old" * 3000})

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", full)
        with pytest.raises(OSError, match="No space"):
            slots.write({KEYS[0]: b"lost" * 3000})
    slots.write({KEYS[0]: b"kept" * 3000})
    slots.close()
    assert Slots(tmp_path / "main.slots").records == {KEYS[0]: b"kept" * 3000}


def test_places_do_not_tell_who_came_first(tmp_path: Path) -> None:
    """Of 40 records in their order, as many pairs stand in order as out of it, but for chance."""
    slots = Slots(tmp_path / "main.slots")
    keys = [bytes([n]) * 16 for n in range(40)]
    for key in keys:
        slots.write({key: b"said"})
    held = (tmp_path / "main.slots").read_bytes()
    places = [held.index(key) for key in keys]
    pairs = [(a, b) for n, a in enumerate(places) for b in places[n + 1 :]]
    in_order = sum(a < b for a, b in pairs)
    # Kendall's statistic has this standard deviation where order is chance; six of them.
    spread = (40 * 39 * (2 * 40 + 5) / 18) ** 0.5
    assert abs(2 * in_order - len(pairs)) < 6 * spread
