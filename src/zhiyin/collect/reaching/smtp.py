"""E-mails handed over to the mail server, over several connections at once.

What the server says of the sender and of the address comes before the letter, so that a connection
that breaks then has sent nothing. One that breaks after the letter has left nobody knows about.
"""

from __future__ import annotations

import re
import smtplib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import distributions
from zhiyin.collect.reaching.handing import Handed, Unreachable
from zhiyin.collect.reaching.letters import Letter, Writer

_ENHANCED = re.compile(rb"^\s*([245]\.\d{1,3}\.\d{1,3})\b")


class Mailer:
    """Writes and sends letters; one object a run."""

    def __init__(self) -> None:
        self._count = settings.ZHIYIN_MAIL_CONNECTIONS
        self._lines = [Line() for _each in range(self._count)]
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="letters")
        self._writers: dict[int, Writer] = {}

    def write(self, asking: Asking) -> Letter:
        """Her letter."""
        return self._writer(asking.distribution).letter(asking)

    def hand(
        self, letters: Sequence[tuple[Asking, Letter]], done: Callable[[Asking, Handed], None]
    ) -> None:
        """Hand letters over, each connection its share."""
        parts = [letters[n :: self._count] for n in range(self._count)]
        said = threading.Lock()

        def work(line: Line, part: Sequence[tuple[Asking, Letter]]) -> None:
            for one, letter in part:
                handed = line.send(letter)
                with said:
                    done(one, handed)

        running = [
            self._pool.submit(work, line, part)
            for line, part in zip(self._lines, parts, strict=True)
            if part
        ]
        # All are waited for: what one of them was told must not be lost for another's trouble.
        troubles = [found for one in running if (found := one.exception())]
        for trouble in troubles:
            if not isinstance(trouble, Unreachable):
                raise trouble
        if troubles:
            raise troubles[0]

    def close(self) -> None:
        """End the connections."""
        self._pool.shutdown()
        for line in self._lines:
            line.close()

    def _writer(self, held: Distribution) -> Writer:
        if held.pk not in self._writers:
            self._writers[held.pk] = Writer.of(held, distributions.survey_of(held))
        return self._writers[held.pk]


class Line:
    """One connection to the mail server, opened when it is needed."""

    def __init__(self) -> None:
        self._backend: Any = None

    def send(self, letter: Letter) -> Handed:
        """Hand one letter over.

        Raises:
            Unreachable: there is no connection to be had.
        """
        for is_last in (False, True):
            server = self._open()
            try:
                before = self._announced(server, letter)
            except (smtplib.SMTPException, OSError) as error:
                # Servers end connections after so many letters; a new one may go on.
                self.close()
                if is_last:
                    raise Unreachable(_named(error)) from error
                continue
            return before or self._delivered(server, letter)
        raise AssertionError

    def close(self) -> None:
        """End the connection."""
        if self._backend is not None:
            backend, self._backend = self._backend, None
            try:
                backend.close()
            except (smtplib.SMTPException, OSError):
                return

    def _open(self) -> smtplib.SMTP:
        if self._backend is None:
            backend: Any = get_connection(
                "django.core.mail.backends.smtp.EmailBackend", fail_silently=False
            )
            try:
                backend.open()
                backend.connection.ehlo_or_helo_if_needed()
            except (smtplib.SMTPException, OSError) as error:
                raise Unreachable(_named(error)) from error
            self._backend = backend
        server: smtplib.SMTP = self._backend.connection
        return server

    def _announced(self, server: smtplib.SMTP, letter: Letter) -> Handed | None:
        """Say from whom and to whom; None: the letter may follow."""
        code, said = server.mail(letter.sender)
        if code == 250:
            code, said = server.rcpt(letter.to)
            if code in (250, 251):
                return None
            found = judged(code, said)
        else:
            # What is wrong with the sender is wrong with every letter.
            found = Handed("later", _number(code, said))
        if code == 421:
            raise smtplib.SMTPServerDisconnected("421")
        server.rset()
        return found

    def _delivered(self, server: smtplib.SMTP, letter: Letter) -> Handed:
        try:
            code, said = server.data(letter.content)
        except smtplib.SMTPDataError as error:
            # It would not hear the letter at all.
            self.close()
            return _refused_letter(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Handed("uncertain", _named(error))
        return Handed("sent") if code == 250 else _refused_letter(code, said)


def judged(code: int, said: bytes) -> Handed:
    """What an answer about an address means."""
    trouble = _number(code, said)
    if code < 500:
        return Handed("later", trouble)
    status = enhanced(said)
    return Handed("refused", trouble, stops=is_address_gone(status))


def is_address_gone(status: str) -> bool:
    """Whether a status (RFC 3463) says that there is no such mailbox, now or ever.

    A full mailbox, a server that likes no stranger and a letter that is too large are none.
    """
    if status in ("5.1.7", "5.1.8"):  # of the sender
        return False
    return status.startswith("5.1.") or status == "5.2.1"


def enhanced(said: bytes) -> str:
    """The status in a server's answer; blank where it gives none."""
    found = _ENHANCED.match(said)
    return found[1].decode() if found else ""


def _refused_letter(code: int, said: bytes | str) -> Handed:
    written = said if isinstance(said, bytes) else said.encode()
    return Handed("later" if code < 500 else "failed", _number(code, written))


def _number(code: int, said: bytes) -> str:
    return f"{code} {enhanced(said)}".strip()


def _named(error: BaseException) -> str:
    number = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {number}".strip()
