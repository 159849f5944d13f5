"""Marks of the calendar as CSV: written, and read with all faults and without a write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.measure import actions, calendar, lists
from zhiyin.measure.actions import MarkAsked
from zhiyin.measure.calendar import Held
from zhiyin.measure.lists import Column, Fault

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

COLUMNS = (
    Column("name", "名称", is_needed=True),
    Column("kind", "类型", is_needed=True),
    Column("first", "开始日期", is_needed=True),
    Column("last", "结束日期"),
    Column("unit", "组织单元"),
    Column("touchpoint", "触点"),
    Column("where", "筛选条件"),
    Column("about", "订单或航班"),
    Column("customers", "客户"),
)
BETWEEN = ";"
"""Between the ids of one cell."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do: marks to be added and those that are there, or what is wrong."""

    asked: tuple[MarkAsked, ...]
    faults: tuple[Fault, ...]
    same: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Its lines by what becomes of them."""
        return {"new": len(self.asked), "same": self.same}


def write(marks: Iterable[Held], *, sees_it: bool) -> str:
    """A list of marks that `preview` takes.

    Args:
        sees_it: whether ids of customers and filters may be in it.
    """
    rows = (
        {
            **one.as_dict(sees_it=sees_it),
            "first": one.first,
            "last": one.last,
            "about": BETWEEN.join(one.about) if sees_it else "",
            "customers": BETWEEN.join(one.customers) if sees_it else "",
        }
        for one in marks
    )
    return lists.write(COLUMNS, rows)


def preview(data: bytes, settings: Settings, *, scope: Filter | None = None) -> Preview:
    """What a list would do, or all that is wrong with it.

    Raises:
        Problem: it is no list of marks at all.
    """
    faults: list[Fault] = []
    asked: list[MarkAsked] = []
    held = {(one.name, one.first, one.end) for one in calendar.of(settings)}
    seen: dict[tuple[object, ...], int] = {}
    same = 0
    for line in lists.read(data, COLUMNS):
        try:
            one = read(line.cells)
            values = actions.check_mark(settings, one, scope)
            key = values["name"], values["first"], values["end"]
            if key in seen:
                raise _twice(seen[key])
        except Problem as problem:
            faults.append(Fault(line.number, problem))
            continue
        seen[key] = line.number
        same += key in held
        if key not in held:
            asked.append(one)
    return Preview((), tuple(faults)) if faults else Preview(tuple(asked), (), same)


def read(cells: Mapping[str, str]) -> MarkAsked:
    """A mark as a form or a line of a list says it.

    Raises:
        Problem: ``calendar.not-a-date``.
    """
    first = day(cells["first"])
    return MarkAsked(
        name=cells["name"],
        kind=cells["kind"].casefold(),
        first=first,
        last=day(cells["last"]) if cells["last"] else first,
        unit=cells["unit"],
        touchpoint=cells["touchpoint"],
        where=cells["where"],
        about=ids(cells["about"]),
        customers=ids(cells["customers"]),
    )


def ids(text: str) -> tuple[str, ...]:
    """The ids of a cell or a box: between them a semicolon or a new line."""
    parts = (
        part.strip() for part in text.replace("；", BETWEEN).replace("\n", BETWEEN).split(BETWEEN)
    )
    return tuple(part for part in parts if part)


def day(text: str) -> date:
    """A day that somebody wrote.

    Raises:
        Problem: ``calendar.not-a-date``.
    """
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise Problem(
            "calendar.not-a-date",
            _("“{text}” is not a date.", text=text),
            _("Write a date as 2026-01-31."),
        ) from None


def _twice(line: int) -> Problem:
    return Problem(
        "list.twice",
        _("This mark stands in line {line} already.", line=line),
        _("Leave one of the two lines out."),
    )
