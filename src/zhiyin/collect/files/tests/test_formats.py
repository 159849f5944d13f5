"""Every format and encoding gives the same rows."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from zhiyin.collect.files.tests.conftest import ASKED, Desk, counts, rejects
from zhiyin.kernel.errors import Problem

MAPPING = ASKED + "dimensions: {city: 城市}\n"
HEAD = ["id", "at", "who", "score", "城市"]
ROWS = [
    ["1", "2026-03-01", "安娜", "5", "北京市，海淀区"],
    ["2", "2026-03-02", "本", "3", "上海市"],
]
EXPECTED = [("1", 5.0, "北京市，海淀区"), ("2", 3.0, "上海市")]
TEXT = "\n".join(",".join(row) for row in [HEAD, *ROWS]) + "\n"


def seen(desk: Desk) -> list[tuple[Any, ...]]:
    return sorted(desk.rows("answers", "id", "score", "d_city"))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_encodings_are_told_from_the_file(desk: Desk, encoding: str) -> None:
    result = desk.bring(desk.put("f.csv", TEXT.encode(encoding)), MAPPING)
    assert counts(result) == (2, 2, 0, 0)
    assert seen(desk) == EXPECTED


@pytest.mark.parametrize("encoding", ["big5", "shift_jis", "cp1252"])
def test_another_encoding_is_named_in_the_mapping(desk: Desk, encoding: str) -> None:
    city = {"big5": "臺北", "shift_jis": "東京", "cp1252": "São Paulo"}[encoding]
    text = f"id,at,who,score,city\n1,2026-03-01,a,5,{city}\n"
    mapping = ASKED + f"dimensions: {{city: city}}\nread: {{encoding: {encoding}}}\n"
    desk.bring(desk.put("f.csv", text.encode(encoding)), mapping)
    assert seen(desk) == [("1", 5.0, city)]


def test_western_letters_are_not_taken_for_chinese(desk: Desk) -> None:
    text = "id,at,who,score,city\n1,2026-03-01,a,5,São Paulo não é longe\n"
    desk.bring(desk.put("f.csv", text.encode("cp1252")), ASKED + "dimensions: {city: city}\n")
    assert seen(desk) == [("1", 5.0, "São Paulo não é longe")]


@pytest.mark.parametrize(
    ("encoding", "city"),
    [
        ("cp1251", "Санкт-Петербург, очень хорошее обслуживание и быстрая доставка"),
        ("big5", "臺北市的服務人員很親切，下次還會再來，謝謝你們的幫忙"),
        ("shift_jis", "とても親切な対応で、また利用したいと思います"),
    ],
)
def test_other_letters_are_not_taken_for_chinese_either(
    desk: Desk, encoding: str, city: str
) -> None:
    text = f'id,at,who,score,city\n1,2026-03-01,a,5,"{city}"\n'
    mapping = ASKED + "dimensions: {city: city}\n"
    desk.bring(desk.put("f.csv", text.encode(encoding)), mapping)
    assert seen(desk) == [("1", 5.0, city)]


def test_a_wrong_encoding_in_the_mapping_is_said(desk: Desk) -> None:
    for encoding in ("utf-8", "klingon"):
        with pytest.raises(Problem) as raised:
            desk.bring(
                desk.put("f.csv", TEXT.encode("gb18030")),
                MAPPING + f"read: {{encoding: {encoding}}}\n",
            )
        assert raised.value.code == "import.encoding"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("f.tsv", lambda text: text.replace(",", "\t")),
        ("f.csv", lambda text: text.replace(",", ";")),
        ("f.csv", lambda text: text.replace("\n", "\r\n")),
        ("f.csv", lambda text: text.replace("\n", "\r")),
        ("f.csv", lambda text: text.rstrip("\n")),
        ("f.txt", lambda text: text.replace(",", " | ")),
    ],
)
def test_delimiters_and_line_ends_are_told_from_the_file(
    desk: Desk, name: str, change: Any
) -> None:
    desk.bring(desk.put(name, change(TEXT)), MAPPING)
    assert seen(desk) == EXPECTED


def workbook(rows: Sequence[Sequence[Any]], sheets: tuple[str, ...] = ("answers",)) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for sheet in sheets[1:]:
        book.create_sheet(sheet)
    for row in rows:
        book[sheets[-1]].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbooks_with_typed_cells(desk: Desk) -> None:
    rows: list[list[Any]] = [HEAD, [1, date(2026, 3, 1), "安娜", 5, ROWS[0][4]],
                             [2, date(2026, 3, 2), "本", 3.0, ROWS[1][4]]]  # fmt: skip
    desk.bring(desk.put("f.xlsx", workbook(rows)), MAPPING)
    assert seen(desk) == EXPECTED


def test_a_workbook_of_several_sheets_asks_which(desk: Desk) -> None:
    file = desk.put("f.xlsx", workbook([HEAD, *ROWS], ("notes", "data")))
    with pytest.raises(Problem, match="notes, data"):
        desk.bring(file, MAPPING)
    desk.bring(file, MAPPING + "read: {sheet: data}\n")
    assert seen(desk) == EXPECTED


def test_a_workbooks_line_is_the_row_of_the_sheet(desk: Desk) -> None:
    rows: list[list[Any]] = [HEAD, ROWS[0], [], ["3", "2026-03-01", "c", 9, "x"]]
    result = desk.bring(desk.put("f.xlsx", workbook(rows)), MAPPING)
    assert [(r["line"], r["column"], r["value"]) for r in rejects(result)] == [("4", "score", "9")]


def test_parquet(desk: Desk) -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "at": pa.array([date(2026, 3, 1), date(2026, 3, 2)]),
            "who": ["安娜", "本"],
            "score": [5.0, 3.0],
            "城市": [row[4] for row in ROWS],
        }
    )
    pq.write_table(table, desk.files / "f.parquet")
    desk.bring(desk.files / "f.parquet", MAPPING)
    assert seen(desk) == EXPECTED


def test_json_lines(desk: Desk) -> None:
    lines = [json.dumps(dict(zip(HEAD, row, strict=True)), ensure_ascii=False) for row in ROWS]
    result = desk.bring(
        desk.put("f.jsonl", "\n".join([lines[0], "", "{nonsense", lines[1]])), MAPPING
    )
    assert seen(desk) == EXPECTED
    assert [r["line"] for r in rejects(result)] == ["3"]


@pytest.mark.parametrize("name", ["f.sav", "f.zsav"])
def test_spss_with_labels_and_missing_codes(desk: Desk, name: str, tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {"id": ["1", "2", "3"], "at": ["2026-03-01"] * 3, "who": ["a", "b", "c"],
         "score": [5.0, 3.0, 9.0], "城市": [1.0, 2.0, 2.0]}
    )  # fmt: skip
    pyreadstat.write_sav(
        frame, desk.files / name, compress=name == "f.zsav",
        variable_value_labels={"城市": {1: ROWS[0][4], 2: ROWS[1][4]}},
        missing_ranges={"score": [9]},
    )  # fmt: skip
    desk.bring(desk.files / name, MAPPING.replace("metric: csat", "metric: csat, dont_know: 9"))
    assert seen(desk) == [*EXPECTED, ("3", None, "上海市")]
    assert desk.rows("answers", "answer_state")[2] == ("dont_know",)


def test_packed_files(desk: Desk) -> None:
    desk.bring(desk.put("f.csv.gz", gzip.compress(TEXT.encode("gb18030"))), MAPPING)
    assert seen(desk) == EXPECTED
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("__MACOSX/x", "rubbish")
        pack.writestr("../../f.csv", TEXT)
    assert counts(desk.bring(desk.put("f.zip", out.getvalue()), MAPPING)) == (2, 0, 2, 0)
    assert not (desk.folder / "f.csv").exists()


def test_a_query_joins_files_of_any_format(desk: Desk) -> None:
    desk.put("a.csv", "id,at,who,score,zip\n1,2026-03-01,a,5,00123\n2,2026-03-02,b,3,00124\n")
    desk.put("b.csv", "zip,城市\n00123,北京市，海淀区\n00124,上海市\n".encode("gb18030"))
    query = (
        "select a.*, b.城市, score * 2 as twice from 'a.csv' a join 'b.csv' b using (zip)"
        " where zip = '00123' or score > 2"
    )
    desk.bring(mapping=MAPPING + f'query: "{query}"\n')
    assert seen(desk) == EXPECTED


def test_fractions_stay_fractions_in_a_query(desk: Desk) -> None:
    desk.put("a.csv", "id,at,paid\n1,2026-03-01,98.94\n1,2026-03-01,0.05\n")
    mapping = (
        "as: orders\nsource: desk\nid: id\nat: day\namount: paid\n"
        "query: |\n  select id, min(a.at) as day, sum(paid) as paid from 'a.csv' a group by id\n"
    )
    desk.bring(mapping=mapping)
    assert desk.rows("orders", "amount") == [(Decimal("98.9900"),)]
