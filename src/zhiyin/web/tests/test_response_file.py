"""A customer's file is downloaded, by whoever may see who customers are, and never shown."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts.models import AuditEntry, Person, Role
from zhiyin.collect.surveys import answer_files
from zhiyin.measure import behind
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_guard import member

PDF = b"%PDF-1.7\n"


@pytest.fixture
def held(ana: Person, log: Owner, tmp_path: Path, settings: Settings) -> str:
    """What an answer of the one response holds; the log knows of no other file."""
    settings.ZHIYIN_DATA = str(tmp_path)
    name = answer_files.keep(tmp_path, "main", ("c1", "customer"), PDF)
    base: dict[str, Any] = {
        "row": 0, "id": "r1", "customer": "c1", "unit": "north",
        "occurred_at": datetime(2026, 3, 10),
    }  # fmt: skip
    put(log, [{**base, "survey": "visit"}], table="responses")
    answer = {"response": "r1", "question": "photo", "metric": "file", "answer_state": "answered"}
    put(log, [{**base, **answer, "choice": name}], table="answers")
    return name


def address(log: Owner, name: str) -> str:
    (found,) = behind.of_all(log, settings_for("main")).page(limit=5)
    return f"/main/responses/{found.number}/{name}/"


def test_it_is_downloaded_and_the_audit_log_says_so(
    client: Client, ana: Person, log: Owner, held: str, tmp_path: Path
) -> None:
    client.force_login(ana)
    at = address(log, held)
    page = client.get(at.removesuffix(f"{held}/")).content.decode()
    assert at in page
    answer = client.get(at)
    assert b"".join(answer) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    said = AuditEntry.of("main").filter(action="answer_file.taken").get()
    assert held not in str((said.subject, said.before, said.after))
    # A file that no answer of the response holds is none, though it is there.
    other = answer_files.keep(tmp_path, "main", ("c2", "customer"), PDF)
    assert client.get(at.replace(held, other)).status_code == 404
    for wrong in ("..%2F..%2Fsecret-key", "x"):
        assert client.get(at.replace(held, wrong)).status_code == 404


def test_who_may_not_see_it_does_not(client: Client, log: Owner, held: str) -> None:
    at = address(log, held)
    client.force_login(member(Role.ANALYST, sees_personal_data=False))
    assert client.get(at).status_code == 403
    assert held not in client.get(at.removesuffix(f"{held}/")).content.decode()
    client.force_login(member(Role.TEAM_LEADER, scope="unit = 'south'"))
    assert client.get(at).status_code == 404
