"""The page *Calendar* 日历: marks and holidays by month, searched; what trends draw of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhiyin.accounts.units import Place, tree
from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.series import Mark as Drawn
from zhiyin.charts.series import step_of
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.periods import local_day
from zhiyin.kernel.text import Text, _
from zhiyin.measure import branches, calendar, holiday_days
from zhiyin.measure.calendar import KINDS, Dated, Held
from zhiyin.measure.mark_lists import BETWEEN
from zhiyin.warehouse.log import Log

COMPUTED: dict[str, Text] = {
    "holiday": _("public holiday"),
    "festival": _("lunar festival"),
    "worked": _("day worked"),
}
"""What days are called that nobody marked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list: a mark, or days that were computed."""

    dated: Dated
    kind: Text
    mark: Held | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """The entries that begin in a month."""

    first: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the list shows."""

    months: tuple[Month, ...]
    years: tuple[int, ...]
    year: int
    kinds: Mapping[str, Text]
    given: Mapping[str, str]
    marks: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    kinds: Mapping[str, Text]
    places: tuple[Place, ...]
    offers_whole: bool
    touchpoints: tuple[str, ...]
    countries: tuple[str, ...]


def build(settings: Settings, query: Mapping[str, str], *, scope: Filter | None) -> Page:
    """One year by month, newest first; a search goes through all years."""
    given = {name: query.get(name, "").strip() for name in ("text", "kind", "year")}
    every = calendar.of(settings, scope=scope)
    today = local_day(clock.now(), settings.timezone)
    held_in = {day.year for one in every for day in (one.first, one.last)}
    years = tuple(sorted({today.year, today.year + 1, *held_in}, reverse=True))
    is_year = given["year"].isascii() and given["year"].isdigit() and len(given["year"]) == _DIGITS
    year = int(given["year"]) if is_year and int(given["year"]) in years else today.year
    kind = given["kind"] if given["kind"] in {**KINDS, **COMPUTED} else ""
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    is_search = bool(given["text"])
    marks = calendar.of(
        settings,
        scope=scope,
        text=given["text"],
        start=None if is_search else start,
        end=None if is_search else end,
    )
    entries = [Entry(_dated(one), KINDS[one.kind], one) for one in marks]
    if not is_search:
        entries += _computed(settings, start, end)
    shown = [one for one in entries if not kind or one.dated.kind == kind]
    return Page(
        months=_months(shown),
        years=years,
        year=year,
        kinds={**KINDS, **COMPUTED},
        given={**given, "kind": kind},
        marks=len(every),
    )


def choices(log: Log, settings: Settings, *, scope: Filter | None) -> Choices:
    """What the form for a mark offers to this reader."""
    own = branches.own_units(scope)
    return Choices(
        kinds=KINDS,
        places=tuple(p for p in tree(settings.slug) if branches.is_hers(p.unit.key, own)),
        offers_whole=own is None,
        touchpoints=tuple(sorted(log.words(settings.slug, "touchpoint").values())),
        countries=holiday_days.countries(),
    )


def as_given(mark: Held) -> dict[str, str]:
    """A mark as its form is filled in."""
    return {
        "name": mark.name,
        "kind": mark.kind,
        "first": mark.first.isoformat(),
        "last": mark.last.isoformat(),
        "unit": mark.unit,
        "touchpoint": mark.touchpoint,
        "where": mark.where,
        "about": f"{BETWEEN} ".join(mark.about),
        "customers": f"{BETWEEN} ".join(mark.customers),
    }


def drawn(found: Iterable[Dated], starts: Sequence[date], end: date) -> tuple[Drawn, ...]:
    """Marks and holidays as a trend draws them: those that people made are named first.

    Of the days that were computed, a long trend draws the runs of days alone.

    Args:
        starts: the first day of each period of the trend.
        end: the day after the last period.
    """
    is_long = (end - starts[0]).days > _MOST_DAYS
    shown = [one for one in found if one.number is not None or one.is_season or not is_long]
    return tuple(
        Drawn(
            one.name,
            step_of(max(one.first, starts[0]), starts, end),
            step_of(min(one.end, end), starts, end) if one.is_season else None,
            rank=0 if one.number is not None else 1,
        )
        for one in shown
    )


def _computed(settings: Settings, start: date, end: date) -> list[Entry]:
    days = list(calendar.holidays_within(settings, start, end))
    days += [
        Dated(str(COMPUTED["worked"]), "worked", day, day + timedelta(days=1))
        for day in calendar.days_worked_within(settings, start, end)
    ]
    return [Entry(one, COMPUTED[one.kind]) for one in days]


def _dated(one: Held) -> Dated:
    return Dated(one.name, one.kind, one.first, one.end, one.number)


def _months(entries: Sequence[Entry]) -> tuple[Month, ...]:
    by_month: dict[date, list[Entry]] = {}
    for one in sorted(entries, key=lambda one: (one.dated.first, one.dated.end), reverse=True):
        by_month.setdefault(one.dated.first.replace(day=1), []).append(one)
    return tuple(Month(first, tuple(held)) for first, held in by_month.items())


_DIGITS = 4
_MOST_DAYS = 100
"""A trend over more days than these has no room for each festival of one day."""
