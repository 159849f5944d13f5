"""Short messages for one person: an SMS, or what the company's app shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import distributions, letter_ids, texts
from zhiyin.collect.reaching.handing import Handed
from zhiyin.collect.reaching.hooks import Hook
from zhiyin.collect.reaching.letters import Writer
from zhiyin.collect.reaching.posting import Poster
from zhiyin.collect.reaching.sms.aliyun import Aliyun
from zhiyin.collect.reaching.sms.provider import Message, Place, Provider, place_of
from zhiyin.collect.reaching.sms.tencent import Tencent


def sms() -> Poster:
    """Sends SMS by the provider that is set up."""
    place = place_of(settings.ZHIYIN_SMS_URL)
    assert place is not None  # noqa: S101 - `carriers.usable` has looked
    provider = provider_at(place)
    return Poster(_Written(_message), provider.send)


def push() -> Poster:
    """Sends through the company's app."""
    hook = Hook(urlsplit(settings.ZHIYIN_PUSH_URL), settings.ZHIYIN_PUSH_SECRET)

    def posted(message: tuple[str, dict[str, Any]]) -> Handed:
        return hook.send(message[0], "survey.invitation", message[1])

    return Poster(_Written(_pushed), posted)


def provider_at(place: Place) -> Provider:
    """Who sends SMS there."""
    match place.kind:
        case "aliyun":
            return Aliyun(place)
        case "tencent":
            return Tencent(place)
    return Gateway(place)


class Gateway:
    """A service of the company's own, which sends SMS as it likes."""

    def __init__(self, place: Place) -> None:
        self._hook = Hook(urlsplit(f"{place.address}{place.path}"), place.secret)

    def send(self, message: Message) -> Handed:
        """Hand one over; the service counts the same message once."""
        said = {
            "to": message.to, "signature": message.signature, "template": message.template,
            "variables": dict(message.variables), "text": message.text,
        }  # fmt: skip
        return self._hook.send(message.named, "survey.sms", said)


class _Written:
    """Makes messages, with the texts of each distribution read once."""

    def __init__(self, made: Callable[[Writer, Asking, str], Any]) -> None:
        self._made = made
        self._writers: dict[int, Writer] = {}

    def __call__(self, asking: Asking) -> Any:
        held: Distribution = asking.distribution
        if held.pk not in self._writers:
            self._writers[held.pk] = Writer.of(held, distributions.survey_of(held))
        number = 0 if asking.sent_at is None else asking.reminders_sent + 1
        return self._made(self._writers[held.pk], asking, f"{letter_ids.of(asking.pk)}-{number}")


def _message(writer: Writer, asking: Asking, named: str) -> Message:
    link = writer.link(asking)
    code, words = texts.chosen(writer.texts, asking.language, writer.survey)
    # The end of a link is what a registered template may hold: its beginning is part of it.
    known = texts.fields_of(
        writer.survey, code, asking.fields, {"link": link, "code": link.partition("/s/")[2]}
    )
    text = texts.filled(words.body, known).replace(texts.LINK, link)
    return Message(
        asking.address,
        words.signature,
        words.template,
        {
            name: texts.filled(value, known).replace(texts.LINK, link)
            for name, value in words.variables.items()
        },
        text,
        named,
    )


def _pushed(writer: Writer, asking: Asking, named: str) -> tuple[str, dict[str, Any]]:
    link = writer.link(asking)
    code, words = texts.chosen(writer.texts, asking.language, writer.survey)
    known = texts.fields_of(writer.survey, code, asking.fields)
    is_reminder = asking.sent_at is not None
    title = (words.reminder_subject if is_reminder else "") or words.subject
    body = (words.reminder_body if is_reminder else "") or words.body
    return named, {
        "device": asking.address,
        "customer": asking.customer,
        "customer_kind": asking.customer_kind,
        "title": texts.filled(title, known),
        "text": texts.filled(body, known).replace(texts.LINK, link),
        "link": link,
        "language": code,
        "survey": writer.held.survey.key,
        "is_reminder": is_reminder,
    }
