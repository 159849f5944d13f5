"""WeCom 企业微信: the robot of a group takes Markdown at an address whose key is the secret."""

from __future__ import annotations

from datetime import datetime

from zhiyin.act.channels import robots
from zhiyin.act.channels.message import Message, Place, Request, Verdict, cut, posted, whole
from zhiyin.kernel.outbound import Reply

MOST_BYTES = 4096
"""Of the text; a longer one is refused whole."""

TOO_MANY = {45009, 45033}
GONE = {93000, 40096}
"""The key is none, or not any more."""
BUSY = {-1}


def request(message: Message, place: Place, _at: datetime) -> Request:
    """What the robot is asked."""
    title, lines = whole(message, place.keyword)
    link = f"\n\n[{_plain(message.link_text)}]({message.link})" if message.link else ""
    text = "\n".join([f"**{_plain(title)}**", *(f">{_plain(line)}" for line in lines)])
    text = cut(text, MOST_BYTES - len(link.encode())) + link
    return posted(place.address, {"msgtype": "markdown", "markdown": {"content": text}})


def judged(reply: Reply) -> Verdict:
    """What its answer means."""
    return robots.judged(reply, ("errcode",), too_many=TOO_MANY, gone=GONE, later=BUSY)


def _plain(text: str) -> str:
    """A customer's words are no Markdown, and mention nobody: <@all> would ring at everybody."""
    held = " ".join(text.split())
    for sign in "\\`*[]":
        held = held.replace(sign, f"\\{sign}")
    return held.replace("<", "＜").replace(">", "＞")
