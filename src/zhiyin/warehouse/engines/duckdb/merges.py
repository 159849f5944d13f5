"""Which ids are one customer: `customer_of`, built from the reasons in `identities`.

Only ids that are somebody else's are listed, so a log without merges pays nothing. A few new
reasons change only the groups that they touch; everything else is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.kernel.ids import ANONYMOUS
from zhiyin.warehouse import joining
from zhiyin.warehouse.engines.duckdb.marks import row_of
from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.joining import GUARDS, LIMIT, PERSON, RULE, Links

FEW_REASONS = 20_000
"""So many new reasons are followed one by one; more, and everything is built anew."""

FEW_KEYS = 200_000
FEW_STEPS = 40
"""A neighbourhood that is larger or deeper is not followed: everything is built anew."""

Keys = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Merged:
    """What the reasons come to.

    Args:
        customers: (key, customer) for every id that is another's, the least key standing for all.
        held: (key, other, guard) for every pair of ids whose link a guard holds back.
    """

    customers: pa.Table
    held: pa.Table


def merged(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    as_of: datetime | None = None,
    among: Keys | None = None,
) -> Merged:
    """Which ids are one, as it was known at `as_of`; of all ids, or of the keys `among` alone.

    Of each pair and speaker the last word counts (a rule's: for each of its reasons). A person's
    word stands above a file's, and a file's *unlink* above what rules and the network say.
    """
    found = _standing(connection, workspace, as_of, among)
    ends = [found[name].to_numpy().astype(np.int64) for name in ("a", "b")]
    by = found["speaker"].to_numpy()
    keys, (a, b) = _places(ends)
    apart = by < 0
    links = Links(a[~apart], b[~apart], by[~apart].astype(np.int8), (a[apart], b[apart]))
    known = ~np.isin(keys, _anonymous(connection, workspace, among is not None, keys))
    limit = limit_of(connection, workspace, as_of)
    root, verdict = joining.joined(links, known, limit=limit)
    other = root != np.arange(len(keys))
    waits = verdict > joining.AGREES
    guards = np.array(["", "", *GUARDS.values()])[verdict[waits]]
    return Merged(
        pa.table(
            {
                "key": pa.array(keys[other], pa.int32()),
                "customer": pa.array(keys[root[other]], pa.int32()),
            }
        ),
        pa.table(
            {
                "key": pa.array(keys[links.a[waits]], pa.int32()),
                "other": pa.array(keys[links.b[waits]], pa.int32()),
                "guard": pa.array(guards.tolist(), pa.string()),
            }
        ),
    )


def build(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Make `customer_of` and `held` anew, inside a transaction."""
    connection.execute(f"DELETE FROM {workspace.sql}.customer_of")
    connection.execute(f"DELETE FROM {workspace.sql}.held")
    if row_of(connection, f"SELECT seq FROM {workspace.sql}.identities LIMIT 1"):
        _insert(connection, workspace, merged(connection, workspace))


def extend(connection: duckdb.DuckDBPyConnection, workspace: Workspace, after: int) -> bool:
    """Bring both tables up to date with the reasons that arrived after `after`.

    Returns:
        False when there is too much to follow, and nothing was changed.
    """
    fresh = connection.sql(
        f"SELECT customer_key, other FROM {workspace.sql}.identities"
        f" WHERE seq > {after} AND other IS NOT NULL LIMIT {FEW_REASONS + 1}"
    ).to_arrow_table()
    if fresh.num_rows > FEW_REASONS:
        return False
    begin = np.unique(np.concatenate([fresh[name].to_numpy() for name in fresh.schema.names]))
    keys = _neighbourhood(connection, workspace, begin.astype(np.int64))
    if keys is None:
        return False
    found = merged(connection, workspace, among=keys)
    connection.register("among", _column(keys))
    try:
        for table in ("customer_of", "held"):
            connection.execute(
                f"DELETE FROM {workspace.sql}.{table} WHERE key IN (SELECT key FROM among)"
            )
    finally:
        connection.unregister("among")
    _insert(connection, workspace, found)
    return True


def limit_of(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, as_of: datetime | None = None
) -> int:
    """How many known customers may become one by themselves."""
    then = "" if as_of is None else f"WHERE set_at <= TIMESTAMP '{as_of.isoformat(sep=' ')}'"
    ((customers,),) = connection.execute(
        f"SELECT arg_max(customers, set_at) FROM {workspace.sql}.identity_limits {then}"
    ).fetchall()
    return LIMIT if customers is None else int(customers)


def _insert(connection: duckdb.DuckDBPyConnection, workspace: Workspace, found: Merged) -> None:
    for table, rows in (("customer_of", found.customers), ("held", found.held)):
        connection.register("found_merges", rows)
        try:
            connection.execute(f"INSERT INTO {workspace.sql}.{table} SELECT * FROM found_merges")
        finally:
            connection.unregister("found_merges")


def _standing(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    as_of: datetime | None,
    among: Keys | None,
) -> pa.Table:
    """(a, b, speaker) of every pair that is linked, by arrival; `speaker` -1: said to be two."""
    link, unlink = (_code(workspace, "action", word) for word in ("link", "unlink"))
    if among is not None:
        connection.register("among", _column(among))
    chosen = "" if among is None else "AND customer_key IN (SELECT key FROM among)"
    try:
        found: pa.Table = connection.sql(
            f"""
            WITH said AS (
                SELECT least(customer_key, other) AS a, greatest(customer_key, other) AS b,
                    action, reason, seq, {_speaker(workspace)} AS speaker
                FROM {workspace.sql}.identities i
                WHERE other IS NOT NULL AND other <> customer_key {chosen}
                    AND {live(workspace, "identities", "i", as_of)}
            ), word AS (
                SELECT a, b, speaker, arg_max(action, seq) AS action,
                    min(CASE WHEN action = {link} THEN seq END) AS first
                FROM said GROUP BY a, b, speaker, CASE WHEN speaker = {RULE} THEN reason END
            ), pair AS (
                SELECT a, b, min(first) AS first,
                    min(CASE WHEN action = {link} THEN speaker END) AS speaker,
                    min(CASE WHEN action = {unlink} AND speaker < {RULE} THEN speaker END) AS apart
                FROM word GROUP BY a, b
            )
            SELECT a, b, (CASE WHEN apart = {PERSON} THEN -1 ELSE speaker END)::TINYINT AS speaker
            FROM pair
            WHERE apart = {PERSON} OR (speaker IS NOT NULL AND (apart IS NULL OR speaker < apart))
            ORDER BY first, a, b
            """
        ).to_arrow_table()
    finally:
        if among is not None:
            connection.unregister("among")
    return found


def _speaker(workspace: Workspace) -> str:
    """SQL of who says so: the column, else what the reason tells."""
    parts = []
    for column, table in (
        ("linked_by", joining.SPEAKERS),
        ("reason", joining.SPOKEN_BY_REASON),
    ):
        guard = "linked_by IS NULL AND " if column == "reason" else ""
        parts += [
            f"WHEN {guard}{column} = {_code(workspace, column, word)} THEN {by}"
            for word, by in table.items()
        ]
    return f"CASE {' '.join(parts)} ELSE {joining.IMPORT} END"


def _code(workspace: Workspace, domain: str, word: str) -> int:
    words = workspace.words.get(domain, [])
    return words.index(word) if word in words else -1


def _anonymous(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, is_few: bool, keys: Keys
) -> Keys:
    if is_few:
        connection.register("asked_keys", _column(keys))
    chosen = "AND key IN (SELECT key FROM asked_keys)" if is_few else ""
    try:
        found = connection.sql(
            f"SELECT key FROM {workspace.sql}.ids WHERE kind = '{ANONYMOUS}' {chosen}"
        ).to_arrow_table()
    finally:
        if is_few:
            connection.unregister("asked_keys")
    return np.asarray(found["key"].to_numpy(), dtype=np.int64)


def _neighbourhood(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, begin: Keys
) -> Keys | None:
    """Every key that any reason ever connected with `begin`, itself included."""
    reached, edge = begin, begin
    for _step in range(FEW_STEPS):
        if not len(edge):
            return reached
        if len(reached) > FEW_KEYS:
            return None
        connection.register("edge_keys", _column(edge))
        try:
            found = connection.sql(
                f"""
                SELECT other AS key FROM {workspace.sql}.identities
                WHERE other IS NOT NULL AND customer_key IN (SELECT key FROM edge_keys)
                UNION
                SELECT customer_key FROM {workspace.sql}.identities
                WHERE other IN (SELECT key FROM edge_keys)
                """
            ).to_arrow_table()
        finally:
            connection.unregister("edge_keys")
        edge = np.setdiff1d(found["key"].to_numpy().astype(np.int64), reached)
        reached = np.union1d(reached, edge)
    return None


def _places(ends: list[Keys]) -> tuple[Keys, list[Keys]]:
    """The keys in order, and the ends as places among them."""
    if not len(ends[0]):
        return np.zeros(0, np.int64), ends
    top = int(max(end.max() for end in ends)) + 1
    if top > 64 * len(ends[0]):
        keys, place = np.unique(np.concatenate(ends), return_inverse=True)
        return keys, list(place.astype(np.int64).reshape(2, -1))
    seen = np.zeros(top, np.bool_)
    for end in ends:
        seen[end] = True
    place = np.cumsum(seen) - 1
    return np.flatnonzero(seen), [place[end] for end in ends]


def _column(keys: Keys) -> pa.Table:
    return pa.table({"key": pa.array(keys, pa.int32())})
