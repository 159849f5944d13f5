"""The page of write keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from zhiyin.accounts import keys
from zhiyin.accounts.models import AuditEntry, WriteKey
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_key_is_made_shown_with_how_to_use_it_and_revoked(as_ana: Client, tmp_path: Path) -> None:
    assert "There is no key yet" in text(as_ana.get("/main/data/keys/"))
    given = {"source": "site", "origins": "https://a.example\nhttps://b.example", "rate": "50"}
    said = text(as_ana.post("/main/data/keys/", given, follow=True))
    key = WriteKey.objects.get()
    assert (key.source, key.events_per_second) == ("site", 50)
    assert key.origins == ["https://a.example", "https://b.example"]
    assert "The key for site is made" in said
    assert said.count(key.key) >= 5
    assert key.key in json.loads(keys.snapshot_file(tmp_path).read_text())["keys"]

    address = f"/main/data/keys/{key.pk}/revoke/"
    assert "is refused" in text(as_ana.get(address))
    key.refresh_from_db()
    assert key.revoked_at is None, "asking is not doing"
    as_ana.post(address)
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert json.loads(keys.snapshot_file(tmp_path).read_text())["keys"] == {}
    acts = AuditEntry.of("main").filter(action__startswith="write_key")
    assert [entry.by for entry in acts] == ["ana", "ana"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"source": "My Site"}, "cannot be the name of a source"),
        ({"source": "site", "origins": "example.com"}, "no origin"),
        ({"source": "site", "rate": "many"}, "no number of events"),
        ({"source": "site", "rate": "-1"}, "no number of events"),
    ],
)
def test_a_mistake_is_shown_beside_what_was_typed(
    as_ana: Client, given: dict[str, str], said: str
) -> None:
    answer = as_ana.post("/main/data/keys/", given)
    assert answer.status_code == 422
    assert said in text(answer)
    assert given["source"] in answer.content.decode()
    assert not WriteKey.objects.exists()


def test_a_key_of_another_workspace_is_not_there(as_ana: Client, cleo: object) -> None:
    from zhiyin.accounts.audit import COMMAND_LINE

    other = keys.create(by=COMMAND_LINE, workspace="other", source="site")
    assert as_ana.post(f"/main/data/keys/{other.pk}/revoke/").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None
