"""Rules of the website widget."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.text import _


class WidgetRulePartsDocument(Document):
    """What a rule says; docs/widget.md describes it part by part."""

    origins: list[str]
    place: Literal["popover", "embedded"]
    element: str
    pages: list[str]
    event: str
    where: str
    about_kind: str
    about_property: str
    segment: str
    percent: float
    after_seconds: int
    after_scroll: int
    on_exit: bool
    every_days: int
    most_times: int
    pause_days: int
    devices: list[Literal["phone", "tablet", "desktop"]]
    needs_consent: bool
    corner: Literal["end", "start"]
    z_index: int
    touchpoint: str


class WidgetRuleDocument(Document):
    """A rule; visitors are drawn with its `seed`."""

    name: str
    survey: str
    is_on: bool
    seed: int
    revision: int
    rule: WidgetRulePartsDocument
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


class WidgetRulesDocument(Document):
    """The rules, by name."""

    widget_rules: list[WidgetRuleDocument]


class WidgetRuleGiven(Given):
    """A rule; parts that are left out are as usual."""

    survey: str = Field(max_length=60, description=str(_("The key of the one that it shows.")))
    rule: dict[str, Any] = Field(description=str(_("Its parts, by name.")))
    is_on: bool | None = Field(
        default=None, description=str(_("Whether it asks; left out it stays as it is."))
    )


class RemovedWidgetRuleDocument(Document):
    """That it is gone."""

    name: str
    removed: bool
