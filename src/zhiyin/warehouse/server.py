"""The log on a socket: what the process that holds it offers to the others."""

from __future__ import annotations

import functools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.flight as flight

from zhiyin.kernel import tracing
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse import traced, wire
from zhiyin.warehouse.engines.duckdb.append import DuckdbBatch
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id, KeptSince
from zhiyin.warehouse.rules import Rules

IDLE_SECONDS = 3600.0
"""A batch that nobody has written to for this long is dropped: its writer is gone."""


STILL_TICK_SECONDS = 0.5
"""Whoever holds a file still is written to this often, so that one who died is noticed."""

_OF_A_FILE: dict[str, pa.DataType] = {
    "path": pa.string(),
    "size": pa.int64(),
    "form": pa.int64(),
}
STILL = pa.schema(_OF_A_FILE)

_as = wire.converted


def _tell(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a `Problem` travel to the caller as itself, and the caller's trace go on here."""

    @functools.wraps(method)
    def told(server: LogServer, call: flight.ServerCallContext, *asked: Any) -> Any:
        try:
            with tracing.below(traced.came_with(call)):
                return method(server, call, *asked)
        except Problem as problem:
            raise flight.FlightServerError(wire.problem_text(problem)) from problem

    return told


class LogServer(flight.FlightServerBase):
    """Append, execute and build for the other processes of one installation.

    The socket is a file with mode 0600 in the data folder: who may read the data may ask.
    """

    def __init__(self, owner: Owner, socket: Path) -> None:
        socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        socket.unlink(missing_ok=True)
        super().__init__(f"grpc+unix://{socket}", **traced.of_server())
        socket.chmod(0o600)
        self._owner = owner
        self._batches: dict[str, tuple[DuckdbBatch, float]] = {}
        self._guard = threading.Lock()
        self._is_ending = threading.Event()

    def shutdown(self) -> None:
        """End; whoever holds a file still would keep the server for as long as it likes."""
        self._is_ending.set()
        super().shutdown()

    @_tell
    def do_get(self, _context: object, ticket: flight.Ticket) -> flight.FlightDataStream:
        """Execute a query, or hold a file still."""
        asked = msgspec.json.decode(ticket.ticket, type=wire.Execute | wire.HoldStill)
        if isinstance(asked, wire.HoldStill):
            return flight.GeneratorStream(STILL, self._held_still(asked.workspace))
        found = self._owner.execute_sql(
            asked.workspace,
            asked.sql,
            frozenset(asked.tables),
            reader=asked.reader.reader(),
            words=asked.words,
            seconds=asked.seconds,
            customers=asked.customers,
            near=asked.near,
        )
        return flight.RecordBatchStream(found)

    @_tell
    def do_put(
        self,
        _context: object,
        descriptor: flight.FlightDescriptor,
        reader: flight.MetadataRecordBatchReader,
        _writer: object,
    ) -> None:
        """Stage rows of a batch."""
        stage = msgspec.json.decode(descriptor.command or b"", type=wire.Stage)
        batch = self._batch(stage.batch)
        for chunk in reader:
            if chunk.data is not None:
                batch.write(stage.table, chunk.data)

    @_tell
    def do_action(self, _context: object, action: flight.Action) -> list[bytes]:
        """Everything else, by name."""
        with tracing.span(f"log {action.type}", {}):
            return self._done(action.type, action.body.to_pybytes())

    def _done(self, name: str, body: bytes) -> list[bytes]:
        if name == "totals":
            return self._totals(msgspec.json.decode(body, type=wire.Totals))
        if name == "products":
            return self._products(msgspec.json.decode(body, type=wire.Products))
        if name == "journeys":
            return self._journeys(msgspec.json.decode(body, type=wire.JourneysOnWire))
        if name == "timeline":
            return self._timeline(msgspec.json.decode(body, type=wire.TimelineOnWire))
        if name == "rows_of":
            return self._rows_of(msgspec.json.decode(body, type=wire.RowsOnWire))
        if name == "find_customers":
            return [self._find(msgspec.json.decode(body, type=wire.FindOnWire))]
        if name == "begin":
            return [self._begin(msgspec.json.decode(body, type=wire.Begin)).encode()]
        if name == "end":
            return [self._end(msgspec.json.decode(body, type=wire.Commit))]
        call = msgspec.json.decode(body, type=wire.Call)
        return [msgspec.json.encode(self._call(name, call))]

    def list_actions(self, _context: object) -> list[flight.Action]:
        """Answering at all is what a client asks for."""
        return []

    def _held_still(self, workspace: str) -> Iterator[pa.RecordBatch]:
        """The file, and then nothing, again and again, until whoever asked is gone."""
        try:
            with self._owner.hold_still(workspace) as still:
                row = {"path": str(still.path), "size": still.size, "form": still.form}
                yield pa.RecordBatch.from_pylist([row], schema=STILL)
                while not self._is_ending.wait(STILL_TICK_SECONDS):
                    yield pa.RecordBatch.from_pylist([], schema=STILL)
        except Problem as problem:
            raise flight.FlightServerError(wire.problem_text(problem)) from problem

    def _totals(self, asked: wire.Totals) -> list[bytes]:
        found = self._owner.totals_sql(
            asked.workspace,
            asked.sql,
            frozenset(asked.tables),
            levels=asked.levels,
            side=asked.side,
            latest=asked.latest,
            reader=asked.reader.reader(),
            seconds=asked.seconds,
        )
        return wire.tables_as_bytes(found)

    def _products(self, asked: wire.Products) -> list[bytes]:
        found = self._owner.products_sql(
            asked.workspace,
            asked.sql,
            frozenset(asked.tables),
            what=asked.what,
            within=asked.within,
            levels=asked.levels,
            once=asked.once,
            latest=asked.latest,
            reader=asked.reader.reader(),
            seconds=asked.seconds,
        )
        return wire.tables_as_bytes(found)

    def _journeys(self, asked: wire.JourneysOnWire) -> list[bytes]:
        found = self._owner.ask_journeys(
            asked.workspace,
            asked.question,
            asked.asked,
            where=asked.filter_(),
            by=asked.by,
            nodes=asked.filters(),
            reader=asked.reader.reader(),
            seconds=asked.seconds,
        )
        return wire.tables_as_bytes([] if found is None else [found])

    def _timeline(self, asked: wire.TimelineOnWire) -> list[bytes]:
        listed = self._owner.timeline_counts if asked.counted else self._owner.timeline
        return wire.tables_as_bytes([listed(asked.workspace, asked.asked())])

    def _rows_of(self, asked: wire.RowsOnWire) -> list[bytes]:
        found = self._owner.rows_of(
            asked.workspace,
            asked.customer,
            asked.tables,
            columns=asked.columns,
            limit=asked.limit,
            reader=asked.reader.reader(),
        )
        return wire.tables_as_bytes([found[table] for table in asked.tables])

    def _find(self, asked: wire.FindOnWire) -> bytes:
        return msgspec.json.encode(
            self._owner.find_customers(
                asked.workspace, asked.text, reader=asked.reader.reader(), limit=asked.limit
            )
        )

    def _begin(self, asked: wire.Begin) -> str:
        self._drop_idle()
        batch = self._owner.begin(
            asked.workspace, source=asked.source, label=asked.label, import_id=asked.import_id
        )
        name = uuid.uuid4().hex
        with self._guard:
            self._batches[name] = (batch, time.monotonic())
        return name

    def _batch(self, name: str) -> DuckdbBatch:
        with self._guard:
            held = self._batches.get(name)
            if held is None:
                raise Problem(
                    "log.batch-gone",
                    _("The log has dropped this import: nothing had arrived for an hour."),
                    _("Import the file again; nothing of it was kept."),
                )
            self._batches[name] = (held[0], time.monotonic())
        return held[0]

    def _end(self, asked: wire.Commit) -> bytes:
        batch = self._batch(asked.batch)
        try:
            if not asked.keep:
                return b"null"
            receipt = batch.commit(replace=asked.replace, dry_run=asked.dry_run)
            return msgspec.json.encode(receipt)
        finally:
            with self._guard:
                self._batches.pop(asked.batch, None)
            batch.close()

    def _drop_idle(self) -> None:
        with self._guard:
            old = [
                n for n, (_b, at) in self._batches.items() if time.monotonic() - at > IDLE_SECONDS
            ]
            dropped = [self._batches.pop(name)[0] for name in old]
        for batch in dropped:
            batch.close()

    def _call(self, name: str, call: wire.Call) -> object:
        owner, workspace, arguments = self._owner, call.workspace, call.arguments
        calls: dict[str, Callable[[], object]] = {
            "workspaces": owner.workspaces,
            "create": lambda: owner.create(workspace),
            "drop": lambda: owner.drop(workspace),
            "schema": lambda: owner.schema(workspace),
            "declare": lambda: owner.declare(workspace, arguments[0]),
            "words": lambda: list(owner.words(workspace, arguments[0]).items()),
            "undo": lambda: owner.undo(workspace, arguments[0]),
            "rules": lambda: owner.rules(workspace, arguments[0]),
            "set_rules": lambda: owner.set_rules(
                workspace,
                arguments[0],
                msgspec.convert(arguments[1], Rules),
                instead_of=msgspec.convert(arguments[2], Rules | None),
            ),
            "keep_findings": lambda: owner.keep_findings(
                workspace, arguments[0], arguments[1], _as(list[Finding], arguments[2])
            ),
            "end_reading": lambda: owner.end_reading(workspace, arguments[0]),
            "unread": lambda: owner.unread(
                workspace, arguments[0], after=arguments[1], limit=arguments[2]
            ),
            "readings": lambda: owner.readings(
                workspace, arguments[0], reader=_as(wire.ReaderOnWire, arguments[1]).reader()
            ),
            "imports": lambda: owner.imports(workspace),
            "tend": lambda: owner.tend(workspace, always=bool(arguments[0])),
            "limit_clusters": lambda: owner.limit_clusters(workspace, arguments[0]),
            "check": owner.check,
            "tell": lambda: owner.tell(workspace, *arguments),
            "dead_letters": lambda: owner.dead_letters(workspace, **arguments[0]),
            "dead_letters_naming": lambda: owner.dead_letters_naming(workspace, arguments[0]),
            "dead_letter_counts": lambda: owner.dead_letter_counts(workspace),
            "replay_dead_letters": lambda: owner.replay_dead_letters(workspace, arguments[0]),
            "dismiss_dead_letters": lambda: owner.dismiss_dead_letters(workspace, arguments[0]),
            "catalogue": lambda: owner.catalogue(workspace),
            "blocked_counts": lambda: owner.blocked_counts(workspace),
            "subject": lambda: owner.subject(workspace, *arguments),
            "erase": lambda: owner.erase(workspace, _as(list[Id], arguments[0]), *arguments[1:]),
            "rewrite": lambda: owner.rewrite(workspace),
            "empty_journal": lambda: owner.empty_journal(workspace),
            "erasures": lambda: owner.erasures(workspace),
            "erased_hashes": lambda: owner.erased_hashes(workspace),
            "refuse_erased": lambda: owner.refuse_erased(workspace, refuse=arguments[0]),
            "keep_since": lambda: owner.keep_since(workspace, _as(list[KeptSince], arguments[0])),
            "expiring": lambda: owner.expiring(workspace, _as(list[KeptSince], arguments[0])),
        }
        if name not in calls:
            msg = f"no action {name}"
            raise flight.FlightServerError(msg)
        return calls[name]()
