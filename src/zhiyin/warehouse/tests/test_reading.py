"""What a reader sees: the rows that are live, as they were known, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put, read


def link(log: Log, name: str, action: str, one: str, other: str) -> None:
    row = {"row": 0, "id": name, "occurred_at": DAY, "customer": one, "other": other}
    put(log, [{**row, "action": action, "reason": "same person"}], table="identities")


def test_as_of_shows_what_was_known_then(log: Log) -> None:
    put(log, [{"score": 1.0}])
    first = now()
    replaced = put(log, [{"score": 5.0}, {}], replace=True)
    second = now()
    log.undo("main", replaced.import_id)
    third = now()
    assert read(log, "score", reader=Reader(as_of=first)) == [(1.0,)]
    assert sorted(read(log, "score", reader=Reader(as_of=second))) == [(5.0,), (5.0,)]
    assert read(log, "score", reader=Reader(as_of=third)) == read(log, "score") == [(1.0,)]
    assert read(log, "score", reader=Reader(as_of=first - timedelta(days=1))) == []


def test_a_scope_hides_rows_in_every_query(log: Log) -> None:
    log.declare("main", {"answers": {"state": "text"}})
    put(log, [{"d_state": "SP"}, {"d_state": "RJ"}, {}])
    table = lang.table(log.schema("main"), "answers")
    scoped = Reader(scope=parse("state = 'SP'"))
    count = table.aggregate(n=table.count())
    assert log.execute("main", count, reader=scoped)["n"].to_pylist() == [1]
    query = table.mutate(num=lang.literal(1)).select("question", "customer", "num")
    (total,) = log.totals("main", query, levels=[["question"]], reader=scoped)
    assert total["n"].to_pylist() == [1]


def test_a_scope_holds_in_a_query_that_names_the_dictionaries_itself(log: Log) -> None:
    put(log, [{"unit": "north", "question": "a"}, {"unit": "south", "question": "b"}])
    answers, words = lang.table(log.schema("main"), "answers"), lang.words()
    named = answers.inner_join(
        words, (answers.question == words.code) & (words.domain == "question")
    ).select("word")
    found = log.execute("main", named, reader=Reader(scope=parse("unit in ('north', 'west')")))
    assert found["word"].to_pylist() == ["a"]


def test_a_scope_that_a_table_cannot_honour_shows_nothing_of_it(log: Log) -> None:
    log.declare("main", {"answers": {"state": "text"}})
    orders = lang.table(log.schema("main"), "orders")
    with pytest.raises(Problem, match="orders have no column state"):
        log.execute("main", orders, reader=Reader(scope=parse("state = 'SP'")))


def test_merged_customers_are_one_and_unmerging_undoes_it(log: Log) -> None:
    put(log, [{"customer": "a"}, {"customer": "b"}, {"customer": "c"}, {"customer": "d"}])
    before = now()
    link(log, "m1", "link", "b", "a")
    link(log, "m2", "link", "c", "b")
    keys = [row[0] for row in read(log, "customer")]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert len({row[0] for row in read(log, "customer", reader=Reader(as_of=before))}) == 4
    link(log, "m3", "unlink", "b", "c")
    keys = [row[0] for row in read(log, "customer")]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_workspaces_do_not_see_each_other(owner: Owner) -> None:
    owner.create("other")
    put(owner, [{}])
    table = lang.table(owner.schema("other"), "answers")
    assert owner.execute("other", table).num_rows == 0
    owner.drop("other")
    assert owner.workspaces() == ["main"]
    with pytest.raises(Problem, match="no workspace other"):
        owner.execute("other", table)


@pytest.mark.parametrize("slug", ["", "A", "../x", "a b", "-a", "a" * 41, "a;b", 'a"b'])
def test_a_workspaces_name_cannot_reach_outside(owner: Owner, slug: str) -> None:
    with pytest.raises(Problem, match="cannot be the name"):
        owner.create(slug)


def test_a_query_that_takes_too_long_is_stopped_and_says_so(log: Log) -> None:
    put(log, [{"id": f"r{k}"} for k in range(3000)])
    table = lang.table(log.schema("main"), "answers")
    for _turn in range(3):
        table = table.cross_join(table.view().select("seq"), rname="{name}_again")
        table = table.rename(lambda name: name).select("seq")
    with pytest.raises(Problem, match="took more than"):
        log.execute("main", table.aggregate(n=table.seq.max()), seconds=0.2)
    assert len(read(log, "id")) == 3000


def test_a_query_waits_for_its_turn_no_longer_than_it_may(owner: Owner) -> None:
    put(owner, [{}])
    owner._workspace("main").rows["answers"] = 10_000_000
    with (
        owner._queue.turn(10_000_000, 1.0),
        owner._queue.turn(10_000_000, 1.0),
        pytest.raises(Problem, match="kept the log busy"),
    ):
        read(owner, "id", seconds=0.1)
    assert read(owner, "id") == [("r0",)]


def test_the_engine_opens_no_other_file(owner: Owner) -> None:
    (cursor,) = [owner._root.cursor()]
    with pytest.raises(Exception, match="disabled by configuration"):
        cursor.execute("SELECT * FROM read_csv('/etc/hostname')")
    cursor.close()
