"""Every write to cases: one transaction, with history and audit entry; letters after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Max

from zhiyin.accounts import audit, mail, people
from zhiyin.accounts.access import Access, access_for, of_member
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import Membership, Person, Workspace
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import contact, hours, kept, letters, statuses
from zhiyin.act.cases import rules as case_rules
from zhiyin.act.cases.kept import NOTED, WROTE, Own
from zhiyin.act.cases.models import Case, CaseStep, Severity, Status
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _, in_language
from zhiyin.measure import branches
from zhiyin.warehouse.log import Log

LONGEST_TITLE, LONGEST_TEXT = 200, 4_000
MOST_AT_ONCE = 200

By = Literal["email", "phone", "other"]
CHANNELS: Mapping[str, Text] = {
    "email": _("by e-mail"),
    "phone": _("by telephone"),
    "other": _("in another way"),
}
"""How a customer was told something. By e-mail Zhiyin writes; the others are written down."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case is about.

    Args:
        kind: a key of `statuses.KINDS`.
        key: what it is called within its kind: the number of words in the log, ``map/number`` of
            a mark, the number of an alert.
        title: what the case is called until somebody calls it otherwise. No words of a customer:
            the page shows those where they lie, to whoever may read them.
        customer: the log's key, before merges; None: about nobody.
        unit: blank: of the whole company.
    """

    kind: str
    key: str
    title: str
    customer: int | None = None
    unit: str = ""
    touchpoint: str = ""
    severity: str = Severity.NORMAL.value


def open(
    *,
    by: Actor,
    workspace: Settings,
    subject: Subject,
    owner: Person | None = None,
    own: Own = None,
) -> tuple[Case, bool]:
    """Open a case about a subject, or find the one that is open.

    A page of an alert opens one by its *Take* button: a form that posts ``kind=alert`` and the
    alert's number as ``key`` to the address named ``take-case``. That view finds the subject by
    `zhiyin.act.subjects`, which knows alerts, words and marks, and calls this.

    Args:
        owner: who takes it; None: nobody yet, and it is new.
        own: the units whose cases whoever acts sees.

    Returns:
        The case, and whether it was opened now. A second *Take* finds the first.

    Raises:
        Problem: ``cases.kind``, ``cases.title``, ``cases.not-yours``, ``cases.owner``;
            ``cases.no-hours``.
    """
    statuses.known_kind(subject.kind)
    severity = statuses.known_severity(subject.severity)
    title = _title(subject.title)
    # Before the transaction: the calendar's holidays are slow where they are asked first.
    now = clock.now()
    rules = case_rules.of(workspace.slug)
    calendar = case_rules.hours_of(workspace, rules, now, now)
    due_at = hours.due(calendar, now, case_rules.time_for(rules, severity))
    with transaction.atomic():
        # Numbers follow one another: who opens next waits here.
        place = Workspace.objects.select_for_update().get(slug=workspace.slug)
        held = kept.open_of(workspace.slug, subject.kind, subject.key)
        if held is not None:
            _check_seen(held.unit, own)
            return held, False
        unit = _unit(subject.unit, own)
        _check_may_own(workspace.slug, owner, unit)
        number = (place.cases.aggregate(n=Max("number"))["n"] or 0) + 1
        case = Case.objects.create(
            workspace=place, number=number, kind=subject.kind, key=subject.key, title=title,
            customer=subject.customer, unit=unit, touchpoint=subject.touchpoint[:200],
            severity=severity, status=Status.TAKEN if owner else Status.NEW, owner=owner,
            opened_by=by.name, opened_at=_aware(now), due_at=_aware(due_at),
        )  # fmt: skip
        after = {
            "kind": case.kind, "key": case.key, "owner": _login(owner), "severity": severity,
        }  # fmt: skip
        _step(by, case, "opened", after={**after, "title": title})
        letters.named(case, by)
        _record(by, case, "case.opened", after=after)
    return case, True


@transaction.atomic
def assign(
    *,
    by: Actor,
    workspace: Settings,
    number: int,
    owner: Person | None,
    version: int | None = None,
    own: Own = None,
) -> Case:
    """Give a case to somebody, or back to nobody.

    Args:
        version: that was looked at: of two who change the same, the second is told; None changes
            whatever stands.

    Raises:
        Problem: ``cases.none``, ``cases.changed``, ``cases.owner``, ``cases.over``.
    """
    case = _locked(workspace.slug, number, own)
    _check_newest(case, version)
    if case.owner == owner:
        return case
    if case.is_over:
        raise Problem(
            "cases.over",
            _("Case {number} is closed.", number=number),
            _("Open it again first."),
        )
    _check_may_own(workspace.slug, owner, case.unit)
    before = {"owner": _login(case.owner), "status": case.status}
    case.owner = owner
    if case.status == Status.WAITING and owner is None:
        _run_on(workspace, case)
    if owner is None or case.status == Status.NEW:
        case.status = Status.TAKEN if owner else Status.NEW
    _save(case)
    after = {"owner": _login(owner), "status": case.status}
    _step(by, case, "assigned", *_differing(before, after))
    letters.named(case, by)
    _record(by, case, "case.assigned", *_differing(before, after))
    return case


@transaction.atomic
def move(
    *,
    by: Actor,
    workspace: Settings,
    number: int,
    status: str,
    reason: str = "",
    note: str = "",
    version: int | None = None,
    own: Own = None,
) -> Case:
    """Say how far a case is. Done needs a reason of the list; not justified needs a note.

    Whoever moves a case that nobody has, has it from then on.

    Raises:
        Problem: ``cases.none``, ``cases.changed``, ``cases.status``, ``cases.step``,
            ``cases.reason``, ``cases.note``.
    """
    case = _locked(workspace.slug, number, own)
    _check_newest(case, version)
    statuses.check(case.status, status)
    said = _text(note) if note.strip() else ""
    if status == Status.DONE:
        _check_reason(workspace.slug, reason)
    if status == Status.NOT_JUSTIFIED and not said:
        raise Problem(
            "cases.note",
            _("A case that is not justified says why."),
            _("Write a note."),
        )
    before = {"status": case.status, "reason": case.reason, "owner": _login(case.owner)}
    _turn(workspace, case, status)
    case.reason = reason if status == Status.DONE else ""
    if status == Status.NEW:
        case.owner = None
    elif case.owner is None and by.person is not None:
        case.owner = by.person
    _save(case)
    after = {"status": case.status, "reason": case.reason, "owner": _login(case.owner)}
    _step(by, case, "moved", *_differing(before, after), says=said)
    _record(by, case, "case.moved", *_differing(before, after))
    return case


@transaction.atomic
def note(*, by: Actor, workspace: Settings, number: int, text: str, own: Own = None) -> CaseStep:
    """Write something down that only people who work here read.

    Raises:
        Problem: ``cases.none``, ``cases.text``.
    """
    case = _locked(workspace.slug, number, own)
    done = _step(by, case, NOTED, says=_text(text))
    _record(by, case, "case.noted")
    return done


def write(
    *,
    by: Actor,
    workspace: Settings,
    number: int,
    text: str,
    channel: str,
    log: Log,
    own: Own = None,
) -> CaseStep:
    """Tell the customer something: by e-mail it is sent, else it is written down as said.

    Args:
        channel: a key of `CHANNELS`.
        log: as whoever acts may read it: whom she does not see she writes to nowhere.

    Raises:
        Problem: ``cases.none``, ``cases.text``, ``cases.channel``, ``cases.reach``.
    """
    said = _text(text)
    if channel not in CHANNELS:
        raise Problem(
            "cases.channel",
            _("Nobody is told something by {channel}.", channel=channel[:40] or "“”"),
            _("Use one of: {known}.", known=", ".join(CHANNELS)),
        )
    # Before the transaction: no write waits for the log.
    customer = kept.get(workspace.slug, number, own).customer
    reach = contact.reach(log, workspace, customer) if channel == "email" else None
    if reach is not None and reach.why_not:
        raise Problem(
            "cases.reach",
            contact.WHY_NOT[reach.why_not],
            _("Write down what you said by telephone, or in another way."),
        )
    with transaction.atomic():
        case = _locked(workspace.slug, number, own)
        after: dict[str, Any] = {"channel": channel}
        if reach is not None:
            with in_language(reach.language or workspace.language):
                subject = str(_("About what you told {company}", company=workspace.name))
            after["mail"] = mail.write(to=reach.email, subject=subject, body=said).pk
        done = _step(by, case, WROTE, after=after, says=said)
        if case.first_response_at is None:
            case.first_response_at = done.at
            _save(case)
        _record(by, case, "case.wrote", after={"channel": channel})
    return done


@transaction.atomic
def change(
    *,
    by: Actor,
    workspace: Settings,
    number: int,
    title: str | None = None,
    severity: str | None = None,
    version: int | None = None,
    own: Own = None,
) -> Case:
    """Call a case otherwise, or say that it matters more or less: it falls due by that.

    The time of another severity counts from when the case was opened; what it has waited for the
    customer is not taken off.

    Raises:
        Problem: ``cases.none``, ``cases.changed``, ``cases.title``, ``cases.severity``.
    """
    case = _locked(workspace.slug, number, own)
    _check_newest(case, version)
    before = {"title": case.title, "severity": case.severity}
    case.title = case.title if title is None else _title(title)
    if severity is not None and severity != case.severity:
        _weigh(workspace, case, statuses.known_severity(severity))
    after = {"title": case.title, "severity": case.severity}
    if after == before:
        return case
    _save(case)
    _step(by, case, "changed", *_differing(before, after))
    # No sentence that somebody wrote goes into the audit log: it may name a customer.
    _record(by, case, "case.changed", {"severity": before["severity"]}, {"severity": case.severity})
    return case


@dataclass(frozen=True, slots=True)
class Several:
    """What became of several cases: how many were given, and why the others were not."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, Problem], ...]


