"""What becomes of an index: made, saved, opened, of another log, too narrow for what comes."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from zhiyin.warehouse.journeys import compacting, growing, manifest, slices, tuples, words
from zhiyin.warehouse.journeys.tests.planting import (
    FIRST,
    bring,
    folder,
    is_right,
    runs_of,
    some,
)
from zhiyin.warehouse.owner import Owner


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


@pytest.mark.parametrize("file", ["words.npy", "offsets.npy", "rests.npy", "codes.npy"])
def test_what_is_damaged_is_made_anew(owner: Owner, data: Path, file: str) -> None:
    bring(owner, some(30))
    assert is_right(owner)
    owner.close()
    path = data / "journeys" / "main" / "base-000000" / file
    path.write_bytes(path.read_bytes()[:-1] if file == "words.npy" else b"")
    with Owner(data) as again:
        assert is_right(again)


def test_an_index_of_an_older_form_is_made_anew(owner: Owner, data: Path) -> None:
    bring(owner, some(30))
    assert is_right(owner)
    owner.close()
    path = data / "journeys" / "main" / manifest.NAME
    written = path.read_bytes()
    path.write_bytes(written.replace(b'"form":2', b'"form":1'))
    with Owner(data) as again:
        assert is_right(again)
        assert path.read_bytes() == written


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
    assert owner.ask_journeys("main", "extent", {}) is None


def test_more_combinations_than_a_byte_holds(owner: Owner) -> None:
    """Their numbers' low bits stand in the words, above the names."""
    bring(owner, [{"customer": "c", "channel": f"h{n}"} for n in range(100)])
    assert is_right(owner)
    bring(owner, [{"customer": "c", "channel": f"h{n}"} for n in range(100, 400)])
    assert is_right(owner)
    indexed = owner.histories("main")
    assert indexed is not None
    found = indexed.histories
    assert found.base.rests.dtype == found.tail.rests.dtype == np.uint8
    assert len(found.tail.words) == 300
    assert found.low_bits == 12


@pytest.mark.parametrize(
    ("year", "rest_bits", "low_bits"),
    [(1, 8, 5), (1, 16, 4), (1, 32, 0), (2026, 8, 12), (2026, 16, 4), (2026, 32, 0)],
)
def test_each_width_of_rests(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, year: int, rest_bits: int, low_bits: int
) -> None:
    """Beside words with room for some bits of the tuples' numbers, and with little."""
    monkeypatch.setattr(words, "KINDS", {rest_bits: words.KINDS[rest_bits]})
    cells = [{"name": f"N{n % 3}", "channel": f"h{n}"} for n in range(200)]
    bring(owner, [{"customer": "c0", "occurred_at": FIRST.replace(year=year)}])
    bring(owner, [{"customer": f"c{n % 7}", **cell} for n, cell in enumerate(cells[:80])])
    assert is_right(owner)
    bring(owner, [{"customer": f"c{n % 5}", **cell} for n, cell in enumerate(cells[60:])])
    assert is_right(owner)
    owner.tend("main", always=True)
    assert is_right(owner)
    indexed = owner.histories("main")
    assert indexed is not None
    found = indexed.histories
    assert found.base.rests.dtype == words.KINDS[rest_bits]
    assert found.low_bits == low_bits


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
    """A base that is made from the log, and merged, a few customers at a time, by threads."""
    monkeypatch.setattr(slices, "FEW", 10)
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
    assert owner.ask_journeys("main", "extent", {}, by=("city",)) is None
    assert owner.tend("main") == ["journeys"]
    assert owner.ask_journeys("main", "extent", {}, by=("city",)) is not None
    assert is_right(owner)


def test_at_one_instant_events_stand_in_the_order_of_arrival(owner: Owner) -> None:
    bring(owner, [{"customer": "c", "name": "A"}, {"customer": "c", "name": "D"}])
    assert is_right(owner)
    for name in "CBEA":
        bring(owner, [{"customer": "c", "name": name}, {"customer": "d", "name": name}])
        assert is_right(owner)
    owner.tend("main", always=True)
    assert is_right(owner)
