"""E-mails to customers: written for one of them, with a plain part, and a way to have no more.

The way is one click for mail programs too (RFC 8058): both headers stand in every letter, and
whoever signs letters (DKIM) must sign both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache
from html import escape

from django.conf import settings

from zhiyin.collect.models import Asking, Distribution
from zhiyin.collect.reaching import first_question, letter_ids, texts
from zhiyin.collect.reaching.first_question import FirstQuestion
from zhiyin.collect.reaching.texts import LINK, Texts, Words
from zhiyin.collect.surveys import kept
from zhiyin.collect.surveys.definition import Survey, said

POLICY = Compat32(linesep="\r\n", cte_type="7bit")

_FOOT = {
    "en": ("Asked by {company}.", "No more of these letters"),
    "zh-Hans": ("本邮件由{company}发送。", "不再接收此类邮件"),
    "zh-Hant": ("本郵件由{company}發送。", "不再接收此類郵件"),
}
_TEXT = "font:16px/1.55 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, ready to be handed over.

    Args:
        sender: of the envelope, to which it comes back.
    """

    sender: str
    to: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What a letter says, before it is packed."""

    subject: str
    plain: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the letters of one distribution.

    Args:
        survey: as customers see it now.
        asked_for: fields that its conditions name.
    """

    held: Distribution
    survey: Survey
    texts: Texts
    asked_for: frozenset[str]

    @classmethod
    def of(cls, held: Distribution, survey: Survey) -> Writer:
        """That of a distribution."""
        return cls(held, survey, texts.held(held.texts), texts.asked_for(survey))

    def letter(self, asking: Asking) -> Letter:
        """The letter, or the reminder, that comes next."""
        number = 0 if asking.sent_at is None else asking.reminders_sent + 1
        link = self.link(asking)
        named = letter_ids.of(asking.pk)
        stop = stop_address(named)
        written = self.written(asking.language, asking.fields, link, stop, is_reminder=number > 0)
        return Letter(
            envelope_sender(named),
            asking.address,
            self._packed(written, asking.address, f"{named}.{number}", stop),
        )

    def link(self, asking: Asking) -> str:
        """Her own way to the survey."""
        return kept.link(self.held.survey, self._brought(asking.fields), invitation=asking.token)

    def _brought(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in fields.items() if name in self.asked_for}

    def test_letter(self, language: str, fields: Mapping[str, str], to: str) -> Letter:
        """The letter as somebody here is to see it: its links ask nobody and stop nothing."""
        link = kept.link(self.held.survey, self._brought(fields))
        written = self.written(language, fields, link, "")
        return Letter(
            parseaddr(str(settings.DEFAULT_FROM_EMAIL))[1], to, self._packed(written, to, "", "")
        )

    def written(
        self,
        language: str,
        fields: Mapping[str, str],
        link: str,
        stop: str,
        *,
        is_reminder: bool = False,
    ) -> Written:
        """What a letter says.

        Args:
            stop: where she says that she wants no more; blank: nowhere.
        """
        code, words = texts.chosen(self.texts, language, self.survey)
        known = texts.fields_of(self.survey, code, fields)
        subject, body = _chosen(words, is_reminder)
        question = (
            first_question.of(self.survey, code, link, fields)
            if self.held.has_first_question
            else None
        )
        company = known["company"]
        foot = tuple(one.format(company=company) for one in _FOOT.get(code, _FOOT["en"]))
        said_here = texts.filled(body, known)
        if LINK not in said_here:
            said_here += f"\n\n{LINK}"
        return Written(
            " ".join(texts.filled(subject, known).split()),
            _plain(said_here, link, question, foot, stop),
            _html(
                said_here, link, words.button, question, foot, stop,
                colour=self.survey.colour, language=code,
            ),
            code,
        )  # fmt: skip

    def _packed(self, written: Written, to: str, named: str, stop: str) -> bytes:
        # The older of the library's two ways: the newer takes ten times as long a letter.
        made = MIMEMultipart("alternative", policy=POLICY)
        made["Subject"] = _encoded(written.subject)
        made["From"] = sender(
            said(self.survey.company, written.language, self.survey),
            parseaddr(str(settings.DEFAULT_FROM_EMAIL))[1],
        )
        made["To"] = to
        made["Date"] = formatdate(usegmt=True)
        made["Content-Language"] = written.language
        if named:
            made["Message-ID"] = f"<{named}@{host()}>"
            # Programs of absence need not answer, nor does anybody ask the desk for them.
            made["Auto-Submitted"] = "auto-generated"
        if stop:
            made["List-Unsubscribe"] = f"<{stop}>"
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made.attach(MIMEText(written.plain, "plain", "utf-8", policy=POLICY))
        made.attach(MIMEText(written.html, "html", "utf-8", policy=POLICY))
        return made.as_bytes()


