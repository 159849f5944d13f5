"""What is known of each customer, as columns of one table that filters and lists can name.

`lang.customers` is a table with one row per customer; a query names the columns that it wants,
and the log works out those and no others. A column is a count (``orders``), a count within days
(``orders_30d``), a last time, days since it, a last score, money, an event that she did
(``did Order Completed 30d``) or a trait (``tier``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from zhiyin.warehouse.tables import Kind

PREFIX = "customers "
"""What the name of such a table begins with; the rest of the name is a `Wanted` as JSON."""

Form = Literal["base", "since", "window", "did", "spent", "open", "trait", "key"]

COUNTS: dict[str, str] = {
    "events": "events",
    "sessions": "events",
    "orders": "orders",
    "refunds": "refunds",
    "contacts": "service_contacts",
    "answers": "answers",
    "verbatims": "verbatims",
}
"""What is counted, and the table that it is counted in."""

TIMES: dict[str, str] = {
    "first_at": "",
    "last_at": "seen",
    "last_event_at": "event",
    "first_order_at": "",
    "last_order_at": "order",
    "last_contact_at": "contact",
    "last_answer_at": "answer",
    "last_nps_at": "",
    "last_csat_at": "",
    "last_ces_at": "",
}
"""Columns of times, and the word after ``days_since_`` where there is such a column."""

SCORES = ("last_nps", "last_csat", "last_ces")

KEY = "customer key"
"""The log's key of a customer, in lists that are kept; whoever writes a filter names ids."""

LONGEST_WINDOW = 1_830
"""Days."""

_WINDOW = re.compile(r"(\w+)_(\d{1,4})d")
_DID = re.compile(r"did (.+?)(?: (\d{1,4})d)?")
_SINCE = {f"days_since_{word}": name for name, word in TIMES.items() if word}


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns of customers a query wants, and for which moment.

    Args:
        columns: names, `customer` left out.
        at: windows end here, and days count back from here (UTC, naive).
        currency: of ``spent``.
    """

    columns: tuple[str, ...]
    at: datetime
    currency: str = ""

    def name(self) -> str:
        """The name of the table in a query."""
        return PREFIX + msgspec.json.encode(self).decode()


@dataclass(frozen=True, slots=True)
class CustomerColumn:
    """One column: how it is worked out.

    Args:
        form: ``base`` stands in the table of customers; ``since`` is days since such a time;
            ``window`` and ``did`` count rows within days; the others say what they are.
        of: the base column, table of facts, event or trait that it is about.
        days: of a window; None is all time.
    """

    name: str
    kind: Kind
    form: Form
    of: str = ""
    days: int | None = None


def wanted_of(table: str) -> Wanted | None:
    """The `Wanted` in a table's name, None where the name is another's."""
    if not table.startswith(PREFIX):
        return None
    return msgspec.json.decode(table.removeprefix(PREFIX), type=Wanted)


def column(name: str) -> CustomerColumn:
    """The column called `name`; whatever is nothing else is a trait."""
    if name in ("customer", KEY):
        return CustomerColumn("customer", "int", "key")
    if name in COUNTS and name != "sessions":
        return CustomerColumn(name, "int", "base", name)
    if name in TIMES:
        return CustomerColumn(name, "time", "base", name)
    if name in SCORES:
        return CustomerColumn(name, "float", "base", name)
    if name in _SINCE:
        return CustomerColumn(name, "int", "since", _SINCE[name])
    if name == "open_contacts":
        return CustomerColumn(name, "int", "open")
    if name == "spent":
        return CustomerColumn(name, "money", "spent")
    if (found := _WINDOW.fullmatch(name)) and 0 < int(found[2]) <= LONGEST_WINDOW:
        counted, days = found[1], int(found[2])
        if counted == "spent":
            return CustomerColumn(name, "money", "spent", days=days)
        if counted in COUNTS:
            return CustomerColumn(name, "int", "window", counted, days)
    if found := _DID.fullmatch(name):
        days_back = int(found[2]) if found[2] else None
        if days_back is None or 0 < days_back <= LONGEST_WINDOW:
            return CustomerColumn(name, "int", "did", found[1], days_back)
    return CustomerColumn(name, "text", "trait", name.removeprefix("trait "))


PLAIN: tuple[str, ...] = (
    *(name for name in COUNTS if name != "sessions"),
    "open_contacts",
    "spent",
    *TIMES,
    *_SINCE,
    *SCORES,
)
"""Every name that stands for itself: no window, no event, no trait."""

WINDOWED: tuple[str, ...] = (*COUNTS, "spent")
"""What takes a window: ``_30d`` after the name."""
