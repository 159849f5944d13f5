"""The tables of *Before an outcome* and *Parting* as files; values are not rounded."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.journey.compared import Row, Side
from zhiyin.web.before_page import Page as BeforePage
from zhiyin.web.parting_page import Page as PartingPage

_SHARE = pa.float64()
_SIDE: dict[str, pa.DataType] = {
    "customers": pa.int64(),
    "share": _SHARE,
    "low": _SHARE,
    "high": _SHARE,
    "state": pa.string(),
}
_TESTED: dict[str, pa.DataType] = {
    "difference": _SHARE,
    "low": _SHARE,
    "high": _SHARE,
    "p": _SHARE,
    "q": _SHARE,
    "marked": pa.bool_(),
}
_BEFORE: dict[str, pa.DataType] = {
    "table": pa.string(),
    "steps": pa.string(),
    "of_here": pa.int64(),
    "of_there": pa.int64(),
    **{f"here_{name}": kind for name, kind in _SIDE.items()},
    **{f"there_{name}": kind for name, kind in _SIDE.items()},
    **_TESTED,
}
_PARTING: dict[str, pa.DataType] = {
    "node": pa.string(),
    "node_one": pa.int64(),
    "node_two": pa.int64(),
    "statistic": _SHARE,
    "df": pa.int64(),
    "p": _SHARE,
    "q": _SHARE,
    "marked": pa.bool_(),
    "cramers_v": _SHARE,
    "interval_confidence": _SHARE,
    "kind": pa.string(),
    "step": pa.string(),
    "one": pa.int64(),
    "share_one": _SHARE,
    "two": pa.int64(),
    "share_two": _SHARE,
    "difference": _SHARE,
    "low": _SHARE,
    "high": _SHARE,
}


def before(page: BeforePage) -> Rows:
    """Each event, then each row of last events. Shares lie in 0…1."""
    found = page.found
    if found is None:
        return rows_of(_BEFORE, [])
    sizes = {"of_here": found.customers, "of_there": found.others}
    tables = (("event", page.every_node), ("last", page.every_leading))
    return rows_of(
        _BEFORE,
        [{"table": name, **sizes, **_row(line.row)} for name, lines in tables for line in lines],
    )


def _row(row: Row) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in _TESTED}
    sides = {**_side("here", row.here), **_side("there", row.there)}
    return {"steps": " > ".join(row.steps), **sides, **told}


def _side(name: str, side: Side) -> dict[str, Any]:
    return {f"{name}_{key}": value for key, value in side.as_dict().items()}


def parting(page: PartingPage) -> Rows:
    """Each next step of each node. Shares lie in 0…1."""
    rows = []
    for group in page.every_node:
        node = group.node.as_dict()
        named = {"node_one": node.pop("one"), "node_two": node.pop("two")}
        rows += [
            {name: {**node, **named, **line.choice.as_dict()}[name] for name in _PARTING}
            for line in group.lines
        ]
    return rows_of(_PARTING, rows)
