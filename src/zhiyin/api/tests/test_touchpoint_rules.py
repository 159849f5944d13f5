"""Touchpoint rules by the API: tried, counted, and put as a list that was seen."""

from __future__ import annotations

from zhiyin.accounts.models import AuditEntry
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import PLANTED

PATH = "/touchpoint-rules"


def test_rules_are_added_moved_changed_and_removed_as_a_list(planted: Owner) -> None:
    """Would catch a list that is written over one that was not seen, and a wrong count."""
    ask = asking(a_key())
    before = ask("get", PATH).json()
    (first,) = before["rules"]
    (counted,) = ask("get", f"{PATH}/caught").json()["kinds"]
    assert (counted["table"], [one["facts"] for one in counted["rules"]]) == ("events", [60])
    web = {"where": "channel = 'web'", "touchpoint": "site"}
    (tried,) = ask("get", f"{PATH}/preview", {"where": web["where"], "place": 1}).json()["kinds"]
    assert (tried["facts"], tried["before"]) == (60, [])
    assert [(one["touchpoint"], one["facts"]) for one in tried["taken"]] == [("shop", 60)]
    (instead,) = ask(
        "get", f"{PATH}/preview", {"where": web["where"], "place": 1, "instead": True}
    ).json()["kinds"]
    assert (instead["facts"], instead["taken"]) == (60, [])
    held = {"where": first["where"], "touchpoint": first["touchpoint"]}
    put = ask("put", PATH, {"rules": [web, held], "seen": before["seen"]}, Idempotency_Key="one")
    assert put.status_code == 200, put.content
    assert [one["touchpoint"] for one in put.json()["rules"]] == ["site", "shop"]
    (counted,) = ask("get", f"{PATH}/caught").json()["kinds"]
    assert [one["facts"] for one in counted["rules"]] == [60, 0]
    again = ask("put", PATH, {"rules": [web, held], "seen": before["seen"]}, Idempotency_Key="one")
    assert (again.content, again.headers["idempotent-replay"]) == (put.content, "true")
    lost = ask("put", PATH, {"rules": [], "seen": before["seen"]})
    assert (lost.status_code, lost.json()["code"]) == (409, "rules.changed")
    wrong = {"rules": [{**web, "where": "chanel = 'web'"}], "seen": put.json()["seen"]}
    assert ask("put", PATH, wrong).status_code == 422
    gone = ask("put", PATH, {"rules": [], "seen": put.json()["seen"]})
    assert gone.json()["rules"] == []
    (entry, _gone) = AuditEntry.of("main").filter(by="api: a program").order_by("pk")
    assert entry.action == "touchpoint_rule.replaced"


def test_a_key_without_personal_data_sees_no_value_of_a_rule(planted: Owner) -> None:
    ask = asking(a_key(sees_personal_data=False))
    told = ask("get", PATH)
    (rule,) = told.json()["rules"]
    assert PLANTED["event e-mail"] not in told.content.decode()
    back = {"rules": [{"where": rule["where"], "touchpoint": "x"}], "seen": told.json()["seen"]}
    assert ask("put", PATH, back).status_code == 403
    assert ask("get", f"{PATH}/preview", {"where": "customer = 'x'"}).status_code == 403
