"""What becomes of an index: made, saved, opened, of another log, too narrow, killed."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from zhiyin.warehouse.journeys import compacting, growing, index, manifest, tuples
from zhiyin.warehouse.journeys.tests.naive import in_the_log, read_out
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.children import Child, Says

FIRST = datetime(2026, 3, 1)
SECOND = timedelta(seconds=1)


def bring(log: Owner, rows: list[dict[str, Any]]) -> str:
    """Events with what every event needs filled in; returns the import's id."""
    full = [
        {"row": n, "id": f"e{next(_NUMBERS)}", "occurred_at": FIRST, "name": "A", **row}
        for n, row in enumerate(rows)
    ]
    with log.begin("main", source="web", label="test") as batch:
        batch.write("events", pa.Table.from_pylist(full))
        return batch.commit().import_id


_NUMBERS = itertools.count()


def some(count: int, *, people: int = 20, first: int = 0) -> list[dict[str, Any]]:
    return [
        {"customer": f"c{n % people}", "occurred_at": FIRST + n * SECOND, "name": f"N{n % 5}"}
        for n in range(first, first + count)
    ]


def folder(log: Owner) -> Path:
    return log.data / "journeys" / "main"


def runs_of(log: Owner) -> list[str]:
    return sorted(path.name for path in folder(log).iterdir())


