"""Lunar days and moving festivals against dates that were published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zhiyin.kernel import calendars
from zhiyin.kernel.calendars import FIRST, LunarDay
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import in_language

# 1996 to 2019 as printed lists of the Spring Festival have them; in 2030 old folk calendars are
# a day late.
NEW_YEARS = [
    "1950-02-17", "1968-01-30", "1985-02-20", "1996-02-19", "1997-02-07", "1998-01-28",
    "1999-02-16", "2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22",
    "2005-02-09", "2006-01-29", "2007-02-18", "2008-02-07", "2009-01-26", "2010-02-14",
    "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19", "2016-02-08",
    "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01",
    "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26",
    "2030-02-03", "2033-01-31", "2034-02-19", "2050-01-23", "2100-02-09",
]  # fmt: skip

# The eve, Qingming and Dragon Boat of 2025 as the State Council's notice on that year names them.
FESTIVALS = {
    "lantern": ["2023-02-05", "2024-02-24", "2025-02-12", "2026-03-03"],
    "qingming": ["2022-04-05", "2023-04-05", "2024-04-04", "2025-04-04", "2026-04-05"],
    "dragon-boat": ["2020-06-25", "2021-06-14", "2022-06-03", "2023-06-22", "2024-06-10",
                    "2025-05-31", "2026-06-19"],
    "qixi": ["2020-08-25", "2023-08-22", "2024-08-10", "2025-08-29"],
    "mid-autumn": ["2019-09-13", "2020-10-01", "2021-09-21", "2022-09-10", "2023-09-29",
                   "2024-09-17", "2025-10-06", "2026-09-25"],
    "double-ninth": ["2023-10-23", "2024-10-11", "2025-10-29"],
    "winter-solstice": ["2021-12-21", "2023-12-22", "2024-12-21", "2025-12-21"],
    "laba": ["2024-01-18", "2025-01-07", "2026-01-26"],
    "new-years-eve": ["2023-01-21", "2024-02-09", "2025-01-28", "2026-02-16"],
}  # fmt: skip

LEAP_MONTHS = {
    1984: 10, 1995: 8, 2001: 4, 2004: 2, 2006: 7, 2009: 5, 2012: 4, 2014: 9, 2017: 6, 2020: 4,
    2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11, 2036: 6,
}  # fmt: skip


def days_of(slug: str, year: int) -> list[str]:
    return [one.first.isoformat() for one in calendars.festivals(year) if one.slug == slug]


@pytest.mark.parametrize("written", NEW_YEARS)
def test_the_lunar_year_begins_on_the_published_day(written: str) -> None:
    day = date.fromisoformat(written)
    assert calendars.lunar_day(day) == LunarDay(day.year, 1, False, 1)
    assert days_of("spring-festival", day.year) == [written]


@pytest.mark.parametrize(("slug", "written"), FESTIVALS.items())
def test_festivals_are_on_the_published_days(slug: str, written: list[str]) -> None:
    for day in written:
        assert days_of(slug, int(day[:4])) == [day]


def test_leap_months_are_the_published_ones() -> None:
    """Would catch a calendar that puts the leap month of 2033 after the seventh month."""
    found = {year: calendars.leap_month(year) for year in range(1984, 2037)}
    assert {year: found[year] for year in LEAP_MONTHS} == LEAP_MONTHS
    assert sum(month is not None for month in found.values()) == 20
    assert found[2024] is None


def test_a_month_that_folk_calendars_begin_a_day_late() -> None:
    """The Hong Kong Observatory and the mainland's almanac: 8 June 2013, not the 9th."""
    assert calendars.lunar_day(date(2013, 6, 8)) == LunarDay(2013, 5, False, 1)
    assert days_of("dragon-boat", 2013) == ["2013-06-12"]


def test_a_day_in_a_leap_month_is_not_the_day_before_it() -> None:
    assert calendars.lunar_day(date(2025, 7, 2)) == LunarDay(2025, 6, False, 8)
    assert calendars.lunar_day(date(2025, 8, 1)) == LunarDay(2025, 6, True, 8)
    assert days_of("qixi", 2006) == ["2006-07-31"]  # the seventh month was the doubled one


def test_every_day_has_one_lunar_date_and_comes_back() -> None:
    before = calendars.lunar_day(FIRST)
    day = FIRST + timedelta(days=1)
    while day < calendars.END:
        lunar = calendars.lunar_day(day)
        assert lunar > before
        assert lunar.day in (1, before.day + 1)
        assert calendars.solar_day(lunar) == day
        before, day = lunar, day + timedelta(days=1)


def test_some_years_have_two_laba_festivals_or_none() -> None:
    assert days_of("laba", 2025) == ["2025-01-07"]
    counts = {year: len(days_of("laba", year)) for year in range(1950, 2101)}
    assert sum(counts.values()) == len(counts)
    assert {0, 2} <= set(counts.values())


def test_festivals_are_in_order_and_have_chinese_names() -> None:
    found = calendars.festivals(2025)
    assert [one.first for one in found] == sorted(one.first for one in found)
    with in_language("zh"):
        names = [str(one.label) for one in found]
    assert names == ["腊八节", "除夕", "春节", "元宵节", "清明节", "端午节", "七夕", "中秋节",
                     "重阳节", "冬至"]  # fmt: skip


def test_spans_are_half_open() -> None:
    spring = next(one for one in calendars.festivals(2025) if one.slug == "spring-festival")
    assert (spring.first, spring.end) == (date(2025, 1, 29), date(2025, 2, 1))
    assert [day in spring for day in (date(2025, 1, 28), date(2025, 1, 29))] == [False, True]
    assert [day in spring for day in (date(2025, 1, 31), date(2025, 2, 1))] == [True, False]

    def between(first: date, end: date) -> list[str]:
        return [one.slug for one in calendars.festivals_between(first, end)]

    assert between(date(2025, 1, 31), date(2025, 2, 12)) == ["spring-festival"]
    assert between(date(2025, 2, 1), date(2025, 2, 12)) == []
    assert between(date(2025, 2, 1), date(2025, 2, 13)) == ["lantern"]
    assert between(date(2025, 2, 12), date(2025, 2, 12)) == []
    assert between(date(2024, 12, 21), date(2025, 1, 8)) == ["winter-solstice", "laba"]
    assert between(date(2100, 12, 1), calendars.END) == ["winter-solstice"]


@pytest.mark.parametrize("day", [date(1949, 12, 31), date(2101, 1, 1)])
def test_a_day_outside_the_years_is_refused(day: date) -> None:
    with pytest.raises(Problem) as raised:
        calendars.lunar_day(day)
    assert raised.value.code == "calendar.out-of-range"
    assert str(day.year) in str(raised.value.message)


def test_a_lunar_day_that_is_none_is_refused() -> None:
    for lunar in (LunarDay(2024, 6, True, 1), LunarDay(2025, 1, False, 31)):
        with pytest.raises(Problem) as raised:
            calendars.solar_day(lunar)
        assert raised.value.code == "calendar.no-such-day"
    for year in (1949, 2101):
        with pytest.raises(Problem) as raised:
            calendars.festivals(year)
        assert raised.value.code == "calendar.out-of-range"
