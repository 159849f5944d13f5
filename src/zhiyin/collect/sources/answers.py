"""What answers of other systems mean, whatever was asked of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from zhiyin.collect.sources.source import Later
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.outbound import Reply
from zhiyin.kernel.text import _

_DECLARED = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SAID = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]+)", re.IGNORECASE)
_CHINESE = frozenset({"gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936"})


def check(reply: Reply) -> None:
    """Look whether an answer is one.

    Raises:
        Later: it is asked too often, or is busy.
        Problem: ``source.refused``, ``source.not-there``, ``source.answer``.
    """
    if reply.is_ok:
        return
    if reply.status in (429, 503):
        raise Later(
            _("The other system asks for a pause ({status}).", status=reply.status), _pause(reply)
        )
    if reply.status in (401, 403, 407):
        raise Problem(
            "source.refused",
            _("The other system does not let us in ({status}).", status=reply.status),
            _("Give the secret once more, or ask for the right to read there."),
        )
    if reply.status in (404, 410):
        raise Problem(
            "source.not-there",
            _("There is nothing at this address ({status}).", status=reply.status),
            _("Look at the address: it may have moved."),
        )
    raise Problem(
        "source.answer",
        _("The other system answers with an error ({status}).", status=reply.status),
        _("Look at the address and the settings; if they are right, it is asked again by itself."),
    )


def _pause(reply: Reply) -> float:
    said = reply.headers.get("retry-after", "").strip()
    if said.isdigit() and len(said) < 9:
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(
        0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    )


def charset(content_type: str, body: bytes = b"") -> str | None:
    """The encoding that is told, in the name that reads most; None where none is.

    Args:
        body: of XML, which tells its own.
    """
    told = _SAID.search(content_type)
    declared = _DECLARED.search(body[:200])
    name = declared[1].decode() if declared else told[1] if told else ""
    # What is called GB2312 holds characters of its successors.
    return "gb18030" if name.lower() in _CHINESE else name.lower() or None
