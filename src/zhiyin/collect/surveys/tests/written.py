"""Short ways to write surveys in tests."""

from __future__ import annotations

from typing import Any

from zhiyin.collect.surveys.definition import Choice, Page, Question, Survey

NPS = Question("recommend", "nps")
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
