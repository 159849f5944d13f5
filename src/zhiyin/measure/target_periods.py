"""The periods of targets in words: ``2026-03``, ``2026-Q1``, ``2026``, or two dates."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import Grain, months_later, step_end, step_label, step_start
from zhiyin.kernel.text import _
from zhiyin.measure.references import Days

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
_FISCAL = re.compile(r"FY(\d{4})/(\d{2})(?:-Q([1-4]))?", re.IGNORECASE)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")

_DAY = timedelta(days=1)
_STEPS: tuple[Grain, ...] = ("month", "quarter")
_MONTHS_A_YEAR, _MONTHS_A_QUARTER = 12, 3


def read(text: str, settings: Settings) -> Days:
    """A month, quarter, year or two dates (both included), as half-open local days.

    Where the fiscal year does not begin in January, ``FY2025/26`` and ``FY2025/26-Q1`` go by it; a
    plain year or quarter is then refused, because it would say either.

    Raises:
        Problem: ``target.period``.
    """
    wanted = text.strip()
    try:
        found = _read(wanted, settings.fiscal_year_start)
    except ValueError:
        found = None
    if found is None or found[0] >= found[1]:
        raise Problem(
            "target.period",
            _("“{text}” is no period.", text=text),
            _(
                "Write a month as 2026-03, a quarter as {quarter}, a year as {year}, or two dates"
                " as 2026-03-01..2026-03-15.",
                quarter=step_label(
                    date(2026, settings.fiscal_year_start, 1), "quarter", settings.fiscal_year_start
                ),
                year=_year_label(date(2026, settings.fiscal_year_start, 1)),
            ),
        )
    return found


def label(first: date, end: date, settings: Settings) -> str:
    """The shortest name of a period, one that `read` takes."""
    fiscal = settings.fiscal_year_start
    if first == date(first.year, fiscal, 1) and end == months_later(first, _MONTHS_A_YEAR):
        return _year_label(first)
    for grain in _STEPS:
        starts = first == step_start(first, grain, fiscal_year_start=fiscal)
        if starts and end == step_end(first, grain):
            return step_label(first, grain, fiscal)
    return f"{first.isoformat()}..{(end - _DAY).isoformat()}"


def before(first: date, end: date) -> Days:
    """The period of the same kind that comes before."""
    if first.day == 1 and end.day == 1:
        months = (end.year - first.year) * _MONTHS_A_YEAR + end.month - first.month
        return months_later(first, -months), first
    return first - (end - first), first


def _read(text: str, fiscal: int) -> Days | None:
    if hit := _DAYS.fullmatch(text):
        return date.fromisoformat(hit[1]), date.fromisoformat(hit[2]) + _DAY
    if hit := _MONTH.fullmatch(text):
        return _months(int(hit[1]), int(hit[2]), 1)
    if hit := _FISCAL.fullmatch(text):
        year, following, quarter = int(hit[1]), int(hit[2]), hit[3]
        if fiscal == 1 or (year + 1) % 100 != following:
            return None
        return _of_year(year, fiscal, quarter)
    if fiscal != 1:
        return None
    if hit := _QUARTER.fullmatch(text):
        return _of_year(int(hit[1]), fiscal, hit[2])
    if hit := _YEAR.fullmatch(text):
        return _of_year(int(hit[1]), fiscal, None)
    return None


def _of_year(year: int, fiscal: int, quarter: str | None) -> Days:
    if quarter is None:
        return _months(year, fiscal, _MONTHS_A_YEAR)
    first = months_later(date(year, fiscal, 1), (int(quarter) - 1) * _MONTHS_A_QUARTER)
    return _months(first.year, first.month, _MONTHS_A_QUARTER)


def _months(year: int, month: int, count: int) -> Days:
    first = date(year, month, 1)
    return first, months_later(first, count)


def _year_label(first: date) -> str:
    if first.month == 1:
        return f"{first.year:04d}"
    return f"FY{first.year:04d}/{(first.year + 1) % 100:02d}"
