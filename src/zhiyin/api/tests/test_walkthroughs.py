"""Competitor walkthroughs by key."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.maps.models import AuditRun
from zhiyin.warehouse.owner import Owner

GIVEN: dict[str, Any] = {
    "title": "Buy a ticket",
    "sites": [{"name": "Ours", "is_ours": True}, {"name": "Blue"}],
}
RUN: dict[str, Any] = {
    "site": "Blue", "done_on": "2026-03-02", "who": "P1", "is_done": True, "ease": 6,
    "steps": [
        {"says": "Search", "seconds": 12.5},
        {"says": "Pay", "seconds": 30, "failed": "Refused", "link": "https://a.example/1"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _folder(ana: Person, log: Owner, tmp_path: Path, settings: Settings) -> None:
    settings.ZHIYIN_DATA = str(tmp_path)


def sending(secret: str, path: str, name: str, content: bytes, **fields: str) -> Any:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    return client.post(f"/api/v1{path}", {"file": SimpleUploadedFile(name, content), **fields})


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    return file.getvalue()


def test_a_walkthrough_is_made_filled_and_read(cleo: Person) -> None:
    secret = a_key()
    ask = asking(secret)
    made = ask("post", "/walkthroughs", GIVEN)
    assert made.status_code == 201
    number = made.json()["number"]
    assert ask("post", "/walkthroughs", GIVEN).status_code == 409
    added = ask("post", f"/walkthroughs/{number}/runs", RUN)
    assert added.status_code == 201
    run = added.json()
    assert (run["seconds"], [one["failed"] for one in run["steps"]]) == (42.5, ["", "Refused"])
    at = f"/walkthroughs/{number}/runs/{run['number']}"
    assert ask("get", at).json() == run
    changed = {**RUN, "who": "P2", "steps": [{**RUN["steps"][1], "was": 2}], "revision": 1}
    assert ask("put", at, changed).json()["who"] == "P2"
    assert ask("put", at, changed).status_code == 409
    shown = ask("get", f"/walkthroughs/{number}").json()
    assert (shown["revision"], shown["runs"], len(shown["all_runs"])) == (2, 1, 1)
    blue = shown["compared"]["sites"][1]
    assert blue["figures"]["seconds"]["value"] == pytest.approx(30.0)
    assert blue["beside_ours"]["completion"]["state"] == "too_few"
    assert shown["steps"][0]["cells"][1]["failures"][0]["failed"] == "Refused"
    (listed,) = ask("get", "/walkthroughs").json()["walkthroughs"]
    assert listed["number"] == number
    renamed = {**GIVEN, "title": "Buy", "revision": 2}
    assert ask("put", f"/walkthroughs/{number}", renamed).json()["title"] == "Buy"
    assert ask("put", f"/walkthroughs/{number}", renamed).status_code == 409
    for wrong in ({**RUN, "done_on": "soon"}, {**RUN, "ease": 9}, {**RUN, "steps": []},
                  {**RUN, "steps": [{"says": "x", "link": "javascript:alert(1)"}]},
                  {**RUN, "colour": "red"}):  # fmt: skip
        assert ask("post", f"/walkthroughs/{number}/runs", wrong).status_code == 422, wrong
    theirs = asking(a_key(workspace="other"))
    assert theirs("get", "/walkthroughs").json() == {"walkthroughs": []}
    for method, path, given in (
        ("get", f"/walkthroughs/{number}", None), ("get", at, None),
        ("get", f"/walkthroughs/{number}/export", None),
        ("put", f"/walkthroughs/{number}", GIVEN), ("put", at, RUN),
        ("post", f"/walkthroughs/{number}/runs", RUN),
        ("delete", at, None), ("delete", f"/walkthroughs/{number}", None),
    ):  # fmt: skip
        assert theirs(method, path, given).status_code == 404, path
    assert ask("delete", at).json() == {"number": run["number"], "removed": True}
    assert ask("delete", f"/walkthroughs/{number}").json() == {"number": number, "removed": True}
    assert ask("get", f"/walkthroughs/{number}").status_code == 404
    by = AuditEntry.of("main").filter(action__startswith="walkthrough").values_list("by", flat=True)
    assert set(by) == {"api: a program"}


def test_a_run_that_is_sent_twice_is_written_down_once() -> None:
    ask = asking(a_key())
    number = ask("post", "/walkthroughs", GIVEN).json()["number"]
    first, again = (
        ask("post", f"/walkthroughs/{number}/runs", RUN, Idempotency_Key="a") for _time in range(2)
    )
    assert first.json() == again.json()
    assert AuditRun.objects.count() == 1


def test_a_picture_is_sent_read_and_taken_away(cleo: Person) -> None:
    secret = a_key()
    ask = asking(secret)
    number = ask("post", "/walkthroughs", GIVEN).json()["number"]
    run = ask("post", f"/walkthroughs/{number}/runs", RUN).json()["number"]
    at = f"/walkthroughs/{number}/runs/{run}/steps/2/picture"
    assert ask("get", at).status_code == 404
    set_ = sending(secret, at, "a.png", png() + b"<script>")
    assert set_.status_code == 200
    assert [one["has_picture"] for one in set_.json()["steps"]] == [False, True]
    got = ask("get", at)
    assert (got["Content-Type"], b"script" in got.body) == ("image/jpeg", False)
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "no-store")
    wrong = sending(secret, at, "a.png", b"<svg/>")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "walkthrough.picture")
    other = a_key(workspace="other")
    assert asking(other)("get", at).status_code == 404
    assert sending(other, at, "a.png", png()).status_code == 404
    # The edge asks whether a large one may come.
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.head(f"/api/v1{at}").status_code == 200
    reads = Client(headers={"Authorization": f"Bearer {a_key('see_figures')}"})
    assert reads.get(f"/api/v1{at}").getvalue() == got.body
    assert reads.head(f"/api/v1{at}").status_code == 403
    assert not any(one["has_picture"] for one in ask("delete", at).json()["steps"])
    assert ask("delete", at).status_code == 404


def test_runs_are_files_that_can_be_brought_in_elsewhere() -> None:
    secret = a_key()
    ask = asking(secret)
    first, second = (
        ask("post", "/walkthroughs", {**GIVEN, "title": title}).json()["number"] for title in "ab"
    )
    ask("post", f"/walkthroughs/{first}/runs", RUN)
    file = ask("get", f"/walkthroughs/{first}/export", {"table": "runs"}).body
    into = f"/walkthroughs/{second}/import"
    looked = sending(secret, into, "runs.csv", file, dry_run="true").json()
    assert looked == {"new": 1, "same": 0, "is_dry_run": True}
    assert sending(secret, into, "runs.csv", file).json()["new"] == 1
    assert sending(secret, into, "runs.csv", file).json()["same"] == 1
    wrong = sending(secret, into, "runs.csv", file.replace(b"Blue", b"Red"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "list.wrong")
    book = ask("get", f"/walkthroughs/{first}/export", {"format": "xlsx"}).body
    assert book.startswith(b"PK")
    assert ask("get", f"/walkthroughs/{first}/export", {"table": "secrets"}).status_code == 422