def is_right(log: Owner) -> bool:
    indexed = log.histories("main")
    assert indexed is not None
    return read_out(indexed) == in_the_log(log, indexed.columns)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tails of a few events are long, and are saved."""
    monkeypatch.setattr(growing, "SMALL", 10)
    monkeypatch.setattr(index, "SAVED", 20)


def test_an_empty_log_has_an_index_of_nothing(owner: Owner) -> None:
    assert is_right(owner)
    bring(owner, some(3))
    assert is_right(owner)


def test_a_small_log_is_not_looked_after_before_somebody_asks(owner: Owner) -> None:
    bring(owner, some(3))
    assert "journeys" not in owner.tend("main")
    assert not folder(owner).exists()
    assert is_right(owner)


def test_tails_are_saved_and_become_a_base(owner: Owner, small: None) -> None:
    bring(owner, some(400))
    assert is_right(owner)
    assert runs_of(owner) == ["base-000000", "manifest.json"]
    bring(owner, some(8, first=400, people=3))
    assert is_right(owner)
    assert runs_of(owner) == ["base-000000", "manifest.json"]
    bring(owner, some(12, first=500, people=3))
    assert is_right(owner)
    assert runs_of(owner) == ["base-000000", "manifest.json", "tail-000001"]
    bring(owner, some(40, first=600, people=3))
    assert owner.tend("main") == ["journeys"]
    assert runs_of(owner) == ["base-000002", "manifest.json"]
    assert is_right(owner)
    assert owner.tend("main") == []


def test_what_is_saved_is_not_read_from_the_log_again(
    owner: Owner, data: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(owner, some(100))
    assert is_right(owner)
    bring(owner, some(20, first=100))
    assert is_right(owner)
    owner.close()
    with Owner(data) as again:
        monkeypatch.setattr(growing, "lot_of", None)
        indexed = again.histories("main")
        assert indexed is not None
        assert (len(indexed.histories.base.words), len(indexed.histories.tail.words)) == (100, 20)


def test_an_index_of_another_log_is_made_anew(owner: Owner, data: Path) -> None:
    bring(owner, some(30))
    assert is_right(owner)
    kept = data / "kept"
    shutil.copytree(folder(owner), kept)
    owner.drop("main")
    assert not folder(owner).exists()
    owner.create("main")
    bring(owner, some(40, people=7))
    shutil.copytree(kept, folder(owner))
    assert is_right(owner)


@pytest.mark.parametrize("file", ["words.npy", "offsets.npy", "tuples.npy", "codes.npy"])
def test_what_is_damaged_is_made_anew(owner: Owner, data: Path, file: str) -> None:
    bring(owner, some(30))
    assert is_right(owner)
    owner.close()
    path = data / "journeys" / "main" / "base-000000" / file
    path.write_bytes(path.read_bytes()[:-1] if file == "words.npy" else b"")
    with Owner(data) as again:
        assert is_right(again)


def test_an_event_of_long_before(owner: Owner) -> None:
    bring(owner, some(30))
    assert is_right(owner)
    bring(owner, [{"customer": "c1", "occurred_at": FIRST - timedelta(days=1_100)}])
    assert is_right(owner)


def test_times_and_names_that_no_word_holds(owner: Owner) -> None:
    """All that there is between the years 1 and 9998, and forty names, take 65 bits."""
    ends = (datetime(1, 1, 2), datetime(9998, 1, 1))
    bring(owner, [{"customer": "c", "occurred_at": at} for at in ends])
    assert is_right(owner)
    bring(owner, [{"customer": "c", "name": f"N{n}"} for n in range(40)])
    assert owner.histories("main") is None
    assert owner.ask_journeys("main", "names", {}) is None


def test_more_combinations_than_a_byte_holds(owner: Owner, data: Path) -> None:
    bring(owner, [{"customer": "c", "channel": f"h{n}"} for n in range(100)])
    assert is_right(owner)
    bring(owner, [{"customer": "c", "channel": f"h{n}"} for n in range(100, 400)])
    assert is_right(owner)
    indexed = owner.histories("main")
    assert indexed is not None
    assert indexed.histories.base.tuples.dtype == np.uint16


def test_too_many_combinations_leave_the_column_of_most_words_out(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuples, "MOST", 64)
    monkeypatch.setattr(tuples, "_FEWEST", 2)
    cells = [{"channel": f"h{n % 8}", "touchpoint": f"t{n % 9}"} for n in range(72)]
    bring(owner, [{"customer": "c", **cell} for cell in cells])
    indexed = owner.histories("main")
    assert indexed is not None
    assert {"channel", "touchpoint"} - {*indexed.columns} == {"touchpoint"}
    assert is_right(owner)


def test_customers_by_shares(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base that is made from the log, and merged, a few customers at a time."""
    monkeypatch.setattr(compacting.build, "__kwdefaults__", {"share": 25})
    monkeypatch.setattr(compacting.merge, "__kwdefaults__", {"share": 25})
    bring(owner, some(100))
    assert is_right(owner)
    bring(owner, some(30, first=40))
    assert owner.tend("main", always=True)[-1:] == ["journeys"]
    assert is_right(owner)


def test_a_column_that_is_declared_later_is_in_the_next_base(owner: Owner) -> None:
    bring(owner, some(20))
    assert is_right(owner)
    owner.declare("main", {"events": {"city": "text"}})
    bring(owner, [{"customer": "c1", "d_city": "Porto"}])
    assert is_right(owner)
    assert owner.ask_journeys("main", "names", {}, by="city") is None
    assert owner.tend("main") == ["journeys"]
    assert owner.ask_journeys("main", "names", {}, by="city") is not None
    assert is_right(owner)


# Taken back


def test_undoing_what_only_the_tail_has_leaves_the_base(owner: Owner) -> None:
    bring(owner, some(50))
    assert is_right(owner)
    wrong = bring(owner, some(9, first=20))
    bring(owner, some(5, first=30))
    assert is_right(owner)
    owner.undo("main", wrong)
    assert is_right(owner)
    assert runs_of(owner) == ["base-000000", "manifest.json"]


