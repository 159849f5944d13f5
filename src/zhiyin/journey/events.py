"""The events of customers in their order: what every question about journeys reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zhiyin.journey.asking import Chosen, no_such_name
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import Bucket, day_start
from zhiyin.kernel.text import _
from zhiyin.unify import people, segments
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader, Schema
from zhiyin.warehouse.tables import DIMENSION_PREFIX, TABLES
from zhiyin.warehouse.where import where

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings

EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
SECONDS = 60.0
"""A question about the order of events reads all of them: it may take so long."""

NOBODY = -1
"""Stands for a missing word, which is a group of its own."""

ORDER = ("us", "own_key", "seq")
"""A customer's events stand in the order of time; at one microsecond, those of one id together, the
id that the log knew first before the others; within an id, in the order of arrival."""

Keys = npt.NDArray[np.int32]

NO_MARKS: Mapping[str, Filter] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Whose:
    """Customers of whom all these rules hold, and none of those."""

    every: tuple[Filter, ...] = ()
    none: tuple[Filter, ...] = ()

    @property
    def is_everybody(self) -> bool:
        """Whether nobody is left out."""
        return not self.every and not self.none

    def rows(self, log: Log, settings: Settings) -> lang.Expression:
        """One row a customer: ``customer``.

        Raises:
            Problem: ``filter.…``.
        """
        table, holds = people.chosen_by(log, settings, [*self.every, *self.none])
        asked = [one if place < len(self.every) else ~one for place, one in enumerate(holds)]
        return (table.filter(*asked) if asked else table).select("customer")


@dataclass(frozen=True, slots=True)
class Events:
    """The chosen events of one workspace, ready to be asked.

    Args:
        nodes: what each node of a path is called, by its number.
        whose: whose events alone there are.
        keys: the same customers, int32 and rising, where somebody has looked them up.
    """

    log: Log
    settings: Settings
    chosen: Chosen
    schema: Schema
    reader: Reader
    names: dict[str, int]
    nodes: dict[int, str] = field(default_factory=dict)
    whose: Whose = Whose()
    keys: Keys | None = None

    @classmethod
    def of(
        cls, log: Log, settings: Settings, chosen: Chosen, *, scope: Filter | None = None
    ) -> Events:
        """Look up what a question may name. `scope` is what its reader may see.

        Raises:
            Problem: as `segments.read`.
        """
        slug = settings.slug
        names = {word: code for code, word in log.words(slug, "name").items()}
        nodes = {2 * code: word for word, code in names.items()}
        if log.rules(slug, "touchpoint"):
            nodes |= {2 * code + 1: word for code, word in log.words(slug, "touchpoint").items()}
        every = (segments.read(log, slug, chosen.customers),) if chosen.customers else ()
        return cls(
            log, settings, chosen, log.schema(slug), Reader(scope), names, nodes, Whose(every)
        )

    def rows(self, *extra: str, marks: Mapping[str, Filter] = NO_MARKS) -> lang.Expression:
        """One row an event: ``customer``, ``us`` (microseconds since 1970), ``own_key`` (of the
        id), ``seq``, ``name``, the columns `extra`, and of each mark whether its filter holds."""
        events = lang.table(self.schema, "events", has_own_key=True)
        asked = [events.name.notnull(), *self._conditions(events)]
        us = events.occurred_at.delta(lang.timestamp(EPOCH), unit="microsecond")
        columns = {name: events[name] for name in ("customer", "own_key", "seq", "name", *extra)}
        columns |= {name: self._holds(filter_, events) for name, filter_ in marks.items()}
        return self.of_customers(events.filter(*asked).select(us=us, **columns))

    def of_customers(self, rows: lang.Expression) -> lang.Expression:
        """Those rows whose ``customer`` is one that is asked for."""
        if self.whose.is_everybody:
            return rows
        return rows.semi_join(self.whose.rows(self.log, self.settings), "customer")

    def paths(self, *, marks: Mapping[str, Filter] = NO_MARKS) -> lang.Expression:
        """The same with ``node``: the event's touchpoint where rules say which, else its name.

        A workspace without rules for touchpoints has nodes by name alone.
        """
        if self.nodes_by is None:
            rows = self.rows(marks=marks)
            return rows.mutate(node=rows.name * 2)
        rows = self.rows("touchpoint", marks=marks)
        return rows.mutate(node=lang.coalesce(rows.touchpoint * 2 + 1, rows.name * 2))

    def _conditions(self, events: lang.Expression) -> list[lang.Value]:
        found = self.in_days(events.occurred_at)
        if self.chosen.where is not None:
            found.append(self._holds(self.chosen.where, events))
        return found

    def in_days(self, at: lang.Value) -> list[lang.Value]:
        """What holds of a moment within the chosen days."""
        chosen, zone = self.chosen, self.settings.timezone
        found: list[lang.Value] = []
        if chosen.start is not None:
            found.append(at >= lang.timestamp(day_start(chosen.start, zone)))
        if chosen.end is not None:
            found.append(at < lang.timestamp(day_start(chosen.end, zone)))
        return found

    def _holds(self, filter_: Filter, events: lang.Expression) -> lang.Value:
        zone = self.settings.timezone
        asked = where(filter_, events, self.schema, table_name="events", zone=zone)
        return lang.coalesce(asked, False)

    @property
    def nodes_by(self) -> str | None:
        """The column whose words are nodes; None where nodes are names alone, since no rules say
        touchpoints."""
        return "touchpoint" if any(number % 2 for number in self.nodes) else None

    def ask(
        self,
        question: str,
        asked: Mapping[str, Any],
        by: str | None = None,
        *,
        also: Sequence[str] = (),
        nodes: Sequence[Filter] = (),
    ) -> pa.Table | None:
        """An answer out of the journey index about these events; None where a query must.

        Args:
            question: one of `warehouse.journeys.asking`.
            by: the column to break down by, as filters call it.
            also: further ones.
            nodes: the rules of a map's nodes, in its order.
        """
        chosen, zone = self.chosen, self.settings.timezone
        days = {"start": chosen.start, "end": chosen.end}
        times = {
            name: microseconds(day_start(day, zone) - EPOCH)
            for name, day in days.items()
            if day is not None
        }
        whose: dict[str, bytes] = {}
        if not self.whose.is_everybody:
            keys = self.keys
            if keys is None:
                found = self.run(self.whose.rows(self.log, self.settings))["customer"]
                keys = np.sort(found.to_numpy().astype(np.int32))
            whose["whose"] = keys.tobytes()
        return self.log.ask_journeys(
            self.settings.slug,
            question,
            {**asked, **times, **whose},
            where=chosen.where,
            by=(*([] if by is None else [by]), *also),
            nodes=tuple(nodes),
            reader=self.reader,
            seconds=SECONDS,
        )

    def run(self, query: lang.Expression) -> pa.Table:
        """All rows of a query over these events."""
        return self.log.execute(self.settings.slug, query, reader=self.reader, seconds=SECONDS)

    def codes(self, words: frozenset[str]) -> list[int]:
        """The codes of names of events.

        Raises:
            Problem: ``journey.no-such-event``.
        """
        for word in sorted(words):
            if word not in self.names:
                raise no_such_name(word, self.names)
        return sorted(self.names[word] for word in words)

    def nodes_called(self, word: str) -> list[int]:
        """The nodes of that name: a touchpoint and an event may share it.

        Raises:
            Problem: ``journey.no-such-event``.
        """
        found = [number for number, name in self.nodes.items() if name == word]
        if not found:
            raise no_such_name(word, self.nodes.values())
        return found

    def breakable(self) -> dict[str, str]:
        """Columns to break down by, each with its physical one: those that hold words."""
        known = {}
        for one in self.schema.columns("events"):
            own = TABLES["events"].column(one)
            kind = None if own else self.schema.dimensions["events"][one]
            if own.coded if own else kind == "text":
                known[one] = one if own else DIMENSION_PREFIX + one
        return known

    def column(self, name: str) -> str:
        """The physical column to break down by.

        Raises:
            Problem: ``journey.no-such-column``.
        """
        known = self.breakable()
        if name not in known:
            raise Problem(
                "journey.no-such-column",
                _("Journeys cannot be broken down by {column}.", column=name),
                _("Columns to break down by: {known}.", known=", ".join(known)),
            )
        return known[name]

    def words(self, column: str) -> dict[int, str | None]:
        """The word behind each code of a column; a missing one is a group of its own."""
        return {NOBODY: None, **self.log.words(self.settings.slug, column)}


def microseconds(span: timedelta) -> int:
    """A length of time as the queries count it."""
    return span // MICROSECOND


def instants(buckets: Sequence[Bucket]) -> list[int]:
    """When each period begins and, last, when the last one ends; microseconds since 1970."""
    ends = [bucket.start for bucket in buckets] + [buckets[-1].end]
    return [microseconds(at - EPOCH) for at in ends]


def order_of(rows: lang.Expression) -> list[lang.Value]:
    """What a customer's rows are ordered by."""
    return [rows[name] for name in ORDER]


def told_in_order(rows: lang.Expression, keys: Sequence[str], **more: str) -> lang.Expression:
    """One row for each of `keys`: ``told``, the nodes of its rows in their order, joined by commas.

    Not every engine joins texts in an order, but all sort an array of them.

    Args:
        more: further columns by their names: the greatest of a column less its smallest.
    """
    place = lang.row_number().over(group_by=list(keys), order_by=order_of(rows))
    rows = rows.mutate(place=place)
    text = rows.place.cast("string").lpad(_PLACES, "0") + ":" + rows.node.cast("string")
    spans = {name: rows[column].max() - rows[column].min() for name, column in more.items()}
    each = rows.group_by(list(keys)).aggregate(told=text.collect(), key=rows.own_key.min(), **spans)
    return each.mutate(told=each.told.sort().join(",").re_replace("[0-9]+:", ""))


_PLACES = 10
"""Digits of a place among the events of one customer."""


def seconds(us: float | None) -> float | None:
    """Microseconds as seconds."""
    return None if us is None else us / 1e6
