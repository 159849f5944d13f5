"""Two sides of a map as a table, not rounded; shares in 0…1."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.maps.pairs import SHARES, Pair
from zhiyin.web.map_compare_page import Page

_PAIR: dict[str, pa.DataType] = {
    **dict.fromkeys(("here", "there", "difference", "low", "high", "p", "q"), pa.float64()),
    "marked": pa.bool_(),
    **dict.fromkeys(("n_here", "n_there"), pa.int64()),
    "state": pa.string(),
}
_COLUMNS: dict[str, pa.DataType] = {
    **dict.fromkeys(("stage", "touchpoint", "name", "here", "there"), pa.string()),
    **dict.fromkeys(("in_here", "in_there", "is_alike"), pa.bool_()),
    **{f"{figure}_{name}": kind for figure in ("score", *SHARES) for name, kind in _PAIR.items()},
}


def table(page: Page) -> Rows:
    """A row a touchpoint: its score, then each share, on both sides with their difference."""
    rows: list[dict[str, Any]] = []
    for group in page.groups:
        for row in group.rows:
            one = row.one
            told: dict[str, Any] = {
                "stage": group.name,
                "touchpoint": one.node.id,
                "name": row.name,
                "here": page.names[0],
                "there": page.names[1],
                "in_here": one.in_here,
                "in_there": one.in_there,
                "is_alike": one.is_alike,
                **_pair("score", one.score),
            }
            for share in SHARES:
                told |= _pair(share, one.shares[share])
            rows.append(told)
    return rows_of(_COLUMNS, rows)


def _pair(figure: str, pair: Pair) -> dict[str, Any]:
    told = {f"{figure}_{name}": getattr(pair, name) for name in _PAIR}
    if pair.p is None:
        told[f"{figure}_marked"] = None
    return told
