"""Writes: each leaves its audit entry, and nothing else when it fails."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from zhiyin.accounts import actions, workspaces
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Membership, Person, Role, Workspace
from zhiyin.kernel.errors import Problem

pytestmark = pytest.mark.django_db


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject"))


def test_set_up_makes_what_is_missing_once() -> None:
    start = actions.set_up(by=COMMAND_LINE)
    assert start.administrator is not None
    ana = Person.objects.get()
    assert ana.check_password(start.administrator.password)
    assert ana.has_generated_password
    assert Membership.objects.get().role == Role.ADMINISTRATOR_IN_CHIEF
    assert audited() == [("workspace.created", "main"), ("person.created", "admin")]
    again = actions.set_up(by=COMMAND_LINE)
    assert (again.made_workspace, again.administrator, again.login) == (False, None, "admin")
    assert len(audited()) == 2


def test_no_password_reaches_the_audit_trail() -> None:
    start = actions.set_up(by=COMMAND_LINE)
    assert start.administrator is not None
    said = " ".join(str(entry) for entry in AuditEntry.objects.values_list("before", "after"))
    assert start.administrator.password not in said
    assert "password" not in said


def test_a_login_is_one_person_whatever_its_capitals() -> None:
    actions.set_up(by=COMMAND_LINE, login="Ana")
    with pytest.raises(Problem, match="already signs in"):
        actions.create_administrator_in_chief(by=COMMAND_LINE, workspace="main", login=" ANA ")
    assert Person.objects.get().login == "ana"


def test_settings_that_cannot_be_are_refused_and_nothing_is_written() -> None:
    actions.set_up(by=COMMAND_LINE)
    before = audited()
    for changes in ({"timezone": "Mars/Olympus"}, {"week_start": 9}, {"minimum_base": 500}):
        with pytest.raises(Problem, match="These settings cannot be"):
            actions.change_workspace(by=COMMAND_LINE, slug="main", **changes)
    assert audited() == before
    assert workspaces.settings_of("main").timezone == "UTC"


def test_a_change_says_what_was_before_and_after() -> None:
    actions.set_up(by=COMMAND_LINE)
    actions.change_workspace(by=COMMAND_LINE, slug="main", timezone="Asia/Shanghai", small_base=200)
    entry = AuditEntry.objects.get(action="workspace.changed")
    assert entry.before == {"timezone": "UTC", "small_base": 100}
    assert entry.after == {"timezone": "Asia/Shanghai", "small_base": 200}
    settings = workspaces.settings_of("main")
    assert (settings.timezone, settings.small_base) == ("Asia/Shanghai", 200)


def test_a_weak_password_is_refused() -> None:
    actions.set_up(by=COMMAND_LINE)
    ana = Person.objects.get()
    for weak in ("short", "password1234", "1234567890123"):
        with pytest.raises(Problem):
            actions.change_password(by=COMMAND_LINE, person=ana, password=weak)
    actions.change_password(by=COMMAND_LINE, person=ana, password="kettle over seven rivers")
    ana.refresh_from_db()
    assert ana.check_password("kettle over seven rivers")
    assert not ana.has_generated_password


def test_the_audit_trail_is_only_added_to() -> None:
    actions.set_up(by=COMMAND_LINE)
    entry = AuditEntry.objects.all()[0]
    for change in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(TypeError):
        AuditEntry.objects.update(by="somebody else")


def test_the_store_itself_refuses_what_cannot_be() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(slug="x", name="x", week_start=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(slug="x", name="x", minimum_base=50, test_base=30)


def test_which_workspace_is_meant_when_none_is_named() -> None:
    with pytest.raises(Problem, match="no workspace yet"):
        workspaces.default_slug()
    actions.set_up(by=COMMAND_LINE)
    assert workspaces.default_slug() == "main"
    actions.create_workspace(by=COMMAND_LINE, slug="second", name="Second")
    with pytest.raises(Problem, match="main, second"):
        workspaces.default_slug()
    with pytest.raises(Problem, match="no workspace third"):
        workspaces.settings_of("third")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_workspace() -> None:
    """Both read that there is none and then write: one must wait for the other."""
    made: list[object] = []

    def begin() -> None:
        try:
            made.append(actions.set_up(by=COMMAND_LINE))
        except (IntegrityError, Problem) as error:
            made.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert Workspace.objects.count() == 1
    assert Person.objects.count() == 1
