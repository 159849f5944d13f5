"""What the pages of surveys call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.safestring import SafeString

from zhiyin.charts import bars
from zhiyin.measure.surveys.sheets import Column, Sheet
from zhiyin.web.survey_analyses import ANALYSES, Analysis
from zhiyin.web.surveys_page import Line

register = template.Library()


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row, in words."""

    column: Column
    said: str


@register.simple_tag
def line_bar(line: Line, width: int) -> SafeString:
    """A share of those who answered as a bar from 0 to 100%, with its interval."""
    low = None if line.low is None else line.low / 100
    high = None if line.high is None else line.high / 100
    drawn = bars.bar(line.share / 100, low, high, width=width)
    return SafeString(drawn)  # `charts` escapes all that it writes


@register.simple_tag
def analyses() -> dict[str, Analysis]:
    """The pages of a survey beside its questions, by name."""
    return ANALYSES


@register.filter
def cells_of(sheet: Sheet, row: Mapping[str, Any]) -> list[Cell]:
    """The values of a row in the order of the columns."""
    return [Cell(column, column.said(row)) for column in sheet.columns]


@register.filter
def is_marked(sheet: Sheet, row: Mapping[str, Any]) -> bool:
    """Whether a row is set apart."""
    return bool(sheet.marked and row.get(sheet.marked))


@register.simple_tag
def sheet_bar(sheet: Sheet, row: Mapping[str, Any], width: int) -> SafeString:
    """The share that a sheet draws as a bar from 0 to 100%, with its interval."""
    share, low, high = (_part(row.get(name)) for name in (sheet.bar, *sheet.ends))
    drawn = bars.bar(share, low, high, width=width)
    return SafeString(drawn)  # `charts` escapes all that it writes


def _part(value: float | None) -> float | None:
    return None if value is None else value / 100
