"""Targets and marks as lists: the files of the command line, and its documents, to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.measure import target_lists, targets
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER

TARGETS = b"metric,period,target\nnps,2026-Q1,40\ncsat,2026-01,80\n"
MARKS = b"name,kind,first,customers\nStorm,incident,2026-01-02,\nFire,incident,2026-01-03,%b\n"


def send(secret: str, path: str, rows: bytes, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    form = {"file": SimpleUploadedFile("list.csv", rows), **more}
    return Client(headers=headers).post(f"/api/v1{path}", form)


def test_targets_go_out_and_come_in_as_a_list(planted: Owner) -> None:
    secret = a_key()
    ask = asking(secret)
    tried = send(secret, "/targets/import", TARGETS, dry_run="true").json()
    assert tried == {"new": 2, "changed": 0, "same": 0, "is_dry_run": True}
    assert targets.of(settings_of("main")) == ()
    done = send(secret, "/targets/import", TARGETS).json()
    assert done == {**tried, "is_dry_run": False}
    out = ask("get", "/targets/export")
    assert out.content == target_lists.write(targets.of(settings_of("main"))).encode("utf-8-sig")
    back = send(secret, "/targets/import", out.content).json()
    assert (back["new"], back["same"]) == (0, 2)
    wrong = send(secret, "/targets/import", TARGETS.replace(b"80", b"eighty"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "list.wrong")
    assert "3" in wrong.json()["detail"]


def test_one_target_is_read_with_its_past_and_changed(planted: Owner) -> None:
    ask = asking(a_key())
    for period, value in (("2026-Q1", 40), ("2026-Q2", 45)):
        made = ask("post", "/targets", {"metric": "nps", "period": period, "value": value})
    number = made.json()["number"]
    told = ask("get", f"/targets/{number}").json()
    assert told["target"] == made.json()
    assert [one["period"] for one in told["history"]] == ["2026-Q2", "2026-Q1"]
    given = {"metric": "nps", "period": "2026-Q2", "value": 50}
    assert ask("put", f"/targets/{number}", given).json()["target"] == 50
    taken = ask("put", f"/targets/{number}", {**given, "period": "2026-Q1"})
    assert (taken.status_code, taken.json()["code"]) == (422, "target.taken")
    assert ask("get", "/targets/999999").status_code == 404


def test_marks_go_out_and_come_in_without_ids_for_who_does_not_see_them(
    planted: Owner, tmp_path: Path
) -> None:
    secret, blind = a_key(), a_key(sees_personal_data=False)
    rows = MARKS % HER.encode()
    refused = send(blind, "/calendar/import", rows)
    assert (refused.status_code, refused.json()["code"]) == (403, "personal.filter")
    done = send(secret, "/calendar/import", rows).json()
    assert done == {"new": 2, "same": 0, "is_dry_run": False}
    assert HER.encode() in asking(secret)("get", "/calendar/export").content
    masked = asking(blind)("get", "/calendar/export").content
    assert b"Fire" in masked
    assert HER.encode() not in masked
    marks = asking(secret)("get", "/calendar").json()["marks"]
    fire = next(one for one in marks if one["name"] == "Fire")
    assert asking(secret)("get", f"/calendar/{fire['number']}").json() == fire
    hidden = asking(blind)("get", f"/calendar/{fire['number']}")
    assert (json.loads(hidden.content)["listed_customers"], HER in hidden.content.decode()) == (
        1, False,
    )  # fmt: skip
    assert AuditEntry.of("main").filter(action="mark.added").count() == 2