def test_undoing_a_little_of_the_base_rewrites_those_customers(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(owner, some(50))
    wrong = bring(owner, some(3, first=20))
    assert is_right(owner)
    bring(owner, some(5, first=30))
    owner.undo("main", wrong)
    monkeypatch.setattr(compacting, "build", None)
    assert is_right(owner)
    assert runs_of(owner) == ["base-000001", "manifest.json"]


def test_undoing_much_reads_all_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "SMALL", 10)
    bring(owner, some(50))
    wrong = bring(owner, some(30))
    assert is_right(owner)
    owner.undo("main", wrong)
    monkeypatch.setattr(compacting, "merge", None)
    assert is_right(owner)


# Erased


def her_words(log: Owner, who: str) -> list[bytes]:
    """The words of her events as they lie on disk."""
    indexed = log.histories("main")
    assert indexed is not None
    found = indexed.histories
    key = log.subject("main", who).customer
    parts = [(found.base, key)]
    if found.tail_place[key] >= 0:
        parts.append((found.tail, int(found.tail_place[key])))
    words = [w for part, at in parts for w in part.words[part.offsets[at] : part.offsets[at + 1]]]
    assert words
    return [word.tobytes() for word in words]


def holding(data: Path, words: list[bytes]) -> list[Path]:
    """The files of indexes that have one of these words."""
    files = [path for path in (data / "journeys").rglob("*") if path.is_file()]
    return [path for path in files if any(word in path.read_bytes() for word in words)]


HERS = [
    {"customer": "her", "occurred_at": FIRST + timedelta(microseconds=n * 7919 + 3)}
    for n in range(9)
]


def test_an_erased_customer_is_gone_from_every_file(owner: Owner, data: Path, small: None) -> None:
    bring(owner, some(300) + HERS[:5])
    assert is_right(owner)
    bring(owner, some(30, first=300) + HERS[5:])
    assert is_right(owner)
    assert [name[:4] for name in runs_of(owner)] == ["base", "mani", "tail"]
    words = her_words(owner, "her")
    assert len(holding(data, words)) == 2
    owner.erase("main", [Id("customer", "her")], "e1")
    assert holding(data, words) == []
    assert is_right(owner)
    owner.rewrite("main")
    assert is_right(owner)
    owner.close()
    with Owner(data) as again:
        assert is_right(again)
        found = manifest.read(folder(again))
        assert found is not None
        assert len(found.dead) == 1
        again.tend("main", always=True)
        found = manifest.read(folder(again))
        assert found is not None
        assert found.dead == ()
        assert is_right(again)


def test_an_erasure_that_was_cut_off_is_carried_on_when_the_log_is_opened(
    owner: Owner, data: Path
) -> None:
    bring(owner, some(60) + HERS)
    words = her_words(owner, "her")
    kept = data / "kept"
    shutil.copytree(folder(owner), kept)
    owner.erase("main", [Id("customer", "her")], "e1")
    owner.close()
    shutil.rmtree(data / "journeys" / "main")
    kept.rename(data / "journeys" / "main")
    assert holding(data, words)
    with Owner(data) as again:
        again.schema("main")
        assert holding(data, words) == []
        again.rewrite("main")
        assert is_right(again)


def test_a_file_written_anew_does_not_cost_an_index(owner: Owner, data: Path) -> None:
    bring(owner, some(60) + HERS)
    assert is_right(owner)
    owner.erase("main", [Id("customer", "her")], "e1")
    owner.rewrite("main")
    assert is_right(owner)
    owner.close()
    with Owner(data) as again:
        assert is_right(again)
        assert runs_of(again) == ["base-000000", "manifest.json"]


def test_an_index_that_has_not_seen_the_file_written_anew_is_made_anew(
    owner: Owner, data: Path
) -> None:
    """As after a program that knows no index: it has erased her everywhere else."""
    bring(owner, some(60) + HERS)
    words = her_words(owner, "her")
    kept = data / "kept"
    shutil.copytree(folder(owner), kept)
    owner.erase("main", [Id("customer", "her")], "e1")
    owner.rewrite("main")
    owner.close()
    shutil.rmtree(data / "journeys" / "main")
    kept.rename(data / "journeys" / "main")
    with Owner(data) as again:
        assert is_right(again)
        assert holding(data, words) == []


