"""Names of events and their properties, counted from the log itself.

A counter says up to which event the catalogue counts; what came since is added in steps, each in
a transaction with the counter. So it is never ahead of the log, and imports are in it too. To make
it anew, empty the table and the counter.
"""

from __future__ import annotations

import contextlib

import duckdb

from zhiyin.warehouse.deadletters import Seen
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.tables import DIMENSION_PREFIX

COUNTER = "catalogue"
STEP = 50_000
"""Events that are counted in one transaction."""

MOST_PROPERTIES = 10_000
"""Beyond so many rows only known names and properties are counted: whoever has a public key
could otherwise make names without end."""

_KIND = """CASE json_type(value) WHEN 'VARCHAR' THEN 'text' WHEN 'BOOLEAN' THEN 'truth'
 WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'list' ELSE 'number' END"""

_EXAMPLE_LENGTH = 60


def catch_up(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> bool:
    """Count one step; returns whether there may be more."""
    sql = held.sql
    with held.writing:
        values = dict(
            cursor.execute(
                f"SELECT name, value FROM {sql}.counters WHERE name IN ('{COUNTER}', 'seq:events')"
            ).fetchall()
        )
        first, end = values.get(COUNTER, 0), values.get("seq:events", 0)
        last = min(first + STEP, end)
        if first >= end:
            return False
        cursor.execute("BEGIN")
        try:
            _count(cursor, held, first, last)
            if COUNTER in values:
                cursor.execute(
                    f"UPDATE {sql}.counters SET value = ? WHERE name = '{COUNTER}'", [last]
                )
            else:
                cursor.execute(f"INSERT INTO {sql}.counters VALUES ('{COUNTER}', ?)", [last])
            cursor.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                cursor.execute("ROLLBACK")
            raise
    return bool(last < end)


def read(cursor: duckdb.DuckDBPyConnection, held: Workspace) -> list[Seen]:
    """The catalogue, the most frequent name first, each with its properties by name."""
    rows = cursor.execute(
        f"""
        SELECT name, property, kind, n, examples, first_at, last_at FROM {held.sql}.catalogue c
        ORDER BY (SELECT max(n) FROM {held.sql}.catalogue o
            WHERE o.name = c.name AND o.property = '') DESC, name, property, n DESC, kind
        """
    ).fetchall()
    return [Seen(*row) for row in rows]


def _count(cursor: duckdb.DuckDBPyConnection, held: Workspace, first: int, last: int) -> None:
    sql = held.sql
    since = f"FROM {sql}.events e WHERE e.seq >= {first} AND e.seq < {last}"
    parts = [
        f"SELECT e.name, '' AS property, 'event' AS kind, NULL AS example, e.occurred_at {since}",
        f"""SELECT name, key AS property, {_KIND} AS kind, value ->> '$' AS example, occurred_at
        FROM (SELECT name, occurred_at, unnest(map_entries(
                from_json(properties, '"MAP(VARCHAR, JSON)"')), recursive := true)
            FROM (SELECT e.name, e.occurred_at, e.properties {since}
                AND e.properties IS NOT NULL AND json_valid(e.properties)
                AND json_type(e.properties) = 'OBJECT'))
        WHERE json_type(value) <> 'NULL'""",
    ]
    kinds = {"text": "text", "int": "number", "float": "number", "bool": "truth", "time": "text"}
    for name, kind in held.dimensions.get("events", {}).items():
        column = f"e.{quoted(DIMENSION_PREFIX + name)}"
        value = f"{column}::VARCHAR"
        if kind == "text":
            value = (
                f"(SELECT word FROM {sql}.words WHERE domain = '{DIMENSION_PREFIX}{name}'"
                f" AND code = {column})"
            )
        property_name = name.replace("'", "''")
        parts.append(
            f"SELECT e.name, '{property_name}', '{kinds[kind]}', {value}, e.occurred_at {since}"
            f" AND {column} IS NOT NULL"
        )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE seen_lately AS
        SELECT w.word AS name, s.property, s.kind, count(*) AS n,
            list_sort(list_distinct([min(left(s.example, {_EXAMPLE_LENGTH})),
                any_value(left(s.example, {_EXAMPLE_LENGTH})),
                max(left(s.example, {_EXAMPLE_LENGTH}))])) AS examples,
            min(s.occurred_at) AS first_at, max(s.occurred_at) AS last_at
        FROM ({" UNION ALL ".join(parts)}) s
        JOIN {sql}.words w ON w.domain = 'name' AND w.code = s.name
        GROUP BY ALL
        """
    )
    cursor.execute(
        f"""
        UPDATE {sql}.catalogue AS c SET n = c.n + s.n,
            examples = list_sort(list_distinct(list_concat(c.examples, s.examples))[:3]),
            first_at = least(c.first_at, s.first_at), last_at = greatest(c.last_at, s.last_at)
        FROM temp.seen_lately s
        WHERE s.name = c.name AND s.property = c.property AND s.kind = c.kind
        """
    )
    cursor.execute(
        f"""
        INSERT INTO {sql}.catalogue BY NAME
        SELECT * FROM temp.seen_lately s
        WHERE NOT EXISTS (SELECT 1 FROM {sql}.catalogue c
            WHERE s.name = c.name AND s.property = c.property AND s.kind = c.kind)
        ORDER BY n DESC
        LIMIT greatest({MOST_PROPERTIES} - (SELECT count(*) FROM {sql}.catalogue), 0)
        """
    )
    cursor.execute("DROP TABLE temp.seen_lately")
