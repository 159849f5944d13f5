"""What a provider of SMS is asked to do, whoever it is; and which one this installation has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from zhiyin.collect.reaching.handing import Handed


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS.

    Args:
        to: E.164.
        signature, template: as they are registered with the provider.
        variables: of the template, in its order.
        text: the whole, for a provider that takes free text.
        named: what the provider says of it later; no key of a link.
    """

    to: str
    signature: str
    template: str
    variables: Mapping[str, str]
    text: str
    named: str


class Provider(Protocol):
    """Sends SMS."""

    def send(self, message: Message) -> Handed:
        """Hand one over.

        Raises:
            Unreachable: it takes nothing now, for whatever reason.
        """


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider is and who we are there, out of ``ZHIYIN_SMS_URL``.

    Args:
        kind: ``aliyun``, ``tencent`` or ``gateway``.
        is_plain: without TLS: for one on this machine.
    """

    kind: str
    key: str
    secret: str
    host: str
    options: Mapping[str, str]
    path: str = "/"
    is_plain: bool = False

    @property
    def address(self) -> str:
        """Scheme and host."""
        return f"{'http' if self.is_plain else 'https'}://{self.host}"


def place_of(url: str) -> Place | None:
    """``aliyun://KEY:SECRET@dysmsapi.aliyuncs.com``,
    ``tencent://ID:KEY@sms.tencentcloudapi.com?app=1400…&region=ap-guangzhou``, or
    ``gateway://:whsec_…@sms.example.com/path`` for a gateway of the company's own.

    Returns:
        None: none is set up.

    Raises:
        ValueError: it is none of these.
    """
    if not url:
        return None
    parts = urlsplit(url)
    kind, _plus, form = parts.scheme.partition("+")
    if kind not in {"aliyun", "tencent", "gateway"} or form not in {"", "http"} or not parts.netloc:
        message = "ZHIYIN_SMS_URL must begin with aliyun://, tencent:// or gateway://"
        raise ValueError(message)
    host = parts.netloc.rpartition("@")[2]
    return Place(
        kind,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        host,
        dict(parse_qsl(parts.query)),
        parts.path or "/",
        is_plain=form == "http",
    )
