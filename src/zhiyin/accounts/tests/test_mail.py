"""Letters go out through a real server: once it is there, and never lost when it is not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Reads
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from zhiyin.accounts import mail
from zhiyin.accounts.models import Mail

pytestmark = pytest.mark.django_db


class Box(Reads):
    """Keeps what comes, and refuses who is called nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.letters.append(message)

    async def handle_RCPT(  # noqa: N802 - the server's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def port(settings: Settings) -> int:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_TIMEOUT = 5
    return int(settings.EMAIL_PORT)


@pytest.fixture
def box(port: int) -> Iterator[Box]:
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box
    server.stop()


def test_a_letter_arrives_as_it_was_written_and_its_text_is_not_kept(box: Box) -> None:
    letter = mail.write(
        to="ana@example.com", subject="新密码\r\nBcc: x@y", body="请点击\nhttps://x/"
    )
    assert mail.send_waiting() == 1
    (came,) = box.letters
    assert came["To"] == "ana@example.com"
    assert came["Bcc"] is None
    payload = came.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().split() == ["请点击", "https://x/"]
    letter.refresh_from_db()
    assert (letter.body, letter.next_try_at, letter.sent_at is not None) == ("", None, True)
    assert mail.send_waiting() == 0
    assert len(box.letters) == 1


def test_a_letter_is_written_with_what_it_is_about_or_not_at_all(box: Box) -> None:
    with transaction.atomic():
        mail.write(to="ana@example.com", subject="x", body="y")
        transaction.set_rollback(True)
    assert mail.send_waiting() == 0
    assert not box.letters


def test_a_server_that_is_away_is_tried_again_and_again_and_no_other_letter_waits(
    port: int,
) -> None:
    letter = mail.write(to="ana@example.com", subject="x", body="y")
    at = timezone.now()
    waits = []
    for _try in range(mail.TRIES):
        assert mail.send_waiting(at) == 0
        letter.refresh_from_db()
        if letter.next_try_at is not None:
            waits.append(letter.next_try_at - at)
            assert mail.send_waiting(letter.next_try_at - timedelta(seconds=1)) == 0
            at = letter.next_try_at
    assert waits == [timedelta(minutes=2**number) for number in range(mail.TRIES - 1)]
    assert (letter.tries, letter.next_try_at, letter.sent_at) == (mail.TRIES, None, None)
    assert "ConnectionRefused" in letter.trouble
    assert letter.body == "y"


def test_an_address_that_is_refused_is_given_up_at_once(box: Box) -> None:
    letter = mail.write(to="nobody@example.com", subject="x", body="y")
    other = mail.write(to="ana@example.com", subject="x", body="y")
    assert mail.send_waiting() == 1
    letter.refresh_from_db()
    other.refresh_from_db()
    assert (letter.tries, letter.next_try_at) == (1, None)
    assert "nobody" not in letter.trouble
    assert other.sent_at is not None


def test_without_a_server_letters_wait(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    mail.write(to="ana@example.com", subject="x", body="y")
    assert mail.send_waiting() == 0
    assert Mail.objects.get().tries == 0


def test_old_letters_go_and_waiting_ones_stay(box: Box) -> None:
    mail.write(to="ana@example.com", subject="sent", body="y")
    mail.send_waiting()
    mail.write(to="ana@example.com", subject="waits", body="y")
    assert mail.remove_old(timezone.now() + mail.KEPT + timedelta(days=1)) == 1
    assert Mail.objects.get().subject == "waits"
