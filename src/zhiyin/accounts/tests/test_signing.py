"""Guessing is slowed down and locks nobody out; a forgotten password has a way back."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from zhiyin.accounts import actions, signing
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, FailedSignIn, Person
from zhiyin.kernel.errors import Problem

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.9"


@pytest.fixture
def ana(db: None) -> Person:
    actions.set_up(by=COMMAND_LINE, login="ana")
    return Person.objects.get(login="ana")


def is_refused(login: str, where: str, known: str = "") -> bool:
    try:
        signing.check(login, where, known)
    except Problem as told:
        return told.code == "sign-in.too-often"
    return False


def guess(login: str, where: str, times: int, known: str = "") -> None:
    for _time in range(times):
        signing.failed(login, where, known)


def test_guessing_a_login_ends_and_the_owner_still_signs_in(ana: Person) -> None:
    mark = signing.mark_of(ana)
    guess("ana", ELSEWHERE, signing.FOR_A_LOGIN - 1)
    assert not is_refused("ana", ELSEWHERE)
    guess("ana", ELSEWHERE, 1)
    assert is_refused("ana", ELSEWHERE)
    assert is_refused(" ANA", "203.0.113.5")
    assert not is_refused("ana", HERE, mark)
    assert not is_refused("ben", ELSEWHERE)
    entry = AuditEntry.objects.get(action="sign_in.locked")
    assert (entry.subject, entry.where) == ("ana", ELSEWHERE)


def test_a_mark_is_good_for_the_person_who_got_it_alone(ana: Person) -> None:
    guess("ana", ELSEWHERE, signing.FOR_A_LOGIN)
    forged = signing.mark_of(ana)[:-1] + "x"
    assert is_refused("ana", ELSEWHERE, forged)
    ben = Person.objects.create(login="ben")
    assert is_refused("ana", ELSEWHERE, signing.mark_of(ben))
    mark = signing.mark_of(ana)
    guess("ana", HERE, signing.FOR_A_LOGIN, mark)
    assert is_refused("ana", HERE, mark)


def test_an_address_that_tries_many_logins_ends(ana: Person) -> None:
    for number in range(signing.FROM_AN_ADDRESS):
        signing.failed(f"login-{number}", ELSEWHERE, "")
    assert is_refused("ana", ELSEWHERE)
    assert not is_refused("ana", HERE)


def test_it_ends_by_itself_and_what_was_typed_is_not_kept(ana: Person) -> None:
    guess("my secret password", ELSEWHERE, signing.FOR_A_LOGIN)
    assert "secret" not in str(FailedSignIn.objects.values())
    assert "secret" not in str(AuditEntry.objects.values())
    later = timezone.now() + signing.WINDOW + timedelta(seconds=1)
    with mock.patch("django.utils.timezone.now", return_value=later):
        assert not is_refused("my secret password", ELSEWHERE)
        signing.failed("other", ELSEWHERE, "")
    assert FailedSignIn.objects.count() == 1


def test_success_forgets_what_went_wrong_here_alone(ana: Person) -> None:
    mark = signing.mark_of(ana)
    guess("ana", ELSEWHERE, 3)
    guess("ana", HERE, 3, mark)
    signing.succeeded(ana, HERE, mark)
    assert FailedSignIn.objects.count() == 3


def test_an_address_from_a_letter_works_once_and_for_an_hour(ana: Person) -> None:
    number, token = signing.reset_token(ana)
    signing.reset(number=number, token=token, password="quite another word", where=HERE)
    ana.refresh_from_db()
    assert ana.check_password("quite another word")
    with pytest.raises(Problem, match="used or too old"):
        signing.reset(number=number, token=token, password="and a third word", where=HERE)
    number, token = signing.reset_token(ana)
    with (
        mock.patch(
            "django.contrib.auth.tokens.PasswordResetTokenGenerator._now",
            return_value=timezone.now().replace(tzinfo=None) + timedelta(minutes=61),
        ),
        pytest.raises(Problem),
    ):
        signing.person_of_reset(number, token)
    for bad in (("", token), (number, ""), ("x" * 400, token), (number + "A", token)):
        with pytest.raises(Problem):
            signing.person_of_reset(*bad)


def test_who_is_meant_by_an_address_that_two_have_is_nobody(ana: Person) -> None:
    ana.email = "desk@example.com"
    ana.save()
    assert signing.whose("Desk@example.com") == ana
    assert signing.whose(" ANA ") == ana
    Person.objects.create(login="ben", email="DESK@example.com")
    assert signing.whose("desk@example.com") is None
