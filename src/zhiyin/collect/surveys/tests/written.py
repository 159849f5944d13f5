"""Short ways to write surveys in tests."""

from __future__ import annotations

from typing import Any

from zhiyin.collect.surveys.definition import Choice, Page, Question, Survey

NPS = Question("recommend", "nps")
DOCUMENT: dict[str, Any] = {
    "title": {"en": "After your visit"},
    "company": {"en": "Acme"},
    "pages": [
        {"name": "score", "questions": [{"name": "recommend", "type": "nps"}]},
        {
            "name": "more",
            "shown_if": "recommend <= 6",
            "questions": [
                {"name": "why", "type": "comment", "title": {"en": "Why?"},
                 "shown_if": "field.city = 'Tallinn'"}
            ],
        },
    ],
}  # fmt: skip
"""A survey as it stands in a file."""

COMPANY = {"en": "Acme", "zh-Hans": "甲公司"}


def choices(*values: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, {"en": value.capitalize()}) for value in values)


def asking(name: str, kind: Any, **more: Any) -> Question:
    return Question(name, kind, {"en": f"About {name}?"}, **more)


def survey(*pages: tuple[Question, ...] | Page, **more: Any) -> Survey:
    """A survey of these pages, named p1, p2…"""
    made = tuple(
        page if isinstance(page, Page) else Page(f"p{number}", page)
        for number, page in enumerate(pages, start=1)
    )
    return Survey({"en": "After your visit"}, made, company=COMPANY, **more)
