"""What a workspace decides about rights, identity and holidays: read, changed, and refused."""

from __future__ import annotations

from typing import Any

from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.measure import calendar
from zhiyin.unify import identity_rules, rules
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER


def actions() -> list[str]:
    entries = AuditEntry.of("main").filter(by="api: a program").order_by("pk")
    return list(entries.values_list("action", flat=True))


def test_what_is_kept_how_long_is_looked_at_and_then_said(planted: Owner) -> None:
    """Would catch a preview that changes something, or one that counts otherwise than the night."""
    ask = asking(a_key())
    assert ask("get", "/retention").json() == {"kept": []}
    kept = [
        {"table": "events", "pattern": "Order*", "months": 1},
        {"table": "orders", "pattern": "", "months": 1200},
    ]
    seen = ask("post", "/retention/preview", {"kept": kept}).json()
    assert seen == {"kept": kept, "going": {"events": 1}}
    assert rules.retention("main") == {}
    said = ask("put", "/retention", {"kept": kept}, Idempotency_Key="one")
    assert said.json() == {"kept": kept}
    assert rules.retention("main") == {("events", "Order*"): 1, ("orders", ""): 1200}
    for wrong, code in (
        ([*kept, kept[0]], "rights.retention-twice"),
        ([{"table": "identities", "months": 1}], "rights.retention"),
        ([{"table": "orders", "pattern": "x", "months": 1}], "rights.retention"),
        ([{"table": "orders", "months": 0}], "api.not-as-described"),
    ):
        for method, path in (("put", "/retention"), ("post", "/retention/preview")):
            answer = ask(method, path, {"kept": wrong})
            assert (answer.status_code, answer.json()["code"]) == (422, code), (method, wrong)
    assert actions() == ["retention.changed"]


def test_the_stated_time_and_rows_of_erased_ids(planted: Owner) -> None:
    ask = asking(a_key())
    before = ask("get", "/rights-rules").json()
    changed = ask("patch", "/rights-rules", {"stated_days": 3})
    assert changed.json() == {**before, "stated_days": 3}
    assert ask("patch", "/rights-rules", {"erased_ids": "anew"}).json() == {
        "stated_days": 3, "erased_ids": "anew",
    }  # fmt: skip
    assert ask("patch", "/rights-rules", {"stated_days": 91}).status_code == 422
    assert ask("patch", "/rights-rules", {}).json()["stated_days"] == 3
    assert actions() == ["rights_rules.changed", "rights_rules.changed"]


def test_what_a_customer_has_said_of_each_purpose(planted: Owner) -> None:
    ask = asking(a_key())
    said = {"id": HER, "purpose": "news", "channel": "sms", "is_given": True, "evidence": "a form"}
    assert ask("post", "/customer/consents", said).status_code == 201
    told = ask("get", "/customer/consents", {"id": HER}).json()
    assert {"kind": "customer", "id": HER} in told["ids"]
    assert [(one["channel"], one["is_given"]) for one in told["standing"]] == [("sms", True)]
    assert [one["is_given"] for one in told["history"]] == [True, False]
    assert told["history"][0]["evidence"] == "a form"
    assert ask("get", "/customer/consents", {"id": "nobody"}).status_code == 404


def test_by_what_ids_are_one_customer(planted: Owner) -> None:
    ask = asking(a_key())
    before = ask("get", "/identity-rules").json()
    assert before["last_run"]["found"]
    given: dict[str, Any] = {"traits": ["email"], "shared_by_at_most": 3, "country": "DE"}
    changed = ask("patch", "/identity-rules", given)
    assert changed.json() == {**before, **given}
    known = identity_rules.rules_of("main")
    assert (known.traits, known.shared_by_at_most, known.country) == (("email",), 3, "DE")
    for wrong in ({"shared_by_at_most": 1}, {"country": "de"}, {"cluster_limit": 40_000}):
        assert ask("patch", "/identity-rules", wrong).status_code == 422, wrong
    assert actions() == ["identity_rules.changed"]


def test_whose_holidays_figures_are_read_with(planted: Owner) -> None:
    ask = asking(a_key())
    chosen = ask("put", "/calendar/holidays", {"country": "de", "lunar": True})
    told = ask("get", "/calendar/holidays")
    assert told.content == chosen.content
    document = told.json()
    assert (document["country"], document["lunar"]) == ("DE", True)
    assert {one["kind"] for one in document["coming"]} == {"holiday", "festival"}
    held = calendar.holidays_of(settings_of("main"))
    assert document["coming"] == [
        {**one, "from": f"{one['from']}", "to": f"{one['to']}"}
        for one in held.as_dict(calendar.holidays_coming(settings_of("main")))["coming"]
    ]
    none = ask("put", "/calendar/holidays", {"country": None, "lunar": False}).json()
    assert none == {"country": None, "lunar": False, "coming": []}
    wrong = ask("put", "/calendar/holidays", {"country": "XX", "lunar": False})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "calendar.country")
    assert actions() == ["holidays.chosen", "holidays.chosen"]
