"""The page *Compare* of a map: two sides of it, touchpoint by touchpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.markup import Tone
from zhiyin.charts.strings import Estimate, string
from zhiyin.collect.definitions import hidden_names
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.maps import kept
from zhiyin.maps.beside import Beside, NodeBeside, beside
from zhiyin.maps.document import Map, said
from zhiyin.maps.models import JourneyMap
from zhiyin.maps.pairs import Pair
from zhiyin.maps.sides import Side
from zhiyin.measure import overview
from zhiyin.measure.asking import IS, MISSING
from zhiyin.warehouse.log import Log
from zhiyin.web import map_page
from zhiyin.web.map_page import SIGNS
from zhiyin.web.menus import Choice, menu
from zhiyin.web.workshop import history

MOST_OVER_COLUMN = 14
"""Characters that a name over a narrow column has at most."""
OTHER = "other."
"""``other.whose=persona:family`` is of the other side; what it does not say is as on this one."""
FIELDS = ("whose", "period", "version")
ELSE = "!"
"""Of the other side: all customers but those of this one. No segment can be called so."""
ALL = "*"
"""Of a column: every value, where this side has one."""
WIDTH = 150

SHARES: Mapping[str, Text] = {
    "reach": _("Reach"),
    "completion": _("Reached the goal"),
    "left_share": _("Ended here"),
    "necessity": _("Necessity"),
}
BETTER: Mapping[str, int] = {"completion": 1, "left_share": -1}
"""Which way a share is better; the others are neither."""


@dataclass(frozen=True, slots=True)
class Row:
    """One touchpoint as it is drawn.

    Args:
        sign: whether its score is certainly better or worse than on the other side.
        shares: what each is called, and the same of each share.
    """

    one: NodeBeside
    name: str
    picture: str
    sign: str
    shares: tuple[tuple[str, Pair, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A stage with its touchpoints."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Args:
        map: the page of this side.
        given: the fields of the other side, and `chosen` its columns.
        menus, filters, periods: of the other side.
        versions: of this side.
        names: of both sides, by what they differ in.
        changes: what the map of the other side has otherwise, in words.
    """

    map: map_page.Page
    given: Mapping[str, str]
    chosen: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    versions: tuple[Choice, ...]
    filters: tuple[tuple[str, str, tuple[Choice, ...]], ...] = ()
    periods: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    problem: Problem | None = None
    found: Beside | None = None
    groups: tuple[Group, ...] = ()
    names: tuple[str, str] = ("", "")
    changes: tuple[str, ...] = ()
    is_waiting: bool = False
    is_same: bool = False

    @property
    def heads(self) -> tuple[str, str]:
        """The names of the sides over columns, where they are short; else which is which."""
        if max(map(len, self.names)) <= MOST_OVER_COLUMN:
            return self.names
        return str(_("this side")), str(_("the other side"))

    @property
    def metric(self) -> str:
        """What touchpoints show, by name."""
        return _label(self.map.menus["metric"])

    @property
    def query(self) -> str:
        """The query of the page's address."""
        fields = {f"{OTHER}{name}": value for name, value in self.given.items()}
        columns = {f"{OTHER}{IS}{name}": value for name, value in self.chosen.items()}
        version = next((one.value for one in self.versions if one.is_chosen), "")
        own = {**self.map.given, "version": version}
        return map_page.query_of({**own, **fields, **columns}, self.map.chosen)


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
    instant = now or clock.now()
    mine = map_page.build(log, settings, held, query, sees_it=sees_it, answers=False, now=instant)
    given = {name: query.get(f"{OTHER}{name}", "").strip() for name in FIELDS}
    start = f"{OTHER}{IS}"
    columns = {name: query[name].strip() for name in query if name.startswith(start)}
    chosen = {name.removeprefix(start): value for name, value in columns.items() if value}
    version = query.get("version", "").strip()
    known = {
        "": _("the newest version"),
        **{
            str(one.number): _("version {number}", number=one.number)
            for one in held.versions.order_by("-number")
        },
    }
    page = Page(
        mine,
        given,
        chosen,
        {
            "whose": menu(given["whose"], _others(mine)),
            "version": menu(given["version"], {**known, "": _("the same version")}),
        },
        menu(version, dict(known)),
        problem=mine.problem,
    )
    if mine.seen is None:
        return page
    page = replace(page, periods=_periods(mine, given))
    asked = _asked_there(query, given, mine.chosen, chosen)
    other = map_page.build(log, settings, held, asked, sees_it=sees_it, answers=False, now=instant)
    page = replace(page, filters=_filters(other, chosen), problem=other.problem)
    try:
        here = Side(_map(held, version, mine.map), mine.seen)
        there = _other(held, settings, other, given, here, version)
    except Problem as problem:
        return replace(page, problem=problem)
    if there is None:
        return page
    page = replace(page, names=_names(page, other, (here, there), version))
    if here == there:
        return replace(page, is_same=True)
    if not answers:
        return replace(page, is_waiting=True)
    hidden = frozenset(hidden_names(settings.slug))
    try:
        found = beside(log, settings, here, there, hidden=hidden, now=instant)
    except Problem as problem:
        return replace(page, problem=problem)
    numbers = [_number(mine, one) for one in (version, given["version"] or version)]
    changes: tuple[str, ...] = ()
    if numbers[0] != numbers[1]:
        told = history.differences(held, numbers[0], numbers[1], sees_it=sees_it)
        changes = tuple(str(one) for one in told.changes)
    return replace(page, found=found, groups=_groups(found), changes=changes)


