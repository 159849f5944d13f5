"""What somebody wants a mark on a journey map to say, and what cannot be said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhiyin.accounts.models import Membership, Person, normal_login
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import JourneyMap, Pin, PinKind, PinStatus

LONGEST_TITLE, LONGEST_TEXT = 200, 4_000
MOST = 40
"""Contributors of a mark, and things that it rests on."""

_AUDITED = ("kind", "node", "status", "owner", "contributors", "due_on")
"""What the audit log keeps: no sentence that somebody wrote, which may name a customer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mark as somebody wants it.

    Args:
        node: id of the touchpoint.
        kind: a key of `pins.KINDS`.
        says: more than the title does.
        owner: login of who answers for it; blank: nobody does.
        contributors: logins of those who help, from whatever department.
    """

    node: str
    title: str
    kind: str = PinKind.PROBLEM.value
    says: str = ""
    status: str = PinStatus.OPEN.value
    owner: str = ""
    contributors: tuple[str, ...] = ()
    due_on: date | None = None


def wanted_of(pin: Pin) -> Wanted:
    """A mark as it stands."""
    return Wanted(
        node=pin.node,
        title=pin.title,
        kind=pin.kind,
        says=pin.says,
        status=pin.status,
        owner=pin.owner.login if pin.owner else "",
        contributors=tuple(sorted(one.login for one in pin.contributors.all())),
        due_on=pin.due_on,
    )


def checked(wanted: Wanted, map_: JourneyMap, was: Wanted | None) -> Wanted:
    """What is wanted in the form in which it is kept.

    Args:
        was: as it stood before; a touchpoint that was drawn then need not be drawn now.

    Raises:
        Problem: ``pins.title``, ``pins.text``, ``pins.kind``, ``pins.status``, ``pins.node``,
            ``pins.too-many``.
    """
    title = " ".join(wanted.title.split())
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise Problem(
            "pins.title",
            _("A mark needs a title of at most {most} characters.", most=LONGEST_TITLE),
            _("Say what happens there, or what should: the queue at the counter takes an hour."),
        )
    says = wanted.says.replace("\r\n", "\n").strip()
    if len(says) > LONGEST_TEXT:
        raise Problem(
            "pins.text",
            _("The text is longer than {most} characters.", most=LONGEST_TEXT),
            _("Shorten it, or put a part of it into a comment."),
        )
    contributors = tuple(sorted(set(map(normal_login, wanted.contributors)) - {""}))
    if len(contributors) > MOST:
        raise Problem(
            "pins.too-many",
            _("A mark has at most {most} of these.", most=MOST),
            _("Leave some out."),
        )
    node = wanted.node.strip()
    if not (was and was.node == node) and node not in touchpoints(map_):
        raise Problem(
            "pins.node",
            _("The map {key} has no touchpoint {node}.", key=map_.key, node=node[:40] or "“”"),
            _("Choose one that is drawn on it."),
        )
    return Wanted(
        node, title, pins.known_kind(wanted.kind), says, pins.known_status(wanted.status),
        normal_login(wanted.owner), contributors, wanted.due_on,
    )  # fmt: skip


def member(workspace: str, login: str, known: str = "") -> Person | None:
    """Somebody who works here; None where nobody is named.

    Args:
        known: who stood there before, and may have left.

    Raises:
        Problem: ``pins.member``.
    """
    if not login:
        return None
    normal = normal_login(login)
    if normal == known:
        return Person.objects.get(login=normal)
    held = Membership.objects.filter(
        workspace__slug=workspace, person__login=normal, person__is_active=True
    )
    found = held.select_related("person").first()
    if found is None:
        raise no_member(login)
    return found.person


def members(workspace: str, logins: Collection[str], known: Collection[str] = ()) -> list[Person]:
    """The same of several.

    Raises:
        Problem: ``pins.member``.
    """
    found = [member(workspace, one, one if one in known else "") for one in logins]
    return [one for one in found if one is not None]


def no_member(login: str) -> Problem:
    """That nobody of this login works here."""
    return Problem(
        "pins.member",
        _("{login} does not work in this workspace.", login=login[:80] or "“”"),
        _("Name somebody who does."),
    )


def plain(wanted: Wanted) -> dict[str, Any]:
    """What a mark says, as its history keeps it."""
    names = ("kind", "node", "title", "says", "status", "owner")
    return {
        **{name: getattr(wanted, name) for name in names},
        "contributors": list(wanted.contributors),
        "due_on": wanted.due_on.isoformat() if wanted.due_on else None,
    }


def audited(wanted: Wanted) -> dict[str, Any]:
    """The same, as the audit log keeps it."""
    return {name: value for name, value in plain(wanted).items() if name in _AUDITED}


def differing(
    was: Mapping[str, Any], becomes: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of what was and what becomes, what is not the same."""
    names = [name for name in becomes if was[name] != becomes[name]]
    return {name: was[name] for name in names}, {name: becomes[name] for name in names}
