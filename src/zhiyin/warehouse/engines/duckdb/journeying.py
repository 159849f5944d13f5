"""What the log does for questions about journeys: it keeps the index, and chooses by look-ups."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from zhiyin.kernel.filters import Filter
from zhiyin.warehouse.engines.duckdb import bases, remembered
from zhiyin.warehouse.engines.duckdb.lookups import Beyond, LookUps
from zhiyin.warehouse.engines.duckdb.moments import LogMoment
from zhiyin.warehouse.engines.duckdb.queue import Queue
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.journeys import asking, choosing
from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.index import Index, Indexed
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.rules import RULED

EVERYTHING = Reader()
EVENTS = frozenset({"events"})

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
        by: tuple[str, ...] = (),
        nodes: tuple[Filter, ...] = (),
        reader: Reader = EVERYTHING,
        seconds: float = 30.0,
    ) -> pa.Table | None:
        """Answer a question out of the index; see `Log.ask_journeys`."""
        held = self._workspace(workspace)
        if not _is_of_now(reader):
            return None
        key = remembered.key_of(
            ("journeys", question, _short(asked), where, by, nodes),
            EVENTS,
            held.rows,
            held.superseded,
            reader,
        )

        def find() -> list[pa.Table]:
            with self._queue.turn(held.rows.get("events", 0), seconds):
                chosen = self._chosen(held, where, by, nodes, reader)
                return [] if chosen is None else [asking.answer(question, chosen, asked)]

        found = held.remembered.answer(key, find)
        return found[0] if found else None

    def _chosen(
        self,
        held: Workspace,
        asked: Filter | None,
        by: tuple[str, ...],
        nodes: tuple[Filter, ...],
        reader: Reader,
    ) -> Chosen | None:
        """What a question reads; None where the index cannot say what it asks for."""
        try:
            indexed = self._index(held).current()
        except OSError:
            _log.exception("the journey index of %s", held.slug)
            return None
        if indexed is None:
            return None
        filters = [part for one in (reader.scope, asked) if one for part in choosing.parts(one)]
        # A scope goes by all rules.
        applied = RULED if reader.scope is not None else reader.rules
        with self._cursor() as cursor:
            try:
                return LookUps(cursor, held, indexed, applied).chosen(filters, by, nodes)
            except Beyond:
                return None

    def _index(self, held: Workspace) -> Index:
        with held.indexing:
            if held.journeys is None:

                @contextmanager
                def moment() -> Iterator[LogMoment]:
                    with self._cursor() as cursor, bases.one_moment(cursor):
                        yield LogMoment(cursor, held)

                held.journeys = Index(self._journeys_folder / held.slug, moment)
            return held.journeys


def _short(asked: Mapping[str, Any]) -> str:
    """What is asked, to be told from all else; of a list of customers its digest."""
    said = {
        name: sha256(value.encode() if isinstance(value, str) else value).hexdigest()
        if isinstance(value, str | bytes)
        else value
        for name, value in asked.items()
    }
    return repr(sorted(said.items()))


def _is_of_now(reader: Reader) -> bool:
    """Whether a reader sees what the index holds: the present, and customers after merges."""
    return reader.as_of is None and reader.is_merged
