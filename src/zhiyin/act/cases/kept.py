"""Cases 工单 as they are kept: found, listed, counted, told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.db.models import Case as When
from django.db.models import Count, F, Q, QuerySet
from django.db.models import When as Where

from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import rules as case_rules
from zhiyin.act.cases import statuses
from zhiyin.act.cases.models import OVER, Case, CaseStep, Severity, Status
from zhiyin.kernel import clock, masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.kernel.text import Text, _
from zhiyin.measure import branches

Sort = Literal["due", "newest", "severity"]
Own = frozenset[str] | None
"""The units whose cases a reader sees; None: of the whole company. See `branches.own_units`."""

SORTS: Mapping[str, Text] = {
    "due": _("first due first"),
    "newest": _("newest first"),
    "severity": _("most severe first"),
}
DUES: Mapping[str, Text] = {
    "overdue": _("overdue"),
    "today": _("due today"),
    "week": _("due within 7 days"),
}
NOBODY = "–"
"""Who owns what has no owner."""
OPEN, ALL = "open", "all"
TOLD, WROTE, NOTED = "told", "wrote", "noted"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which cases; what is blank asks nothing.

    Args:
        status: a key of `statuses.STATUSES`; `OPEN`: those that are not over.
        owner: login; `NOBODY`: nobody has it.
        reason: key of a reason.
        due: a key of `DUES`.
        text: in the title, in notes and messages; or a number.
    """

    status: str = ""
    owner: str = ""
    touchpoint: str = ""
    reason: str = ""
    due: str = ""
    text: str = ""
    sort: Sort = "due"


def of(workspace: str, own: Own = None) -> QuerySet[Case]:
    """The cases of a workspace that a reader sees."""
    found = Case.objects.filter(workspace__slug=workspace).select_related("workspace", "owner")
    return found if own is None else found.filter(unit__in=own)


def get(workspace: str, number: int, own: Own = None) -> Case:
    """The case of this number.

    Raises:
        Problem: ``cases.none``: there is none, or it is not the reader's to see.
    """
    found = of(workspace, own).filter(number=number).first()
    if found is None:
        raise none_such(number)
    return found


def none_such(number: int) -> Problem:
    """That there is no case of this number."""
    return Problem(
        "cases.none",
        _("There is no case {number}.", number=number),
        _("`zhiyin case list` shows those that there are."),
    )


def open_of(workspace: str, kind: str, key: str) -> Case | None:
    """The case about this subject that is not over; None where there is none."""
    found = Case.objects.filter(workspace__slug=workspace, kind=kind, key=key)
    return found.exclude(status__in=OVER).select_related("workspace", "owner").first()


def by_subject(
    workspace: str, kind: str, keys: Collection[str], own: Own = None
) -> dict[str, Case]:
    """The newest case about each of these subjects, by its key; open ones before those over."""
    found = of(workspace, own).filter(kind=kind, key__in=list(keys)).order_by("number")
    known: dict[str, Case] = {}
    for case in found:
        held = known.get(case.key)
        if held is None or held.is_over or not case.is_over:
            known[case.key] = case
    return known


def chosen(settings: Settings, asked: Chosen, own: Own = None) -> QuerySet[Case]:
    """The cases that pass, in the order asked for.

    Raises:
        Problem: ``cases.status``, ``cases.due``.
    """
    found = of(settings.slug, own)
    if asked.status == OPEN:
        found = found.exclude(status__in=OVER)
    elif asked.status and asked.status != ALL:
        found = found.filter(status=statuses.known(asked.status))
    if asked.owner == NOBODY:
        found = found.filter(owner__isnull=True)
    elif asked.owner:
        found = found.filter(owner__login=asked.owner)
    if asked.touchpoint:
        found = found.filter(touchpoint=asked.touchpoint)
    if asked.reason:
        found = found.filter(reason=asked.reason)
    if asked.due:
        found = found.filter(is_due(settings, asked.due))
    if text := asked.text.strip():
        said = CaseStep.objects.filter(case__workspace__slug=settings.slug, says__icontains=text)
        holds = Q(title__icontains=text) | Q(pk__in=said.values("case_id"))
        if text.isascii() and text.isdecimal() and len(text) <= 9:
            holds |= Q(number=int(text))
        found = found.filter(holds)
    return found.order_by(*_order(asked.sort))


def is_due(settings: Settings, due: str) -> Q:
    """That a case is open, its clock runs, and it falls due so soon, or has fallen due.

    Raises:
        Problem: ``cases.due``.
    """
    runs = ~Q(status__in=[*OVER, Status.WAITING])
    now = clock.now()
    if due == "overdue":
        return runs & Q(due_at__lt=now.replace(tzinfo=UTC))
    if due not in DUES:
        raise Problem(
            "cases.due",
            _("Cases know no {text}.", text=due[:40]),
            _("Use one of: {known}.", known=", ".join(DUES)),
        )
    days = 1 if due == "today" else 7
    until = day_start(local_day(now, settings.timezone) + timedelta(days=days), settings.timezone)
    return runs & Q(due_at__lt=until.replace(tzinfo=UTC))


