"""A mailbox that customers write to, read by IMAP. Nothing in it is changed."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from zhiyin.collect.sources import mailtext
from zhiyin.collect.sources.source import Cursor, Field, Page, Record, Settings
from zhiyin.kernel import clock, outbound
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

AT_ONCE = 50
MOST_BYTES = 2_000_000
"""Of a mail: its words come before what is attached."""
TIMEOUT_SECONDS = 30.0
_PARTS = "(UID INTERNALDATE BODY.PEEK[]<0.{most}>)"
_UID = re.compile(rb"UID (\d+)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Mailbox:
    """Mails of one folder, in the order in which they came."""

    kind = "mailbox"
    label = _("Mailbox (IMAP)")
    says = _(
        "Mails that customers write, from a mailbox of yours. They stay there, unread ones too."
    )
    fields: tuple[Field, ...] = (
        Field(
            "host", _("Mail server"), _("Such as imap.example.com or imap.exmail.qq.com."),
            is_needed=True,
        ),
        Field("port", _("Port"), _("Usually 993."), "number", default="993", least=1, most=65_535),
        Field(
            "encryption", _("Encryption"), _("Nothing is read without it."), "choice",
            default="tls",
            choices=(("tls", _("TLS from the start (993)")), ("starttls", _("STARTTLS (143)"))),
        ),
        Field("user", _("User"), _("Usually the whole address."), is_needed=True),
        Field(
            "password", _("Password"),
            _("Many providers want a password made for programs (授权码, app password)."),
            "secret", is_needed=True,
        ),
        Field("folder", _("Folder"), _("Which folder is read."), default="INBOX"),
        Field(
            "days", _("Days back"), _("How many days back the first run reads; 0: all of it."),
            "number", default="30", most=36_500,
        ),
    )  # fmt: skip

    def mapping(self, settings: Settings) -> dict[str, Any]:
        """Who writes is known by her address."""
        return {
            "id": "id", "at": "at", "text": "text", "channel": {"value": "email"},
            "customer": {"column": "from", "kind": "email"},
        }  # fmt: skip

    def check(self, settings: Settings) -> None:
        """There is nothing that could not fit."""

    def fetch(self, cursor: Cursor, settings: Settings) -> Iterator[Page]:
        """Mails by their numbers (UID), which grow as long as the folder keeps its UIDVALIDITY."""
        with _said(settings), _signed_in(settings) as box:
            validity = _open(box, settings["folder"] or "INBOX")
            last = int(cursor.get("uid", 0)) if cursor.get("validity") == validity else 0
            waiting = _newer(box, last, settings.number("days"))
            for first in range(0, len(waiting), AT_ONCE):
                uids = waiting[first : first + AT_ONCE]
                records = _read(box, uids, validity)
                yield Page(records, {"validity": validity, "uid": uids[-1]})


class _Box(imaplib.IMAP4):
    """A client whose way out is guarded, and which reads no more than was asked for."""

    def __init__(self, host: str, port: int, *, has_tls: bool) -> None:
        self._has_tls = has_tls
        super().__init__(host, port, TIMEOUT_SECONDS)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = outbound.connect(
            host, port, has_tls=self._has_tls, timeout_seconds=TIMEOUT_SECONDS
        )
        self.file = self.sock.makefile("rb")

    def read(self, size: int) -> bytes:
        if size > MOST_BYTES + 100_000:
            raise self.abort("more than was asked for")
        found: bytes = self.file.read(size)  # type: ignore[assignment]
        return found


@contextmanager
def _signed_in(settings: Settings) -> Iterator[_Box]:
    has_tls = settings["encryption"] != "starttls"
    box = _Box(settings["host"].strip(), settings.number("port"), has_tls=has_tls)
    try:
        if not has_tls:
            box.starttls(ssl.create_default_context())
        try:
            box.login(settings["user"], settings["password"])
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
            raise Problem(
                "source.refused",
                _("The mail server does not know this user with this password."),
                _("Many providers want IMAP switched on, and a password made for programs."),
            ) from error
        if "ID" in box.capabilities:
            # Some providers of China let nobody read who has not said what she is.
            with suppress(imaplib.IMAP4.error):
                box.xatom("ID", '("name" "Zhiyin")')
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            box.logout()


@contextmanager
def _said(settings: Settings) -> Iterator[None]:
    """Say in words what went wrong on the way."""
    try:
        yield
    except ssl.SSLError as error:
        raise outbound.NotReached(
            "tls",
            _("{host} speaks no TLS that can be trusted.", host=settings["host"]),
            _("Look at the address and the port."),
            may_pass=True,
        ) from error
    except (TimeoutError, imaplib.IMAP4.error, OSError) as error:
        raise outbound.NotReached(
            "broken",
            _("{host} broke off before its answer was whole.", host=settings["host"]),
            _("Try again later."),
            may_pass=True,
        ) from error


def _open(box: _Box, folder: str) -> int:
    """Open a folder to read only; returns its UIDVALIDITY."""
    status, _found = box.select(f'"{_in_utf7(folder)}"', readonly=True)
    if status != "OK":
        raise Problem(
            "source.no-folder",
            _("There is no folder “{folder}” in this mailbox.", folder=folder),
            _("Look at how it is called there; INBOX is always there."),
        )
    _status, said = box.response("UIDVALIDITY")
    return int(said[0]) if said and said[0] else 0


def _newer(box: _Box, last: int, days: int) -> list[int]:
    if last:
        # The star is the last mail even where its number is lower, so it is looked at again.
        asked = ["UID", f"{last + 1}:*"]
    elif days:
        since = clock.now() - timedelta(days=days)
        asked = ["SINCE", f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year}"]
    else:
        asked = ["ALL"]
    _status, said = box.uid("SEARCH", *asked)
    found = {int(one) for part in said if part for one in part.split()}
    return sorted(uid for uid in found if uid > last)


def _read(box: _Box, uids: Sequence[int], validity: int) -> list[Record]:
    listed = ",".join(str(uid) for uid in uids)
    _status, said = box.uid("FETCH", listed, _PARTS.format(most=MOST_BYTES))
    records: list[Record] = []
    for place, part in enumerate(said):
        if not isinstance(part, tuple):
            continue
        head = part[0]
        behind = said[place + 1] if place + 1 < len(said) else b""
        known = _UID.search(head) or _UID.search(behind if isinstance(behind, bytes) else b"")
        mail = mailtext.read(part[1])
        if known is None or mail.is_automatic:
            continue
        came = imaplib.Internaldate2tuple(head)
        at = mail.at or (datetime.fromtimestamp(time.mktime(came), UTC) if came else None)
        records.append(
            {
                "id": mail.id or f"{validity}:{int(known[1])}",
                "at": at.isoformat() if at else None,
                "from": mail.sender or None,
                "from_name": mail.sender_name or None,
                "to": mail.to or None,
                "subject": mail.subject or None,
                "text": mail.text or None,
            }
        )
    return records


def _in_utf7(name: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3), quoted."""

    def coded(found: re.Match[str]) -> str:
        packed = found[0].encode("utf-7").decode().strip("+-").replace("/", ",")
        return f"&{packed}-"

    said = re.sub(r"[^\x20-\x7e]+", coded, name.replace("&", "&-"))
    return said.replace("\\", "\\\\").replace('"', '\\"')
