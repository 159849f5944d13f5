"""Addresses at which people are asked: in one form, and as a keyed hash where they are not kept."""

from __future__ import annotations

import hmac
import re
import secrets
from pathlib import Path

import phonenumbers

from zhiyin.collect.models import Channel
from zhiyin.kernel.keyfile import read_or_make

_EMAIL = re.compile(
    r"[^@\s,;:<>()\"\\\[\]]{1,64}@([^@\s,;:<>()\"\\\[\].]+\.)+[^@\s,;:<>()\".]{2,63}"
)
LONGEST = 254


def key(data: Path) -> bytes:
    """The installation's key for hashes of addresses, made when it is first needed."""
    return read_or_make(data / "keys" / "addresses", lambda: secrets.token_bytes(32))


def normal(channel: str, written: str, *, country: str = "CN") -> str:
    """An address as letters are sent to it; blank where it is none.

    Args:
        country: ISO 3166, of telephone numbers that name none.
    """
    text = written.strip().strip("<>").removeprefix("mailto:")
    match channel:
        case Channel.EMAIL:
            return _email(text)
        case Channel.SMS:
            return _phone(text, country)
    return text if len(text) <= LONGEST and text.isprintable() else ""


def hashed(secret: bytes, workspace: str, channel: str, address: str) -> str:
    """What stands for a normal address where the address itself is not kept."""
    said = f"{workspace}\0{channel}\0{address.casefold()}".encode()
    return hmac.digest(secret, said, "sha256").hex()


def _email(text: str) -> str:
    name, _at, domain = text.rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    # Few servers take other letters before the @.
    found = f"{name}@{host}" if name.isascii() else ""
    return found if len(found) <= LONGEST and _EMAIL.fullmatch(found) else ""


def _phone(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
