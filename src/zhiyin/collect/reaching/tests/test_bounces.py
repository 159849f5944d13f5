"""Reports of mail servers are read, heeded once, and believed only about letters of ours.

The reports are of the forms that RFC 3464 and RFC 5965 show, about letters that were really sent.
"""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.collect.models import Asking, Stopped
from zhiyin.collect.reaching import bounces, distributions, planning, rules, sending
from zhiyin.collect.reaching.distributions import Asked
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.reaching.tests.boxes import Box, Taken, served
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db

NAMES = ("ann", "ben", "cy")


@pytest.fixture
def box(log: Owner, settings: Settings) -> Iterator[Box]:
    """Letters to three are there."""
    settings.ZHIYIN_MAIL_BOUNCES = "back@example.org"
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    with served(settings) as held:
        made = distributions.create(
            by=COMMAND_LINE, workspace="main", survey="visit", key="spring",
            asked=Asked(reminders=(3,)),
        )  # fmt: skip
        people = [Person(one, address=f"{one}@example.com") for one in NAMES]
        planning.plan(log, by=COMMAND_LINE, distribution=made, people=people)
        sending.send_due(log, "main")
        yield held


def dsn(taken: Taken, action: str, status: str, *, to: str = "", third: str = "") -> bytes:
    """What a server sends back."""
    return f"""From: MAILER-DAEMON@mx.example.com
To: {to or taken.sender}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="A1"

--A1
Content-Type: text/plain; charset=us-ascii

This is the mail system.

--A1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Mon, 1 Jun 2026 10:00:00 +0000

Final-Recipient: rfc822; {taken.to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no

--A1
Content-Type: {third or "message/rfc822"}

Message-ID: {taken.letter["Message-ID"]}
To: {taken.to}
Subject: Your opinion

--A1--
""".encode()


def arf(taken: Taken, kind: str) -> bytes:
    """What a mailbox provider sends where its reader calls a letter unwanted."""
    return f"""From: fbl@example.com
To: abuse@example.org
Subject: FW: Your opinion
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B2"

--B2
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--B2
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{taken.sender}>

--B2
Content-Type: text/rfc822-headers

From: <asks@example.org>
Message-ID: {taken.letter["Message-ID"]}

--B2--
""".encode()


def take(*raws: bytes) -> dict[str, int]:
    return dict(bounces.take_in(by=COMMAND_LINE, raws=raws))


def state(customer: str) -> tuple[str, str]:
    held = Asking.objects.get(customer=customer)
    return held.state, held.reason


def of(box: Box, name: str) -> Taken:
    (found,) = box.to(f"{name}@example.com")
    return found


@pytest.mark.parametrize(
    "made",
    [
        lambda one: dsn(one, "failed", "5.1.1"),
        lambda one: dsn(one, "failed", "5.1.1", to=one.sender.upper()),
        lambda one: dsn(one, "failed", "5.1.1", to="asks@example.org"),
        lambda one: dsn(
            one, "failed", "5.1.1", to="asks@example.org", third="text/rfc822-headers"
        ),
    ],
    ids=["by the envelope", "in capitals", "by the letter inside", "by its headers alone"],
)  # fmt: skip
def test_who_is_not_there_is_not_asked_again(box: Box, made: Callable[[Taken], bytes]) -> None:
    raw = made(of(box, "ann"))
    assert take(raw) == {"hard": 1}
    assert state("ann") == ("bounced", "returned")
    assert [one.why for one in Stopped.objects.all()] == ["bounced"]
    # The same report again is nothing new; a later complaint about the others is theirs.
    take(raw)
    assert Stopped.objects.count() == 1
    assert state("ben") == ("sent", "")


def test_what_came_back_for_now_is_sent_again_three_times_at_most(box: Box, log: Owner) -> None:
    ben = of(box, "ben")
    for n in range(1, 4):
        assert take(dsn(ben, "failed", "5.2.2")) == {"soft": 1}
        if n < 3:
            held = Asking.objects.get(customer="ben")
            assert (held.state, held.sent_at, held.is_over) == ("waiting", None, False)
            assert held.due_at > timezone.now() + timedelta(hours=23)
            Asking.objects.filter(customer="ben").update(due_at=timezone.now())
            sending.send_due(log, "main")
    assert state("ben") == ("bounced", "returned")
    assert len(box.to("ben@example.com")) == 3
    assert not Stopped.objects.exists()


def test_a_delay_and_a_refusal_are_told_apart(box: Box) -> None:
    assert take(dsn(of(box, "ann"), "delayed", "4.4.1")) == {"delayed": 1}
    assert state("ann") == ("sent", "")
    assert take(dsn(of(box, "ben"), "failed", "5.7.1")) == {"refused": 1}
    assert state("ben") == ("bounced", "returned")
    assert not Stopped.objects.exists()


def test_a_complaint_stops_and_a_false_alarm_does_not(box: Box) -> None:
    assert take(arf(of(box, "cy"), "not-spam")) == {"other": 1}
    assert take(arf(of(box, "cy"), "abuse")) == {"complaint": 1}
    assert state("cy") == ("stopped", "complained")
    assert [one.why for one in Stopped.objects.all()] == ["complained"]


def test_nobody_makes_up_a_report_about_a_letter(box: Box) -> None:
    """Would catch one that believes the recipient that a report names."""
    ann = of(box, "ann")
    named = ann.sender.partition("+")[2].partition("@")[0]
    for forged in (named[:-1] + ("a" if named[-1] != "a" else "b"), "a" * 11, "x" * 300, ""):
        raw = dsn(ann, "failed", "5.1.1").replace(named.encode(), forged.encode())
        assert take(raw) == {"unknown": 1}
    assert take(b"", b"\xff\x00 no message", b"Subject: I am away\n\nback on Monday") == {
        "other": 3
    }
    assert not Stopped.objects.exists()
    # Nor does another workspace hear of it.
    other = Workspace.objects.exclude(slug="main").first()
    slug = other.slug if other else "other"
    raws = [dsn(ann, "failed", "5.1.1")]
    assert bounces.take_in(by=COMMAND_LINE, raws=raws, workspace=slug) == {"unknown": 1}
    assert state("ann") == ("sent", "")


def test_reports_are_found_in_files_and_mailboxes(box: Box, tmp_path: Path) -> None:
    raws = [dsn(of(box, one), "failed", "5.1.1") for one in NAMES]
    (tmp_path / "one.eml").write_bytes(raws[0])
    kept = mailbox.mbox(tmp_path / "some")
    kept.add(raws[1])
    kept.close()
    folder = mailbox.Maildir(tmp_path / "new")
    folder.add(raws[2])
    found = [
        raw for place in ("one.eml", "some", "new") for raw in bounces.messages_in(tmp_path / place)
    ]
    assert take(*found) == {"hard": 3}
