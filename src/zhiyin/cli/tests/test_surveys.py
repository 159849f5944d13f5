"""Surveys from the command line: from a ready set to its address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zhiyin.accounts.models import AuditEntry
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.collect.surveys.tests.written import DOCUMENT
from zhiyin.measure.tests import visit
from zhiyin.warehouse.owner import Owner


def code(document: dict[str, Any]) -> str:
    return str(document["error"]["code"])


def test_from_a_ready_set_to_an_address(zhiyin: Zhiyin) -> None:
    ready = [one["name"] for one in zhiyin("survey", "list", "--ready")["ready"]]
    assert len(ready) == 10
    for name in ready:
        made = zhiyin("survey", "create", f"my-{name}", "--from", name)
        assert (made["state"], made["version"], made["revision"]) == ("draft", None, 1)
        assert zhiyin("survey", "check", f"my-{name}")["faults"] == []
    published = zhiyin("survey", "publish", "my-csat", "--notes", "the first")
    assert (published["state"], published["version"]) == ("open", 1)
    linked = zhiyin("survey", "link", "my-csat", "--field", "city=杭州")
    assert linked["link"] == f"{published['link']}?f.city=%E6%9D%AD%E5%B7%9E"
    assert published["link"].endswith(f"/s/{published['id']}")
    shown = zhiyin("survey", "show", "my-csat")
    assert shown["document"]["languages"] == ["en", "zh-Hans"]
    assert [one["notes"] for one in shown["versions"]] == ["the first"]
    old = zhiyin("survey", "show", "my-csat", "--version", "1")
    assert (old["number"], old["document"]) == (1, shown["document"])
    assert zhiyin("survey", "close", "my-csat")["state"] == "closed"
    assert zhiyin("survey", "open", "my-csat")["state"] == "open"
    assert code(zhiyin("survey", "delete", "my-csat", status=1)) == "survey.was-published"
    assert zhiyin("survey", "copy", "my-csat", "again")["state"] == "draft"
    assert zhiyin("survey", "delete", "again") == {"key": "again", "removed": True}
    listed = [one["key"] for one in zhiyin("survey", "list")["surveys"]]
    assert listed == sorted(f"my-{name}" for name in ready)
    assert code(zhiyin("survey", "create", "x", "--from", "npx", status=1)) == "survey.no-set"
    assert code(zhiyin("survey", "show", "none", status=1)) == "survey.none"
    by = AuditEntry.of("main").filter(action__startswith="survey.").values_list("by", flat=True)
    assert set(by) == {"zhiyin"}


def test_a_document_is_imported_and_the_next_version_decided(
    zhiyin: Zhiyin, tmp_path: Path
) -> None:
    file = tmp_path / "After Visit.json"
    file.write_text(json.dumps(DOCUMENT))
    tried = zhiyin("survey", "import", str(file), "--dry-run")
    assert (tried["id"], tried["key"]) == (None, "after-visit")
    assert zhiyin("survey", "list") == {"surveys": []}
    made = zhiyin("survey", "import", str(file))
    assert made == {**tried, "id": made["id"]}
    assert made["questions"] == [
        {"name": "recommend", "type": "nps", "scale": [0, 10], "logic": None},
        {"name": "why", "type": "comment", "scale": None,
         "logic": "(recommend <= 6) and (field.city = 'Tallinn')"},
    ]  # fmt: skip
    assert made["fidelity"] == [
        {"element": "recommend", "outcome": "kept", "note": ""},
        {"element": "why", "outcome": "kept", "note": ""},
    ]
    assert code(zhiyin("survey", "import", str(file), status=1)) == "survey.key-taken"
    zhiyin("survey", "publish", "after-visit")
    changed = {**DOCUMENT, "company": {"en": "Acme Ltd"}}
    file.write_text(json.dumps(changed))
    again = zhiyin("survey", "import", str(file), "--into", "after-visit")
    assert again["id"] == made["id"]
    checked = zhiyin("survey", "check", "after-visit")
    assert [one["what"] for one in checked["changed"]] == [["wording"]]
    publish = ("survey", "publish", "after-visit")
    assert code(zhiyin(*publish, status=1)) == "survey.series-undecided"
    assert zhiyin(*publish, "--series", "recommend=new")["version"] == 2
    document = zhiyin("survey", "show", "after-visit")["document"]
    assert document["pages"][0]["questions"][0]["series"] == "recommend-2"
    wrong = zhiyin("survey", "publish", "after-visit", "--series", "recommend", status=2)
    assert code(wrong) == "usage"


def test_what_is_no_survey_is_refused(zhiyin: Zhiyin, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for content in (b"", b"[]", b'{"title": {}}', b'{"title": {"en": "\xff"}, "pages": []}',
                    json.dumps({**DOCUMENT, "colr": "x"}).encode()):  # fmt: skip
        file.write_bytes(content)
        assert code(zhiyin("survey", "import", str(file), status=1)) == "survey.not-one"


def test_it_speaks_to_people(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Would catch a table or a sentence that breaks, in either language."""
    zhiyin("survey", "create", "empty", "--title", "Empty")
    zhiyin("survey", "create", "score", "--from", "ces-2")
    said: dict[tuple[str, ...], str] = {}
    for arguments in (
        ("list",), ("list", "--ready"), ("check", "empty"), ("check", "score"), ("show", "score"),
        ("publish", "score"), ("link", "score"), ("close", "score"), ("delete", "empty"), ("list",),
    ):  # fmt: skip
        capsys.readouterr()
        assert frame.run(["survey", *arguments, "--data", str(data), "--lang", "zh"]) == 0
        said[arguments] = capsys.readouterr().out
    assert "问卷没有任何题目" in said["check", "empty"]
    assert "没有任何内容妨碍发布" in said["check", "score"]
    assert "办得轻松吗？" in said["list",]
    assert "已停止收集" in said["list",]


