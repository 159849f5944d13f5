"""An erased customer is unreadable at once, and her bytes go with the next writing anew."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import bases, builds, findings
from zhiyin.warehouse.engines.duckdb.forgetting import RULES
from zhiyin.warehouse.holdings import HOLDINGS
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id, KeptSince
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.tables import COMMON, TABLES
from zhiyin.warehouse.tests.planting import DAY, put, read
from zhiyin.warehouse.tests.test_reading import link

HER = Id("customer", "her")
SET_BY_THE_LOG = ("source", "received_at")


@pytest.fixture
def plain(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    """A log whose bytes can be searched: a compressed file hides most strings."""
    monkeypatch.setenv("ZHIYIN_LOG_COMPRESSION", "uncompressed")
    with Owner(data) as owner:
        owner.create("main")
        yield owner


def needle() -> str:
    return secrets.token_hex(20)


def facts(table: str, customer: str, row: int, needles: list[str] | None) -> dict[str, list[Any]]:
    """One fact with a value in every column; a needle in each that holds text."""
    filled: dict[str, list[Any]] = {"row": [row]}
    for column in (*COMMON, *TABLES[table].columns):
        if column.name in SET_BY_THE_LOG:
            continue
        if column.name == "customer":
            filled["customer"] = [customer]
            continue
        if column.kind in ("text", "json") or column.name == "other":
            word = f"{table}-{column.name}" if needles is None else needle()
            if needles is not None:
                needles.append(word)
            filled[column.name] = [f'{{"{word}": "{word}"}}' if column.kind == "json" else word]
        elif column.kind == "time":
            filled[column.name] = [DAY]
        elif column.kind == "bool":
            filled[column.name] = [True]
        elif column.kind == "float":
            filled[column.name] = [1.5]
        elif column.kind == "int":
            filled[column.name] = [3]
        elif column.kind == "money":
            filled[column.name] = [Decimal("12.5000")]
    filled["d_city"] = [needle() if needles is not None else "Rome"]
    if needles is not None:
        needles.extend(filled["d_city"])
    return filled


def fill(log: Log, customer: str, needles: list[str] | None) -> None:
    """Every table of the log, every column, for one customer."""
    log.declare("main", {table: {"city": "text"} for table in TABLES})
    with log.begin("main", source="desk", label=f"{customer}.csv") as batch:
        for row, table in enumerate(TABLES):
            batch.write(table, pa.table(facts(table, customer, row, needles)))
        batch.commit()


def found_in(folder: Path, needles: list[str]) -> dict[str, set[str]]:
    """Which of the needles are in which file."""
    held: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            seen = {one for one in needles if one.encode() in content}
            if seen:
                held[path.name] = seen
    return held


def everything(log: Log, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row that is read, of every table, in words."""
    schema = log.schema("main")
    return {
        table: log.execute(
            "main", lang.table(schema, table).order_by("seq"), words=True, **options
        ).to_pylist()
        for table in TABLES
    }


def test_every_text_of_hers_is_found_before_and_in_no_file_afterwards(
    plain: Owner, data: Path
) -> None:
    """Would catch a column, a dictionary or a file that erasure forgets."""
    her_id = needle()
    needles = [her_id]
    fill(plain, "him", None)
    fill(plain, her_id, needles)
    him = plain.subject("main", "him").customer
    held = found_in(data, needles)
    assert set().union(*held.values()) == set(needles)
    his = {t: [r for r in rows if r["customer"] == him] for t, rows in everything(plain).items()}
    done = plain.erase("main", [Id("customer", her_id)], "e1")
    assert {table: done.by_table[table] for table in TABLES} == dict.fromkeys(TABLES, 1)
    assert done.by_table["batches"] == 1  # the import's file bore her id
    left = everything(plain)
    assert left == his
    assert not [n for n in needles if n in repr(left) or n in repr(plain._workspace("main").words)]
    rewritten = plain.rewrite("main")
    assert rewritten.removed == dict.fromkeys(TABLES, 1)
    # Her side of a link is an id of its own, of another customer, whom nobody asked to erase.
    assert found_in(data, [n for n in needles if n in her_ids_and_words(needles, plain)]) == {}
    assert everything(plain) == his


