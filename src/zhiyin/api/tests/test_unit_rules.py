"""Unit rules by the API: replaced as a list that was seen, and masked for whom they must be."""

from __future__ import annotations

from typing import Any

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.web.tests.planted import PLANTED

PATH = "/unit-rules"


def test_rules_are_tried_put_and_put_back_if_they_are_still_those_that_were_seen(
    planted: Owner,
) -> None:
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="North")
    ask = asking(a_key())
    before = ask("get", PATH).json()
    web = {"where": "channel = 'web'", "unit": "north", "table": "events"}
    (kind,) = ask(
        "get", f"{PATH}/preview", {"where": web["where"], "table": "events", "place": 1}
    ).json()["kinds"]
    assert (kind["table"], kind["customers"], len(kind["taken"])) == ("events", 1, 1)
    given: dict[str, Any] = {"rules": [web], "come_first": True, "seen": before["seen"]}
    made = ask("put", PATH, given)
    assert made.status_code == 200, made.content
    (shown,) = made.json()["rules"]
    assert (shown | web, made.json()["come_first"]) == (shown, True)
    again = ask("put", PATH, given)
    assert (again.status_code, again.json()["code"]) == (409, "rules.changed")
    (entry,) = AuditEntry.of("main").filter(action="unit_rule.replaced")
    assert entry.after == {"rules": [[web["where"], "north", "events"]], "come_first": True}
    lost = {"rules": [{**web, "unit": "nort"}], "seen": made.json()["seen"]}
    refused = ask("put", PATH, lost)
    assert (refused.status_code, refused.json()["code"]) == (422, "rules.no-such-unit")


def test_a_key_without_personal_data_neither_sees_nor_writes_what_says_who_she_is(
    planted: Owner,
) -> None:
    ask = asking(a_key(sees_personal_data=False))
    told = ask("get", PATH)
    (rule,) = told.json()["rules"]
    assert rule["where"].startswith("properties.email = ")
    assert PLANTED["event e-mail"] not in told.content.decode()
    tried = ask("get", f"{PATH}/preview", {"where": "name is not missing"})
    assert PLANTED["event e-mail"] not in tried.content.decode()
    put = {"rules": [{"where": rule["where"], "unit": "shop"}], "seen": told.json()["seen"]}
    assert ask("put", PATH, put).status_code == 403
    assert ask("get", f"{PATH}/preview", {"where": "customer = 'x'"}).status_code == 403


def test_a_key_of_a_branch_sees_what_rules_put_into_it(planted: Owner) -> None:
    for key in ("north", "south"):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=key)
    ask = asking(a_key("see_figures", "export", unit="north"))
    assert ask("get", "/answers").json()["items"] == []
    metric = Rule("metric = 'nps'", "north")
    planted.set_rules("main", "unit", Rules((metric, Rule("metric is not missing", "south"))))
    assert [one["metric"] for one in ask("get", "/answers").json()["items"]] == ["nps"]
    assert ask("get", PATH).status_code == 403
