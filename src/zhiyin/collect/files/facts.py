"""The facts of judged rows, per table of the log, ready to be written."""

# ruff: noqa: S608 - the statements are built from names of the log and quoted literals

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zhiyin.collect.files.asking import Asked
from zhiyin.collect.files.judging import Plan, content_of, properties_of
from zhiyin.collect.files.mapping import Who, value_of
from zhiyin.collect.files.values import literal
from zhiyin.warehouse.log import Batch, DimensionKind
from zhiyin.warehouse.tables import COMMON, TABLES

CHUNK = 500_000


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
            _facts(plan, "traits", {"name": literal(name), "value": cell}, cell)
            for name, cell in plan.traits.items()
        ]
    if plan.mapping.table == "events":
        return [_facts(plan, "events", {"properties": _properties(plan)})]
    return [_facts(plan, plan.mapping.table, {})]


def parts_of(plan: Plan) -> int:
    """In how many parts `write` hands over facts of one kind."""
    return plan.lines // CHUNK + 1


def write(plan: Plan, facts: Facts, batch: Batch) -> Iterator[None]:
    """Hand the facts to a batch, a part with each step."""
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in facts.columns.items())
    for first in range(0, plan.lines + 1, CHUNK):
        # Parts by line, not a stream: a whole answer is computed by all cores. A connection of
        # its own, for nothing else may be read from this one meanwhile.
        part = plan.staged.connection.cursor().sql(
            f"SELECT {listed} FROM judged WHERE problem IS NULL AND {facts.where}"
            f" AND line >= {first} AND line < {first + CHUNK}"
        )
        found = part.to_arrow_table()
        if found.num_rows:
            batch.write(facts.table, found)
        yield


def _facts(plan: Plan, table: str, extra: dict[str, str], cell: str | None = None) -> Facts:
    names = {column.name for column in (*COMMON, *TABLES[table].columns)}
    values = {n: f'"{n}"' for n in plan.values if n in names or n.startswith("d_")}
    columns = {"row": "line", "content": content_of(plan, cell), **values, **extra}
    columns.setdefault("id", "id")
    customer = plan.mapping.shared.customer
    if isinstance(customer, Who) and customer.kind is not None:
        columns["customer_kind"] = literal(customer.kind)
    where = f"{cell} IS NOT NULL" if cell and table in ("traits", "verbatims") else "true"
    return Facts(table, columns, where)


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
            extra = {"response": "id", "text": asked.cell, **said}
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
        return f"coalesce({plan.cell(value.column)}, {row})"
    return literal(value.value)


def _properties(plan: Plan) -> str:
    pairs = ", ".join(f"{literal(n)}, {plan.cell(n)}" for n in properties_of(plan))
    return f"json_object({pairs})::VARCHAR" if pairs else "NULL::VARCHAR"
