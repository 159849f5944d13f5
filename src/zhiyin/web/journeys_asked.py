"""What the pages of journeys have in common: whose events they ask of, and what each holds.

Everything that is chosen stands in the query string, so that a link shows the same page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.definitions import hidden_names
from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.measure import asking
from zhiyin.measure.asking import MISSING, PRESETS
from zhiyin.measure.words import COLUMNS
from zhiyin.reports.journeys import Address
from zhiyin.unify import segments
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.journeys_methods import Lines
from zhiyin.web.menus import Choice, menu

MOST_FILTERS = 4
MOST_WORDS = 60
FIRST_FILTERS = ("channel", "unit")

EVERY: dict[str, Text] = {name: asking.EVERY[name] for name in ("day", "week", "month")}
SPANS: dict[str, Text] = {
    "30m": _("30 minutes"),
    "1h": _("1 hour"),
    "1d": _("1 day"),
    "7d": _("7 days"),
    "14d": _("14 days"),
    "30d": _("30 days"),
    "90d": _("90 days"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What each of these pages holds besides its own. With a `problem` there is a form alone.

    Args:
        has_events: whether there is anything to choose from.
        is_waiting: whether the figures are still to be asked for.
    """

    address: Address
    menus: Mapping[str, tuple[Choice, ...]]
    filters: tuple[tuple[str, str, tuple[Choice, ...]], ...]
    has_events: bool = field(kw_only=True)
    problem: Problem | None = field(default=None, kw_only=True)
    is_waiting: bool = field(default=False, kw_only=True)
    methods: Lines = field(default=(), kw_only=True)

    @property
    def given(self) -> Mapping[str, str]:
        """The fields of the address."""
        return self.address.given

    @property
    def query(self) -> str:
        """The query of the page's address."""
        return self.address.query()

    @property
    def is_ready(self) -> bool:
        """Whether there is more to show than why there is nothing yet."""
        return self.has_events and not self.is_waiting and self.problem is None

    @property
    def charts(self) -> tuple[str, ...]:
        """Those of `journeys_charts` that it has something for."""
        return ()


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the customers behind a page's figures; blank for who may not open them."""

    path: str
    address: Address

    @classmethod
    def of(cls, settings: Settings, address: Address, *, sees_rows: bool) -> Links:
        """Those of a page."""
        path = reverse("journey-customers", args=[settings.slug]) if sees_rows else ""
        return cls(path, address)

    def to(self, **asked: str) -> str:
        """The address of one figure's customers."""
        return f"{self.path}?{self.address.query(**asked)}" if self.path else ""


def names_offered(log: Log, settings: Settings) -> tuple[str, ...]:
    """The names of events to choose from: those that nobody has hidden, by the alphabet."""
    hidden = hidden_names(settings.slug)
    known = sorted(log.words(settings.slug, "name").values(), key=str.casefold)
    return tuple(name for name in known if name not in hidden)


def events_of(
    address: Address, settings: Settings, now: datetime, *, sees_it: bool, by: str = ""
) -> Chosen:
    """Which events there are.

    Args:
        sees_it: whether the reader sees personal data; else she does not ask by it either.
        by: a column that is broken down by.

    Raises:
        Problem: ``period.bad-date``, ``segments.none``, ``personal.filter``; a filter that cannot
            be read.
    """
    chosen = address.events(settings, now)
    named = {*(chosen.where.columns() if chosen.where else ()), *([by] if by else [])}
    personal.check_facts(named, sees_it=sees_it)
    personal.check_segment(settings.slug, chosen.customers, sees_it=sees_it)
    return chosen


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen: menus by the field that each sets, and columns with their words."""

    menus: Mapping[str, tuple[Choice, ...]]
    filters: tuple[tuple[str, str, tuple[Choice, ...]], ...]


def offered(
    log: Log, settings: Settings, address: Address, *, more: Mapping[str, Mapping[str, object]]
) -> Offered:
    """The menus of a page; `more` are its own, by field: the options by their values."""
    given = address.given
    whose = {one.slug: one.name for one in segments.of(settings.slug)}
    options: dict[str, Mapping[str, object]] = {
        "period": {"": _("dates of your own"), **PRESETS},
        "segment": {"": _("all customers"), **whose},
        **more,
    }
    menus = {name: menu(given[name], held) for name, held in options.items()}
    columns = Events.of(log, settings, Chosen()).breakable()
    declared = log.schema(settings.slug).dimensions.get("events", {})
    own = [name for name in columns if name in declared]
    order = dict.fromkeys([*address.chosen, *FIRST_FILTERS, *own, *columns])
    found = []
    for name in order:
        is_held = name in columns and not personal.says_who(name)
        words = sorted(log.words(settings.slug, columns[name]).values()) if is_held else []
        is_offered = name != "name"
        if name in address.chosen or (is_offered and 1 < len(words) <= MOST_WORDS):
            every = {"": _("all"), **{word: word for word in words}, MISSING: MISSING}
            found.append((name, label_of(name), menu(address.chosen.get(name, ""), every)))
    return Offered(menus, tuple(found[:MOST_FILTERS]))


def columns_of(log: Log, settings: Settings) -> dict[str, object]:
    """The columns to break down by, with what people call them; none that says who she is."""
    found = Events.of(log, settings, Chosen()).breakable()
    return {name: label_of(name) for name in found if not personal.says_who(name)}


def label_of(column: str) -> str:
    """What people call a column."""
    return str(COLUMNS.get(column, column))
