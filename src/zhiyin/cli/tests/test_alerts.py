"""`zhiyin alert` and `zhiyin channel`: rules, what they fired, and where teams are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.act.alerts.tests.conftest import desk
from zhiyin.act.alerts.tests.saying import say
from zhiyin.act.channels.tests.desks import HOOK_SECRET, Desk
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.warehouse.owner import Owner

__all__ = ["desk"]

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


@pytest.fixture
def fired(zhiyin: Zhiyin, data: Path) -> None:
    """Two alerts of one rule."""
    zhiyin("alert", "add", "Angry", "--json-condition", ANGRY, "--severity", "urgent")
    with Owner(data) as log:
        say(log, {}, {"text": "气死南边了", "touchpoint": "desk"})
    assert zhiyin("alert", "watch")["alerts"] == 2


def test_what_fired_is_listed_shown_and_dismissed(zhiyin: Zhiyin, fired: None) -> None:
    assert zhiyin("alert", "watch")["alerts"] == 0, "once"
    told = zhiyin("alert", "list")
    assert [one["number"] for one in told["alerts"]] == [2, 1]
    assert told["not_justified"] is None
    assert zhiyin("alert", "list", "--severity", "info")["alerts"] == []
    whole = zhiyin("alert", "show", "2")
    assert (whole["title"], whole["status"]) == ("Angry · desk", "open")
    assert any("emotion = 'anger'" in line for line in whole["why"])
    given = ("--reason", "not_justified", "--note", "a joke")
    done = zhiyin("alert", "dismiss", "2", *given)
    assert (done["status"], done["reason"], done["note"]) == (
        "dismissed", "not_justified", "a joke",
    )  # fmt: skip
    assert [one["number"] for one in zhiyin("alert", "list")["alerts"]] == [1]
    closed = zhiyin("alert", "list", "--status", "closed")
    assert closed["not_justified"]["n"] == 1
    assert zhiyin("alert", "remove", "1") == {"removed": 1}
    assert zhiyin("alert", "show", "1")["status"] == "open", "what it fired stays"


def test_what_is_not_there_or_over_is_not_dismissed(zhiyin: Zhiyin, fired: None) -> None:
    def code(*asked: str) -> str:
        return str(zhiyin("alert", *asked, status=1)["error"]["code"])

    assert code("show", "9") == "alerts.none"
    assert code("dismiss", "9", "--reason", "known") == "alerts.none"
    zhiyin("alert", "dismiss", "1", "--reason", "known")
    assert code("dismiss", "1", "--reason", "known") == "alerts.over"
    assert code("list", "--status", "loud") == "alerts.status"
    assert code("switch", "9", "off") == "alerts.no-rule"


def test_a_channel_is_added_tested_switched_and_removed(zhiyin: Zhiyin, desk: Desk) -> None:
    assert zhiyin("channel", "list") == {"channels": []}
    given = ("--address", desk.at("/hook"), "--secret", HOOK_SECRET)
    made = zhiyin("channel", "add", "hook", "webhook", *given)
    assert (made["key"], made["name"], made["is_on"]) == ("hook", "hook", True)
    (held,) = zhiyin("channel", "list")["channels"]
    assert "secret" not in held
    assert desk.at("/hook") not in str(held)
    sent = zhiyin("channel", "test", "hook")
    assert (sent["state"], len(desk.taken)) == ("sent", 1)
    again = zhiyin("channel", "replay", str(sent["number"]))
    assert (again["state"], len(desk.taken)) == ("sent", 2)
    ids = {headers["webhook-id"] for _path, headers, _body in desk.taken}
    assert len(ids) == 1, "the same message"
    told = zhiyin("channel", "deliveries", "--channel", "hook", "--state", "sent")["deliveries"]
    assert [one["number"] for one in told] == [sent["number"]]
    assert zhiyin("channel", "switch", "hook", "off")["is_on"] is False
    assert zhiyin("channel", "test", "hook", status=1)["error"]["code"] == "channels.off"
    assert zhiyin("channel", "switch", "hook", "on")["is_on"] is True
    assert zhiyin("channel", "remove", "hook") == {"removed": "hook"}
    assert zhiyin("channel", "remove", "hook", status=1)["error"]["code"] == "channels.none"


def test_a_rule_tells_a_channel(zhiyin: Zhiyin, data: Path, desk: Desk) -> None:
    zhiyin("channel", "add", "team", "wecom", "--address", desk.at("/wecom?key=k"))
    zhiyin("alert", "add", "Angry", "--json-condition", ANGRY, "--channel", "team")
    with Owner(data) as log:
        say(log, {})
    told = zhiyin("alert", "watch")
    assert (told["alerts"], told["messages"]) == (1, 1)
