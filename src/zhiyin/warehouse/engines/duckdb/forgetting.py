"""How the tables of the file that are neither facts nor derived forget a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from zhiyin.warehouse.engines.duckdb import refusals
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.naming import words
from zhiyin.warehouse.rights import Subject

Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Hers:
    """What is looked for: her keys, and the words that name her."""

    subject: Subject
    names: frozenset[str]

    @property
    def keys(self) -> str:
        """Her keys as a list of SQL."""
        return ", ".join(str(key) for key in self.subject.keys)


def _refusals(connection: Connection, workspace: Workspace, hers: Hers) -> int:
    """What intake refused of her is deleted, whatever became of it."""
    found = refusals.naming(connection, workspace, hers.names)
    if found:
        listed = ", ".join(str(number) for number in found)
        connection.execute(f"DELETE FROM {workspace.sql}.refusals WHERE number IN ({listed})")
    return len(found)


def _catalogue(connection: Connection, workspace: Workspace, hers: Hers) -> int:
    """Examples that came from her leave the catalogue; others bring new ones."""
    table = f"{workspace.sql}.catalogue"
    examples = connection.execute(f"SELECT DISTINCT unnest(examples) FROM {table}").fetchall()
    shown = {example for (example,) in examples}
    if not shown:
        return 0
    said = set(hers.names)
    rows = connection.cursor()
    try:
        rows.execute(
            f"SELECT properties FROM {workspace.sql}.events"
            f" WHERE customer_key IN ({hers.keys}) AND properties IS NOT NULL"
        )
        while part := rows.fetchmany(5_000):
            for (properties,) in part:
                said.update(word for word in words(properties) if word in shown)
    finally:
        rows.close()
    # An example may be cut short, or stand in quotes as JSON has it.
    gone = [one for one in shown if one in said or one.strip('"') in said or _is_cut(one, said)]
    if not gone:
        return 0
    ((count,),) = connection.execute(
        f"UPDATE {table} SET examples = list_filter(examples, lambda e: NOT list_contains(?, e))"
        f" WHERE len(list_intersect(examples, ?)) > 0",
        [gone, gone],
    ).fetchall()
    return int(count)


def _is_cut(example: str, said: set[str]) -> bool:
    bare = example.rstrip("…")
    return example != bare and any(word.startswith(bare) for word in said)


RULES: Mapping[str, Callable[[Connection, Workspace, Hers], int]] = {
    "refusals": _refusals,
    "catalogue": _catalogue,
}
"""Table → how it forgets; returns how many of its rows it changed."""


def names_that_are_gone(connection: Connection, workspace: Workspace) -> int:
    """The catalogue loses event names that the dictionary has lost."""
    sql = workspace.sql
    ((count,),) = connection.execute(
        f"DELETE FROM {sql}.catalogue WHERE name NOT IN"
        f" (SELECT word FROM {sql}.words WHERE domain = 'name')"
    ).fetchall()
    return int(count)
