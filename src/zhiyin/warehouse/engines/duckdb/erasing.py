"""Erasure, the first half: from one transaction on, nobody reads what the log holds of a customer.

The second half is `rewriting`: a file without her rows takes the place of this one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

import duckdb

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.engines.duckdb import forgotten, layout
from zhiyin.warehouse.engines.duckdb.forgetting import RULES, Hers, names_that_are_gone
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.pseudonyms import Pseudonyms
from zhiyin.warehouse.rights import Erased, ErasureInLog, Id, KeptSince, Subject
from zhiyin.warehouse.tables import DIMENSION_PREFIX, TABLES

Connection = duckdb.DuckDBPyConnection

KEPT_DOMAINS = ("source",)
"""Coded columns whose words are names of systems, chosen by people who work here."""


def load(connection: Connection, workspace: Workspace) -> None:
    """Read into memory what the file says of erasure and retention."""
    sql = workspace.sql
    keys = connection.execute(f"SELECT key FROM {sql}.erased_keys").fetchall()
    workspace.erased_keys = frozenset(key for (key,) in keys)
    workspace.has_erased_ids = bool(
        connection.execute(f"SELECT 1 FROM {sql}.erased_ids LIMIT 1").fetchall()
    )
    rule = connection.execute(f"SELECT value FROM {sql}.rights WHERE name = 'erased_ids'")
    workspace.refuses_erased = rule.fetchall() != [("anew",)]
    workspace.kept_since = tuple(
        KeptSince(*row)
        for row in connection.execute(f"FROM {sql}.kept_since ORDER BY tbl, pattern").fetchall()
    )


def subject(connection: Connection, workspace: Workspace, name: str, kind: str | None) -> Subject:
    """The customer of an id.

    Raises:
        Problem: ``rights.no-such-customer``, ``rights.which-customer``.
    """
    sql = workspace.sql
    found = connection.execute(
        f"""
        SELECT coalesce(c.customer, k.key), list(DISTINCT k.kind ORDER BY k.kind)
        FROM {sql}.ids k LEFT JOIN {sql}.customer_of c ON c.key = k.key
        WHERE k.id = ? AND (?::VARCHAR IS NULL OR k.kind = ?) GROUP BY 1
        """,
        [name, kind, kind],
    ).fetchall()
    if not found:
        raise Problem(
            "rights.no-such-customer",
            _("The log has no customer with this id."),
            _("Check the spelling; small and capital letters differ."),
        )
    if len(found) > 1:
        kinds = sorted({kind for _customer, kinds in found for kind in kinds})
        raise Problem(
            "rights.which-customer",
            _("The id belongs to {count} customers.", count=len(found)),
            _("Say which kind of id it is: {kinds}.", kinds=", ".join(kinds)),
        )
    return of_customer(connection, workspace, int(found[0][0]))


def of_customer(connection: Connection, workspace: Workspace, customer: int) -> Subject:
    """Every key and id of a customer (a key after merges)."""
    sql = workspace.sql
    more = connection.execute(f"SELECT key FROM {sql}.customer_of WHERE customer = ?", [customer])
    keys = (customer, *sorted(int(key) for (key,) in more.fetchall()))
    ids = connection.execute(
        f"SELECT kind, id FROM {sql}.ids WHERE key IN ({_list(keys)}) ORDER BY key, kind, id"
    ).fetchall()
    return Subject(customer, keys, tuple(Id(*row) for row in ids))


def subjects(connection: Connection, workspace: Workspace, ids: Sequence[Id]) -> list[Subject]:
    """The customers of ids; an id that nobody has is passed over."""
    customers = set()
    for one in ids:
        row = connection.execute(
            f"SELECT coalesce(c.customer, k.key) FROM {workspace.sql}.ids k"
            f" LEFT JOIN {workspace.sql}.customer_of c ON c.key = k.key"
            f" WHERE k.kind = ? AND k.id = ?",
            [one.kind, one.id],
        ).fetchone()
        if row:
            customers.add(int(row[0]))
    return [of_customer(connection, workspace, customer) for customer in sorted(customers)]


def erase(
    connection: Connection,
    workspace: Workspace,
    pseudonyms: Pseudonyms,
    found: Sequence[Subject],
    erasure: str,
    contacts: frozenset[str] = frozenset(),
) -> Erased:
    """Make customers unreadable, in the transaction that the caller holds.

    The caller holds `workspace.writing` too, and reads the workspace anew after the commit.
    """
    sql = workspace.sql
    at = max(now(), workspace.last_received_at + timedelta(microseconds=1))
    by_table: dict[str, int] = {}
    for one in found:
        hers = Hers(one, contacts | {known.id for known in one.ids})
        for name, forget in RULES.items():
            by_table[name] = by_table.get(name, 0) + forget(connection, workspace, hers)
    keys = sorted({key for one in found for key in one.keys} - workspace.erased_keys)
    if keys:
        connection.executemany(
            f"INSERT INTO {sql}.erased_keys VALUES (?, ?, ?)", [[key, erasure, at] for key in keys]
        )
    known = {row[0] for row in connection.execute(f"SELECT hash FROM {sql}.erased_ids").fetchall()}
    hashes = {pseudonyms.of(i.kind, i.id) for one in found for i in one.ids} - known
    if hashes:
        connection.executemany(
            f"INSERT INTO {sql}.erased_ids VALUES (?, ?, ?)",
            [[hash_, erasure, at] for hash_ in sorted(hashes)],
        )
    if keys:
        by_table |= _count(connection, workspace, keys)
        workspace_then = _after(workspace, keys)
        holding = [table for table in TABLES if by_table[table]]
        by_table["words"] = forget_words(connection, workspace_then, holding)
        by_table["catalogue"] = by_table.get("catalogue", 0) + names_that_are_gone(
            connection, workspace
        )
        by_table["ids"] = _deleted(
            connection, f"DELETE FROM {sql}.ids WHERE key IN ({_list(keys)})"
        )
        by_table["batches"] = _forget_labels(connection, workspace, found)
        connection.execute(
            f"DELETE FROM {sql}.customer_of WHERE key IN ({_list(keys)})"
            f" OR customer IN ({_list(keys)})"
        )
    return Erased(at, {name: count for name, count in by_table.items() if count}, len(found))


def _after(workspace: Workspace, keys: Sequence[int]) -> Workspace:
    """The workspace as it will be read when the keys are gone."""
    import dataclasses

    return dataclasses.replace(workspace, erased_keys=workspace.erased_keys | frozenset(keys))


def _count(connection: Connection, workspace: Workspace, keys: Sequence[int]) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        if not workspace.rows.get(table, 1):
            counts[table] = 0
            continue
        hers = f"customer_key IN ({_list(keys)})"
        if table == "identities":
            hers += f" OR other IN ({_list(keys)})"
        row = connection.execute(
            f"SELECT count(*) FROM {workspace.sql}.{table} WHERE {hers}"
        ).fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


def forget_words(
    connection: Connection, workspace: Workspace, tables: Collection[str] = tuple(TABLES)
) -> int:
    """Replace the words of coded columns that only rows use which nobody reads; returns how many.

    A code keeps its place: only what it meant is gone.

    Args:
        tables: those that have such rows.
    """
    users = _users(workspace)
    connection.execute("CREATE OR REPLACE TEMP TABLE leaving (domain VARCHAR, code INTEGER)")
    for table in tables:
        gone = forgotten.gone(workspace, table, "f")
        if gone is not None and users[table]:
            said = " UNION ALL ".join(
                f"SELECT DISTINCT '{domain}', f.{column}"
                f" FROM {workspace.sql}.{table} f WHERE {gone}"
                for domain, column in users[table]
            )
            connection.execute(f"INSERT INTO temp.leaving {said}")
    left = {d for (d,) in connection.execute("SELECT DISTINCT domain FROM temp.leaving").fetchall()}
    for table in TABLES:
        columns = [(domain, column) for domain, column in users[table] if domain in left]
        if not columns or not workspace.rows.get(table, 1):
            continue
        read = " AND ".join(forgotten.readable(workspace, table, "f")) or "true"
        used = " UNION ALL ".join(
            f"SELECT DISTINCT '{domain}' AS domain, f.{column} AS code"
            f" FROM {workspace.sql}.{table} f WHERE {read} AND f.{column} IN"
            f" (SELECT code FROM temp.leaving WHERE domain = '{domain}')"
            for domain, column in columns
        )
        connection.execute(
            f"DELETE FROM temp.leaving l USING ({used}) u"
            " WHERE u.domain = l.domain AND u.code = l.code"
        )
    # The name of a language is what was found in verbatims, too.
    for found in ("findings", "earlier_findings"):
        connection.execute(
            f"DELETE FROM temp.leaving l USING {workspace.sql}.{found} f"
            " WHERE l.domain = 'language' AND f.language = l.code"
        )
    # What a rule gives was chosen by people who work here.
    connection.execute(
        f"DELETE FROM temp.leaving l USING {workspace.sql}.rules r"
        " WHERE r.ruled = l.domain AND r.code = l.code"
    )
    # What is kept for a time by its name is known by that: without it all its rows would be back.
    if named := forgotten.ruled_names(workspace):
        connection.execute(
            f"DELETE FROM temp.leaving WHERE domain = 'name' AND code IN ({_list(named)})"
        )
    count = _deleted(
        connection,
        f"""
        UPDATE {workspace.sql}.words AS w SET word = {_placeholder("w")} FROM (
            SELECT DISTINCT domain, code FROM temp.leaving) l
        WHERE l.domain = w.domain AND l.code = w.code AND w.word <> {_placeholder("w")}
        """,
    )
    connection.execute("DROP TABLE temp.leaving")
    return count


def forget_ids(connection: Connection, workspace: Workspace) -> int:
    """Take out the ids of customers of whom only rows are left that nobody reads."""
    sql = workspace.sql
    connection.execute("CREATE OR REPLACE TEMP TABLE unread (key INTEGER)")
    columns = [(table, "customer_key") for table in TABLES] + [("identities", "other")]
    for table, column in columns:
        gone = forgotten.gone(workspace, table, "f")
        if gone is not None:
            connection.execute(
                f"INSERT INTO temp.unread SELECT DISTINCT f.{column} FROM {sql}.{table} f"
                f" WHERE f.{column} IS NOT NULL AND {gone}"
            )
    for table, column in columns:
        read = " AND ".join(forgotten.readable(workspace, table, "f")) or "true"
        connection.execute(
            f"DELETE FROM temp.unread WHERE key IN"
            f" (SELECT f.{column} FROM {sql}.{table} f WHERE {read})"
        )
    count = _deleted(
        connection, f"DELETE FROM {sql}.ids WHERE key IN (SELECT key FROM temp.unread)"
    )
    connection.execute("DROP TABLE temp.unread")
    return count


def _placeholder(alias: str) -> str:
    return f"('erased-' || {alias}.code)"


def _users(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    """Table → (domain, column) of its coded columns, but those of `KEPT_DOMAINS`."""
    found = {}
    for table in TABLES:
        dimensions = workspace.dimensions.get(table, {})
        names = [
            *layout.coded_columns(table),
            *(DIMENSION_PREFIX + name for name, kind in dimensions.items() if kind == "text"),
        ]
        found[table] = [(name, quoted(name)) for name in names if name not in KEPT_DOMAINS]
    return found


def _forget_labels(connection: Connection, workspace: Workspace, found: Sequence[Subject]) -> int:
    """An import's label is a file's name, which may be hers."""
    count = 0
    for name in {one.id for subject in found for one in subject.ids if len(one.id) >= 4}:
        count += _deleted(
            connection,
            f"UPDATE {workspace.sql}.batches SET label = 'erased' WHERE contains(label, ?)",
            [name],
        )
    return count


def erasures(connection: Connection, workspace: Workspace) -> list[ErasureInLog]:
    """Every erasure that the file knows, oldest first."""
    rows = connection.execute(
        f"""
        SELECT e.erasure, min(e.erased_at),
            CASE WHEN NOT bool_or(e.pending) THEN
                (SELECT max(ended_at) FROM {workspace.sql}.rewritten r
                 WHERE list_contains(string_split(r.erasures, ' '), e.erasure)) END
        FROM (
            SELECT erasure, erased_at, false AS pending FROM {workspace.sql}.erased_ids
            UNION ALL SELECT erasure, erased_at, true FROM {workspace.sql}.erased_keys
        ) e GROUP BY e.erasure ORDER BY 2, 1
        """
    ).fetchall()
    return [ErasureInLog(*row) for row in rows]


def set_rule(connection: Connection, workspace: Workspace, *, refuse: bool) -> None:
    """Whether rows of an erased id are refused; the caller holds the transaction."""
    sql = f"{workspace.sql}.rights"
    connection.execute(f"DELETE FROM {sql} WHERE name = 'erased_ids'")
    connection.execute(
        f"INSERT INTO {sql} VALUES ('erased_ids', ?)", ["refuse" if refuse else "anew"]
    )


def set_kept_since(
    connection: Connection, workspace: Workspace, rules: Sequence[KeptSince]
) -> None:
    """Replace what is kept; the caller holds the transaction."""
    sql = f"{workspace.sql}.kept_since"
    connection.execute(f"DELETE FROM {sql}")
    for rule in rules:
        connection.execute(
            f"INSERT INTO {sql} VALUES (?, ?, ?)", [rule.table, rule.pattern, rule.since]
        )


def expiring(
    connection: Connection, workspace: Workspace, rules: Sequence[KeptSince]
) -> dict[str, int]:
    """Rows per table that are read now and would not be under other rules."""
    import dataclasses

    then = dataclasses.replace(workspace, kept_since=tuple(rules))
    counts = {}
    for table in {rule.table for rule in rules}:
        gone = forgotten.gone(then, table, "f")
        read = " AND ".join(forgotten.readable(workspace, table, "f")) or "true"
        if gone is None:
            continue
        row = connection.execute(
            f"SELECT count(*) FROM {workspace.sql}.{table} f WHERE {read} AND {gone}"
        ).fetchone()
        if row and row[0]:
            counts[table] = int(row[0])
    return counts


def _deleted(connection: Connection, sql: str, values: Sequence[object] = ()) -> int:
    row = connection.execute(sql, list(values)).fetchone()
    return int(row[0]) if row else 0


def _list(keys: Sequence[int]) -> str:
    return ", ".join(str(key) for key in keys)
