"""Files that would take the machine, mappings that would take its files: a clear answer each."""

from __future__ import annotations

import gzip
import io
import re
import resource
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from zhiyin.collect.files.limits import LIMITS, MB
from zhiyin.collect.files.tests.conftest import ASKED, Desk, counts, rejects
from zhiyin.kernel.errors import Problem

HEAD = "id,at,who,score\n"


def refused(desk: Desk, name: str, content: bytes | str, **options: Any) -> Problem:
    with pytest.raises(Problem) as raised:
        desk.bring(desk.put(name, content), **options)
    assert str(raised.value.message)
    assert desk.rows("answers", "id") == []
    assert list((desk.data / "tmp").glob("import-*")) == []
    return raised.value


def packed(content: bytes, name: str = "f.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(name, content)
    return out.getvalue()


def test_real_bombs_are_noticed_while_they_unpack(desk: Desk) -> None:
    bomb = HEAD.encode() + b" " * (300 * MB)
    for name, content in (("f.csv.gz", gzip.compress(bomb, 1)), ("f.zip", packed(bomb))):
        assert len(content) < 2 * MB
        problem = refused(desk, name, content)
        assert problem.code == "import.bomb"
        assert name in str(problem)


def test_a_bomb_in_a_bomb_is_not_followed(desk: Desk) -> None:
    inner = packed(packed(packed(b"x" * 1000), "c.zip"), "b.zip")
    assert refused(desk, "f.zip", inner).code == "import.packed-twice"


def test_what_is_damaged_is_said(desk: Desk) -> None:
    whole = gzip.compress(HEAD.encode() * 1000)
    for name, content in (
        ("a.csv.gz", whole[:-20]),
        ("b.zip", b"PK\x03\x04" + b"x" * 100),
        ("c.parquet", b"PAR1" + b"x" * 100),
        ("d.sav", b"$FL2" + b"x" * 100),
        ("e.xlsx", packed(b"<nonsense", "xl/workbook.xml")),
    ):
        assert refused(desk, name, content).code == "import.damaged", name


def sheet(xml: str) -> bytes:
    """A workbook whose one sheet is `xml`."""
    book = openpyxl.Workbook()
    first = io.BytesIO()
    book.save(first)
    out = io.BytesIO()
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename
            new.writestr(name, xml if name.endswith("sheet1.xml") else old.read(name))
    return out.getvalue()


def cells(text: str) -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{text}</sheetData></worksheet>'
    )


def test_a_stray_cell_in_the_far_corner_is_no_reason_to_fill_the_memory(desk: Desk) -> None:
    far = cells('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576">'
                "<v>1</v></c></row>")  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problem = refused(desk, "f.xlsx", sheet(far))
    assert problem.code == "import.sheet-cells"
    assert "16,384" in str(problem.message)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


def test_a_workbook_that_unpacks_to_too_much(desk: Desk) -> None:
    big = sheet(cells(" " * (60 * MB)))
    limits = replace(LIMITS, sheet_bytes=50 * MB)
    assert refused(desk, "f.xlsx", big, limits=limits).code == "import.bomb"


def test_a_workbook_whose_xml_declares_entities(desk: Desk) -> None:
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha">]><worksheet>&a;</worksheet>'
    assert refused(desk, "f.xlsx", sheet(laughs)).code == "import.bomb"


