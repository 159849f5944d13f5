"""The page *What to do first* of a map: the quadrant, and the difficulties of each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.plane import Point, plane
from zhiyin.collect.definitions import hidden_names
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, language
from zhiyin.maps import kept, pins, priorities
from zhiyin.maps.models import JourneyMap, Persona
from zhiyin.maps.priorities import OfGroup, Ranked
from zhiyin.warehouse.log import Log
from zhiyin.web import map_node_page, map_page
from zhiyin.web.map_page import SIGNS, Hard

MOST_NAMED = 12
"""Places that are written into the quadrant."""


@dataclass(frozen=True, slots=True)
class Row:
    """One touchpoint of the table."""

    one: Ranked
    name: str
    parts: tuple[tuple[str, object, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; the groups are asked for one by one."""

    map: map_page.Page
    rows: tuple[Row, ...] = ()
    picture: str = ""
    personas: tuple[Persona, ...] = ()

    @property
    def problem(self) -> Problem | None:
        """Why there are no figures."""
        return self.map.problem


@dataclass(frozen=True, slots=True)
class GroupPage:
    """The difficulties of one group, with the map's page of it for their names."""

    group: OfGroup
    name: str
    hard: tuple[Hard, ...]


def build(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place."""
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=answers, now=now)
    personas = tuple(kept.personas(settings.slug))
    if page.found is None:
        return Page(page, personas=personas)
    names = dict(map_page.names_of(page.map))
    rows = tuple(
        Row(one, names[one.figures.node.id], map_node_page.parts_of(one.figures.convenience, names))
        for one in priorities.ranked(page.found)
    )
    points = [point for row in rows if (point := _point(row)) is not None]
    words = str(_("Touchpoints by necessity and convenience; the table has the figures"))
    picture = plane(
        points, across=str(_("necessity, %")), up=str(_("convenience")), words=words
    ) if points else ""  # fmt: skip
    return Page(page, rows, picture, personas)


def of_group(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    persona: Persona | None,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    now: datetime | None = None,
) -> GroupPage | None:
    """One group; None where the address asks nothing.

    Raises:
        Problem: its figures cannot be asked.
    """
    instant = now or clock.now()
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=False, now=instant)
    if page.seen is None:
        return None
    hidden = frozenset(hidden_names(settings.slug))
    group = priorities.of_group(
        log, settings, page.map, page.seen, persona, hidden=hidden, now=instant
    )
    drawn = map_page.drawn(page, group.figures, pins.open_by_node(held))
    return GroupPage(group, name_of(persona), drawn.hard)


def name_of(persona: Persona | None) -> str:
    """What a group is called."""
    if persona is None:
        return str(_("all customers"))
    return persona.name_zh if language() == "zh-hans" else persona.name_en


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
