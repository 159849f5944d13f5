"""Masking 脱敏: what is left of a value that says who somebody is; such values found in words.

A masked value is enough to tell two customers apart and too little to reach either. In what
customers wrote, telephone numbers, e-mail addresses, identity papers, cards, Chinese number
plates and most names of people are found and masked; the rest stays readable. Postal addresses have
no form and are not found.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from zhiyin.kernel import names

HIDDEN = "****"
LONG_NUMBER = 7
"""Digits from which on a number may be somebody's: a telephone, a paper, a member."""

Kind = Literal["mail", "telephone", "paper", "card", "plate", "name"]


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text, half-open, where something says who somebody is."""

    kind: Kind
    start: int
    end: int


# One value


def masked(text: str) -> str:
    """``138****2071``, ``a****@example.com``, ``林****``; a short text is hidden whole."""
    if "@" in text:
        name, _at, place = text.rpartition("@")
        return f"{name[: len(name) > 1]}{HIDDEN}@{place}"
    digits = re.sub(r"\D", "", text)
    # Of a shorter number, seven digits would be nearly all.
    if len(digits) >= 11 and re.fullmatch(r"\+?[\d\s().-]+", text):
        return f"{digits[:3]}{HIDDEN}{digits[-4:]}"
    if len(text) > 8:
        return f"{text[:2]}{HIDDEN}{text[-2:]}"
    return f"{text[:1]}{HIDDEN}" if len(text) > 1 else HIDDEN


def in_json(text: str | None) -> str:
    """A JSON text with every text and every long number in it masked; names of members stay."""
    if not text:
        return ""
    try:
        held = json.loads(text)
    except ValueError:
        return masked(text)
    return json.dumps(_in_value(held), ensure_ascii=False)


def _in_value(value: object) -> object:
    if isinstance(value, dict):
        return {name: _in_value(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_in_value(one) for one in value]
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, int | float) and len(re.sub(r"\D", "", str(value))) >= LONG_NUMBER:
        return masked(str(value))
    return value


# Words


def in_text(text: str) -> str:
    """What somebody wrote, with all that `find` finds masked."""
    parts, at = [], 0
    for one in find(text):
        parts += [text[at : one.start], masked(text[one.start : one.end])]
        at = one.end
    return "".join([*parts, text[at:]])


def find(text: str) -> list[Found]:
    """Where `text` holds personal data, from its start to its end; no two places overlap.

    Telephone numbers are mobiles of China, numbers with a country code or a leading zero, those
    written as 212-555-0134, and whatever is long enough after a word such as 电话 or *phone*;
    hot lines (400, 800) are nobody's. Chinese identity numbers must have a true date and check
    digit (GB 11643-1999), cards a true check digit (ISO/IEC 7812, Luhn) and the first digits of a
    card scheme: other long numbers are orders and stay. Papers of other kinds are found after
    their name: 护照, *passport*. Number plates are those of China (GA 36-2018), of new-energy cars,
    trailers, learners and the police, too; their letters are never I or O, and one digit they have.
    Of names see `kernel.names`.
    """
    plain = "".join(_plain(sign) for sign in text)
    places = [Found("mail", *match.span()) for match in _MAIL.finditer(plain)]
    places += [Found("paper", *match.span(1)) for match in _PAPER.finditer(plain)]
    places += [Found("plate", *match.span()) for match in _PLATE.finditer(plain)]
    places += _numbers(plain)
    places += [Found("name", *span) for span in names.find(text)]
    kept: list[Found] = []
    for one in sorted(places, key=lambda place: (place.start, -place.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            kept[-1] = Found(kept[-1].kind, kept[-1].start, one.end)
    return kept


def _plain(sign: str) -> str:
    """A full-width sign as its ASCII one; a sign for a sign, so that places stay."""
    narrow = unicodedata.normalize("NFKC", sign)
    return narrow if len(narrow) == 1 else sign


_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PAPER = re.compile(
    r"(?:护照|证件|身份证|通行证|passport|identity card|id card)[^0-9A-Za-z\n]{0,8}"
    r"(?:(?:no|number)\b[^0-9A-Za-z\n]{0,4})?([A-Za-z]{0,3}\d{5,17}[0-9A-Za-z]?)",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•・. -]?"
    r"(?=[A-HJ-NP-Z]*\d)(?:[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])|[A-HJ-NP-Z0-9]{4}[挂学警港澳])"
)
_TOLD = re.compile(
    r"(?:电话|手机|座机|号码|联系|致电|微信|QQ|\btel\b|phone|mobile|\bcell\b|\bcall|whatsapp)"
    r"[^0-9\n]{0,8}$",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\d+(?:[Xx](?![0-9A-Za-z]))?")
_BETWEEN = re.compile(r"[ .()\-\u2010-\u2013]{1,3}")
MOST_GROUPS = 6
"""A number is written in so many groups at most; this bounds what a text of digits costs."""

_BEFORE = 24
"""Signs before a number in which a word may say that it is a telephone."""


def _numbers(text: str) -> Iterator[Found]:
    """Numbers that are somebody's: of the groups that stand together, the longest run first."""
    groups = list(_GROUP.finditer(text))
    at = 0
    while at < len(groups):
        for end in range(_last_joined(text, groups, at), at, -1):
            run = groups[at:end]
            kind = _kind_of(text, run)
            if kind is not None:
                start = run[0].start() - (text[: run[0].start()][-1:] == "+")
                yield Found(kind, start, run[-1].end())
                at = end
                break
        else:
            at += 1


