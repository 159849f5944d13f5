"""XES files, and CSV files with its names of columns: without a mapping, and safely."""

from __future__ import annotations

import gzip
import json
from datetime import datetime

import pytest

from zhiyin.collect.files.tests.conftest import Desk, counts, rejects
from zhiyin.kernel.errors import Problem

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="origin" value="desk"/>
  <trace>
    <string key="concept:name" value="甲"/>
    <int key="amount" value="7"><string key="inner" value="no"/></int>
    <event>
      <string key="concept:name" value="Ask &amp; wait"/>
      <date key="time:timestamp" value="2026-03-01T10:00:00.123+08:00"/>
    </event>
    <event>
      <string key="concept:name" value="Answer"/>
      <date key="time:timestamp" value="2026-03-01T10:00:00.123+08:00"/>
      <boolean key="solved" value="true"/>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="B"/>
    <event><string key="concept:name" value="Ask"/></event>
  </trace>
  <trace>
    <string key="concept:name" value="甲"/>
    <event>
      <string key="concept:name" value="Thank"/>
      <date key="time:timestamp" value="2026-03-02T10:00:00+08:00"/>
    </event>
  </trace>
</log>
"""


def test_a_log_needs_no_mapping(desk: Desk) -> None:
    file = desk.put("desk.xes.gz", gzip.compress(LOG.encode()))
    result = desk.bring(file, None)
    assert counts(result) == (4, 3, 0, 1)
    assert [(row["line"], row["column"]) for row in rejects(result)] == [("3", "time:timestamp")]
    at = datetime(2026, 3, 1, 2, 0, 0, 123_000)
    assert desk.rows("events", "id", "name", "source", "occurred_at") == [
        ("甲/1", "Ask & wait", "desk", at),
        ("甲/2", "Answer", "desk", at),
        ("甲/3", "Thank", "desk", datetime(2026, 3, 2, 2)),
    ]
    (answered,) = (json.loads(said) for _id, said in desk.rows("events", "id", "properties")[1:2])
    assert (answered["case:amount"], answered["solved"]) == ("7", "true")
    assert not {"inner", "case:inner", "origin"} & set(answered)
    assert counts(desk.bring(file, None)) == (4, 0, 3, 1)


def test_cases_of_two_logs_are_not_one_customer(desk: Desk) -> None:
    for name in ("one.xes", "two.xes"):
        desk.bring(desk.put(name, LOG), None)
    keys = {key for (key,) in desk.rows("events", "customer")}
    assert len(keys) == 2


def test_a_csv_with_the_columns_of_a_log_needs_no_mapping(desk: Desk) -> None:
    text = (
        "case:concept:name,concept:name,time:timestamp,cost\n"
        "1,Ask,2026-03-01 10:00:00+08:00,5\n1,Ask,2026-03-01 10:00:00+08:00,5\n"
    )
    assert counts(desk.bring(desk.put("tickets.csv", text), None)) == (2, 2, 0, 0)
    assert desk.rows("events", "name", "source") == [("Ask", "tickets")] * 2


def test_another_file_still_needs_its_mapping(desk: Desk) -> None:
    with pytest.raises(Problem) as refused:
        desk.bring(desk.put("f.csv", "id,at\n1,2026-03-01\n"), None)
    assert refused.value.code == "import.which-mapping"


BOMB = (
    '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<log><trace><string key="concept:name" value="&b;"/><event/></trace></log>'
)
OUTSIDE = '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log><trace><event/></trace></log>'
DEEP = "<log><trace>" + '<string key="a" value="b">' * 500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "import.xes-unsafe"),
        (OUTSIDE, "import.xes-unsafe"),
        (DEEP, "import.xes-unsafe"),
        ('<log><trace><event a="' + "x" * 10_000_000, "import.xes-unsafe"),
        (LOG[: len(LOG) // 2], "import.xes"),
        ("<log></log>", "import.no-events"),
        ("<log><event/></log>", "import.no-events"),
    ],
    ids=["entities", "outside", "deep", "endless", "cut", "empty", "no trace"],
)
def test_hostile_and_broken_logs_are_refused(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        desk.bring(desk.put("f.xes", text), None)
    assert refused.value.code == code
    assert desk.log.imports("main") == []