def assign_several(
    *,
    by: Actor,
    workspace: Settings,
    numbers: Sequence[int],
    owner: Person | None,
    own: Own = None,
) -> Several:
    """Give several cases to somebody, each by itself: one that is refused stops no other.

    Raises:
        Problem: ``cases.too-many``.
    """
    if len(numbers) > MOST_AT_ONCE:
        raise Problem(
            "cases.too-many",
            _("At most {most} cases are given at once.", most=MOST_AT_ONCE),
            _("Tick fewer."),
        )
    done: list[int] = []
    refused: list[tuple[int, Problem]] = []
    for number in dict.fromkeys(numbers):
        try:
            assign(by=by, workspace=workspace, number=number, owner=owner, own=own)
        except Problem as problem:
            refused.append((number, problem))
        else:
            done.append(number)
    return Several(tuple(done), tuple(refused))


def owner_of(workspace: str, login: str) -> Person | None:
    """Who is called so and works here; None where nobody is named.

    Raises:
        Problem: ``people.no-such-member``.
    """
    return people.member(workspace, login).person if login.strip() else None


def may_own(workspace: str, unit: str) -> list[Membership]:
    """Everybody to whom a case of this unit may be given, those of the unit itself first."""
    found = [
        one
        for one in people.members(workspace)
        if one.person.is_active and _can_own(of_member(one), unit)
    ]
    return sorted(found, key=lambda one: not (one.unit and one.unit.key == unit))


