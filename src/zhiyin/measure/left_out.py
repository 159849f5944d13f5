"""Customers or facts that a figure leaves out, because something happened to them (``without``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhiyin.kernel.filters import Filter

Drops = Literal["customers", "facts"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Whom or what a figure is without.

    Args:
        name: what happened, in words.
        number: of the mark in the calendar.
        start: facts experienced (else, that happened) from then on (UTC, naive)…
        end: …and before then are meant.
        where: and only those for which this holds; None means all of these days.
        drops: ``customers`` leaves out all answers of those who have such a fact (an event, or a
            row of the measure's table); ``facts`` only such rows of the measure's table.
    """

    name: str
    number: int
    start: datetime
    end: datetime
    where: Filter | None
    drops: Drops = "customers"
