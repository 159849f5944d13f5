"""What holds is the latest that she said, over all that is hers; silence allows nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.kernel.errors import Problem
from zhiyin.unify import consent
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.planting import put
from zhiyin.warehouse.tests.test_reading import link

pytestmark = pytest.mark.django_db
JAN = datetime(2026, 1, 1)
FEB = datetime(2026, 2, 1)


def say(
    log: Owner, ana: Actor, given: bool, at: datetime, *, who: str = "her", channel: str = "mail"
) -> None:
    consent.record(
        by=ana, log=log, workspace="main", customer=Id("customer", who), purpose="news",
        channel=channel, is_given=given, evidence="form", said_at=at,
    )  # fmt: skip


def may(log: Owner, channel: str | None = "mail", at: datetime | None = None) -> bool:
    her = log.subject("main", "her").customer
    return consent.may(log, "main", her, "news", channel, at)


def test_nothing_said_allows_nothing(log: Owner, ana: Actor) -> None:
    put(log, [{"customer": "her"}])
    assert not may(log)
    say(log, ana, True, JAN)
    assert may(log)
    assert not may(log, "sms")
    assert not consent.may(log, "main", log.subject("main", "her").customer, "other", "mail")


@pytest.mark.parametrize("order", [(JAN, FEB), (FEB, JAN)])
def test_the_latest_counts_whatever_came_in_first(
    log: Owner, ana: Actor, order: tuple[datetime, datetime]
) -> None:
    """Would catch a reading by the order of arrival."""
    for at in order:
        say(log, ana, at == JAN, at)
    assert not may(log)
    assert may(log, at=JAN + timedelta(days=1))
    assert not may(log, at=JAN - timedelta(days=1))


def test_of_one_moment_the_withdrawal_counts(log: Owner, ana: Actor) -> None:
    say(log, ana, False, JAN)
    say(log, ana, True, JAN)
    assert not may(log)


def test_every_channel_and_one(log: Owner, ana: Actor) -> None:
    say(log, ana, True, JAN, channel="")
    assert may(log, "sms")
    assert may(log, None)
    say(log, ana, False, FEB, channel="sms")
    assert (may(log, "sms"), may(log, "mail"), may(log, None)) == (False, True, False)
    say(log, ana, False, FEB + timedelta(days=1), channel="")
    assert not may(log, "mail")


def test_a_withdrawal_of_either_record_ends_the_older_consent_when_they_are_merged(
    log: Owner, ana: Actor
) -> None:
    say(log, ana, True, JAN)
    say(log, ana, False, FEB, who="her-other")
    assert may(log)
    link(log, "l1", "link", "her", "her-other")
    assert not may(log)
    link(log, "l2", "unlink", "her", "her-other")
    assert may(log)


def test_a_statement_has_a_purpose_evidence_and_an_audit_entry(log: Owner, ana: Actor) -> None:
    say(log, ana, True, JAN)
    (said,) = consent.history(log, "main", log.subject("main", "her").customer)
    assert (said.source, said.evidence, said.channel) == ("zhiyin", "form", "mail")
    entry = AuditEntry.objects.get(action="consent.recorded")
    assert (entry.by, "her" in str(entry.after)) == ("ana", False)
    for purpose, evidence in (("", "form"), ("news", " "), ("x" * 201, "form")):
        with pytest.raises(Problem):
            consent.record(
                by=ana, log=log, workspace="main", customer=Id("customer", "her"),
                purpose=purpose, channel=None, is_given=True, evidence=evidence,
            )  # fmt: skip


def test_an_erased_customer_gives_no_consent(log: Owner, ana: Actor) -> None:
    """And nothing in the audit says that she did."""
    put(log, [{"customer": "her"}])
    log.erase("main", [Id("customer", "her")], "e1")
    with pytest.raises(Problem) as refused:
        say(log, ana, True, JAN)
    assert refused.value.code == "rights.erased"
    assert not AuditEntry.objects.filter(action="consent.recorded").exists()