def her_ids_and_words(needles: list[str], log: Owner) -> set[str]:
    """The needles without the other end of her link, which the log still knows as an id."""
    with log._cursor() as cursor:
        known = {i for (i,) in cursor.execute(f'SELECT id FROM "{log_name(log)}".ids').fetchall()}
    return set(needles) - known


def log_name(log: Owner) -> str:
    return log._workspace("main").catalog


def test_nobody_reads_her_whatever_they_ask_as_of(log: Log) -> None:
    """Superseding hides a row from now on only; erasure hides it from the past too."""
    put(log, [{"customer": "her"}, {"customer": "him"}])
    before = now()
    done = log.erase("main", [HER], "e1")
    assert done.customers == 1
    assert (done.by_table["answers"], done.by_table["ids"]) == (1, 1)
    assert read(log, "id") == [("r1",)]
    assert read(log, "id", reader=Reader(as_of=before)) == [("r1",)]
    ids = log.execute("main", lang.ids())
    assert ids["id"].to_pylist() == ["him"]
    with pytest.raises(Problem) as unknown:
        log.subject("main", "her")
    assert unknown.value.code == "rights.no-such-customer"
    (seen,) = log.erasures("main")
    assert (seen.erasure, seen.erased_at, seen.gone_at) == ("e1", done.erased_at, None)
    rewritten = log.rewrite("main")
    assert rewritten.erasures == ("e1",)
    assert log.erasures("main")[0].gone_at is not None
    assert read(log, "id", reader=Reader(as_of=before)) == [("r1",)]


def test_erasure_takes_all_that_was_merged_with_her(log: Log) -> None:
    put(log, [{"customer": "phone"}, {"customer": "mail"}, {"customer": "him"}])
    link(log, "m1", "link", "phone", "mail")
    found = log.subject("main", "mail")
    assert {one.id for one in found.ids} == {"phone", "mail"}
    done = log.erase("main", [Id("customer", "mail")], "e1")
    assert (done.by_table["answers"], done.by_table["identities"]) == (2, 1)
    assert read(log, "id") == [("r2",)]
    again = log.erase("main", [Id("customer", "mail")], "e1")
    assert (again.customers, again.by_table) == (0, {})


def test_an_id_of_two_kinds_is_asked_about(log: Log) -> None:
    put(log, [{"customer": "a"}])
    put(log, [{"id": "x", "customer": "a", "customer_kind": "device"}])
    with pytest.raises(Problem) as unclear:
        log.subject("main", "a")
    assert unclear.value.code == "rights.which-customer"
    assert log.subject("main", "a", "device").ids == (Id("device", "a"),)


def test_her_rows_are_refused_or_start_anew_as_told(log: Log) -> None:
    put(log, [{"customer": "her", "id": "old"}, {"customer": "him"}])
    assert log.erased_hashes("main") == []
    log.erase("main", [HER], "e1")
    rows = [{"customer": "her", "id": "old"}, {"customer": "him", "id": "new"}]
    tried = put(log, rows, dry_run=True)
    assert (tried.rows_added, tried.rows_refused) == (1, 1)
    receipt = put(log, rows)
    assert (receipt.rows_added, receipt.rows_refused, receipt.rows_duplicate) == (1, 1, 0)
    assert read(log, "id") == [("r1",), ("new",)]
    assert len(log.erased_hashes("main")) == 1
    log.rewrite("main")
    assert put(log, [{"customer": "her", "id": "later"}]).rows_refused == 1
    log.refuse_erased("main", refuse=False)
    assert log.erased_hashes("main") == []
    receipt = put(log, [{"customer": "her", "id": "old"}])
    assert (receipt.rows_added, receipt.rows_refused) == (1, 0)
    assert log.subject("main", "her").ids == (HER,)
    assert read(log, "id") == [("r1",), ("new",), ("old",)]


def test_an_id_of_another_kind_is_not_hers(log: Log) -> None:
    put(log, [{"customer": "her"}])
    log.erase("main", [HER], "e1")
    receipt = put(log, [{"id": "x", "customer": "her", "customer_kind": "device"}])
    assert (receipt.rows_added, receipt.rows_refused) == (1, 0)