# What the writes share


def _turn(workspace: Settings, case: Case, status: str) -> None:
    """Another status, with what it does to the clock."""
    now = clock.now()
    was_over = case.is_over
    if case.status == Status.WAITING:
        _run_on(workspace, case)
    case.status = status
    if status == Status.WAITING:
        left = hours.between(_hours(workspace, case), now, kept.naive(case.due_at))
        case.seconds_left = int(left.total_seconds())
    if statuses.is_over(status):
        case.closed_at = _aware(now)
        case.first_response_at = case.first_response_at or case.closed_at
    elif was_over:
        # What is opened again has the whole time anew: the first was kept or missed.
        case.closed_at = None
        rules = case_rules.of(workspace.slug)
        calendar = case_rules.hours_of(workspace, rules, now, now)
        case.due_at = _aware(hours.due(calendar, now, case_rules.time_for(rules, case.severity)))


def _run_on(workspace: Settings, case: Case) -> None:
    """The clock goes on after waiting: what was left then is left now."""
    left = timedelta(seconds=case.seconds_left or 0)
    if left > timedelta():
        now = clock.now()
        case.due_at = _aware(hours.due(_hours(workspace, case), now, left))
    case.seconds_left = None


def _weigh(workspace: Settings, case: Case, severity: str) -> None:
    rules = case_rules.of(workspace.slug)
    more = case_rules.time_for(rules, severity) - case_rules.time_for(rules, case.severity)
    case.severity = severity
    if case.is_over:
        return
    if case.status == Status.WAITING:
        case.seconds_left = (case.seconds_left or 0) + int(more.total_seconds())
        return
    opened, due_at = kept.naive(case.opened_at), kept.naive(case.due_at)
    calendar = _hours(workspace, case)
    length = hours.between(calendar, opened, due_at) + more
    case.due_at = _aware(hours.due(calendar, opened, max(length, timedelta())))


