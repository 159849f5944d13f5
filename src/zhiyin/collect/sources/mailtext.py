"""What somebody wrote in a mail: her own words, without history and signature under them."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default as policy
from email.utils import parseaddr, parsedate_to_datetime

from zhiyin.collect.sources import answers, plain

_REPLY = re.compile(r"^\s*(?:(?:re|aw|fw|fwd|wg|回复|答复|转发)\s*[:：]\s*)+", re.IGNORECASE)
_HISTORY = re.compile(
    r"^(?:"
    r"-{2,}\s*(?:original message|forwarded message|(?:原始|转发的?|回复的原|原)邮件)\s*-{2,}"
    r"|_{20,}"
    r"|on .{4,200} wrote:"
    r"|(?:在|于)?\s*.{0,80}\d{4}.{4,120}(?:写道|来信)\s*[:：]"
    r"|.{0,60}(?:写道|来信)\s*[:：]"
    r")\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^\*?(?:from|发件人|寄件者|寄件人)\*?\s*[:：]\s*\S", re.IGNORECASE)
_HEADERS = re.compile(
    r"^\*?(?:sent|date|to|subject|cc|发送时间|发送日期|日期|时间|收件人|主题|抄送)\*?\s*[:：]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:--\s?|—{2,}|(?:发自|来自)我的.{1,40}|发自\s?.{0,20}(?:邮箱|手机|iPhone|iPad|Mail)"
    r"|sent from (?:my|mail for|outlook).{0,60}|get outlook for .{1,40})\s*$",
    re.IGNORECASE,
)
_AUTOMATIC = ("auto-generated", "auto-replied", "auto-notified")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail.

    Args:
        id: the header Message-ID; blank where it has none.
        at: when it was sent; None where it does not say.
        text: what its sender wrote.
        is_automatic: a program wrote it: out of office, not delivered.
    """

    id: str
    at: datetime | None
    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    is_automatic: bool


def read(raw: bytes) -> Mail:
    """A mail as it came. What is broken in it is left out, never fatal."""
    message = email.message_from_bytes(raw, policy=policy)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
    name, address = parseaddr(_header(message, "from"))
    subject = _header(message, "subject")
    kind = _header(message, "auto-submitted").lower()
    return Mail(
        id=_header(message, "message-id").strip("<> "),
        at=_sent(message),
        sender=address.strip().lower(),
        sender_name=name.strip(),
        to=parseaddr(_header(message, "to"))[1].strip().lower(),
        subject=subject,
        text=_said(subject, own_words(_body(message))),
        is_automatic=kind.startswith(_AUTOMATIC)
        or bool(_header(message, "x-autoreply"))
        or message.get_content_type() == "multipart/report",
    )


def own_words(body: str) -> str:
    """A body without what was quoted and the signature; where nothing else stands, all of it."""
    kept = plain.tidy("\n".join(_own_lines(body.splitlines())))
    return kept or plain.tidy(body)


def _own_lines(lines: list[str]) -> Iterator[str]:
    for number, whole in enumerate(lines):
        line = whole.strip()
        if _HISTORY.match(line) or _SIGNATURE.match(whole.rstrip("\r\n")):
            return
        if _HEADER.match(line) and any(
            _HEADERS.match(one.strip()) for one in lines[number + 1 :][:4]
        ):
            return
        # "On … wrote:" is broken into two lines by some programs.
        behind = lines[number + 1].strip() if number + 1 < len(lines) else ""
        if line.lower().startswith("on ") and _HISTORY.match(f"{line} {behind}"):
            return
        if not line.startswith(">"):
            yield line


def _said(subject: str, text: str) -> str:
    """The subject is a part of what was said, where it is not that of an answer."""
    if not subject or _REPLY.match(subject) or text.startswith(subject):
        return text or _REPLY.sub("", subject)
    return f"{subject}\n{text}".strip()


def _header(message: EmailMessage, name: str) -> str:
    try:
        said = message.get(name, "")
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        return ""  # the library falls over some broken headers
    return re.sub(r"\s+", " ", str(said).encode("utf-8", "replace").decode()).strip()


def _sent(message: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "date"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _body(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
    except (ValueError, LookupError, AttributeError, TypeError):
        part = None
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    said = _decoded(raw if isinstance(raw, bytes) else b"", str(part.get("content-type", "")))
    return plain.words(said) if part.get_content_type() == "text/html" else said


def _decoded(raw: bytes, content_type: str) -> str:
    told = answers.charset(content_type)
    for name in (told, "utf-8", "gb18030"):
        try:
            if name:
                return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8" if told in (None, "utf-8", "us-ascii") else "gb18030", "replace")
