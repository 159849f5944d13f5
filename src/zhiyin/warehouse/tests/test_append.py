"""What goes in comes out once, whole or not at all."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.children import Child, Says
from zhiyin.warehouse.tests.planting import DAY, answers, put, read


def test_facts_come_back_in_words(log: Log) -> None:
    log.declare("main", {"answers": {"state": "text", "age": "float"}})
    receipt = put(log, [{"d_state": "SP", "d_age": 31.0}, {"d_state": "RJ"}])
    assert (receipt.rows_added, receipt.facts_added, receipt.by_table) == (2, 2, {"answers": 2})
    assert read(log, "id", "question", "source", "d_state", "d_age") == [
        ("r0", "overall", "desk", "SP", 31.0),
        ("r1", "overall", "desk", "RJ", None),
    ]


def test_the_same_rows_again_add_nothing(log: Log) -> None:
    put(log, [{}, {}])
    again = put(log, [{}, {}, {}])
    assert (again.rows_added, again.rows_duplicate, again.facts_added) == (1, 2, 1)
    assert [row[0] for row in read(log, "id")] == ["r0", "r1", "r2"]


def test_the_same_id_in_another_source_or_question_is_another_fact(log: Log) -> None:
    put(log, [{}])
    assert put(log, [{}], source="web").rows_added == 1
    assert put(log, [{"question": "why"}]).rows_added == 1
    assert len(read(log, "id")) == 3


def test_a_batch_that_repeats_itself_keeps_the_first(log: Log) -> None:
    receipt = put(log, [{"id": "r", "score": 1.0}, {"id": "r", "score": 2.0}])
    assert (receipt.rows_added, receipt.rows_duplicate) == (1, 1)
    assert read(log, "score") == [(1.0,)]


def test_other_content_is_a_duplicate_unless_it_replaces(log: Log) -> None:
    put(log, [{"score": 1.0}, {"score": 2.0}])
    assert put(log, [{"score": 5.0}, {"score": 2.0}]).rows_added == 0
    receipt = put(log, [{"score": 5.0}, {"score": 2.0}], replace=True)
    assert (receipt.rows_added, receipt.rows_replaced, receipt.rows_duplicate) == (1, 1, 1)
    assert read(log, "id", "score") == [("r1", 2.0), ("r0", 5.0)]


def test_an_import_is_called_as_its_writer_says(log: Log) -> None:
    """Whoever is killed before it hears of the commit can find what it committed."""
    with log.begin("main", source="desk", label="file.csv", import_id="known before") as batch:
        batch.write("answers", answers([{}]))
        assert batch.commit().import_id == "known before"
    assert [found.import_id for found in log.imports("main")] == ["known before"]


def test_undo_takes_back_the_import_and_what_it_replaced(log: Log) -> None:
    put(log, [{"score": 1.0}])
    receipt = put(log, [{"score": 5.0}, {}], replace=True)
    assert log.undo("main", receipt.import_id) == 2
    assert read(log, "id", "score") == [("r0", 1.0)]
    with pytest.raises(Problem, match="taken back already"):
        log.undo("main", receipt.import_id)
    assert [found.undone_at is not None for found in log.imports("main")] == [True, False]
    assert put(log, [{"score": 5.0}, {}], replace=True).rows_added == 2


def test_a_dry_run_counts_and_writes_nothing(log: Log) -> None:
    put(log, [{}])
    receipt = put(log, [{}, {}], dry_run=True)
    assert (receipt.rows_added, receipt.rows_duplicate) == (1, 1)
    assert len(read(log, "id")) == 1
    assert log.words("main", "question") == {0: "overall"}


def test_rows_without_a_customer_are_a_customer_each(log: Log) -> None:
    receipt = put(
        log,
        [{"customer": None}, {"customer": None, "question": "why", "row": 0}, {"customer": None}],
    )
    keys = [row[0] for row in read(log, "customer")]
    assert receipt.anonymous == 2
    assert keys[0] == keys[1] != keys[2]


def test_a_customer_keeps_the_key_over_batches_sources_and_tables(log: Log) -> None:
    put(log, [{"customer": "ana"}, {"customer": "ben"}])
    put(log, [{"customer": "ben"}], source="web")
    orders = [{"row": 0, "id": "o1", "occurred_at": DAY, "customer": "ana", "amount": 12}]
    put(log, orders, table="orders")
    ana, ben, again = (row[0] for row in read(log, "customer"))
    assert ana != ben == again


def test_ids_of_different_kinds_are_different_ids(log: Log) -> None:
    put(
        log, [{"customer": "7", "customer_kind": "phone"}, {"customer": "7", "customer_kind": None}]
    )
    (one,), (other,) = read(log, "customer")
    assert one != other


def test_leaving_a_batch_without_commit_keeps_nothing(log: Log) -> None:
    with log.begin("main", source="desk", label="x") as batch:
        batch.write("answers", answers([{}]))
    assert read(log, "id") == []
    assert put(log, [{}]).rows_added == 1


def test_a_batch_of_several_tables_is_one(log: Log) -> None:
    with log.begin("main", source="desk", label="x") as batch:
        batch.write("answers", answers([{}, {}]))
        batch.write("answers", answers([{"row": 2, "id": "r2"}]))
        batch.write(
            "verbatims",
            pa.table(
                {"row": [0], "id": ["r0"], "question": ["why"], "text": ["排队太久"],
                 "occurred_at": pa.array([DAY], pa.timestamp("us"))}
            ),
        )  # fmt: skip
        receipt = batch.commit()
    assert receipt.by_table == {"answers": 3, "verbatims": 1}
    assert (receipt.rows_added, receipt.facts_added) == (3, 4)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"id": ["a"]}, "need the columns"),
        ({"row": [1], "id": ["a"], "occurred_at": [DAY], "x": [1]}, "no column x"),
    ],
)
def test_a_writer_that_errs_is_told(owner: Owner, rows: dict[str, list[object]], said: str) -> None:
    with (
        owner.begin("main", source="desk", label="x") as batch,
        pytest.raises(ValueError, match=said),
    ):
        batch.write("answers", pa.table(rows))


def test_a_dimension_cannot_take_a_columns_name_or_change_its_kind(log: Log) -> None:
    with pytest.raises(Problem, match="cannot be called channel"):
        log.declare("main", {"answers": {"channel": "text"}})
    log.declare("main", {"answers": {"age": "float"}})
    with pytest.raises(Problem, match="now declared as text"):
        log.declare("main", {"answers": {"age": "text"}})


def writes(says: Says, data: Path) -> None:
    """Puts batches of 50 rows without end and says which are in."""
    with Owner(data) as log:
        log.create("main")
        for turn in range(10_000):
            put(log, [{"id": f"{turn}-{k}"} for k in range(50)])
            says(turn)


def test_what_was_acknowledged_survives_kill_9(data: Path) -> None:
    """Would catch a commit that answers before it is on disk, or one that keeps half a batch."""
    acknowledged = -1
    for pause in (0.0, 0.13, 0.41):
        child = Child(writes, data)
        told = [child.hears()]
        time.sleep(pause)
        child.kill()
        told += child.rest()
        assert child.wait() == -9
        acknowledged = max(acknowledged, *told)
        with Owner(data) as log:
            found = {row[0] for row in read(log, "id")}
        turns = {int(name.split("-")[0]) for name in found}
        assert len(found) == 50 * len(turns)
        assert set(range(acknowledged + 1)) <= turns
