"""Customers as a list: chosen by a filter over what is known of each, counted and paged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.clock import now as clock_now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.unify import names
from zhiyin.unify.customer import Id, ids_of
from zhiyin.warehouse import lang
from zhiyin.warehouse.customers import PLAIN
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.scoped import place_of
from zhiyin.warehouse.where import where_customers

PAGE = 50
SORTS: dict[str, Text] = {
    "last_at": _("Last seen"),
    "orders": _("Orders"),
    "spent": _("Spent"),
    "contacts": _("Service contacts"),
    "last_nps": _("Last NPS"),
}
"""Columns that the list shows and sorts by, each from the highest."""

EVERYTHING = Reader()
TRAITS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    """One customer in the list."""

    key: int
    ids: tuple[Id, ...]
    name: str
    tier: str
    last_at: datetime | None
    orders: int
    spent: Any
    contacts: int
    last_nps: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list."""

    people: tuple[Person, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many customers a filter chooses, of how many."""

    n: int
    of: int
    seconds: float


def count(
    log: Log,
    settings: Settings,
    chosen: Filter | None,
    *,
    reader: Reader = EVERYTHING,
    at: datetime | None = None,
) -> Count:
    """How many customers there are of whom the filter holds.

    Raises:
        Problem: the filter names what is no column, or compares it with what it cannot hold.
    """
    began = time.monotonic()
    table, condition = _asked(log, settings, chosen, (), at)
    n = table.filter(condition).count() if condition is not None else table.count()
    found = table.aggregate(of=table.count(), n=n if condition is None else condition.sum())
    (row,) = log.execute(settings.slug, found, reader=reader).to_pylist()
    return Count(int(row["n"] or 0), int(row["of"]), round(time.monotonic() - began, 3))


def page(
    log: Log,
    settings: Settings,
    chosen: Filter | None,
    *,
    sort: str = "last_at",
    number: int = 1,
    reader: Reader = EVERYTHING,
    at: datetime | None = None,
) -> Listed:
    """The page of this number, from the highest of the column that it is sorted by.

    Raises:
        Problem: as `count`; ``customers.no-such-order``.
    """
    if sort not in SORTS:
        raise Problem(
            "customers.no-such-order",
            _("Customers cannot be sorted by {column}.", column=sort),
            _("Columns: {columns}.", columns=", ".join(SORTS)),
        )
    moment = at or clock_now()
    table, condition = _asked(log, settings, chosen, (sort,), moment)
    if condition is not None:
        table = table.filter(condition)
    # The engine puts missing values last when told so, and first by itself.
    order = [table[sort].isnull(), lang.desc(sort), "customer"]
    keys = table.order_by(order).limit(PAGE + 1, offset=(max(number, 1) - 1) * PAGE)
    found = log.execute(settings.slug, keys.select("customer"), reader=reader)
    held = [int(row["customer"]) for row in found.to_pylist()]
    people = _people(log, settings, held[:PAGE], reader, moment)
    return Listed(tuple(people), len(held) > PAGE)


def following(
    log: Log, settings: Settings, chosen: Filter | None, *, after: int, limit: int
) -> Listed:
    """Customers of whom the filter holds, in the order of their keys, from the one after `after`.

    Whoever reads page by page meets each customer once, whatever comes in meanwhile.

    Raises:
        Problem: as `count`.
    """
    table, condition = _asked(log, settings, chosen, (), None)
    if condition is not None:
        table = table.filter(condition)
    keys = table.filter(table.customer > after).order_by("customer").limit(limit + 1)
    found = log.execute(settings.slug, keys.select("customer")).to_pylist()
    held = [int(row["customer"]) for row in found]
    people = _people(log, settings, held[:limit], EVERYTHING, clock_now())
    return Listed(tuple(people), len(held) > limit)


def of_keys(
    log: Log, settings: Settings, keys: Sequence[int], *, reader: Reader = EVERYTHING
) -> tuple[Person, ...]:
    """These customers, in this order."""
    return tuple(_people(log, settings, keys, reader, clock_now()))


EXPORTED = (
    "first_at", "last_at", "events", "orders", "last_order_at", "spent", "refunds", "contacts",
    "open_contacts", "last_contact_at", "answers", "last_nps", "last_csat", "last_ces",
)  # fmt: skip
"""Columns of an export, after the ids and before the traits."""


def export(
    log: Log,
    settings: Settings,
    chosen: Filter | None,
    *,
    reader: Reader = EVERYTHING,
    at: datetime | None = None,
) -> tuple[pa.Schema, Iterator[pa.Table]]:
    """Every customer of whom the filter holds: her ids, what is known of her, her traits."""
    traits = tuple(f"trait {name}" for name in trait_names(log, settings.slug))
    table, condition = _asked(log, settings, chosen, (*EXPORTED, *traits), at)
    if condition is not None:
        table = table.filter(condition)
    ids = lang.ids()
    named = ids.group_by("key").aggregate(ids=ids.id.collect())
    joined = table.left_join(named, table.customer == named.key)
    columns: dict[str, Any] = {"ids": joined.ids.sort().join(" ")}
    columns |= {name: joined[name] for name in EXPORTED}
    columns |= {name.removeprefix("trait "): joined[name] for name in traits}
    query = joined.order_by("customer").select(**columns)
    found = log.execute(settings.slug, query, reader=reader, seconds=900.0)
    return found.schema, iter(
        pa.Table.from_batches([batch]) for batch in found.to_batches(max_chunksize=10_000)
    )


_names: dict[tuple[int, str, str], tuple[float, tuple[str, ...]]] = {}
_names_lock = threading.Lock()


def chosen_by(
    log: Log, settings: Settings, rules: Sequence[Filter], *, at: datetime | None = None
) -> tuple[lang.Expression, list[Any]]:
    """The table of customers, and of each rule the condition that it holds of one: for queries.

    Raises:
        Problem: as `count`.
    """
    named = sorted(frozenset[str]().union(*(rule.columns() for rule in rules)))
    table = lang.customers(named, at=at or clock_now(), currency=settings.currency)
    known = trait_names(log, settings.slug)
    zone = settings.timezone
    return table, [
        lang.coalesce(where_customers(rule, table, traits=known, zone=zone), False)
        for rule in rules
    ]


def trait_names(log: Log, workspace: str) -> tuple[str, ...]:
    """The names of traits that any customer has; asked once a minute."""
    place = place_of(log, workspace)
    with _names_lock:
        kept = _names.get(place)
    if kept is not None and time.monotonic() - kept[0] < TRAITS_SECONDS:
        return kept[1]
    table = lang.table(log.schema(workspace), "traits")
    found = log.execute(workspace, table.select("name").distinct(), words=True)
    held = tuple(sorted(name for name in found["name"].to_pylist() if name))
    with _names_lock:
        _names[place] = (time.monotonic(), held)
    return held


def columns(log: Log, workspace: str) -> tuple[str, ...]:
    """Names that a filter over customers may use, windows and events left out."""
    return (*PLAIN, *trait_names(log, workspace))


def _asked(
    log: Log,
    settings: Settings,
    chosen: Filter | None,
    more: Sequence[str],
    at: datetime | None,
) -> tuple[lang.Expression, Any]:
    """The table of customers with the columns that are needed, and the filter's condition."""
    named = sorted(chosen.columns()) if chosen else []
    table = lang.customers(
        list(dict.fromkeys((*more, *named))), at=at or clock_now(), currency=settings.currency
    )
    if chosen is None:
        return table, None
    known = trait_names(log, settings.slug)
    return table, where_customers(chosen, table, traits=known, zone=settings.timezone)


def _people(
    log: Log, settings: Settings, keys: Sequence[int], reader: Reader, at: datetime
) -> list[Person]:
    if not keys:
        return []
    table = lang.customers(list(SORTS), at=at, currency=settings.currency)
    query = table.filter(table.customer.isin(list(keys)))
    found = log.execute(settings.slug, query, reader=reader, customers=keys).to_pylist()
    by_key = {row["customer"]: row for row in found}
    ids = ids_of(log, settings.slug, keys)
    traits = _traits(log, settings.slug, keys, reader)
    people = []
    for key in keys:
        row, hers = by_key.get(key, {}), traits.get(key, {})
        people.append(
            Person(
                key,
                ids.get(key, ()),
                names.name_of(hers),
                names.trait(hers, names.TIER),
                row.get("last_at"),
                row.get("orders") or 0,
                row.get("spent"),
                row.get("contacts") or 0,
                row.get("last_nps"),
            )
        )
    return people


def _traits(
    log: Log, workspace: str, keys: Sequence[int], reader: Reader
) -> dict[int, dict[str, str]]:
    table = lang.table(log.schema(workspace), "traits")
    query = table.order_by(["occurred_at", "seq"]).select("customer", "name", "value")
    try:
        rows = log.execute(workspace, query, reader=reader, words=True, customers=keys)
    except Problem:
        # A scope that traits cannot honour hides them.
        return {}
    found: dict[int, dict[str, str]] = {}
    for row in rows.to_pylist():
        if row["name"] and row["value"] is not None:
            found.setdefault(row["customer"], {})[row["name"]] = row["value"]
    return found
