"""The pages of cases 工单: what their addresses ask, and what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.paginator import Page as Part
from django.core.paginator import Paginator

from zhiyin.accounts.access import Access
from zhiyin.accounts.models import Mail, Membership, Person
from zhiyin.accounts.rights import Right
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import actions, contact, figures, kept, letters, rules, statuses
from zhiyin.act.cases.kept import ALL, NOBODY, OPEN, Chosen, Counts, Sort
from zhiyin.act.cases.models import Case, CaseStep, Status, SubjectKind
from zhiyin.act.subjects import Shown
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.listen import subjects as aspects
from zhiyin.listen.searching import Heard, Piece, pieces_of
from zhiyin.listen.words import POLARITIES
from zhiyin.reports import verbatims
from zhiyin.warehouse.log import Log, Reader
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu
from zhiyin.web.paged import Paged

ROWS = 50
FIELDS = ("tab", "status", "owner", "touchpoint", "reason", "due", "q", "sort")

TABS: Mapping[str, Text] = {
    "mine": _("Mine"),
    "overdue": _("Overdue"),
    "new": _("New cases"),
    "all": _("All"),
}
BY_TAB: Mapping[str, str] = {"mine": OPEN, "new": Status.NEW.value}
"""The status that a tab asks for where the menu asks for none."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case as it is listed.

    Args:
        words: of the customer, where it is about hers and the reader sees them; else blank.
    """

    case: Case
    is_overdue: bool
    words: str = ""
    reason: str = ""

    @property
    def status(self) -> str:
        """In words."""
        return str(statuses.STATUSES[self.case.status])

    @property
    def severity(self) -> str:
        """In words."""
        return str(statuses.SEVERITIES[self.case.severity])

    @property
    def kind(self) -> str:
        """In words."""
        return str(statuses.KINDS[self.case.kind])

    @property
    def is_waiting(self) -> bool:
        """Whether its clock stands still."""
        return self.case.status == Status.WAITING


@dataclass(frozen=True, slots=True)
class Page(Paged):
    """A list of cases. With a `problem` there are menus and no list."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    counts: Counts
    rows: tuple[Row, ...] = ()
    part: Part[Any] | None = None
    problem: Problem | None = None

    @property
    def tabs(self) -> list[tuple[str, str, int, bool]]:
        """Each tab: what it is called in an address and in words, how many there are, whether it
        is shown."""
        return [
            (name, str(words), getattr(self.counts, name), name == self.given["tab"])
            for name, words in TABS.items()
        ]

    @property
    def is_asked(self) -> bool:
        """Whether anything beside the tab narrows the list."""
        return any(value for name, value in self.given.items() if name not in ("tab", "sort"))


def listed(log: Log, access: Access, query: Mapping[str, str]) -> Page:
    """The cases that the address asks for; a mistake in it is shown in their place."""
    settings, own = access.workspace, kept.own_of(access.scope)
    given = _given(access, query)
    counted = kept.counts(settings, access.person, own)
    page = Page(given, _menus(settings, given, own), counted)
    try:
        personal.check_search(given["q"], sees_it=access.sees_personal_data)
        found = kept.chosen(settings, _chosen(access, given), own)
    except Problem as problem:
        return Page(page.given, page.menus, counted, problem=problem)
    part = Paginator(found, ROWS).get_page(query.get("page"))
    rows = rows_of(log, settings, list(part.object_list))
    return Page(page.given, page.menus, counted, tuple(rows), part)


def every_row(access: Access, query: Mapping[str, str]) -> list[Row]:
    """All cases that the address asks for, without words of customers.

    Raises:
        Problem: as `kept.chosen`; ``personal.search``.
    """
    given = _given(access, query)
    personal.check_search(given["q"], sees_it=access.sees_personal_data)
    own = kept.own_of(access.scope)
    found = kept.chosen(access.workspace, _chosen(access, given), own)
    reasons = kept.reasons(access.workspace.slug)
    return [
        Row(one, kept.is_overdue(one), reason=reasons.get(one.reason, one.reason)) for one in found
    ]


def rows_of(log: Log, settings: Settings, found: Sequence[Case]) -> list[Row]:
    """Cases with the words that they are about, as far as the log may be read."""
    said = tuple(int(one.key) for one in found if one.kind == SubjectKind.VERBATIM)
    known = verbatims.read(log, settings, said, Reader(is_merged=False))
    reasons = kept.reasons(settings.slug)

    def words(case: Case) -> str:
        quote = known.get(int(case.key)) if case.kind == SubjectKind.VERBATIM else None
        return quote.text if quote else ""

    return [
        Row(one, kept.is_overdue(one), words(one), reasons.get(one.reason, one.reason))
        for one in found
    ]


