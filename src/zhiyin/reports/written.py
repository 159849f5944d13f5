"""A figure's rows in words, the same on the page, in print and on slides."""

from __future__ import annotations

from collections.abc import Sequence

from zhiyin.kernel.figures import MISSING, count, figure, interval
from zhiyin.kernel.text import Text, _
from zhiyin.reports import content

GONE: dict[str, Text] = {
    "erased": _("These words were taken out: the customer who said them was erased."),
    "missing": _(
        "These words are not there: kept no longer, taken back, or not for these readers."
    ),
}
"""What stands in the place of a verbatim that says nothing any more."""

RIGHT = ("value", "n", "customers", "reference", "difference")
"""Columns of numbers."""


def columns(figure: content.Figure) -> dict[str, str]:
    """The columns of a figure's table, by name: those that say something."""
    first = {"name": figure.by} if figure.by else {}
    if figure.is_series:
        first["period"] = str(_("Period"))
    found = {
        **(first or {"name": ""}),
        "value": str(_("Value")),
        "interval": str(_("Interval")),
        "n": "n",
        "customers": str(_("Customers")),
    }
    if figure.against:
        found |= {
            "reference": figure.against,
            "difference": str(_("Difference")),
            "difference_interval": str(_("its interval")),
        }
    if any(row.flags for row in (*figure.rows, figure.total)):
        found["flags"] = str(_("Flags"))
    return found


def series(figure: content.Figure) -> tuple[list[str], dict[str, list[content.Cell | None]]]:
    """The periods of a figure, and per group a cell each; None where a group has none."""
    periods = list(figure.periods) or sorted({row.period for row in figure.rows if row.period})
    held = {(row.name, row.period): row for row in figure.rows}
    names = dict.fromkeys(row.name for row in figure.rows)
    return periods, {name: [held.get((name, period)) for period in periods] for name in names}


def cells(figure_: content.Figure, row: content.Cell, names: Sequence[str]) -> list[str]:
    """One row of a figure's table."""
    unit = figure_.unit
    said = {
        "name": row.name,
        "period": row.period or "",
        "value": figure(row.value, unit),
        "interval": row.why or interval(row.low, row.high, unit),
        "n": count(row.n),
        "customers": count(row.customers),
        "reference": figure(row.reference, unit),
        "difference": difference(figure_, row),
        "difference_interval": interval(row.difference_low, row.difference_high, unit, signed=True),
        "flags": ", ".join(row.flags),
    }
    return [said[name] for name in names]


def total(figure_: content.Figure, names: Sequence[str]) -> list[str]:
    """The row of all."""
    said = cells(figure_, figure_.total, names)
    return [str(_("Total")), *said[1:]]


def has_total(figure_: content.Figure) -> bool:
    """Whether the row of all says more than the rows."""
    return figure_.has_total and (bool(figure_.by) or figure_.is_series)


def difference(figure_: content.Figure, row: content.Cell) -> str:
    """A difference as everywhere: ``▼ −13.4`` where it is more than chance, else ``≈ −2.3``."""
    if row.difference is None:
        return MISSING
    sign = ("▲" if row.difference > 0 else "▼") if row.tone else "≈"
    return f"{sign} {figure(row.difference, figure_.unit, signed=True)}"


def value(figure_: content.Figure, row: content.Cell) -> str:
    """A value with its per cent sign."""
    said = figure(row.value, figure_.unit)
    return f"{said}%" if figure_.unit == "percent" and row.value is not None else said


def headline(figure_: content.Figure) -> str:
    """What stands beside the large figure: its interval, base, and how it differs."""
    row = figure_.total
    said = [row.why or interval(row.low, row.high, figure_.unit)]
    if row.n is not None:
        said.append(f"n = {count(row.n)}")
    if row.difference is not None:
        said.append(
            str(_("{difference} against {reference}", difference=difference(figure_, row),
                  reference=figure_.against))
        )  # fmt: skip
    return " · ".join(said)
