"""Variants: whole histories, told by the order of their events alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events, order_of, seconds
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
    each = histories(events)
    counted = each.group_by("told").aggregate(customers=each.count(), median=each.lasted.median())
    sizes = counted.group_by("customers").aggregate(n=counted.count())
    size_of = {row["customers"]: row["n"] for row in events.run(sizes).to_pylist()}
    of = sum(size * n for size, n in size_of.items())
    number = _shown(size_of, minimum)
    order = [lang.desc(counted.customers), counted.told]
    wanted = number if top is None else min(top, number)
    found = events.run(counted.order_by(order).limit(wanted)).to_pylist()
    return Variants(
        variants=tuple(
            Variant(
                steps=tuple(events.nodes[int(node)] for node in row["told"].split(",")),
                customers=row["customers"],
                share=row["customers"] / of,
                median_seconds=seconds(row["median"]) or 0.0,
            )
            for row in found
        ),
        variants_in_all=sum(size_of.values()),
        variants_withheld=sum(size_of.values()) - number,
        customers=None if 0 < of < minimum else of,
        minimum_base=minimum,
    )


def histories(events: Events) -> lang.Expression:
    """One row a customer: ``told``, her nodes in their order, and how long it ``lasted``."""
    rows = events.paths()
    text = rows.node.cast("string").group_concat(",", order_by=order_of(rows))
    return rows.group_by("customer").aggregate(told=text, lasted=rows.us.max() - rows.us.min())


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