def _asked_there(
    query: Mapping[str, str],
    given: Mapping[str, str],
    own: Mapping[str, str],
    chosen: Mapping[str, str],
) -> dict[str, str]:
    """The query of the other side alone: what its fields do not say is as on this one."""
    asked = {name: query[name] for name in map_page.FIELDS if name in query}
    if given["whose"] not in ("", ELSE):
        asked["whose"] = given["whose"]
    columns = {**own, **chosen}
    asked |= {f"{IS}{name}": value for name, value in columns.items() if value != ALL}
    return asked


def _others(mine: map_page.Page) -> dict[str, object]:
    """Whose the other side may be: as on this one, everybody else, or any of its choices."""
    found: dict[str, object] = {"": _("the same customers")}
    if mine.seen is not None and mine.seen.customers:
        found[ELSE] = _("everybody else")
    found[MISSING] = _("all customers")
    choices = mine.menus.get("whose", ())
    return found | {one.value: one.label for one in choices if one.value not in ("", MISSING)}


def _periods(
    page: map_page.Page, given: Mapping[str, str]
) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    first = (str(_("Period")), (Choice("", str(_("the same days")), not given["period"]),))
    return (
        first,
        *(
            (name, tuple(replace(one, is_chosen=one.value == given["period"]) for one in some))
            for name, some in page.periods
        ),
    )


def _filters(
    other: map_page.Page, chosen: Mapping[str, str]
) -> tuple[tuple[str, str, tuple[Choice, ...]], ...]:
    found = []
    for name, label, options in other.filters:
        every: dict[str, object] = {"": _("the same"), ALL: _("all")}
        every |= {one.value: one.label for one in options if one.value}
        found.append((name, label, menu(chosen.get(name, ""), every)))
    return tuple(found)


def _map(held: JourneyMap, version: str, shown: Map) -> Map:
    """The map in a version.

    Raises:
        Problem: ``map.no-version``.
    """
    if not version:
        return shown
    return kept.version(held, int(version) if version.isdecimal() else 0)[1]


def _number(mine: map_page.Page, version: str) -> int | None:
    """The number of the version that is meant; None: the draft, where none is kept."""
    if version:
        return int(version)
    return mine.version.number if mine.version else None


def _other(
    held: JourneyMap,
    settings: Settings,
    other: map_page.Page,
    given: Mapping[str, str],
    here: Side,
    version: str,
) -> Side | None:
    """The other side; None where its fields ask nothing.

    Raises:
        Problem: ``map.no-version``, ``map.nobody-else``.
    """
    seen = other.seen
    if seen is None:
        return None
    step = overview.step_of(given["period"], settings)
    if step is not None:
        seen = replace(seen, start=step.first, end=step.end)
    map_ = _map(held, given["version"] or version, other.map)
    if given["whose"] != ELSE:
        return Side(map_, seen)
    if not here.seen.customers:
        raise Problem(
            "map.nobody-else",
            _("This side has all customers: there is nobody else."),
            _("Choose a persona or a segment on this side first."),
        )
    return Side(map_, replace(seen, customers=""), without=here.seen.customers)


def _names(
    page: Page, other: map_page.Page, sides: tuple[Side, Side], version: str
) -> tuple[str, str]:
    """What each side is called: by what they differ in, else by their days."""
    parts: list[tuple[str, str]] = []
    here, there = sides
    if (here.seen.customers, here.without) != (there.seen.customers, there.without):
        label = _label(page.menus["whose"]) if page.given["whose"] else _label(other.menus["whose"])
        parts.append((_label(page.map.menus["whose"]), label))
    for name in dict.fromkeys([*page.map.chosen, *other.chosen]):
        values = [one.chosen.get(name, "") for one in (page.map, other)]
        if values[0] != values[1]:
            told = [value or str(_("all")) for value in values]
            parts.append((told[0], told[1]))
    days = tuple(
        f"{one.seen.start:%Y-%m-%d} – {one.seen.end - timedelta(days=1):%Y-%m-%d}" for one in sides
    )
    numbers = (version, page.given["version"] or version)
    if numbers[0] != numbers[1]:
        told = [_label(page.versions), _label(page.menus["version"])]
        parts.append((told[0], told[1]))
    if days[0] != days[1] or not parts:
        parts.append((days[0], days[1]))
    return " · ".join(one for one, _o in parts), " · ".join(one for _h, one in parts)


def _label(options: tuple[Choice, ...]) -> str:
    return next((one.label for one in options if one.is_chosen), "")


def _groups(found: Beside) -> tuple[Group, ...]:
    """Stage by stage, those of this side first."""
    values = [end for one in found.nodes for end in (one.score.here, one.score.there)]
    axis = Axis.of(values, found.unit)
    up = 1 if found.better == "up" else -1
    rows: dict[str, list[Row]] = {}
    names: dict[str, str] = {}
    for side in (found.here, found.there):
        for stage in side.map.stages:
            names.setdefault(stage.id, said(stage.name) or stage.id)
    for one in found.nodes:
        sign = _sign(one.score, up)
        estimate = Estimate(one.score.here, was=one.score.there, tone=sign)
        shares = tuple(
            (str(SHARES[name]), pair, _sign(pair, BETTER.get(name, 0)))
            for name, pair in one.shares.items()
        )
        rows.setdefault(one.node.stage, []).append(
            Row(one, said(one.node.name) or one.node.id, string(estimate, axis, width=WIDTH), sign,
                shares)
        )  # fmt: skip
    return tuple(Group(name, tuple(rows[id_])) for id_, name in names.items() if id_ in rows)


def _sign(pair: Pair, up: int) -> Tone:
    if not pair.marked or not pair.difference:
        return "mid"
    return SIGNS[up if pair.difference > 0 else -up]
