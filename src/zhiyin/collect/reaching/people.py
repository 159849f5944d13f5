"""Lists of people who are to be asked, with where they are reached."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from zhiyin.collect.files.encodings import detect
from zhiyin.collect.models import Channel
from zhiyin.collect.surveys import inviting
from zhiyin.collect.surveys.inviting import Invited

ADDRESS: dict[str, tuple[str, ...]] = {
    Channel.EMAIL: ("email", "e-mail", "mail", "address"),
    Channel.SMS: ("phone", "mobile", "telephone", "address"),
    Channel.PUSH: ("device", "address"),
    Channel.LINK: ("address",),
}
"""Columns of a list that say where somebody is reached, by channel; the first that is there."""


class Person(Invited, frozen=True):
    """Somebody who is to be asked, and where.

    Args:
        address: of the distribution's channel, as it was written; blank: it is not known.
        language: of the letter; blank: the survey's own.
        unit: in the organisation tree.
        cause: the id of the event that asks for it; blank: a list does.
    """

    address: str = ""
    language: str = ""
    unit: str = ""
    cause: str = ""


def read(file: Path, *, channel: str, zone: str) -> list[Person]:
    """A list of people: as `inviting.read_people`, and with the columns of an address, `language`
    and `unit`.

    Raises:
        Problem: as `inviting.read_people`.
    """
    found = inviting.read_people(file, zone=zone)
    with file.open(encoding=detect(file), newline="") as lines:
        heads = [head.strip() for head in next(csv.reader(lines), [])]
    column = next((name for name in ADDRESS[channel] if name in heads), "")
    return [_person(one, column) for one in found]


def _person(one: Invited, column: str) -> Person:
    ours = {column, "language", "unit"}
    fields = {name: value for name, value in one.fields.items() if name not in ours}
    return Person(
        customer=one.customer,
        customer_kind=one.customer_kind,
        about_kind=one.about_kind,
        about_id=one.about_id,
        experienced_at=one.experienced_at,
        touchpoint=one.touchpoint,
        channel=one.channel,
        arm=one.arm,
        fields=fields,
        address=one.fields.get(column, "") if column else "",
        language=one.fields.get("language", ""),
        unit=one.fields.get("unit", ""),
    )


def named(people: Sequence[Person]) -> list[tuple[str, str]]:
    """Their ids with the name space of each."""
    return [(one.customer, one.customer_kind) for one in people]
