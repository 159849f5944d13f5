"""The calendar 日历: what happened on which days, holidays, and whom a mark concerned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from zhiyin.kernel.clock import now
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, In, both, parse, write_node
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.kernel.text import Text, _
from zhiyin.measure import branches, holiday_days
from zhiyin.measure.left_out import Drops, LeftOut
from zhiyin.measure.models import HolidayCalendar, Mark

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

KINDS: dict[str, Text] = {
    "incident": _("incident"),
    "campaign": _("campaign"),
    "holiday": _("holiday"),
    "process": _("process change"),
    "survey": _("survey change"),
    "gap": _("data gap"),
}
"""What a mark may be."""


@dataclass(frozen=True, slots=True)
class Held:
    """A mark as it stands. Days are local, half-open.

    Args:
        unit: the key of a unit, whose branch it concerned; blank: it does not say.
        where: a filter over facts; blank: it does not say.
        about: ids of the orders, flights, contacts or visits that it concerned.
        customers: ids of the customers whom it concerned.
    """

    number: int
    name: str
    kind: str
    first: date
    end: date
    unit: str
    unit_name: str
    touchpoint: str
    where: str
    about: tuple[str, ...]
    customers: tuple[str, ...]
    made_by: str

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    @property
    def kind_words(self) -> Text:
        """What it was, in words."""
        return KINDS[self.kind]

    @property
    def has_scope(self) -> bool:
        """Whether it says whom it concerned; else it concerned everybody of its days."""
        return bool(self.unit or self.touchpoint or self.where or self.about or self.customers)

    def as_dict(self, *, sees_it: bool = True) -> dict[str, Any]:
        """As the command line and the API write it.

        Args:
            sees_it: whether ids of customers may be in it.
        """
        return {
            "number": self.number,
            "name": self.name,
            "kind": self.kind,
            "from": self.first,
            "to": self.end,
            "unit": self.unit or None,
            "touchpoint": self.touchpoint or None,
            "where": (self.where or None) if sees_it else None,
            "about": list(self.about) if sees_it else [],
            "customers": list(self.customers) if sees_it else [],
            "listed_customers": len(self.customers),
            "made_by": self.made_by,
        }


@dataclass(frozen=True, slots=True)
class Dated:
    """Something beside a trend: a mark, or days that were computed.

    Args:
        kind: of a mark; ``holiday`` for public holidays, ``festival`` for those of the lunar
            calendar, ``worked`` for weekend days that are worked.
        number: of a mark; None for what is computed.
    """

    name: str
    kind: str
    first: date
    end: date
    number: int | None = None

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    @property
    def is_season(self) -> bool:
        """Whether it lasts, and is drawn as an area; else it is drawn as a line."""
        return self.end - self.first > timedelta(days=1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "from": self.first,
            "to": self.end,
            "number": self.number,
        }


@dataclass(frozen=True, slots=True)
class Holidays:
    """Whose holidays a workspace goes by.

    Args:
        country: ISO 3166 code; blank: none.
        lunar: the festivals of the Chinese lunar calendar.
    """

    country: str = ""
    lunar: bool = False

    def as_dict(self, coming: Iterable[Dated]) -> dict[str, Any]:
        """As the command line and the API write it, with the days that it gives."""
        return {
            "country": self.country or None,
            "lunar": self.lunar,
            "coming": [one.as_dict() for one in coming],
        }


def of(
    settings: Settings,
    *,
    scope: Filter | None = None,
    text: str = "",
    kind: str = "",
    start: date | None = None,
    end: date | None = None,
) -> tuple[Held, ...]:
    """The marks that a reader sees, newest first: of the whole company, and of her own units.

    Args:
        text: a part of the name or the touchpoint.
        start: only marks of which a day is not before.
        end: only marks of which a day is before.
    """
    rows = Mark.objects.filter(workspace__slug=settings.slug)
    if kind:
        rows = rows.filter(kind=kind)
    if start:
        rows = rows.filter(end__gt=start)
    if end:
        rows = rows.filter(first__lt=end)
    own = branches.own_units(scope)
    wanted = text.strip().casefold()
    return held(
        settings,
        (
            row
            for row in rows
            if (not row.unit or branches.is_hers(row.unit, own))
            and wanted in f"{row.name}\n{row.touchpoint}".casefold()
        ),
    )


def held(settings: Settings, rows: Iterable[Mark]) -> tuple[Held, ...]:
    """Rows of the store as they are read."""
    names = branches.names(settings.slug)
    return tuple(
        Held(
            number=row.pk,
            name=row.name,
            kind=row.kind,
            first=row.first,
            end=row.end,
            unit=row.unit,
            unit_name=names.get(row.unit, row.unit),
            touchpoint=row.touchpoint,
            where=row.where,
            about=tuple(row.about),
            customers=tuple(row.customers),
            made_by=row.made_by,
        )
        for row in rows
    )


def get(settings: Settings, number: int, *, scope: Filter | None = None) -> Held:
    """The mark of this number.

    Raises:
        Problem: ``calendar.none``.
    """
    found = next((one for one in of(settings, scope=scope) if one.number == number), None)
    if found is None:
        raise Problem(
            "calendar.none",
            _("There is no mark {number} in the calendar.", number=number),
            _("Look at the calendar again: somebody may have taken it out."),
        )
    return found


def holidays_of(settings: Settings) -> Holidays:
    """Whose holidays a workspace goes by; until one chooses, a Chinese one has the festivals."""
    row = HolidayCalendar.objects.filter(workspace__slug=settings.slug).first()
    if row is None:
        return Holidays(lunar=settings.language.startswith("zh"))
    return Holidays(row.country, row.has_lunar_festivals)


def marks_within(
    settings: Settings, start: date, end: date, *, scope: Filter | None = None
) -> tuple[Dated, ...]:
    """All that a trend from `start` up to, but not including, `end` draws beside its figures.

    Marks that the reader sees, runs of public holidays and festivals; in order of their days.
    """
    marks = [
        Dated(one.name, one.kind, one.first, one.end, one.number)
        for one in of(settings, scope=scope, start=start, end=end)
    ]
    return tuple(sorted([*marks, *holidays_within(settings, start, end)], key=_order))


def holidays_within(settings: Settings, start: date, end: date) -> tuple[Dated, ...]:
    """The computed days of these dates: public holidays and festivals."""
    chosen = holidays_of(settings)
    found = holiday_days.seasons(chosen.country, start, end, lunar=chosen.lunar)
    return tuple(
        Dated(one.name, "holiday" if one.is_public else "festival", one.first, one.end)
        for one in found
    )


def holidays_coming(settings: Settings) -> tuple[Dated, ...]:
    """The computed days of the year that begins today."""
    today = local_day(now(), settings.timezone)
    return holidays_within(settings, today, today + timedelta(days=365))


def days_worked_within(settings: Settings, start: date, end: date) -> tuple[date, ...]:
    """Weekend days of these dates that are worked in exchange for a day off."""
    return holiday_days.days_worked(holidays_of(settings).country, start, end)


def left_out(settings: Settings, mark: Held, drops: Drops = "customers") -> LeftOut:
    """Whom a figure leaves out that is asked for without a mark."""
    return LeftOut(
        name=mark.name,
        number=mark.number,
        start=day_start(mark.first, settings.timezone),
        end=day_start(mark.end, settings.timezone),
        where=_scope_of(settings.slug, mark),
        drops=drops,
    )


def _scope_of(workspace: str, mark: Held) -> Filter | None:
    """All that a mark says of whom it concerned, as one filter; None: everybody of its days."""
    parts = [branches.condition(workspace, mark.unit)]
    if mark.touchpoint:
        parts.append(_written(Compare("touchpoint", "=", mark.touchpoint)))
    if mark.where:
        parts.append(parse(mark.where))
    if mark.about:
        parts.append(_written(In("about_id", mark.about)))
    if mark.customers:
        parts.append(_written(In("customer", mark.customers)))
    found: Filter | None = None
    for part in parts:
        found = both(found, part)
    return found


def _written(node: Compare | In) -> Filter:
    return Filter(node, write_node(node))


def _order(one: Dated) -> tuple[date, date, str]:
    return one.first, one.end, one.name
