"""The Chinese lunar calendar, and the festivals that move with it.

A lunar day is the local day in China on which it is; the calendar is reckoned by Beijing time
(GB/T 33661-2017). Spans of days are half-open. One new moon between 1950 and 2100 is so near to
midnight that published tables differ by a day: the ninth month of 2057 begins on 29 September
here and on the 28th in others.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

FIRST, END = date(1950, 1, 1), date(2101, 1, 1)
"""The days that are covered, END not included."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class LunarDay:
    """A day of the lunar calendar.

    Args:
        year: the lunar year, numbered by the solar year in which it begins.
        month: 1 to 12.
        day: 1 to 30.
        is_leap: whether it is in the leap month that follows the month of that number.
    """

    year: int
    month: int
    is_leap: bool
    day: int


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival of one year: local days from `first` up to, but not including, `end`."""

    slug: str
    label: Text
    first: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.end


@dataclass(frozen=True, slots=True)
class _Month:
    first: date
    end: date
    year: int
    month: int
    is_leap: bool


# Lunar days


def lunar_day(day: date) -> LunarDay:
    """The lunar date of a day.

    Raises:
        Problem: ``calendar.out-of-range``.
    """
    _check(day)
    months = _months(day.year - 1) + _months(day.year)
    held = months[bisect_right(months, day, key=lambda month: month.first) - 1]
    return LunarDay(held.year, held.month, held.is_leap, (day - held.first).days + 1)


def solar_day(lunar: LunarDay) -> date:
    """The day of a lunar date.

    Raises:
        Problem: ``calendar.out-of-range``, or ``calendar.no-such-day`` where that year has no
            such leap month or that month no such day.
    """
    if not FIRST.year - 1 <= lunar.year < END.year:
        raise _out_of_range(lunar.year)
    for month in _months(lunar.year):
        if (month.month, month.is_leap) == (lunar.month, lunar.is_leap):
            day = month.first + (lunar.day - 1) * _DAY
            if month.first <= day < month.end:
                _check(day)
                return day
    lacking = (
        _("The lunar year {year} has no day {day} of leap month {month}.", **_named(lunar))
        if lunar.is_leap
        else _("The lunar year {year} has no day {day} of month {month}.", **_named(lunar))
    )
    raise Problem(
        "calendar.no-such-day",
        lacking,
        _("A lunar month has 29 or 30 days, and few years have a leap month."),
    )


def _named(lunar: LunarDay) -> dict[str, int]:
    return {"year": lunar.year, "month": lunar.month, "day": lunar.day}


def leap_month(year: int) -> int | None:
    """The number of the month that a lunar year has twice, None for most years."""
    if not FIRST.year <= year < END.year:
        raise _out_of_range(year)
    return next((month.month for month in _months(year) if month.is_leap), None)


# Festivals


def festivals(year: int) -> tuple[Festival, ...]:
    """The moving festivals that begin in a solar year, in order.

    They are the days of the calendar. Which working days are free around them is decided
    anew each year and is not here. Spring Festival is the first three days of the year.

    Raises:
        Problem: ``calendar.out-of-range``.
    """
    if not FIRST.year <= year < END.year:
        raise _out_of_range(year)
    return _festivals(year)


def festivals_between(first: date, end: date) -> tuple[Festival, ...]:
    """The festivals of which a day lies from `first` up to, but not including, `end`."""
    return tuple(
        festival
        for year in range(first.year, (end - _DAY).year + 1)
        for festival in festivals(year)
        if festival.first < end and first < festival.end
    )


_LUNAR: tuple[tuple[str, Text, int, int, int], ...] = (
    ("laba", _("Laba Festival"), 12, 8, 1),
    ("spring-festival", _("Spring Festival"), 1, 1, 3),
    ("lantern", _("Lantern Festival"), 1, 15, 1),
    ("dragon-boat", _("Dragon Boat Festival"), 5, 5, 1),
    ("qixi", _("Qixi Festival"), 7, 7, 1),
    ("mid-autumn", _("Mid-Autumn Festival"), 8, 15, 1),
    ("double-ninth", _("Double Ninth Festival"), 9, 9, 1),
)
_TERMS: tuple[tuple[str, Text, str, int], ...] = (
    ("qingming", _("Qingming Festival"), "清明", 4),
    # The library calls the solstice that ends the year so; 冬至 is the one before.
    ("winter-solstice", _("Winter Solstice"), "DONG_ZHI", 12),
)


@cache
def _festivals(year: int) -> tuple[Festival, ...]:
    found: list[Festival] = []
    for slug, label, month, number, days in _LUNAR:
        for held in _months(year - 1) + _months(year):
            day = held.first + (number - 1) * _DAY
            if held.month == month and not held.is_leap and day.year == year:
                found.append(Festival(slug, label, day, day + days * _DAY))
    new_year = next(one.first for one in found if one.slug == "spring-festival")
    eve = _("Chinese New Year's Eve")
    found.append(Festival("new-years-eve", eve, new_year - _DAY, new_year))
    for slug, label, term, month in _TERMS:
        day = _solar_term(year, term, month)
        found.append(Festival(slug, label, day, day + _DAY))
    return tuple(sorted(found, key=lambda one: one.first))


def _solar_term(year: int, term: str, month: int) -> date:
    from lunar_python import Solar

    solar = Solar.fromYmd(year, month, 28).getLunar().getJieQiTable()[term]
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@cache
def _months(year: int) -> tuple[_Month, ...]:
    """The months of a lunar year, in order."""
    from lunar_python import LunarYear, Solar

    months = []
    for month in LunarYear.fromYear(year).getMonths():
        # The library gives the last months of the year before along with a year.
        if month.getYear() == year:
            solar = Solar.fromJulianDay(month.getFirstJulianDay())
            first = date(solar.getYear(), solar.getMonth(), solar.getDay())
            number = month.getMonth()
            end = first + month.getDayCount() * _DAY
            months.append(_Month(first, end, year, abs(number), number < 0))
    return tuple(months)


def _check(day: date) -> None:
    if not FIRST <= day < END:
        raise _out_of_range(day.year)


def _out_of_range(year: int) -> Problem:
    return Problem(
        "calendar.out-of-range",
        _(
            "The lunar calendar is known from {first} to {last}, not for {year}.",
            first=FIRST.year,
            last=END.year - 1,
            year=year,
        ),
        _("Choose dates in these years, or a comparison by the solar calendar."),
    )
