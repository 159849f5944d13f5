"""CSV, XLSX, Parquet and JSON Lines, read back by somebody else's reader."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from zhiyin.collect.exports import plain, workbook
from zhiyin.collect.exports.run import Exported
from zhiyin.collect.exports.tests.conftest import AT, EVIL, NPS, Out, answer, order, write
from zhiyin.warehouse.owner import Owner

HOSTILE = [
    EVIL,
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "<r><t>not ours</t></r>",
    "_x0041_",
    "a\x00b\x1f\ufffe",
    "line\nbreak\r\n,;\"'",
    "ends in space ",
    "'quoted",
    "😀" * 20_000,
    "http://example.com/" + "x" * 3_000,
    "true",
    "1e5",
    "00123",
    "#N/A",
]


def sheet_rows(done: Exported) -> list[list[Any]]:
    book = load_workbook(done.file)
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


def csv_rows(done: Exported) -> list[dict[str, str]]:
    raw = Path(done.file).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.fixture
def hostile(log: Owner) -> Owner:
    log.declare("main", {"orders": {"note": "text", "paid": "bool", "points": "int"}})
    write(
        log,
        orders=[
            order(k, d_note=text, d_paid=bool(k % 2), d_points=2**53 + k)
            for k, text in enumerate(HOSTILE)
        ],
    )
    return log


def test_csv_cannot_carry_a_formula_and_gives_every_text_back(hostile: Owner, out: Out) -> None:
    found = [row["note"] for row in csv_rows(out(hostile, "csv", "orders"))]
    assert not [text for text in found if text.startswith(plain.DANGEROUS)]
    given = [f"'{text}" if text.startswith(plain.DANGEROUS) else text for text in HOSTILE]
    assert found == given


def test_numbers_and_times_of_csv(log: Owner, out: Out) -> None:
    write(log, orders=[order(0, amount=Decimal("-12.5000")), order(1, amount=Decimal(100))])
    first, second = csv_rows(out(log, "csv", "orders"))
    assert (first["amount"], second["amount"]) == ("-12.5", "100")
    assert first["occurred_at"] == "2026-03-02T00:30:00+08:00"


def test_a_hostile_name_of_a_question_is_made_safe_too(log: Owner, out: Out) -> None:
    write(log, answers=[answer(0, EVIL, score=1.0, **NPS)])
    assert f"'{EVIL}" in csv_rows(out(log, "csv"))[0]
    assert EVIL in sheet_rows(out(log, "xlsx"))[0]


@pytest.mark.parametrize("start", plain.DANGEROUS)
def test_every_dangerous_beginning_is_made_safe(start: str) -> None:
    assert plain.safe(f"{start}x") == f"'{start}x"


@pytest.mark.parametrize("text", ["plain - text", "-3.5", "+86", ""])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert plain.safe(text) == text


def test_a_workbook_holds_text_as_text(hostile: Owner, out: Out) -> None:
    done = out(hostile, "xlsx", "orders")
    head, *found = sheet_rows(done)
    note = head.index("note")
    kept = [row[note] for row in found]
    for given, text in zip(HOSTILE, kept, strict=True):
        if given.startswith("😀"):
            assert text == "😀" * (workbook.LONGEST_CELL // 2)
        elif given.startswith("<r>"):
            assert text == f"{given} "
        elif given not in ("a\x00b\x1f\ufffe", "line\nbreak\r\n,;\"'", "\r=1", "_x0041_"):
            assert text == given
    assert [str(done.notes[0])] == ["1 texts were longer than a cell takes and were cut."]
    with zipfile.ZipFile(done.file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        ElementTree.fromstring(sheet)  # noqa: S314 - our own file


def test_a_workbook_holds_numbers_times_and_truths_as_such(hostile: Owner, out: Out) -> None:
    book = load_workbook(out(hostile, "xlsx", "orders").file)
    sheet = book["Sheet1"]
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, [cell.value for cell in sheet[3]], strict=True))
    assert row["occurred_at (Asia/Shanghai)"] == datetime(2026, 3, 2, 0, 30, 1)
    assert (row["amount"], row["paid"]) == (12.5, True)
    assert row["points"] == str(2**53 + 1)  # a float would say …992
    assert sheet.freeze_panes == "A2"


def test_a_workbook_goes_on_on_a_further_sheet(
    hostile: Owner, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "ROWS_A_SHEET", 10)
    book = load_workbook(out(hostile, "xlsx", "orders").file)
    assert [sheet.max_row for sheet in book] == [11, len(HOSTILE) - 10 + 1]
    assert [sheet.cell(1, 1).value for sheet in book] == ["id", "id"]


def test_parquet_is_typed(hostile: Owner, out: Out) -> None:
    table = pq.read_table(out(hostile, "parquet", "orders").file)
    assert table.schema.field("occurred_at").type == pa.timestamp("us", "UTC")
    assert table["occurred_at"][0].as_py().replace(tzinfo=None) == AT
    assert table.schema.field("amount").type == pa.decimal128(18, 4)
    assert table.schema.field("points").type == pa.int64()
    assert table["note"].to_pylist() == HOSTILE


def test_answers_carry_what_was_said(log: Owner, out: Out) -> None:
    table = pq.read_table(out(log, "parquet", "answers").file)
    said = dict(
        zip(
            zip(table["question"].to_pylist(), table["id"].to_pylist(), strict=True),
            table["text"].to_pylist(),
            strict=True,
        )
    )
    assert table.num_rows == 9
    assert said["why", "r0"] == EVIL
    assert sum(1 for text in said.values() if text) == 2
    assert table["answer_state"].to_pylist().count("answered") == 5
    assert table["customer"].to_pylist()[:3] == ["c0", "c1", "c2"]


def test_json_lines_hold_values_and_not_their_texts(hostile: Owner, out: Out) -> None:
    events = [
        {
            "row": 0,
            "id": "e0",
            "occurred_at": AT,
            "name": "Page",
            "properties": '{"深": {"b": [1, 2.50]}, "n": 12345678901234567890}',
        },
        {"row": 1, "id": "e1", "occurred_at": AT, "name": "Page", "properties": None},
    ]
    write(hostile, events=events)
    raw = Path(out(hostile, "jsonl", "events").file).read_text("utf-8")
    first, second = (json.loads(line) for line in raw.splitlines())
    assert first["properties"] == {"深": {"b": [1, 2.5]}, "n": 12345678901234567890}
    assert second["properties"] is None
    assert list(first) == list(second)
    bought = Path(out(hostile, "jsonl", "orders", replace=True).file).read_text("utf-8")
    assert json.loads(bought.split("\n")[0])["amount"] == 12.5
    assert [json.loads(line)["note"] for line in bought.split("\n")[:-1]] == HOSTILE


@pytest.mark.parametrize("what", ["responses", "answers", "events", "orders"])
def test_an_empty_log_gives_valid_files_with_a_head(bare: Owner, out: Out, what: str) -> None:
    assert sheet_rows(out(bare, "xlsx", what))[0].count("source") == 1
    assert Path(out(bare, "csv", what).file).read_text("utf-8-sig").count("\n") == 1
    assert "occurred_at" in pq.read_table(out(bare, "parquet", what).file).schema.names
    assert Path(out(bare, "jsonl", what).file).read_bytes() == b""


def test_a_score_that_is_no_number_is_nothing(log: Owner, out: Out) -> None:
    write(log, answers=[answer(1, "odd", score=float("nan"), **NPS)])
    raw = Path(out(log, "jsonl", "answers").file).read_text("utf-8").splitlines()
    assert json.loads(raw[-1])["score"] is None
