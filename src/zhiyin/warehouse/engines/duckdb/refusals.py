"""What intake refused, kept with its reason until a person has dealt with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text
from zhiyin.warehouse.arriving import Letter, Reader, Reading, Refusal
from zhiyin.warehouse.deadletters import DeadLetter, DeadLetterCount
from zhiyin.warehouse.engines.duckdb.counters import Numbers
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.naming import is_in_json, may_be_in

KEPT = 100_000
"""The oldest make room for the newest beyond so many: a key is public, and so is its misuse."""


def add(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    refused: Sequence[tuple[Letter, Refusal]],
    at: datetime,
    numbers: Numbers,
) -> None:
    """Keep what was refused."""
    if not refused:
        return
    first = numbers.take("refusal", len(refused))
    rows = pa.table(
        {
            "number": pa.array(range(first, first + len(refused)), pa.int64()),
            "source": [letter.source for letter, _refusal in refused],
            "wire": [letter.wire for letter, _refusal in refused],
            "about": [_json(dict(letter.about)) for letter, _refusal in refused],
            "code": [refusal.code for _letter, refusal in refused],
            "sentence": [refusal.message.sentence for _letter, refusal in refused],
            "blanks": [
                _json({name: str(value) for name, value in refusal.message.blanks.items()})
                for _letter, refusal in refused
            ],
            "body": pa.array([refusal.body for _letter, refusal in refused], pa.binary()),
        }
    )
    cursor.register("arriving_refusals", rows)
    try:
        cursor.execute(
            f"INSERT INTO {held.sql}.refusals SELECT number, ?, source, wire, about, code,"
            " sentence, blanks, body, 'waiting', NULL FROM arriving_refusals",
            [at],
        )
    finally:
        cursor.unregister("arriving_refusals")
    if first > KEPT and first // 1000 != (first + len(refused)) // 1000:
        cursor.execute(f"DELETE FROM {held.sql}.refusals WHERE number < ?", [first - KEPT])


def count_blocked(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, blocked: Mapping[str, int], at: datetime
) -> None:
    """Count events that were left out because their name is blocked."""
    for name, count in blocked.items():
        ((known,),) = cursor.execute(
            f"UPDATE {held.sql}.blocked SET n = n + ?, last_at = ? WHERE name = ?",
            [count, at, name],
        ).fetchall()
        if not known:
            cursor.execute(f"INSERT INTO {held.sql}.blocked VALUES (?, ?, ?)", [name, count, at])


def _json(value: Mapping[str, str]) -> str:
    return msgspec.json.encode(value).decode()


def listed(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    *,
    state: str,
    code: str | None,
    source: str | None,
    before: int | None,
    limit: int,
) -> list[DeadLetter]:
    """A page, the newest first."""
    return _letters(
        cursor,
        held,
        "state = $1 AND ($2 IS NULL OR code = $2) AND ($3 IS NULL OR source = $3)"
        " AND ($4 IS NULL OR number < $4) ORDER BY number DESC LIMIT $5",
        [state, code, source, before, limit],
    )


def naming(
    connection: duckdb.DuckDBPyConnection, held: Workspace, names: Collection[str]
) -> list[int]:
    """The numbers of those that name one of `names`, whatever became of them."""

    def is_in(text: bytes) -> bool:
        return may_be_in(text, names) and is_in_json(text, names)

    found = []
    rows = connection.cursor()
    try:
        rows.execute(f"SELECT number, body, about, blanks FROM {held.sql}.refusals")
        while part := rows.fetchmany(2_000):
            found += [
                number
                for number, body, *texts in part
                if is_in(bytes(body)) or any(is_in(text.encode()) for text in texts)
            ]
    finally:
        rows.close()
    return found


def numbered(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, numbers: Sequence[int]
) -> list[DeadLetter]:
    """Those of `numbers`, the oldest first."""
    return _letters(
        cursor, held, "list_contains($1::BIGINT[], number) ORDER BY number", [list(numbers)]
    )


def _letters(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, which: str, given: list[Any]
) -> list[DeadLetter]:
    rows = cursor.execute(
        "SELECT number, received_at, source, wire, code, sentence, blanks, body, state, settled_at"
        f" FROM {held.sql}.refusals WHERE {which}",
        given,
    ).fetchall()
    return [
        DeadLetter(
            number=number,
            received_at=at,
            source=origin,
            wire=wire,
            code=why,
            sentence=sentence,
            blanks=msgspec.json.decode(blanks),
            body=body.decode("utf-8", "replace"),
            state=now_is,
            settled_at=settled_at,
        )
        for number, at, origin, wire, why, sentence, blanks, body, now_is, settled_at in rows
    ]


def counted(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> list[DeadLetterCount]:
    """How many wait, the most first."""
    rows = cursor.execute(
        f"SELECT code, source, count(*), max(received_at) FROM {held.sql}.refusals"
        " WHERE state = 'waiting' GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    return [DeadLetterCount(*row) for row in rows]


def waiting(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, numbers: Sequence[int] | None
) -> list[int]:
    """The numbers of those that wait, of all or of `numbers`, in order of arrival."""
    rows = cursor.execute(
        f"SELECT number FROM {held.sql}.refusals WHERE state = 'waiting'"
        " AND ($1::BIGINT[] IS NULL OR list_contains($1::BIGINT[], number)) ORDER BY number",
        [None if numbers is None else list(numbers)],
    ).fetchall()
    return [number for (number,) in rows]


def letters(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, numbers: Sequence[int]
) -> list[tuple[int, Letter]]:
    """Refused events as letters of their own."""
    rows = cursor.execute(
        f"SELECT number, source, wire, received_at, body, about FROM {held.sql}.refusals"
        " WHERE list_contains($1::BIGINT[], number) ORDER BY number",
        [list(numbers)],
    ).fetchall()
    return [
        (number, Letter(held.slug, source, wire, at, body, _replayed(about)))
        for number, source, wire, at, body, about in rows
    ]


@dataclass(slots=True)
class SortedOut:
    """What a replay found: what can be taken now, and what is refused again."""

    held: Workspace
    good: list[tuple[Letter, Reading]] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    again: list[tuple[int, str, Text]] = field(default_factory=list)

    def settle(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Say so in the log, in the transaction that takes them."""
        table = f"{self.held.sql}.refusals"
        if self.taken:
            _settle(cursor, self.held, "replayed", self.taken)
        for number, code, message in self.again:
            blanks = _json({name: str(value) for name, value in message.blanks.items()})
            cursor.execute(
                f"UPDATE {table} SET code = ?, sentence = ?, blanks = ? WHERE number = ?",
                [code, message.sentence, blanks, number],
            )


