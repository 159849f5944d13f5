"""The log from another process, over its socket. See `warehouse.log.Log`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import pyarrow as pa
import pyarrow.flight as flight

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, render
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang, traced, wire
from zhiyin.warehouse.deadletters import DeadLetter, DeadLetterCount, Replayed, Seen, State
from zhiyin.warehouse.findings import Finding, Near, Readings
from zhiyin.warehouse.lang import Expression
from zhiyin.warehouse.log import (
    DimensionKind,
    Found,
    Import,
    Reader,
    Receipt,
    Schema,
    TimelineAsked,
)
from zhiyin.warehouse.rights import Erased, ErasureInLog, Id, KeptSince, Rewritten, Subject
from zhiyin.warehouse.rules import Ruled, Rules
from zhiyin.warehouse.still import Still
from zhiyin.warehouse.wire import socket_of

__all__ = ["RemoteLog", "socket_of"]

EVERYTHING = Reader()

TELL_SECONDS = 2.0
"""Who edits a map waits no longer for those who look on to be told."""


@contextmanager
def _told() -> Iterator[None]:
    """Raise the `Problem` that the other side met as itself."""
    try:
        yield
    except flight.FlightUnavailableError as error:
        raise Problem(
            "log.gone",
            _("The log process does not answer."),
            _("Look at the server's messages; `zhiyin doctor` says more."),
        ) from error
    except flight.FlightError as error:
        if (problem := wire.problem_in(str(error))) is not None:
            raise problem from error
        raise


class RemoteLog:
    """A connection to the log process. Methods may be called by any thread."""

    def __init__(self, socket: Path) -> None:
        self._client = flight.FlightClient(f"grpc+unix://{socket}", **traced.of_client())

    @classmethod
    def if_answering(cls, socket: Path) -> RemoteLog | None:
        """A connection when a server answers on the socket, else None."""
        if not socket.exists():
            return None
        log = cls(socket)
        try:
            list(log._client.list_actions(flight.FlightCallOptions(timeout=5.0)))
        except flight.FlightError:
            log.close()
            return None
        return log

    def workspaces(self) -> list[str]:
        """The slugs that have a log file."""
        return list(self._call("workspaces"))

    def create(self, workspace: str) -> None:
        """Make the workspace's file, or bring it to the present version."""
        self._call("create", workspace)

    def drop(self, workspace: str) -> None:
        """Remove the workspace's file and all in it."""
        self._call("drop", workspace)

    def schema(self, workspace: str) -> Schema:
        """Version and declared dimensions."""
        return msgspec.convert(self._call("schema", workspace), Schema)

    def declare(
        self, workspace: str, dimensions: Mapping[str, Mapping[str, DimensionKind]]
    ) -> None:
        """Declare dimensions per table."""
        self._call("declare", workspace, {t: dict(d) for t, d in dimensions.items()})

    def words(self, workspace: str, domain: str) -> dict[int, str]:
        """The dictionary of a coded column."""
        return dict(self._call("words", workspace, domain))

    def rules(self, workspace: str, column: Ruled) -> Rules:
        """The rules that give facts their word in a column."""
        return msgspec.convert(self._call("rules", workspace, column), Rules)

    def set_rules(
        self, workspace: str, column: Ruled, rules: Rules, *, instead_of: Rules | None = None
    ) -> None:
        """Put `rules` in the place of all of the column."""
        self._call("set_rules", workspace, column, rules, instead_of)

    def keep_findings(
        self, workspace: str, read_by: str, verbatims: Sequence[int], found: Sequence[Finding]
    ) -> None:
        """Keep what was found in verbatims."""
        self._call("keep_findings", workspace, read_by, list(verbatims), list(found))

    def end_reading(self, workspace: str, read_by: str) -> None:
        """Note that a version has read everything."""
        self._call("end_reading", workspace, read_by)

    def unread(
        self, workspace: str, read_by: str, *, after: int = -1, limit: int = 1_000
    ) -> list[tuple[int, str]]:
        """Verbatims that a version has not read."""
        rows = self._call("unread", workspace, read_by, after, limit)
        return msgspec.convert(rows, list[tuple[int, str]])

    def readings(self, workspace: str, read_by: str, *, reader: Reader = EVERYTHING) -> Readings:
        """How many verbatims were read."""
        asked = wire.ReaderOnWire.of(reader)
        return wire.converted(Readings, self._call("readings", workspace, read_by, asked))

    def imports(self, workspace: str) -> list[Import]:
        """Every import, newest first."""
        return msgspec.convert(self._call("imports", workspace), list[Import])

    def undo(self, workspace: str, import_id: str) -> int:
        """Take a whole import back."""
        return int(self._call("undo", workspace, import_id))

    def subject(self, workspace: str, name: str, kind: str | None = None) -> Subject:
        """The customer of an id, with every key and id that is hers."""
        return wire.converted(Subject, self._call("subject", workspace, name, kind))

    def erase(
        self, workspace: str, ids: Sequence[Id], erasure: str, contacts: Sequence[str] = ()
    ) -> Erased:
        """Make the customers of ids unreadable."""
        return wire.converted(
            Erased, self._call("erase", workspace, list(ids), erasure, list(contacts))
        )

    def rewrite(self, workspace: str) -> Rewritten:
        """Write the workspace's file anew without what nobody reads."""
        return wire.converted(Rewritten, self._call("rewrite", workspace))

    @contextmanager
    def hold_still(self, workspace: str) -> Iterator[Still]:
        """Keep the workspace's file as it is, to be copied."""
        asked = wire.HoldStill(workspace)
        with _told():
            stream = self._client.do_get(flight.Ticket(msgspec.json.encode(asked)))
            (still,) = stream.read_chunk().data.to_pylist()  # type: ignore[union-attr]
        try:
            yield Still(Path(still["path"]), still["size"], still["form"])
        finally:
            stream.cancel()

    def empty_journal(self, workspace: str) -> bool:
        """Put what intake has acknowledged into the log, and remove its files."""
        return bool(self._call("empty_journal", workspace))

    def erasures(self, workspace: str) -> list[ErasureInLog]:
        """Every erasure that the log knows, oldest first."""
        return wire.converted(list[ErasureInLog], self._call("erasures", workspace))

    def erased_hashes(self, workspace: str) -> list[str]:
        """Keyed hashes of the ids whose rows are refused."""
        return list(self._call("erased_hashes", workspace))

    def refuse_erased(self, workspace: str, *, refuse: bool) -> None:
        """Whether rows of an erased id are refused, or start a new customer."""
        self._call("refuse_erased", workspace, refuse)

    def keep_since(self, workspace: str, rules: Sequence[KeptSince]) -> None:
        """Nobody reads what happened earlier."""
        self._call("keep_since", workspace, list(rules))

    def expiring(self, workspace: str, rules: Sequence[KeptSince]) -> dict[str, int]:
        """Rows per table that these rules would take away."""
        return dict(self._call("expiring", workspace, list(rules)))

    def limit_clusters(self, workspace: str, customers: int) -> None:
        """How many known customers may become one by themselves."""
        self._call("limit_clusters", workspace, customers)

    def dead_letters(
        self,
        workspace: str,
        *,
        state: State = "waiting",
        code: str | None = None,
        source: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[DeadLetter]:
        """Events that intake refused, the newest first."""
        asked = {
            "state": state,
            "code": code,
            "source": source,
            "before": before,
            "limit": limit,
        }
        return wire.converted(list[DeadLetter], self._call("dead_letters", workspace, asked))

    def dead_letters_naming(self, workspace: str, names: Sequence[str]) -> list[DeadLetter]:
        """Events that intake refused and that name one of these."""
        return wire.converted(
            list[DeadLetter], self._call("dead_letters_naming", workspace, list(names))
        )

    def dead_letter_counts(self, workspace: str) -> list[DeadLetterCount]:
        """How many wait, by reason and source."""
        return wire.converted(list[DeadLetterCount], self._call("dead_letter_counts", workspace))

    def replay_dead_letters(self, workspace: str, numbers: Sequence[int] | None = None) -> Replayed:
        """Read waiting events again."""
        given = None if numbers is None else list(numbers)
        return wire.converted(Replayed, self._call("replay_dead_letters", workspace, given))

    def dismiss_dead_letters(self, workspace: str, numbers: Sequence[int] | None = None) -> int:
        """Put waiting events aside."""
        given = None if numbers is None else list(numbers)
        return int(self._call("dismiss_dead_letters", workspace, given))

    def catalogue(self, workspace: str) -> list[Seen]:
        """Names of events and their properties as seen."""
        return wire.converted(list[Seen], self._call("catalogue", workspace))

    def blocked_counts(self, workspace: str) -> dict[str, int]:
        """How many events of blocked names were left out."""
        return dict(self._call("blocked_counts", workspace))

    def tell(self, workspace: str, topic: str, says: Mapping[str, Any]) -> None:
        """Tell the pages that listen to a topic; nobody waits long for a server that is away."""
        with suppress(Problem, flight.FlightError):
            self._call("tell", workspace, topic, dict(says), seconds=TELL_SECONDS)

    def check(self) -> list[tuple[str, str, str]]:
        """For `zhiyin doctor`."""
        return [(what, state, seen) for what, state, seen in self._call("check")]

    def begin(self, workspace: str, *, source: str, label: str, import_id: str = "") -> RemoteBatch:
        """Start a batch."""
        return RemoteBatch(self._client, workspace, source=source, label=label, import_id=import_id)

    def execute(
        self,
        workspace: str,
        query: Expression,
        *,
        reader: Reader = EVERYTHING,
        words: bool = False,
        seconds: float = 30.0,
        customers: Sequence[int] | None = None,
        near: Near | None = None,
    ) -> pa.Table:
        """Run a query."""
        asked = wire.Execute(
            workspace,
            lang.compile_sql(query),
            sorted(lang.tables_of(query)),
            wire.ReaderOnWire.of(reader),
            words,
            seconds,
            None if customers is None else [int(customer) for customer in customers],
            near,
        )
        with _told():
            return self._client.do_get(flight.Ticket(msgspec.json.encode(asked))).read_all()

    def totals(
        self,
        workspace: str,
        query: Expression,
        *,
        levels: Sequence[Sequence[str]],
        side: str | None = None,
        latest: str | None = None,
        reader: Reader = EVERYTHING,
        seconds: float = 30.0,
    ) -> list[pa.Table]:
        """Sums per cell and over customers."""
        asked = wire.Totals(
            workspace,
            lang.compile_sql(query),
            sorted(lang.tables_of(query)),
            [list(level) for level in levels],
            side,
            latest,
            wire.ReaderOnWire.of(reader),
            seconds,
        )
        with _told():
            results = self._client.do_action(flight.Action("totals", msgspec.json.encode(asked)))
            return [wire.table_of(result.body) for result in results]

    def products(
        self,
        workspace: str,
        query: Expression,
        *,
        what: Sequence[str],
        within: str,
        levels: Sequence[Sequence[str]] = (),
        once: Sequence[str] = (),
        latest: str | None = None,
        reader: Reader = EVERYTHING,
        seconds: float = 30.0,
    ) -> list[pa.Table]:
        """How often customers said each of several things, and which together."""
        asked = wire.Products(
            workspace,
            lang.compile_sql(query),
            sorted(lang.tables_of(query)),
            list(what),
            within,
            [list(level) for level in levels],
            list(once),
            latest,
            wire.ReaderOnWire.of(reader),
            seconds,
        )
        with _told():
            results = self._client.do_action(flight.Action("products", msgspec.json.encode(asked)))
            return [wire.table_of(result.body) for result in results]

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
        """Answer a question out of the journey index."""
        on_wire = wire.JourneysOnWire(
            workspace,
            question,
            dict(asked),
            None if where is None else render(where),
            by,
            tuple(render(one) for one in nodes),
            wire.ReaderOnWire.of(reader),
            seconds,
        )
        with _told():
            action = flight.Action("journeys", msgspec.json.encode(on_wire))
            found = [wire.table_of(result.body) for result in self._client.do_action(action)]
        return found[0] if found else None

    def find_customers(
        self, workspace: str, text: str, *, reader: Reader = EVERYTHING, limit: int = 20
    ) -> list[Found]:
        """Whom a text names."""
        asked = wire.FindOnWire(workspace, text, wire.ReaderOnWire.of(reader), limit)
        body = _action(self._client, "find_customers", msgspec.json.encode(asked))
        return msgspec.json.decode(body, type=list[Found])

    def timeline(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """The newest facts of a customer."""
        return self._timeline(wire.TimelineOnWire.of(workspace, asked, counted=False))

    def timeline_counts(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """How many facts of a customer there are."""
        return self._timeline(wire.TimelineOnWire.of(workspace, asked, counted=True))

    def _timeline(self, asked: wire.TimelineOnWire) -> pa.Table:
        with _told():
            action = flight.Action("timeline", msgspec.json.encode(asked))
            (result,) = self._client.do_action(action)
            return wire.table_of(result.body)

    def rows_of(
        self,
        workspace: str,
        customer: int,
        tables: Mapping[str, Sequence[int] | None],
        *,
        columns: Sequence[str] = (),
        limit: int = 5_000,
        reader: Reader = EVERYTHING,
    ) -> dict[str, pa.Table]:
        """Rows of a customer, of several tables at once."""
        asked = wire.RowsOnWire(
            workspace,
            int(customer),
            {name: None if seqs is None else list(seqs) for name, seqs in tables.items()},
            list(columns),
            limit,
            wire.ReaderOnWire.of(reader),
        )
        with _told():
            action = flight.Action("rows_of", msgspec.json.encode(asked))
            found = [wire.table_of(result.body) for result in self._client.do_action(action)]
        return dict(zip(asked.tables, found, strict=True))

    def tend(self, workspace: str, *, always: bool = False) -> list[str]:
        """Make derived tables anew that are due."""
        return list(self._call("tend", workspace, always))

    def close(self) -> None:
        """Close the connection; the log stays with its owner."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _call(
        self, name: str, workspace: str = "", *arguments: object, seconds: float | None = None
    ) -> Any:
        body = msgspec.json.encode(wire.Call(workspace, list(arguments)))
        return msgspec.json.decode(_action(self._client, name, body, seconds))


class RemoteBatch:
    """A batch that is staged in the log process. See `warehouse.log.Batch`."""

    def __init__(
        self,
        client: flight.FlightClient,
        workspace: str,
        *,
        source: str,
        label: str,
        import_id: str,
    ) -> None:
        self._client = client
        begin = msgspec.json.encode(wire.Begin(workspace, source, label, import_id))
        self._name = _action(client, "begin", begin).decode()
        self._is_open = True

    def write(self, table: str, rows: pa.Table | pa.RecordBatch) -> None:
        """Stage rows of `table`."""
        stage = msgspec.json.encode(wire.Stage(self._name, table))
        with _told():
            writer, _reader = self._client.do_put(
                flight.FlightDescriptor.for_command(stage), rows.schema
            )
            with writer:
                if isinstance(rows, pa.Table):
                    writer.write_table(rows)
                else:
                    writer.write_batch(rows)

    def commit(self, *, replace: bool = False, dry_run: bool = False) -> Receipt:
        """Append what is new, in one durable transaction."""
        self._is_open = False
        return wire.receipt_of(self._end(wire.Commit(self._name, True, replace, dry_run)))

    def _end(self, commit: wire.Commit) -> bytes:
        return _action(self._client, "end", msgspec.json.encode(commit))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_open:
            self._is_open = False
            self._end(wire.Commit(self._name, keep=False))


def _action(
    client: flight.FlightClient, name: str, body: bytes, seconds: float | None = None
) -> bytes:
    options = flight.FlightCallOptions(timeout=seconds)
    with _told():
        return b"".join(
            result.body.to_pybytes()
            for result in client.do_action(flight.Action(name, body), options)
        )
