"""The mapping files beside the data: what each column is, for the import."""

from __future__ import annotations

from typing import Any

import yaml

from zhiyin.demo.answering import DONT_KNOW, NOT_APPLICABLE, REFUSED
from zhiyin.demo.asked_facts import CODES
from zhiyin.demo.facts import DIMENSIONS, Family
from zhiyin.demo.questionnaires import Survey

_SPECIAL = ("id", "occurred_at", "customer", "about_kind", "about_id", "experienced_at")
_TOP_LEVEL = ("touchpoint",)


def of_family(family: Family, columns: list[str]) -> str:
    """The mapping of one file whose columns are named as the log's."""
    dimensions = [d for d in DIMENSIONS.get(family.table, ()) if d in columns]
    mapping = _head(family.table, family.source, columns)
    for name in columns:
        if name not in _SPECIAL and name not in dimensions:
            mapping[name] = name
    if dimensions:
        mapping["dimensions"] = {name: name for name in dimensions}
    return _written(mapping)


def of_survey(survey: Survey, columns: list[str]) -> str:
    """The mapping of one survey's file: a row a filled-in survey, a column a question."""
    mapping = _head("answers", "surveys", columns)
    mapping["survey"] = {"value": survey.slug}
    if survey.touchpoint:
        mapping["touchpoint"] = {"value": survey.touchpoint}
    asked = {q.name for q in survey.questions}
    for name in ("unit", "version", "invitation", "started_at", "last_at", "ended_at", "device",
                 "language", "mode", "channel", "arm", "weight"):  # fmt: skip
        mapping[name] = name
    mapping["questions"] = [_question(q, survey) for q in survey.questions]
    dimensions = [d for d in DIMENSIONS["answers"] if d in columns and d not in asked]
    mapping["dimensions"] = {name: name for name in dimensions}
    return _written(mapping)


def _head(table: str, source: str, columns: list[str]) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "as": table,
        "source": source,
        "id": "id",
        "at": {"column": "occurred_at", "timezone": "UTC"},
        "customer": "customer",
    }
    if "about_kind" in columns:
        mapping["about"] = {"kind": {"column": "about_kind"}, "id": "about_id"}
    if "experienced_at" in columns:
        mapping["experienced_at"] = {"column": "experienced_at", "timezone": "UTC"}
    return mapping


def _question(question: Any, survey: Survey) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "column": question.name,
        "question": question.name,
        "metric": question.metric,
        "kind": question.kind,
    }
    if question.touchpoint and question.touchpoint != survey.touchpoint:
        entry["touchpoint"] = question.touchpoint
    if question.scale:
        low, high = question.scale
        entry["scale"] = {"min": low, "max": high, "direction": "up"}
        entry["not_applicable"] = CODES[NOT_APPLICABLE]
        entry["dont_know"] = CODES[DONT_KNOW]
        entry["refused"] = CODES[REFUSED]
    return entry


def _written(mapping: dict[str, Any]) -> str:
    return str(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=100))
