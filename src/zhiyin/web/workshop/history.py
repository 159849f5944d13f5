"""The history of a map: what was done to its draft and what was kept of it, the newest first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhiyin.kernel.text import Text, _
from zhiyin.maps import differing, kept, saying
from zhiyin.maps.document import RULES, Map
from zhiyin.maps.models import JourneyMap, MapVersion, Operation, Outcome
from zhiyin.web import personal
from zhiyin.web.workshop import page

ROWS = 50
"""Operations on a page."""
VERSIONS = 100
"""The newest that are listed."""

ENOUGH = (Outcome.DONE, Outcome.TAKEN)


@dataclass(frozen=True, slots=True)
class Row:
    """One operation as it is listed.

    Args:
        id_there: of the operation that would take it back, so that a form sent twice does it once.
    """

    number: int
    at: datetime
    by: str
    did: Text
    outcome: Text | None
    can_be_undone: bool
    id_there: str


@dataclass(frozen=True, slots=True)
class History:
    """One page of it.

    Args:
        older: number before which the next page begins; None: there are no more.
        person: whose operations alone are listed; blank: everybody's.
        people: who did anything to the draft, login and name.
    """

    held: JourneyMap
    number: int
    rows: tuple[Row, ...]
    older: int | None
    versions: tuple[MapVersion, ...]
    has_changes: bool
    person: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What one version has otherwise than another, in words.

    Args:
        before, after: numbers; None: the draft.
    """

    held: JourneyMap
    before: int | None
    after: int | None
    changes: tuple[Text, ...]
    numbers: tuple[int, ...]


def read(held: JourneyMap, *, before: int | None, person: str, sees_it: bool) -> History:
    """A page of the history.

    Args:
        before: only operations with smaller numbers; None: the newest.
        person: login; blank: everybody's.
    """
    map_ = kept.draft(held)
    wanted = Q() if before is None else Q(number__lt=before)
    if person:
        wanted &= Q(by=person)
    found = list(held.operations.filter(wanted).order_by("-number")[: ROWS + 1])
    rows = found[:ROWS]
    names = page.people(held.workspace.slug)
    who = held.operations.order_by("by").values_list("by", flat=True).distinct()
    return History(
        held,
        held.number,
        tuple(_row(one, map_, names, sees_it=sees_it) for one in rows),
        rows[-1].number if len(found) > ROWS else None,
        tuple(held.versions.order_by("-number")[:VERSIONS]),
        kept.has_changes(held),
        person,
        tuple((login, names.get(login, login)) for login in who),
    )


def differences(
    held: JourneyMap, before: int | None, after: int | None, *, sees_it: bool
) -> Differences:
    """Two versions compared; None stands for the draft.

    Raises:
        Problem: ``map.no-version``.
    """
    was, now = (_document(held, number) for number in (before, after))
    changes = []
    for one in differing.differences(was, now):
        hidden = one if sees_it else _hidden(one)
        changes.append(saying.change(hidden, was, now))
    numbers = held.versions.order_by("-number").values_list("number", flat=True)
    return Differences(held, before, after, tuple(changes), tuple(numbers))


def _document(held: JourneyMap, number: int | None) -> Map:
    return kept.draft(held) if number is None else kept.version(held, number)[1]


def _hidden(one: differing.Change) -> differing.Change:
    if one.field not in RULES:
        return one
    was, now = (personal.rule(value, sees_it=False) for value in (one.before, one.after))
    return differing.Change(one.did, one.part, one.target, one.name, one.field, was, now)


def _row(one: Operation, map_: Map, names: dict[str, str], *, sees_it: bool) -> Row:
    if not sees_it and one.field in RULES:
        one.value = personal.rule(str(one.value or ""), sees_it=False)
        one.before = personal.rule(str(one.before or ""), sees_it=False)
    return Row(
        one.number,
        one.at,
        names.get(one.by, one.by),
        saying.operation(one, map_),
        None if one.outcome == Outcome.DONE else saying.OUTCOMES[one.outcome],
        one.outcome in ENOUGH and one.does not in ("put", "settle"),
        secrets.token_hex(16),
    )


def said_of(number: int | None) -> Text:
    """A version, or the draft, as it is named."""
    return _("the draft") if number is None else _("version {number}", number=number)
