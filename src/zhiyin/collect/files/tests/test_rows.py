"""What becomes of each row: values, states, rejects with exact lines, duplicates, undo."""

from __future__ import annotations

from datetime import datetime

import pytest

from zhiyin.collect.files.run import undo
from zhiyin.collect.files.tests.conftest import ASKED, Desk, counts, rejects
from zhiyin.kernel.errors import Problem


def test_a_good_row_becomes_a_response_and_an_answer(desk: Desk) -> None:
    result = desk.text("id,at,who,score\n1,2026-03-01 10:00:00,ana,5\n")
    assert counts(result) == (1, 1, 0, 0)
    assert result.facts_added == 2
    assert result.rejects_file is None
    assert desk.rows("answers", "id", "response", "score", "scale_min", "scale_max", "kind") == [
        ("1", "1", 5.0, 1.0, 5.0, "relationship")
    ]
    assert desk.rows("responses", "id", "mode", "occurred_at") == [
        ("1", "file", datetime(2026, 3, 1, 10))
    ]


def test_every_bad_row_is_in_the_rejects_file_with_its_line_column_value_and_reason(
    desk: Desk,
) -> None:
    text = (
        "id,at,who,score,note\n"
        '1,2026-03-01,ana,5,"two\nlines"\n'  # lines 2 and 3
        "\n"  # 4
        "2,2026-03-01,ana,9,\n"  # 5: outside the scale
        "3,03/04/2026,ana,5,\n"  # 6: which day?
        "4,2026-03-01,ana\n"  # 7: too few cells
        ",2026-03-01,ana,5,\n"  # 8: no id
        "5,2026-03-01,ana,good,\n"  # 9
        "6,,ana,5,\n"  # 10
        "7,2026-03-01,ana,4.5,\n"  # 11
        "1,2026-03-01,ben,1,\n"  # 12: the id of line 2
        "8,2026-03-01,ben,=SUM(A1:A3),\n"  # 13
    )
    result = desk.text(text)
    assert counts(result) == (10, 1, 0, 9)
    said = [(r["line"], r["column"], r["value"]) for r in rejects(result)]
    assert said == [
        ("5", "score", "9"),
        ("6", "at", "03/04/2026"),
        ("7", "", "ana"),
        ("8", "id", ""),
        ("9", "score", "good"),
        ("10", "at", ""),
        ("11", "score", "4.5"),
        ("12", "id", "1"),
        ("13", "score", "'=SUM(A1:A3)"),
    ]
    reasons = {r["line"]: r["reason"] for r in rejects(result)}
    assert reasons["12"] == "duplicate id, other content"
    assert "outside the scale 1–5" in reasons["5"]
    assert "format" in reasons["6"]
    assert "formula" in reasons["13"]
    assert rejects(result)[0]["id"] == "2"  # the row itself follows


def test_lines_are_exact_in_a_file_without_faults_of_form(desk: Desk) -> None:
    """The quick reader numbers records; the lines come from a second look."""
    text = 'id,at,who,score\n1,2026-03-01,"a\n\nb",5\n2,2026-03-01,b,5\n3,2026-03-01,c,6\n'
    assert [r["line"] for r in rejects(desk.text(text))] == ["6"]


def test_codes_and_blanks_are_states(desk: Desk) -> None:
    mapping = ASKED.replace(
        "metric: csat", "metric: csat, not_applicable: 0, dont_know: [98, '?'], refused: 99"
    )
    text = "id,at,who,score\n" + "".join(
        f"{i},2026-03-01,ana,{said}\n" for i, said in enumerate(["0", "98", "?", "99.0", "", "3"])
    )
    assert counts(desk.text(text, mapping)) == (6, 6, 0, 0)
    assert desk.rows("answers", "answer_state", "score") == [
        ("not_applicable", None),
        ("dont_know", None),
        ("dont_know", None),
        ("refused", None),
        ("skipped", None),
        ("answered", 3.0),
    ]


def test_an_nps_on_one_to_ten_is_tagged(desk: Desk) -> None:
    mapping = ASKED.replace("metric: csat", "metric: nps, legacy_scale: 1-10")
    result = desk.text("id,at,who,score\n1,2026-03-01,a,10\n2,2026-03-01,b,0\n", mapping)
    assert counts(result) == (2, 1, 0, 1)
    assert desk.rows("answers", "scale_min", "scale_max") == [(1.0, 10.0)]


