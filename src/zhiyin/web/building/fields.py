"""What each part of a survey's document has, for the builder: read out of the definition itself.

A key that the definition gains is in the builder at once: with the editor of its type, or as JSON
where there is none. Its words stand in `labels`; a test says which are lacking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec
from msgspec import inspect

from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys.definition import CHOSEN, MANY, SCORED, WRITTEN, Type
from zhiyin.kernel.text import Text
from zhiyin.web.building import labels

Editor = Literal[
    "text", "texts", "flag", "one_of", "number", "whole", "date", "condition", "parts", "list",
    "json",
]  # fmt: skip
"""How a value is edited; ``parts`` are structures of their own, in order."""

ROOT = "Survey"

Value = str | int | bool | None

LATER = frozenset({"pages", "questions", "endings", "type", "format", "stale"})
"""What the builder shows in its own way."""

ONLY: dict[str, frozenset[Type]] = {
    "choices": CHOSEN,
    "rows": frozenset({"matrix"}),
    "has_other": CHOSEN,
    "is_shuffled": CHOSEN | {"matrix"},
    "kind": SCORED,
    "variant": frozenset({"ces"}),
    "scale_min": SCORED - {"nps"},
    "scale_max": SCORED - {"nps"},
    "direction": frozenset({"csat", "rating", "matrix"}),
    "low": SCORED,
    "high": SCORED,
    "look": SCORED,
    "at_least": MANY | WRITTEN | {"number"},
    "at_most": MANY | WRITTEN | {"number"},
    "pattern": WRITTEN,
    "step": frozenset({"number"}),
    "earliest": frozenset({"date"}),
    "latest": frozenset({"date"}),
    "is_welcome": frozenset({"single", "dropdown"}),
    "strength_of": SCORED,
}
"""Keys of a question that say something of some types alone."""

NOT_OF: dict[str, frozenset[Type]] = {
    name: frozenset({"statement"})
    for name in (
        "series", "is_required", "has_not_applicable", "has_dont_know", "touchpoint", "need",
    )
}  # fmt: skip
"""Keys of a question that say nothing of some types."""

OF_CHOICE: dict[str, frozenset[Type]] = {"is_exclusive": MANY, "aspect": frozenset({"reasons"})}
"""Keys of a choice that say something in questions of some types alone."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a part of the document.

    Args:
        options: values of ``one_of`` with their names.
        part: the structure that ``parts`` are.
        types: of questions that it is for; None: all.
        default: what it is when it is left out; None where there is none.
    """

    name: str
    editor: Editor
    label: Text | str
    hint: Text | str
    group: str
    options: tuple[tuple[Value, Text | str], ...] = ()
    part: str = ""
    types: tuple[Type, ...] | None = None
    default: Any = None
    is_needed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the page gets it, in the language of the moment."""
        return {
            "name": self.name, "editor": self.editor, "label": str(self.label),
            "hint": str(self.hint), "group": self.group,
            "options": [[value, str(name)] for value, name in self.options],
            "part": self.part, "types": None if self.types is None else list(self.types),
            "default": self.default, "is_needed": self.is_needed,
        }  # fmt: skip


def parts() -> dict[str, list[Field]]:
    """The keys of each structure of the document, by the structure's name."""
    found: dict[str, list[Field]] = {}
    waiting: list[type] = [definition.Survey]
    while waiting:
        struct = waiting.pop()
        if struct.__name__ in found:
            continue
        info = inspect.type_info(struct)
        keys = info.fields if isinstance(info, inspect.StructType) else ()
        found[struct.__name__] = [_field(struct.__name__, one) for one in keys]
        waiting += [one for key in keys if (one := _struct_in(key.type)) is not None]
    return found


def types() -> list[dict[str, Any]]:
    """Every type of question: its name, under which head it stands, and what conditions see."""
    return [
        {
            "name": name,
            "label": str(labels.TYPES.get(name, name)),
            "hint": str(labels.TYPE_HINTS.get(name, "")),
            "group": _group(name),
            "asks": _asks(name),
            "begins": _begins(name),
        }
        for name in get_args(Type)
    ]


def _field(owner: str, one: inspect.Field) -> Field:
    editor, listed, part = _editor(one.name, one.type)
    # The usual one first.
    options = sorted(listed, key=lambda value: value != one.default)
    label, hint = labels.of(owner, one.name)
    return Field(
        one.name, editor, label, hint, labels.group(owner, one.name),
        tuple((value, labels.OPTIONS.get(str(value), str(value))) for value in options),
        part,
        _types(owner, one.name),
        _default(one),
        one.required,
    )  # fmt: skip


def _default(one: inspect.Field) -> Any:
    if one.default_factory is not msgspec.NODEFAULT:
        return msgspec.to_builtins(one.default_factory())
    return None if one.default is msgspec.NODEFAULT else msgspec.to_builtins(one.default)


def _editor(name: str, kind: inspect.Type) -> tuple[Editor, Iterable[Value], str]:
    """How a key is edited, out of its type; None beside another type means that it is left out."""
    if isinstance(kind, inspect.UnionType):
        others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        literals = [one for one in others if isinstance(one, inspect.LiteralType)]
        if len(literals) == len(others):
            return "one_of", [value for one in literals for value in one.values], ""
        kind = others[0] if len(others) == 1 else kind
    match kind:
        case inspect.LiteralType():
            return "one_of", kind.values, ""
        case inspect.StrType():
            return ("condition" if name == "shown_if" else "text"), (), ""
        case inspect.BoolType():
            return "flag", (), ""
        case inspect.IntType():
            return "whole", (), ""
        case inspect.FloatType():
            return "number", (), ""
        case inspect.DateType():
            return "date", (), ""
        case inspect.DictType(key_type=inspect.StrType(), value_type=inspect.StrType()):
            return "texts", (), ""
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return "list", (), ""
    inside = _struct_in(kind)
    return ("json", (), "") if inside is None else ("parts", (), inside.__name__)


def _struct_in(kind: inspect.Type) -> type | None:
    """The structure that a key has any number of."""
    if isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType):
        return kind.item_type.cls
    return None


def _types(owner: str, name: str) -> tuple[Type, ...] | None:
    every: tuple[Type, ...] = get_args(Type)
    if owner == "Choice" and name in OF_CHOICE:
        return tuple(one for one in every if one in OF_CHOICE[name])
    if owner != "Question":
        return None
    if name in ONLY:
        return tuple(one for one in every if one in ONLY[name])
    if name in NOT_OF:
        return tuple(one for one in every if one not in NOT_OF[name])
    return None


def _group(name: Type) -> str:
    if name in SCORED:
        return "scored"
    return "chosen" if name in CHOSEN else "written" if name in WRITTEN else "other"


def _asks(name: Type) -> str:
    """What a condition may say of it, as `conditions.columns_of` has it."""
    if name == "matrix":
        return "rows"
    if name in SCORED:
        return "score"
    if name in MANY:
        return "several"
    if name in CHOSEN:
        return "choice"
    if name in ("number", "date", "consent"):
        return name
    return "nothing" if name == "statement" else "text"


def _begins(name: Type) -> dict[str, Any]:
    """What a new question of a type has beside its name; its lists have two blank lines."""
    begun: dict[str, Any] = {}
    for part, wanted in (("choices", CHOSEN), ("rows", frozenset({"matrix"}))):
        if name in wanted:
            begun[part] = [{"value": "a", "label": {}}, {"value": "b", "label": {}}]
    return begun
