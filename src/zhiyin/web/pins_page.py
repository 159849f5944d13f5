"""The pages of marks 问题点与改进建议: what their addresses ask, and what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.paginator import Page as Part
from django.core.paginator import Paginator

from zhiyin.accounts import people
from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.maps import kept, pin_letters, pins
from zhiyin.maps.audits import touchpoints
from zhiyin.maps.document import said
from zhiyin.maps.models import JourneyMap, Pin, PinEvent
from zhiyin.maps.pin_wanted import Wanted
from zhiyin.maps.pins import ALL, NOBODY, SORTS, Chosen, Sort
from zhiyin.web.menus import Choice, menu
from zhiyin.web.paged import Paged

ROWS = 50
FIELDS = ("status", "kind", "node", "owner", "overdue", "q", "sort")
MINE = ("whose", "status", "kind", "q", "sort")

WHOSE: Mapping[str, Text] = {
    "": _("mine"),
    "overdue": _("overdue, of everybody"),
    "all": _("of everybody"),
}
LABELS: Mapping[str, Text] = {
    "kind": _("Kind"),
    "node": _("Touchpoint"),
    "title": _("Title"),
    "says": _("What it says"),
    "status": _("How far it is"),
    "owner": _("Owner"),
    "contributors": _("Contributors"),
    "due_on": _("Due"),
}
"""What the fields of a mark are called."""

ADDED: Mapping[str, Text] = {
    "figure": _("added a figure"),
    "words": _("added a customer's words"),
    "link": _("added a link"),
}
REMOVED: Mapping[str, Text] = {
    "figure": _("removed a figure"),
    "words": _("removed a customer's words"),
    "link": _("removed a link"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A mark as it is listed.

    Args:
        touchpoint: what it is called; blank where it is not drawn any more.
        map_name: of the map that it is on.
    """

    pin: Pin
    touchpoint: str
    map_name: str
    is_overdue: bool
    is_over: bool

    @property
    def votes(self) -> int:
        """How many are for it."""
        return pins.counted(self.pin, "supporters")

    @property
    def kind(self) -> str:
        """In words."""
        return str(pins.KINDS[self.pin.kind])

    @property
    def status(self) -> str:
        """In words."""
        return str(pins.STATUSES[self.pin.status])


