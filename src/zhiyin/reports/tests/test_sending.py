"""A report whose time has come reaches each reader once, with what that reader may see."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from zhiyin.accounts import mail
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Mail, Membership, Person, Role, Workspace
from zhiyin.kernel.errors import Problem
from zhiyin.reports import schedules, sending
from zhiyin.reports.models import Edition, Letter, Report, Schedule, Sending
from zhiyin.reports.tests.test_files import text_of
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 5, 18, 0, 30, tzinfo=UTC)
"""Half past eight in Shanghai."""


class Box:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Any]] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        letter = message_from_bytes(envelope.content, policy=default)
        self.letters.append((envelope.rcpt_tos[0], letter))
        return "250 OK"


@pytest.fixture
def box(settings: Settings) -> Iterator[Box]:
    held = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(held, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield held
    finally:
        server.stop()


def member(login: str, role: Role = Role.VIEWER, **more: Any) -> Membership:
    person = Person.objects.create(login=login, email=more.pop("email", f"{login}@example.com"))
    workspace = Workspace.objects.get(slug="main")
    return Membership.objects.create(workspace=workspace, person=person, role=role, **more)


def every_monday(monthly: Report, ana: Actor, *members: Membership, attaches: bool = True) -> None:
    asked = schedules.Asked("week", 0, 8, [one.pk for one in members], attaches)
    schedules.save(by=ana, workspace="main", number=monthly.pk, asked=asked)
    Schedule.objects.update(since=MONDAY - timedelta(days=3))


def pdf_of(letter: Message) -> str:
    (held,) = [part for part in letter.walk() if part.get_content_type() == "application/pdf"]
    return text_of(held.get_payload(decode=True))  # type: ignore[arg-type]


def test_each_reader_gets_what_she_may_see_and_once(
    log: Owner, monthly: Report, ana: Actor, box: Box, tmp_path: Path
) -> None:
    ben, eva = member("ben"), member("eva", sees_personal_data=False)
    dora = member("dora", scope="unit = 'north'")
    fay = member("fay", email="")
    gone = member("gus", role=Role.VIEWER)
    every_monday(monthly, ana, ben, eva, dora, fay, gone)
    Membership.objects.filter(pk=gone.pk).update(role=Role.AGENT)
    assert sending.send_due("main", log, tmp_path, now=MONDAY - timedelta(hours=1)) == (0, 0)
    assert sending.send_due("main", log, tmp_path, now=MONDAY) == (1, 3)
    assert sending.send_due("main", log, tmp_path, now=MONDAY + timedelta(days=2)) == (0, 0)
    assert mail.send_waiting() == 3
    assert mail.send_waiting() == 0
    got = dict(box.letters)
    assert got.keys() == {"ben@example.com", "eva@example.com", "dora@example.com"}
    whole, masked, part = (pdf_of(got[f"{who}@example.com"]) for who in ("ben", "eva", "dora"))
    assert "13766601235" in whole
    assert "137****1235" in masked
    assert "13766601235" not in masked
    assert "n = 240" in whole
    assert "n = 120" in part
    assert "unit = 'north'" in part.replace("\n", " ") or "unit in" in part
    assert "n = 240" not in part
    assert Edition.objects.count() == 2
    assert got["ben@example.com"]["Subject"].startswith("三月体验")
    (time,) = sending.past(monthly)
    became = {one.person.login: str(sending.became(one)) for one in time.letters.all()}
    assert became == {
        "ben": "sent", "eva": "sent", "dora": "sent",
        "fay": "has no e-mail address", "gus": "may not see figures any more",
    }  # fmt: skip
    text = got["ben@example.com"].get_body(("plain",)).get_content()
    assert f"/main/reports/{monthly.pk}/1/" in text


def test_killed_between_two_letters_it_goes_on_with_the_next(
    log: Owner, monthly: Report, ana: Actor, box: Box, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Would catch a second edition, a second letter, and a letter without its mark."""
    every_monday(monthly, ana, member("ben"), member("dora"), attaches=False)
    write = mail.write

    def killed(**given: str) -> Mail:
        written = write(**given)
        if given["to"].startswith("dora"):
            raise KeyboardInterrupt
        return written

    monkeypatch.setattr(mail, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        sending.send_due("main", log, tmp_path, now=MONDAY)
    assert Mail.objects.count() == Letter.objects.count() == 1
    assert Sending.objects.get().done_at is None
    monkeypatch.setattr(mail, "write", write)
    assert sending.send_due("main", log, tmp_path, now=MONDAY + timedelta(hours=1)) == (1, 1)
    mail.send_waiting()
    assert sorted(to for to, _letter in box.letters) == ["ben@example.com", "dora@example.com"]
    assert not any(letter.is_multipart() for _to, letter in box.letters)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    ("every", "day", "hour", "now", "last", "following"),
    [
        # Shanghai is eight hours ahead: Monday 07:00 there is Sunday 23:00 here.
        ("week", 0, 7, "2026-05-17T23:00", "2026-05-17T23:00", "2026-05-24T23:00"),
        ("week", 0, 7, "2026-05-17T22:59", "2026-05-10T23:00", "2026-05-17T23:00"),
        ("month", 1, 8, "2026-05-18T00:00", "2026-05-01T00:00", "2026-06-01T00:00"),
        ("month", 28, 8, "2026-03-01T00:00", "2026-02-28T00:00", "2026-03-28T00:00"),
    ],
)
def test_when_it_is_due(
    every: str, day: int, hour: int, now: str, last: str, following: str
) -> None:
    schedule = Schedule(every=every, day=day, hour=hour, since=datetime(2026, 1, 1, tzinfo=UTC))
    here = ("Asia/Shanghai", datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert schedules.last_due(schedule, *here) == datetime.fromisoformat(last).replace(tzinfo=UTC)
    wanted = datetime.fromisoformat(following).replace(tzinfo=UTC)
    assert schedules.next_due(schedule, *here) == wanted
    schedule.since = datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert schedules.last_due(schedule, *here) is None


def test_only_members_who_see_figures_may_be_chosen(monthly: Report, ana: Actor) -> None:
    agent = member("abe", Role.AGENT)
    for asked in (
        schedules.Asked("week", 0, 8, [agent.pk]),
        schedules.Asked("week", 0, 8, []),
        schedules.Asked("month", 31, 8, [member("ben").pk]),
        schedules.Asked("day", 0, 8, [agent.pk]),
    ):
        with pytest.raises(Problem):
            schedules.save(by=ana, workspace="main", number=monthly.pk, asked=asked)
    assert not Schedule.objects.exists()
