"""What a rule of a touchpoint would find, counted while it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.where import where

Facts = Literal["events", "answers"]

DAYS = 30
"""Counted over so many days up to the newest fact."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule finds.

    Args:
        facts, customers: None where they are of fewer customers than may be told.
        minimum: how many these are.
    """

    facts: int | None
    customers: int | None
    minimum: int

    def as_dict(self) -> dict[str, Any]:
        """As a program is told."""
        return {
            "facts": self.facts, "customers": self.customers, "minimum_base": self.minimum,
            "days": DAYS,
        }  # fmt: skip


def tried(log: Log, settings: Settings, text: str, table: Facts) -> Tried:
    """How many events or answers of the last days a rule finds, and of how many customers.

    Raises:
        Problem: ``filter.…``.
    """
    schema = log.schema(settings.slug)
    rows = lang.table(schema, table)
    asked = where(parse(text), rows, schema, table_name=table, zone=settings.timezone)
    newest = log.execute(settings.slug, rows.aggregate(at=rows.occurred_at.max())).to_pylist()
    at = newest[0]["at"]
    if at is None:
        return Tried(0, 0, settings.minimum_base)
    # By the hour, so that the queries of one hour are compiled once.
    since = at.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    mine = rows.filter(asked & (rows.occurred_at > lang.timestamp(since.isoformat(sep=" "))))
    query = mine.aggregate(n=mine.count(), customers=mine.customer.nunique())
    found = log.execute(settings.slug, query).to_pylist()[0]
    if 0 < found["customers"] < settings.minimum_base:
        return Tried(None, None, settings.minimum_base)
    return Tried(found["n"], found["customers"], settings.minimum_base)
