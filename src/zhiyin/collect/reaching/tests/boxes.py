"""A mail server of our own, for tests: real SMTP, and it does as the address says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that the server took."""

    sender: str
    to: str
    letter: EmailMessage

    @property
    def plain(self) -> str:
        part = self.letter.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.letter.get_body(("html",))
        assert part is not None
        return str(part.get_content())


class Box:
    """Keeps what comes. Who is called *gone* is refused for good, *later* for now, *spam* by what
    the letter says; *dead* breaks the connection when the letter is there."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.is_away = False

    def to(self, address: str) -> list[Taken]:
        """What came for an address."""
        return [one for one in self.taken if one.to == address]

    async def handle_RCPT(  # noqa: N802 - the server's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.is_away:
            return "421 4.3.2 away"
        if address.startswith("gone"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later"):
            return "451 4.2.1 come again"
        if address.startswith("relay"):
            return "554 5.7.1 not for strangers"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        if to.startswith("spam"):
            return "554 5.7.1 we do not like it"
        if to.startswith("dead"):
            server.transport.abort()
            return "250 never heard"
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.taken.append(Taken(envelope.mail_from, to, letter))
        return "250 OK"


@contextmanager
def served(settings: Any) -> Iterator[Box]:
    """A server whose address the settings name."""
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    try:
        yield box
    finally:
        server.stop()
        for thread in threading.enumerate():
            if thread.name.startswith("letters"):
                thread.join(5)
