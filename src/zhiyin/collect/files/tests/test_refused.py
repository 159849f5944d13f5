"""Rows of an erased customer are rejected with the reason; the rejects file keeps none of them."""

from __future__ import annotations

from zhiyin.collect.files.tests.conftest import ASKED, Desk, counts, rejects
from zhiyin.warehouse.rights import Id

ROWS = "id,at,who,score\n1,2026-01-01,her,5\n2,2026-01-01,him,4\n3,2026-01-01,,3\n4,bad,her,x\n"


def test_rows_of_hers_are_rejected_and_nothing_of_them_is_kept(desk: Desk) -> None:
    desk.text(ROWS)
    desk.log.erase("main", [Id("customer", "her")], "e1")
    again = desk.text(ROWS)
    assert counts(again) == (4, 0, 2, 2)
    assert [(row["line"], row["reason"]) for row in rejects(again)] == [
        ("2", "the customer was erased and is not taken again"),
        ("5", "the customer was erased and is not taken again"),
    ]
    assert again.rejects_file is not None
    assert "her," not in again.rejects_file.read_text("utf-8")
    assert counts(desk.text(ROWS, dry_run=True)) == (4, 0, 2, 2)


def test_where_ids_start_anew_they_are_taken(desk: Desk) -> None:
    desk.text(ROWS)
    desk.log.erase("main", [Id("customer", "her")], "e1")
    desk.log.refuse_erased("main", refuse=False)
    assert counts(desk.text(ROWS)) == (4, 1, 2, 1)


def test_an_id_of_another_kind_is_somebody_else(desk: Desk) -> None:
    desk.text(ROWS)
    desk.log.erase("main", [Id("customer", "her")], "e1")
    phones = ASKED.replace("customer: who", "customer: {column: who, kind: phone}").replace(
        "source: desk", "source: phones"
    )
    assert counts(desk.text(ROWS, phones)) == (4, 3, 0, 1)
