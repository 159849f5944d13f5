"""Rows of erased ids do not come in again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.pseudonyms import Pseudonyms


def refuse_erased(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    pseudonyms: Pseudonyms,
    who: Sequence[tuple[str, str, str]],
    tables: Iterable[str],
) -> None:
    """Mark staged rows whose customer was erased as ``refused``: nothing of them is appended.

    An id that the log has was not erased, so only new ones are hashed. A row is refused whole:
    where one of its facts is hers, all are.
    """
    if not who:
        return
    sql = workspace.sql
    found = " UNION ".join(
        f"SELECT {kind} AS kind, {name} AS id FROM temp.stage_{table} s WHERE {name} IS NOT NULL"
        for table, kind, name in who
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE refused_ids AS
        SELECT kind, id FROM ({found}) f
        WHERE NOT EXISTS (SELECT 1 FROM {sql}.ids k WHERE k.kind = f.kind AND k.id = f.id)
            AND {pseudonyms.sql("f.kind", "f.id")} IN (SELECT hash FROM {sql}.erased_ids)
        """
    )
    try:
        if not connection.execute("SELECT 1 FROM temp.refused_ids LIMIT 1").fetchall():
            return
        rows = " UNION ".join(
            f'SELECT s."row" FROM temp.stage_{table} s'
            f" JOIN temp.refused_ids r ON r.kind = {kind} AND r.id = {name}"
            for table, kind, name in who
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE refused_rows AS {rows}")
        for table in tables:
            connection.execute(
                f"UPDATE temp.marked_{table} SET verdict = 'refused'"
                f' WHERE "row" IN (SELECT "row" FROM temp.refused_rows)'
            )
        connection.execute("DROP TABLE temp.refused_rows")
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.refused_ids")
