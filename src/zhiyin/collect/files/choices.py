"""A mapping as choices: what each column is, what is the same for every row.

It covers what a form can show. A mapping may say more: `covers` tells, and such a one is changed as
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zhiyin.collect.files.mapping import ONLY_FOR, own_columns

METRICS = ("nps", "csat", "ces", "rating", "choice", "text")
MANY = frozenset({"id", "dimension", "trait", "property", *METRICS})
"""What several columns may be."""

TIMES = frozenset({"at", "experienced_at", "started_at", "last_at", "ended_at"})
SHARED = ("at", "experienced_at", "customer", "role", "unit")
"""Shared keys that take a column or one value for all rows."""

READING = ("encoding", "delimiter", "quote", "sheet", "skip", "decimal")
"""Keys of `read` that are one word or number."""

_ANSWER_CODES = ("not_applicable", "dont_know", "refused")


@dataclass(frozen=True, slots=True)
class Choice:
    """What one column is; blank is nothing.

    Args:
        role: a key of the mapping, a metric of a question, ``dimension``, ``trait`` or
            ``property``; blank: the column is left out.
        name: of a dimension, trait or question; blank is the column's.
        kind: of a dimension's values, of a customer's id, of what was experienced, of a question.
        timezone, format: of a time.
        low, high, direction: of a scale.
        is_1_10: an NPS that was asked on 1–10.
        not_applicable, dont_know, refused: codes, with commas between them.
        touchpoint: of a question.
    """

    role: str = ""
    name: str = ""
    kind: str = ""
    timezone: str = ""
    format: str = ""
    low: str = ""
    high: str = ""
    direction: str = ""
    is_1_10: bool = False
    not_applicable: str = ""
    dont_know: str = ""
    refused: str = ""
    touchpoint: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping on its way: nothing in it is checked.

    Args:
        reading: keys of `read`.
        choices: column → what it is, in the order of the columns.
        constants: key → its value in every row.
    """

    table: str
    source: str = ""
    reading: Mapping[str, str] = field(default_factory=dict)
    has_header: bool = True
    choices: Mapping[str, Choice] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def column_of(self, role: str) -> str | None:
        """The first column that is `role`."""
        return next((name for name, one in self.choices.items() if one.role == role), None)

    def with_choices(self, changed: Mapping[str, Choice]) -> Draft:
        """The same with some columns chosen otherwise."""
        return replace(self, choices={**self.choices, **changed})

    def document(self) -> dict[str, Any]:
        """The mapping as YAML holds it, without what is blank."""
        found: dict[str, Any] = {"as": self.table, "source": self.source}
        if reading := self._reading():
            found["read"] = reading
        ids = [name for name, one in self.choices.items() if one.role == "id"]
        if ids:
            found["id"] = ids[0] if len(ids) == 1 else ids
        for key in keys_of(self.table):
            if (value := self._value(key)) is not None:
                found[key] = value
        for name, one in self.choices.items():
            if one.role == "about":
                found["about"] = {"kind": one.kind, "id": name}
        found.update(self._lists())
        return found

    def _reading(self) -> dict[str, Any]:
        found: dict[str, Any] = {key: said for key, said in self.reading.items() if said}
        if "skip" in found:
            found["skip"] = _whole(found["skip"])
        if not self.has_header:
            found["header"] = False
        return found

    def _value(self, key: str) -> Any:
        column = self.column_of(key)
        if column is None:
            said = self.constants.get(key, "")
            return {"value": said} if said else None
        one = self.choices[column]
        more: dict[str, Any] = {}
        if key == "customer" and one.kind:
            more["kind"] = one.kind
        if key in TIMES and one.timezone:
            more["timezone"] = one.timezone
        if key in TIMES and one.format:
            more["format"] = one.format
        return {"column": column, **more} if more else column

    def _lists(self) -> Iterator[tuple[str, Any]]:
        if self.table == "answers":
            yield (
                "questions",
                [_question(name, one) for name, one in self.choices.items() if one.role in METRICS],
            )
        traits = {one.name or name: name for name, one in self._all("trait")}
        if traits:
            yield "traits", traits
        if properties := [name for name, _one in self._all("property")]:
            yield "properties", properties
        dimensions = {
            one.name or name: {"column": name, "kind": one.kind} if one.kind else name
            for name, one in self._all("dimension")
        }
        if dimensions:
            yield "dimensions", dimensions

    def _all(self, role: str) -> Iterator[tuple[str, Choice]]:
        return ((name, one) for name, one in self.choices.items() if one.role == role)


def keys_of(table: str) -> tuple[str, ...]:
    """The keys of a mapping of `table` that take a column or one value for all rows."""
    return (*SHARED, *own_columns(table))


def roles_of(table: str) -> tuple[str, ...]:
    """What a column of a file of `table` may be, in the order in which a form offers it."""
    lists = {"questions": METRICS, "traits": ("trait",), "properties": ("property",)}
    special = [role for key, roles in lists.items() if ONLY_FOR[key] == table for role in roles]
    own = [name for name in own_columns(table) if name not in special]
    return ("id", "at", "customer", *special, "dimension", *own, "about", "experienced_at",
            "role", "unit")  # fmt: skip


