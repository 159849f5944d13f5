"""What two groups say differently, and what to fix first: what the addresses ask and show.

All that is chosen stands in the query string, as on *Voice*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, both, parse, write_node
from zhiyin.kernel.text import Text, _
from zhiyin.listen import apart, subjects
from zhiyin.listen import first as weighing
from zhiyin.listen.apart import Apart, Sides, Thing, Wanted
from zhiyin.listen.first import Aspect, First
from zhiyin.listen.words import MARKS, POLARITIES
from zhiyin.measure import asking
from zhiyin.measure.asking import PRESETS
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu

FIELDS = ("sides", "period", "from", "until", "touchpoint", "where", "one")
USUAL = {"sides": "scores"}
"""What an address need not say."""

MOST = 40
"""Things on a page; all are in the file."""

SIDES: dict[str, Text] = {
    "scores": _("low scores and high scores"),
    "before": _("this period and the one before"),
    "filter": _("clauses of a filter and the others"),
}

GROUPS: dict[str, tuple[Text, Text]] = {
    "scores": (_("low scores"), _("high scores")),
    "before": (_("this period"), _("before")),
    "filter": (_("of the filter"), _("the others")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is said, in words, and the address of what was said."""

    thing: Thing
    says: str
    query: str


@dataclass(frozen=True, slots=True)
class Page:
    """What two groups say differently. With a `problem` there are menus and nothing else."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    groups: tuple[Text, Text]
    found: Apart | None = None
    rows: tuple[Row, ...] = ()
    left_out: int = 0
    query: str = ""
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything but the usual is asked."""
        return any(value for name, value in self.given.items() if value != USUAL.get(name, ""))


@dataclass(frozen=True, slots=True)
class FirstRow:
    """One aspect by its name, and the address of what blames it."""

    aspect: Aspect
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class FirstPage:
    """What to fix first. With a `problem` there are menus and nothing else."""

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    found: First | None = None
    rows: tuple[FirstRow, ...] = ()
    query: str = ""
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything but the usual is asked."""
        return any(value for name, value in self.given.items() if value != USUAL.get(name, ""))


def build(log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not filter by it.
    """
    given = _given(query)
    sides = given["sides"] if given["sides"] in SIDES else "scores"
    given["sides"] = sides
    menus = _menus(log, settings, given) | {"sides": menu(sides, SIDES)}
    page = Page(given, menus, GROUPS[sides])
    try:
        among = _among(given, sees_it=sees_it)
        one = _filter(given["one"], sees_it=sees_it) if sides == "filter" else None
        start, end = asking.dates(given, settings, clock.now())
        wanted = Wanted(cast("Sides", sides), start, end, among, one)
        found = apart.apart(log, settings, wanted)
    except Problem as problem:
        return replace(page, problem=problem)
    names = subjects.named(settings.slug)
    rows = [Row(one, says(one, names), _voice(given, one)) for one in found.things]
    return replace(
        page, found=found, rows=tuple(rows[:MOST]), left_out=max(0, len(rows) - MOST),
        query=asking.query_of(given),
    )  # fmt: skip


def build_first(
    log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool
) -> FirstPage:
    """What to fix first, for what the query string asks."""
    given = _given(query)
    page = FirstPage(given, _menus(log, settings, given))
    try:
        among = _among(given, sees_it=sees_it)
        start, end = asking.dates(given, settings, clock.now())
        found = weighing.first(log, settings, start=start, end=end, among=among)
    except Problem as problem:
        return replace(page, problem=problem)
    names = subjects.named(settings.slug)
    rows = tuple(
        FirstRow(one, names.get(one.key, one.key), _blame(given, one.key)) for one in found.aspects
    )
    return replace(page, found=found, rows=rows, query=asking.query_of(given))


def says(one: Thing, names: Mapping[str, str]) -> str:
    """What is said, in words: ``Refund, negative``."""
    if one.kind == "aspect":
        return f"{names.get(one.name, one.name)} · {POLARITIES[one.polarity]}"
    return str(MARKS.get(one.name, one.name))


def table(page: Page) -> Rows:
    """Every row as a file; values are not rounded."""
    assert page.found is not None  # noqa: S101 - a page with a problem is not exported
    shares = ("here", "there")
    columns: dict[str, pa.DataType] = {
        **dict.fromkeys(("kind", "name", "polarity"), pa.string()),
        **{f"{side}{end}": pa.float64() for side in shares for end in ("", "_low", "_high")},
        **dict.fromkeys(("here_customers", "there_customers"), pa.int64()),
        **dict.fromkeys(("difference", "low", "high", "q"), pa.float64()),
        "marked": pa.bool_(),
    }
    return rows_of(columns, [_flat(one.as_dict(), shares) for one in page.found.things])


def first_table(page: FirstPage) -> Rows:
    """Every row as a file; values are not rounded."""
    assert page.found is not None  # noqa: S101 - a page with a problem is not exported
    shares = ("often", "low_with", "low_without")
    columns: dict[str, pa.DataType] = {
        "aspect": pa.string(),
        **{f"{side}{end}": pa.float64() for side in shares for end in ("", "_low", "_high")},
        **{f"{side}_{what}": pa.int64() for side in shares for what in ("n", "customers")},
        **dict.fromkeys(("difference", "low", "high", "weight", "q"), pa.float64()),
        "marked": pa.bool_(),
    }
    return rows_of(columns, [_flat(one.as_dict(), shares) for one in page.found.aspects])


def _flat(row: dict[str, object], shares: tuple[str, ...]) -> dict[str, object]:
    flat = {name: value for name, value in row.items() if name not in shares}
    for side in shares:
        held = cast("dict[str, object]", row[side])
        flat |= {
            side if name == "value" else f"{side}_{name}": value for name, value in held.items()
        }
    return flat


def _given(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query.get(name, "").strip() for name in FIELDS}


def _filter(text: str, *, sees_it: bool) -> Filter | None:
    found = parse(text) if text else None
    personal.check_facts(found.columns() if found else (), sees_it=sees_it)
    return found


def _among(given: Mapping[str, str], *, sees_it: bool) -> Filter | None:
    found = _filter(given["where"], sees_it=sees_it)
    if given["touchpoint"]:
        node = Compare("touchpoint", "=", given["touchpoint"])
        found = both(found, Filter(node, write_node(node)))
    return found


def _menus(log: Log, settings: Settings, given: Mapping[str, str]) -> dict[str, tuple[Choice, ...]]:
    touchpoints = sorted(log.words(settings.slug, "touchpoint").values())
    return {
        "period": menu(given["period"], {"": _("dates of your own"), **PRESETS}),
        "touchpoint": menu(
            given["touchpoint"], {"": _("all touchpoints")} | {one: one for one in touchpoints}
        ),
    }


_KEPT = ("period", "from", "until", "touchpoint", "where")


def _voice(given: Mapping[str, str], one: Thing) -> str:
    """The address of what was said, on *Voice*."""
    held = {name: given[name] for name in _KEPT}
    if one.kind == "aspect":
        return asking.query_of({**held, "aspect": one.name, "polarity": one.polarity})
    node = Compare(one.kind, "=", one.name)
    where = Filter(node, write_node(node))
    found = both(parse(held["where"]) if held["where"] else None, where)
    return asking.query_of({**held, "where": str(found)})


def _blame(given: Mapping[str, str], key: str) -> str:
    held = {name: given[name] for name in _KEPT}
    return asking.query_of({**held, "aspect": key, "polarity": "negative"})
