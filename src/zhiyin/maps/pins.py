"""Marks on journey maps 问题点与改进建议 as they are kept: found, listed, told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel import clock, masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.models import Evidence, JourneyMap, Pin, PinEvent, PinKind, PinStatus, Vote

Sort = Literal["votes", "due", "newest"]

KINDS: Mapping[str, Text] = {
    PinKind.PROBLEM: _("problem"),
    PinKind.SUGGESTION: _("suggestion"),
}
STATUSES: Mapping[str, Text] = {
    PinStatus.OPEN: _("open"),
    PinStatus.PLANNED: _("planned"),
    PinStatus.DOING: _("being done"),
    PinStatus.DONE: _("done"),
    PinStatus.DECLINED: _("declined"),
}
SORTS: Mapping[Sort, Text] = {
    "votes": _("most votes first"),
    "due": _("first due first"),
    "newest": _("newest first"),
}
OVER = (PinStatus.DONE, PinStatus.DECLINED)
"""Nothing is left to be done."""
ALL = "all"
"""Of every status."""
NOBODY = "–"
"""Who owns what has no owner."""
SAID = "said"
"""What a comment is called in the history of a mark."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which marks.

    Args:
        status: a key of `STATUSES`; `ALL`; blank is those that are not over.
        kind: a key of `KINDS`; blank is both.
        node: id of a touchpoint.
        owner: login of who answers for it; `NOBODY`: nobody does.
        whose: login of somebody who owns it or contributes to it.
        overdue: only those that are not over, and whose day has passed.
        text: stands in the title or in what it says.
    """

    status: str = ""
    kind: str = ""
    node: str = ""
    owner: str = ""
    whose: str = ""
    overdue: bool = False
    text: str = ""
    sort: Sort = "votes"


def of(workspace: str, key: str = "") -> QuerySet[Pin]:
    """The marks of a workspace, or of one map, each with its number of `supporters`."""
    found = Pin.objects.filter(map__workspace__slug=workspace)
    if key:
        found = found.filter(map__key=key)
    told = found.annotate(
        supporters=_of_each(Vote.objects.all()),
        said=_of_each(PinEvent.objects.filter(what=SAID)),
        proofs=_of_each(Evidence.objects.all()),
    )
    return told.select_related("map__workspace", "owner").prefetch_related("contributors")


def get(workspace: str, key: str, number: int) -> Pin:
    """The mark of this number on a map.

    Raises:
        Problem: ``pins.none``.
    """
    found = of(workspace, key).filter(number=number).first()
    if found is None:
        raise none_such(key, number)
    return found


def none_such(key: str, number: int) -> Problem:
    """That the map has no mark of this number."""
    return Problem(
        "pins.none",
        _("The map {key} has no mark {number}.", key=key[:80], number=number),
        _("`zhiyin journey mark list` shows those that there are."),
    )


def chosen(settings: Settings, asked: Chosen, key: str = "") -> QuerySet[Pin]:
    """The marks that pass, in the order asked for.

    Raises:
        Problem: ``pins.status``, ``pins.kind``.
    """
    found = of(settings.slug, key).filter(_status(asked.status))
    if asked.kind:
        found = found.filter(kind=known_kind(asked.kind))
    if asked.node:
        found = found.filter(node=asked.node)
    if asked.owner:
        owner = None if asked.owner == NOBODY else asked.owner
        found = found.filter(Q(owner__isnull=True) if owner is None else Q(owner__login=owner))
    if asked.whose:
        # A join with contributors would count votes once for each of them.
        hers = Pin.contributors.through.objects.filter(person__login=asked.whose)
        found = found.filter(Q(owner__login=asked.whose) | Q(pk__in=hers.values("pin_id")))
    if asked.overdue:
        found = found.filter(is_overdue(today(settings)))
    if asked.text.strip():
        text = asked.text.strip()
        found = found.filter(Q(title__icontains=text) | Q(says__icontains=text))
    return found.order_by(*_order(asked.sort))


def is_overdue(day: date) -> Q:
    """That a mark is not over and that its day has passed."""
    return Q(due_on__lt=day) & ~Q(status__in=OVER)


def open_by_node(held: JourneyMap) -> dict[str, tuple[int, int]]:
    """By touchpoint, how many problems and how many suggestions are not over."""
    counted = (
        held.pins.exclude(status__in=OVER)
        .order_by()
        .values("node")
        .annotate(
            problems=Count("pk", filter=Q(kind=PinKind.PROBLEM)),
            suggestions=Count("pk", filter=Q(kind=PinKind.SUGGESTION)),
        )
    )
    return {row["node"]: (row["problems"], row["suggestions"]) for row in counted}


def today(settings: Settings) -> date:
    """The local day of now: what is due before it is overdue."""
    return local_day(clock.now(), settings.timezone)


def history(pin: Pin) -> list[PinEvent]:
    """What was done to a mark and said about it, the oldest first."""
    return list(pin.events.order_by("pk"))


def voters(pin: Pin) -> list[Person]:
    """Who is for it, in the order in which they voted."""
    return [vote.person for vote in pin.votes.select_related("person").order_by("pk")]


def owners(workspace: str, key: str = "") -> list[Person]:
    """Everybody who owns a mark, by login."""
    found = Pin.objects.filter(map__workspace__slug=workspace, owner__isnull=False)
    if key:
        found = found.filter(map__key=key)
    return list(Person.objects.filter(pk__in=found.values("owner")).order_by("login"))


def may_progress(pin: Pin, person: Person | None, *, writes: bool) -> bool:
    """Whether she says how far it is: whoever writes marks, its owner, and who contributes."""
    if writes or person is None:
        return writes
    return pin.owner_id == person.pk or pin.contributors.filter(pk=person.pk).exists()


def counted(pin: Pin, name: Literal["supporters", "said", "proofs"]) -> int:
    """What `of` has counted beside a mark."""
    count: int = vars(pin)[name]
    return count


def names_of(held: Iterable[Pin]) -> dict[str, Mapping[str, str]]:
    """By map, what its touchpoints are called."""
    return {one.key: touchpoints(one) for one in {pin.map for pin in held}}


def as_dict(
    pin: Pin, settings: Settings, names: Mapping[str, str], *, sees_it: bool = True
) -> dict[str, Any]:
    """A mark in a list, as the command line and the API write it.

    Args:
        names: of the map's touchpoints, by id.
        sees_it: whether what people wrote is told whole; else personal data in it is masked.
    """
    is_over = pin.status in OVER
    return {
        "map": pin.map.key,
        "number": pin.number,
        "kind": pin.kind,
        "title": _written(pin.title, sees_it=sees_it),
        "says": _written(pin.says, sees_it=sees_it),
        "status": pin.status,
        "is_open": not is_over,
        "node": pin.node,
        "touchpoint": names.get(pin.node),
        "owner": pin.owner.login if pin.owner else None,
        "contributors": [one.login for one in pin.contributors.all()],
        "due_on": pin.due_on,
        "is_overdue": bool(pin.due_on and not is_over and pin.due_on < today(settings)),
        "votes": counted(pin, "supporters"),
        "comments": counted(pin, "said"),
        "evidence": counted(pin, "proofs"),
        "revision": pin.revision,
        "made_by": pin.made_by,
        "made_at": pin.made_at.isoformat(),
        "changed_at": pin.changed_at.isoformat(),
    }


def event_as_dict(one: PinEvent, *, sees_it: bool = True) -> dict[str, Any]:
    """An entry of its history, as the command line and the API write it."""
    return {
        "what": one.what,
        "before": _written(one.before, sees_it=sees_it),
        "after": _written(one.after, sees_it=sees_it),
        "says": _written(one.says, sees_it=sees_it),
        "by": one.by,
        "at": one.at.isoformat(),
    }


def _written(value: Any, *, sees_it: bool) -> Any:
    """What people wrote: whole, or with the personal data in it masked."""
    if sees_it:
        return value
    if isinstance(value, dict):
        return {name: _written(one, sees_it=False) for name, one in value.items()}
    return masking.in_text(value) if isinstance(value, str) else value


def known_kind(text: str) -> str:
    """A kind of marks.

    Raises:
        Problem: ``pins.kind``.
    """
    if text in KINDS:
        return text
    raise Problem(
        "pins.kind",
        _("There is no kind of marks {kind}.", kind=text[:40] or "“”"),
        _("Use one of: {known}.", known=", ".join(map(str, KINDS))),
    )


def known_status(text: str) -> str:
    """A status of marks.

    Raises:
        Problem: ``pins.status``.
    """
    if text in STATUSES:
        return text
    raise Problem(
        "pins.status",
        _("No mark has the status {status}.", status=text[:40] or "“”"),
        _("Use one of: {known}.", known=", ".join(map(str, STATUSES))),
    )


def _of_each(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows a mark has; joins would multiply them with one another."""
    mine = rows.filter(pin=OuterRef("pk")).order_by().values("pin")
    return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)


def _status(text: str) -> Q:
    if not text:
        return ~Q(status__in=OVER)
    return Q() if text == ALL else Q(status=known_status(text))


def _order(sort: Sort) -> tuple[Any, ...]:
    if sort == "due":
        return F("due_on").asc(nulls_last=True), "-supporters", "-pk"
    return ("-pk",) if sort == "newest" else ("-supporters", "-pk")
