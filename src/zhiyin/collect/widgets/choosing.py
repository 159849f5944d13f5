"""What the log says of a visitor: whether she is in a segment, and when she was asked last.

It reads the log, and so runs on a thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhiyin.collect.widgets.facts import MODE
from zhiyin.collect.widgets.published import PublishedRule, PublishedRules
from zhiyin.kernel.filters import parse
from zhiyin.kernel.ids import ANONYMOUS, KNOWN
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.where import where_customers

SECONDS = 5.0
"""A visitor does not wait longer: then she is not asked."""

NAMES_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on a company's site.

    Args:
        device: the id that her browser made up.
        customer: by which the company knows her, by the page's word; blank: it does not say.
        is_proven: the company's server vouches for that.
    """

    device: str
    customer: str = ""
    is_proven: bool = False

    @property
    def said(self) -> str:
        """All of it, as one text."""
        return "\x1f".join((self.device, self.customer, str(int(self.is_proven))))


@dataclass
class Choosing:
    """Asks the log.

    Args:
        rules: who knows the kept lists.
    """

    log: Log
    rules: PublishedRules
    _traits: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)

    def is_in_segment(self, rule: PublishedRule, visitor: Visitor, *, at: datetime) -> bool:
        """Whether the customer whom the company vouches for is in the rule's segment.

        Args:
            at: the present (UTC, naive).

        Raises:
            Problem: ``log.too-slow``, ``log.busy``; a filter that names what is no column.
        """
        segment = rule.segment
        if segment is None:
            return True
        if not visitor.is_proven:
            return False
        keys = self._keys(rule.workspace, [(KNOWN, visitor.customer)])
        if not keys:
            return False
        if not segment.rule:
            return self._is_kept(rule.workspace, keys[0], self.rules.kept(
                rule.workspace, segment.slug
            ))  # fmt: skip
        chosen = parse(segment.rule)
        table = lang.customers(sorted(chosen.columns()), at=at, currency=rule.currency)
        holds = where_customers(
            chosen, table, traits=self._trait_names(rule.workspace), zone=rule.zone
        )
        query = table.filter(table.customer == keys[0]).filter(holds).select("customer")
        found = self.log.execute(rule.workspace, query, customers=keys, seconds=SECONDS)
        return found.num_rows > 0

    def was_asked(self, rule: PublishedRule, visitor: Visitor, *, at: datetime) -> bool:
        """Whether the widget asked her by this rule too often or too lately, on any device of hers,
        or by another rule within its pause.

        Raises:
            Problem: ``log.too-slow``, ``log.busy``.
        """
        names = [(ANONYMOUS, visitor.device), (KNOWN, visitor.customer)]
        keys = self._keys(rule.workspace, [one for one in names if one[1]])
        if not keys:
            return False
        words = lang.words()
        exposures = lang.table(self.log.schema(rule.workspace), "exposures")

        def says(column: lang.Value, domain: str, word: str) -> lang.Value:
            known = words.filter((words.domain == domain) & (words.word == word))
            return column.isin(known.code)

        query = exposures.filter(
            says(exposures.action, "action", "invited"), says(exposures.mode, "mode", MODE)
        ).select("occurred_at", "distribution")
        found = self.log.execute(
            rule.workspace, query, customers=keys, words=True, seconds=SECONDS
        ).to_pylist()
        own = [row["occurred_at"] for row in found if row["distribution"] == rule.name]
        every = [row["occurred_at"] for row in found if row["distribution"] != rule.name]
        said = rule.rule
        return (
            bool(said.most_times and len(own) >= said.most_times)
            or any(one > at - timedelta(days=said.every_days) for one in own)
            or any(one > at - timedelta(days=said.pause_days) for one in every)
        )

    def _keys(self, workspace: str, names: Sequence[tuple[str, str]]) -> list[int]:
        """The customers who have one of these ids."""
        ids = lang.ids()
        wanted = [(ids.kind == kind) & (ids.id == name) for kind, name in names]
        condition = wanted[0] if len(wanted) == 1 else wanted[0] | wanted[1]
        rows = self.log.execute(workspace, ids.filter(condition).select("key"), seconds=SECONDS)
        return sorted({int(row["key"]) for row in rows.to_pylist()})

    def _is_kept(self, workspace: str, key: int, kept: Sequence[int]) -> bool:
        """Whether one of her ids is in the list."""
        ids = lang.ids()
        rows = self.log.execute(
            workspace, ids.filter(ids.key == key).select("own"), seconds=SECONDS
        )
        return not set(kept).isdisjoint(int(row["own"]) for row in rows.to_pylist())

    def _trait_names(self, workspace: str) -> frozenset[str]:
        known = self._traits.get(workspace)
        if known is None or time.monotonic() - known[0] > NAMES_SECONDS:
            table = lang.table(self.log.schema(workspace), "traits")
            query = table.select("name").distinct()
            rows = self.log.execute(workspace, query, words=True, seconds=SECONDS).to_pylist()
            names = frozenset(row["name"] for row in rows if row["name"])
            known = self._traits[workspace] = (time.monotonic(), names)
        return known[1]
