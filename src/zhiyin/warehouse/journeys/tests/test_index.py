"""An index read out beside the log's rows, after whatever may happen to a log.

Programs that this would catch: a late event put at the end; a row that was taken back, replaced or
erased and is still there; one that came back with what had replaced it and is not; ties ordered by
name or across ids by arrival; a merge that is not in the next answer; rows twice after a reopening.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhiyin.warehouse.journeys import growing, index
from zhiyin.warehouse.journeys.tests.naive import in_the_log, read_out
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id, KeptSince

FIRST = datetime(2026, 1, 5)
NAMES = ("A", "B", "C")
PEOPLE = ("ann", "bea", "cy", "dee", None)

events = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(PEOPLE),
        "name": st.sampled_from((*NAMES, None)),
        "at": st.integers(0, 12),
        "channel": st.sampled_from(("app", "shop", None)),
        "id": st.integers(0, 60),
    }
)
brings = st.tuples(
    st.just("bring"),
    st.lists(events, min_size=1, max_size=12, unique_by=lambda one: one["id"]),
    st.booleans(),
)
pairs = st.tuples(st.sampled_from(PEOPLE[:4]), st.sampled_from(PEOPLE[:4]))
things = st.one_of(
    brings,
    brings,
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("link"), pairs),
    st.tuples(st.just("unlink"), pairs),
    st.tuples(st.just("erase"), st.sampled_from(PEOPLE[:4])),
    st.tuples(st.just("keep"), st.sampled_from(("", "A", "B*")), st.integers(0, 8)),
    st.tuples(st.just("rewrite")),
    st.tuples(st.just("reopen")),
    st.tuples(st.just("tend"), st.booleans()),
    st.tuples(st.just("ask")),
)


class Happening:
    """A log to which things happen."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.owner = Owner(data)
        self.imports: list[str] = []
        self.links = 0

    def happens(self, thing: tuple[Any, ...]) -> None:
        """One thing."""
        getattr(self, thing[0])(*thing[1:])

    def bring(self, rows: list[dict[str, Any]], replace: bool) -> None:
        """Rows; those that the log has are left out, or replaced where they say something else."""
        facts = [
            {
                "row": place,
                "id": f"e{row['id']}",
                "occurred_at": FIRST + timedelta(seconds=row["at"] // 2, microseconds=row["at"]),
                "customer": row["customer"],
                "name": row["name"],
                "channel": row["channel"],
            }
            for place, row in enumerate(rows)
        ]
        columns: dict[str, pa.DataType] = {
            "row": pa.int64(),
            "id": pa.string(),
            "occurred_at": pa.timestamp("us"),
            "customer": pa.string(),
            "name": pa.string(),
            "channel": pa.string(),
        }
        with self.owner.begin("main", source="web", label="test") as batch:
            batch.write("events", pa.Table.from_pylist(facts, schema=pa.schema(columns)))
            receipt = batch.commit(replace=replace)
        if receipt.facts_added:
            self.imports.append(receipt.import_id)

    def undo(self, which: int) -> None:
        """An import is taken back."""
        if which < len(self.imports):
            self.owner.undo("main", self.imports.pop(which))

    def link(self, pair: tuple[str, str]) -> None:
        """A person says that two ids are one."""
        self._say("link", pair)

    def unlink(self, pair: tuple[str, str]) -> None:
        """A person says that they are two."""
        self._say("unlink", pair)

    def _say(self, action: str, pair: tuple[str, str]) -> None:
        if pair[0] == pair[1]:
            return
        self.links += 1
        said = {
            "row": 0,
            "id": f"l{self.links}",
            "occurred_at": FIRST,
            "customer": pair[0],
            "other": pair[1],
            "other_kind": "customer",
            "action": action,
            "reason": "same card",
            "linked_by": "person",
        }
        with self.owner.begin("main", source="identity", label="test") as batch:
            batch.write("identities", pa.Table.from_pylist([said]))
            batch.commit()

    def erase(self, who: str) -> None:
        """A customer is erased."""
        self.owner.erase("main", [Id("customer", who)], f"erasure of {who}")

    def keep(self, pattern: str, since: int) -> None:
        """What happened earlier is kept no longer."""
        at = FIRST + timedelta(seconds=since // 2)
        self.owner.keep_since("main", [KeptSince("events", pattern, at)])

    def rewrite(self) -> None:
        """The file is written anew."""
        self.owner.rewrite("main")

    def reopen(self) -> None:
        """Another process opens the log."""
        self.owner.close()
        self.owner = Owner(self.data)

    def tend(self, always: bool) -> None:
        """The index is looked after."""
        self.owner._index(self.owner._workspace("main")).tend(always=always)

    def ask(self) -> None:
        """The index says what the log says."""
        indexed = self.owner.histories("main")
        assert indexed is not None
        assert read_out(indexed) == in_the_log(self.owner, indexed.columns)


@contextmanager
def happening(empty_log: Path) -> Iterator[Happening]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(empty_log, data)
        found = Happening(data)
        try:
            yield found
        finally:
            found.owner.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tails of a few events are long, and are saved."""
    monkeypatch.setattr(growing, "SMALL", 6)
    monkeypatch.setattr(index, "SAVED", 3)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happened=st.lists(things, min_size=4, max_size=14), is_often_asked=st.booleans())
def test_the_index_says_what_the_log_says(
    empty_log: Path, small: None, happened: list[tuple[Any, ...]], is_often_asked: bool
) -> None:
    with happening(empty_log) as log:
        for thing in happened:
            log.happens(thing)
            if is_often_asked:
                log.ask()
        log.ask()
        log.reopen()
        log.ask()


@pytest.mark.parametrize("then", [("erase", "bea"), ("rewrite",), ("reopen",)])
def test_what_is_kept_no_longer_by_its_name_never_comes_back(
    empty_log: Path, small: None, then: tuple[Any, ...]
) -> None:
    """Would catch a name that leaves with its last readable row, by which a rule knew the row."""
    event = {"customer": "ann", "name": "A", "at": 0, "channel": "app", "id": 0}
    others = [{**event, "name": "B", "id": 1}, {**event, "customer": "bea", "id": 2}]
    with happening(empty_log) as log:
        log.happens(("bring", [event, *others], False))
        log.happens(("keep", "B*", 2))
        log.happens(then)
        log.ask()
        indexed = log.owner.histories("main")
        assert indexed is not None
        assert len(read_out(indexed)[0]) == 1, "of ann's two events the one that is kept"
