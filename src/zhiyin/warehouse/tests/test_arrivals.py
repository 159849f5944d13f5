"""What intake has read becomes rows of the log, once, with its keys and codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import coding
from zhiyin.warehouse.engines.duckdb.arrivals import Arrivals
from zhiyin.warehouse.engines.duckdb.engine import DuckdbLog
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import DAY, put
from zhiyin.warehouse.tests.sending import event, sent


def rows(log: Log, *columns: str, table: str = "events") -> list[tuple[Any, ...]]:
    held = lang.table(log.schema("main"), table)
    found = log.execute("main", held.order_by("seq").select(*columns), words=True)
    return [tuple(row[name] for name in columns) for row in found.to_pylist()]


def load(owner: Owner, *letters: Any, position: int | None = None) -> Any:
    return owner.arrive("main", letters, position=position)


def file_event(number: int, **says: Any) -> dict[str, Any]:
    return {"row": number, "id": f"m{number}", "occurred_at": DAY, "customer": f"c{number}",
            "name": "Order Completed", **says}  # fmt: skip


def test_events_are_there_with_words_customers_and_properties(owner: Owner) -> None:
    load(owner, sent([event(1, properties={"total": 3, "café": "é"}), event(2)]))
    assert rows(owner, "id", "name", "source", "properties") == [
        ("m1", "Order Completed", "site", '{"total":3,"café":"é"}'),
        ("m2", "Order Completed", "site", None),
    ]
    assert rows(owner, "customer") == [(0,), (1,)]


def test_the_same_again_is_left_out_in_one_load_over_loads_and_over_starts(data: Path) -> None:
    """Would catch sets that are only in memory, or that trust the file without the log."""
    with Owner(data) as owner:
        owner.create("main")
        first = load(owner, sent([event(1), event(1), event(2)]))
        assert (first.rows, first.duplicates) == (2, 1)
        assert load(owner, sent([event(2), event(3)])).rows == 1
        owner.flush_arrivals("main")
        load(owner, sent([event(4)]))
    with Owner(data) as owner:
        again = load(owner, sent([event(n) for n in range(1, 6)]))
        assert (again.rows, again.duplicates) == (1, 4)
        assert [id for (id,) in rows(owner, "id")] == ["m1", "m2", "m3", "m4", "m5"]


def test_names_without_end_do_not_fill_the_dictionaries(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a public key that makes every later start read a million words."""
    monkeypatch.setattr(coding, "MOST_WORDS", 3)
    load(owner, sent([event(n, name=f"N{n}", properties={"n": n}) for n in range(1, 4)]))
    load(
        owner,
        sent([event(4, name="N4"), event(5, name="N5", properties={"n": 5}), event(6, name="N2")]),
    )
    assert rows(owner, "id", "name", "properties")[2:] == [
        ("m3", "N3", '{"n":3}'),
        ("m4", "(more)", '{"own_name":"N4"}'),
        ("m5", "(more)", '{"n":5,"own_name":"N5"}'),
        ("m6", "N2", None),
    ]
    assert list(owner.words("main", "name").values()) == ["N1", "N2", "N3", "(more)"]


def test_imports_and_intake_recognise_each_other(owner: Owner) -> None:
    """Would catch another hash, another key table, and memory that misses an import."""
    load(owner, sent([event(1), event(2)]))
    receipt = put(owner, [file_event(2), file_event(3)], table="events", source="site")
    assert (receipt.rows_added, receipt.rows_duplicate) == (1, 1)
    assert load(owner, sent([event(3), event(4)])).rows == 1
    assert put(owner, [file_event(4)], table="events", source="site").rows_added == 0
    assert put(owner, [file_event(4)], table="events", source="other").rows_added == 1
    assert [c for (c,) in rows(owner, "customer")] == [0, 1, 2, 3, 3]
    assert owner.words("main", "source") == {0: "site", 1: "other"}


def test_an_import_that_is_taken_back_is_no_duplicate(owner: Owner) -> None:
    receipt = put(owner, [file_event(1)], table="events", source="site")
    owner.undo("main", receipt.import_id)
    assert load(owner, sent([event(1)])).rows == 1