def test_the_same_file_twice_adds_nothing(desk: Desk) -> None:
    text = "id,at,who,score\n1,2026-03-01,ana,5\n2,2026-03-01,ben,4\n"
    assert counts(desk.text(text)) == (2, 2, 0, 0)
    again = desk.text(text)
    assert counts(again) == (2, 0, 2, 0)
    assert again.facts_added == 0


def test_equal_rows_with_an_id_count_once_and_without_one_all_count(desk: Desk) -> None:
    text = "id,at,who,score\n1,2026-03-01,ana,5\n1,2026-03-01,ana,5\n"
    assert counts(desk.text(text)) == (2, 1, 1, 0)
    no_id = ASKED.replace("id: id\n", "").replace("desk", "other")
    assert counts(desk.text(text, no_id)) == (2, 2, 0, 0)
    assert counts(desk.text(text, no_id)) == (2, 0, 2, 0)
    longer = text + "1,2026-03-01,ana,5\n"
    assert counts(desk.text(longer, no_id)) == (3, 1, 2, 0)


def test_a_bad_row_does_not_hold_its_id(desk: Desk) -> None:
    text = "id,at,who,score\n1,2026-03-01,ana,77\n1,2026-03-01,ana,5\n"
    assert counts(desk.text(text)) == (2, 1, 0, 1)


def test_replace_supersedes_and_undo_brings_back(desk: Desk) -> None:
    first = "id,at,who,score\n1,2026-03-01,ana,5\n2,2026-03-01,ben,4\n"
    second = first.replace("ana,5", "ana,1")
    desk.text(first)
    assert counts(desk.text(second)) == (2, 0, 2, 0)
    assert sorted(desk.rows("answers", "id", "score")) == [("1", 5.0), ("2", 4.0)]
    replaced = desk.text(second, replace=True)
    assert counts(replaced) == (2, 1, 1, 0)
    assert sorted(desk.rows("answers", "id", "score")) == [("1", 1.0), ("2", 4.0)]
    undo(desk.log, "main", replaced.import_id)
    assert sorted(desk.rows("answers", "id", "score")) == [("1", 5.0), ("2", 4.0)]


def test_an_import_is_undone_and_may_come_again(desk: Desk) -> None:
    text = "id,at,who,score\n1,2026-03-01,ana,5\n"
    result = desk.text(text)
    assert undo(desk.log, "main", result.import_id) == 2
    assert desk.rows("answers", "id") == []
    assert counts(desk.text(text)) == (1, 1, 0, 0)
    with pytest.raises(Problem):
        undo(desk.log, "main", result.import_id)


def test_a_dry_run_counts_and_changes_nothing(desk: Desk) -> None:
    text = "id,at,who,score\n1,2026-03-01,ana,5\n2,2026-03-01,ana,8\n"
    result = desk.text(text, ASKED + "dimensions: {person: who}\n", dry_run=True)
    assert counts(result) == (2, 1, 0, 1)
    assert rejects(result)[0]["line"] == "3"
    assert desk.rows("answers", "id") == []
    assert desk.log.imports("main") == []
    assert desk.log.schema("main").dimensions.get("answers", {}) == {}


def test_rows_without_customer_are_customers_of_their_own_and_the_reply_says_so(
    desk: Desk,
) -> None:
    mapping = ASKED.replace("customer: who\n", "")
    result = desk.text("id,at,score\n1,2026-03-01,5\n2,2026-03-01,4\n", mapping)
    assert len(set(desk.rows("answers", "customer"))) == 2
    assert any("2 rows name no customer" in str(note) for note in result.notes)


def test_local_times_become_utc_over_a_missing_midnight(desk: Desk) -> None:
    """In São Paulo 2017-10-15 began at one o'clock: midnight is the instant of the change."""
    mapping = ASKED.replace("timezone: UTC", "timezone: America/Sao_Paulo")
    desk.text("id,at,who,score\n1,2017-10-15,a,5\n2,2017-07-01T12:00:00Z,a,5\n", mapping)
    assert desk.rows("answers", "occurred_at") == [
        (datetime(2017, 10, 15, 3),),
        (datetime(2017, 7, 1, 12),),
    ]


def test_a_format_settles_which_day_is_meant(desk: Desk) -> None:
    mapping = ASKED.replace("timezone: UTC", "timezone: UTC, format: '%d/%m/%Y'")
    result = desk.text("id,at,who,score\n1,03/04/2026,a,5\n2,2026-04-03,a,5\n", mapping)
    assert counts(result) == (2, 1, 0, 1)
    assert desk.rows("answers", "occurred_at") == [(datetime(2026, 4, 3),)]
