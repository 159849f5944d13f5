"""Units and settings by a key; people are read and never written."""

from __future__ import annotations

from zhiyin.accounts import inviting
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Membership
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.warehouse.owner import Owner


def test_units_and_settings_are_written_under_the_name_of_the_key(planted: Owner) -> None:
    ask = asking(a_key())
    top = ask("put", "/units", {"key": "all", "name": "Everything"}, Idempotency_Key="one")
    assert top.json() == {"key": "all", "name": "Everything", "kind": "", "parent": ""}
    again = ask("put", "/units", {"key": "all", "name": "Everything"}, Idempotency_Key="one")
    assert (again.content, again.headers["idempotent-replay"]) == (top.content, "true")
    below = ask("put", "/units", {"key": "gate 4/A", "parent": "all"}).json()
    assert (below["name"], below["parent"]) == ("gate 4/A", "all")
    assert ask("delete", "/units?key=all").json()["code"] == "units.in-use"
    assert ask("delete", "/units?key=gate%204/A").json() == below
    assert ask("delete", "/units?key=gate%204/A").status_code == 404
    changed = ask("patch", "/workspace", {"currency": "EUR", "small_base": 200})
    assert (changed.json()["currency"], changed.json()["small_base"]) == ("EUR", 200)
    assert ask("get", "/workspace").content == changed.content
    wrong = ask("patch", "/workspace", {"timezone": "Mars/Olympus"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "accounts.workspace-settings")
    # How people sign in is no matter of a key.
    assert ask("patch", "/workspace", {"requires_second_step": False}).status_code == 422
    done = AuditEntry.of("main").filter(by="api: a program").order_by("pk")
    assert list(done.values_list("action", flat=True)) == [
        "unit.created", "unit.created", "unit.removed", "workspace.changed",
    ]  # fmt: skip


def test_a_key_shows_nobody_more_and_reads_who_works_here(planted: Owner) -> None:
    ask = asking(a_key())
    assert ask("put", "/units", {"key": "north"}).status_code == 200
    allows = Allows("viewer", "north")
    inviting.invite(by=COMMAND_LINE, workspace="main", login="ben", allows=allows)
    refused = ask("put", "/units", {"key": "gate", "parent": "north"})
    assert (refused.status_code, refused.json()["code"]) == (403, "units.not-by-key")
    everybody = ask("get", "/people").json()
    assert [one["login"] for one in everybody["members"]] == ["ana"]
    (invited,) = everybody["invitations"]
    assert (invited["login"], invited["role"], invited["unit"]) == ("ben", "viewer", "north")
    assert "token" not in str(everybody)
    for method in ("post", "put", "patch", "delete"):
        answer = ask(method, "/people", {"login": "ben", "role": "admin"})
        assert answer.status_code == 405, method
    assert Membership.objects.filter(workspace__slug="main").count() == 1
