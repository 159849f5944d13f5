"""E-mail addresses, telephone numbers and names in one form each, so that equal ones are equal.

Whole columns at a time: a workspace has millions. What cannot be read is null, and so is what
never names one person: the address of a role, a number of one digit repeated.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, TypeAlias

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = Any
"""An Arrow array or chunked array of text."""

compute: Any = pc

ROLES = (
    "abuse", "account", "accounts", "admin", "all", "billing", "booking", "bookings", "contact",
    "customerservice", "enquiries", "fapiao", "finance", "hello", "help", "helpdesk", "hr", "info",
    "invoice", "kefu", "mail", "marketing", "no-reply", "noreply", "none", "office", "order",
    "orders", "postmaster", "reception", "reservation", "reservations", "sales", "service",
    "support", "team", "test", "travel", "webmaster",
)  # fmt: skip
"""Names before the @ that are a desk's and never a person's."""

_ROLE = rf"^(?:{'|'.join(re.escape(role) for role in ROLES)})(?:\+[^@]*)?@"
_ADDRESS = r"^[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:.\"()]{2,}$"
_GMAIL = r"@(?:gmail|googlemail)\.com$"
_EXTENSION = r"(?i)(?:ext\.?|extension|x|#|;|,|转|分机).*$"
_CHINESE_MOBILE = r"^(?:\+86|0086|86)?(1[3-9][0-9]{9})$"
_ONE_DIGIT = r"(?:0{7}|1{7}|2{7}|3{7}|4{7}|5{7}|6{7}|7{7}|8{7}|9{7})$"


def emails(values: Column, *, gmail_dots: bool = False) -> Column:
    """Addresses in small letters and narrow signs; null where there is none, or a role's.

    Args:
        values: text.
        gmail_dots: take Gmail addresses that differ in dots or a +suffix for one.
    """
    found = compute.utf8_lower(_narrow(values))
    found = compute.replace_substring_regex(found, r"^mailto:|^<|>$", "")
    if gmail_dots:
        is_gmail = compute.match_substring_regex(found, _GMAIL)
        local = compute.replace_substring_regex(found, r"(?:\+.*)?@.*$", "")
        plain = compute.binary_join_element_wise(
            compute.replace_substring(local, ".", ""), "gmail.com", "@"
        )
        found = compute.if_else(is_gmail, plain, found)
    good = compute.and_(
        compute.match_substring_regex(found, _ADDRESS),
        compute.invert(compute.match_substring_regex(found, _ROLE)),
    )
    return _where(good, found)


def phones(values: Column, *, country: str) -> Column:
    """Telephone numbers as E.164; null where no number can be read.

    Args:
        values: text, in any national or international form, wide digits and extensions too.
        country: ISO 3166 code of the country of numbers that name none.
    """
    # A wrong number may still have the right form: what counts is that two are equal.
    plain = compute.replace_substring_regex(_narrow(values), _EXTENSION, "")
    plain = compute.replace_substring_regex(plain, r"[\s().\-·/]", "")
    mobile = compute.match_substring_regex(plain, _CHINESE_MOBILE)
    if country != "CN":
        mobile = compute.and_(mobile, compute.match_substring_regex(plain, r"^(?:\+|00)86"))
    e164 = compute.replace_substring_regex(plain, _CHINESE_MOBILE, r"+86\1")
    rest = _where(compute.invert(mobile), compute.replace_substring_regex(
        _narrow(values), _EXTENSION, ""))  # fmt: skip
    coded = _one(rest).dictionary_encode()
    read = pa.array(
        [None if v is None else _phone(v, country) for v in coded.dictionary.to_pylist()],
        pa.string(),
    )
    found = compute.if_else(mobile, e164, compute.take(read, coded.indices))
    empty = compute.match_substring_regex(found, _ONE_DIGIT)
    return _where(compute.invert(compute.fill_null(empty, True)), found)


@lru_cache(maxsize=65536)
def _phone(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def last_digits(values: Column, count: int = 7) -> Column:
    """The last digits of numbers: two that differ in them are not the same number."""
    plain = compute.replace_substring_regex(_narrow(values), _EXTENSION, "")
    plain = compute.replace_substring_regex(plain, r"[^0-9]", "")
    return compute.utf8_slice_codeunits(plain, start=-count)


def texts(values: Column) -> Column:
    """Any other value: small letters, narrow signs, no blanks around it; null where empty."""
    found = compute.utf8_lower(_narrow(values))
    return _where(compute.not_equal(found, ""), found)


def dates(values: Column) -> Column:
    """Dates as eight digits, however they are divided; null where there are not eight."""
    found = compute.replace_substring_regex(_narrow(values), r"[^0-9]", "")
    found = compute.utf8_slice_codeunits(found, start=0, stop=8)
    return _where(compute.equal(compute.utf8_length(found), 8), found)


def email(text: str, *, gmail_dots: bool = False) -> str | None:
    """One address; see `emails`."""
    found: str | None = emails(pa.array([text]), gmail_dots=gmail_dots)[0].as_py()
    return found


def phone(text: str, *, country: str) -> str | None:
    """One number; see `phones`."""
    found: str | None = phones(pa.array([text]), country=country)[0].as_py()
    return found


def name(text: str) -> tuple[str, ...]:
    """The parts of a name in small letters without signs, in order of the alphabet."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = "".join(c if c.isalnum() else " " for c in plain)
    titles = {"mr", "mrs", "ms", "miss", "dr", "prof", "先生", "女士", "小姐"}
    parts = [part.removesuffix("先生").removesuffix("女士") for part in plain.split()]
    return tuple(sorted(part for part in parts if part and part not in titles))


def names_agree(one: str, other: str) -> bool | None:
    """Whether two names may be one person's: all parts, or one letter off; None where unknown.

    An initial stands for its name. A shared family name alone does not agree.
    """
    a, b = name(one), name(other)
    if not a or not b:
        return None
    if a == b or _signs(one) == _signs(other):
        return True
    short, long = sorted((a, b), key=len)
    left = list(long)
    for part in short:
        fit = next((p for p in left if _fits(p, part)), None)
        if fit is None:
            return False
        left.remove(fit)
    # "Wei" alone may be anybody's first name.
    return len(short) > 1 or len(long) == 1


def _fits(one: str, other: str) -> bool:
    """The same part of a name, an initial for it, or one letter off."""
    shorter = min(len(one), len(other))
    if one == other:
        return True
    if shorter == 1 and one[0] == other[0]:
        return one.isascii() and other.isascii()
    return shorter > 3 and _is_one_off(one, other)


def _signs(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _is_one_off(a: str, b: str) -> bool:
    """One letter changed, added, lost, or two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return True
    if len(a) == len(b):
        swapped = a[:start] + a[start + 1 : start + 2] + a[start : start + 1] + a[start + 2 :]
        return a[start + 1 :] == b[start + 1 :] or swapped == b
    short, long = sorted((a, b), key=len)
    return short[start:] == long[start + 1 :]


def _narrow(values: Column) -> Column:
    return compute.utf8_trim_whitespace(compute.utf8_normalize(_one(values), form="NFKC"))


def _one(values: Column) -> Any:
    text = values.cast(pa.string())
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _where(condition: Column, values: Column) -> Column:
    return compute.if_else(condition, values, pa.scalar(None, pa.string()))