@dataclass(frozen=True, slots=True)
class Page(Paged):
    """A list of marks. With a `problem` there are menus and no list."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    rows: tuple[Row, ...] = ()
    part: Part[Any] | None = None
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the list."""
        return any(value for name, value in self.given.items() if name != "sort")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done to a mark, in words.

    Args:
        lines: per field its name, what it was and what it became.
    """

    event: PinEvent
    who: str
    words: str
    lines: tuple[tuple[str, str, str], ...] = ()


def of_map(settings: Settings, held: JourneyMap, query: Mapping[str, str]) -> Page:
    """The marks of a map that the address asks for; a mistake in it is shown in their place."""
    given = {name: query.get(name, "").strip() for name in FIELDS}
    names = touchpoints(held)
    menus = {
        **_menus(given),
        "node": menu(given["node"], {"": _("every touchpoint"), **names}),
        "owner": menu(given["owner"], _owners(settings.slug, held.key)),
    }
    return _listed(settings, _chosen(given), Page(given, menus), query, held.key)


def of_person(settings: Settings, person: Person, query: Mapping[str, str]) -> Page:
    """Over all maps: the marks that she owns or contributes to, or those that are overdue."""
    given = {name: query.get(name, "").strip() for name in MINE}
    given["whose"] = given["whose"] if given["whose"] in WHOSE else ""
    given["sort"] = given["sort"] or "due"
    menus = {**_menus(given), "whose": menu(given["whose"], {**WHOSE})}
    asked = Chosen(
        status=given["status"], kind=given["kind"], text=given["q"], sort=sort_of(given["sort"]),
        whose="" if given["whose"] else person.login, overdue=given["whose"] == "overdue",
    )  # fmt: skip
    return _listed(settings, asked, Page(given, menus), query)


def every_row(settings: Settings, held: JourneyMap, query: Mapping[str, str]) -> list[Row]:
    """All marks of a map that the address asks for.

    Raises:
        Problem: as `pins.chosen`.
    """
    given = {name: query.get(name, "").strip() for name in FIELDS}
    return rows_with_names(settings, list(pins.chosen(settings, _chosen(given), held.key)))


def rows_with_names(settings: Settings, found: Sequence[Pin]) -> list[Row]:
    """Marks with what their touchpoints and maps are called."""
    names = pins.names_of(found)
    maps = {pin.map.key: name_of(pin.map) for pin in found}
    today = pins.today(settings)
    return [_row(pin, names[pin.map.key], maps[pin.map.key], today) for pin in found]


def name_of(held: JourneyMap) -> str:
    """What a map is called."""
    return said(kept.shown(held)[1].name) or held.key


def of_node(settings: Settings, held: JourneyMap, node: str) -> list[Row]:
    """The marks of a touchpoint that are not over, most votes first."""
    found = pins.chosen(settings, Chosen(node=node), held.key)
    return rows_with_names(settings, list(found))


def sort_of(text: str) -> Sort:
    """A key of `pins.SORTS`; what is none is by votes."""
    return cast("Sort", text) if text in SORTS else "votes"


# One mark


def history(pin: Pin, names: Mapping[str, str]) -> tuple[Entry, ...]:
    """What was done to a mark, the newest first; comments stand in a list of their own."""
    events = [one for one in pins.history(pin) if one.what != pins.SAID]
    known = _people(one.by for one in events)
    return tuple(_entry(one, names, known) for one in reversed(events))


def comments(pin: Pin) -> tuple[Entry, ...]:
    """What people said about it, the oldest first."""
    events = [one for one in pins.history(pin) if one.what == pins.SAID]
    known = _people(one.by for one in events)
    return tuple(Entry(one, known.get(one.by, one.by), "") for one in events)


def _entry(one: PinEvent, names: Mapping[str, str], known: Mapping[str, str]) -> Entry:
    before, after = one.before or {}, one.after or {}
    words = ""
    lines: tuple[tuple[str, str, str], ...] = ()
    if one.what == "made":
        words = str(_("made it"))
    elif one.what == "voted":
        words = str(_("voted for it") if after.get("votes") else _("took the vote back"))
    elif one.what == "evidence":
        words = str((ADDED if after else REMOVED)[(after or before)["kind"]])
    elif one.what == pin_letters.TOLD:
        words = _told(after)
    else:
        words = str(_("changed it"))
        lines = tuple(
            (str(LABELS[name]), in_words(name, before.get(name), names),
             in_words(name, value, names))
            for name, value in after.items()
        )  # fmt: skip
    return Entry(one, known.get(one.by, one.by), words, lines)


def _told(after: Mapping[str, Any]) -> str:
    why_not = pin_letters.WHY_NOT.get(after.get("why_not", ""))
    to = after.get("to", "")
    if why_not is not None:
        return str(_("no letter to {who}: {why}", who=to, why=why_not))
    if after.get("why") == "due":
        return str(_("a letter to {who}: it is due", who=to))
    return str(_("a letter to {who}: named as owner", who=to))


def in_words(name: str, value: Any, names: Mapping[str, str]) -> str:
    """The value of a field as it is read."""
    if value in (None, "", []):
        return NOBODY
    if name == "kind":
        return str(pins.KINDS.get(value, value))
    if name == "status":
        return str(pins.STATUSES.get(value, value))
    if name == "node":
        return names.get(value, value)
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def differing(given: Wanted, stands: Wanted, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Of what stands, what somebody's form does not say: each field's name and its value."""
    return [
        (str(label), in_words(name, getattr(stands, name), names))
        for name, label in LABELS.items()
        if getattr(given, name) != getattr(stands, name)
    ]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may own a mark or contribute to it."""

    login: str
    name: str
    unit: str


def members(settings: Settings) -> list[Member]:
    """Everybody who works here, with the unit that is hers."""
    return [
        Member(one.person.login, str(one.person), one.unit.name if one.unit else "")
        for one in people.members(settings.slug)
        if one.person.is_active
    ]


def _chosen(given: Mapping[str, str]) -> Chosen:
    return Chosen(
        status=given["status"], kind=given["kind"], node=given["node"], owner=given["owner"],
        overdue=bool(given["overdue"]), text=given["q"], sort=sort_of(given["sort"]),
    )  # fmt: skip


def _listed(
    settings: Settings, asked: Chosen, page: Page, query: Mapping[str, str], key: str = ""
) -> Page:
    try:
        found = pins.chosen(settings, asked, key)
    except Problem as problem:
        return Page(page.given, page.menus, problem=problem)
    part = Paginator(found, ROWS).get_page(query.get("page"))
    rows = rows_with_names(settings, list(part.object_list))
    return Page(page.given, page.menus, tuple(rows), part)


def _row(pin: Pin, names: Mapping[str, str], map_name: str, today: date) -> Row:
    is_over = pin.status in pins.OVER
    is_overdue = bool(pin.due_on and not is_over and pin.due_on < today)
    return Row(pin, names.get(pin.node, ""), map_name, is_overdue, is_over)


def _menus(given: Mapping[str, str]) -> dict[str, tuple[Choice, ...]]:
    return {
        "status": menu(
            given["status"], {"": _("not over"), ALL: _("every status"), **pins.STATUSES}
        ),
        "kind": menu(given["kind"], {"": _("both kinds"), **pins.KINDS}),
        "sort": menu(given["sort"] or "votes", {str(name): words for name, words in SORTS.items()}),
    }


def _owners(workspace: str, key: str) -> dict[str, object]:
    known = {one.login: str(one) for one in pins.owners(workspace, key)}
    return {"": _("anybody"), NOBODY: _("nobody"), **known}


def _people(logins: Any) -> dict[str, str]:
    found = Person.objects.filter(login__in=set(logins))
    return {one.login: str(one) for one in found}
