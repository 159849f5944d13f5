"""SPSS .sav: one row a response, one variable a question, states as user-missing codes."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute

from zhiyin.collect.exports.plain import Progress, safe
from zhiyin.collect.exports.questions import Question, legal_name
from zhiyin.collect.exports.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

STATES: dict[str, tuple[int, str]] = {
    "skipped": (-91, "skipped 跳过"),
    "hidden": (-92, "hidden 未显示（逻辑隐藏）"),
    "dismissed": (-93, "dismissed 关闭"),
    "not_reached": (-94, "not reached 未到达"),
    "shown": (-95, "shown 已展示"),
    "not_applicable": (-96, "does not apply 不适用"),
    "dont_know": (-97, "don't know 不清楚"),
    "refused": (-98, "refused 拒答"),
}
"""The code of each state that is no answer. SPSS takes three single missing values or one range."""

MISSING_RANGE = {"lo": -98.0, "hi": -91.0}

VALUE_LABEL_BYTES = 120
VARIABLE_LABEL_BYTES = 255
STRING_BYTES = 32_767

Column: TypeAlias = Any
"""An Arrow array; the types of Arrow's functions do not follow what is in it."""

pc: Any = pyarrow.compute

Measure = Literal["nominal", "ordinal", "scale"]


@dataclass(slots=True)
class Variable:
    """One variable of the file, with its labels in full (the file itself may have to cut them)."""

    name: str
    label: str
    measure: Measure
    values: dict[float, str] = field(default_factory=dict)
    has_states: bool = False
    cut: int = 0
    """How many texts were too long for SPSS and were cut."""


def write_sav(rows: Rows, path: Path, zone: str, progress: Progress) -> list[Variable]:
    """Write the file; returns its variables for the codebook."""
    import pandas as pd
    import pyreadstat

    by_column = {question.column: question for question in rows.questions}
    used: set[str] = {question.column.lower() for question in rows.questions}
    columns: dict[str, pd.Series[Any]] = {}
    variables: list[Variable] = []
    for place, name in enumerate(rows.table.schema.names, start=1):
        column = rows.table[name].combine_chunks()
        if name in by_column:
            states = rows.table[f"{name}_state"].combine_chunks()
            variable, values = _question(by_column[name], column, states)
        elif name.endswith("_state") and name.removesuffix("_state") in by_column:
            if by_column[name.removesuffix("_state")].form != "text":
                continue
            variable, values = _states(name, column)
        else:
            variable, values = _plain(name, legal_name(name, place, used), column, zone)
        columns[variable.name] = values.to_pandas(date_as_object=False)
        variables.append(variable)
    pyreadstat.write_sav(
        pd.DataFrame(columns),
        str(path),
        row_compress=True,
        file_label="Zhiyin",
        column_labels={v.name: shortened(v.label, VARIABLE_LABEL_BYTES) for v in variables},
        variable_value_labels={v.name: _short_labels(v) for v in variables if v.values},
        missing_ranges={v.name: [MISSING_RANGE] for v in variables if v.has_states},
        variable_measure={v.name: v.measure for v in variables},
    )
    progress(rows.table.num_rows)
    return variables


def write_codebook(variables: list[Variable], path: Path) -> None:
    """Every variable with its labels in full, one line a value."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["variable", "label", "measure", "value", "value label", "is missing", "texts cut"]
        )
        for variable in variables:
            head = [variable.name, safe(variable.label), variable.measure]
            writer.writerow([*head, "", "", "", variable.cut or ""])
            for value, label in variable.values.items():
                is_missing = variable.has_states and value <= MISSING_RANGE["hi"]
                writer.writerow([*head, f"{value:g}", safe(label), "yes" if is_missing else "", ""])


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` bytes of UTF-8, cut between characters."""
    return text.encode()[:most].decode(errors="ignore")


def _question(question: Question, column: Column, states: Column) -> tuple[Variable, Column]:
    label = question.name
    if question.form == "text":
        variable = Variable(question.column, label, "nominal")
        return variable, _texts(column, variable)
    codes = pa.array([code for code, _label in STATES.values()], pa.float64())
    place = pc.index_in(states, pa.array(list(STATES)))
    missing = codes.take(place)
    labels = {float(code): said for code, said in STATES.values()}
    if question.form == "choice":
        options = pa.array(list(question.choices), pa.string())
        values = pc.add(pc.cast(pc.index_in(column, options), pa.float64()), 1.0)
        labels |= {float(k): option for k, option in enumerate(question.choices, start=1)}
        variable = Variable(question.column, label, "nominal", labels, has_states=True)
    else:
        values = column
        labels |= _ends(question)
        measure: Measure = "ordinal" if question.scale_max is not None else "scale"
        variable = Variable(
            question.column, _scored_label(question), measure, labels, has_states=True
        )
    return variable, pc.coalesce(values, missing)


def _scored_label(question: Question) -> str:
    if question.scale_min is None or question.scale_max is None:
        return question.name
    return f"{question.name} ({question.metric} {question.scale_min:g}–{question.scale_max:g})"


def _ends(question: Question) -> dict[float, str]:
    """Labels of the two ends of a scale: which is good."""
    if question.scale_min is None or question.scale_max is None:
        return {}
    low, high = (
        ("worst 最差", "best 最好") if question.direction != "down" else ("best 最好", "worst 最差")
    )
    return {
        question.scale_min: f"{question.scale_min:g} {low}",
        question.scale_max: f"{question.scale_max:g} {high}",
    }


def _states(name: str, column: Column) -> tuple[Variable, Column]:
    """The state of a text question, whose variable cannot hold a code beside the words."""
    words = ["answered", *STATES]
    codes = pa.array([1.0, *(float(code) for code, _label in STATES.values())])
    labels = {1.0: "answered 已作答", **{float(c): said for c, said in STATES.values()}}
    values = codes.take(pc.index_in(column, pa.array(words)))
    return Variable(name, name, "nominal", labels, has_states=True), values


def _plain(name: str, legal: str, column: Column, zone: str) -> tuple[Variable, Column]:
    kind = column.type
    if pa.types.is_timestamp(kind):
        moved = pc.local_timestamp(pc.assume_timezone(column, "UTC").cast(pa.timestamp("us", zone)))
        return Variable(legal, f"{name} ({zone})", "scale"), moved
    if pa.types.is_boolean(kind):
        return Variable(legal, name, "nominal", {0.0: "no 否", 1.0: "yes 是"}), column.cast(
            pa.float64()
        )
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        variable = Variable(legal, name, "nominal")
        return variable, _texts(column, variable)
    return Variable(legal, name, "scale"), pc.cast(column, pa.float64())


def _texts(column: Column, variable: Variable) -> Column:
    """Texts as SPSS can hold them: an empty one for none, none longer than it takes."""
    filled: Column = pc.fill_null(pc.cast(column, pa.string()), "")
    too_long = pc.greater(pc.binary_length(filled), STRING_BYTES)
    variable.cut = int(pc.sum(pc.cast(too_long, pa.int64())).as_py() or 0)
    if variable.cut:
        filled = pa.array(
            [shortened(text, STRING_BYTES) for text in filled.to_pylist()], pa.string()
        )
    return filled


def _short_labels(variable: Variable) -> dict[int | float, str]:
    return {value: shortened(label, VALUE_LABEL_BYTES) for value, label in variable.values.items()}
