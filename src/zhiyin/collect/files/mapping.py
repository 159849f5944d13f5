"""The mapping file: what the columns of a file are. Strict: an unknown key is an error."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping as Dict
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from zhiyin.collect.files.written import documents, place
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.tables import COMMON, TABLES

Scalar = str | int | float | bool
Codes = Scalar | list[Scalar] | None
Part = Literal["touchpoint", "relationship", "journey"]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from: a column of the file, or one value for every row."""

    column: str | None = None
    value: Scalar | None = None
    timezone: str | None = None
    format: str | list[str] | None = None
    kind: Literal["text", "int", "float", "time", "bool"] | None = None


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the customer's id comes from, and of which kind it is: ``email``, ``phone``…"""

    column: str | None = None
    value: Scalar | None = None
    kind: str | None = None


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ends of a question's scale, and which end is better."""

    min: float | None = None
    max: float | None = None
    direction: Literal["up", "down"] | None = None


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question, in one column of the file."""

    column: str
    metric: Literal["nps", "csat", "ces", "rating", "text", "choice"]
    question: str | None = None
    kind: Part | None = None
    scale: Scale = Scale()
    legacy_scale: str | None = None
    not_applicable: Codes = None
    dont_know: Codes = None
    refused: Codes = None
    touchpoint: Value | str | None = None
    channel: Value | str | None = None

    @property
    def name(self) -> str:
        """The question's name in its series."""
        return self.question or self.column

    @property
    def has_score(self) -> bool:
        """Whether the cell is a number on a scale."""
        return self.metric not in ("text", "choice")


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was experienced: its kind (a word) and the column of its id."""

    kind: str
    id: str


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to read the file where it cannot be told from the file itself."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: bool | list[str] = True
    skip: int = 0
    sheet: str | int | None = None
    decimal: Literal[".", ","] = "."


class Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys that every kind of mapping has."""

    source: str
    at: Value | str
    file: str | None = None
    query: str | None = None
    read: Reading = Reading()
    id: str | list[str] | None = None
    about: About | None = None
    experienced_at: Value | str | None = None
    customer: Who | str | None = None
    role: Value | str | None = None
    unit: Value | str | None = None
    questions: list[Question] = []
    traits: dict[str, str] = {}
    properties: list[str] | str | None = None
    dimensions: dict[str, Value | str] = {}


class Mapping(msgspec.Struct, frozen=True):
    """One mapping: the table, the shared keys, and the table's own columns."""

    table: str
    shared: Shared
    columns: dict[str, Value]
    name: str
    """The mapping file's name, for messages."""
    says: bytes
    """What it makes of a row, in one canonical form."""
    lines: dict[str, int] = {}
    """Where its keys stand, as `written.documents` tells."""

    def place(self, key: str) -> str:
        """The mapping file's name with the line of `key`: ``map.yaml:7``."""
        return place(self.name, self.lines, key)


SHARED_KEYS = tuple(field for field in Shared.__struct_fields__)
ONLY_FOR = {"questions": "answers", "traits": "traits", "properties": "events"}
_FROM_OTHER_KEYS = {
    "answers": {"response", "question", "metric", "score", "scale_min", "scale_max",
                "direction", "answer_state", "choice"},
    "responses": {"survey", "version", "touchpoint", "channel", "arm"},
    "events": {"properties"},
    "verbatims": set[str](),
}  # fmt: skip


def own_columns(table: str) -> tuple[str, ...]:
    """The log's columns that a mapping of `table` may name as keys, beside the shared ones."""
    names = [c.name for c in TABLES[table].columns if c.name not in _FROM_OTHER_KEYS.get(table, ())]
    if table == "answers":
        extra = _FROM_OTHER_KEYS["responses"]
        names += [c.name for c in TABLES["responses"].columns if c.name not in extra]
    common = {column.name for column in COMMON}
    return tuple(name for name in names if name not in common)


def allowed_tables() -> tuple[str, ...]:
    """What ``as:`` may be."""
    return tuple(name for name in TABLES if name != "responses")


def load(path: Path) -> list[Mapping]:
    """The mappings in a file (YAML, one or several documents).

    Raises:
        Problem: ``import.mapping…``: the file is not YAML, or a key is unknown, missing or wrong.
    """
    found = [read(document, path.name, lines) for document, lines in documents(path)]
    if not found:
        raise Problem("import.mapping-empty", _("The mapping {name} is empty.", name=path.name))
    return found


