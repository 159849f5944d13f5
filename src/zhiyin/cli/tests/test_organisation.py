"""People, units and settings from the command line: as the pages do it, and in the audit log."""

from __future__ import annotations

from typing import Any

from pytest_django import Settings

from zhiyin.accounts.models import AuditEntry, Invitation, Mail, Membership, Person
from zhiyin.cli.tests.conftest import Zhiyin


def code(document: dict[str, Any]) -> str:
    return str(document["error"]["code"])


def test_units_are_added_changed_and_taken_out(zhiyin: Zhiyin) -> None:
    top = zhiyin("unit", "add", "all", "--name", "Everything")
    assert top == {"key": "all", "name": "Everything", "kind": "", "parent": ""}
    zhiyin("unit", "add", "north", "--kind", "region", "--parent", "all")
    changed = zhiyin("unit", "change", "north", "--name", "The North")
    assert changed == {"key": "north", "name": "The North", "kind": "region", "parent": "all"}
    assert zhiyin("unit", "list") == {"units": [top, changed]}
    assert code(zhiyin("unit", "add", "north", status=1)) == "units.exists"
    assert code(zhiyin("unit", "change", "west", status=1)) == "units.no-such-unit"
    assert code(zhiyin("unit", "remove", "all", status=1)) == "units.in-use"
    assert zhiyin("unit", "change", "north", "--parent", "")["parent"] == ""
    assert zhiyin("unit", "remove", "all") == top
    assert zhiyin("unit", "list")["units"] == [{**changed, "parent": ""}]
    entries = AuditEntry.of("main").filter(action__startswith="unit.").order_by("pk")
    assert list(entries.values_list("by", "action", "subject")) == [
        ("zhiyin", "unit.created", "all"), ("zhiyin", "unit.created", "north"),
        ("zhiyin", "unit.changed", "north"), ("zhiyin", "unit.changed", "north"),
        ("zhiyin", "unit.removed", "all"),
    ]  # fmt: skip


def test_somebody_is_invited_joins_is_changed_and_taken_out(zhiyin: Zhiyin) -> None:
    zhiyin("unit", "add", "north")
    invited = zhiyin("person", "invite", "Ben", "--role", "analyst", "--no-personal")
    assert (invited["login"], invited["role"], invited["is_sent"]) == ("ben", "analyst", False)
    token = invited["link"].rstrip("/").rpartition("/")[2]
    assert Invitation.objects.get().token_hash != token
    listed = zhiyin("person", "list")
    assert [one["login"] for one in listed["members"]] == ["ana"]
    assert listed["invitations"] == [
        {name: value for name, value in invited.items() if name not in ("is_sent", "link")}
    ]
    from zhiyin.accounts import inviting

    inviting.accept(token=token, where="", name="Ben", password="correct horse battery")
    changed = zhiyin("person", "change", "ben", "--role", "viewer", "--unit", "north")
    assert (changed["role"], changed["unit"], changed["sees_personal_data"]) == (
        "viewer", "north", False,
    )  # fmt: skip
    # What is not named stays.
    assert zhiyin("person", "change", "ben", "--personal")["unit"] == "north"
    assert code(zhiyin("person", "change", "ben", "--role", "queen", status=1)) == "people.role"
    assert code(zhiyin("person", "remove", "ana", status=1)) == "people.last-chief"
    assert zhiyin("person", "remove", "ben") == {"login": "ben", "removed": "membership"}
    assert code(zhiyin("person", "remove", "ben", status=1)) == "people.no-such-member"
    assert Membership.objects.count() == 1
    assert Person.objects.filter(login="ben").exists()
    zhiyin("person", "invite", "ben", "--role", "viewer")
    assert zhiyin("person", "remove", "ben") == {"login": "ben", "removed": "invitation"}
    assert zhiyin("person", "list")["invitations"] == []


def test_an_invitation_goes_by_mail_where_there_is_a_server(
    zhiyin: Zhiyin, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    invited = zhiyin("person", "invite", "ben@example.com", "--role", "viewer")
    assert (invited["is_sent"], invited["link"]) == (True, None)
    letter = Mail.objects.get()
    assert letter.to == "ben@example.com"
    assert "/join/" in letter.body


def test_settings_are_shown_and_changed(zhiyin: Zhiyin) -> None:
    before = zhiyin("workspace", "show")
    assert (before["workspace"], before["timezone"]) == ("main", "UTC")
    changed = zhiyin(
        "workspace", "change", "--timezone", "Asia/Shanghai", "--week-start", "6", "--second-step"
    )
    expected = {"timezone": "Asia/Shanghai", "week_start": 6, "requires_second_step": True}
    assert changed == {**before, **expected}
    assert zhiyin("workspace", "show") == changed
    entry = AuditEntry.of("main").get(action="workspace.changed")
    assert entry.after == expected
    assert code(zhiyin("workspace", "change", status=1)) == "workspace.nothing"
    wrong = zhiyin("workspace", "change", "--timezone", "Mars/Olympus", status=1)
    assert code(wrong) == "accounts.workspace-settings"
    assert zhiyin("workspace", "show") == changed
