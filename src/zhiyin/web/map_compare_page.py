"""The page *Compare* of a map: two sides of it, touchpoint by touchpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.strings import Estimate, string
from zhiyin.collect.definitions import hidden_names
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.maps import kept
from zhiyin.maps.beside import Beside, NodeBeside, beside
from zhiyin.maps.document import Map, said
from zhiyin.maps.models import JourneyMap
from zhiyin.maps.seen import Seen
from zhiyin.measure import overview
from zhiyin.measure.comparisons import Comparison
from zhiyin.warehouse.log import Log
from zhiyin.web import map_page
from zhiyin.web.map_page import NO_COMPARISON, SIGNS
from zhiyin.web.menus import Choice, menu

OTHER = "other."
"""``other.whose=persona:family`` is of the other side; what it does not say is as on this one."""
FIELDS = ("whose", "period", "version")
WIDTH = 130

SHARES: Mapping[str, Text] = {
    "completion": _("Reached the goal"),
    "left_share": _("Ended here"),
    "necessity": _("Necessity"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One touchpoint as it is drawn."""

    one: NodeBeside
    name: str
    stage: str
    picture: str
    sign: str

    @property
    def score(self) -> Comparison:
        """Of both sides; without a difference where there is none."""
        return self.one.score or NO_COMPARISON


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Args:
        map: the page of this side.
        menus: of the other side.
        names: of both sides, as the table calls them.
    """

    map: map_page.Page
    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    versions: Mapping[str, tuple[Choice, ...]]
    periods: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    problem: Problem | None = None
    found: Beside | None = None
    rows: tuple[Row, ...] = ()
    names: tuple[str, str] = ("", "")
    is_waiting: bool = False
    is_same: bool = False

    @property
    def query(self) -> str:
        """The query of the page's address."""
        other = {f"{OTHER}{name}": value for name, value in self.given.items() if value}
        own = {**self.map.given, "version": self.versions_given}
        return map_page.query_of({**own, **other}, self.map.chosen)

    @property
    def versions_given(self) -> str:
        """The version of this side."""
        return next((one.value for one in self.versions["here"] if one.is_chosen), "")


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
    page = map_page.build(log, settings, held, query, sees_it=sees_it, answers=False, now=instant)
    given = {name: query.get(f"{OTHER}{name}", "").strip() for name in FIELDS}
    own_version = query.get("version", "").strip()
    versions = {"": _("the newest")} | {
        str(one.number): _("version {number}", number=one.number)
        for one in held.versions.order_by("-number")
    }
    menus = {
        "whose": menu(given["whose"], _others(page.menus.get("whose", ()))),
        "version": menu(given["version"], dict(versions)),
    }
    found = Page(
        page, given, menus, {"here": menu(own_version, dict(versions))}, problem=page.problem
    )
    if page.seen is None:
        return found
    found = replace(found, periods=_periods(page, given))
    try:
        here = (_map(held, own_version, page.map), page.seen)
        there = _other(log, settings, held, page, given, query, sees_it=sees_it, now=instant)
    except Problem as problem:
        return replace(found, problem=problem)
    if here == there:
        return replace(found, is_same=True)
    if not answers:
        return replace(found, is_waiting=True)
    hidden = frozenset(hidden_names(settings.slug))
    try:
        compared = beside(log, settings, here, there, hidden=hidden, now=instant)
    except Problem as problem:
        return replace(found, problem=problem)
    names = (
        _called(page.menus["whose"], here[1], own_version),
        _called(menus["whose"], there[1], given["version"]),
    )
    return replace(found, found=compared, rows=_rows(compared, here[0], there[0]), names=names)


def _others(options: tuple[Choice, ...]) -> dict[str, object]:
    """Whose the other side may be: as on this one, or any of its choices."""
    return {"": _("the same customers"), **{one.value or "–": one.label for one in options}}


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


def _map(held: JourneyMap, version: str, shown: Map) -> Map:
    """The map in a version.

    Raises:
        Problem: ``map.no-version``.
    """
    if not version:
        return shown
    return kept.version(held, int(version) if version.isdecimal() else 0)[1]


def _other(
    log: Log,
    settings: Settings,
    held: JourneyMap,
    page: map_page.Page,
    given: Mapping[str, str],
    query: Mapping[str, str],
    *,
    sees_it: bool,
    now: datetime,
) -> tuple[Map, Seen]:
    """The other side: what its fields do not say is as on this one.

    Raises:
        Problem: as of this side.
    """
    assert page.seen is not None  # noqa: S101 - whoever calls has looked
    mine = dict(query)
    if given["whose"]:
        mine["whose"] = given["whose"]
    other = map_page.build(log, settings, held, mine, sees_it=sees_it, answers=False, now=now)
    if other.problem is not None or other.seen is None:
        raise other.problem or Problem("map.compare", _("The other side asks nothing."))
    seen = other.seen
    step = overview.step_of(given["period"], settings)
    if step is not None:
        seen = replace(seen, start=step.first, end=step.end)
    return _map(held, given["version"], page.map), seen


def _called(options: tuple[Choice, ...], seen: Seen, version: str) -> str:
    whose = next((one.label for one in options if one.is_chosen and one.value), "")
    last = seen.end - timedelta(days=1)
    parts = [whose, f"{seen.start:%Y-%m-%d} – {last:%Y-%m-%d}"]
    if version:
        parts.append(str(_("version {number}", number=version)))
    return " · ".join(part for part in parts if part)


def _rows(found: Beside, here: Map, there: Map) -> tuple[Row, ...]:
    unit = found.scores.unit if found.scores else "percent"
    up = found.scores.better == "up" if found.scores else True
    axis = Axis.of(
        [
            end
            for one in found.nodes
            if one.score is not None
            for end in (one.score.value, one.score.reference_value)
        ],
        unit,
    )
    stages = {one.id: said(one.name) or one.id for one in (*there.stages, *here.stages)}
    rows = []
    for one in found.nodes:
        row = one.score
        sign = "mid"
        if row is not None and row.marked and row.difference is not None:
            sign = SIGNS[1 if (row.difference > 0) == up else -1]
        estimate = Estimate(
            row.value if row else None, was=row.reference_value if row else None,
            tone=sign,  # type: ignore[arg-type]
        )  # fmt: skip
        rows.append(
            Row(one, said(one.node.name) or one.node.id, stages.get(one.node.stage, ""),
                string(estimate, axis, width=WIDTH), sign)
        )  # fmt: skip
    return tuple(rows)
