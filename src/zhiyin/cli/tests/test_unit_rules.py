"""`zhiyin unit-rule` as a person types it, on a store of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

WHERE = "channel = 'web'"


@pytest.fixture
def _web(data: Path) -> None:
    for key in ("online", "rest"):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=key)
    with Owner(data) as log:
        put(log, [{"channel": "web"}, {"channel": "desk"}])


@pytest.mark.usefixtures("_web")
def test_rules_are_tried_added_moved_ordered_and_removed(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kind,) = zhiyin("unit-rule", "preview", WHERE)["kinds"]
    assert kind == {
        "table": "answers", "facts": 1, "customers": 1, "own": 0, "before": [], "taken": [],
    }  # fmt: skip
    zhiyin("unit-rule", "add", WHERE, "online")
    made = zhiyin("unit-rule", "add", "source = 'desk'", "rest", "--table", "answers")
    assert [(one["unit"], one["table"]) for one in made["rules"]] == [
        ("online", ""), ("rest", "answers"),
    ]  # fmt: skip
    moved = zhiyin("unit-rule", "move", "2", "1")
    assert [one["unit"] for one in moved["rules"]] == ["rest", "online"]
    assert zhiyin("unit-rule", "order", "rules-first")["come_first"] is True
    wrong = zhiyin("unit-rule", "add", WHERE, "nowhere", status=1)
    assert wrong["error"]["code"] == "rules.no-such-unit"
    assert zhiyin("unit-rule", "remove", "9", status=1)["error"]["code"] == "rules.no-such-rule"
    capsys.readouterr()
    assert frame.run(["unit-rule", "remove", "1", "--data", str(data)]) == 0
    said = capsys.readouterr().out
    assert "zhiyin unit-rule add 'source = '\"'\"'desk'\"'\"'' rest --place 1" in said
    assert [one["unit"] for one in zhiyin("unit-rule", "list")["rules"]] == ["online"]
