"""One customer, as whoever serves her must know her: now, at once, and how certain it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.clock import now as clock_now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.unify import habits, names
from zhiyin.unify.habits import Habit, Market
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader, TimelineAsked
from zhiyin.warehouse.scoped import place_of
from zhiyin.warehouse.tables import DIMENSION_PREFIX

VALUE_DAYS = 731
"""Money of two years."""

OPEN_STATUS = frozenset(
    {"open", "pending", "processing", "confirmed", "booked", "paid", "shipped", "in transit",
     "待付款", "已付款", "已下单", "已预订", "已出票", "待发货", "已发货", "处理中"}
)  # fmt: skip
"""Orders in these states are not done."""

PROMISES = ("promised_until", "promised_at", "promised_by", "due_at", "承诺时间")
"""Dimensions of service contacts that hold until when something was promised."""

MOST_ROWS = 5_000
"""Of one kind and one customer; a company's own account may have more."""

MARKET_ROWS = 200_000
MARKET_SECONDS = 3600.0

EVERYTHING = Reader()
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Id:
    """One of her ids."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Money:
    """What she brought in one currency: orders less refunds."""

    currency: str
    orders: int
    paid: Decimal
    refunds: int
    refunded: Decimal

    @property
    def net(self) -> Decimal:
        """Paid less refunded."""
        return self.paid - self.refunded


@dataclass(frozen=True, slots=True)
class Order:
    """An order that is not done, or a trip that is still to come."""

    id: str
    ordered_at: datetime
    experienced_at: datetime | None
    status: str | None
    amount: Decimal | None
    currency: str | None
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """One service contact, in one line.

    Args:
        outcome: ``resolved``, ``unresolved``, ``abandoned``, ``reopened`` or ``unknown``.
    """

    at: datetime
    channel: str | None
    reason: str | None
    outcome: str
    talk_seconds: float | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Issue:
    """What is open with us: an issue whose latest contact did not resolve it."""

    issue: str
    reason: str | None
    since: datetime
    last_at: datetime
    contacts: int
    promised_until: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """A score, or words."""

    at: datetime
    touchpoint: str | None
    metric: str | None = None
    question: str | None = None
    score: float | None = None
    scale_max: float | None = None
    text: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What stands now for one purpose and channel."""

    purpose: str
    channel: str | None
    is_given: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer."""

    key: int
    ids: tuple[Id, ...]
    traits: Mapping[str, str]
    counts: Mapping[str, int]
    channels: Mapping[str, int]
    first_at: datetime | None
    last_at: datetime | None
    money: tuple[Money, ...]
    next_orders: tuple[Order, ...]
    issues: tuple[Issue, ...]
    contacts: tuple[Contact, ...]
    last_score: Said | None
    scores: tuple[Said, ...]
    last_words: Said | None
    consents: tuple[Consent, ...]
    behaviour: tuple[Habit, ...]
    preference: tuple[Habit, ...]

    @property
    def name(self) -> str:
        """Her name, else her first id."""
        return names.name_of(self.traits) or (self.ids[0].id if self.ids else str(self.key))

    @property
    def address(self) -> Text | None:
        """How to address her, where that is known."""
        return names.address_of(self.traits)

    @property
    def tier(self) -> str:
        """Her tier, blank where there is none."""
        return names.trait(self.traits, names.TIER)

    @property
    def language(self) -> str:
        """The language that she reads, blank where nobody knows."""
        return names.trait(self.traits, names.LANGUAGE)

    @property
    def forbidden(self) -> tuple[Consent, ...]:
        """For what she must not be contacted."""
        return tuple(consent for consent in self.consents if not consent.is_given)


def find(log: Log, workspace: str, text: str, *, reader: Reader = EVERYTHING) -> int:
    """The customer whom an id of any kind, an order, an address or a name means.

    Raises:
        Problem: ``customer.none``, ``customer.several``.
    """
    found = log.find_customers(workspace, text, reader=reader)
    # An id says more than a name that somebody else may have too.
    exact = [one for one in found if one.by == "id"] or found
    if not exact:
        raise Problem(
            "customer.none",
            _("Nobody is found by {text}.", text=text),
            _("Give an id, an order, a telephone, an e-mail address or a whole name."),
        )
    if len(exact) > 1:
        raise Problem(
            "customer.several",
            _("{count} customers are found by {text}.", count=len(exact), text=text),
            _("Give an id, which is one customer's alone."),
        )
    return exact[0].customer


def of_id(
    log: Log, workspace: str, kind: str, id_: str, *, reader: Reader = EVERYTHING
) -> int | None:
    """The customer who has this id of this kind; None where nobody has."""
    for one in log.find_customers(workspace, id_, reader=reader):
        if one.by == "id" and Id(kind, id_) in ids_of(log, workspace, [one.customer])[one.customer]:
            return one.customer
    return None


def held_of_id(
    log: Log, workspace: str, kind: str, id_: str, *, reader: Reader = EVERYTHING
) -> tuple[int, dict[str, list[Row]]] | None:
    """The customer who has this id of this kind, with her `rows_of`; None where nobody has."""
    for one in log.find_customers(workspace, id_, reader=reader):
        if one.by == "id":
            held = rows_of(log, workspace, one.customer, reader=reader)
            if any((row["kind"], row["id"]) == (kind, id_) for row in held["ids"]):
                return one.customer, held
    return None


def held_of_key(
    log: Log, workspace: str, number: int, *, reader: Reader = EVERYTHING
) -> tuple[int, dict[str, list[Row]]] | None:
    """The customer whose key this is, or was before a merge, with her `rows_of`.

    None where no id has it, and where the reader may see none of her facts.
    """
    held = rows_of(log, workspace, number, reader=reader)
    if not held["ids"]:
        return None
    # After a merge the key stands for one of her ids; that id says who she is now.
    one = held["ids"][0]
    key = of_id(log, workspace, one["kind"], one["id"], reader=reader)
    if key is None or key == number:
        return number, held
    return key, rows_of(log, workspace, key, reader=reader)


def ids_of(log: Log, workspace: str, customers: Sequence[int]) -> dict[int, tuple[Id, ...]]:
    """The ids of customers, known ones before those that a device made up."""
    found: dict[int, list[Row]] = {int(customer): [] for customer in customers}
    if not found:
        return {}
    if len(found) == 1:
        # The page of one customer asks this: her rows are sought without planning a query.
        (only,) = found
        return {only: _sorted_ids(log.rows_of(workspace, only, {"ids": None})["ids"].to_pylist())}
    for row in log.execute(workspace, lang.ids(), customers=list(found)).to_pylist():
        found.setdefault(row["key"], []).append(row)
    return {customer: _sorted_ids(rows) for customer, rows in found.items()}


def _sorted_ids(rows: Sequence[Row]) -> tuple[Id, ...]:
    ids = [Id(row["kind"], row["id"]) for row in rows]
    return tuple(sorted(ids, key=lambda i: (i.kind != "customer", i.kind, len(i.id), i.id)))


def rows_of(
    log: Log, workspace: str, key: int, *, reader: Reader = EVERYTHING
) -> dict[str, list[Row]]:
    """Her ids and her rows, newest first, of the tables that `read` looks at."""
    wanted = dict.fromkeys(("ids", *TABLES))
    found = log.rows_of(workspace, key, wanted, limit=MOST_ROWS, reader=reader)
    return {name: [*table.to_pylist()] for name, table in found.items()}


def read(
    log: Log,
    settings: Settings,
    key: int,
    *,
    held: Mapping[str, Sequence[Row]] | None = None,
    reader: Reader = EVERYTHING,
    at: datetime | None = None,
) -> Customer:
    """All that the page says of a customer above her time line.

    Args:
        key: hers, after merges.
        held: her `rows_of`, where the caller has them.
        at: what is past and what is to come; None is now.
    """
    now = at or clock_now()
    if held is None:
        held = rows_of(log, settings.slug, key, reader=reader)
    counts = log.timeline_counts(settings.slug, TimelineAsked(key, reader=reader)).to_pylist()
    orders, lines, contacts = held["orders"], held["order_lines"], held["service_contacts"]
    kinds = log.schema(settings.slug).dimensions.get("orders", {})
    dimensions = [name for name, kind in kinds.items() if kind == "text"]
    traits = _traits(held["traits"])
    usual = market(log, settings.slug) if orders else Market({}, {}, None, 0)
    scores = _scores(held["answers"])
    return Customer(
        key=key,
        ids=_sorted_ids(held["ids"]),
        traits=traits,
        counts=_summed(counts, "table"),
        channels=_summed(counts, "channel"),
        first_at=min((row["first_at"] for row in counts), default=None),
        last_at=max((row["last_at"] for row in counts), default=None),
        money=_money(orders, held["refunds"], now),
        next_orders=_next_orders(orders, dimensions, now),
        issues=_issues(contacts),
        contacts=tuple(_contact(row) for row in contacts[:3]),
        last_score=scores[0] if scores else None,
        scores=scores,
        last_words=_words(held["verbatims"]),
        consents=_consents(held["consents"]),
        behaviour=habits.behaviour(orders, lines, now),
        preference=habits.preference(
            # What is on file of her is no taste: her home region is in each of her orders.
            orders,
            lines,
            [name for name in dimensions if name not in traits],
            usual,
        ),
    )


TABLES = (
    "traits", "orders", "order_lines", "refunds", "service_contacts", "answers", "verbatims",
    "consents",
)  # fmt: skip
"""Where what the page says of her stands."""


def _summed(counts: Sequence[Row], by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in counts:
        if row[by] is not None:
            found[row[by]] = found.get(row[by], 0) + row["n"]
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _traits(rows: Sequence[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:  # newest first
        if row["name"] and row["value"] is not None:
            found.setdefault(row["name"], row["value"])
    return dict(sorted(found.items()))


def _money(orders: Sequence[Row], refunds: Sequence[Row], now: datetime) -> tuple[Money, ...]:
    since = now - timedelta(days=VALUE_DAYS)
    sums: dict[str, list[Any]] = {}
    for place, rows in ((0, orders), (2, refunds)):
        for row in rows:
            if row["amount"] is None or row["occurred_at"] < since:
                continue
            held = sums.setdefault(row["currency"] or "", [0, Decimal(0), 0, Decimal(0)])
            held[place] += 1
            held[place + 1] += row["amount"]
    found = [Money(currency, *held) for currency, held in sums.items()]
    return tuple(sorted(found, key=lambda money: (-money.orders, money.currency)))


def _next_orders(
    orders: Sequence[Row], dimensions: Sequence[str], now: datetime
) -> tuple[Order, ...]:
    coming, unfinished = [], []
    for row in orders:
        about = tuple(
            (name, str(row[DIMENSION_PREFIX + name]))
            for name in dimensions
            if row.get(DIMENSION_PREFIX + name)
        )
        one = Order(
            row["id"], row["occurred_at"], row["experienced_at"], row["status"],
            row["amount"], row["currency"], about,
        )  # fmt: skip
        if one.experienced_at and one.experienced_at > now:
            coming.append(one)
        elif (one.status or "").lower() in OPEN_STATUS:
            unfinished.append(one)
    coming.sort(key=lambda one: one.experienced_at or now)
    return tuple(coming + unfinished)


def _contact(row: Row) -> Contact:
    return Contact(
        row["occurred_at"], row["channel"], row["reason"], _outcome(row), row["talk_seconds"],
        row["agent"],
    )  # fmt: skip


def _outcome(row: Row) -> str:
    if row["is_abandoned"]:
        return "abandoned"
    if row["is_reopened"]:
        return "reopened"
    if row["is_resolved"] is None:
        return "unknown"
    return "resolved" if row["is_resolved"] else "unresolved"


def _issues(contacts: Sequence[Row]) -> tuple[Issue, ...]:
    """Issues whose latest contact did not resolve them, the longest open first."""
    by_issue: dict[str, list[Mapping[str, Any]]] = {}
    for row in contacts:  # newest first
        by_issue.setdefault(row["issue"] or row["id"], []).append(row)
    found = []
    for issue, rows in by_issue.items():
        last = rows[0]
        if last["is_resolved"] and not last["is_reopened"]:
            continue
        promised = [
            row[DIMENSION_PREFIX + name]
            for row in rows
            for name in PROMISES
            if isinstance(row.get(DIMENSION_PREFIX + name), datetime)
        ]
        found.append(
            Issue(
                issue, last["reason"], rows[-1]["occurred_at"], last["occurred_at"], len(rows),
                promised[0] if promised else None,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda issue: issue.since))


def _scores(answers: Sequence[Row]) -> tuple[Said, ...]:
    return tuple(
        Said(
            row["occurred_at"], row["touchpoint"], row["metric"], row["question"], row["score"],
            row["scale_max"],
        )
        for row in answers
        if row["score"] is not None and row["answer_state"] == "answered"
    )  # fmt: skip


def _words(verbatims: Sequence[Row]) -> Said | None:
    row = next((row for row in verbatims if row["text"]), None)
    if row is None:
        return None
    return Said(
        row["occurred_at"], row["touchpoint"], question=row["question"], text=row["text"],
        language=row["language"],
    )  # fmt: skip


def _consents(rows: Sequence[Row]) -> tuple[Consent, ...]:
    found: dict[tuple[str, str | None], Consent] = {}
    for row in rows:  # newest first
        place = (row["purpose"] or "", row["channel"])
        if row["is_given"] is not None:
            found.setdefault(place, Consent(*place, row["is_given"], row["occurred_at"]))
    return tuple(sorted(found.values(), key=lambda one: (one.purpose, one.channel or "")))


# What is usual among all customers

_markets: dict[tuple[int, str, str], tuple[float, Market]] = {}
_market_lock = threading.Lock()


def market(log: Log, workspace: str) -> Market:
    """What is usual, from the latest order lines and orders; kept for an hour."""
    place = place_of(log, workspace)
    with _market_lock:
        kept = _markets.get(place)
        if kept is None or time.monotonic() - kept[0] > MARKET_SECONDS:
            kept = (time.monotonic(), _market(log, workspace))
            _markets[place] = kept
    return kept[1]


def _market(log: Log, workspace: str) -> Market:
    schema = log.schema(workspace)
    lines = _latest(log, workspace, lang.table(schema, "order_lines"))
    is_whole = lines.category.notnull() & lines.amount.notnull() & (lines.quantity > 0)
    whole = lines.filter(is_whole)
    usual = whole.group_by("category").aggregate(
        price=(whole.amount.cast("float64") / whole.quantity).median(),
        quantity=whole.quantity.median(),
        n=whole.count(),
    )
    rows = log.execute(workspace, usual, words=True).to_pylist()
    column = next(
        (n for n in schema.dimensions.get("orders", {}) if n.lower() in habits.PROMOTIONS), None
    )
    promoted = None
    if column is not None:
        orders = _latest(log, workspace, lang.table(schema, "orders"))
        counted = orders.aggregate(
            n=orders.count(), promoted=orders[DIMENSION_PREFIX + column].notnull().sum()
        )
        (row,) = log.execute(workspace, counted).to_pylist()
        promoted = 100.0 * int(row["promoted"] or 0) / row["n"] if row["n"] else None
    return Market(
        {row["category"]: row["price"] for row in rows},
        {row["category"]: row["quantity"] for row in rows},
        promoted,
        sum(row["n"] for row in rows),
    )


def _latest(log: Log, workspace: str, table: lang.Expression) -> lang.Expression:
    """The rows that came last: enough to know what is usual, however long the log."""
    (row,) = log.execute(workspace, table.aggregate(last=table.seq.max())).to_pylist()
    return table.filter(table.seq > (row["last"] or 0) - MARKET_ROWS)