def _encoded(text: str) -> str:
    """A header's text of one line, as it travels."""
    plain = " ".join(text.split())
    return plain if plain.isascii() else Header(plain, "utf-8").encode(linesep="\r\n")


def stop_address(named: str) -> str:
    """Where a letter's reader says that she wants no more."""
    return f"{settings.ZHIYIN_PUBLIC_URL.rstrip('/')}/stop/{named}"


def host() -> str:
    """The domain of our letters."""
    return parseaddr(str(settings.DEFAULT_FROM_EMAIL))[1].rpartition("@")[2] or "localhost"


def envelope_sender(named: str) -> str:
    """To which address a letter comes back that cannot be delivered: it says whose it was."""
    bounces = settings.ZHIYIN_MAIL_BOUNCES
    if not bounces:
        return parseaddr(str(settings.DEFAULT_FROM_EMAIL))[1]
    name, _at, domain = bounces.rpartition("@")
    return f"{name}+{named}@{domain}"


@lru_cache(maxsize=64)
def sender(company: str, address: str) -> str:
    """From whom a letter is: the company's name with the installation's address."""
    return formataddr((" ".join(company.split())[:100], address))


def _chosen(words: Words, is_reminder: bool) -> tuple[str, str]:
    if not is_reminder:
        return words.subject, words.body
    return words.reminder_subject or words.subject, words.reminder_body or words.body


def _plain(
    body: str, link: str, question: FirstQuestion | None, foot: tuple[str, ...], stop: str
) -> str:
    way = link
    if question:
        offers = "\n".join(f"{one.label}: {one.link}" for one in question.offers)
        ends = f"\n{question.low} – {question.high}" if question.low or question.high else ""
        way = f"{question.title}{ends}\n{offers}"
    end = f"{foot[0]}\n{foot[1]}: {stop}" if stop else foot[0]
    return f"{body.replace(LINK, way)}\n\n-- \n{end}\n"


def _html(
    body: str,
    link: str,
    button: str,
    question: FirstQuestion | None,
    foot: tuple[str, ...],
    stop: str,
    *,
    colour: str,
    language: str,
) -> str:
    way = _asked(question, colour) if question else _button(link, button, colour)
    paragraphs = [
        way
        if one.strip() == LINK
        else f"<p>{escape(one.strip()).replace(chr(10), '<br>').replace(LINK, _bare(link))}</p>"
        for one in re.split(r"\n\s*\n", body)
        if one.strip()
    ]
    end = escape(foot[0])
    if stop:
        end += f' <a href="{escape(stop)}" style="color:#555">{escape(foot[1])}</a>'
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body style="margin:0;padding:24px 16px;color:#1b1b1b;{_TEXT}">'
        f'<div style="max-width:560px;margin:0 auto">{"".join(paragraphs)}'
        f'<p style="font-size:13px;color:#555;border-top:1px solid #ddd;padding-top:12px">{end}'
        "</p></div></body></html>"
    )


def _bare(link: str) -> str:
    return f'<a href="{escape(link)}">{escape(link)}</a>'


def _button(link: str, label: str, colour: str) -> str:
    return (
        f'<p><a href="{escape(link)}" style="display:inline-block;padding:12px 22px;'
        f'border-radius:6px;background:{colour};color:#fff;text-decoration:none">'
        f"{escape(label)}</a></p>"
    )


def _asked(question: FirstQuestion, colour: str) -> str:
    style = (
        "display:inline-block;min-width:24px;padding:10px 6px;margin:0 4px 6px 0;"
        f"border:1px solid {colour};border-radius:6px;color:{colour};text-align:center;"
        "text-decoration:none"
    )
    tag = "span" if question.is_scale else "div"
    offers = "".join(
        f'<{tag}><a href="{escape(one.link)}" style="{style}">{escape(one.label)}</a></{tag}>'
        for one in question.offers
    )
    ends = ""
    if question.low or question.high:
        first, last = question.offers[0].label, question.offers[-1].label
        ends = (
            '<p style="font-size:13px;color:#555;margin-top:0">'
            f"{escape(first)} = {escape(question.low)} · {escape(last)} = {escape(question.high)}"
            "</p>"
        )
    return f"<p><strong>{escape(question.title)}</strong></p><div>{offers}</div>{ends}"
