"""Data health, saved mappings, the demo company and background work, by the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.api.documents.health import HealthDocument
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.api.tests.test_imports import MAPPING, send
from zhiyin.collect import saved_mappings
from zhiyin.warehouse.owner import Owner
from zhiyin.web import sample


def test_data_health_is_what_the_page_says(filled: Owner) -> None:
    told = asking(a_key("see_data", sees_personal_data=False))("get", "/data-health")
    found = HealthDocument.model_validate(told.json())
    assert {one.source for one in found.sources} >= {"tea-shop"}
    assert sum(one.rows for one in found.sources) > 60
    assert (found.unlinked.answers > 0, found.unlinked.days) == (True, 30)
    assert [(one.code, one.count) for one in found.refused] == [("event.no-name", 1)]
    assert [one.table for one in found.touchpoints] == ["events"]
    counts = asking(a_key("see_data"))("get", "/dead-letters/count").json()
    assert (counts["waiting"], len(counts["reasons"])) == (1, 1)
    ask = asking(a_key("see_data"))
    assert ask("get", "/dead-letters", {"code": "other"}).json()["items"] == []
    assert len(ask("get", "/dead-letters", {"code": counts["reasons"][0]["code"]}).json()["items"])


def test_a_mapping_is_saved_used_by_name_and_removed(log: Owner, ana: Person) -> None:
    """Would catch an import that takes another mapping than the one that was named."""
    secret = a_key()
    ask = asking(secret)
    assert ask("get", "/mappings").json() == {"mappings": []}
    saved = ask("put", "/mappings", {"name": "Desk 2026", "mapping": MAPPING})
    assert (saved.json()["name"], saved.json()["saved_by"]) == ("Desk 2026", "api: a program")
    assert ask("get", "/mappings").json() == {"mappings": [saved.json()]}
    for name in ("Desk%202026", saved.json()["number"]):
        assert ask("get", f"/mappings/{name}").content == saved.content
    tried = send(secret, mapping="", saved="Desk 2026", dry_run="true")
    assert (tried.status_code, tried.json()["code"]) == (422, "api.not-as-described")
    tried = by_name(secret, saved="Desk 2026", dry_run="true")
    assert (tried.status_code, tried.json()["rows_added"]) == (201, 2)
    done = by_name(secret, saved="Desk 2026").json()
    file = ask("get", f"/imports/{done['import_id']}/rejects")
    assert file.body.decode("utf-8-sig").splitlines()[0].startswith("line,column,value,reason")
    assert b"soon" in file.body
    for form in ({}, {"saved": "Desk 2026", "mapping": MAPPING}):
        answer = by_name(secret, **form)
        assert (answer.status_code, answer.json()["code"]) == (422, "api.one-mapping"), form
    assert by_name(secret, saved="Desk 2025").status_code == 404
    wrong = ask("put", "/mappings", {"name": "x", "mapping": "as: everything"})
    assert wrong.status_code == 422
    assert ask("delete", "/mappings/Desk%202026").json() == saved.json()
    assert ask("delete", "/mappings/Desk%202026").status_code == 404
    assert saved_mappings.of("main") == []
    done_by_key = AuditEntry.of("main").filter(by="api: a program").order_by("pk")
    assert list(done_by_key.values_list("action", flat=True)) == [
        "mapping.saved", "import.asked", "mapping.removed",
    ]  # fmt: skip
    for import_id in ("none", "..", done["import_id"] + "0"):
        assert ask("get", f"/imports/{import_id}/rejects").status_code == 404, import_id


def by_name(secret: str, **form: str) -> Any:
    """An import whose form has no text of a mapping but where one is given."""
    given: dict[str, Any] = {"mapping": None, **form}
    return send(secret, **given)


def test_the_sample_and_the_demo_company(log: Owner, ana: Person, tmp_path: Path) -> None:
    ask = asking(a_key())
    empty = ask("delete", "/demo")
    assert (empty.status_code, empty.json()["code"]) == (422, "demo.not-there")
    asked = ask("post", "/demo", {}, Idempotency_Key="one")
    assert (asked.status_code, asked.json()["kind"]) == (201, "fill-demo")
    assert ask("get", "/demo").json()["fill"] == asked.json()
    number = asked.json()["number"]
    assert ask("post", f"/jobs/{number}/again").json()["code"] == "work.not-failed"
    ask("post", f"/jobs/{number}/cancel")
    again = ask("post", f"/jobs/{number}/again")
    assert (again.status_code, again.json()["state"]) == (201, "waiting")
    assert again.json()["number"] != number
    loaded = ask("post", "/sample").json()
    assert loaded["rows_added"] == loaded["rows_read"] > 0
    assert ask("post", "/sample").json()["rows_added"] == 0
    full = ask("post", "/demo", {}, Idempotency_Key="two")
    assert (full.status_code, full.json()["code"]) == (422, "demo.workspace-not-empty")
    (entry, _second) = AuditEntry.of("main").filter(action="import.asked").order_by("pk")
    assert (entry.by, entry.subject) == ("api: a program", sample.FILE.name)


def test_what_the_clock_asks_for(log: Owner, ana: Person) -> None:
    ask = asking(a_key())
    found = ask("get", "/jobs/schedules").json()["schedules"]
    assert {one["kind"] for one in found} >= {"tend-log"}
    compared = ask("post", "/merge-suggestions/compare")
    assert (compared.status_code, compared.json()["kind"]) == (201, "suggest-merges")
    (one,) = ask("get", "/jobs", {"kind": "suggest-merges"}).json()["items"]
    assert one == compared.json()
    assert ask("get", "/jobs", {"kind": "tend-log"}).json()["items"] == []


def test_the_audit_log_between_days_and_as_a_file(log: Owner, ana: Person) -> None:
    ask = asking(a_key())
    ask("put", "/units", {"key": "north"})
    assert ask("get", "/audit", {"to": "2020-01-01"}).json()["items"] == []
    assert ask("get", "/audit", {"from": "2020-01-01", "action": "unit"}).json()["items"]
    assert ask("get", "/audit", {"from": "0001-01-01"}).status_code == 422
    file = ask("get", "/audit/export", {"action": "unit"})
    assert b"unit.created" in file.body
    assert file.body.count(b"\n") == 2
    entry = AuditEntry.of("main").get(action="rows.exported")
    assert (entry.subject, entry.by, COMMAND_LINE.name in entry.by) == (
        "audit", "api: a program", False,
    )  # fmt: skip
