"""Which ids are one customer: `customer_of`, built from the reasons in `identities`.

Only ids that are somebody else's are listed, so a log without merges pays nothing.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.workspace import Workspace


def merged(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, as_of: datetime | None = None
) -> pa.Table:
    """(key, customer) for every id that is another's, the smallest key standing for all.

    The last word on a pair counts: a link that a later unlink names is void.
    """
    pairs = connection.sql(
        f"""
        SELECT least(customer_key, other) AS a, greatest(customer_key, other) AS b
        FROM {workspace.sql}.identities i
        WHERE other IS NOT NULL AND other <> customer_key
            AND {live(workspace, "identities", "i", as_of)}
        GROUP BY ALL
        HAVING arg_max((SELECT word FROM {workspace.sql}.words
            WHERE domain = 'action' AND code = i.action), seq) = 'link'
        """
    ).to_arrow_table()
    key, customer = _smallest_of_group(pairs["a"].to_numpy(), pairs["b"].to_numpy())
    return pa.table({"key": pa.array(key, pa.int32()), "customer": pa.array(customer, pa.int32())})


def _smallest_of_group(
    a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Connected groups of the pairs: each member that is not the smallest, with the smallest."""
    keys, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    half = len(a)
    graph = coo_array((np.ones(half), (place[:half], place[half:])), shape=(len(keys),) * 2)
    _count, group = connected_components(graph, directed=False)
    first = np.full(int(group.max()) + 1, len(keys))
    np.minimum.at(first, group, np.arange(len(keys)))
    smallest = keys[first[group]]
    other = smallest != keys
    return keys[other].astype(np.int64), smallest[other].astype(np.int64)
