"""Touchpoint rules: kept in the file, applied whenever events are read.

An event's own touchpoint is never touched. One that came without is at the touchpoint of the
first rule that holds, now and in the past, so an edit is in every figure at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import _
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.log import Schema, TouchpointRule
from zhiyin.warehouse.where import where

OWN = "own events"
"""The name of the events as they came, inside the reading form."""

MOST_RULES = 200


def load(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> tuple[TouchpointRule, ...]:
    """The rules of the file, in order."""
    rows = cursor.execute(
        f"SELECT rule, word, zone FROM {held.sql}.touchpoint_rules r JOIN {held.sql}.words w"
        " ON w.domain = 'touchpoint' AND w.code = r.touchpoint ORDER BY place"
    ).fetchall()
    return tuple(TouchpointRule(*row) for row in rows)


def save(
    cursor: duckdb.DuckDBPyConnection,
    held: Workspace,
    rules: Sequence[TouchpointRule],
    instead_of: Sequence[TouchpointRule] | None,
) -> None:
    """Put these rules in the place of all. The caller holds `held.writing`."""
    if len(rules) > MOST_RULES:
        raise Problem(
            "touchpoints.too-many",
            _("There may be {limit} rules, and these are {n}.", limit=MOST_RULES, n=len(rules)),
            _("Join rules of one touchpoint with or."),
        )
    for rule in rules:
        _check(held, rule)
    cursor.execute("BEGIN")
    try:
        if instead_of is not None and load(cursor, held) != tuple(instead_of):
            raise Problem(
                "touchpoints.changed",
                _("Somebody else has changed the touchpoint rules in the meantime."),
                _("Look at the rules as they are now, and change them again."),
            )
        cursor.execute(f"DELETE FROM {held.sql}.touchpoint_rules")
        for place, rule in enumerate(rules):
            cursor.execute(
                f"INSERT INTO {held.sql}.touchpoint_rules VALUES (?, ?, ?, ?)",
                [place, rule.where, rule.zone, _code(cursor, held, rule.touchpoint)],
            )
        cursor.execute("COMMIT")
    except BaseException:
        cursor.execute("ROLLBACK")
        raise


def ruled(held: Workspace, schema: Schema) -> tuple[str, frozenset[str]] | None:
    """SQL of the events with the rules applied, and the tables it names; None without rules.

    It reads `OWN`. Words stand in it as codes: the dictionaries in memory are those of the last
    commit, and a word that arrives at this very moment is in the next query.
    """
    if not held.touchpoint_rules:
        return None
    state = (
        held.touchpoint_rules,
        tuple(sorted(schema.dimensions.get("events", {}).items())),
        tuple(sorted((domain, len(words)) for domain, words in held.words.items())),
    )
    if held.ruled is None or held.ruled[0] != state:
        held.ruled = (state, *_compiled(held, schema))
    return held.ruled[1], held.ruled[2]


def _compiled(held: Workspace, schema: Schema) -> tuple[str, frozenset[str]]:
    own = lang.table(schema, "events").op().copy(name=OWN).to_expr()
    code = {word: code for code, word in enumerate(held.words.get("touchpoint", ()))}
    branches = [
        (
            where(
                parse(rule.where),
                own,
                schema,
                table_name="events",
                zone=rule.zone,
                dictionaries=held.words,
            ),
            lang.literal(code[rule.touchpoint], "int32"),
        )
        for rule in held.touchpoint_rules
    ]
    found = lang.cases(*branches, else_=lang.null("int32"))
    query = own.mutate(touchpoint=lang.coalesce(own.touchpoint, found))
    return lang.compile_sql(query), lang.tables_of(query) - {OWN}


def _check(held: Workspace, rule: TouchpointRule) -> None:
    if not rule.touchpoint.strip():
        raise Problem(
            "touchpoints.no-name",
            _("A rule needs a touchpoint."),
            _("Write the touchpoint that its events are at."),
        )
    schema = Schema(held.version, held.dimensions)
    events = lang.table(schema, "events")
    where(parse(rule.where), events, schema, table_name="events", zone=rule.zone)


def _code(cursor: duckdb.DuckDBPyConnection, held: Workspace, word: str) -> int:
    """The code of a touchpoint, learnt where it is new."""
    words = f"{held.sql}.words"
    cursor.execute(
        f"INSERT INTO {words} SELECT 'touchpoint', count(*), ? FROM {words}"
        " WHERE domain = 'touchpoint' HAVING count(*) FILTER (word = ?) = 0",
        [word, word],
    )
    row = cursor.execute(
        f"SELECT code FROM {words} WHERE domain = 'touchpoint' AND word = ?", [word]
    ).fetchone()
    assert row is not None  # noqa: S101 - inserted above where it was missing
    return int(row[0])
