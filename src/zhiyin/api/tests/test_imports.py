"""A file comes in by the API as by the command line, is tried before and taken back after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.operations import imports
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.files.documents import imported
from zhiyin.collect.files.run import import_path
from zhiyin.collect.files.tests.conftest import ASKED
from zhiyin.warehouse.owner import Owner

MAPPING = ASKED.replace("csat", "nps")
ROWS = b"id,at,who,score\n1,2026-01-02 10:00,c1,9\n2,2026-01-02 11:00,c2,4\n3,soon,c3,7\n"


def send(secret: str, *, rows: bytes = ROWS, name: str = "desk.csv", **more: Any) -> Any:
    """A form with the file and its mapping."""
    headers = {"Authorization": f"Bearer {secret}"}
    if "key" in more:
        headers["Idempotency-Key"] = more.pop("key")
    file = SimpleUploadedFile(name, rows)
    form = {"file": file, "mapping": MAPPING, **more}
    form = {name: value for name, value in form.items() if value is not None}
    return Client(headers=headers, raise_request_exception=False).post("/api/v1/imports", form)


def test_a_file_is_tried_imported_listed_and_taken_back(log: Owner, ana: Person) -> None:
    secret = a_key()
    ask = asking(secret)
    tried = send(secret, dry_run="true").json()
    assert (tried["rows_read"], tried["rows_added"], tried["rows_rejected"]) == (3, 2, 1)
    (reject,) = tried["rejects"]
    assert (reject["line"], reject["column"], reject["value"]) == (4, "at", "soon")
    assert reject["reason"]
    assert ask("get", "/imports").json()["items"] == []

    answer = send(secret, name="../../desk.csv", key="one")
    done = answer.json()
    assert (answer.status_code, done["facts_added"]) == (201, tried["facts_added"])
    assert done["rejects_file"] == f"{done['import_id']}.csv"
    again = send(secret, name="../../desk.csv", key="one")
    assert (again.content, again.headers["idempotent-replay"]) == (answer.content, "true")
    other = send(secret, name="../../desk.csv", key="one", rows=ROWS.replace(b"c2", b"c9"))
    assert (other.status_code, other.json()["code"]) == (422, "api.key-used")
    (listed,) = ask("get", "/imports").json()["items"]
    assert (listed["import_id"], listed["label"]) == (done["import_id"], "desk.csv")

    undone = ask("delete", f"/imports/{done['import_id']}")
    assert undone.json() == {"import_id": done["import_id"], "facts_removed": done["facts_added"]}
    assert ask("delete", f"/imports/{done['import_id']}").status_code == 409
    assert ask("delete", "/imports/none").status_code == 404
    assert ask("get", "/answers").json()["items"] == []
    entries = AuditEntry.of("main").filter(by="api: a program").order_by("pk")
    assert list(entries.values_list("action", flat=True)) == ["import.asked", "import.undone"]
    assert not list((log.data / "tmp").glob("import-*")), "the copy is gone"


def test_a_form_that_cannot_be_read_is_no_fault_of_ours(log: Owner, ana: Person) -> None:
    """Would catch a mapping of megabytes, or a form cut off, that is answered as our fault."""
    secret = a_key()
    large = send(secret, mapping="x" * 3_000_000)
    assert (large.status_code, large.json()["code"]) == (413, "api.too-large")
    client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)
    cut = client.post("/api/v1/imports", b"--x", content_type="multipart/form-data; boundary=")
    assert (cut.status_code, cut.json()["code"]) == (400, "api.not-taken")


def test_what_is_answered_is_what_the_command_line_says(
    log: Owner, ana: Person, tmp_path: Path
) -> None:
    file, mapping = tmp_path / "desk.csv", tmp_path / "desk.yaml"
    file.write_bytes(ROWS)
    mapping.write_text(MAPPING)
    ours = send(a_key(), dry_run="true").json()
    theirs = imported(
        import_path(log, settings_of("main"), file, mapping, data=tmp_path, dry_run=True)
    )
    assert set(ours) - set(theirs) == {"rejects"}
    for name in set(theirs) - {"import_id", "seconds", "rejects_file"}:
        assert ours[name] == theirs[name], name


def test_what_cannot_be_imported_says_why_and_nothing_is_kept(log: Owner, ana: Person) -> None:
    secret = a_key()
    for form, code in (
        ({"mapping": "as: [answers"}, "import.mapping-not-yaml"),
        ({"mapping": "as: everything"}, None),
        ({"rows": b""}, None),
        ({"mapping": ""}, "api.not-as-described"),
        ({"colour": "red"}, "api.not-as-described"),
    ):
        answer = send(secret, **form)
        assert answer.status_code == 422, answer.content
        assert code in (None, answer.json()["code"]), answer.content
    assert asking(secret)("get", "/imports").json()["items"] == []
    assert not AuditEntry.of("main").filter(by="api: a program").exists()


def test_the_edge_learns_who_may_send_a_file_before_it_takes_one(log: Owner, ana: Person) -> None:
    """Would catch a disk that any key may fill."""
    for right, status in (("change_data", 200), ("see_data", 403)):
        assert asking(a_key(right))("head", "/imports").status_code == status
    assert asking("zk_none")("head", "/imports").status_code == 401


def test_a_file_larger_than_the_page_takes_is_refused(
    log: Owner, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "UPLOAD_BYTES", len(ROWS) - 1)
    answer = send(a_key())
    assert (answer.status_code, answer.json()["code"]) == (422, "uploads.too-large")
    assert asking(a_key())("get", "/imports").json()["items"] == []
