"""The journal gives back what was appended, or says what it cannot give back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.warehouse.journal import Journal, look, segments

pytestmark = pytest.mark.any_engine

PAYLOADS = [b"first", b"", b"\xf0ZY\xf1 looks like a frame", b"last one"]


def filled(folder: Path, payloads: list[bytes] = PAYLOADS, **options: int) -> list[int]:
    """A closed journal; returns where each frame ends, in the only segment."""
    journal = Journal(folder, first=0, **options)
    ends = []
    for payload in payloads:
        place = journal.append(payload)
        ends.append(place.offset + place.length)
    journal.close()
    return ends


def content(journal: Journal) -> dict[int, bytes]:
    return {place.number: journal.read(place) for place in journal.waiting}


def test_what_was_appended_is_there_after_a_start(tmp_path: Path) -> None:
    filled(tmp_path)
    journal = Journal(tmp_path, first=0)
    assert list(content(journal).values()) == PAYLOADS
    assert journal.next_number == 4
    assert journal.append(b"more").number == 4
    journal.close()
    assert content(Journal(tmp_path, first=3)) == {3: b"last one", 4: b"more"}


def test_cut_anywhere_all_whole_frames_before_the_cut_are_there(tmp_path: Path) -> None:
    """Every cut position, as a crash in the middle of a write leaves it."""
    ends = filled(tmp_path / "whole")
    (segment,) = segments(tmp_path / "whole")
    whole = segment.read_bytes()
    for cut in range(len(whole)):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / segment.name).write_bytes(whole[:cut])
        journal = Journal(folder, first=0)
        expected = {n: p for n, p in enumerate(PAYLOADS) if ends[n] <= cut}
        assert content(journal) == expected
        assert not journal.damages
        assert journal.append(b"after").number == len(expected)
        journal.close()
        assert content(Journal(folder, first=0)) == {**expected, len(expected): b"after"}


def test_a_flipped_byte_is_damage_or_an_unfinished_end(tmp_path: Path) -> None:
    """Every byte. Would catch a checksum that leaves something out, and a cut of good frames."""
    ends = filled(tmp_path / "whole")
    (segment,) = segments(tmp_path / "whole")
    whole = segment.read_bytes()
    for place in range(len(whole)):
        folder = tmp_path / str(place)
        folder.mkdir()
        broken = bytearray(whole)
        broken[place] ^= 0x41
        (folder / segment.name).write_bytes(broken)
        journal = Journal(folder, first=0)
        hit = next(n for n, end in enumerate([24, *ends]) if place < end) - 1
        if hit < 0:
            assert journal.damages
            assert content(journal) == {}
            assert segments(folder)
            continue
        assert content(journal) == {n: p for n, p in enumerate(PAYLOADS) if n != hit}
        assert bool(journal.damages) == (hit < len(PAYLOADS) - 1)


def test_damage_says_where(tmp_path: Path) -> None:
    ends = filled(tmp_path)
    (segment,) = segments(tmp_path)
    broken = bytearray(segment.read_bytes())
    broken[ends[0] - 1] ^= 1
    segment.write_bytes(broken)
    (damage,) = look(tmp_path).damages
    assert (damage.file, damage.offset) == (segment, 24)
    assert "frame 0" in str(damage)


def test_a_broken_end_of_an_earlier_segment_is_damage(tmp_path: Path) -> None:
    filled(tmp_path, segment_bytes=60)
    earlier = segments(tmp_path)[0]
    earlier.write_bytes(earlier.read_bytes()[:-1])
    assert look(tmp_path).damages


def test_a_segment_that_is_gone_is_damage_unless_the_log_has_it(tmp_path: Path) -> None:
    filled(tmp_path, segment_bytes=30)
    paths = segments(tmp_path)
    assert len(paths) == 4
    paths[1].unlink()
    assert "1" in str(look(tmp_path).damages[0])
    assert not look(tmp_path, first=2).damages


def test_nobody_can_plant_a_frame_in_a_body(tmp_path: Path) -> None:
    """A body with a whole frame in it, torn: it must not pass for one behind a broken one."""
    filled(tmp_path / "a", [b"x"])
    (segment,) = segments(tmp_path / "a")
    frame = segment.read_bytes()[24:]
    ends = filled(tmp_path / "b", [b"y", frame * 3 + b"tail"])
    (segment,) = segments(tmp_path / "b")
    segment.write_bytes(segment.read_bytes()[: ends[1] - 1])
    journal = Journal(tmp_path / "b", first=0)
    assert content(journal) == {0: b"y"}
    assert not journal.damages


def test_segments_that_the_log_has_are_removed(tmp_path: Path) -> None:
    journal = Journal(tmp_path, first=0, segment_bytes=60)
    for payload in PAYLOADS:
        journal.append(payload)
    journal.release(2)
    journal.close()
    assert [p.number for p in Journal(tmp_path, first=2).waiting] == [2, 3]
    assert not look(tmp_path, first=2).damages
    again = Journal(tmp_path, first=4)
    again.release(4)
    assert segments(tmp_path) == []
    assert again.append(b"x").number == 4


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
def test_a_frame_that_cannot_be_written_is_not_there_and_the_next_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    """Would catch a frame that was refused and is found by the next start all the same."""
    journal = Journal(tmp_path, first=0)
    journal.append(b"one")
    real_write, calls = os.pwrite, []

    def fail(file: int, *rest: object) -> int:
        calls.append(file)
        if call == "pwrite" and len(calls) == 1:
            return real_write(file, bytes(rest[0])[:7], rest[1])  # type: ignore
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(OSError, match=os.strerror(code)) as met:
            journal.append(b"two, never acknowledged")
    assert met.value.errno == code
    assert journal.append(b"three").number == 1
    journal.close()
    assert content(Journal(tmp_path, first=0)) == {0: b"one", 1: b"three"}


def test_what_could_not_be_taken_back_is_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses even the cut: the next segment's name says where the earlier one ends."""
    journal = Journal(tmp_path, first=0)
    journal.append(b"one")

    def fail(*_rest: object) -> int:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        for name in ("fdatasync", "ftruncate"):
            patch.setattr(os, name, fail)
        with pytest.raises(OSError, match="broken"):
            journal.append(b"two, never acknowledged")
    journal.append(b"three")
    journal.close()
    assert content(Journal(tmp_path, first=0)) == {0: b"one", 1: b"three"}


@settings(max_examples=60, deadline=None)
@given(
    payloads=st.lists(st.binary(max_size=200), min_size=1, max_size=8),
    size=st.integers(30, 500),
    cut=st.integers(0, 400),
    flip=st.integers(0, 2000),
)
def test_whatever_happens_no_frame_comes_back_changed(
    tmp_path_factory: pytest.TempPathFactory,
    payloads: list[bytes],
    size: int,
    cut: int,
    flip: int,
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    filled(folder, payloads, segment_bytes=size)
    last = segments(folder)[-1]
    last.write_bytes(last.read_bytes()[: max(len(last.read_bytes()) - cut, 0)])
    one = segments(folder)[flip % len(segments(folder))]
    broken = bytearray(one.read_bytes())
    if broken:
        broken[flip % len(broken)] ^= 0x10
        one.write_bytes(broken)
    journal = Journal(folder, first=0)
    found = content(journal)
    assert all(payloads[number] == payload for number, payload in found.items())
    assert list(found) == sorted(found)
    if not journal.damages:
        assert list(found) == list(range(len(found)))
