"""SPSS .sav: one variable a question, states as one range of user-missing codes."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhiyin.collect.exports.plain import Progress, is_time, safe
from zhiyin.collect.exports.questions import Option, Question, legal_name, scale_of
from zhiyin.collect.exports.rows import Column, Field, Rows, pc, single
from zhiyin.kernel.periods import zone_info

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

ANSWERED = (1.0, "answered 已作答")

VALUE_LABEL_BYTES = 120
VARIABLE_LABEL_BYTES = 255
STRING_BYTES = 32_767
NARROWEST = 8

Measure = Literal["nominal", "ordinal", "scale"]

_TO_SPSS_SECONDS = 12_219_379_200
"""From 1582-10-14, where SPSS begins to count, to 1970-01-01."""


@dataclass(slots=True)
class Variable:
    """One variable of the file, with its labels in full (the file itself may have to cut them)."""

    name: str
    label: str
    measure: Measure
    kind: str
    display: str | None = None
    """How SPSS shows it: ``DATETIME20``, ``F8.2``."""
    values: dict[float, str] = field(default_factory=dict)
    missing: tuple[float, float] | None = None
    cut: int = 0
    """How many texts were too long for SPSS and were cut."""


def write_sav(rows: Rows, path: Path, zone: str, progress: Progress) -> list[Variable]:
    """Write the file; returns its variables for the codebook."""
    import pandas as pd
    import pyreadstat

    made = _variables(rows, zone)
    pieces: dict[str, list[Column]] = {variable.name: [] for variable, *_rest in made}
    for part in rows.parts:
        for variable, name, question in made:
            column = single(part[name])
            state = single(part[question.state_column]) if question else None
            pieces[variable.name].append(_values(variable, column, question, state, zone))
        rows.tally.rows += part.num_rows
        progress(part.num_rows)
    variables = [variable for variable, *_rest in made]
    frame = {}
    for variable in variables:
        column = _whole(variable, pieces.pop(variable.name))
        values = column.to_numpy(zero_copy_only=False) if len(column) else np.empty(0)
        # Arrow's own arrays are read by the writer an element at a time, and three times as slowly.
        frame[variable.name] = pd.Series(values, dtype=object if variable.kind == "text" else float)
    rows.tally.cut += sum(variable.cut for variable in variables)
    pyreadstat.write_sav(
        pd.DataFrame(frame),
        str(path),
        row_compress=True,
        file_label="Zhiyin",
        column_labels=[shortened(v.label, VARIABLE_LABEL_BYTES) for v in variables],
        variable_value_labels={v.name: _short_labels(v) for v in variables if v.values},
        missing_ranges={
            v.name: [{"lo": v.missing[0], "hi": v.missing[1]}] for v in variables if v.missing
        },
        variable_measure={v.name: v.measure for v in variables},
        variable_format={v.name: v.display for v in variables if v.display},
        variable_display_width={v.name: 24 if v.kind == "text" else 12 for v in variables},
    )
    return variables


def write_codebook(variables: list[Variable], path: Path) -> None:
    """Every variable with its labels in full, one line a value."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["variable", "label", "type", "measure", "value", "value label", "is missing",
             "texts cut"]
        )  # fmt: skip
        for variable in variables:
            head = [variable.name, safe(variable.label), variable.kind, variable.measure]
            writer.writerow([*head, "", "", "", variable.cut or ""])
            for value, label in variable.values.items():
                is_missing = variable.missing is not None and value <= variable.missing[1]
                said = [f"{value:g}", safe(label), "yes" if is_missing else "", ""]
                writer.writerow([*head, *said])


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` bytes of UTF-8, cut between characters."""
    return text.encode()[:most].decode(errors="ignore")


def _variables(rows: Rows, zone: str) -> list[tuple[Variable, str, Question | None]]:
    """The variables of the file, each with its column and, where it is one's, its question."""
    used = {q.variable.casefold() for q in rows.values.values()}
    used |= {q.state_variable.casefold() for q in rows.states.values()}
    used |= {option.variable.casefold() for _question, option in rows.options.values()}
    made: list[tuple[Variable, str, Question | None]] = []
    for place, column in enumerate(rows.schema, start=1):
        name = column.name
        if name in rows.values:
            made.append((_of_question(rows.values[name]), name, rows.values[name]))
        elif name in rows.options:
            question, option = rows.options[name]
            made.append((_of_option(question, option), name, question))
        elif name in rows.states:
            if rows.states[name].form == "text":
                made.append((_of_states(rows.states[name]), name, rows.states[name]))
        else:
            legal = legal_name(name, place, used)
            made.append((_of_fact(legal, column, zone), name, None))
    return made


def _of_fact(legal: str, column: Field, zone: str) -> Variable:
    name, kind = column.name, column.type
    if is_time(kind):
        return Variable(legal, f"{name} ({zone})", "scale", "time", "DATETIME20")
    if pa.types.is_boolean(kind):
        return Variable(legal, name, "nominal", "number", "F1.0", {0.0: "no 否", 1.0: "yes 是"})
    if pa.types.is_string(kind):
        return Variable(legal, name, "nominal", "text")
    return Variable(
        legal, name, "scale", "number", "F12.0" if pa.types.is_integer(kind) else "F12.4"
    )


def _of_question(question: Question) -> Variable:
    scale = scale_of(question.scale_min, question.scale_max)
    called = question.title or question.name
    label = f"{called} ({question.metric} {scale})" if scale else called
    if question.form == "text":
        return Variable(question.variable, label, "nominal", "text")
    labels, missing = _states_below(question)
    if question.form == "choice":
        words = question.labels
        labels |= {
            float(k): words.get(option, option) or option
            for k, option in enumerate(question.choices, start=1)
        }
        return Variable(question.variable, label, "nominal", "number", "F8.0", labels, missing)
    measure: Measure = "ordinal" if scale else "scale"
    return Variable(
        question.variable, label, measure, "number", "F8.2", labels | _ends(question), missing
    )


def _of_option(question: Question, option: Option) -> Variable:
    """One of several choices: whether it was chosen, or its place."""
    called = question.labels.get(option.value) or option.value
    label = f"{question.title or question.name}: {called}"
    labels, missing = _states_below(question)
    if question.form == "places":
        return Variable(option.variable, label, "ordinal", "number", "F8.0", labels, missing)
    labels |= {0.0: "no 否", 1.0: "yes 是"}
    return Variable(option.variable, label, "nominal", "number", "F8.0", labels, missing)


def _of_states(question: Question) -> Variable:
    """The state of a text question, whose variable cannot hold a code beside the words."""
    labels, missing = _states_below(question)
    labels |= {ANSWERED[0]: ANSWERED[1]}
    name = question.state_variable
    return Variable(name, question.state_column, "nominal", "number", "F8.0", labels, missing)


def _states_below(question: Question) -> tuple[dict[float, str], tuple[float, float]]:
    """Codes of the states and their range: −98 to −91, or by hundreds lower, under every score."""
    known = [value for value in (question.scale_min, question.lowest) if value is not None]
    lowest = min(known, default=0.0)
    shift = 100.0 * math.ceil(-lowest / 100) if lowest <= max(_codes()) else 0.0
    labels = {code - shift: said for code, said in STATES.values()}
    return labels, (min(labels), max(labels))


def _codes() -> Iterable[float]:
    return (float(code) for code, _label in STATES.values())


def _ends(question: Question) -> dict[float, str]:
    """Labels of the two ends of a scale: which is good."""
    if question.scale_min is None or question.scale_max is None:
        return {}
    low, high = "worst 最差", "best 最好"
    if question.direction == "down":
        low, high = high, low
    return {
        question.scale_min: f"{question.scale_min:g} {low}",
        question.scale_max: f"{question.scale_max:g} {high}",
    }


def _values(
    variable: Variable, column: Column, question: Question | None, state: Column, zone: str
) -> Column:
    """A part of a column as SPSS holds it: texts, or numbers with codes for the states."""
    if variable.kind == "text":
        return _texts(column, variable)
    if variable.kind == "time":
        return _seconds(column, zone)
    if question is None:
        return pc.cast(column, pa.float64())
    codes = pa.array([value for value in variable.values if value <= _top(variable)], pa.float64())
    missing = codes.take(pc.index_in(state, pa.array(list(STATES))))
    if question.form == "text":
        answered = pc.if_else(
            pc.equal(state, "answered"), ANSWERED[0], pa.scalar(None, pa.float64())
        )
        return pc.coalesce(answered, missing)
    if question.form == "choice":
        options = pa.array(question.choices, pa.string())
        column = pc.add(pc.cast(pc.index_in(column, options), pa.float64()), 1.0)
    return pc.coalesce(column, missing)


def _top(variable: Variable) -> float:
    return variable.missing[1] if variable.missing else -math.inf


def _texts(column: Column, variable: Variable) -> Column:
    """Texts as SPSS can hold them: an empty one for none, none longer than it takes."""
    filled: Column = pc.fill_null(pc.cast(column, pa.string()), "")
    too_long = pc.greater(pc.binary_length(filled), STRING_BYTES)
    cut = int(pc.sum(pc.cast(too_long, pa.int64())).as_py() or 0)
    variable.cut += cut
    if cut:
        short = [shortened(text, STRING_BYTES) for text in filled.to_pylist()]
        filled = pa.array(short, pa.string())
    return filled


def _seconds(column: Column, zone: str) -> Column:
    """UTC instants as seconds of the local clock, counted from where SPSS begins."""
    moments = column.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    unknown = np.isnat(moments)
    micros = np.where(unknown, np.datetime64(0, "us"), moments).astype(np.int64)
    seconds = micros / 1e6 + _TO_SPSS_SECONDS + _offsets(micros, zone)
    return pa.array(seconds, mask=unknown)


def _offsets(micros: NDArray[np.int64], zone: str) -> NDArray[np.float64]:
    """By how many seconds the local clock is ahead of UTC at each instant."""
    days, place = np.unique(micros // 86_400_000_000, return_inverse=True)
    first = np.array([_offset(int(day) * 86_400, zone) for day in days], dtype=np.float64)
    after = np.array([_offset(int(day + 1) * 86_400, zone) for day in days], dtype=np.float64)
    found = first[place]
    changes = np.flatnonzero((first != after)[place])
    # A clock changes on a quarter of an hour: one offset holds in each.
    quarters, at = np.unique(micros[changes] // 900_000_000, return_inverse=True)
    found[changes] = np.array(
        [_offset(int(quarter) * 900, zone) for quarter in quarters], dtype=np.float64
    )[at]
    return found


def _offset(seconds: int, zone: str) -> float:
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    offset = moment.astimezone(zone_info(zone)).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _whole(variable: Variable, pieces: list[Column]) -> Column:
    kind = pa.string() if variable.kind == "text" else pa.float64()
    if not pieces:
        return pa.chunked_array([], kind)
    if variable.kind == "text":
        pieces = _widened(pieces)
    return pa.chunked_array(pieces, kind)


def _widened(pieces: list[Column]) -> list[Column]:
    """The same texts, one with spaces behind it, so that the variable is 8, 16, 32… bytes wide.

    SPSS cannot add a file to another whose strings have other widths, and the writer makes a
    variable as wide as its longest text. SPSS fills texts with spaces anyway.
    """
    longest = max(int(pc.max(pc.binary_length(piece)).as_py() or 0) for piece in pieces)
    width = NARROWEST
    while width < longest:
        width = min(width * 2, STRING_BYTES)
    first = pieces[0][0].as_py()
    wide = first + " " * (width - len(first.encode()))
    return [pa.concat_arrays([pa.array([wide], pa.string()), pieces[0].slice(1)]), *pieces[1:]]


def _short_labels(variable: Variable) -> dict[int | float, str]:
    """Labels as short as SPSS takes; what two have in common then gets a number."""
    short: dict[int | float, str] = {}
    for value, label in variable.values.items():
        cut, turn = shortened(label, VALUE_LABEL_BYTES), 2
        while cut in short.values():
            tail = f"…{turn}"
            cut = shortened(label, VALUE_LABEL_BYTES - len(tail.encode())) + tail
            turn += 1
        short[value] = cut
    return short
