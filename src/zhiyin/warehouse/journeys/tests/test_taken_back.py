"""What an index has of rows that were taken back, replaced or erased: nothing."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from zhiyin.warehouse.journeys import compacting, growing, manifest
from zhiyin.warehouse.journeys.tests.planting import (
    FIRST,
    bring,
    folder,
    is_right,
    runs_of,
    some,
)
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id, KeptSince


@pytest.mark.parametrize("is_in_base", [True, False])
def test_what_an_import_had_replaced_comes_back_with_it(owner: Owner, is_in_base: bool) -> None:
    bring(owner, some(20))
    first = [{"customer": f"c{n}", "id": f"f{n}", "name": "before"} for n in range(4)]
    if not is_in_base:
        assert is_right(owner)
    bring(owner, first)
    assert is_right(owner)
    others = [{**row, "customer": "other", "name": "after"} for row in first[:2]]
    made = bring(owner, others, replace=True)
    assert is_right(owner)
    owner.tend("main", always=True)
    owner.undo("main", made)
    assert is_right(owner)


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


def test_what_is_kept_no_longer(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of all names, then of one alone; what is kept again has to be read again."""
    bring(owner, some(60))
    assert is_right(owner)
    bring(owner, some(9, first=20))
    with monkeypatch.context() as patch:
        patch.setattr(compacting, "build", None)
        for pattern, seconds in (("", 15), ("N1", 30)):
            kept = [KeptSince("events", "", FIRST + timedelta(seconds=15))] if pattern else []
            rule = KeptSince("events", pattern, FIRST + timedelta(seconds=seconds))
            owner.keep_since("main", [*kept, rule])
            assert is_right(owner)
    owner.keep_since("main", [])
    assert is_right(owner)


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
