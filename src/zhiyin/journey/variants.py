"""Variants: whole histories, told by the order of their events alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events, seconds, told_in_order
from zhiyin.kernel.filters import Filter
from zhiyin.stats.withheld import Wholes, beside
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Variant:
    """One order of events, and who went through exactly it.

    Args:
        share: of all customers with an event, 0…1.
        median_seconds: from a customer's first event to her last.
    """

    steps: tuple[str, ...]
    customers: int
    share: float
    median_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "steps": list(self.steps),
            "customers": self.customers,
            "share": self.share,
            "median_seconds": self.median_seconds,
        }


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants, the most frequent first.

    Args:
        variants: without those of fewer customers than `minimum_base`, and without what would
            tell of these by subtraction.
        variants_in_all: how many there are, shown or not.
        variants_withheld: of them, those that are not shown however many are asked for.
        customers: with at least one event; None where they are fewer than the minimum.
    """

    variants: tuple[Variant, ...]
    variants_in_all: int
    variants_withheld: int
    customers: int | None
    minimum_base: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "variants": [one.as_dict() for one in self.variants],
            "variants_in_all": self.variants_in_all,
            "variants_withheld": self.variants_withheld,
            "customers": self.customers,
            "minimum_base": self.minimum_base,
        }


def variants(
    log: Log,
    settings: Settings,
    chosen: Chosen,
    *,
    top: int | None = None,
    scope: Filter | None = None,
) -> Variants:
    """Count the customers of each order of events; `top` is how many are returned.

    Raises:
        Problem: ``filter.…``.
    """
    events = Events.of(log, settings, chosen, scope=scope)
    minimum = settings.minimum_base
    counted = _out_of_index(events, minimum, top) or _by_sql(events, minimum, top)
    size_of = counted.size_of
    of = sum(size * n for size, n in size_of.items())
    number = _shown(size_of, minimum)
    found = counted.largest[: number if top is None else min(top, number)]
    return Variants(
        variants=tuple(
            Variant(
                steps=tuple(events.nodes[node] for node in nodes),
                customers=customers,
                share=customers / of,
                median_seconds=seconds(median) or 0.0,
            )
            for nodes, customers, median in found
        ),
        variants_in_all=sum(size_of.values()),
        variants_withheld=sum(size_of.values()) - number,
        customers=None if 0 < of < minimum else of,
        minimum_base=minimum,
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """All variants, before any is withheld.

    Args:
        size_of: how many variants there are of each number of customers.
        largest: those that may be shown, the most frequent first; of equally frequent ones that of
            the customer whom the log has known longest. Each as nodes, customers, microseconds.
    """

    size_of: dict[int, int]
    largest: list[tuple[list[int], int, float | None]]


def _out_of_index(events: Events, minimum: int, top: int | None) -> _Counted | None:
    if not events.nodes:
        return None
    asked = {"nodes": list(events.nodes), "minimum": minimum, "top": top}
    found = events.ask("variants", asked, events.nodes_by)
    if found is None:
        return None
    size_of: dict[int, int] = {}
    largest = []
    for row in found.to_pylist():
        size_of[row["customers"]] = size_of.get(row["customers"], 0) + row["n"]
        if row["nodes"] is not None:
            largest.append((row["nodes"], row["customers"], row["median"]))
    return _Counted(size_of, largest)


def _by_sql(events: Events, minimum: int, top: int | None) -> _Counted:
    counted = _counted(events)
    sizes = events.run(counted.group_by("customers").aggregate(n=counted.count())).to_pylist()
    enough = counted.filter(counted.customers >= minimum)
    largest = enough.order_by([lang.desc(enough.customers), enough.example]).limit(top)
    return _Counted(
        {row["customers"]: row["n"] for row in sizes},
        [
            ([int(node) for node in row["told"].split(",")], row["customers"], row["median"])
            for row in events.run(largest).to_pylist()
        ],
    )


def _counted(events: Events) -> lang.Expression:
    """One row a variant."""
    each = histories(events)
    return each.group_by("told").aggregate(
        customers=each.count(), median=each.lasted.median(), example=each.key.min()
    )


def histories(events: Events) -> lang.Expression:
    """One row a customer: ``told``, her nodes in their order, how long it ``lasted``, her first
    ``key``."""
    return told_in_order(events.paths(), ["customer"], lasted="us")


def _shown(size_of: dict[int, int], minimum: int) -> int:
    """How many variants are shown, the largest: what is withheld beside small ones is smallest.

    Args:
        size_of: how many variants have so many customers.
    """
    # As many as the minimum of one small size are together no more secret than all of them.
    numbers = {size: min(n, minimum) if size < minimum else n for size, n in size_of.items()}
    held = np.array([*numbers.items()], dtype=np.int64).reshape(-1, 2)
    sizes = np.repeat(held[:, 0], held[:, 1]).astype(np.float64)
    whole = sum(size * n for size, n in numbers.items())
    more = beside(sizes, minimum, [Wholes.one(len(sizes), whole)])
    return int((sizes >= minimum).sum() - more.sum())
