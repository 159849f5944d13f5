"""How the log is spoken to over the socket: Arrow Flight, requests as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import SCOPE_LIMITS, Filter, parse, render
from zhiyin.kernel.text import Text
from zhiyin.warehouse.findings import Near
from zhiyin.warehouse.log import Reader, Receipt, TimelineAsked
from zhiyin.warehouse.rules import RULED, Ruled

PROBLEM = "zhiyin-problem:"
"""What a Flight error begins with when a `Problem` travels in it."""


def socket_of(data: Path) -> Path:
    """Where the server of a data folder listens."""
    return data.resolve() / "run" / "log.sock"


class ReaderOnWire(msgspec.Struct, forbid_unknown_fields=True):
    """A `Reader` as text."""

    scope: str | None = None
    as_of: datetime | None = None
    rules: list[Ruled] = msgspec.field(default_factory=lambda: list(RULED))
    is_merged: bool = True

    @classmethod
    def of(cls, reader: Reader) -> ReaderOnWire:
        """From a `Reader`."""
        scope = render(reader.scope) if reader.scope else None
        return cls(scope, reader.as_of, list(reader.rules), reader.is_merged)

    def reader(self) -> Reader:
        """Back to a `Reader`."""
        scope = parse(self.scope, limits=SCOPE_LIMITS) if self.scope else None
        return Reader(scope, self.as_of, tuple(self.rules), self.is_merged)


class HoldStill(msgspec.Struct, tag=True, forbid_unknown_fields=True):
    """Keep a workspace's file as it is while the stream is open."""

    workspace: str


class Execute(msgspec.Struct, tag=True, forbid_unknown_fields=True):
    """Run a query and stream its rows."""

    workspace: str
    sql: str
    tables: list[str]
    reader: ReaderOnWire
    words: bool
    seconds: float
    customers: list[int] | None = None
    near: Near | None = None


class TimelineOnWire(msgspec.Struct, forbid_unknown_fields=True):
    """A `TimelineAsked` as text; counted or listed."""

    workspace: str
    counted: bool
    customer: int
    tables: list[str]
    channels: list[str]
    what: list[str]
    start: datetime | None
    end: datetime | None
    before: tuple[datetime, str, int] | None
    limit: int
    reader: ReaderOnWire
    seconds: float

    @classmethod
    def of(cls, workspace: str, asked: TimelineAsked, *, counted: bool) -> TimelineOnWire:
        """From a `TimelineAsked`."""
        return cls(
            workspace,
            counted,
            asked.customer,
            list(asked.tables),
            list(asked.channels),
            list(asked.what),
            asked.start,
            asked.end,
            asked.before,
            asked.limit,
            ReaderOnWire.of(asked.reader),
            asked.seconds,
        )

    def asked(self) -> TimelineAsked:
        """Back to a `TimelineAsked`."""
        return TimelineAsked(
            self.customer,
            tuple(self.tables),
            tuple(self.channels),
            tuple(self.what),
            self.start,
            self.end,
            self.before,
            self.limit,
            self.reader.reader(),
            self.seconds,
        )


class RowsOnWire(msgspec.Struct, forbid_unknown_fields=True):
    """Rows of a customer, of several tables."""

    workspace: str
    customer: int
    tables: dict[str, list[int] | None]
    columns: list[str]
    limit: int
    reader: ReaderOnWire


class FindOnWire(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a text names."""

    workspace: str
    text: str
    reader: ReaderOnWire
    limit: int


class Totals(msgspec.Struct, forbid_unknown_fields=True):
    """Run a query and answer its sums over customers."""

    workspace: str
    sql: str
    tables: list[str]
    levels: list[list[str]]
    side: str | None
    latest: str | None
    reader: ReaderOnWire
    seconds: float


class Products(msgspec.Struct, forbid_unknown_fields=True):
    """Run a query and answer what customers said, and which of it together."""

    workspace: str
    sql: str
    tables: list[str]
    what: list[str]
    within: str
    levels: list[list[str]]
    once: list[str]
    latest: str | None
    reader: ReaderOnWire
    seconds: float


class JourneysOnWire(msgspec.Struct, forbid_unknown_fields=True):
    """Answer a question out of the journey index."""

    workspace: str
    question: str
    asked: dict[str, Any]
    where: str | None
    by: tuple[str, ...]
    nodes: tuple[str, ...]
    reader: ReaderOnWire
    seconds: float

    def filter_(self) -> Filter | None:
        """Which events it is about."""
        return parse(self.where) if self.where else None

    def filters(self) -> tuple[Filter, ...]:
        """The rules of a map's nodes."""
        return tuple(parse(one) for one in self.nodes)


class Begin(msgspec.Struct, forbid_unknown_fields=True):
    """Start a batch."""

    workspace: str
    source: str
    label: str
    import_id: str = ""


class Commit(msgspec.Struct, forbid_unknown_fields=True):
    """End a batch; without `keep` it is dropped."""

    batch: str
    keep: bool = True
    replace: bool = False
    dry_run: bool = False


class Stage(msgspec.Struct, forbid_unknown_fields=True):
    """Where the rows of a put belong."""

    batch: str
    table: str


class Call(msgspec.Struct, forbid_unknown_fields=True):
    """A plain call: arguments after the workspace."""

    workspace: str = ""
    arguments: list[Any] = []


_T = TypeVar("_T")


def converted(kind: type[_T], given: object) -> _T:
    """What came as JSON, as what it is."""
    return msgspec.convert(given, kind)


def problem_text(problem: Problem) -> str:
    """A `Problem` as the message of a Flight error, its sentences still in no language."""
    body = {
        "code": problem.code,
        "message": _parts(problem.message),
        "hint": _parts(problem.hint) if problem.hint else None,
    }
    return PROBLEM + msgspec.json.encode(body).decode()


def problem_in(message: str) -> Problem | None:
    """The `Problem` in a Flight error's message, or None."""
    if PROBLEM not in message:
        return None
    # Flight puts words of its own behind the message.
    text = message.split(PROBLEM, 1)[1]
    body = _first_json(text)
    if body is None:
        return None
    hint = Text(*body["hint"]) if body["hint"] else None
    return Problem(body["code"], Text(*body["message"]), hint)


def _parts(text: Text) -> list[object]:
    return [text.sentence, {name: str(value) for name, value in text.blanks.items()}]


def _first_json(text: str) -> dict[str, Any] | None:
    try:
        found, _end = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError:
        return None
    return dict(found)


def tables_as_bytes(tables: Sequence[pa.Table]) -> list[bytes]:
    """Each table as an Arrow stream."""
    out = []
    for table in tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        out.append(sink.getvalue().to_pybytes())
    return out


def table_of(body: pa.Buffer) -> pa.Table:
    """A table from an Arrow stream."""
    return pa.ipc.open_stream(body).read_all()


def receipt_of(body: bytes) -> Receipt:
    """A receipt from JSON."""
    return msgspec.json.decode(body, type=Receipt)
