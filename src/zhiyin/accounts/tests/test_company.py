"""Who is meant by what an identity provider says; tests/browser signs in at a real one."""

from __future__ import annotations

import pytest
from allauth.socialaccount.models import SocialAccount

from zhiyin.accounts import actions, company, inviting
from zhiyin.accounts.allowing import Allows
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.company import Claims
from zhiyin.accounts.models import AuditEntry, Invitation, Membership, Person
from zhiyin.kernel.errors import Problem

ISSUER, HERE = "https://id.example.com", "192.0.2.1"


@pytest.fixture
def ana(db: None) -> Person:
    actions.set_up(by=COMMAND_LINE, login="ana")
    ana = Person.objects.get(login="ana")
    ana.email = "ana@example.com"
    ana.save()
    return ana


def said(
    subject: str, email: str = "", *, is_verified: bool = True, issuer: str = ISSUER
) -> Claims:
    return Claims(issuer, subject, email, is_verified, name="Somebody")


def refusal(claims: Claims) -> str:
    with pytest.raises(Problem) as met:
        company.who(claims, where=HERE)
    return met.value.code


def test_a_verified_address_links_and_then_the_subject_counts(ana: Person) -> None:
    assert company.who(said("s1", "Ana@Example.com"), where=HERE) == ana
    entry = AuditEntry.objects.get(action="company_account.linked")
    assert (entry.by, entry.subject, entry.after["issuer"]) == ("ana", "ana", ISSUER)
    ana.email = ""
    ana.save()
    assert company.who(said("s1", "other@example.com", is_verified=False), where=HERE) == ana
    assert SocialAccount.objects.count() == 1
    # Another provider may call somebody else by the same subject.
    assert refusal(said("s1", issuer="https://other.example.com")) == "company.unverified"


def test_an_address_that_is_not_verified_means_nobody(ana: Person) -> None:
    assert refusal(said("s1", "ana@example.com", is_verified=False)) == "company.unverified"
    assert refusal(said("s1", "ana")) == "company.unverified"
    assert refusal(said("s1", "")) == "company.unverified"
    assert not SocialAccount.objects.exists()


def test_an_address_that_went_to_somebody_else_opens_nothing(ana: Person) -> None:
    company.who(said("s1", "ana@example.com"), where=HERE)
    assert refusal(said("s2", "ana@example.com")) == "company.somebody-else"
    company.let_go(by=COMMAND_LINE, person=ana)
    assert AuditEntry.objects.filter(action="company_account.let_go", subject="ana").exists()
    assert company.who(said("s2", "ana@example.com"), where=HERE) == ana


def test_an_address_that_two_have_means_neither(ana: Person) -> None:
    Person.objects.create(login="ben", email="ANA@example.com")
    assert refusal(said("s1", "ana@example.com")) == "company.unknown"


def test_who_was_switched_off_stays_out(ana: Person) -> None:
    company.who(said("s1", "ana@example.com"), where=HERE)
    ana.is_active = False
    ana.save()
    assert refusal(said("s1", "ana@example.com")) == "company.unknown"
    assert refusal(said("s2", "ana@example.com")) == "company.unknown"


def test_nobody_is_made_without_an_invitation_that_waits(ana: Person) -> None:
    assert refusal(said("s1", "ben@example.com")) == "company.unknown"
    allows = Allows(role="analyst", sees_personal_data=False)
    invited = inviting.invite(
        by=COMMAND_LINE, workspace="main", login="ben@example.com", allows=allows
    )
    inviting.withdraw(by=COMMAND_LINE, workspace="main", invitation=invited.invitation.pk)
    assert refusal(said("s1", "ben@example.com")) == "company.unknown"
    inviting.invite(by=COMMAND_LINE, workspace="main", login="ben@example.com", allows=allows)
    ben = company.who(said("s1", "Ben@example.com"), where=HERE)
    held = Membership.objects.get(person=ben)
    assert (ben.login, ben.name, ben.email) == ("ben@example.com", "Somebody", "Ben@example.com")
    assert (held.role, held.sees_personal_data) == ("analyst", False)
    assert not ben.has_usable_password()
    assert not Invitation.waiting().exists()
    assert AuditEntry.objects.filter(action="person.joined", subject=ben.login).exists()
