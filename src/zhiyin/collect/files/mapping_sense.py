"""Whether a mapping makes sense: what the shape of its keys cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from zhiyin.collect.files.mapping import Mapping, Question, Value, value_of, zone_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse.tables import COLUMN_NAMES

SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0)}
NEEDED = {
    "events": ("name",),
    "exposures": ("action",),
    "verbatims": ("text",),
    "order_lines": ("order_id",),
    "refunds": ("order_id", "amount"),
    "costs": ("amount",),
    "consents": ("purpose", "is_given"),
    "assignments": ("assignment", "arm"),
    "identities": ("other", "action"),
}
NEEDS_CUSTOMER = ("traits", "consents", "assignments", "identities")


def check_sense(mapping: Mapping) -> None:
    """Raise the first Problem that the mapping has."""
    shared = mapping.shared
    if not shared.source.strip():
        raise wrong(mapping, "source", _("it is empty"))
    if shared.query and shared.file:
        raise wrong(mapping, "file", _("it stands beside `query`; give one of the two"))
    for key, value in sources(mapping):
        _check_value(mapping, key, value)
    for key in NEEDED.get(mapping.table, ()):
        if key not in mapping.columns:
            said = _("it is missing; `as: {table}` needs it", table=mapping.table)
            raise wrong(mapping, key, said)
    if mapping.table in NEEDS_CUSTOMER and shared.customer is None:
        raise wrong(
            mapping, "customer", _("it is missing; `as: {table}` needs it", table=mapping.table)
        )
    if mapping.table == "traits" and not shared.traits and "name" not in mapping.columns:
        raise wrong(mapping, "traits", _("give `traits`, or `name` and `value`"))
    if mapping.table == "answers":
        _check_questions(mapping)


def sources(mapping: Mapping) -> Iterator[tuple[str, Value]]:
    """Every key that takes a value from a column, or one for all rows."""
    shared = mapping.shared
    for key in ("at", "experienced_at", "customer", "role", "unit"):
        given = getattr(shared, key)
        if given is not None:
            yield key, value_of(given)
    yield from mapping.columns.items()
    for name, given in shared.dimensions.items():
        yield f"dimensions.{name}", value_of(given)
    for number, question in enumerate(shared.questions):
        for key in ("touchpoint", "channel"):
            given = getattr(question, key)
            if given is not None:
                yield f"questions[{number}].{key}", value_of(given)


def _check_value(mapping: Mapping, key: str, value: Value) -> None:
    if (value.column is None) == (value.value is None):
        raise wrong(mapping, key, _("give either `column` or `value`"))
    if value.timezone is not None:
        zone_of(value.timezone, mapping.place(f"{key}.timezone"))
    if value.format is not None:
        _check_format(mapping, key, value.format)
    name = key.removeprefix("dimensions.")
    if key.startswith("dimensions.") and not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise wrong(mapping, key, _("a dimension's name is small letters, digits and _"))
    if key.startswith("dimensions.") and name in COLUMN_NAMES:
        said = _("the log has a column called {name}; choose another name", name=name)
        raise wrong(mapping, key, said)


def _check_format(mapping: Mapping, key: str, given: str | list[str]) -> None:
    for one in [given] if isinstance(given, str) else given:
        try:
            with duckdb.connect() as engine:
                engine.execute("SELECT try_strptime('x', ?)", [one]).fetchall()
        except duckdb.Error:
            said = _("{format} is no strptime format", format=one)
            raise wrong(mapping, f"{key}.format", said) from None


def _check_questions(mapping: Mapping) -> None:
    questions = mapping.shared.questions
    if not questions:
        raise wrong(mapping, "questions", _("it is missing; `as: answers` needs it"))
    names = [question.name for question in questions]
    for number, question in enumerate(questions):
        key = f"questions[{number}]"
        if names.index(question.name) != number:
            said = _("the question {question} is there twice", question=question.name)
            raise wrong(mapping, key, said)
        if question.has_score:
            ends(mapping, number, question)


def ends(mapping: Mapping, number: int, question: Question) -> tuple[float, float, str]:
    """Both ends of a question's scale and its direction.

    Raises:
        Problem: ``import.mapping-value``.
    """
    key = f"questions[{number}]"
    scale = question.scale
    low, high = SCALES.get(question.metric, (None, None))
    if question.legacy_scale is not None:
        if question.metric != "nps" or question.legacy_scale.replace("–", "-") != "1-10":
            raise wrong(mapping, f"{key}.legacy_scale", _("it is for NPS asked on 1-10 only"))
        low, high = 1.0, 10.0
    low = low if scale.min is None else scale.min
    high = high if scale.max is None else scale.max
    if low is None or high is None:
        said = _("{metric} needs `scale: {{min: …, max: …}}`", metric=question.metric)
        raise wrong(mapping, f"{key}.scale", said)
    if low >= high:
        raise wrong(mapping, f"{key}.scale", _("`min` must be smaller than `max`"))
    if question.metric == "nps" and (low, high) not in ((0.0, 10.0), (1.0, 10.0)):
        said = _("NPS is asked on 0–10; for 1–10 write `legacy_scale: 1-10`")
        raise wrong(mapping, f"{key}.scale", said)
    if question.metric == "nps" and low == 1.0 and question.legacy_scale is None:
        said = _("NPS is asked on 0–10; for 1–10 write `legacy_scale: 1-10`")
        raise wrong(mapping, f"{key}.scale", said)
    if question.metric == "ces" and scale.direction is None:
        said = _("CES needs `direction`: up where higher is easier, down where higher is harder")
        raise wrong(mapping, f"{key}.scale.direction", said)
    return low, high, scale.direction or "up"


def wrong(mapping: Mapping, key: str, said: Text) -> Problem:
    """The Problem of a key that makes no sense."""
    return Problem(
        "import.mapping-value",
        _("The key `{key}` in the mapping {name} has a wrong value: {error}",
          key=key, name=mapping.place(key), error=said),
        _("See docs/import.md for what each key means."),
    )  # fmt: skip
