"""What a provider of SMS tells us: that somebody answered TD 退订, or that an SMS did not arrive.

Providers sign nothing here, so the address that they are given has a secret in it, one for each
workspace.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from zhiyin.accounts.models import Workspace
from zhiyin.collect.models import AskingState, Channel, StopWhy
from zhiyin.collect.reaching import addresses, stopping
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.unify import identity_rules

STOPS = frozenset(
    {"td", "t", "n", "退订", "退訂", "取消", "拒收", "stop", "unsubscribe", "退", "不再接收"}
)
"""What a customer writes who wants no more, alone and whole."""

MOST = 1_000
"""Of one call."""

_AROUND = re.compile(r"[\s\W_]+")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a provider tells.

    Args:
        phone: who answered; blank: it is a report.
        named: the SMS that did not arrive.
    """

    phone: str = ""
    text: str = ""
    named: str = ""
    has_arrived: bool = True


def secret(workspace: str) -> str:
    """The secret part of the address that providers are given."""
    return addresses.hashed(addresses.key(settings.ZHIYIN_DATA), workspace, "hook", "sms")[:32]


def address(workspace: str) -> str:
    """Where providers tell of answers and reports."""
    base = settings.ZHIYIN_PUBLIC_URL.rstrip("/")
    return f"{base}/hooks/sms/{workspace}/{secret(workspace)}"


def workspace_of(slug: str, given: str) -> Workspace | None:
    """The workspace whose address it is; None: it is none of ours."""
    if not hmac.compare_digest(secret(slug).encode(), given.encode()):
        return None
    return Workspace.objects.filter(slug=slug).first()


def read(body: bytes) -> list[Told]:
    """What a body says: a list or one, in Alibaba Cloud's words or in Tencent Cloud's.

    Raises:
        Problem: ``hook.unreadable``.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable() from error
    listed = found if isinstance(found, list) else [found]
    if len(listed) > MOST or not all(isinstance(one, dict) for one in listed):
        raise _unreadable()
    return [told for one in listed for told in _one(one)]


def _one(said: Mapping[str, Any]) -> Iterator[Told]:
    def word(*names: str) -> str:
        return next((str(said[name]) for name in names if isinstance(said.get(name), str)), "")

    phone = word("phone_number", "mobile", "phone", "from")
    text = word("content", "text")
    nation = word("nationcode", "nation_code")
    if phone and nation and not phone.startswith("+"):
        phone = f"+{nation}{phone}"
    if text:
        yield Told(phone=phone, text=text)
        return
    named = word("out_id", "ext", "session_context", "id")
    success = said.get("success", word("report_status"))
    if named:
        yield Told(named=named, has_arrived=success in (True, "true", "SUCCESS"))


def heed(workspace: Workspace, told: list[Told]) -> dict[str, int]:
    """Stop whom they stop; returns how many stopped, and how many did not arrive."""
    counts = {"stopped": 0, "not_arrived": 0}
    country = identity_rules.rules_of(workspace.slug).country
    key = addresses.key(settings.ZHIYIN_DATA)
    for one in told:
        if one.phone and wants_no_more(one.text):
            normal = addresses.normal(Channel.SMS, one.phone, country=country)
            if not normal:
                continue
            hashed = addresses.hashed(key, workspace.slug, Channel.SMS, normal)
            with transaction.atomic():
                stopping.stop_address(workspace, Channel.SMS, hashed, why=StopWhy.TD)
            counts["stopped"] += 1
        elif one.named and not one.has_arrived:
            counts["not_arrived"] += _not_arrived(workspace, one.named)
    return counts


def wants_no_more(text: str) -> bool:
    """Whether an answer says so, alone and whole: *TD*, *td.*, *【退订】*."""
    return _AROUND.sub("", text).casefold() in STOPS


def _not_arrived(workspace: Workspace, named: str) -> int:
    asking = stopping.asking_of(named.partition("-")[0])
    if asking is None or asking.workspace != workspace or asking.state != AskingState.SENT:
        return 0
    stopping.mark(asking, AskingState.BOUNCED, "returned")
    return 1


def _unreadable() -> Problem:
    return Problem(
        "hook.unreadable",
        _("What the provider sent cannot be read."),
        _("It is JSON: one document, or a list of up to 1,000."),
    )
