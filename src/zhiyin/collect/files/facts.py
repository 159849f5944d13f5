"""The facts of judged rows, per table of the log, ready to be written."""

# ruff: noqa: S608 - the statements are built from names of the log and quoted literals

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from zhiyin.collect.files.asking import Asked
from zhiyin.collect.files.judging import NOTHING, SEPARATOR, Plan
from zhiyin.collect.files.mapping import value_of
from zhiyin.collect.files.values import blank, literal
from zhiyin.warehouse.log import Batch, DimensionKind
from zhiyin.warehouse.tables import COMMON, TABLES

CHUNK = 250_000


@dataclass(frozen=True, slots=True)
class Facts:
    """One kind of fact out of the judged rows: its table, and SQL of its columns."""

    table: str
    columns: dict[str, str]
    where: str = "true"


def tables_of(plan: Plan) -> tuple[str, ...]:
    """The log tables that a mapping writes."""
    if plan.mapping.table != "answers":
        return (plan.mapping.table,)
    has_text = any(asked.question.metric == "text" for asked in plan.asked)
    return ("responses", "answers", "verbatims") if has_text else ("responses", "answers")


def dimensions_of(plan: Plan, declared: dict[str, DimensionKind]) -> dict[str, DimensionKind]:
    """The dimensions that a mapping declares, with their kinds."""
    given = {name: value_of(value) for name, value in plan.mapping.shared.dimensions.items()}
    return {name: value.kind or declared.get(name, "text") for name, value in given.items()}


def facts_of(plan: Plan) -> list[Facts]:
    """Every kind of fact that a mapping makes."""
    if plan.mapping.table == "answers":
        return [_response(plan), *_answers(plan)]
    if plan.mapping.table == "traits" and plan.traits:
        return [
            _facts(plan, "traits", {"name": literal(name), "value": blank(cell)}, cell)
            for name, cell in plan.traits.items()
        ]
    if plan.mapping.table == "events":
        return [_facts(plan, "events", {"properties": _properties(plan)})]
    return [_facts(plan, plan.mapping.table, {})]


def write(plan: Plan, facts: Facts, batch: Batch) -> None:
    """Hand the facts to a batch, a part at a time."""
    con = plan.staged.connection
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in facts.columns.items())
    for part in _parts(
        con,
        f"SELECT {listed} FROM judged WHERE problem IS NULL AND {facts.where} ORDER BY line",
    ):
        batch.write(facts.table, part)


def _parts(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.Table]:
    # A connection of its own: the reader stays open while the log takes each part.
    for part in connection.cursor().sql(sql).to_arrow_reader(CHUNK):
        if part.num_rows:
            yield pa.Table.from_batches([part])


def _facts(plan: Plan, table: str, extra: dict[str, str], cell: str | None = None) -> Facts:
    names = {column.name for column in (*COMMON, *TABLES[table].columns)}
    values = {n: f'"{n}"' for n in plan.values if n in names or n.startswith("d_")}
    columns = {"row": "line", "content": _content(plan, cell), **values, **extra}
    columns.setdefault("id", "id")
    kind = plan.mapping.shared.customer_kind
    if kind is not None and "customer" in columns:
        columns["customer_kind"] = literal(kind)
    where = f"{blank(cell)} IS NOT NULL" if cell and table in ("traits", "verbatims") else "true"
    return Facts(table, columns, where)


def _content(plan: Plan, cell: str | None) -> str:
    """A hash of what the mapping says and of the cells that the fact comes from."""
    salt = f"md5_number_lower({literal(plan.mapping.says.decode())})::VARCHAR"
    used = [*plan.used, *([cell] if cell else [])]
    if plan.mapping.table == "events" and plan.mapping.shared.properties:
        used.append(_properties(plan))
    words = [f"coalesce({name}, {NOTHING})" for name in used]
    return f"md5_number_lower(concat_ws({SEPARATOR}, {', '.join([salt, *words])}))"


def _response(plan: Plan) -> Facts:
    values = plan.values
    mode = "coalesce(mode, 'file')" if "mode" in values else "'file'"
    return _facts(plan, "responses", {"mode": mode})


def _answers(plan: Plan) -> Iterator[Facts]:
    for asked in plan.asked:
        words = _words(plan, asked)
        yield _facts(plan, "answers", {"response": "id", **words}, asked.cell)
        if asked.question.metric == "text":
            said = {name: words[name] for name in ("question", "touchpoint", "channel")}
            extra = {"response": "id", "text": blank(asked.cell), **said}
            found = _facts(plan, "verbatims", extra, asked.cell)
            yield Facts("verbatims", found.columns, f"{asked.state} = 'answered'")


def _words(plan: Plan, asked: Asked) -> dict[str, str]:
    question = asked.question
    touchpoint = _own(plan, asked, "touchpoint")
    default = f"CASE WHEN {touchpoint} IS NOT NULL THEN 'touchpoint' ELSE 'relationship' END"
    row_kind = "kind" if "kind" in plan.values else "NULL"
    kind = literal(question.kind) if question.kind else f"coalesce({row_kind}, {default})"
    low, high, direction = asked.scale or (None, None, None)
    return {
        "question": literal(question.name),
        "metric": literal(question.metric),
        "kind": kind,
        "score": asked.score,
        "scale_min": "NULL::DOUBLE" if low is None else repr(low) + "::DOUBLE",
        "scale_max": "NULL::DOUBLE" if high is None else repr(high) + "::DOUBLE",
        "direction": "NULL::VARCHAR" if direction is None else literal(direction),
        "answer_state": asked.state,
        "choice": asked.choice,
        "touchpoint": touchpoint,
        "channel": _own(plan, asked, "channel"),
    }


def _own(plan: Plan, asked: Asked, key: str) -> str:
    """The question's own touchpoint or channel, else the row's."""
    given = getattr(asked.question, key)
    row = f'"{key}"' if key in plan.values else "NULL::VARCHAR"
    if given is None:
        return row
    value = value_of(given)
    if value.column is not None:
        return f"coalesce({blank(plan.cell(value.column))}, {row})"
    return literal(value.value)


def _properties(plan: Plan) -> str:
    given = plan.mapping.shared.properties
    if not given:
        return "NULL::VARCHAR"
    listed = [given] if isinstance(given, str) else given
    names = plan.staged.names if listed == ["*"] else listed
    pairs = ", ".join(f"{literal(n)}, {plan.cell(n)}" for n in names)
    return f"json_object({pairs})::VARCHAR"
