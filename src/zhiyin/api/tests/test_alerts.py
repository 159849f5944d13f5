"""Alerts, rules and channels by the API: within what the key sees, masked, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.act.alerts import watching
from zhiyin.act.alerts.tests.saying import ANGRY, say
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.kernel import outbound
from zhiyin.listen.themes.models import Theme
from zhiyin.maps import actions as maps
from zhiyin.maps.tests.crowd import SHOP
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


def test_rules_on_themes_and_touchpoints_are_made_and_rehearsed(filled: Owner) -> None:
    ask = asking(a_key())
    maps.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SHOP, keeps=True)
    today = timezone.now()
    Theme.objects.create(
        workspace=Workspace.objects.get(slug="main"), number=91, words_en=["drip"],
        found_at=today, first_said_on=today.date(),
    )  # fmt: skip
    place = SHOP.nodes[0].id
    leaving = {"kind": "leaving", "map": "trip", "touchpoint": place, "target": 30.0}
    made = ask("post", "/alert-rules", {"name": "They leave", "condition": leaving})
    assert made.status_code == 201, made.json()
    assert made.json()["condition"] == {
        "direction": "up", "where": "", "days": 28, "least": 30, **leaving,
    }  # fmt: skip
    rehearsed = ask("post", "/alert-rules/rehearsal", {"condition": leaving}).json()
    assert (rehearsed["times"], rehearsed["condition"]["map"]) == (0, "trip")
    theme = {"kind": "theme", "theme": 91, "days": 14}
    grows = ask("post", "/alert-rules", {"name": "It grows", "condition": theme}).json()
    assert grows["condition"] == {"where": "", "least": 10, **theme}
    address = f"/alert-rules/{grows['number']}"
    every = {"name": "Any grows", "condition": {"kind": "theme"}}
    changed = ask("put", address, every).json()
    assert (changed["version"], changed["condition"]["theme"]) == (2, None)

    def refused(**condition: Any) -> str:
        said = ask("post", "/alert-rules", {"name": "No", "condition": condition})
        assert said.status_code in (404, 422), said.json()
        return str(said.json()["code"])

    assert refused(kind="theme", theme=92) == "themes.none"
    assert refused(kind="theme", days=35) == "alerts.days"
    assert refused(kind="leaving", map="none", touchpoint=place) == "map.none"
    assert refused(kind="leaving", map="trip", touchpoint="none") == "alerts.touchpoint"
    assert refused(**{**leaving, "target": 100}) == "alerts.target"


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