def _hours(workspace: Settings, case: Case) -> hours.Hours:
    rules = case_rules.of(workspace.slug)
    return case_rules.hours_of(workspace, rules, kept.naive(case.opened_at), clock.now())


def _check_reason(workspace: str, reason: str) -> None:
    known = [one for one in case_rules.of(workspace).reasons if not one.is_retired]
    if reason not in {one.key for one in known}:
        raise Problem(
            "cases.reason",
            _("A case that is done says for which reason."),
            _("Choose one of: {known}.", known=", ".join(one.key for one in known)),
        )


def _check_may_own(workspace: str, owner: Person | None, unit: str) -> None:
    if owner is not None and not _can_own(access_for(owner, workspace), unit):
        raise Problem(
            "cases.owner",
            _("{login} may not work on this case.", login=owner.login),
            _("Choose somebody whose role works on cases, and who sees its unit."),
        )


def _can_own(access: Access | None, unit: str) -> bool:
    if access is None or not access.may(Right.WORK_CASES):
        return False
    return branches.is_hers(unit, branches.own_units(access.scope))


def _check_seen(unit: str, own: Own) -> None:
    if not branches.is_hers(unit, own):
        raise Problem(
            "cases.not-yours",
            _("Somebody else has a case about this, in a unit that you do not see."),
            _("Ask an administrator who has it."),
        )


def _unit(unit: str, own: Own) -> str:
    """The unit of a new case: who sees one unit alone opens none of the whole company."""
    if own is None or unit in own:
        return unit
    raise Problem(
        "cases.not-yours",
        _("This is of the whole company, and you answer for a part of it."),
        _("Ask an administrator to take it."),
    )


def _check_newest(case: Case, version: int | None) -> None:
    if version is not None and version != case.version:
        raise Problem(
            "cases.changed",
            _("Somebody has changed case {number} meanwhile.", number=case.number),
            _("Look at it as it stands now, and do it again if it is still needed."),
        )


def _title(text: str) -> str:
    found = " ".join(text.split())
    if not found or len(found) > LONGEST_TITLE or not found.isprintable():
        raise Problem(
            "cases.title",
            _("A case is called something of 1 to {most} characters.", most=LONGEST_TITLE),
            _("Write what it is about, in a line."),
        )
    return found


def _text(text: str) -> str:
    found = text.replace("\r\n", "\n").strip()
    if not found or len(found) > LONGEST_TEXT or "\0" in found:
        raise Problem(
            "cases.text",
            _("A note or message has 1 to {most} characters.", most=LONGEST_TEXT),
            _("Write something, or shorten it."),
        )
    return found


def _locked(workspace: str, number: int, own: Own) -> Case:
    """The case, which nobody else changes until the transaction ends."""
    found = kept.of(workspace, own).select_for_update(of=("self",)).filter(number=number).first()
    if found is None:
        raise kept.none_such(number)
    return found


def _save(case: Case) -> None:
    case.version += 1
    case.save()


def _step(
    by: Actor,
    case: Case,
    what: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    says: str = "",
) -> CaseStep:
    return CaseStep.objects.create(
        case=case, what=what, before=before, after=after, says=says, by=by.name,
        at=_aware(clock.now()),
    )  # fmt: skip


def _record(
    by: Actor,
    case: Case,
    action: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        by=by, action=action, subject=str(case.number), workspace=case.workspace.slug,
        before=before, after=after,
    )  # fmt: skip


def _differing(
    was: Mapping[str, Any], becomes: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [name for name in becomes if was[name] != becomes[name]]
    return {name: was[name] for name in names}, {name: becomes[name] for name in names}


def _login(person: Person | None) -> str:
    return person.login if person else ""


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