def is_overdue(case: Case, at: datetime | None = None) -> bool:
    """Whether it should be done by now; while it waits for the customer its clock stands still."""
    runs = not case.is_over and case.status != Status.WAITING
    return runs and naive(case.due_at) < (at or clock.now())


def naive(moment: datetime) -> datetime:
    """A stored instant as the rest of the product has it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each tab."""

    mine: int
    overdue: int
    new: int
    open: int
    all: int


def counts(settings: Settings, person: Person | None, own: Own = None) -> Counts:
    """How many cases there are that a reader sees, by what the tabs show."""
    is_open = ~Q(status__in=OVER)
    mine = Q(owner=person) if person else Q(pk__in=[])
    told = of(settings.slug, own).aggregate(
        mine=Count("pk", filter=is_open & mine),
        overdue=Count("pk", filter=is_due(settings, "overdue")),
        new=Count("pk", filter=Q(status=Status.NEW)),
        open=Count("pk", filter=is_open),
        all=Count("pk"),
    )
    return Counts(**told)


def mine_open(workspace: str, person: Person, own: Own = None) -> int:
    """How many open cases somebody has: what stands beside the word in every page's menu."""
    held = Case.objects.filter(workspace__slug=workspace, owner=person).exclude(status__in=OVER)
    return (held if own is None else held.filter(unit__in=own)).count()


def own_of(scope: Any) -> Own:
    """The units whose cases are seen in a scope."""
    return branches.own_units(scope)


def steps(case: Case) -> list[CaseStep]:
    """What was done to a case and said about it, the oldest first."""
    return list(case.steps.order_by("pk"))


def touchpoints(workspace: str, own: Own = None) -> list[str]:
    """The touchpoints that cases are about, by name."""
    found = of(workspace, own).exclude(touchpoint="").order_by("touchpoint")
    return list(found.values_list("touchpoint", flat=True).distinct())


def owners(workspace: str, own: Own = None) -> list[Person]:
    """Everybody who has, or had to the end, a case that a reader sees; by login."""
    found = of(workspace, own).filter(owner__isnull=False)
    return list(Person.objects.filter(pk__in=found.values("owner")).order_by("login"))


def as_dict(case: Case, *, sees_it: bool = True) -> dict[str, Any]:
    """A case in a list, as the command line and the API write it.

    Args:
        sees_it: whether what people wrote is told whole; else personal data in it is masked.
    """
    return {
        "number": case.number,
        "kind": case.kind,
        "key": case.key,
        "title": case.title if sees_it else masking.in_text(case.title),
        "status": case.status,
        "is_open": not case.is_over,
        "severity": case.severity,
        "owner": case.owner.login if case.owner else None,
        "unit": case.unit or None,
        "touchpoint": case.touchpoint or None,
        "reason": case.reason or None,
        "opened_by": case.opened_by,
        "opened_at": case.opened_at.isoformat(),
        "due_at": None if case.status == Status.WAITING else case.due_at.isoformat(),
        "is_overdue": is_overdue(case),
        "first_response_at": _written(case.first_response_at),
        "closed_at": _written(case.closed_at),
        "version": case.version,
    }


def step_as_dict(one: CaseStep, *, sees_it: bool = True) -> dict[str, Any]:
    """An entry of its history, as the command line and the API write it."""
    hidden = {name: _hidden(held, sees_it=sees_it) for name, held in _held(one)}
    return {"what": one.what, **hidden, "by": one.by, "at": one.at.isoformat()}


def names_of(logins: Iterable[str]) -> dict[str, str]:
    """What people are called, by login."""
    return {one.login: str(one) for one in Person.objects.filter(login__in=set(logins))}


def reasons(workspace: str) -> dict[str, str]:
    """Every reason in words, those that are retired too, by key."""
    return {one.key: str(one) for one in case_rules.of(workspace).reasons}


def _held(one: CaseStep) -> tuple[tuple[str, Any], ...]:
    return ("before", one.before), ("after", one.after), ("says", one.says)


def _hidden(value: Any, *, sees_it: bool) -> Any:
    if sees_it:
        return value
    if isinstance(value, dict):
        return {
            name: _hidden(one, sees_it=name not in ("title", "says")) for name, one in value.items()
        }
    return masking.in_text(value) if isinstance(value, str) else value


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _order(sort: str) -> tuple[Any, ...]:
    if sort == "newest":
        return ("-number",)
    # What waits has no time that runs, and what is over none at all.
    place = When(
        Where(status__in=OVER, then=2), Where(status=Status.WAITING, then=1), default=0
    )  # fmt: skip
    if sort == "severity":
        weight = When(
            Where(severity=Severity.HIGH, then=0), Where(severity=Severity.LOW, then=2), default=1
        )
        return place, weight, F("due_at").asc(), "-number"
    return place, F("due_at").asc(), "-number"
