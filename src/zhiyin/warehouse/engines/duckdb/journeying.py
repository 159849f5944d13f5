"""What the log does for questions about journeys: it keeps the index, and chooses by look-ups."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import bases, remembered
from zhiyin.warehouse.engines.duckdb.counters import table_of
from zhiyin.warehouse.engines.duckdb.moments import LogMoment
from zhiyin.warehouse.engines.duckdb.queue import Queue
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.journeys import asking, choosing
from zhiyin.warehouse.journeys.choosing import Chosen, Flags
from zhiyin.warehouse.journeys.index import Index, Indexed
from zhiyin.warehouse.log import Reader, Schema
from zhiyin.warehouse.rules import RULED
from zhiyin.warehouse.tables import DIMENSION_PREFIX, TABLES
from zhiyin.warehouse.where import where

EVERYTHING = Reader()
EVENTS = frozenset({"events"})
OF_TUPLES, OF_NAMES = "tuples of events", "names of events"
"""What stands for the events in a filter over their look-ups."""

_log = logging.getLogger("zhiyin.journeys")


class KeepsJourneys:
    """The part of `DuckdbLog` that answers out of the journey index."""

    _journeys_folder: Path
    _queue: Queue

    def _workspace(self, slug: str) -> Workspace:
        raise NotImplementedError

    def _cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        raise NotImplementedError

    def histories(self, workspace: str) -> Indexed | None:
        """Every customer's events in their order, with all that is committed, and what the numbers
        in them stand for; None where the index cannot hold them.

        Only whoever holds the log has this; others ask by `ask_journeys`.

        Raises:
            OSError: the disk is full, or worse.
        """
        return self._index(self._workspace(workspace)).current()

    def ask_journeys(
        self,
        workspace: str,
        question: str,
        asked: Mapping[str, Any],
        *,
        where: Filter | None = None,
        by: str | None = None,
        reader: Reader = EVERYTHING,
        seconds: float = 30.0,
    ) -> pa.Table | None:
        """Answer a question out of the index; see `Log.ask_journeys`."""
        held = self._workspace(workspace)
        if not _is_of_now(reader):
            return None
        key = remembered.key_of(
            ("journeys", question, repr(sorted(asked.items())), where, by),
            EVENTS,
            held.rows,
            held.superseded,
            reader,
        )

        def find() -> list[pa.Table]:
            with self._queue.turn(held.rows.get("events", 0), seconds):
                chosen = self._chosen(held, where, by, reader)
                return [] if chosen is None else [asking.answer(question, chosen, asked)]

        found = held.remembered.answer(key, find)
        return found[0] if found else None

    def _chosen(
        self, held: Workspace, asked: Filter | None, by: str | None, reader: Reader
    ) -> Chosen | None:
        """What a question reads; None where the index cannot say what it asks for."""
        try:
            indexed = self._index(held).current()
        except OSError:
            _log.exception("the journey index of %s", held.slug)
            return None
        if indexed is None:
            return None
        columns = {name for name in indexed.columns if not _is_ruled(held, name, reader)}
        group = None if by is None else _physical(by)
        filters = [part for one in (reader.scope, asked) if one for part in choosing.parts(one)]
        of_names = [one for one in filters if _columns(one) == {"name"}]
        of_tuples = [one for one in filters if _columns(one) <= columns]
        if len(of_names) + len(of_tuples) < len(filters) or (group and group not in columns):
            return None
        place = indexed.columns.index(group) if group else 0
        with self._cursor() as cursor:
            return Chosen(
                indexed.histories,
                _holding(cursor, held, of_tuples, OF_TUPLES, indexed.columns, indexed.codes),
                _holding(cursor, held, of_names, OF_NAMES, ("name",), _names(indexed)),
                choosing.grouped(indexed.codes[:, place]) if group else None,
                indexed.columns,
                indexed.codes,
            )

    def _index(self, held: Workspace) -> Index:
        with held.indexing:
            if held.journeys is None:

                @contextmanager
                def moment() -> Iterator[LogMoment]:
                    with self._cursor() as cursor, bases.one_moment(cursor):
                        yield LogMoment(cursor, held)

                held.journeys = Index(self._journeys_folder / held.slug, moment)
            return held.journeys


def _is_of_now(reader: Reader) -> bool:
    """Whether a reader sees what the index holds: the present, and customers after merges."""
    return reader.as_of is None and reader.is_merged


def _is_ruled(held: Workspace, column: str, reader: Reader) -> bool:
    """Whether rules decide what an event has in a column: the index has what it says itself."""
    applied = RULED if reader.scope is not None else reader.rules
    return any(column == one and held.rules.get(one) for one in applied)


def _physical(name: str) -> str:
    return name if TABLES["events"].column(name) else DIMENSION_PREFIX + name


def _columns(filter_: Filter) -> set[str]:
    return {_physical(name) for name in filter_.columns()}


def _names(indexed: Indexed) -> np.ndarray:
    return np.arange(1 << indexed.histories.name_bits, dtype=np.int32).reshape(-1, 1)


def _holding(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    filters: list[Filter],
    called: str,
    columns: tuple[str, ...],
    codes: np.ndarray,
) -> Flags | None:
    """For which rows of codes all filters hold, by the meaning that they have for events."""
    if not filters:
        return None
    schema = Schema(held.version, held.dimensions)
    facts = lang.table(schema, "events").op().copy(name=called).to_expr()
    holds = lang.literal(True)
    for one in filters:
        asked = where(one, facts, schema, table_name="events", dictionaries=held.words)
        holds = holds & lang.coalesce(asked, False)
    sql = lang.compile_sql(facts.select(seq=facts.seq, holds=holds))
    rows: dict[str, Any] = {"seq": np.arange(len(codes))}
    for place, name in enumerate(columns):
        rows[name] = pa.array(codes[:, place], pa.int32(), mask=codes[:, place] < 0)
    cursor.register(called, pa.table(rows))
    try:
        found = table_of(cursor, f"{sql} ORDER BY seq")
    finally:
        cursor.unregister(called)
    return np.asarray(found["holds"].to_numpy().astype(np.uint8))