def read(document: object, name: str, lines: Dict[str, int] | None = None) -> Mapping:
    """One mapping out of a YAML document; `lines` says where its keys stand."""
    lines = dict(lines or {})
    if not isinstance(document, dict):
        raise Problem(
            "import.mapping-not-keys",
            _("The mapping {name} must be a list of keys, such as `as: answers`.", name=name),
        )
    table = document.get("as")
    if table not in allowed_tables():
        raise Problem(
            "import.mapping-as",
            _("`as` in the mapping {name} is {value}.", name=place(name, lines, "as"), value=table),
            _("It must be one of: {allowed}.", allowed=", ".join(allowed_tables())),
        )
    own = own_columns(table)
    keys = [key for key in SHARED_KEYS if ONLY_FOR.get(key, table) == table]
    for key in document:
        if key not in ("as", *keys, *own):
            raise _unknown(name, lines, str(key), "", ("as", *keys, *own))
    given = {key: value for key, value in document.items() if key in keys}
    shared = _convert(given, Shared, name, lines, keys)
    columns = {
        key: value_of(_convert(document[key], Value | str, name, lines, (), f"{key}."))
        for key in own
        if document.get(key) is not None
    }
    # Which file it is and how it is read changes nothing of what a row says.
    meant = msgspec.structs.replace(shared, file=None, query=None, read=Reading())
    says = msgspec.json.encode([table, meant, columns], order="deterministic")
    mapping = Mapping(table, shared, columns, name, says, lines)
    from zhiyin.collect.files.mapping_sense import check_sense

    check_sense(mapping)
    return mapping


def reading_of(given: object) -> Reading:
    """What stands under `read`.

    Raises:
        Problem: ``import.mapping-…``.
    """
    found: Reading = _convert(given, Reading, "mapping", {}, (), "read.")
    return found


def value_of(given: Value | Who | str | Scalar) -> Value:
    """A bare word is a column."""
    if isinstance(given, Who):
        return Value(column=given.column, value=given.value)
    return given if isinstance(given, Value) else Value(column=str(given))


def _convert(
    found: Any, kind: Any, name: str, lines: Dict[str, int], keys: Any, where: str = ""
) -> Any:
    try:
        return msgspec.convert(found, kind, strict=True)
    except msgspec.ValidationError as error:
        said = str(error)
        path = re.search(r"at `\$\.?(.*?)`", said)
        at = where + (path.group(1) if path else "")
        if unknown := re.search(r"unknown field `(.*?)`", said):
            raise _unknown(name, lines, unknown.group(1), at, _keys_at(at, keys)) from error
        if missing := re.search(r"missing required field `(.*?)`", said):
            raise Problem(
                "import.mapping-missing-key",
                _("The mapping {name} lacks the key `{key}`{where}.",
                  name=place(name, lines, at), key=missing.group(1),
                  where=f" ({at})" if at else ""),
                _("See docs/import.md for what each key means."),
            ) from error  # fmt: skip
        words = _words_at(at) if "enum" in said else ()
        raise Problem(
            "import.mapping-value",
            _("The key `{key}` in the mapping {name} has a wrong value: {error}",
              name=place(name, lines, at), key=at.rstrip(".") or "?",
              error=said.split(" - at ")[0]),
            _("Allowed here: {allowed}.", allowed=", ".join(words)) if words
            else _("See docs/import.md for what each key means."),
        ) from error  # fmt: skip


def _unknown(name: str, lines: Dict[str, int], key: str, at: str, allowed: Any) -> Problem:
    full = f"{at}.{key}" if at else key
    near = nearest(key, allowed)
    listed = ", ".join(sorted(allowed))
    return Problem(
        "import.mapping-unknown-key",
        _(
            "The mapping {name} has an unknown key `{key}`.",
            name=place(name, lines, full),
            key=full,
        ),
        _("Perhaps `{near}`? Allowed here: {allowed}.", near=near, allowed=listed)
        if near
        else _("Allowed here: {allowed}.", allowed=listed),
    )


def nearest(word: str, words: Any) -> str | None:
    """The one of `words` that `word` was probably meant to be."""
    folded = {str(known).casefold(): str(known) for known in words}
    close = get_close_matches(word.casefold(), folded, 1, 0.7)
    return folded[close[0]] if close else None


def _kind_at(at: str) -> Any:
    """What stands at a place of a mapping: ``questions[0].scale`` is a `Scale`."""
    last = re.sub(r"\[.*?\]", "", at).rstrip(".").split(".")[-1]
    kinds: Dict[str, Any] = {
        "questions": Question,
        "scale": Scale,
        "about": About,
        "read": Reading,
        "customer": Who,
        "": None,
    }
    return kinds.get(last, Value)


def _keys_at(at: str, keys: Any) -> tuple[str, ...]:
    kind = _kind_at(at)
    return tuple(keys) if kind is None else tuple(kind.__struct_fields__)


def _words_at(at: str) -> tuple[str, ...]:
    """The words that a key of few words may have."""
    holder, _dot, key = at.rstrip(".").rpartition(".")
    kind = _kind_at(holder)
    found = typing.get_type_hints(kind).get(key) if kind is not None else None
    parts = typing.get_args(found) or ()
    literals = [found, *parts] if typing.get_origin(found) is Literal else parts
    listed = [typing.get_args(p) for p in literals if typing.get_origin(p) is Literal]
    return tuple(str(word) for words in listed for word in words)


def zone_of(name: str, mapping: str) -> str:
    """`name`, if it is a time zone.

    Raises:
        Problem: ``import.no-timezone``.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Problem(
            "import.no-timezone",
            _("The mapping {name} names the time zone {zone}, which nobody knows.",
              name=mapping, zone=name),
            _("Use a name such as Asia/Shanghai or America/Sao_Paulo."),
        ) from None  # fmt: skip
    return name
