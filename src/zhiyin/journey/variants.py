"""Variants: whole histories, told by the order of their events alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhiyin.journey.asking import Chosen
from zhiyin.journey.events import Events, order_of, seconds
from zhiyin.kernel.filters import Filter
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
        variants_in_all: how many there are, shown or not.
        customers: with at least one event.
    """

    variants: tuple[Variant, ...]
    variants_in_all: int
    customers: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it."""
        return {
            "variants": [one.as_dict() for one in self.variants],
            "variants_in_all": self.variants_in_all,
            "customers": self.customers,
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
    rows = events.paths()
    text = rows.node.cast("string").group_concat(",", order_by=order_of(rows))
    each = rows.group_by("customer").aggregate(told=text, lasted=rows.us.max() - rows.us.min())
    counted = each.group_by("told").aggregate(customers=each.count(), median=each.lasted.median())
    whole = counted.aggregate(variants=counted.count(), customers=counted.customers.sum())
    shown = counted.order_by([lang.desc(counted.customers), counted.told])
    found = events.run(shown if top is None else shown.limit(top)).to_pylist()
    (total,) = events.run(whole).to_pylist()
    of = int(total["customers"] or 0)  # a sum comes as a decimal
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
        variants_in_all=total["variants"],
        customers=of,
    )
