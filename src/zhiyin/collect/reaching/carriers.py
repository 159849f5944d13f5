"""Which ways of delivering this installation has, and who delivers each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.conf import settings

from zhiyin.accounts import mail
from zhiyin.collect.models import Asking, Channel
from zhiyin.collect.reaching import messages
from zhiyin.collect.reaching.handing import Carrier, Handed
from zhiyin.collect.reaching.smtp import Mailer


class HandedOn:
    """Links that somebody else hands on: they are given out as a file."""

    def write(self, asking: Asking) -> None:
        """There is nothing to write."""

    def hand(
        self, messages: Sequence[tuple[Asking, None]], done: Callable[[Asking, Handed], None]
    ) -> None:
        """There is nothing to do but to say so."""
        for one, _nothing in messages:
            done(one, Handed("sent"))

    def close(self) -> None:
        """Nothing was opened."""


def usable() -> set[str]:
    """The channels by which this installation can ask now."""
    found: set[str] = {Channel.LINK}
    if mail.is_set_up():
        found.add(Channel.EMAIL)
    if settings.ZHIYIN_SMS_URL:
        found.add(Channel.SMS)
    if settings.ZHIYIN_PUSH_URL:
        found.add(Channel.PUSH)
    return found


def of(channel: str) -> Carrier:
    """Who delivers by a channel that is `usable`."""
    match channel:
        case Channel.EMAIL:
            return Mailer()
        case Channel.SMS:
            return messages.sms()
        case Channel.PUSH:
            return messages.push()
    return HandedOn()
