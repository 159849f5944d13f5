"""The mapping files beside the data: what each column is, for the import."""

from __future__ import annotations

from typing import Any

import yaml

from zhiyin.demo.answering import DONT_KNOW, NOT_APPLICABLE, REFUSED
from zhiyin.demo.asked_facts import CODES
from zhiyin.demo.facts import DIMENSIONS, PROPERTIES, Family
from zhiyin.demo.questionnaires import Question, Survey

ABOUT = {
    "flight": "flight", "unaccompanied_minor": "flight", "contact": "contact", "refund": "order",
    "booking": "order", "service_contacts": "order", "refunds": "order", "costs": "order",
    "assignments": "flight", "verbatims_service": "contact",
}  # fmt: skip
"""What a survey's or file's rows are about. Files of events mix kinds: they keep the columns
``about_kind`` and ``about_id``, and ``customer_kind``, and their mappings leave them alone."""
_SHARED = (
    "id", "occurred_at", "customer", "customer_kind", "other_kind", "about_kind", "about_id",
    "experienced_at",
)  # fmt: skip
_ANSWER_COLUMNS = (
    "unit", "version", "invitation", "started_at", "last_at", "ended_at", "device", "language",
    "mode", "channel", "arm", "weight",
)  # fmt: skip


def of_family(family: Family, file: str, columns: list[str]) -> str:
    """The mapping of one file whose columns are named as the log's."""
    dimensions = [d for d in DIMENSIONS.get(family.table, {}) if d in columns]
    mapping = _head(family.table, family.source, file, ABOUT.get(family.name), columns)
    properties = PROPERTIES if family.table == "events" else ()
    for name in columns:
        if name not in (*_SHARED, *properties, *dimensions):
            mapping[name] = _column(name)
    if properties:
        mapping["properties"] = list(properties)
    if dimensions:
        mapping["dimensions"] = {d: _dimension(family.table, d) for d in dimensions}
    return _written(mapping)


def of_survey(survey: Survey, file: str, columns: list[str]) -> str:
    """The mapping of one survey's file: a row a filled-in survey, a column a question."""
    mapping = _head("answers", "surveys", file, ABOUT.get(survey.slug), columns)
    mapping["survey"] = {"value": survey.slug}
    if survey.touchpoint:
        mapping["touchpoint"] = {"value": survey.touchpoint}
    mapping.update({name: _column(name) for name in _ANSWER_COLUMNS})
    mapping["questions"] = [_question(q, survey) for q in survey.questions]
    mapping["dimensions"] = {d: d for d in DIMENSIONS["answers"] if d in columns}
    return _written(mapping)


def _head(
    table: str, source: str, file: str, about: str | None, columns: list[str]
) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "as": table,
        "source": source,
        "file": file,
        "id": "id",
        "at": _column("occurred_at"),
        "customer": "customer",
    }
    if about is not None:
        mapping["about"] = {"kind": about, "id": "about_id"}
    if "experienced_at" in columns:
        mapping["experienced_at"] = _column("experienced_at")
    return mapping


def _column(name: str) -> Any:
    """A column by its name; the files' times are UTC."""
    return {"column": name, "timezone": "UTC"} if name.endswith("_at") else name


def _dimension(table: str, name: str) -> Any:
    kind = DIMENSIONS[table][name]
    return name if kind == "text" else {"column": name, "kind": kind}


def _question(question: Question, survey: Survey) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "column": question.name,
        "question": question.name,
        "metric": question.metric,
        "kind": question.kind,
    }
    if question.touchpoint and question.touchpoint != survey.touchpoint:
        entry["touchpoint"] = {"value": question.touchpoint}
    if question.scale:
        low, high = question.scale
        entry["scale"] = {"min": low, "max": high, "direction": "up"}
        entry["not_applicable"] = CODES[NOT_APPLICABLE]
        entry["dont_know"] = CODES[DONT_KNOW]
        entry["refused"] = CODES[REFUSED]
    return entry


def _written(mapping: dict[str, Any]) -> str:
    return str(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=100))
