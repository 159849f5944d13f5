"""What personal data the relational store holds. Erasure and export walk these declarations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holding:
    """One table, and what in it says something of a person.

    Args:
        model: label of the model, ``accounts.Person``.
        about: whose data it is: ``person`` (works here), or ``nobody``.
        fields: the fields that say something of them.
        why: what it is held for.
    """

    model: str
    about: str
    fields: tuple[str, ...]
    why: str


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "accounts.Person",
        "person",
        ("login", "name", "email", "language", "timezone", "password", "last_login"),
        "to sign in, and to show pages in the person's language and time",
    ),
    Holding("accounts.Membership", "person", ("person", "role"), "who works where, in what role"),
    Holding(
        "accounts.AuditEntry",
        "person",
        ("by", "by_person", "where", "subject", "before", "after"),
        "who did what, when and from where; kept as evidence",
    ),
    Holding("accounts.Workspace", "nobody", (), "settings of a workspace"),
    Holding("sessions.Session", "person", ("session_data",), "who is signed in, until it ends"),
    Holding("auth.Group", "nobody", (), "part of Django; unused"),
    Holding("auth.Permission", "nobody", (), "part of Django; unused"),
    Holding("contenttypes.ContentType", "nobody", (), "part of Django; names of models"),
)
