"""Slack: an incoming webhook takes blocks at an address that is the secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zhiyin.act.channels.message import Message, Place, Request, Verdict, cut, posted, whole
from zhiyin.act.channels.retries import wait_of
from zhiyin.kernel.outbound import Reply

MOST_OF_A_BLOCK = 2900
"""A block takes 3,000 signs."""

GONE = {b"no_service", b"no_team", b"channel_is_archived", b"channel_not_found", b"no_active_hooks"}


def request(message: Message, place: Place, _at: datetime) -> Request:
    """What the webhook is asked."""
    title, lines = whole(message, place.keyword)
    said = cut("\n".join(lines), MOST_OF_A_BLOCK)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(title, 140)}}
    ]
    if said:
        # Plain text: a customer's words are no markup, and mention nobody.
        blocks.append({"type": "section", "text": {"type": "plain_text", "text": said}})
    if message.link:
        link = f"<{_safe(message.link)}|{_safe(message.link_text)}>"
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return posted(place.address, {"text": _safe(title), "blocks": blocks})


def judged(reply: Reply) -> Verdict:
    """What its answer means: a word in plain text."""
    said = reply.body[:100].strip()
    told = f"{reply.status} {said.decode(errors='replace')}".strip()
    if reply.status == 200 and said == b"ok":
        return Verdict("sent", "ok")
    if reply.status == 429 or reply.status >= 500:
        return Verdict("later", told, wait_of(reply))
    return Verdict("gone" if reply.status == 410 or said in GONE else "failed", told)


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "¦")
