"""Files that are read back by somebody else's reader."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from openpyxl import load_workbook

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports import plain, rows, spss
from zhiyin.collect.exports.questions import legal_name
from zhiyin.collect.exports.run import Exported, Format, export
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "zh-hans")
EVIL = '=HYPERLINK("http://evil.example")'
AT = datetime(2026, 3, 1, 16, 30)
LONG = "很" * 20_000


def answer(row: int, question: str, **values: Any) -> dict[str, Any]:
    return {
        "row": row, "id": f"r{row}", "response": f"r{row}", "occurred_at": AT,
        "customer": f"c{row}",
        "question": question, "touchpoint": "柜台", "kind": "touchpoint",
        "answer_state": "answered",
        "score": None, "scale_min": None, "scale_max": None, "direction": None, "choice": None,
        "d_city": ["上海", EVIL, None][row], "d_age": [31.0, 44.5, None][row], **values,
    }  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Owner]:
    nps = {"metric": "nps", "scale_min": 0.0, "scale_max": 10.0, "direction": "up"}
    answers = [
        answer(0, "推荐意愿", score=9.0, **nps),
        answer(1, "推荐意愿", answer_state="not_applicable", **nps),
        answer(2, "推荐意愿", answer_state="skipped", **nps),
        answer(0, "by", metric="choice", choice="排队"),
        answer(1, "by", metric="choice", choice="Fees"),
        answer(2, "by", metric="choice", answer_state="refused"),
        answer(0, "why", metric="text"),
        answer(1, "why", metric="text"),
        answer(2, "why", metric="text", answer_state="dont_know"),
    ]
    texts = [{"row": 0, "id": "r0", "question": "why", "text": EVIL},
             {"row": 1, "id": "r1", "question": "why", "text": LONG}]  # fmt: skip
    with Owner(tmp_path / "data") as owner:
        owner.create("main")
        owner.declare("main", {"answers": {"city": "text", "age": "float"}})
        with owner.begin("main", source="desk", label="x") as batch:
            batch.write("answers", pa.Table.from_pylist(answers))
            batch.write(
                "verbatims", pa.Table.from_pylist([{**t, "occurred_at": AT} for t in texts])
            )
            batch.commit()
        yield owner


def out(log: Owner, path: Path, kind: Format, what: Any = "responses", **more: Any) -> Exported:
    return export(log, MAIN, what, kind, path / f"out.{kind}", **more)


def test_spss_reads_labels_states_and_measures(log: Owner, tmp_path: Path) -> None:
    done = out(log, tmp_path, "sav")
    kept, meta = pyreadstat.read_sav(done.file, user_missing=True)
    nps, by = "q3", "by_2"
    assert list(kept[nps]) == [9, -96, -91]
    assert list(kept[by]) == [2, 1, -98]
    assert meta.missing_ranges[nps] == [{"lo": -98, "hi": -91}]
    assert meta.variable_value_labels[by][2] == "排队"
    assert meta.variable_value_labels[nps][-96] == "does not apply 不适用"
    assert meta.column_names_to_labels[nps] == "推荐意愿 (nps 0–10)"
    assert (meta.variable_measure[nps], meta.variable_measure[by]) == ("ordinal", "nominal")
    assert list(kept["why_state"]) == [1, 1, -97]
    assert kept["occurred_at"][0] == pd.Timestamp("2026-03-02 00:30")
    missing, _meta = pyreadstat.read_sav(done.file)
    assert list(missing[nps].isna()) == [False, True, True]
    assert missing[nps].mean() == 9


def test_what_spss_must_cut_is_whole_in_the_codebook_or_counted(log: Owner, tmp_path: Path) -> None:
    done = out(log, tmp_path, "sav")
    kept, _meta = pyreadstat.read_sav(done.file)
    assert kept["why"][1] == "很" * (spss.STRING_BYTES // 3)
    assert done.codebook is not None
    with Path(done.codebook).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert next(row for row in rows if row["variable"] == "why")["texts cut"] == "1"
    assert any(row["value label"] == "排队" for row in rows)


def test_labels_are_cut_between_characters() -> None:
    assert spss.shortened("机" * 50, 120) == "机" * 40
    assert spss.shortened("a" + "机" * 50, 120) == "a" + "机" * 39


def test_names_are_legal_and_unique_whatever_the_capitals() -> None:
    used: set[str] = set()
    given = ["Score", "score", "by", "满意度", "1st", "a b-c", "x" * 80, "__", "AND"]
    made = [legal_name(name, place, used) for place, name in enumerate(given, start=1)]
    assert made == ["Score", "score_2", "by_2", "q4", "q_1st", "a_b_c", "x" * 60, "q8", "AND_2"]
    assert len({name.lower() for name in made}) == len(made)


def test_csv_cannot_carry_a_formula_and_times_have_their_offset(log: Owner, tmp_path: Path) -> None:
    done = out(log, tmp_path, "csv")
    raw = Path(done.file).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert rows[1]["city"] == "'" + EVIL
    assert rows[0]["why"] == "'" + EVIL
    assert rows[0]["occurred_at"] == "2026-03-02T00:30:00+08:00"
    assert rows[0]["customer_id"] == "c0"
    assert (rows[0]["q3"], rows[0]["q3_state"], rows[1]["q3"]) == ("9", "answered", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_dangerous_beginning_is_made_safe(start: str) -> None:
    assert plain.safe(f"{start}x") == f"'{start}x"
    assert plain.safe("plain - text") == "plain - text"


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers(log: Owner, tmp_path: Path) -> None:
    done = out(log, tmp_path, "xlsx")
    sheet = load_workbook(done.file)["Sheet1"]
    head = [cell.value for cell in sheet[1]]
    city, age = head.index("city") + 1, head.index("age") + 1
    assert sheet.cell(3, city).value == EVIL
    assert sheet.cell(3, city).data_type == "s"
    assert sheet.cell(3, age).value == 44.5
    when = head.index("occurred_at (Asia/Shanghai)") + 1
    assert sheet.cell(2, when).value == datetime(2026, 3, 2, 0, 30)
    assert sheet.freeze_panes == "A2"


def test_parquet_and_json_lines_are_typed(log: Owner, tmp_path: Path) -> None:
    table = pq.read_table(out(log, tmp_path, "parquet", "answers").file)
    assert table.num_rows == 9
    assert table.schema.field("occurred_at").type == pa.timestamp("us", "UTC")
    assert table["answer_state"].to_pylist().count("answered") == 5
    lines = Path(out(log, tmp_path, "jsonl", "answers").file).read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    assert (first["score"], first["city"], first["choice"]) == (9.0, "上海", None)


def test_a_filter_narrows_the_rows_and_never_the_columns(log: Owner, tmp_path: Path) -> None:
    whole = out(log, tmp_path, "csv")
    narrow = out(log, tmp_path, "jsonl", condition=parse("city = '上海'"))
    none = out(log, tmp_path, "sav", condition=parse("city = 'nowhere'"))
    assert (whole.rows, narrow.rows, none.rows) == (3, 1, 0)
    assert whole.columns == narrow.columns
    kept, _meta = pyreadstat.read_sav(none.file)
    assert "q3" in kept.columns


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize("what", ["events", "orders"])
def test_an_empty_table_is_a_valid_file(
    log: Owner, tmp_path: Path, kind: Format, what: str
) -> None:
    done = out(log, tmp_path, kind, what)
    assert done.rows == 0
    if kind == "parquet":
        assert pq.read_table(done.file).num_rows == 0


def test_a_file_is_replaced_only_when_asked_and_only_when_done(
    log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = out(log, tmp_path, "csv")
    with pytest.raises(Problem, match="already a file"):
        out(log, tmp_path, "csv")

    def fail(*_arguments: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setitem(
        __import__("zhiyin.collect.exports.run", fromlist=["run"]).WRITERS, "csv", fail
    )
    with pytest.raises(OSError, match="disk is full"):
        out(log, tmp_path, "csv", replace=True)
    assert Path(done.file).stat().st_size == done.bytes
    assert not list(tmp_path.glob(".zhiyin-*"))


def test_what_cannot_be_is_refused_with_a_way_out(log: Owner, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="one row a response"):
        out(log, tmp_path, "sav", "answers")
    with pytest.raises(Problem, match="no folder"):
        out(log, tmp_path / "nowhere", "csv")


def test_reading_in_parts_changes_nothing(
    log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a part that is left out or read twice, and an order that parts decide."""
    whole = Path(out(log, tmp_path, "jsonl").file).read_text("utf-8")
    monkeypatch.setattr(rows, "ANSWERS_A_PART", 1)
    in_parts = out(log, tmp_path, "jsonl", replace=True)
    assert Path(in_parts.file).read_text("utf-8") == whole
