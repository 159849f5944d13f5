"""Who may join, who may change whom, and that somebody always can."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from zhiyin.accounts import actions, inviting, people, units
from zhiyin.accounts.access import access_for
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry, Invitation, Membership, Person, Role
from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem

PASSWORD = "correct horse battery"


@pytest.fixture
def ana(db: None) -> Actor:
    actions.set_up(by=COMMAND_LINE, login="ana")
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")


def member(role: Role, login: str = "ben", **more: object) -> Membership:
    invited = inviting.invite(
        by=COMMAND_LINE,
        workspace="main",
        login=login,
        allows=Allows(role, **more),  # type: ignore[arg-type]
    )
    person = inviting.accept(token=invited.token, where="", name=login, password=PASSWORD)
    return Membership.objects.get(person=person)


def refused(code: str, asked: Callable[[], object]) -> None:
    entries = AuditEntry.objects.count()
    with pytest.raises(Problem) as told:
        asked()
    assert told.value.code == code
    assert AuditEntry.objects.count() == entries


def test_an_invitation_is_accepted_once(ana: Actor) -> None:
    invited = inviting.invite(
        by=ana, workspace="main", login="Ben@Example.com ", allows=Allows(Role.ANALYST)
    )
    assert invited.token not in str(Invitation.objects.values())
    ben = inviting.accept(token=invited.token, where="192.0.2.2", name="Ben", password=PASSWORD)
    assert (ben.login, ben.email, ben.check_password(PASSWORD)) == (
        "ben@example.com", "ben@example.com", True,
    )  # fmt: skip
    access = access_for(ben, "main")
    assert access is not None
    assert access.role == Role.ANALYST
    refused("people.no-invitation", lambda: inviting.invitation_of(invited.token))
    refused(
        "people.no-invitation",
        lambda: inviting.accept(token=invited.token, where="", name="x", password=PASSWORD),
    )
    said = list(AuditEntry.of("main").values_list("by", "action", "subject")[:2])
    assert said == [
        ("ben@example.com", "person.joined", "ben@example.com"),
        ("ana", "person.invited", "ben@example.com"),
    ]


def test_an_invitation_ends_by_time_by_another_and_when_it_is_taken_back(ana: Actor) -> None:
    def invite() -> inviting.Invited:
        return inviting.invite(by=ana, workspace="main", login="ben", allows=Allows(Role.VIEWER))

    first, second = invite(), invite()
    refused("people.no-invitation", lambda: inviting.invitation_of(first.token))
    inviting.withdraw(by=ana, workspace="main", invitation=second.invitation.pk)
    refused("people.no-invitation", lambda: inviting.invitation_of(second.token))
    third = invite()
    later = timezone.now() - timedelta(seconds=1)
    Invitation.objects.filter(pk=third.invitation.pk).update(expires_at=later)
    refused("people.no-invitation", lambda: inviting.invitation_of(third.token))
    assert not Person.objects.filter(login="ben").exists()


def test_an_invitation_is_for_one_person(ana: Actor) -> None:
    """A link that was passed on lets nobody in under another name, nor into an account."""
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    cleo = member(Role.VIEWER, "cleo").person
    invited = inviting.invite(by=ana, workspace="main", login="ben", allows=Allows(Role.ANALYST))
    refused(
        "people.somebody-else",
        lambda: inviting.accept(token=invited.token, where="", person=cleo),
    )
    hers = inviting.invite(
        by=COMMAND_LINE, workspace="other", login="cleo", allows=Allows(Role.VIEWER)
    )
    refused(
        "people.sign-in-first",
        lambda: inviting.accept(token=hers.token, where="", name="x", password=PASSWORD),
    )
    inviting.accept(token=hers.token, where="", person=cleo)
    assert access_for(cleo, "other") is not None


def test_a_weak_password_leaves_the_invitation_open(ana: Actor) -> None:
    invited = inviting.invite(by=ana, workspace="main", login="ben", allows=Allows(Role.VIEWER))
    refused(
        "accounts.weak-password",
        lambda: inviting.accept(token=invited.token, where="", name="Ben", password="1234567890"),
    )
    assert inviting.invitation_of(invited.token).pk == invited.invitation.pk
    assert not Person.objects.filter(login="ben").exists()


def test_only_a_chief_makes_changes_and_takes_out_a_chief(ana: Actor) -> None:
    admin = member(Role.ADMIN)
    ben = Actor(admin.person, "")
    chief = Membership.objects.get(person=ana.person)
    give = Allows(Role.ADMINISTRATOR_IN_CHIEF)
    code = "people.not-yours-to-give"
    refused(code, lambda: inviting.invite(by=ben, workspace="main", login="dan", allows=give))
    refused(code, lambda: people.change(by=ben, workspace="main", membership=admin.pk, allows=give))
    viewer = Allows(Role.VIEWER)
    refused(
        code, lambda: people.change(by=ben, workspace="main", membership=chief.pk, allows=viewer)
    )
    refused(code, lambda: people.remove(by=ben, workspace="main", membership=chief.pk))
    people.change(by=ana, workspace="main", membership=admin.pk, allows=give)
    access = access_for(admin.person, "main")
    assert access is not None
    assert access.may(Right.CHANGE_CHIEFS)


def test_who_does_not_see_personal_data_gives_the_right_to_nobody(ana: Actor) -> None:
    admin = member(Role.ADMIN, sees_personal_data=False)
    viewer = member(Role.VIEWER, "dan", sees_personal_data=False)
    seeing = member(Role.VIEWER, "eve")
    ben, code = Actor(admin.person, ""), "people.not-yours-to-give"
    shown = Allows(Role.ADMIN)
    for held in (admin, viewer):
        refused(
            code,
            lambda held=held: people.change(  # type: ignore[misc]
                by=ben, workspace="main", membership=held.pk, allows=shown
            ),
        )
    refused(code, lambda: inviting.invite(by=ben, workspace="main", login="fay", allows=shown))
    people.change(by=ben, workspace="main", membership=seeing.pk, allows=Allows(Role.ANALYST))
    people.change(by=ana, workspace="main", membership=viewer.pk, allows=Allows(Role.VIEWER))
    viewer.refresh_from_db()
    assert viewer.sees_personal_data


def test_the_last_chief_stays(ana: Actor) -> None:
    chief = Membership.objects.get(person=ana.person)
    for allows in (
        Allows(Role.ADMIN),
        Allows(Role.ADMINISTRATOR_IN_CHIEF, scope="source = 'app'"),
    ):
        refused(
            "people.last-chief",
            lambda allows=allows: people.change(  # type: ignore[misc]
                by=ana, workspace="main", membership=chief.pk, allows=allows
            ),
        )
    refused(
        "people.last-chief", lambda: people.remove(by=ana, workspace="main", membership=chief.pk)
    )
    other = member(Role.ADMINISTRATOR_IN_CHIEF)
    people.remove(by=ana, workspace="main", membership=chief.pk)
    assert list(Membership.objects.all()) == [other]


def test_nobody_changes_a_member_of_another_workspace(ana: Actor) -> None:
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    actions.create_administrator_in_chief(by=COMMAND_LINE, workspace="other", login="cleo")
    theirs = Membership.objects.get(workspace__slug="other")
    refused(
        "people.nobody",
        lambda: people.change(
            by=ana, workspace="main", membership=theirs.pk, allows=Allows(Role.VIEWER)
        ),
    )
    refused("people.nobody", lambda: people.remove(by=ana, workspace="main", membership=theirs.pk))


def test_who_sees_a_branch_has_no_right_over_the_whole(ana: Actor) -> None:
    for key, above in (("all", ""), ("north", "all"), ("it's", "north"), ("south", "all")):
        units.save(by=ana, workspace="main", key=key, name=key, parent=above)
    access = access_for(member(Role.ADMIN, unit="north", scope="source = 'app'").person, "main")
    assert access is not None
    assert str(access.scope) == "unit in ('north', 'it''s') and source = 'app'"
    assert access.rights == {
        Right.SEE_FIGURES, Right.SEE_CUSTOMERS, Right.EXPORT, Right.DEFINE, Right.SET_TARGETS,
        Right.MAKE_REPORTS, Right.PUBLISH, Right.WORK_CASES,
    }  # fmt: skip


def test_a_unit_is_never_below_itself_and_stays_while_something_hangs_on_it(ana: Actor) -> None:
    for key, above in (("all", ""), ("north", "all"), ("station", "north")):
        units.save(by=ana, workspace="main", key=key, name=key, parent=above)
    for above in ("station", "north"):
        refused(
            "units.circle",
            lambda above=above: units.save(  # type: ignore[misc]
                by=ana, workspace="main", key="north", name="x", parent=above
            ),
        )
    held = member(Role.UNIT_MANAGER, unit="station")
    for key in ("north", "station"):
        refused(
            "units.in-use",
            lambda key=key: units.remove(  # type: ignore[misc]
                by=ana, workspace="main", key=key, by_rule=()
            ),
        )
    people.remove(by=ana, workspace="main", membership=held.pk)
    refused(
        "units.in-a-rule",
        lambda: units.remove(by=ana, workspace="main", key="station", by_rule={"station"}),
    )
    units.remove(by=ana, workspace="main", key="station", by_rule={"north"})
    assert [(place.unit.key, place.depth) for place in units.tree("main")] == [
        ("all", 0), ("north", 1),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_chiefs_who_take_each_other_out_at_once_leave_one() -> None:
    actions.set_up(by=COMMAND_LINE, login="ana")
    member(Role.ADMINISTRATOR_IN_CHIEF, "ben")
    both = {held.person.login: held for held in Membership.objects.select_related("person")}
    start = threading.Barrier(2)
    told: list[str] = []

    def take_out(by: str, whom: str) -> None:
        start.wait()
        try:
            people.remove(by=Actor(both[by].person, ""), workspace="main", membership=both[whom].pk)
        except Problem as problem:
            told.append(problem.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=take_out, args=pair) for pair in (("ana", "ben"), ("ben", "ana"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.count() == 1
    assert len(told) == 1


KEY = Actor(person=None, where="192.0.2.9", key="a program")


def test_an_api_key_gives_rights_to_nobody_and_takes_none(ana: Actor) -> None:
    """Would catch an action that takes a key for the command line, which may all."""
    held, invited = member(Role.ANALYST), Allows(Role.VIEWER)
    waiting = inviting.invite(by=ana, workspace="main", login="dan", allows=invited).invitation
    code, main, pk = "people.not-by-key", "main", held.pk
    refused(code, lambda: inviting.invite(by=KEY, workspace=main, login="eve", allows=invited))
    refused(code, lambda: people.change(by=KEY, workspace=main, membership=pk, allows=invited))
    refused(code, lambda: people.remove(by=KEY, workspace=main, membership=pk))
    refused(code, lambda: inviting.withdraw(by=KEY, workspace=main, invitation=waiting.pk))


def test_an_api_key_puts_no_unit_where_somebody_would_see_more_for_it(ana: Actor) -> None:
    for key, above in (("all", ""), ("north", "all"), ("south", "all"), ("kiosk", "south")):
        units.save(by=KEY, workspace="main", key=key, name=key, parent=above)
    held = member(Role.UNIT_MANAGER, unit="north")

    def put(key: str, parent: str) -> None:
        units.save(by=KEY, workspace="main", key=key, name=key, parent=parent)

    refused("units.not-by-key", lambda: put("kiosk", "north"))
    refused("units.not-by-key", lambda: put("new", "north"))
    put("new", "south")
    put("kiosk", "")
    # What she sees stays what it is, so the unit itself may be called otherwise, and go elsewhere.
    put("north", "south")
    put("north", "all")
    assert units.branch(units.find("main", "north")) == ["north"]
    units.save(by=ana, workspace="main", key="kiosk", name="kiosk", parent="north")
    put("kiosk", "north")
    people.remove(by=ana, workspace="main", membership=held.pk)
    put("new", "north")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_one_invitation_make_one_person() -> None:
    actions.set_up(by=COMMAND_LINE, login="ana")
    invited = inviting.invite(
        by=COMMAND_LINE, workspace="main", login="ben", allows=Allows(Role.VIEWER)
    )
    start = threading.Barrier(2)
    told: list[str] = []

    def click() -> None:
        start.wait()
        try:
            inviting.accept(token=invited.token, where="", name="Ben", password=PASSWORD)
        except Problem as problem:
            told.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _click in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["people.no-invitation"]
    assert Person.objects.filter(login="ben").count() == 1
    assert AuditEntry.objects.filter(action="person.joined").count() == 1
