"""Alerts, rules and channels by the API: within what the key sees, masked, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.act.alerts import watching
from zhiyin.act.alerts.tests.saying import ANGRY, say
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.kernel import outbound
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.any_store

RULE: dict[str, Any] = {
    "name": "Angry",
    "condition": {"kind": "verbatim", "where": "emotion = 'anger'"},
}


def fire(log: Owner, ask: Any, **more: Any) -> None:
    assert ask("post", "/alert-rules", {**RULE, **more}).status_code == 201
    say(log, {}, {"unit": "south"})
    watching.watch(log, "main")


def test_a_rule_is_rehearsed_added_switched_changed_and_removed(filled: Owner) -> None:
    ask = asking(a_key())
    rehearsed = ask("post", "/alert-rules/rehearsal", {"condition": RULE["condition"]}).json()
    assert rehearsed["times"] == 0
    made = ask("post", "/alert-rules", RULE).json()
    assert made["condition"] == {"kind": "verbatim", "text": "", **RULE["condition"]}
    address = f"/alert-rules/{made['number']}"
    assert ask("post", f"{address}/switch", {"is_on": False}).json()["is_on"] is False
    other = {**RULE, "condition": {"kind": "verbatim", "text": "慢"}}
    assert ask("put", address, other).json()["version"] == 2
    assert [one["name"] for one in ask("get", "/alert-rules").json()["rules"]] == ["Bags", "Angry"]
    assert ask("delete", address).json() == {"removed": made["number"]}
    wrong = ask("post", "/alert-rules", {**RULE, "condition": {"kind": "verbatim"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "alerts.says-nothing")
    unreadable = ask("post", "/alert-rules", {**RULE, "condition": {"kind": "guess"}})
    assert (unreadable.status_code, unreadable.json()["code"]) == (422, "alerts.condition")


def test_alerts_come_page_by_page_and_are_dismissed(filled: Owner) -> None:
    ask = asking(a_key())
    fire(filled, ask)
    first = ask("get", "/alerts", {"limit": 1}).json()  # that of the planted rule is closed
    second = ask("get", "/alerts", {"limit": 1, "cursor": first["next"]}).json()
    assert [first["alerts"][0]["number"], second["alerts"][0]["number"]] == [3, 2]
    assert second["next"] is None
    assert second["alerts"][0]["text"] == ANGRY
    given = {"do": "dismiss", "reason": "not_justified", "note": "a joke"}
    done = ask("post", "/alerts/2/steps", given).json()
    assert (done["status"], done["reason"]) == ("dismissed", "not_justified")
    assert ask("get", "/alerts", {"status": "closed"}).json()["not_justified"]["n"] == 2
    assert ask("post", "/alerts/2/steps", {"do": "reopen"}).json()["status"] == "open"
    assert ask("get", "/alerts/99").status_code == 404


def test_a_key_of_a_unit_sees_its_alerts_alone_and_no_numbers_where_it_may_not(
    filled: Owner,
) -> None:
    units.add(by=COMMAND_LINE, workspace="main", key="north", name="North")
    fire(filled, asking(a_key()))
    north = asking(
        a_key(
            "see_figures",
            "see_customers",
            "define",
            unit="north",
            sees_personal_data=False,
        )
    )
    (mine,) = north("get", "/alerts", {"status": "all"}).json()["alerts"]
    assert mine["number"] == 2
    assert "138****5678" in mine["text"]
    assert "13812345678" not in north("get", "/alerts").content.decode()
    assert north("get", "/alerts/3").status_code == 404
    assert north("post", "/alerts/3/steps", {"do": "note"}).status_code == 404
    assert north("get", "/alert-rules").json()["rules"] == []
    refused = north("post", "/alert-rules", RULE)
    assert (refused.status_code, refused.json()["code"]) == (422, "alerts.part")
    assert north("post", "/alert-rules", {**RULE, "unit": "north"}).status_code == 201


def test_a_channel_never_tells_its_address_and_its_secret_once(
    filled: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outbound.ALLOW, "127.0.0.1")
    ask = asking(a_key())
    given = {"key": "hook", "name": "Hook", "kind": "webhook",
             "address": "http://127.0.0.1:18999/private/path"}  # fmt: skip
    made = ask("post", "/channels", given)
    assert made.status_code == 201, made.json()
    assert made.json()["secret"].startswith("whsec_")
    told = ask("get", "/channels")
    assert "private" not in told.content.decode()
    assert made.json()["secret"] not in told.content.decode()
    assert ask("post", "/channels/hook/steps", {"do": "test"}).status_code == 200
    (waiting,) = ask("get", "/deliveries").json()["deliveries"]
    assert waiting["state"] == "waiting"
    refused = ask("post", f"/deliveries/{waiting['number']}/replay")
    assert refused.json()["code"] == "channels.waits"
    assert ask("put", "/channels/hook", {"name": "New"}).json()["name"] == "New"
    assert ask("delete", "/channels/hook").json() == {"removed": "hook"}