@pytest.mark.parametrize("step", ["build", "merge"])
def test_an_erasure_while_a_base_is_made(
    owner: Owner, data: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    bring(owner, some(60) + HERS)
    words = her_words(owner, "her")
    whole = getattr(compacting, step)

    def then_erased(*arguments: Any, **named: Any) -> Any:
        made = whole(*arguments, **named)
        owner.erase("main", [Id("customer", "her")], "e1")
        return made

    monkeypatch.setattr(compacting, step, then_erased)
    if step == "build":
        owner._index(owner._workspace("main")).remove()
        owner.histories("main")
    else:
        bring(owner, some(9))
        owner.tend("main", always=True)
    monkeypatch.undo()
    assert holding(data, words) == []
    assert is_right(owner)


def test_where_the_disk_cannot_be_written_the_index_goes(
    owner: Owner, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(owner, some(60) + HERS)
    words = her_words(owner, "her")

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(manifest, "write", full)
    owner.erase("main", [Id("customer", "her")], "e1")
    assert holding(data, words) == []
    monkeypatch.undo()
    assert is_right(owner)


# Killed


def grows(says: Says, data: Path, seed: int) -> None:
    """Brings events, takes some back, erases, asks and looks after the index, without end."""
    growing.SMALL, index.SAVED = 10, 20
    chance = random.Random(seed)  # noqa: S311 - any order will do
    with Owner(data) as log:
        log.histories("main")
        says("ready")
        for turn in itertools.count():
            rows = some(chance.randint(1, 60), first=chance.randint(0, 500))
            made = bring(log, [{**row, "id": f"{seed}.{turn}.{n}"} for n, row in enumerate(rows)])
            if turn % 5 == 4:
                log.undo("main", made)
            if turn % 7 == 6:
                log.erase("main", [Id("customer", f"c{turn % 20}")], f"e{turn}")
            log.histories("main")
            if turn % 3 == 2:
                log._index(log._workspace("main")).tend(always=True)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_some_moment(owner: Owner, data: Path, seed: int) -> None:
    bring(owner, some(200))
    owner.close()
    child = Child(grows, data, seed)
    assert child.hears() == "ready"
    time.sleep(random.Random(seed).uniform(0.02, 1.0))  # noqa: S311 - any moment will do
    child.kill()
    assert child.wait() == -9
    with Owner(data) as log:
        assert is_right(log)
        found = manifest.read(folder(log))
        assert found is not None
        runs = [run.folder for run in (found.base, found.tail) if run is not None]
        assert runs_of(log) == sorted([*runs, "manifest.json"])
        indexed = log.histories("main")
        log._index(log._workspace("main")).remove()
        again = log.histories("main")
        assert indexed is not None
        assert again is not None
        assert read_out(indexed) == read_out(again)


def dies(says: Says, data: Path, step: str) -> None:
    """Looks after the index, and dies where a step begins."""
    with Owner(data) as log:
        log.histories("main")

        def dying(*_arguments: Any) -> None:
            os.kill(os.getpid(), 9)

        setattr(manifest, step, dying)
        says("ready")
        log._index(log._workspace("main")).tend(always=True)


@pytest.mark.parametrize("step", ["write", "sweep"])
def test_killed_between_a_new_base_and_its_name(owner: Owner, data: Path, step: str) -> None:
    bring(owner, some(50))
    assert is_right(owner)
    bring(owner, some(9, first=50))
    owner.close()
    child = Child(dies, data, step)
    assert child.hears() == "ready"
    assert child.wait() == -9
    left = data / "journeys" / "main"
    assert {"base-000000", "base-000001"} <= {path.name for path in left.iterdir()}
    with Owner(data) as log:
        assert is_right(log)
        assert runs_of(log) == [f"base-00000{int(step == 'sweep')}", "manifest.json"]
