"""The one place where a value that says who a customer is becomes words on a page.

Whoever may not see personal data sees it masked 脱敏: enough to tell two customers apart, too
little to reach either. Roles will decide who may; until they do, everybody who works in the
workspace does.
"""

from __future__ import annotations

import re

from django.http import HttpRequest

_HIDDEN = "****"
_PHONE = re.compile(r"\+?[\d\s().-]+")


def sees(request: HttpRequest) -> bool:
    """Whether whoever asks sees personal data."""
    return bool(getattr(request, "sees_personal_data", True))


def shown(value: object, *, sees_it: bool) -> str:
    """A name, id, telephone or address, whole or masked."""
    text = "" if value is None else str(value)
    if sees_it or not text:
        return text
    return masked(text)


def masked(text: str) -> str:
    """``138****2071``, ``a****@example.com``, ``林****``; a short text is hidden whole."""
    if "@" in text:
        name, _at, place = text.rpartition("@")
        return f"{name[:1]}{_HIDDEN}@{place}"
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 7 and _PHONE.fullmatch(text):
        return f"{digits[:3]}{_HIDDEN}{digits[-4:]}"
    if len(text) > 8:
        return f"{text[:2]}{_HIDDEN}{text[-2:]}"
    return f"{text[:1]}{_HIDDEN}" if len(text) > 1 else _HIDDEN
