"""Two sides of a map as a table, not rounded; shares in 0…1."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.web.map_compare_page import SHARES, Page

_SCORE: dict[str, pa.DataType] = {
    **dict.fromkeys(
        ("value", "reference_value", "difference", "low", "high", "p", "q"), pa.float64()
    ),
    "marked": pa.bool_(),
    **dict.fromkeys(("n", "reference_n"), pa.int64()),
}
_SHARE: dict[str, pa.DataType] = {
    **dict.fromkeys(("here", "there", "difference", "low", "high", "p", "q"), pa.float64()),
    "marked": pa.bool_(),
}
_COLUMNS: dict[str, pa.DataType] = {
    **dict.fromkeys(("touchpoint", "name", "stage"), pa.string()),
    **dict.fromkeys(("customers_here", "customers_there"), pa.int64()),
    **{f"score_{name}": kind for name, kind in _SCORE.items()},
    **{f"{share}_{name}": kind for share in SHARES for name, kind in _SHARE.items()},
}


def table(page: Page) -> Rows:
    """A row a touchpoint: scores, then each share, on both sides with their difference."""
    rows: list[dict[str, Any]] = []
    for row in page.rows:
        one = row.one
        told: dict[str, Any] = {"touchpoint": one.node.id, "name": row.name, "stage": row.stage}
        told["customers_here"] = one.here.customers if one.here else None
        told["customers_there"] = one.there.customers if one.there else None
        for name in _SCORE:
            told[f"score_{name}"] = getattr(one.score, name) if one.score else None
        for share in SHARES:
            for name in _SHARE:
                told[f"{share}_{name}"] = getattr(one.shares[share], name)
        rows.append(told)
    return rows_of(_COLUMNS, rows)
