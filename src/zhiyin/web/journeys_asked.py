"""What the addresses of *Funnels*, *Paths* and *Retention* ask in common: whose events, when.

Everything that is chosen stands in the query string, so that a link shows the same page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events
from zhiyin.kernel.filters import And, Compare, Filter, Missing, Node, parse, write_node
from zhiyin.kernel.text import Text, _
from zhiyin.measure import asking
from zhiyin.measure.asking import IS, MISSING, PRESETS
from zhiyin.measure.words import COLUMNS
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu

SHARED = ("period", "from", "until", "where")
"""Fields of the address that all these pages have."""

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
class Address:
    """An address, taken apart.

    Args:
        given: its fields, blank where they are not said.
        chosen: columns with the one value that is asked for (``is.channel=app``).
    """

    given: Mapping[str, str]
    chosen: Mapping[str, str]

    @classmethod
    def of(cls, query: Mapping[str, str], fields: Iterable[str]) -> Address:
        """The fields of a query string; `fields` are the page's own."""
        given = {name: query.get(name, "").strip() for name in (*fields, *SHARED)}
        return cls(given, asking.chosen_of(query))

    def query(self, **changed: str) -> str:
        """The query of the address without what is blank, some of its fields changed."""
        asked = {**self.given, **changed}
        asked |= {f"{IS}{name}": value for name, value in self.chosen.items()}
        return urlencode({name: value for name, value in asked.items() if value})

    def events(self, settings: Settings, now: datetime, *, sees_it: bool, by: str = "") -> Chosen:
        """The events that it is about.

        Args:
            sees_it: whether the reader sees personal data; else she does not ask by it either.
            by: a column that is broken down by.

        Raises:
            Problem: ``period.bad-date``, ``personal.filter``; a filter that cannot be read.
        """
        start, end = asking.dates(self.given, settings, now)
        nodes: list[Node] = [parse(self.given["where"]).root] if self.given["where"] else []
        nodes += [
            Missing(name) if value == MISSING else Compare(name, "=", value)
            for name, value in self.chosen.items()
        ]
        where = None
        if nodes:
            root = And(tuple(nodes)) if len(nodes) > 1 else nodes[0]
            where = Filter(root, write_node(root))
        named = {*(where.columns() if where else ()), *([by] if by else [])}
        personal.check_facts(named, sees_it=sees_it)
        return Chosen(where, start, end)


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
    options = {"period": {"": _("dates of your own"), **PRESETS}, **more}
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
