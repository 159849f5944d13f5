"""The figures of a journey map as sheets of a workbook; values are not rounded.

The columns are the fields of the promised document, a part of it named before its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.kernel.text import _
from zhiyin.maps.difficulties import Difficulty, difficulties
from zhiyin.maps.document import said
from zhiyin.maps.figures import Figures, NodeFigures
from zhiyin.web.map_methods import Lines

_WHOLE, _FRACTION, _WORD, _SIGN = pa.int64(), pa.float64(), pa.string(), pa.bool_()


def _estimate(*names: str) -> dict[str, pa.DataType]:
    """Figures with the ends of their intervals."""
    return {f"{name}{end}": _FRACTION for name in names for end in ("", "_low", "_high")}


_TRAFFIC: dict[str, pa.DataType] = {
    "customers": _WHOLE,
    "instances": _WHOLE,
    "events": _WHOLE,
    **_estimate("reach", "completion"),
    "left_of": _WHOLE,
    "left_customers": _WHOLE,
    "left_share": _FRACTION,
    "left_low": _FRACTION,
    "left_high": _FRACTION,
    "necessity_of": _WHOLE,
    **_estimate("necessity"),
    "without": _WHOLE,
    "seconds": _FRACTION,
    **_estimate("attempts", "switches", "helped", "money"),
    "state": _WORD,
}
_SCORE: dict[str, pa.DataType] = {
    "value": _FRACTION,
    "low": _FRACTION,
    "high": _FRACTION,
    "n": _WHOLE,
    "customers": _WHOLE,
    "state": _WORD,
}
_BESIDE: dict[str, pa.DataType] = {
    "reference_value": _FRACTION,
    "difference": _FRACTION,
    "low": _FRACTION,
    "high": _FRACTION,
    "p": _FRACTION,
    "q": _FRACTION,
    "marked": _SIGN,
    "state": _WORD,
}
_CONVENIENCE: dict[str, pa.DataType] = {"value": _FRACTION, "low": _FRACTION, "high": _FRACTION}
_LOSS: dict[str, pa.DataType] = {
    "customers": _WHOLE,
    "value": _FRACTION,
    "low": _FRACTION,
    "high": _FRACTION,
}
_PARTS: Mapping[str, Mapping[str, pa.DataType]] = {
    "traffic": _TRAFFIC,
    "score": _SCORE,
    "rest": _BESIDE,
    "change": _BESIDE,
    "effort": _SCORE,
    "felt": _SCORE,
    "sentiment": _SCORE,
    "convenience": _CONVENIENCE,
    "emotion": _SCORE,
    "loss": _LOSS,
}
"""The parts of the document that are objects, and what a sheet has of each."""


def of_map(found: Figures, methods: Lines) -> dict[str, Rows]:
    """The sheets by their names. Shares of the traffic lie in 0…1, scores in their units."""
    flow = found.traffic
    return {
        str(_("Touchpoints")): _sheet(
            ("id", "name", "stage", "lane", "owner", "is_bound", "traffic", "score", "rest",
             "change", "tone", "effort", "felt", "gap", "sentiment", "convenience"),
            [_touchpoint(one) for one in found.nodes],
        ),
        str(_("Stages")): _sheet(
            ("id", "name", "traffic", "emotion"),
            [
                {**one.as_dict(), "name": said(stage.name)}
                for stage, one in zip(found.map.stages, found.stages, strict=True)
            ],
            {"traffic": {"customers": _WHOLE, "instances": _WHOLE, **_estimate("reach"),
                         "state": _WORD}},
        ),
        str(_("Unexplained traffic")): rows_of(
            {"name": _WORD, "events": _WHOLE, "customers": _WHOLE, "sessions": _WHOLE},
            [one.as_dict() for one in flow.unexplained],
        ),
        str(_("Difficulties")): _sheet(
            ("place", "by", "touchpoint", "name", "loss"),
            [_difficulty(one) for one in difficulties(found)],
        ),
        str(_("Methods")): rows_of(
            {"term": _WORD, "text": _WORD},
            [{"term": term, "text": text} for term, text in methods],
        ),
    }  # fmt: skip


_PLAIN: Mapping[str, pa.DataType] = {
    "is_bound": _SIGN,
    "tone": _WHOLE,
    "gap": _FRACTION,
    "place": _WHOLE,
}
"""What is no word of the fields that are no objects."""


def _touchpoint(one: NodeFigures) -> dict[str, Any]:
    return {**one.as_dict(), "name": said(one.node.name)}


def _difficulty(one: Difficulty) -> dict[str, Any]:
    return {**one.as_dict(), "name": said(one.figures.node.name)}


def _sheet(
    fields: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    parts: Mapping[str, Mapping[str, pa.DataType]] = {},
) -> Rows:
    """Rows of the document, an object of theirs as a column for each of its fields."""
    known = {**_PARTS, **parts}
    columns: dict[str, pa.DataType] = {}
    for field in fields:
        if field in known:
            columns |= {f"{field}_{name}": kind for name, kind in known[field].items()}
        else:
            columns[field] = _PLAIN.get(field, _WORD)
    return rows_of(columns, [_flat(row, known) for row in rows])


def _flat(row: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, value in row.items():
        if field not in parts:
            found[field] = value
        elif value is not None:
            found |= {f"{field}_{name}": value[name] for name in parts[field]}
    return found
