"""Letters that came back, and complaints: read from what mail servers send, and heeded.

A server says that a letter could not be delivered in a report (RFC 3464), a mailbox provider that
its reader calls it unwanted in another (RFC 5965). Whose letter it was says the address to which
it came back, or the letter inside; both carry a signed name, so that nobody makes one up.
"""

from __future__ import annotations

import mailbox
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import Literal

from django.db import transaction
from django.utils import timezone

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.collect.models import Asking, AskingState, StopWhy
from zhiyin.collect.reaching import letter_ids, stopping
from zhiyin.collect.reaching.smtp import is_address_gone
from zhiyin.kernel.text import Text, _

MOST_BYTES = 2_000_000
SOFT_TRIES = 3
"""A letter that came back for now is sent so often again, a day later each time."""

SOFT_WAIT = timedelta(days=1)

Kind = Literal["hard", "refused", "soft", "delayed", "complaint", "other"]
"""*hard*: there is no such mailbox; *refused*: for good, for another reason; *soft*: for now, and
the server has given up; *delayed*: it still tries."""

KINDS: dict[str, Text] = {
    "hard": _("came back: nobody has that address; it is stopped"),
    "refused": _("came back: refused for another reason"),
    "soft": _("came back for now: sent again tomorrow, three times at most"),
    "delayed": _("the other server still tries"),
    "complaint": _("reported as unwanted: the address is stopped"),
    "other": _("no report on a letter of ours"),
    "unknown": _("about a letter that is not known here"),
}
"""What people call what messages say."""

_NAMED = re.compile(r"(?:\+|<)([a-z2-9]{11,24})(?:\.\d+)?@", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")


@dataclass(frozen=True, slots=True)
class Report:
    """What one message says.

    Args:
        named: whose letter it is about; blank: that cannot be told.
        status: as RFC 3463 has it; blank: none is said.
    """

    kind: Kind
    named: str = ""
    status: str = ""


def read(raw: bytes) -> Report:
    """What a message says, whatever it is."""
    message = message_from_bytes(raw[:MOST_BYTES], policy=compat32)
    parts = list(message.walk())
    named = _named(message, parts)
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            return _undelivered(part, named)
        if kind == "message/feedback-report":
            return _complained(part, named)
    return Report("other", named)


def _undelivered(part: Message, named: str) -> Report:
    worst = Report("other", named)
    # The first block is about the letter, each other one about a recipient.
    for block in part.get_payload() if isinstance(part.get_payload(), list) else []:
        assert isinstance(block, Message)  # noqa: S101 - so the parser makes them
        action = str(block.get("Action", "")).strip().lower()
        found = _STATUS.search(str(block.get("Status", "")))
        status = found[0] if found else ""
        if action == "failed":
            return Report(_how_bad(status), named, status)
        if action == "delayed":
            worst = Report("delayed", named, status)
    return worst


def _how_bad(status: str) -> Kind:
    if is_address_gone(status):
        return "hard"
    # A full mailbox is emptied one day; a status of 4 is what its server could not do for now.
    return "soft" if status.startswith("4.") or status == "5.2.2" else "refused"


def _complained(part: Message, named: str) -> Report:
    said = _header(part, "Feedback-Type").lower()
    if said == "not-spam":
        return Report("other", named)
    return Report("complaint", named)


def _header(part: Message, name: str) -> str:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else part
    return str(inner.get(name, "")).strip() if isinstance(inner, Message) else ""


def _named(message: Message, parts: list[Message]) -> str:
    """The signed name in it: of the address it came to, or of the letter that it holds."""
    places: list[str] = []
    for name in _ENVELOPE:
        places += [str(one) for one in message.get_all(name, [])]
    for part in parts[1:]:
        places += [str(part.get(name, "")) for name in ("Message-ID", "Return-Path")]
        if part.get_content_type() == "message/feedback-report":
            places.append(_header(part, "Original-Mail-From"))
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            inner = message_from_bytes(payload if isinstance(payload, bytes) else b"")
            places += [str(inner.get(name, "")) for name in ("Message-ID", "Return-Path")]
    for place in places:
        for found in _NAMED.finditer(place):
            if letter_ids.read(found[1]) is not None:
                return found[1].lower()
    return ""


def messages_in(place: Path) -> Iterator[bytes]:
    """The messages of a file, of a mailbox (mbox), or of a folder (Maildir)."""
    if place.is_dir():
        for message in mailbox.Maildir(place, create=False):
            yield message.as_bytes()
        return
    raw = place.read_bytes()
    if not raw.startswith(b"From "):
        yield raw
        return
    with_all = mailbox.mbox(place, create=False)
    try:
        for one in with_all:
            yield one.as_bytes()
    finally:
        with_all.close()


def take_in(*, by: Actor, raws: Iterable[bytes], workspace: str = "") -> Mapping[str, int]:
    """Heed what messages say; returns how many of each kind, and ``unknown`` for nobody's letter.

    What was heeded before is nothing new.

    Args:
        workspace: whose letters they must be about; blank: any.
    """
    counts: Counter[str] = Counter()
    for raw in raws:
        report = read(raw)
        asking = stopping.asking_of(report.named) if report.named else None
        is_here = asking is not None and workspace in ("", asking.workspace.slug)
        if asking is None or not is_here:
            counts["other" if report.kind == "other" else "unknown"] += 1
            continue
        counts[report.kind] += 1
        _heed(asking, report)
    if counts:
        audit.record(
            by=by, action="bounces.read", subject="bounces", workspace=workspace,
            after=dict(sorted(counts.items())),
        )  # fmt: skip
    return dict(sorted(counts.items()))


@transaction.atomic
def _heed(asking: Asking, report: Report) -> None:
    channel = asking.distribution.channel
    match report.kind:
        case "hard" | "refused":
            if report.kind == "hard":
                stopping.stop_address(
                    asking.workspace, channel, asking.address_hash, why=StopWhy.BOUNCED
                )
            if asking.state != AskingState.STOPPED:
                stopping.mark(asking, AskingState.BOUNCED, "returned")
        case "complaint":
            stopping.stop_address(
                asking.workspace, channel, asking.address_hash, why=StopWhy.COMPLAINED
            )
            stopping.mark(asking, AskingState.STOPPED, "complained")
        case "soft" if asking.state == AskingState.SENT and not asking.reminders_sent:
            _again(asking, report.status)
        case _:
            return


def _again(asking: Asking, status: str) -> None:
    """The server has given up for now: the same letter is sent once more, a day later."""
    if asking.tries + 1 >= SOFT_TRIES or not asking.address:
        stopping.mark(asking, AskingState.BOUNCED, "returned")
        return
    Asking.objects.filter(pk=asking.pk, state=AskingState.SENT).update(
        state=AskingState.WAITING, sent_at=None, is_over=False, tries=asking.tries + 1,
        trouble=status, due_at=timezone.now() + SOFT_WAIT,
    )  # fmt: skip
