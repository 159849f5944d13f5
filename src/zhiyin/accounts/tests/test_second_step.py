"""A code of the app or a recovery code is a second step, once; the store holds no secret."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import override_settings

from zhiyin.accounts import actions, people, second_step
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import AuditEntry, Membership, Person, Role, Workspace
from zhiyin.kernel.errors import Problem

NOW = 1_800_000_000.0


@pytest.fixture
def ana(db: None) -> Person:
    actions.set_up(by=COMMAND_LINE, login="ana")
    return Person.objects.get(login="ana")


@pytest.fixture
def clock() -> Iterator[mock.Mock]:
    with mock.patch("allauth.mfa.totp.internal.auth.time.time", return_value=NOW) as clock:
        yield clock


def shown(secret: str, at: float) -> str:
    """What an authenticator app shows, computed by another library than the product's."""
    code = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False).generate(int(at))  # noqa: S303
    return code.decode()


def set_up(person: Person, at: float = NOW) -> tuple[str, list[str]]:
    """The secret of an app that is set up, and recovery codes."""
    sealed = second_step.new_secret()
    secret = second_step.opened(sealed)
    by = Actor(person, "192.0.2.1")
    codes = second_step.set_up_app(by=by, person=person, sealed=sealed, code=shown(secret, at))
    return secret, codes


def test_the_code_of_the_app_is_right_for_a_moment_and_once(ana: Person, clock: mock.Mock) -> None:
    secret, _codes = set_up(ana)
    assert second_step.has(ana)
    # The code that confirmed the app was seen by whoever looked on.
    assert second_step.proved(ana, shown(secret, NOW)) == ""
    clock.return_value = NOW + 30
    code = shown(secret, NOW + 30)
    assert second_step.proved(ana, f"{code[:3]} {code[3:]}") == "app"
    assert second_step.proved(ana, code) == ""
    later = NOW + 300
    clock.return_value = later
    assert second_step.proved(ana, shown(secret, later - 90)) == ""
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in shown(secret, later - 30))
    assert second_step.proved(ana, full_width) == "app"
    # An earlier one is a used one, although the clock would let it pass.
    assert second_step.proved(ana, shown(secret, later - 30)) == ""
    assert second_step.proved(ana, shown(secret, later + 30)) == "app"
    assert second_step.proved(ana, shown(secret, later)) == ""


@pytest.mark.parametrize("code", ["", "000000", "٠٠٠٠٠٠", "1" * 500, "123-456-7", "éééééé"])
def test_what_is_no_code_proves_nothing(ana: Person, clock: mock.Mock, code: str) -> None:
    set_up(ana)
    clock.return_value = NOW + 60
    assert second_step.proved(ana, code) == ""


def test_a_recovery_code_works_once_and_is_nobody_elses(ana: Person, clock: mock.Mock) -> None:
    _secret, codes = set_up(ana)
    ben = Person.objects.create(login="ben")
    _secret, codes_of_ben = set_up(ben)
    assert len(set(codes)) == 10
    assert not set(codes) & set(codes_of_ben)
    assert second_step.proved(ana, codes_of_ben[0]) == ""
    assert second_step.proved(ana, codes[3]) == "recovery code"
    assert second_step.proved(ana, codes[3]) == ""
    assert second_step.held(ana).codes_left == 9
    others = second_step.new_codes(by=COMMAND_LINE, person=ana)
    assert not set(others) & set(codes)
    assert second_step.proved(ana, codes[4]) == ""
    assert second_step.proved(ana, others[4]) == "recovery code"


def test_the_store_holds_no_secret_and_another_key_opens_nothing(
    ana: Person, clock: mock.Mock
) -> None:
    secret, codes = set_up(ana)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not [code for code in codes if code in stored]
    kept = json.dumps(list(AuditEntry.objects.values_list("before", "after")))
    assert secret not in kept
    with override_settings(SECRET_KEY="another"), pytest.raises(Problem) as met:
        second_step.proved(ana, shown(secret, NOW))
    assert met.value.code == "second-step.unreadable"


def test_a_wrong_code_sets_nothing_up(ana: Person, clock: mock.Mock) -> None:
    sealed = second_step.new_secret()
    with pytest.raises(Problem, match="not right"):
        second_step.set_up_app(by=COMMAND_LINE, person=ana, sealed=sealed, code="123456")
    assert not second_step.has(ana)
    set_up(ana)
    with pytest.raises(Problem, match="already"):
        set_up(ana)
    with pytest.raises(Problem, match="no second step yet"):
        second_step.new_codes(by=COMMAND_LINE, person=Person.objects.create(login="ben"))


def test_it_is_turned_off_unless_a_workspace_requires_it(ana: Person, clock: mock.Mock) -> None:
    set_up(ana)
    actions.change_workspace(by=COMMAND_LINE, slug="main", requires_second_step=True)
    with pytest.raises(Problem, match="wants two steps"):
        second_step.turn_off_app(by=COMMAND_LINE, person=ana)
    assert second_step.held(ana).codes_left == 10
    actions.change_workspace(by=COMMAND_LINE, slug="main", requires_second_step=False)
    second_step.turn_off_app(by=COMMAND_LINE, person=ana)
    assert not Authenticator.objects.exists()
    done = AuditEntry.objects.filter(subject="ana", action__startswith="second_step")
    assert [entry.action for entry in done] == ["second_step.turned_off", "second_step.set_up"]


def test_an_administrator_takes_it_away_where_she_may_change_the_member(
    ana: Person, clock: mock.Mock
) -> None:
    main = Workspace.objects.get(slug="main")
    ben, cleo = (Person.objects.create(login=login) for login in ("ben", "cleo"))
    Membership.objects.create(workspace=main, person=ben, role=Role.ADMIN)
    hers = Membership.objects.create(workspace=main, person=cleo, role=Role.VIEWER)
    chief = Membership.objects.get(person=ana)
    set_up(ana)
    set_up(cleo)
    as_ben, as_ana = Actor(ben, "192.0.2.7"), Actor(ana, "192.0.2.1")
    take = people.take_second_step_away
    with pytest.raises(Problem, match="Only an administrator in chief"):
        take(by=as_ben, workspace="main", membership=chief.pk)
    other = actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    elsewhere = Membership.objects.create(workspace=other, person=cleo, role=Role.VIEWER)
    with pytest.raises(Problem, match="--without-second-step"):
        take(by=as_ana, workspace="main", membership=hers.pk)
    assert second_step.has(cleo)
    elsewhere.delete()
    take(by=as_ben, workspace="main", membership=hers.pk)
    assert not Authenticator.objects.filter(user=cleo).exists()
    assert second_step.has(ana)
    entry = AuditEntry.objects.get(action="second_step.taken_away")
    assert (entry.by, entry.subject, entry.workspace) == ("ben", "cleo", "main")


def test_whoever_owns_the_machine_takes_it_away(ana: Person) -> None:
    set_up(ana, time.time())
    actions.renew_password(by=COMMAND_LINE, login="ana")
    assert second_step.has(ana)
    actions.renew_password(by=COMMAND_LINE, login="ana", without_second_step=True)
    assert not second_step.has(ana)


def test_what_nobody_has_is_not_taken_away(ana: Person) -> None:
    ben = Person.objects.create(login="ben")
    main = Workspace.objects.get(slug="main")
    hers = Membership.objects.create(workspace=main, person=ben, role=Role.VIEWER)
    people.take_second_step_away(by=COMMAND_LINE, workspace="main", membership=hers.pk)
    assert not AuditEntry.objects.filter(action="second_step.taken_away").exists()