def test_words_that_others_use_stay_and_codes_keep_their_place(log: Log) -> None:
    put(log, [{"customer": "her", "touchpoint": "desk"}, {"customer": "him", "touchpoint": "desk"}])
    put(log, [{"id": "x", "customer": "her", "touchpoint": "her room"}])
    put(log, [{"id": "y", "customer": "him", "touchpoint": "lounge"}])
    log.erase("main", [HER], "e1")
    assert log.words("main", "touchpoint") == {0: "desk", 1: "erased-1", 2: "lounge"}
    put(log, [{"id": "z", "customer": "him", "touchpoint": "her room"}])
    assert read(log, "id", "touchpoint")[-1] == ("z", "her room")
    log.rewrite("main")
    assert read(log, "touchpoint") == [("desk",), ("lounge",), ("her room",)]


def test_a_touchpoint_that_a_rule_names_stays(owner: Owner) -> None:
    """Would catch a rule that loses its touchpoint with the only customer who was there."""
    rule = Rule('name = "Seen"', "gate", "UTC")
    owner.set_rules("main", "touchpoint", Rules((rule,)))
    put(owner, [{"customer": "her", "touchpoint": "gate"}, {"customer": "him"}])
    owner.erase("main", [HER], "e1")
    assert owner.rules("main", "touchpoint").listed == (rule,)
    owner.rewrite("main")
    assert owner.rules("main", "touchpoint").listed == (rule,)


