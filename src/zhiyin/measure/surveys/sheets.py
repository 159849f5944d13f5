"""What is told of a survey as sheets: the same on pages, in the terminal and in files.

A sheet is a table of plain values with the sentence that says how to read it. Values are not
rounded; whoever shows them writes them by the column's unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from zhiyin.kernel.figures import MISSING, chance, count, figure, interval, lasted, times
from zhiyin.kernel.text import Text

Unit = Literal[
    "text", "count", "percent", "points", "scale", "chance", "lasted", "factor", "amount"
]
"""``lasted``: seconds, told in words; ``factor``: two decimals; ``amount``: as many as it has."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: in files.
        head: as people read it.
        upper: the column with the upper end, where this one is the lower end of an interval.
        is_signed: a plus is written.
        is_minor: left out on a telephone.
    """

    name: str
    head: Text | str
    unit: Unit = "text"
    upper: str = ""
    is_signed: bool = False
    is_minor: bool = False

    @property
    def is_right(self) -> bool:
        """Whether it is set to the right: figures, but no words."""
        return self.unit != "text" and not self.upper

    def said(self, row: Mapping[str, Any]) -> str:
        """A row's value in words."""
        value = row.get(self.name)
        if self.upper:
            return self._within(value, row.get(self.upper))
        if value is None:
            return "" if self.unit == "text" else MISSING
        match self.unit:
            case "text":
                return str(value)
            case "count":
                return count(int(value))
            case "chance":
                return chance(value)
            case "lasted":
                return lasted(value)
            case "amount":
                return f"{value:,.10g}"
            case "factor":
                return figure(value, "scale", signed=self.is_signed)
            case unit:
                return figure(value, unit, signed=self.is_signed)

    def _within(self, low: float | None, high: float | None) -> str:
        if self.unit == "lasted":
            return times(low, high) or MISSING
        unit = "scale" if self.unit in ("factor", "amount") else self.unit
        return interval(low, high, unit, signed=self.is_signed)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table.

    Args:
        name: in addresses and files.
        says: what it counts, of whom, by which rule.
        bar: the column whose share (per cent) is drawn, with its interval in `ends`.
        marked: the value of a row by which it is set apart, where it is true.
    """

    name: str
    title: Text
    says: Text
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...] = ()
    bar: str = ""
    ends: tuple[str, str] = ("low", "high")
    marked: str = ""

    def head(self) -> list[str]:
        """What stands over the columns."""
        return [str(column.head) for column in self.columns]

    def cells(self) -> Iterator[list[str]]:
        """The rows in words."""
        for row in self.rows:
            yield [column.said(row) for column in self.columns]

    def right(self) -> str:
        """Positions of the columns that are set to the right."""
        return "".join(str(at) for at, one in enumerate(self.columns) if one.is_right)

    def fields(self) -> dict[str, Unit]:
        """The columns of a file, intervals as two."""
        found: dict[str, Unit] = {}
        for column in self.columns:
            found[column.name] = column.unit
            if column.upper:
                found[column.upper] = column.unit
        return found


@dataclass(frozen=True, slots=True)
class Lead:
    """The one figure that a page begins with.

    Args:
        within: its interval.
        says: of whom, in a sentence.
        more: what must be known beside it.
    """

    value: str
    within: str
    says: Text
    more: tuple[Text, ...] = field(default=())


class Told(Protocol):
    """What an analysis of a survey returns."""

    @property
    def is_shown(self) -> bool:
        """Whether enough customers are behind it."""

    def lead(self) -> Lead | None:
        """What stands first."""

    def sheets(self) -> tuple[Sheet, ...]:
        """Its tables, the most telling first."""

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
