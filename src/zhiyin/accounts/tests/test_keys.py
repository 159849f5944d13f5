"""Write keys: made, revoked, and what the log process reads of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from zhiyin.accounts import keys
from zhiyin.accounts.actions import create_workspace
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.errors import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def workspaces(settings: Settings, tmp_path: Path) -> None:
    settings.ZHIYIN_DATA = tmp_path
    for slug in ("main", "other"):
        create_workspace(by=COMMAND_LINE, slug=slug, name=slug)


def snapshot(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(keys.snapshot_file(folder).read_text("utf-8"))
    return found


def test_a_key_is_in_the_snapshot_until_it_is_revoked(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = keys.create(
            by=COMMAND_LINE, workspace="main", source="web", origins=["HTTPS://Shop.example/"]
        )
    assert snapshot(tmp_path)["keys"] == {
        made.key: {
            "workspace": "main",
            "source": "web",
            "origins": ["https://shop.example"],
            "events_per_second": 0,
            "signing_secret": "",
        }
    }
    with pytest.raises(Problem) as refused:
        keys.revoke(by=COMMAND_LINE, workspace="other", key=made.key)
    assert refused.value.code == "keys.no-such-key"
    with django_capture_on_commit_callbacks(execute=True):
        keys.revoke(by=COMMAND_LINE, workspace="main", key=made.key)
    assert (snapshot(tmp_path)["keys"], snapshot(tmp_path)["version"]) == ({}, 2)
    keys.revoke(by=COMMAND_LINE, workspace="main", key=made.key)
    actions = AuditEntry.of("main").values_list("action", flat=True)
    assert list(actions).count("write_key.revoked") == 1
    assert [key.key for key in keys.of("main")] == [made.key]
    assert keys.of("other") == []


@pytest.mark.parametrize("origin", ["shop.example", "ftp://shop.example", "https://a.example/path"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(Problem) as refused:
        keys.create(by=COMMAND_LINE, workspace="main", source="web", origins=[origin])
    assert refused.value.code == "keys.origin"


@pytest.mark.parametrize("source", ["", "Web", "a b", "x" * 61])
def test_what_is_no_name_of_a_source_is_refused(source: str) -> None:
    with pytest.raises(Problem) as refused:
        keys.create(by=COMMAND_LINE, workspace="main", source=source)
    assert refused.value.code == "keys.source"


def test_a_key_for_webhooks_has_a_secret_that_the_log_process_can_read(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = keys.create(by=COMMAND_LINE, workspace="main", source="crm", signs=True)
    kind, _colon, text = made.signing_secret.partition("_")
    assert (kind, len(base64.b64decode(text))) == ("whsec", 32)
    assert snapshot(tmp_path)["keys"][made.key]["signing_secret"] == made.signing_secret
    assert keys.snapshot_file(tmp_path).stat().st_mode & 0o077 == 0, "for the owner's eyes alone"
    (entry,) = AuditEntry.of("main").filter(action="write_key.created")
    assert made.signing_secret not in str(entry.after)
