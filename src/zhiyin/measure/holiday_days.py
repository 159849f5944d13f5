"""Public holidays as runs of days, and days worked instead: computed, not stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from zhiyin.kernel.calendars import END, FIRST, festivals_between
from zhiyin.kernel.text import language

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)
_IN_BRACKETS = re.compile(r"\s*[（(][^（）()]*[)）]\s*$")
_CHINESE = ("zh_CN", "zh_TW", "zh_HK")


@dataclass(frozen=True, slots=True)
class Season:
    """Days off that hang together, or a festival: local days, half-open.

    Args:
        name: in the reader's language where the calendar has it.
        is_public: whether it is a public holiday; else a festival of the lunar calendar.
    """

    name: str
    first: date
    end: date
    is_public: bool


def countries() -> tuple[str, ...]:
    """The codes of the countries whose holidays are known (ISO 3166), in order."""
    import holidays

    codes = holidays.list_supported_countries(include_aliases=True)
    return tuple(sorted(code for code in codes if len(code) == _CODE))


_CODE = 2


def seasons(country: str, first: date, end: date, *, lunar: bool = False) -> tuple[Season, ...]:
    """Runs of public holidays of a country (blank: none), and festivals of the lunar calendar.

    A run goes on over the weekend beside it, unless that is worked. It has the name that most of
    its days have. A festival within a run of public holidays is that run.
    """
    found = list(_runs(country, first, end)) if country else []
    if lunar and (low := max(first, FIRST)) < (high := min(end, END)):
        for one in festivals_between(low, high):
            inside = any(run.first <= one.first and one.end <= run.end for run in found)
            if not inside:
                found.append(Season(str(one.label), one.first, one.end, is_public=False))
    return tuple(sorted(found, key=lambda one: (one.first, one.end, one.name)))


def days_worked(country: str, first: date, end: date) -> tuple[date, ...]:
    """Weekend days that are worked in exchange for a day off."""
    if not country:
        return ()
    worked = _calendar(country, language(), *_years(first, end)).weekend_workdays
    return tuple(sorted(day for day in worked if first <= day < end))


def _runs(country: str, first: date, end: date) -> Iterable[Season]:
    known = _calendar(country, language(), *_years(first, end))
    for days in _together(sorted(known), known):
        begins, ends = days[0], days[-1] + _DAY
        while _is_free(begins - _DAY, known):
            begins -= _DAY
        while _is_free(ends, known):
            ends += _DAY
        if begins < end and first < ends:
            yield Season(_name([known[day] for day in days]), begins, ends, is_public=True)


def _together(days: Sequence[date], known: HolidayBase) -> list[list[date]]:
    """The days in runs: nothing but weekend lies between two of one run."""
    runs: list[list[date]] = []
    for day in days:
        previous = runs[-1][-1] if runs else None
        between = previous + _DAY if previous else day
        while previous and between < day and _is_free(between, known):
            between += _DAY
        if previous and between == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _is_free(day: date, known: HolidayBase) -> bool:
    return day.weekday() in known.weekend and day not in known.weekend_workdays


def _name(names: Sequence[str]) -> str:
    """The name that most days have; a day off in exchange, whose name tells a date, has none."""
    own = [_IN_BRACKETS.sub("", name) for name in names if not re.search(r"\d{2}", name)]
    counts = Counter(own or names)
    most = max(counts.values())
    return " · ".join(name for name, count in counts.items() if count == most)


def _years(first: date, end: date) -> tuple[int, int]:
    # Runs may begin in the year before and end in the year after.
    return first.year - 1, end.year + 1


@lru_cache(maxsize=32)
def _calendar(country: str, reader: str, first: int, last: int) -> HolidayBase:
    import holidays

    found = holidays.country_holidays(country, years=range(first, last + 1))
    wanted = _CHINESE if reader == "zh-hans" else ("en_US", "en_GB", "en")
    spoken = next((code for code in wanted if code in found.supported_languages), None)
    if spoken is None:
        spoken = next((c for c in ("en_US", "en_GB") if c in found.supported_languages), None)
    if spoken is None:
        return found
    return holidays.country_holidays(country, years=range(first, last + 1), language=spoken)
