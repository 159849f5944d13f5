"""Kinds of ids: the name spaces in which a customer is known."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

KNOWN = "customer"
"""Ids that the company gave: intake and imports use the same."""

ANONYMOUS = "anonymous"
"""Ids that a device made up. Every other kind names a known customer."""

NAMES: dict[str, Text] = {
    KNOWN: _("customer id"),
    ANONYMOUS: _("device id"),
    "email": _("e-mail"),
    "phone": _("telephone"),
}


def called(kind: str) -> str:
    """What people call a kind of id; a kind that a company made up is called as it is."""
    return str(NAMES.get(kind, kind))