def draft_of(document: Mapping[str, Any], columns: tuple[str, ...]) -> Draft:
    """The choices that a mapping says, over the columns of a file.

    Columns that the file has not are kept: somebody must say what becomes of them.
    """
    table = str(document.get("as", ""))
    choices: dict[str, Choice] = {name: Choice() for name in columns}
    constants: dict[str, str] = {}
    for key in _list(document.get("id")):
        choices[str(key)] = Choice("id")
    for key in keys_of(table):
        _take(key, document.get(key), choices, constants)
    about = document.get("about")
    if isinstance(about, dict):
        choices[str(about.get("id"))] = Choice("about", kind=str(about.get("kind", "")))
    for name, value in _dict(document.get("dimensions")).items():
        held = value if isinstance(value, dict) else {"column": value}
        column = str(held.get("column"))
        choices[column] = Choice("dimension", name=str(name), kind=_text(held.get("kind")))
    for name, column in _dict(document.get("traits")).items():
        choices[str(column)] = Choice("trait", name=str(name))
    for column in _list(document.get("properties")):
        if column != "*":  # all columns are more than a form shows
            choices[str(column)] = Choice("property")
    for question in _list(document.get("questions")):
        if isinstance(question, dict):
            choices[str(question.get("column"))] = _choice_of(question)
    reading = _dict(document.get("read"))
    return Draft(
        table,
        _text(document.get("source")),
        {key: _text(reading[key]) for key in READING if reading.get(key) is not None},
        reading.get("header", True) is not False,
        choices,
        constants,
    )


def covers(draft: Draft, document: Mapping[str, Any]) -> bool:
    """Whether the choices say all that the mapping says."""
    return bool(_plain(draft.document()) == _plain(document))


def _take(key: str, value: Any, choices: dict[str, Choice], constants: dict[str, str]) -> None:
    if value is None:
        return
    held = value if isinstance(value, dict) else {"column": value}
    if held.get("column") is None:
        constants[key] = _text(held.get("value"))
        return
    choices[str(held["column"])] = Choice(
        key,
        kind=_text(held.get("kind")) if key == "customer" else "",
        timezone=_text(held.get("timezone")),
        format=_text(held.get("format")),
    )


def _choice_of(question: Mapping[str, Any]) -> Choice:
    scale = _dict(question.get("scale"))
    name = _text(question.get("question"))
    return Choice(
        role=_text(question.get("metric")),
        name="" if name == _text(question.get("column")) else name,
        kind=_text(question.get("kind")),
        low=_text(scale.get("min")),
        high=_text(scale.get("max")),
        direction=_text(scale.get("direction")),
        is_1_10=question.get("legacy_scale") is not None,
        touchpoint=_text(_dict(question.get("touchpoint")).get("value")),
        **{key: ", ".join(_text(code) for code in _list(question.get(key)))
           for key in _ANSWER_CODES},
    )  # fmt: skip


def _question(name: str, one: Choice) -> dict[str, Any]:
    found: dict[str, Any] = {"column": name}
    if one.name and one.name != name:
        found["question"] = one.name
    found["metric"] = one.role
    if one.kind:
        found["kind"] = one.kind
    scale = {
        "min": _number(one.low), "max": _number(one.high), "direction": one.direction or None,
    }  # fmt: skip
    if scale := {key: value for key, value in scale.items() if value is not None}:
        found["scale"] = scale
    if one.is_1_10:
        found["legacy_scale"] = "1-10"
    for key in _ANSWER_CODES:
        if codes := [code.strip() for code in getattr(one, key).split(",") if code.strip()]:
            found[key] = codes[0] if len(codes) == 1 else codes
    if one.touchpoint:
        found["touchpoint"] = {"value": one.touchpoint}
    return found


def _plain(value: Any) -> Any:
    """A value of a mapping so that two ways to write the same are equal."""
    if isinstance(value, dict):
        held = {str(key): _plain(inner) for key, inner in value.items() if inner is not None}
        if held.get("question") == held.get("column"):
            held.pop("question", None)
        if held.keys() == {"column"}:
            return held["column"]
        # The order of keys says nothing, and an empty list as little as none.
        return {key: held[key] for key in sorted(held) if held[key] not in ({}, [])}
    if isinstance(value, list):
        plain = [_plain(inner) for inner in value]
        if any(isinstance(inner, dict) for inner in plain):
            plain.sort(key=str)  # questions, whose order says nothing
        return plain[0] if len(plain) == 1 else plain
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, bool) else str(value)


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(said: str) -> float | int | str | None:
    """A number where it is one; else the words, which the mapping's own check refuses."""
    if not said:
        return None
    try:
        number = float(said)
    except ValueError:
        return said
    return int(number) if number.is_integer() else number


def _whole(said: str) -> int | str:
    return int(said) if said.isascii() and said.isdigit() else said


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