def test_a_column_of_formulas_without_values_is_said_row_by_row(desk: Desk) -> None:
    book = openpyxl.Workbook()
    for row in (["id", "at", "who", "score"], [1, "2026-03-01", "a", "=2+3"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    result = desk.bring(desk.put("f.xlsx", out.getvalue()))
    assert counts(result) == (1, 0, 0, 1)
    assert [(r["line"], r["column"]) for r in rejects(result)] == [("2", "score")]
    assert "formula" in rejects(result)[0]["reason"]
    assert any("spreadsheet" in str(note) for note in result.notes)


def test_five_thousand_columns(desk: Desk) -> None:
    head = ",".join(f"c{i}" for i in range(5000))
    problem = refused(desk, "f.csv", f"{head}\n{head}\n")
    assert problem.code == "import.too-many-columns"
    assert "5,000" in str(problem.message)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    limits = replace(LIMITS, file_bytes=1000)
    problem = refused(desk, "f.csv", HEAD + "x" * 2000, limits=limits)
    assert problem.code == "import.too-large"


def test_a_sparse_file_of_many_gigabytes(desk: Desk) -> None:
    file = desk.files / "f.csv"
    with file.open("wb") as out:
        out.truncate(9 * 1024 * MB)
    with pytest.raises(Problem) as raised:
        desk.bring(file)
    assert raised.value.code == "import.too-large"


def test_mixed_dates_cost_their_own_rows(desk: Desk) -> None:
    dates = [
        "2026-03-01",
        "2026/3/2",
        "01/02/2026",
        "Mar 3 2026",
        "2026-02-30",
        "46082",
        "0001-01-01",
    ]
    text = HEAD + "".join(f"{i},{day},a,5\n" for i, day in enumerate(dates))
    result = desk.text(text)
    assert counts(result) == (7, 2, 0, 5)
    assert [r["value"] for r in rejects(result)] == dates[2:]


def test_an_open_quote_costs_one_line(desk: Desk) -> None:
    rows = "".join(f"{i},2026-03-01,a,5\n" for i in range(5000))
    result = desk.text(f'{HEAD}x,2026-03-01,"a,5\n{rows}')
    assert counts(result) == (5001, 5000, 0, 1)
    assert [r["line"] for r in rejects(result)] == ["2"]


def test_a_cell_without_end_costs_one_row(desk: Desk) -> None:
    result = desk.text(f"{HEAD}1,2026-03-01,{'a' * (2 * MB)},5\n2,2026-03-01,a,5\n")
    assert counts(result) == (2, 1, 0, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "import.not-text"),
        (b"id,at\0,who,score\n" * 5, "import.not-text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "import.old-excel"),
        (b"id,at,who,who\n1,2,3,4\n", "import.column-twice"),
        (b"id,at,who\n1,2,3\n", "import.no-such-column"),
    ],
)
def test_what_is_no_table(desk: Desk, content: bytes, code: str) -> None:
    assert refused(desk, "f.csv", content).code == code


def test_formulas_in_the_rejects_file_do_not_run(desk: Desk) -> None:
    result = desk.text(f"{HEAD}1,2026-03-01,\"=cmd|'/c calc'!A0\",9\n2,2026-03-01,@x,-7\n")
    first, second = rejects(result)
    assert first["who"].startswith("'=")
    assert second["who"] == "'@x"
    assert second["score"] == "-7"


def asking(query: str) -> str:
    return f"{ASKED}query: |\n  {query}\n"


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('f.csv')",
        "select * from '/etc/passwd'",
        "select * from '../map.yaml'",
        "select * from duckdb_settings()",
        "select * from information_schema.tables",
        "copy (select 1) to 'x.csv'",
        "attach 'x.db'; select 1",
        "select 1; select 2",
        "pragma database_list",
        "select * from glob('/etc/*')",
        "select nonsense from 'f.csv'",
        "with a as (select * from read_blob('/etc/passwd')) select * from a",
        "select (select content from read_text('/etc/passwd')) as id from 'f.csv'",
        "select getenv('HOME') as id from 'f.csv'",
    ],
)
def test_a_query_reads_the_folder_and_nothing_else(desk: Desk, query: str) -> None:
    desk.put("f.csv", HEAD + "1,2026-03-01,a,5\n")
    with pytest.raises(Problem) as raised:
        desk.bring(mapping=asking(query))
    assert raised.value.code.startswith("import.query")
    assert not re.search("root:", str(raised.value))


def test_a_query_without_end_is_ended(desk: Desk) -> None:
    desk.put("f.csv", HEAD + "1,2026-03-01,a,5\n")
    endless = (
        "select count(*) as id from range(1000000) a, range(1000000) b"
        " where a.range % 7 = b.range % 3"
    )
    with pytest.raises(Problem) as raised:
        desk.bring(mapping=asking(endless), limits=replace(LIMITS, query_seconds=2))
    assert raised.value.code == "import.query-slow"


def test_a_query_with_too_large_an_answer(desk: Desk) -> None:
    desk.put("f.csv", HEAD + "1,2026-03-01,a,5\n")
    large = "select r.range as id from 'f.csv', range(1000000) r"
    with pytest.raises(Problem) as raised:
        desk.bring(mapping=asking(large), limits=replace(LIMITS, query_rows=100_000))
    assert raised.value.code == "import.query-large"


def test_bad_rows_of_a_querys_files_are_not_lost(desk: Desk) -> None:
    desk.put("f.csv", HEAD + "1,2026-03-01,a,5\n2,2026-03-01\n")
    result = desk.bring(mapping=asking("select * from 'f.csv'"))
    assert counts(result) == (2, 1, 0, 1)
    assert [(r["file"], r["line"]) for r in rejects(result)] == [("f.csv", "3")]
