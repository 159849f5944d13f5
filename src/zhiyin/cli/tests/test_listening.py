"""`zhiyin listen`: the promised documents, files, and words."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

COMMENTS = [
    ("物流很快，包装也不错。但是客服态度太差了", "2"),
    ("Absolutely delicious, we will be back", "5"),
    ("=1+1 is what I paid, far too expensive", "1"),
    ("", "3"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([("comment", "stars"), *COMMENTS])
    return path


def test_texts_are_read_clause_by_clause(zhiyin: Zhiyin, file: Path) -> None:
    found = zhiyin("listen", "analyse", str(file), "--text", "comment")
    assert found["n"] == 4
    first, second, _third, blank = found["texts"]
    assert (first["language"], first["polarity"]) == ("zh", "mixed")
    assert [part["aspect"] for part in first["clauses"]][:2] == ["delivery", "packaging"]
    assert all(first["text"][p["start"] : p["end"]] == p["text"] for p in first["clauses"])
    assert (second["language"], second["polarity"]) == ("en", "positive")
    assert 0 < second["probability"] <= 1
    assert blank["clauses"] == []


def test_the_language_can_be_said(zhiyin: Zhiyin, file: Path) -> None:
    found = zhiyin("listen", "analyse", str(file), "--text", "comment", "--lang", "zh")
    assert {text["language"] for text in found["texts"]} == {"zh"}


def test_readings_are_written_to_files(zhiyin: Zhiyin, file: Path, tmp_path: Path) -> None:
    whole = tmp_path / "read.json"
    said = zhiyin("listen", "analyse", str(file), "--text", "comment", "-o", str(whole))
    assert said == {"file": str(whole), "n": 4}
    assert json.loads(whole.read_text("utf-8"))["texts"][0]["polarity"] == "mixed"
    rows = tmp_path / "read.csv"
    zhiyin("listen", "analyse", str(file), "--text", "comment", "-o", str(rows))
    with rows.open(encoding="utf-8-sig", newline="") as held:
        read = list(csv.DictReader(held))
    assert [row["clause"] for row in read][:2] == ["物流很快，", "包装也不错。"]
    assert any(row["clause"].startswith("'=1+1") for row in read), "no spreadsheet computes it"


def test_how_right_it_is_is_said(zhiyin: Zhiyin, file: Path) -> None:
    found = zhiyin("listen", "evaluate", str(file), "--text", "comment", "--label", "stars")
    assert (found["n"], found["trained"], found["left_out"]) == (3, 0, 1)
    assert found["labels"] == {"1": "negative", "2": "negative", "5": "positive"}
    assert 0 <= found["macro_f1"] <= 1
    assert found["accuracy_interval"][0] <= found["accuracy"] <= found["accuracy_interval"][1]


def test_words_for_people(data: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["listen", "evaluate", str(file), "--text", "comment", "--label", "stars"]
    capsys.readouterr()
    assert frame.run([*asked, "--data", str(data), "--lang", "zh"]) == 0
    assert "条文本中判对" in capsys.readouterr().out
    assert frame.run([*asked[:1], "analyse", *asked[2:5], "--data", str(data)]) == 0
    assert "delivery" in capsys.readouterr().out


def test_what_is_wrong_is_said(zhiyin: Zhiyin, file: Path) -> None:
    found = zhiyin("listen", "analyse", str(file), "--text", "remark", status=1)
    assert found["error"]["code"] == "file.no-column"
    assert "comment, stars" in found["error"]["hint"]
    found = zhiyin(
        "listen", "evaluate", str(file), "--text", "stars", "--label", "comment", status=1
    )
    assert found["error"]["code"] == "listen.labels"


def test_what_is_in_the_log_is_read_and_found(zhiyin: Zhiyin, data: Path) -> None:
    zhiyin("init")
    with Owner(data) as log:
        rows = [
            {"row": n, "id": f"v{n}", "occurred_at": datetime(2026, 3, n + 1), "customer": f"c{n}",
             "text": text}
            for n, (text, _stars) in enumerate(COMMENTS * 4)
        ]  # fmt: skip
        put(log, rows, table="verbatims")
    before = zhiyin("listen", "status")
    assert (before["verbatims"], before["read"], before["up_to_date"]) == (16, 0, 0)
    assert zhiyin("listen", "read") == {"n": 16, **before, "read": 16, "up_to_date": 16}
    found = zhiyin("listen", "search", "客服", "--where", "polarity = 'negative'")
    assert (found["n"], found["customers"]) == (4, 4)
    one = found["verbatims"][0]
    assert one["text"] == COMMENTS[0][0]
    assert [one["text"][c["start"] : c["end"]] for c in one["clauses"]] == [
        c["text"] for c in one["clauses"]
    ]
    near = zhiyin("listen", "search", "customer service was rude", "--meaning")
    assert near["meaning"] is True
    assert 0 < near["n"] < 16
    likeness = [one["likeness"] for one in near["verbatims"]]
    assert likeness == sorted(likeness, reverse=True)
    assert zhiyin("listen", "search", "--from", "2026-03-02", "--limit", "1")["n"] == 15
    score = zhiyin("score", "sentiment")["total"]
    assert score["n"] == sum(len(v["clauses"]) for v in zhiyin("listen", "search")["verbatims"])


def test_a_clause_is_said_listed_and_taken_back(zhiyin: Zhiyin, data: Path) -> None:
    with Owner(data) as log:
        put(log, [{"row": 0, "id": "v", "customer": "c", "text": "下飞机走得快，行李慢到没脾气",
                   "occurred_at": datetime(2026, 3, 1)}], table="verbatims")  # fmt: skip
    zhiyin("listen", "read")
    (found,) = zhiyin("listen", "search", "行李")["verbatims"]
    clause = found["clauses"][-1]
    row, start = str(found["row"]), str(clause["start"])
    said = zhiyin("listen", "say", row, start, "--polarity", "mixed", "--aspect", "baggage")
    assert (said["polarity"], said["told_polarity"]) == ("mixed", clause["polarity"])
    (again,) = zhiyin("listen", "search", "行李")["verbatims"]
    assert (again["clauses"][-1]["polarity"], again["clauses"][-1]["probability"]) == ("mixed", 1.0)
    assert zhiyin("listen", "labels")["labels"] == [said]
    learned = zhiyin("listen", "learn")
    assert (learned["labels"], learned["version"], learned["polarity"]["n"]) == (1, "", 0)
    assert zhiyin("listen", "rightness") == learned
    assert zhiyin("listen", "unsay", row, start)["polarity"] == "mixed"
    (back,) = zhiyin("listen", "search", "行李")["verbatims"]
    assert back["clauses"][-1]["polarity"] == clause["polarity"]


def test_two_versions_are_compared(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Owner(data) as log:
        rows = [
            {"row": n, "id": f"v{n}", "customer": f"c{n}", "text": "客服态度太差了",
             "occurred_at": datetime(2026, 3, 1)}
            for n in range(12)
        ]  # fmt: skip
        put(log, rows, table="verbatims")
    zhiyin("listen", "read")
    before = zhiyin("listen", "versions")
    assert (before["earlier"], before["both"], before["same"]) == (None, 0, None)
    zhiyin("aspects", "add", "refund", "--en", "Refund", "--zh", "退款")
    zhiyin("listen", "read")
    found = zhiyin("listen", "versions", "--examples", "3")
    assert (found["earlier"], found["both"], found["clauses"]) == (before["version"], 12, 12)
    (move,) = found["moves"]
    assert (move["before"], move["clauses"], move["share"]["value"]) == ("hotline", 12, 1.0)
    assert found["same"]["value"] == 0
    assert [one["text"] for one in found["changed"]] == ["客服态度太差了"] * 3
    assert zhiyin("listen", "versions", "--by", "polarity", "--language", "zh")["both"] == 12
    wrong = zhiyin("listen", "versions", "--before", "hotline", status=1)
    assert wrong["error"]["code"] == "versions.move"
    capsys.readouterr()
    assert frame.run(["listen", "versions", "--data", str(data), "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert "12 条原声中有 12 条经" in said
    assert "hotline · negative → " in said


def test_groups_and_what_to_fix_first_are_told(zhiyin: Zhiyin, data: Path) -> None:
    with Owner(data) as log:
        put(
            log,
            [{"row": n, "id": f"v{n}", "response": f"r{n}", "customer": f"c{n}",
              "text": "行李太慢了" if n % 2 else "机组很好", "occurred_at": datetime(2026, 3, 1)}
             for n in range(40)],
            table="verbatims",
        )  # fmt: skip
        put(
            log,
            [{"row": n, "id": f"a{n}", "question": "q", "response": f"r{n}", "customer": f"c{n}",
              "metric": "nps", "score": 2 if n % 2 else 10, "scale_min": 0, "scale_max": 10,
              "direction": "up", "answer_state": "answered", "occurred_at": datetime(2026, 3, 1)}
             for n in range(40)],
            table="answers",
        )  # fmt: skip
    zhiyin("listen", "read")
    found = zhiyin("listen", "apart")
    assert (found["here"], found["there"]) == (20, 20)
    first = found["things"][0]
    assert (first["kind"], first["marked"], abs(first["difference"])) == ("aspect", True, 1.0)
    weighed = zhiyin("listen", "first")
    assert (weighed["n"], weighed["low_share"]) == (40, 0.5)
    assert [one["aspect"] for one in weighed["aspects"]] == ["baggage"]
    assert weighed["aspects"][0]["weight"] == 0.5
    assert zhiyin("listen", "apart", "--sides", "filter", "--one", "aspect = 'crew'")["here"] == 20