def test_a_survey_of_another_system_and_its_answers(zhiyin: Zhiyin, tmp_path: Path) -> None:
    asked = {"type": "rating", "name": "r", "title": "Would you recommend us?", "rateMin": 0,
             "rateMax": 10}  # fmt: skip
    file = tmp_path / "old.json"
    file.write_text(
        json.dumps({"title": "Old", "elements": [asked, {"type": "expression", "name": "f"}]})
    )
    made = zhiyin("survey", "import", str(file))
    assert made["questions"] == [{"name": "r", "type": "nps", "scale": [0, 10], "logic": None}]
    assert {(one["element"], one["outcome"]) for one in made["fidelity"]} == {
        ("r", "changed"), ("f", "lost"),
    }  # fmt: skip
    assert zhiyin("survey", "check", "old")["faults"] == []
    answers = tmp_path / "answers.csv"
    answers.write_text("id,submitdate,r,junk\n1,2026-01-01,9,x\n")
    mapped = zhiyin("survey", "mapping", str(file), str(answers))
    assert mapped["columns_left"] == ["junk"]
    (tmp_path / "map.yaml").write_text(mapped["mapping"])
    came = zhiyin("import", str(answers), "--map", str(tmp_path / "map.yaml"))
    assert (came["rows_added"], came["facts_added"]) == (1, 2)


def test_what_came_of_a_survey(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visit.published()
    with Owner(data) as owner:
        visit.planted(owner, visit.given())
    found = zhiyin("survey", "results", "visit")
    assert (found["state"], found["minimum_base"], found["version"]) == ("ok", 10, None)
    assert found["responses"]["begun"] == 40
    first = found["questions"][0]
    where = "survey = 'visit' and question = 'recommend'"
    alone = zhiyin("score", "nps", "--where", where)
    for name in ("value", "low", "high", "n", "customers", "method"):
        assert first["figures"][0][name] == alone["total"][name], name
    assert first["states"] == alone["states"]
    asked = zhiyin("survey", "results", "visit", "--version", "1", "--where", "channel = 'web'")
    assert (asked["state"], asked["responses"]["begun"]) == ("ok", 14)
    file = data / "visit.csv"
    done = zhiyin("survey", "export", "visit", "--format", "csv", "-o", str(file))
    assert (done["rows"], done["notes"]) == (40, [])
    head = file.read_text("utf-8-sig").splitlines()[0].split(",")
    first = head.index("reasons: slow")
    assert head[first : first + 6] == [
        "reasons: slow", "reasons: dear", "reasons: never", "reasons: other", "reasons_text",
        "reasons_state",
    ]  # fmt: skip
    few = zhiyin("survey", "results", "visit", "--where", "channel = 'fax'")
    assert (few["state"], few["responses"], few["questions"]) == ("too_few", None, [])
    capsys.readouterr()
    for language, words in (
        ("en", ("Completion rate: 65.0%", "Break-off", "mean place", "quartiles")),
        ("zh", ("完成率：65.0%", "中途退出率", "平均名次", "四分位数")),
    ):
        arguments = ["survey", "results", "visit", "--data", str(data), "--lang", language]
        assert frame.run(arguments) == 0
        said = capsys.readouterr().out
        assert [word for word in words if word not in said] == [], said