def test_an_erasure_that_comes_while_the_file_is_written_waits_for_the_next(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a receipt that promises bytes away which are in the new file."""
    from zhiyin.warehouse.engines.duckdb.rewriting import Rewrite

    put(owner, [{"customer": "her"}, {"customer": "him"}, {"customer": "later"}])
    owner.erase("main", [HER], "e1")
    copy = Rewrite._copy_growing

    def and_then(self: Rewrite, *arguments: Any) -> None:
        copy(self, *arguments)
        owner.erase("main", [Id("customer", "later")], "e2")
        put(owner, [{"id": "meanwhile", "customer": "him"}])
        owner.declare("main", {"answers": {"city": "text"}})

    monkeypatch.setattr(Rewrite, "_copy_growing", and_then)
    assert owner.rewrite("main").erasures == ("e1",)
    monkeypatch.undo()
    assert read(owner, "id") == [("r1",), ("meanwhile",)]
    assert [one.gone_at is None for one in owner.erasures("main")] == [False, True]
    assert owner.rewrite("main").erasures == ("e2",)
    assert [one.gone_at is None for one in owner.erasures("main")] == [False, False]
    assert read(owner, "id") == [("r1",), ("meanwhile",)]


def test_writers_and_readers_go_on_while_the_file_is_written(owner: Owner) -> None:
    """Nothing that was written meanwhile is lost, nothing read meanwhile is wrong."""
    put(owner, [{"id": f"first{i}", "customer": f"c{i}"} for i in range(20_000)])
    put(owner, [{"id": "hers", "customer": "her"}])
    owner.erase("main", [HER], "e1")
    done = threading.Event()
    written: list[str] = []
    faults: list[BaseException] = []

    def write() -> None:
        number = 0
        try:
            while not done.is_set():
                put(owner, [{"id": f"w{number}", "customer": "him"}])
                written.append(f"w{number}")
                number += 1
        except BaseException as fault:
            faults.append(fault)

    def look() -> None:
        try:
            while not done.is_set():
                known = len(written)
                ids = {i for (i,) in read(owner, "id")}
                assert len(ids) >= 20_000 + known
                assert "hers" not in ids
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write), threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    for _time in range(4):
        owner.rewrite("main")
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    ids = [i for (i,) in read(owner, "id")]
    assert len(written) > 3
    assert ids == [f"first{i}" for i in range(20_000)] + written


def test_what_is_undone_replaced_and_known_as_of_then_stays(owner: Owner) -> None:
    put(owner, [{"customer": "her"}, {"customer": "him", "score": 1.0}])
    first = now()
    put(owner, [{"id": "r1", "customer": "him", "score": 2.0}], replace=True)
    second = now()
    taken = put(owner, [{"id": "x", "customer": "him", "score": 3.0}])
    owner.undo("main", taken.import_id)
    before = [read(owner, "id", "score", reader=Reader(as_of=at)) for at in (first, second)]
    owner.erase("main", [HER], "e1")
    owner.rewrite("main")
    after = [read(owner, "id", "score", reader=Reader(as_of=at)) for at in (first, second)]
    assert before[0] == [("r0", 5.0), ("r1", 1.0)]
    assert after == [[("r1", 1.0)], [("r1", 2.0)]]
    assert read(owner, "id", "score") == [("r1", 2.0)]
    assert put(owner, [{"id": "r1", "customer": "him", "score": 2.0}]).rows_duplicate == 1


def test_a_cut_off_writing_anew_leaves_nothing_at_the_next_start(data: Path) -> None:
    with Owner(data) as log:
        log.create("main")
        put(log, [{"customer": "her"}, {"customer": "him"}])
        log.erase("main", [HER], "e1")
        log.rewrite("main")
    folder = data / "log"
    assert [path.name for path in folder.iterdir()] == ["main.1.duckdb"]
    for name in ("main.2.draft", "main.2.draft.wal", "main.duckdb", "main.duckdb.wal"):
        (folder / name).write_bytes(b"what a crash left")
    with Owner(data) as log:
        assert [path.name for path in folder.iterdir()] == ["main.1.duckdb"]
        assert log.workspaces() == ["main"]
        assert read(log, "id") == [("r1",)]
        log.drop("main")
        assert list(folder.iterdir()) == []


# What is kept


def at(days: int) -> datetime:
    return DAY + timedelta(days=days)


def test_what_is_kept_no_longer_is_read_by_nobody_and_leaves_the_file(
    plain: Owner, data: Path
) -> None:
    old, young, kept = needle(), needle(), needle()
    rows = [
        {"row": 0, "id": "o", "customer": old, "occurred_at": at(0), "name": "Seen"},
        {"row": 1, "id": "y", "customer": young, "occurred_at": at(9), "name": "Seen"},
        {"row": 2, "id": "k", "customer": kept, "occurred_at": at(0), "name": "Order Completed"},
    ]
    put(plain, rows, table="events")
    before = now()
    rules = [KeptSince("events", "", at(5)), KeptSince("events", "Order *", at(-1))]
    assert plain.expiring("main", rules) == {"events": 1}
    plain.keep_since("main", rules)
    assert plain.expiring("main", rules) == {}
    events = lang.table(plain.schema("main"), "events").order_by("seq").select("id")
    for reader in (Reader(), Reader(as_of=before)):
        seen = plain.execute("main", events, reader=reader)
        assert seen["id"].to_pylist() == ["y", "k"]
    assert set(found_in(data, [old]).values().__iter__().__next__()) == {old}
    assert plain.rewrite("main").removed == {"events": 1}
    assert found_in(data, [old]) == {}
    assert set().union(*found_in(data, [young, kept]).values()) == {young, kept}
    with pytest.raises(Problem):
        plain.subject("main", old)


def test_a_rule_that_is_widened_before_the_file_is_written_brings_rows_back(log: Log) -> None:
    put(log, [{"occurred_at": at(0)}, {"occurred_at": at(9)}])
    log.keep_since("main", [KeptSince("answers", "", at(5))])
    assert read(log, "id") == [("r1",)]
    log.keep_since("main", [KeptSince("answers", "", at(-5))])
    assert read(log, "id") == [("r0",), ("r1",)]


def test_every_table_about_customers_is_erased_by_a_rule() -> None:
    """A new table without one is one that erasure forgets."""
    dictionaries = {"ids", "words", "customer_of"}
    derived = {"held", *(build.name for build in builds.BUILDS), *bases.TABLES_OF_BASES}
    # What was found in verbatims is read, and written anew, with these alone: `test_findings`.
    known = {*TABLES, *findings.TABLES, *dictionaries, *derived, *RULES}
    about = {h.place for h in HOLDINGS if h.kind == "table" and h.about == "customer"}
    assert about <= known, about - known