def _given(access: Access, query: Mapping[str, str]) -> dict[str, str]:
    given = {name: query.get(name, "").strip() for name in FIELDS}
    usual = "mine" if access.may(Right.WORK_CASES) else "all"
    given["tab"] = given["tab"] if given["tab"] in TABS else usual
    return given


def _chosen(access: Access, given: Mapping[str, str]) -> Chosen:
    tab = given["tab"]
    return Chosen(
        status=given["status"] or BY_TAB.get(tab, ""),
        owner=access.person.login if tab == "mine" else given["owner"],
        touchpoint=given["touchpoint"], reason=given["reason"],
        due="overdue" if tab == "overdue" else given["due"],
        text=given["q"], sort=sort_of(given["sort"]),
    )  # fmt: skip


def sort_of(text: str) -> Sort:
    """A key of `kept.SORTS`; what is none is by time."""
    return cast("Sort", text) if text in kept.SORTS else "due"


def _menus(
    settings: Settings, given: Mapping[str, str], own: kept.Own
) -> dict[str, tuple[Choice, ...]]:
    known = {one.login: str(one) for one in kept.owners(settings.slug, own)}
    places = kept.touchpoints(settings.slug, own)
    first = _("not closed") if given["tab"] == "mine" else _("any")
    return {
        "status": menu(given["status"], {"": first, ALL: _("every status"), **statuses.STATUSES}),
        "owner": menu(given["owner"], {"": _("anybody"), NOBODY: _("nobody"), **known}),
        "touchpoint": menu(
            given["touchpoint"], {"": _("every touchpoint")} | {one: one for one in places}
        ),
        "reason": menu(given["reason"], {"": _("any"), **kept.reasons(settings.slug)}),
        "due": menu(given["due"], {"": _("at any time"), **kept.DUES}),
        "sort": menu(given["sort"] or "due", {str(name): one for name, one in kept.SORTS.items()}),
    }


# One case


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done to a case, in words.

    Args:
        lines: per field its name, what it was and what it became.
        mail: what became of a letter to the customer; blank where there was none.
    """

    step: CaseStep
    who: str
    words: str
    lines: tuple[tuple[str, str, str], ...] = ()
    mail: str = ""


LABELS: Mapping[str, Text] = {
    "owner": _("Owner"),
    "status": _("How far it is"),
    "reason": _("Reason"),
    "severity": _("Severity"),
    "title": _("Title"),
}
DONE: Mapping[str, Text] = {
    "opened": _("opened the case"),
    "assigned": _("gave the case to somebody"),
    "moved": _("said how far it is"),
    "changed": _("changed the case"),
    "noted": _("wrote a note"),
}
WROTE: Mapping[str, Text] = {
    "email": _("wrote to the customer by e-mail"),
    "phone": _("told the customer by telephone"),
    "other": _("told the customer in another way"),
}


def history(case: Case) -> tuple[Entry, ...]:
    """What was done to a case and said about it, the oldest first."""
    steps = kept.steps(case)
    logins = {one.by for one in steps} | {
        held["owner"] for one in steps for held in (one.before, one.after)
        if held and held.get("owner")
    }  # fmt: skip
    known = kept.names_of(logins)
    reasons = kept.reasons(case.workspace.slug)
    sent = _letters(steps)
    return tuple(_entry(one, known, reasons, sent) for one in steps)


def _entry(
    one: CaseStep, known: Mapping[str, str], reasons: Mapping[str, str], sent: Mapping[int, Mail]
) -> Entry:
    before, after = one.before or {}, one.after or {}
    who = known.get(one.by, one.by)
    if one.what == kept.TOLD:
        return Entry(one, who, _told(after, known))
    if one.what == kept.WROTE:
        return Entry(one, who, str(WROTE[after["channel"]]), mail=_mailed(after, sent))
    lines: tuple[tuple[str, str, str], ...] = ()
    if one.what != "opened":
        lines = tuple(
            (str(LABELS[name]), _value(name, before.get(name), known, reasons),
             _value(name, value, known, reasons))
            for name, value in after.items() if name in LABELS
        )  # fmt: skip
    return Entry(one, who, str(DONE[one.what]), lines)


def _value(name: str, value: Any, known: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    if not value:
        return NOBODY
    words: Mapping[str, Mapping[str, object]] = {
        "owner": known, "reason": reasons, "status": statuses.STATUSES,
        "severity": statuses.SEVERITIES,
    }  # fmt: skip
    return str(words.get(name, {}).get(value, value))


def _told(after: Mapping[str, Any], known: Mapping[str, str]) -> str:
    why_not = letters.WHY_NOT.get(after.get("why_not", ""))
    to = known.get(after.get("to", ""), after.get("to", ""))
    if why_not is not None:
        return str(_("no letter to {who}: {why}", who=to, why=why_not))
    if after.get("why") == "overdue":
        return str(_("a letter to {who}: the case is overdue", who=to))
    return str(_("a letter to {who}: the case was given to her", who=to))


def _letters(steps: Sequence[CaseStep]) -> dict[int, Mail]:
    numbers = [one.after["mail"] for one in steps if one.after and "mail" in one.after]
    return Mail.objects.in_bulk(numbers) if numbers else {}


def _mailed(after: Mapping[str, Any], sent: Mapping[int, Mail]) -> str:
    """What became of a letter; of one that is forgotten nothing is said."""
    letter = sent.get(after.get("mail", 0))
    if letter is None:
        return ""
    if letter.sent_at:
        return str(_("sent"))
    return str(_("waits to be sent") if letter.next_try_at else _("could not be sent"))


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's words in pieces, and what each clause was read as."""

    heard: Heard
    pieces: tuple[Piece, ...]
    readings: tuple[str, ...]


