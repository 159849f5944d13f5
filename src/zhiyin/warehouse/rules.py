"""Rules that say what a fact itself does not: which touchpoint it is at, which unit it is of.

They are kept in the log and read with every query; nothing is written into a fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Ruled = Literal["touchpoint", "unit"]
"""A column whose words rules may give."""

RULED: tuple[Ruled, ...] = ("touchpoint", "unit")
"""In the order in which they are read: a rule for units sees the touchpoint that a rule gave."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Facts for which `where` holds have the word `gives` in the column of the list.

    Args:
        where: a filter over the facts, as it was written.
        zone: where the dates that it names are days.
        table: of the log; blank for every kind of facts that has the columns that `where` names.
            Touchpoints are of events, whatever stands here.
    """

    where: str
    gives: str
    zone: str = "UTC"
    table: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one column in order: the first that holds decides.

    Args:
        come_first: also for facts that name a word of their own; else those keep it.
    """

    listed: tuple[Rule, ...] = ()
    come_first: bool = False

    def __len__(self) -> int:
        return len(self.listed)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.listed)
