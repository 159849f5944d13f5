"""The pages of rights: nothing is erased by a slip, and what is done is shown."""

from __future__ import annotations

import json
from pathlib import Path

from django.test import Client

from zhiyin.accounts.models import AuditEntry
from zhiyin.unify import rules
from zhiyin.unify.models import Erasure
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put, read

EVIL = "<script>alert(1)</script>"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_customer_is_found_exported_and_erased(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    put(log, [{"customer": EVIL, "choice": EVIL}, {"customer": "him"}])
    found = page(as_ana, "/main/customers/rights/?id=%3Cscript%3Ealert(1)%3C/script%3E")
    assert EVIL not in found
    assert "&lt;script&gt;" in found
    exported = as_ana.post("/main/customers/rights/export/", {"id": EVIL, "as": "json"})
    assert exported.headers["content-disposition"] == 'attachment; filename="customer.json"'
    assert json.loads(exported.content)["facts"]["answers"][0]["choice"] == EVIL
    readable = as_ana.post("/main/customers/rights/export/", {"id": EVIL, "as": "page"})
    assert EVIL not in readable.content.decode()
    slip = as_ana.post("/main/customers/rights/erase/", {"id": EVIL, "again": "script"})
    assert slip.status_code == 422
    assert "What was typed is not the id." in slip.content.decode()
    assert len(read(log, "id")) == 2
    done = as_ana.post(
        "/main/customers/rights/erase/",
        {"id": EVIL, "again": EVIL, "reason": "withdrawn"},
        follow=True,
    )
    erasure = Erasure.objects.get()
    assert erasure.number[:12] in done.content.decode()
    assert "alert(1)" not in done.content.decode()
    assert (erasure.asked_by, erasure.reason) == ("ana", "withdrawn")
    assert read(log, "id") == [("r1",)]
    receipt = as_ana.get(f"/main/data/rights/receipts/{erasure.pk}/")
    assert json.loads(receipt.content)["number"] == erasure.number
    assert as_ana.get("/main/customers/rights/?id=nobody").status_code == 404
    by = AuditEntry.of("main").filter(action__in=("customer.exported", "erasure.asked"))
    assert {entry.by for entry in by} == {"ana"}


def test_a_receipt_is_of_its_workspace(as_ana: Client, log: Owner, cleo: object) -> None:
    put(log, [{"customer": "her"}])
    as_ana.post("/main/customers/rights/erase/", {"id": "her", "again": "her"})
    number = Erasure.objects.get().pk
    assert as_ana.get(f"/main/data/rights/receipts/{number}/").status_code == 200
    assert as_ana.get(f"/other/data/rights/receipts/{number}/").status_code == 404


def test_consent_is_recorded_and_shown(as_ana: Client, log: Owner) -> None:
    put(log, [{"customer": "her"}])
    said = {"id": "her", "purpose": "newsletter", "channel": "mail", "evidence": "form"}
    as_ana.post("/main/customers/rights/consent/", {**said, "says": "given"})
    answer = as_ana.post(
        "/main/customers/rights/consent/", {**said, "says": "withdrawn"}, follow=True
    )
    shown = answer.content.decode()
    assert "withdrawn" in shown
    assert shown.count("newsletter") == 3  # what holds, and two statements
    refused = as_ana.post("/main/customers/rights/consent/", {**said, "evidence": " "})
    assert refused.status_code == 422


def test_retention_is_shown_before_it_is_changed(as_ana: Client, log: Owner) -> None:
    put(log, [{}, {"customer": "x"}])
    asked = {"months-answers": "1", "pattern-0": "Cart *", "pattern-months-0": "3"}
    shown = as_ana.post("/main/data/rights/retention/", asked)
    assert "answers: 2" in shown.content.decode()
    assert rules.retention("main") == {}
    as_ana.post("/main/data/rights/retention/", {**asked, "seen": "1"})
    assert rules.retention("main") == {("answers", ""): 1, ("events", "Cart *"): 3}
    assert 'value="Cart *"' in page(as_ana, "/main/data/rights/")
    assert len(read(log, "id")) == 2  # until the night
    assert rules.apply("main", log) == {"answers": 2}
    assert read(log, "id") == []
    wrong = as_ana.post("/main/data/rights/retention/", {"months-answers": "soon"})
    assert wrong.status_code == 422


def test_the_rules_of_erasure_are_changed(as_ana: Client, log: Owner) -> None:
    as_ana.post("/main/data/rights/", {"stated_days": "3", "erased_ids": "anew"})
    shown = page(as_ana, "/main/data/rights/")
    assert 'value="3"' in shown
    assert '<option value="anew" selected>' in shown
    assert as_ana.post("/main/data/rights/", {"stated_days": "0"}).status_code == 422
