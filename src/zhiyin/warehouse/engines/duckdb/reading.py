"""The reading form of a table: what a query sees, in one place.

A query names `answers`; it is given the live rows of `answers` that its reader may see,
as they were known at `as_of`, with the customer after merges.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.customers import wanted_of
from zhiyin.warehouse.engines.duckdb import forgotten, layout, rules
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.log import Reader, Schema
from zhiyin.warehouse.rules import RULED, Ruled
from zhiyin.warehouse.tables import (
    CLAUSES,
    COMMON,
    DIMENSION_PREFIX,
    EARLIER_CLAUSES,
    PARTS,
    READ,
    TABLES,
    Table,
    facts_of,
)
from zhiyin.warehouse.where import where

SUPPORT = ("held", "ids", "words")
"""Tables beside the facts that a query may name."""


def kept(workspace: Workspace, table: str, alias: str, as_of: datetime | None = None) -> str:
    """The condition that leaves out what was taken back (and came after `as_of`); what was
    replaced is kept.

    What was erased, or is kept no longer, is left out whatever `as_of` is.
    """
    undone = _undone(workspace, as_of)
    parts = list(forgotten.readable(workspace, table, alias))
    if undone:
        parts.append(f"{alias}.batch NOT IN ({_numbers(undone)})")
    if as_of:
        parts.append(f"{alias}.received_at <= {_instant(as_of)}")
    return " AND ".join(parts) or "true"


def live(workspace: Workspace, table: str, alias: str, as_of: datetime | None = None) -> str:
    """The condition that leaves out what was taken back or replaced (and came after `as_of`)."""
    parts = [kept(workspace, table, alias, as_of)]
    if workspace.superseded.get(table):
        undone = _undone(workspace, as_of)
        void = f" AND batch NOT IN ({_numbers(undone)})" if undone else ""
        then = f" AND superseded_at <= {_instant(as_of)}" if as_of else ""
        parts.append(
            f"{alias}.seq NOT IN (SELECT seq FROM {workspace.sql}.superseded"
            f" WHERE tbl = '{table}'{void}{then})"
        )
    return " AND ".join(part for part in parts if part != "true") or "true"


def _undone(workspace: Workspace, as_of: datetime | None) -> list[int]:
    return [b for b, at in workspace.undone.items() if as_of is None or at <= as_of]


NOWHERE: Mapping[str, str] = {}


def with_reading_forms(
    workspace: Workspace,
    sql: str,
    tables: frozenset[str],
    reader: Reader,
    *,
    merged: str | None,
    narrowed: Mapping[str, str] = NOWHERE,
    derived: Mapping[str, str] = NOWHERE,
    near: str | None = None,
) -> str:
    """`sql` with every table that it names put before it as what the reader may see.

    Args:
        merged: the table (key, customer) of ids that are somebody else's, or None if there is none.
        narrowed: per table a condition on alias ``f`` that its rows must meet as well.
        derived: further tables that `sql` names, made from those.
        near: the table (seq, place, likeness) of the clauses that are asked for, which then have
            their likeness; None where all are.
    """
    schema = Schema(workspace.version, workspace.dimensions)
    by_rule = _ruled_for(reader, (sql, *derived.values()))
    # First, since a form sees only those before it: a scope may need the dictionaries, whether or
    # not the query names them.
    support = [name for name in SUPPORT if name in tables or reader.scope is not None]
    forms = [
        (name, _support(workspace, name, merged, narrowed.get(name) if name in tables else None))
        for name in support
    ]
    for table in sorted({facts_of(table) for table in tables - set(SUPPORT)}):
        body = _facts(workspace, table, reader.as_of, merged, narrowed.get(table))
        ruled = rules.ruled(workspace, schema, table, by_rule)
        if ruled is not None:
            forms += [(name, _support(workspace, name, merged)) for name in ruled[1]]
            forms.append((rules.own(table), body))
            body = ruled[0]
        if reader.scope is not None:
            everything = (
                lang.table(schema, table, has_own_key=True).op().copy(name=f"all {table}").to_expr()
            )
            seen = lang.compile_sql(
                everything.filter(where(reader.scope, everything, schema, table_name=table))
            )
            forms.append((f"all {table}", body))
            body = seen
        forms.append((table, body))
    if CLAUSES.name in tables:
        forms.append((CLAUSES.name, _clauses(workspace, near)))
    if EARLIER_CLAUSES.name in tables:
        forms.append((EARLIER_CLAUSES.name, _parts(workspace, EARLIER_CLAUSES, "earlier_findings")))
    unique = {**dict(forms), **derived}
    written = ", ".join(
        f"{quoted(name)} AS NOT MATERIALIZED ({body})" for name, body in unique.items()
    )
    return f"WITH {written} SELECT * FROM ({sql}) AS asked"


def _ruled_for(reader: Reader, asked: Iterable[str]) -> Collection[Ruled]:
    """The columns whose rules a query needs: to plan with many rules takes longer than to look."""
    if reader.scope is not None:
        # A scope that went by what facts say of themselves would be another reader's.
        return RULED
    # A query without a name and without a star takes no column that it does not name.
    texts = [text.replace("COUNT(*)", "") for text in asked]
    last = max(
        (n for n, name in enumerate(RULED) for text in texts if name in text or "*" in text),
        default=-1,
    )
    # Rules of a later column read what those of an earlier one gave.
    return [column for column in RULED[: last + 1] if column in reader.rules]


def _facts(
    workspace: Workspace,
    table: str,
    as_of: datetime | None,
    merged: str | None,
    narrow: str | None,
) -> str:
    columns = ["f.seq", "f.customer_key AS own_key"]
    for column in (*COMMON, *TABLES[table].columns):
        if column.name == "customer":
            customer = "coalesce(c.customer, f.customer_key)" if merged else "f.customer_key"
            columns.append(f"{customer} AS customer")
        else:
            columns.append(f"f.{quoted(column.name)}")
    columns += [f"f.{quoted(DIMENSION_PREFIX + n)}" for n in workspace.dimensions.get(table, {})]
    join = f" LEFT JOIN {merged} c ON c.key = f.customer_key" if merged else ""
    return (
        f"SELECT {', '.join(columns)} FROM {workspace.sql}.{table} f{join}"
        f" WHERE {live(workspace, table, 'f', as_of)}{f' AND {narrow}' if narrow else ''}"
    )


def _clauses(workspace: Workspace, near: str | None) -> str:
    """Clauses with their points, and where it is asked for those that are near, with how much."""
    if near is None:
        return _parts(workspace, CLAUSES, "findings", "p.point")
    lie = f"{near} n ON p.verbatim = n.seq AND p.place = n.place"
    return _parts(workspace, CLAUSES, "findings", "p.point", "n.likeness", join=f" JOIN {lie}")


def _parts(workspace: Workspace, of: Table, kept_in: str, *more: str, join: str = "") -> str:
    """Parts, out of the reading form of their verbatims."""
    said = {column.name for column in TABLES[PARTS[of.name]].columns} - {"language"}
    own = [column.name for column in of.columns if column.name not in said]
    chosen = ["v.* EXCLUDE (language)", *(f"p.{name}" for name in own), *more]
    return (
        f"SELECT {', '.join(chosen)} FROM {workspace.sql}.{kept_in} p{join}"
        f" JOIN {PARTS[of.name]} v ON p.verbatim = v.seq"
    )


def _support(
    workspace: Workspace, table: str, merged: str | None, narrow: str | None = None
) -> str:
    if table == "ids" and (merged or narrow):
        customer = "coalesce(c.customer, f.key)" if merged else "f.key"
        join = f" LEFT JOIN {merged} c ON c.key = f.key" if merged else ""
        return (
            f"SELECT {customer} AS key, f.key AS own, f.kind, f.id"
            f" FROM {workspace.sql}.ids f{join}"
            f" WHERE {narrow or 'true'}"
        )
    if table == "ids":
        return f"SELECT key, key AS own, kind, id FROM {workspace.sql}.ids"
    return f"SELECT * FROM {workspace.sql}.{table}"


def check_tables(tables: frozenset[str], known: Collection[str] = READ) -> None:
    """Refuse a query that names what is not a table of the log."""
    unknown = sorted(
        table for table in tables - set(known) - set(SUPPORT) if wanted_of(table) is None
    )
    if unknown:
        raise Problem(
            "log.no-such-table",
            _("The log has no table {table}.", table=", ".join(unknown)),
            _("Tables: {tables}.", tables=", ".join(sorted(known))),
        )


def words_domain(name: str, workspace: Workspace) -> str | None:
    """The dictionary that an output column's integers belong to, or None."""
    if name.startswith(DIMENSION_PREFIX):
        plain = name.removeprefix(DIMENSION_PREFIX)
        kinds = {d[plain] for d in workspace.dimensions.values() if plain in d}
        return name if kinds == {"text"} else None
    return name if name in _CODED else None


_CODED = frozenset(
    column.name
    for table, told in READ.items()
    for column in (*COMMON, *told.columns)
    if layout.is_coded(table, column.name, {})
)
"""The log's own columns that hold codes in some table."""


def _numbers(values: list[int]) -> str:
    return ", ".join(str(value) for value in sorted(values))


def _instant(at: datetime | None) -> str:
    return f"TIMESTAMP '{at.isoformat(sep=' ')}'" if at else "NULL"
