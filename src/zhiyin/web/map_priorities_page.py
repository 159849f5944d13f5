"""The page *What to do first* of a map: the quadrant, and the difficulties of each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.quadrant import Point, quadrant
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import kept, priorities
from zhiyin.maps.models import JourneyMap
from zhiyin.maps.priorities import Ranked, Worth
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log
from zhiyin.web import map_node_page, map_page, personal
from zhiyin.web.map_page import SIGNS
from zhiyin.web.menus import Choice

MOST_NAMED = 12
"""Places that are written into the quadrant."""


@dataclass(frozen=True, slots=True)
class Row:
    """One touchpoint of the table."""

    one: Ranked
    name: str
    parts: tuple[tuple[str, object, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of customers with what it brings in; its difficulties are asked for one by one.

    Args:
        map_query: of the address of the map's page of it.
    """

    key: str
    name: str
    worth: Worth
    map_query: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Args:
        picture: the quadrant.
        groups: the one that brings most for certain first.
        choices: the groups that there are.
        group_problem: why they are not there.
        currency: of what they bring.
    """

    map: map_page.Page
    choices: tuple[Choice, ...]
    currency: str
    rows: tuple[Row, ...] = ()
    picture: str = ""
    groups: tuple[Group, ...] = ()
    group_problem: Problem | None = None

    @property
    def problem(self) -> Problem | None:
        """Why there are no figures."""
        return self.map.problem

    @property
    def whose(self) -> str:
        """Whose figures the page shows, by name."""
        return next((one.label for one in self.map.menus["whose"] if one.is_chosen), "")

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form of the groups sends besides."""
        return parse_qsl(self.map.query)

    @property
    def query(self) -> str:
        """The query of the page's address, with the groups that are chosen."""
        chosen = [("group", one.value) for one in self.choices if one.is_chosen]
        return "&".join(part for part in (self.map.query, urlencode(chosen)) if part)


def build(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    query: Mapping[str, str],
    chosen: Sequence[str] = (),
    *,
    sees_it: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        chosen: keys of the groups that are asked for: ``persona:family``, or of a segment; of
            none, every persona.
    """
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=answers, now=now)
    rules = _rules(settings, sees_it=sees_it)
    asked = [key for key in dict.fromkeys(chosen) if key in rules] or [
        key for key in rules if key.startswith(map_page.PERSONA)
    ]
    choices = tuple(Choice(key, name, key in asked) for key, (name, _rule) in rules.items())
    found = Page(page, choices, settings.currency)
    if page.found is None or page.seen is None:
        return found
    names = dict(map_page.names_of(page.map))
    rows = tuple(
        Row(one, names[one.figures.node.id], map_node_page.parts_of(one.figures.convenience, names))
        for one in priorities.ranked(page.found)
    )
    points = [point for row in rows if (point := _point(row)) is not None]
    words = str(_("Touchpoints by necessity and convenience; the table has the figures"))
    drawn = quadrant(
        points, across=str(_("necessity, %")), up=str(_("convenience")), words=words
    ) if points else ""  # fmt: skip
    found = replace(found, rows=rows, picture=drawn)
    try:
        told = priorities.worths(log, settings, page.seen, {key: rules[key][1] for key in asked})
    except Problem as problem:
        return replace(found, group_problem=problem)
    groups = tuple(
        Group(one.key, rules[one.key][0], one,
              map_page.query_of(page.given, page.chosen, whose=one.key))
        for one in told
    )  # fmt: skip
    return replace(found, groups=groups)


def _rules(settings: Settings, *, sees_it: bool) -> dict[str, tuple[str, str]]:
    """The groups that may be chosen: name and rule by key; personas first."""
    found = {
        f"{map_page.PERSONA}{one.key}": (kept.called(one), one.customers)
        for one in kept.personas(settings.slug)
    }
    for one in segments.of(settings.slug):
        try:
            personal.check_segment(settings.slug, one.slug, sees_it=sees_it)
        except Problem:
            continue
        found[one.slug] = (one.name, one.slug)
    return found


def of_group(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    key: str,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    now: datetime | None = None,
) -> map_page.Page:
    """The page of the map of one group alone: what is asked otherwise stays.

    Raises:
        Problem: as the address of a map's page says.
    """
    asked = {**query, "whose": key}
    page = map_page.build(log, settings, held, asked, sees_it=sees_it, now=now)
    if page.problem is not None:
        raise page.problem
    return page


def _point(row: Row) -> Point | None:
    flow, easy = row.one.figures.traffic, row.one.figures.convenience
    if flow.necessity is None or easy is None:
        return None
    ends = [None if end is None else 100 * end for end in (flow.necessity_low, flow.necessity_high)]
    return Point(
        name=row.name,
        x=100 * flow.necessity,
        y=easy.value,
        x_low=ends[0],
        x_high=ends[1],
        y_low=easy.low,
        y_high=easy.high,
        tone=SIGNS[row.one.figures.tone],
        rank=row.one.place if row.one.place <= MOST_NAMED else 0,
    )