def test_a_hash_that_the_log_does_not_confirm_is_no_duplicate(owner: Owner) -> None:
    """Sets may be ahead of the log after a crash."""
    owner.arrive("main", [sent([event(1)])], position=None, dry_run=True)
    assert rows(owner, "id") == []
    assert load(owner, sent([event(1)])).rows == 1


def test_what_fails_leaves_no_key_no_word_and_no_number(owner: Owner) -> None:
    owner.arrive("main", [sent([event(1, name="Gone")])], position=7, dry_run=True)
    load(owner, sent([event(2)]))
    assert owner.words("main", "name") == {0: "Order Completed"}
    assert rows(owner, "customer", "seq") == [(0, 0)]
    assert owner.journal_position("main") == 0


def test_who_reads_as_soon_as_rows_are_there_has_their_words(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch words that are known only after what the commit has made true is learnt."""
    seen: list[list[tuple[Any, ...]]] = []

    def first_read(wrapped: Callable[..., Any]) -> Callable[..., Any]:
        def read(*given: Any) -> Any:
            seen.append(rows(owner, "name", "source"))
            return wrapped(*given)

        return read

    monkeypatch.setattr(Arrivals, "_learn", first_read(Arrivals._learn))
    load(owner, sent([event(1, name="Came In")]))
    monkeypatch.setattr(DuckdbLog, "_refresh", first_read(DuckdbLog._refresh))
    put(owner, [file_event(2, name="Was Imported")], table="events")
    assert seen[0] == [("Came In", "site")]
    assert seen[1] == [("Came In", "site"), ("Was Imported", "desk")]


def test_words_of_a_commit_that_fails_are_nobodys(owner: Owner) -> None:
    load(owner, sent([event(1)]))
    held = owner._workspace("main")
    with pytest.raises(OSError, match="full"), held.knowing([("name", "Gone"), ("source", "x")]):
        raise OSError("the disk is full")
    assert owner.words("main", "name") == {0: "Order Completed"}
    load(owner, sent([event(2, name="Next")]))
    assert rows(owner, "name") == [("Order Completed",), ("Next",)]


def test_the_position_of_the_journal_is_in_the_same_transaction(owner: Owner) -> None:
    load(owner, sent([event(1)]), position=5)
    assert owner.journal_position("main") == 5
    load(owner, sent([event(1)]), position=6)
    assert owner.journal_position("main") == 6


def test_declared_properties_become_dimensions_where_they_fit(owner: Owner) -> None:
    owner.declare("main", {"events": {"city": "text", "total": "float", "ok": "bool"}})
    load(
        owner,
        sent([
            event(1, properties={"city": "Oslo", "total": "3.5", "ok": True, "x": 1}),
            event(2, properties={"city": ["no", "word"], "total": "much"}),
        ]),
    )  # fmt: skip
    assert rows(owner, "d_city", "d_total", "d_ok", "properties") == [
        ("Oslo", 3.5, True, '{"x":1}'),
        (None, None, None, '{"city":["no","word"],"total":"much"}'),
    ]


def test_a_reading_stays_as_it_is_so_that_it_can_be_loaded_again(owner: Owner) -> None:
    """Would catch dimensions that are taken out of the sender's own dicts."""
    owner.declare("main", {"events": {"city": "text"}})
    once = sent([event(1, properties={"city": "Oslo"})])
    owner.arrive("main", [once], position=None, dry_run=True)
    load(owner, once)
    assert rows(owner, "d_city") == [("Oslo",)]


def test_facts_of_other_tables_share_the_keys(owner: Owner) -> None:
    link = {"customer": "c1", "other": "dev-1", "other_kind": "anonymous", "action": "link"}
    trait = {"customer": "c1", "name": "plan", "value": "gold"}
    load(owner, sent([event(1, traits=trait, identities=link), event("x", customer="c1")]))
    assert rows(owner, "customer", "name", "value", table="traits") == [(0, "plan", "gold")]
    assert rows(owner, "customer", "other", "action", table="identities") == [(0, 1, "link")]
    assert [c for (c,) in rows(owner, "customer")] == [0, 0]
    ids = owner.execute("main", lang.ids().select("key", "kind", "id").order_by("id"))
    assert ids.to_pylist() == [
        {"key": 0, "kind": "customer", "id": "c1"},
        {"key": 0, "kind": "anonymous", "id": "dev-1"},
    ]


def test_rows_without_a_customer_are_customers_of_their_own(owner: Owner) -> None:
    load(owner, sent([event(1, customer=None), event(2, customer=None), event(3)]))
    assert len({c for (c,) in rows(owner, "customer")}) == 3
    assert put(owner, [file_event(9)], table="events").facts_added == 1
    assert len({c for (c,) in rows(owner, "customer")}) == 4


def test_received_at_never_goes_back(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    load(owner, sent([event(1)]))
    monkeypatch.setattr("zhiyin.warehouse.engines.duckdb.arrivals.now", lambda: DAY)
    load(owner, sent([event(2)]))
    (first,), (second,) = rows(owner, "received_at")
    assert first < second


def test_a_day_of_intake_is_one_import_and_cannot_be_taken_back(owner: Owner) -> None:
    load(owner, sent([event(1)]))
    load(owner, sent([event(2), event(3)]))
    (found,) = owner.imports("main")
    assert (found.source, found.facts) == ("intake", 3)
    assert found.label == str(date.fromisoformat(found.label))
    with pytest.raises(Problem, match="cannot be taken back"):
        owner.undo("main", found.import_id)


def test_a_key_table_that_grows_keeps_every_key(owner: Owner) -> None:
    for start in range(0, 9000, 3000):
        load(owner, sent([event(n) for n in range(start, start + 3000)]))
    load(owner, sent([event(f"again{n}", customer=f"c{n}") for n in range(9000)]))
    keys = [c for (c,) in rows(owner, "customer")]
    assert keys[:9000] == list(range(9000)) == keys[9000:]


def test_refusals_are_kept(owner: Owner) -> None:
    done = load(owner, sent([event(1), {"id": "bad"}]))
    assert (done.rows, done.refused) == (1, 1)


@pytest.mark.parametrize(
    "columns", [{"id": ["a"], "nonsense": [1]}, {"id": ["a", "b"], "name": ["x"]}]
)
def test_a_reading_that_no_log_takes_is_said_and_leaves_nothing(
    owner: Owner, columns: dict[str, list[Any]]
) -> None:
    made, reading = sent([event(1)])
    reading.facts["traits"] = {"occurred_at": [1] * len(columns["id"]), **columns}
    with pytest.raises(ValueError, match=r"column"):
        load(owner, (made, reading))
    assert rows(owner, "id") == []


def test_hashes_are_those_of_imports(owner: Owner) -> None:
    load(owner, sent([event(1)]))
    put(owner, [file_event(1)], table="events", source="other")
    cursor = owner._root.cursor()
    found = cursor.execute(
        "SELECT id_hash, md5_number_lower(concat_ws(chr(31), w.word, e.id))"
        " FROM ws_main.events e JOIN ws_main.words w ON w.domain = 'source' AND w.code = e.source"
    ).fetchall()
    cursor.close()
    assert len(found) == 2
    assert all(stored == wanted for stored, wanted in found)


@pytest.mark.parametrize("refuses", [True, False])
def test_an_erased_id_is_refused_or_starts_anew(owner: Owner, refuses: bool) -> None:
    """Would catch a fingerprint that outlives the id, and intake that knows no erasure."""
    load(owner, sent([event(1), event(2)]))
    subject = owner.subject("main", "c1")
    owner.erase("main", subject.ids, "e1")
    owner.refuse_erased("main", refuse=refuses)
    load(owner, sent([event("new", customer="c1"), event(3, customer="c2"), event(1)]))
    assert [id for (id,) in rows(owner, "id")] == ["m2", *([] if refuses else ["mnew"]), "m3"] + (
        [] if refuses else ["m1"]
    )
    assert 0 not in {c for (c,) in rows(owner, "customer")}


def test_a_file_written_anew_takes_loads(owner: Owner) -> None:
    load(owner, sent([event(1), event(2)]))
    owner.erase("main", owner.subject("main", "c1").ids, "e1")
    owner.rewrite("main")
    assert load(owner, sent([event(2), event(3)])).rows == 1
    assert [id for (id,) in rows(owner, "id")] == ["m2", "m3"]