def said(shown: Shown, settings: Settings, *, sees_it: bool) -> Said | None:
    """The words that a case is about, masked for whom they are not whole."""
    heard = shown.words
    if heard is None:
        return None
    names = aspects.named(settings.slug)
    readings = dict.fromkeys(
        f"{names.get(one.aspect, one.aspect)}: {POLARITIES.get(one.polarity, one.polarity)}"
        for one in heard.clauses
        if one.aspect
    )
    pieces = pieces_of(heard.text, heard.clauses, sees_it=sees_it)
    return Said(heard, tuple(pieces), tuple(readings))


@dataclass(frozen=True, slots=True)
class Ways:
    """What somebody may do to a case, and how its customer is reached."""

    steps: tuple[tuple[str, str], ...]
    reasons: tuple[rules.Reason, ...]
    members: tuple[Membership, ...]
    reach: contact.Reach
    why_no_letter: str
    address: str


def ways(log: Log, access: Access, case: Case) -> Ways:
    """What may be done to a case by whom it may be done."""
    settings = access.workspace
    reach = contact.reach(log, settings, case.customer)
    works = access.may(Right.WORK_CASES)
    return Ways(
        steps=tuple((one, str(MOVES[one])) for one in statuses.STEPS[case.status]),
        reasons=tuple(one for one in rules.of(settings.slug).reasons if not one.is_retired),
        members=tuple(actions.may_own(settings.slug, case.unit)) if works else (),
        reach=reach,
        why_no_letter=str(contact.WHY_NOT[reach.why_not]) if reach.why_not else "",
        address=personal.address(
            settings.slug, reach.key, reach.id_, sees_it=access.sees_personal_data
        )
        if reach.key is not None
        else "",
    )


MOVES: Mapping[str, Text] = {
    Status.NEW: _("Give it back: new"),
    Status.TAKEN: _("Work on it"),
    Status.WAITING: _("Wait for the customer"),
    Status.DONE: _("Close it: done"),
    Status.NOT_JUSTIFIED: _("Close it: not justified"),
}


# Figures and rules


@dataclass(frozen=True, slots=True)
class WaitRow:
    """A figure in words: the value with its interval, or why there is none."""

    label: str
    value: str
    more: str


def waits(settings: Settings, own: kept.Own) -> tuple[WaitRow, ...]:
    """How long until a first word and until the end, as the page of all cases says it."""
    found = figures.of(settings, own)
    named = ((_("First word to the customer"), found.first_response),
             (_("Closed"), found.close))  # fmt: skip
    return tuple(WaitRow(str(label), *_in_words(one, found.minimum)) for label, one in named)


def _in_words(one: figures.Wait, minimum: int) -> tuple[str, str]:
    if one.state == "too_few":
        return "–", str(_("not enough: {n} cases of the last {days} days, and {minimum} are needed",
                          n=one.n, days=figures.DAYS, minimum=minimum))  # fmt: skip
    if one.value is None:
        return "–", str(_("less than half of {n} cases have come so far", n=one.n))
    ends = f"[{_hours(one.low)}, {_hours(one.high)}]"
    return (
        str(_("{hours} h", hours=_hours(one.value))),
        str(_("95% CI {ends}, n = {n}, {ended} have come so far", ends=ends, n=one.n,
              ended=one.ended)),
    )  # fmt: skip


def _hours(value: float | None) -> str:
    return "…" if value is None else f"{value:,.1f}"


def people_of(access: Access) -> list[Person]:
    """To whom the cases of a list may be given, whatever their unit; refused one by one."""
    if not access.may(Right.WORK_CASES):
        return []
    return [one.person for one in actions.may_own(access.workspace.slug, "")]
