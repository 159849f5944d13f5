"""DingTalk 钉钉: the robot of a group takes Markdown, signed in the address.

The signature's key is the secret, and what is signed are the milliseconds, a line break and the
secret. Feishu does it the other way round.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from zhiyin.act.channels import robots
from zhiyin.act.channels.message import (
    Message,
    Place,
    Request,
    Verdict,
    cut,
    posted,
    whole,
    with_query,
)
from zhiyin.kernel.clock import microseconds
from zhiyin.kernel.outbound import Reply

MOST_BYTES = 18_000
"""A request of more than 20,000 bytes is refused."""

TOO_MANY = {130101, 410100, 660026}
GONE = {300001, 300005}
"""The token is none, or not any more."""
BUSY = {-1}


def request(message: Message, place: Place, at: datetime) -> Request:
    """What the robot is asked.

    Args:
        at: now (UTC, naive): a clock that is an hour off is refused.
    """
    title, lines = whole(message, place.keyword)
    link = f"\n\n[{_plain(message.link_text)}]({message.link})" if message.link else ""
    text = "\n\n".join([f"### {_plain(title)}", *(_plain(line) for line in lines)])
    document = {
        "msgtype": "markdown",
        "markdown": {"title": cut(_silent(title), 200), "text": cut(text, MOST_BYTES) + link},
    }
    url = place.address
    if place.secret:
        stamp = str(microseconds(at) // 1000)
        url = with_query(url, {"timestamp": stamp, "sign": signature(place.secret, stamp)})
    return posted(url, document)


def signature(secret: str, stamp: str) -> str:
    """Base64 of HMAC-SHA256 with the secret as key over ``{milliseconds}\\n{secret}``."""
    signed = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()


def judged(reply: Reply) -> Verdict:
    """What its answer means."""
    return robots.judged(reply, ("errcode",), too_many=TOO_MANY, gone=GONE, later=BUSY)


def _plain(text: str) -> str:
    """A customer's words are no Markdown; and @ and a number would ring at somebody."""
    held = " ".join(text.split())
    for sign in "\\`*_[]#":
        held = held.replace(sign, f"\\{sign}")
    return _silent(held)


def _silent(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞").replace("@", "＠")