def _last_joined(text: str, groups: list[re.Match[str]], at: int) -> int:
    end = at + 1
    while (
        end < min(len(groups), at + MOST_GROUPS)
        and _BETWEEN.fullmatch(text, groups[end - 1].end(), groups[end].start())
        and groups[end - 1][0].isdecimal()
    ):
        end += 1
    return end


def _kind_of(text: str, run: list[re.Match[str]]) -> Kind | None:
    written = "".join(group[0] for group in run)
    if is_identity_number(written):
        return "paper"
    if not written.isdecimal():
        return None
    if is_card_number(written):
        return "card"
    return "telephone" if _is_telephone(text, written, run) else None


def _is_telephone(text: str, digits: str, run: list[re.Match[str]]) -> bool:
    sizes = tuple(len(group[0]) for group in run)
    if re.fullmatch(r"(?:00)?(?:86)?1[3-9]\d{9}", digits):
        return True
    if re.match(r"[48]00", digits) and len(digits) == 10:
        return False
    start = run[0].start()
    before = text[max(0, start - _BEFORE) : start]
    if before.rstrip("(").endswith("+") or (digits.startswith("00") and len(digits) > 10):
        return 8 <= len(digits.removeprefix("00")) <= 15
    if re.match(r"0[1-9]", digits) and len(digits) in (10, 11, 12):
        return sizes[0] >= 3 and len(run) <= 3
    if sizes in ((3, 3, 4), (1, 3, 3, 4)):
        return True
    is_date = sizes == (4, 2, 2) and digits[:2] in ("19", "20")
    return LONG_NUMBER <= len(digits) <= 15 and not is_date and bool(_TOLD.search(before))


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def is_identity_number(text: str) -> bool:
    """Whether it is an 18-digit Chinese identity number: its date and check digit are true."""
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", text, re.ASCII):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(sign) * weight for sign, weight in zip(text[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == text[17].upper()


def is_card_number(digits: str) -> bool:
    """Whether it is the number of a bank card: a scheme's first digits, and a true check digit."""
    if not re.fullmatch(r"(?:[3-6]|2[2-7])\d{11,18}", digits, re.ASCII) or len(digits) < 13:
        return False
    doubled = (sum(divmod(2 * int(sign), 10)) for sign in digits[-2::-2])
    return (sum(doubled) + sum(int(sign) for sign in digits[-1::-2])) % 10 == 0