def sorted_out(held: Workspace, letters: Sequence[tuple[int, Letter]], reader: Reader) -> SortedOut:
    """Read each again."""
    found = SortedOut(held)
    for number, letter in letters:
        try:
            reading = reader(letter)
        except Problem as problem:
            found.again.append((number, problem.code, problem.message))
            continue
        if reading.refused:
            refusal = reading.refused[0]
            found.again.append((number, refusal.code, refusal.message))
        else:
            found.good.append((letter, reading))
            found.taken.append(number)
    return found


def dismiss(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, numbers: Sequence[int] | None
) -> int:
    """Put waiting events aside, without their bodies."""
    found = waiting(cursor, held, numbers)
    if found:
        _settle(cursor, held, "dismissed", found)
    return len(found)


def _settle(
    cursor: duckdb.DuckDBPyConnection, held: Workspace, state: str, numbers: Sequence[int]
) -> None:
    # What is dealt with leaves its reason, not what it said.
    cursor.execute(
        f"UPDATE {held.sql}.refusals SET state = $1, settled_at = $2, body = ''::BLOB,"
        " about = '{}' WHERE list_contains($3::BIGINT[], number)",
        [state, now(), list(numbers)],
    )


def _replayed(about: str) -> dict[str, str]:
    said: dict[str, str] = msgspec.json.decode(about)
    return {**said, "replay": "1"}
