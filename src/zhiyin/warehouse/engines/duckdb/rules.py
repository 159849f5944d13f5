"""Rules for touchpoints and units: kept in the file, applied whenever facts are read.

What a fact itself says is never touched. The first rule that holds gives its word, now and in the
past, so an edit is in every figure at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.log import Schema
from zhiyin.warehouse.rules import RULED, Rule, Ruled, Rules
from zhiyin.warehouse.ruling import TABLES, check, condition

MOST_RULES = 200


def own(table: str) -> str:
    """The name of the facts as they came, inside the reading form."""
    return f"own {table}"


def load(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> dict[Ruled, Rules]:
    """The rules of the file, in order; columns without any are left out."""
    rows = cursor.execute(
        f"SELECT ruled, rule, word, zone, tbl FROM {held.sql}.rules r JOIN {held.sql}.words w"
        " ON w.domain = r.ruled AND w.code = r.code ORDER BY place"
    ).fetchall()
    first = cursor.execute(f"SELECT ruled FROM {held.sql}.rules_come_first").fetchall()
    found = {
        column: Rules(tuple(Rule(*row[1:]) for row in rows if row[0] == column), (column,) in first)
        for column in RULED
    }
    return {column: rules for column, rules in found.items() if rules != Rules()}


def save(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    column: Ruled,
    rules: Rules,
    instead_of: Rules | None,
) -> None:
    """Put these rules in the place of all of the column. The caller holds `held.writing`."""
    if len(rules) > MOST_RULES:
        raise Problem(
            "rules.too-many",
            _("There may be {limit} rules, and these are {n}.", limit=MOST_RULES, n=len(rules)),
            _("Join rules that give the same with or."),
        )
    schema = Schema(held.version, held.dimensions)
    for rule in rules:
        check(schema, column, rule)
    cursor.execute("BEGIN")
    try:
        if instead_of is not None and load(cursor, held).get(column, Rules()) != instead_of:
            raise Problem(
                "rules.changed",
                _("Somebody else has changed the rules in the meantime."),
                _("Look at the rules as they are now, and change them again."),
            )
        cursor.execute(f"DELETE FROM {held.sql}.rules WHERE ruled = ?", [column])
        for place, rule in enumerate(rules):
            cursor.execute(
                f"INSERT INTO {held.sql}.rules VALUES (?, ?, ?, ?, ?, ?)",
                [column, place, rule.table, rule.where, rule.zone,
                 _code(cursor, held, column, rule.gives)],
            )  # fmt: skip
        cursor.execute(f"DELETE FROM {held.sql}.rules_come_first WHERE ruled = ?", [column])
        if rules.come_first:
            cursor.execute(f"INSERT INTO {held.sql}.rules_come_first VALUES (?)", [column])
        cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise


def ruled(
    held: Workspace, schema: Schema, table: str, columns: Collection[Ruled]
) -> tuple[str, frozenset[str]] | None:
    """SQL of a table's facts with the rules of `columns` applied, and the tables that it names.

    None where no rule is about these facts. It reads `own(table)`. Words stand in it as codes: the
    dictionaries in memory are those of the last commit, and a word that arrives at this very moment
    is in the next query.
    """
    wanted = tuple(
        (column, held.rules[column])
        for column in RULED
        if column in columns and column in held.rules and table in TABLES[column]
    )
    if not wanted:
        return None
    state = (
        wanted,
        tuple(sorted(schema.dimensions.get(table, {}).items())),
        tuple(sorted((domain, len(words)) for domain, words in held.words.items())),
    )
    place = (table, tuple(column for column, _rules in wanted))
    kept = held.ruled.get(place)
    if kept is None or kept[0] != state:
        kept = (state, _compiled(held, schema, table, wanted))
        held.ruled[place] = kept
    return kept[1]


def _compiled(
    held: Workspace, schema: Schema, table: str, wanted: Sequence[tuple[Ruled, Rules]]
) -> tuple[str, frozenset[str]] | None:
    facts = lang.table(schema, table, has_own_key=True).op().copy(name=own(table)).to_expr()
    query = given(held, schema, table, facts, wanted)
    if query is facts:
        return None
    return lang.compile_sql(query), lang.tables_of(query) - {own(table)}


def given(
    held: Workspace,
    schema: Schema,
    table: str,
    facts: lang.Expression,
    wanted: Sequence[tuple[Ruled, Rules]],
) -> lang.Expression:
    """`facts` of a table with the words that rules give; itself where no rule is about them."""
    query = facts
    for column, rules in wanted:
        code = {word: code for code, word in enumerate(held.words.get(column, ()))}
        branches = [
            (asked, lang.literal(code[rule.gives], "int32"))
            for rule in rules
            if (asked := condition(rule, query, schema, table=table, dictionaries=held.words))
            is not None
        ]
        if branches:
            found = lang.cases(*branches, else_=lang.null("int32"))
            said = (found, query[column]) if rules.come_first else (query[column], found)
            query = query.mutate(**{column: lang.coalesce(*said)})
    return query


def _code(cursor: duckdb.DuckDBPyConnection, held: Workspace, column: Ruled, word: str) -> int:
    """The code of a word, learnt where it is new."""
    words = f"{held.sql}.words"
    cursor.execute(
        f"INSERT INTO {words} SELECT ?, count(*), ? FROM {words}"
        " WHERE domain = ? HAVING count(*) FILTER (word = ?) = 0",
        [column, word, column, word],
    )
    row = cursor.execute(
        f"SELECT code FROM {words} WHERE domain = ? AND word = ?", [column, word]
    ).fetchone()
    assert row is not None  # noqa: S101 - inserted above where it was missing
    return int(row[0])
