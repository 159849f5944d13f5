"""`zhiyin alert`: a rule from the command line, rehearsed, added, switched and removed."""

from __future__ import annotations

from pathlib import Path

from zhiyin.cli.tests.conftest import Zhiyin

ANGRY = '{"kind": "verbatim", "where": "emotion = \'anger\'"}'


def test_a_rule_is_rehearsed_added_switched_and_listed(zhiyin: Zhiyin, data: Path) -> None:
    assert zhiyin("alert", "rehearse", "--json-condition", ANGRY)["times"] == 0
    assert zhiyin("alert", "rules")["rules"] == []
    made = zhiyin("alert", "add", "Angry", "--json-condition", ANGRY, "--severity", "urgent")
    assert (made["number"], made["severity"], made["is_on"]) == (1, "urgent", True)
    assert zhiyin("alert", "switch", "1", "off")["is_on"] is False
    (held,) = zhiyin("alert", "rules")["rules"]
    assert held["condition"]["where"] == "emotion = 'anger'"


def test_what_cannot_be_watched_is_refused(zhiyin: Zhiyin, data: Path) -> None:
    def code(condition: str) -> str:
        asked = ("alert", "rehearse", "--json-condition", condition)
        return str(zhiyin(*asked, status=1)["error"]["code"])

    assert code('{"kind": "verbatim"}') == "alerts.says-nothing"
    assert code('{"kind": "theme", "theme": 7}') == "themes.none"
    assert code('{"kind": "theme"}') == "alerts.no-themes"
    assert code('{"kind": "leaving", "map": "trip", "touchpoint": "cart"}') == "map.none"
