"""Feishu and Lark 飞书: the robot of a group takes rich text, signed in the body.

The signature's key are the seconds, a line break and the secret, and what is signed is nothing.
DingTalk does it the other way round.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from zhiyin.act.channels import robots
from zhiyin.act.channels.message import Message, Place, Request, Verdict, cut, posted, whole
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.outbound import Reply

MOST_BYTES = 18_000
"""A request of more than 20,000 bytes is refused."""

TOO_MANY = {9499, 11232}
GONE = {19001}
"""The token is none, or not any more."""
BUSY = {19002, 11247}


def request(message: Message, place: Place, at: datetime) -> Request:
    """What the robot is asked.

    Args:
        at: now (UTC, naive): a clock that is an hour off is refused.
    """
    title, lines = whole(message, place.keyword)
    text = cut("\n".join(_silent(" ".join(line.split())) for line in lines), MOST_BYTES)
    content: list[list[dict[str, str]]] = [
        [{"tag": "text", "text": line}] for line in text.split("\n") if line
    ]
    if message.link:
        content.append([{"tag": "a", "text": message.link_text, "href": message.link}])
    document: dict[str, Any] = {
        "msg_type": "post",
        "content": {"post": {"zh_cn": {"title": cut(_silent(title), 200), "content": content}}},
    }
    if place.secret:
        stamp = str(microseconds(at) // 1_000_000)
        document = {"timestamp": stamp, "sign": signature(place.secret, stamp), **document}
    return posted(place.address, document)


def signature(secret: str, stamp: str) -> str:
    """Base64 of HMAC-SHA256 with ``{seconds}\\n{secret}`` as key over nothing."""
    signed = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()


def judged(reply: Reply) -> Verdict:
    """What its answer means. Older robots call the code otherwise."""
    names = ("code", "StatusCode")
    return robots.judged(reply, names, too_many=TOO_MANY, gone=GONE, later=BUSY)


def _silent(text: str) -> str:
    """A customer's words mention nobody: <at user_id="all"> would ring at everybody."""
    return text.replace("<", "＜").replace(">", "＞")
