"""A distribution seen before anybody is asked: what it says, and one letter to oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhiyin.accounts import mail
from zhiyin.collect.models import Channel, Distribution
from zhiyin.collect.reaching import addresses, distributions, texts
from zhiyin.collect.reaching.handing import Unreachable
from zhiyin.collect.reaching.letters import Writer
from zhiyin.collect.reaching.smtp import Line
from zhiyin.collect.surveys import kept
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@dataclass(frozen=True, slots=True)
class Preview:
    """What is said in one language.

    Args:
        text: the plain part of a letter, or the message.
    """

    language: str
    subject: str
    text: str
    is_reminder: bool


def previews(held: Distribution, fields: Mapping[str, str]) -> list[Preview]:
    """What it says in each language, and in the reminder where that is otherwise."""
    survey = distributions.survey_of(held)
    found = []
    for code, words in texts.held(held.texts).items():
        if held.channel != Channel.EMAIL:
            known = texts.fields_of(survey, code, fields)
            said = words.body or " ".join(
                (f"【{words.signature}】{words.template}", *words.variables.values())
            )
            found.append(Preview(code, words.subject, texts.filled(said, known), False))
            continue
        writer = Writer.of(held, survey)
        link = kept.link(held.survey, {})
        for is_reminder in (False, True) if held.reminders else (False,):
            written = writer.written(code, fields, link, "", is_reminder=is_reminder)
            found.append(Preview(code, written.subject, written.plain, is_reminder))
    return found


def send_test(held: Distribution, *, to: str, language: str, fields: Mapping[str, str]) -> None:
    """Send the letter to somebody here. Its link asks nobody; it is no row anywhere.

    Raises:
        Problem: ``distribution.not-mail``, ``distribution.address``, ``distribution.no-mail``,
            ``distribution.not-sent``.
    """
    if held.channel != Channel.EMAIL:
        raise Problem(
            "distribution.not-mail",
            _("Only an e-mail can be tried out on oneself."),
            _("Look at what it says; then send it to a list with yourself alone."),
        )
    address = addresses.normal(Channel.EMAIL, to)
    if not address:
        raise Problem(
            "distribution.address",
            _("This can be no address of the channel {channel}.", channel=Channel.EMAIL),
            _("Write an e-mail address or a telephone number as letters and messages have it."),
        )
    if not mail.is_set_up():
        raise not_set_up()
    writer = Writer.of(held, distributions.survey_of(held))
    line = Line()
    try:
        handed = line.send(writer.test_letter(language, fields, address))
    except Unreachable as error:
        raise _not_sent(str(error)) from error
    finally:
        line.close()
    if handed.outcome != "sent":
        raise _not_sent(handed.trouble)


def not_set_up() -> Problem:
    """That no mail can be sent."""
    return Problem(
        "distribution.no-mail",
        _("This installation has no mail server to send through."),
        _("Set ZHIYIN_MAIL_URL and ZHIYIN_MAIL_FROM, and start the server again."),
    )


def _not_sent(trouble: str) -> Problem:
    return Problem(
        "distribution.not-sent",
        _("The mail server did not take the letter: {trouble}.", trouble=trouble),
        _("`zhiyin doctor` says whether the server can be reached."),
    )
