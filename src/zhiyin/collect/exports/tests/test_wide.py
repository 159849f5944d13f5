"""One row a response: which responses, which answers, which columns."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from zhiyin.collect.exports import rows, wide
from zhiyin.collect.exports.run import Exported
from zhiyin.collect.exports.tests.conftest import AT, EVIL, NPS, Out, answer, response, write
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner


def lines(done: Exported) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(done.file).read_text("utf-8").splitlines()]


def test_value_and_state_of_every_question_beside_what_the_answers_share(
    log: Owner, out: Out
) -> None:
    found = lines(out(log, "jsonl"))
    assert [row["推荐意愿"] for row in found] == [9, None, None]
    assert [row["推荐意愿_state"] for row in found] == ["answered", "not_applicable", "skipped"]
    assert [row["by"] for row in found] == ["排队", "Fees", None]
    assert found[0]["why"] == EVIL
    assert [row["city"] for row in found] == ["上海", EVIL, None]
    assert [row["device"] for row in found] == ["desktop", "phone", "phone"]
    assert [row["customer"] for row in found] == ["c0", "c1", "c2"]


def test_of_several_answers_the_last_that_arrived_stands_with_its_own_state(
    log: Owner, out: Out
) -> None:
    """Would catch the greatest score beside the state of another answer."""
    write(log, answers=[answer(0, "推荐意愿", id="again", score=2.0, **NPS)])
    write(log, answers=[answer(0, "by", id="again", metric="choice", answer_state="refused")])
    done = out(log, "jsonl")
    row = lines(done)[0]
    assert (row["推荐意愿"], row["推荐意愿_state"]) == (2, "answered")
    assert (row["by"], row["by_state"]) == (None, "refused")
    assert [str(note).split()[0] for note in done.notes] == ["2"]


def test_one_question_on_two_scales_is_two_columns(log: Owner, out: Out) -> None:
    """Would catch 10 of 1–10 in one column with 10 of 0–10."""
    legacy = {**NPS, "scale_min": 1.0}
    write(log, source="old", answers=[answer(0, "推荐意愿", score=8.0, **legacy)])
    found = lines(out(log, "jsonl"))
    assert "推荐意愿" not in found[0]
    assert [row["推荐意愿 (nps 0–10 up)"] for row in found] == [9, None, None, None]
    assert [row["推荐意愿 (nps 1–10 up)"] for row in found] == [None, None, None, 8]


def test_a_state_without_a_scale_belongs_to_the_question_that_has_one(log: Owner, out: Out) -> None:
    write(
        log,
        answers=[
            answer(0, "seat", score=4.0, metric="rating", scale_min=1.0, scale_max=5.0),
            answer(1, "seat", metric="rating", answer_state="hidden"),
        ],
    )
    found = lines(out(log, "jsonl"))
    assert [row["seat_state"] for row in found] == ["answered", "hidden", None]


def test_two_sources_may_use_the_same_id(log: Owner, out: Out) -> None:
    write(log, source="elsewhere", answers=[answer(0, "推荐意愿", score=1.0, **NPS)])
    found = lines(out(log, "jsonl"))
    assert [
        (r["source"], r["response"], r["推荐意愿"]) for r in found if r["response"] == "r0"
    ] == [
        ("desk", "r0", 9),
        ("elsewhere", "r0", 1),
    ]


def test_a_response_without_an_answer_is_a_row(log: Owner, out: Out) -> None:
    later = AT + timedelta(hours=1)
    write(log, responses=[response(2, id="silent", occurred_at=later, customer="c9")])
    row = lines(out(log, "jsonl"))[-1]
    assert (row["response"], row["customer"]) == ("silent", "c9")
    assert row["occurred_at"] == "2026-03-02T01:30:00+08:00"
    assert row["推荐意愿_state"] is None


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ("city = '上海'", ["r0"]),
        ("metric = 'nps' and score >= 9", ["r0"]),
        ("answer_state = 'dont_know'", ["r2"]),
        ("device = 'phone'", ["r1", "r2"]),
        ("customer = 'c1'", ["r1"]),
        ("occurred_at < 2026-03-02", []),
        ("occurred_at >= 2026-03-02", ["r0", "r1", "r2"]),
    ],
)
def test_a_filter_takes_responses_by_their_answers_or_by_themselves(
    log: Owner, out: Out, condition: str, taken: list[str]
) -> None:
    done = out(log, "jsonl", condition=parse(condition))
    assert [row["response"] for row in lines(done)] == taken


def test_a_response_keeps_all_its_answers_whichever_the_filter_found(log: Owner, out: Out) -> None:
    row = lines(out(log, "jsonl", condition=parse("metric = 'nps' and score >= 9")))[0]
    assert row["by"] == "排队"


def test_a_column_that_nothing_has_is_named(log: Owner, out: Out) -> None:
    with pytest.raises(Problem, match="nonsense"):
        out(log, "jsonl", condition=parse("nonsense = 1"))


def test_a_filter_narrows_the_rows_and_never_the_columns(log: Owner, out: Out) -> None:
    whole, none = out(log, "csv"), out(log, "parquet", condition=parse("city = 'nowhere'"))
    assert (whole.rows, none.rows) == (3, 0)
    assert whole.columns == none.columns


def test_a_touchpoint_that_differs_between_answers_is_left_open(log: Owner, out: Out) -> None:
    write(log, answers=[answer(0, "gate", score=3.0, touchpoint="登机口", **NPS)])
    assert [row["touchpoint"] for row in lines(out(log, "jsonl"))] == [None, "柜台", "柜台"]


def test_what_came_later_is_left_out_of_an_earlier_view(log: Owner, out: Out) -> None:
    seen = log.imports("main")[0].committed_at
    write(log, answers=[answer(0, "later", score=3.0, **NPS)])
    then = lines(out(log, "jsonl", as_of=seen))
    assert len(then) == 3
    assert "later" not in then[0]


def test_reading_in_parts_changes_nothing(
    log: Owner, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a part that is left out or read twice, and an order that parts decide."""
    write(
        log,
        source="answers alone",
        answers=[answer(k, "推荐意愿", score=float(k), **NPS) for k in range(3)],
    )
    for what in ("responses", "answers"):
        whole = Path(out(log, "jsonl", what, replace=True).file).read_text("utf-8")
        with monkeypatch.context() as small:
            small.setattr(wide, "PART", 1)
            small.setattr(rows, "PART", 1)
            small.setattr(rows, "_BLOCK", 1)
            in_parts = out(log, "jsonl", what, replace=True)
        assert Path(in_parts.file).read_text("utf-8") == whole
        assert in_parts.rows == {"responses": 6, "answers": 12}[what]
