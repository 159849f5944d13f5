"""Which kinds of channels there are, how each is asked, and how often it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhiyin.act.channels import dingtalk, feishu, slack, webhooks, wecom
from zhiyin.act.channels.message import Message, Place, Request, Verdict
from zhiyin.kernel.outbound import Reply
from zhiyin.kernel.text import Text, _

KindKey = Literal["wecom", "dingtalk", "feishu", "slack", "webhook"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channels.

    Args:
        label: what people call it.
        help: where its address is found, and what the secret is.
        signs: whether a secret is needed (``must``), possible (``may``) or unknown (``none``).
        per_minute: so many requests a minute at most.
        gathers: whether several messages that wait become one: people read them, no program.
        request: what is sent, as a pure function of message, place and time.
        judged: what the answer means.
    """

    label: Text
    help: Text
    signs: Literal["must", "may", "none"]
    per_minute: int
    gathers: bool
    request: Callable[[Message, Place, datetime], Request]
    judged: Callable[[Reply], Verdict]


KINDS: Mapping[KindKey, Kind] = {
    "wecom": Kind(
        _("WeCom group robot"),
        _("In the group: Add group robot; copy the webhook's whole address. It is the secret."),
        "none",
        20,
        True,
        wecom.request,
        wecom.judged,
    ),
    "dingtalk": Kind(
        _("DingTalk group robot"),
        _("In the group: Robots, Custom; copy the address. With “signature” chosen, also the"
          " secret that begins with SEC; with “keyword”, the word."),
        "may",
        20,
        True,
        dingtalk.request,
        dingtalk.judged,
    ),
    "feishu": Kind(
        _("Feishu group robot"),
        _("In the group: Bots, Custom bot; copy the address. With signature verification, also the"
          " secret; with keywords, the word."),
        "may",
        60,
        True,
        feishu.request,
        feishu.judged,
    ),
    "slack": Kind(
        _("Slack"),
        _("Make an incoming webhook of a Slack app and copy its address. It is the secret."),
        "none",
        40,
        True,
        slack.request,
        slack.judged,
    ),
    "webhook": Kind(
        _("Webhook"),
        _("A service of your own that checks signatures as Standard Webhooks has them. Without a"
          " secret of yours (whsec_…) one is made, and shown once."),
        "must",
        600,
        False,
        webhooks.request,
        webhooks.judged,
    ),
}  # fmt: skip
