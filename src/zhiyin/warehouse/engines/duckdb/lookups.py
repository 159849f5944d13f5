"""What filters, break-downs and rules say of events whose name and tuple are known, as look-ups for
the journey index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.kernel.filters import Filter, parse
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import rules
from zhiyin.warehouse.engines.duckdb.counters import table_of
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.journeys import choosing
from zhiyin.warehouse.journeys.choosing import BrokenDown, Chosen, Classes, Numbers
from zhiyin.warehouse.journeys.index import Indexed
from zhiyin.warehouse.journeys.passes.asked import NOWHERE, Bits, Nodes
from zhiyin.warehouse.log import Schema
from zhiyin.warehouse.rules import RULED, Ruled
from zhiyin.warehouse.ruling import condition
from zhiyin.warehouse.tables import DIMENSION_PREFIX, TABLES
from zhiyin.warehouse.where import where

MOST_PAIRS = 1 << 22
"""So many names with kinds of tuples are looked at; SQL answers where there are more."""

NAME = "name"
CALLED = "kinds of events"
"""What stands for the events in a query over their names and tuples."""


class Beyond(Exception):  # noqa: N818 - what is asked, not an error of a person's
    """Name and tuple do not say it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What an answer depends on.

    Args:
        columns: of events, physical names.
        ruled: of them, those whose words rules give, in the order in which rules are read.
    """

    columns: frozenset[str]
    ruled: tuple[Ruled, ...]

    def __or__(self, other: Reach) -> Reach:
        both = {*self.ruled, *other.ruled}
        return Reach(self.columns | other.columns, tuple(one for one in RULED if one in both))


NOTHING = Reach(frozenset(), ())


class LookUps:
    """Looks up what holds for events of the index by their name and tuple.

    Args:
        applied: the columns whose rules the reader has.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        held: Workspace,
        indexed: Indexed,
        applied: Collection[Ruled],
    ) -> None:
        self._cursor = cursor
        self._held = held
        self._indexed = indexed
        self._applied = [column for column in applied if held.rules.get(column)]
        self._schema = Schema(held.version, held.dimensions)

    def chosen(
        self, filters: Sequence[Filter], by: Sequence[str], nodes: Sequence[Filter] = ()
    ) -> Chosen:
        """The events for which all filters hold, broken down by columns as filters call them.

        Args:
            nodes: the rules of a map's nodes; an event is at the first that holds for it.

        Raises:
            Beyond: an event's name and tuple do not say all of it.
            Problem: ``filter.…``.
        """
        reaches = [self._reach(one.columns()) for one in filters]
        lots: dict[str, tuple[list[Filter], Reach]] = {}
        for one, reach in zip(filters, reaches, strict=True):
            kind = _kind(reach)
            known, before = lots.get(kind, ([], NOTHING))
            lots[kind] = ([*known, one], before | reach)
        names = tuples = None
        if "name" in lots:
            names = self._holding(*lots["name"])[0][:, 0].astype(np.uint16)
        if "tuple" in lots:
            flags, of_tuple = self._holding(*lots["tuple"])
            tuples = flags[0][of_tuple].astype(np.uint16)
        if "both" in lots:
            flags, of_tuple = self._holding(*lots["both"])
            bits = choosing.bits_of(flags)
            if bits is None:
                raise Beyond
            names, tuples = _within(names, bits[0]), _within(tuples, bits[1][of_tuple])
        if names is not None:
            # What is not in the dictionaries yet is as the row after the last word.
            size = 1 << self._indexed.histories.name_bits
            names = names[np.minimum(np.arange(size), len(names) - 1)]
        groups = tuple(self._broken_down(one) for one in by)
        indexed = self._indexed
        return Chosen(
            indexed.histories,
            tuples,
            names,
            groups,
            indexed.columns,
            indexed.codes,
            self._nodes(nodes),
        )

    def _broken_down(self, by: str) -> BrokenDown:
        column = _physical(by)
        codes, of_tuple = self._asked(
            self._reach([by]), lambda facts: lang.coalesce(facts[column], -1)
        )
        if codes.shape[1] > choosing.MOST_CLASSES:
            raise Beyond
        return choosing.broken_down(codes.astype(np.int32), of_tuple)

    def _nodes(self, rules: Sequence[Filter]) -> Nodes:
        """By the first rule that holds; so many as there are where none does."""
        if not rules:
            return NOWHERE
        reach = self._reach(frozenset[str]().union(*(one.columns() for one in rules)))

        def place(facts: lang.Expression) -> lang.Value:
            cases = [(self._holds(one, facts), number) for number, one in enumerate(rules)]
            return lang.cases(*cases, else_=len(rules))

        table, of_tuple = self._asked(reach, place)
        if table.shape[1] > choosing.MOST_CLASSES:
            raise Beyond
        return Nodes(table.astype(np.int32), len(rules), of_tuple.astype(np.uint16))

    def _reach(self, columns: Collection[str]) -> Reach:
        """What columns depend on, as filters call them: with rules, on what these name too."""
        wanted = {_physical(name) for name in columns}
        ruled = []
        facts = lang.table(self._schema, "events")
        # Those of a later column read what those of an earlier one gave.
        for column in reversed(RULED):
            if column in wanted and column in self._applied:
                ruled.append(column)
                for rule in self._held.rules[column]:
                    asked = condition(
                        rule, facts, self._schema, table="events", dictionaries=self._held.words
                    )
                    if asked is not None:
                        wanted |= {_physical(name) for name in parse(rule.where).columns()}
        if not wanted <= {NAME, *self._indexed.columns}:
            raise Beyond
        return Reach(frozenset(wanted), tuple(reversed(ruled)))

    def _holding(self, filters: list[Filter], reach: Reach) -> tuple[Numbers, Classes]:
        """Whether all filters hold."""

        def holds(facts: lang.Expression) -> lang.Value:
            both = lang.literal(True)
            for one in filters:
                both = both & self._holds(one, facts)
            return both

        return self._asked(reach, holds)

    def _holds(self, filter_: Filter, facts: lang.Expression) -> lang.Value:
        """Whether a filter holds, by the meaning that it has for events."""
        asked = where(
            filter_, facts, self._schema, table_name="events", dictionaries=self._held.words
        )
        return lang.coalesce(asked, False)

    def _asked(
        self, reach: Reach, value: Callable[[lang.Expression], lang.Value]
    ) -> tuple[Numbers, Classes]:
        """A value by [name, class of tuples], one row where names do not matter; and the class of
        each tuple."""
        held, codes = self._held, self._indexed.codes
        columns = [name for name in self._indexed.columns if name in reach.columns]
        places = [self._indexed.columns.index(name) for name in columns]
        example, of_tuple = choosing.classes(codes, places)
        names = len(held.words.get(NAME, ())) + 1 if NAME in reach.columns else 1
        if names > 1 and names * len(example) > MOST_PAIRS:
            raise Beyond
        rows: dict[str, Any] = {"seq": np.arange(names * len(example))}
        if NAME in reach.columns:
            rows[NAME] = np.repeat(np.arange(names, dtype=np.int32), len(example))
        for name, place in zip(columns, places, strict=True):
            own = np.tile(codes[example, place], names)
            rows[name] = pa.array(own, pa.int32(), mask=own < 0)
        facts = lang.table(self._schema, "events").op().copy(name=CALLED).to_expr()
        given = rules.given(
            held,
            self._schema,
            "events",
            facts.select(*rows),
            [(column, held.rules[column]) for column in reach.ruled],
        )
        sql = lang.compile_sql(given.select(seq=given.seq, value=value(given)))
        self._cursor.register(CALLED, pa.table(rows))
        try:
            found = table_of(self._cursor, f"{sql} ORDER BY seq")
        finally:
            self._cursor.unregister(CALLED)
        values = np.asarray(found["value"].to_numpy())
        return values.reshape(names, len(example)), of_tuple


def _kind(reach: Reach) -> str:
    if NAME not in reach.columns:
        return "tuple"
    return "name" if reach.columns == {NAME} else "both"


def _within(flags: Bits | None, bits: Bits) -> Bits:
    return bits if flags is None else np.where(flags, bits, np.uint16(0))


def _physical(name: str) -> str:
    return name if TABLES["events"].column(name) else DIMENSION_PREFIX + name
