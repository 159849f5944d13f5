"""Small bases: when a figure is not shown, not tested, or flagged.

Counted in customers, unweighted: forty answers of four people are four people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zhiyin.stats.estimate import Number

State = Literal["ok", "too_few", "withheld"]
"""Of a figure: shown; of too few customers; not shown because another would follow from it."""


@dataclass(frozen=True, slots=True)
class Bases:
    """The three limits; a workspace may set its own.

    Raises:
        ValueError: unless 0 ≤ minimum ≤ test ≤ small.

    >>> Bases().state(9), Bases().state(10), Bases().flags(29), Bases().flags(100)
    ('too_few', 'ok', ('no_test', 'small_base'), ())
    """

    minimum: int = 10
    """Under it no figure."""
    test: int = 30
    """Under it no test, on either side."""
    small: int = 100
    """Under it a flag."""

    def __post_init__(self) -> None:
        if not 0 <= self.minimum <= self.test <= self.small:
            raise ValueError("limits of small bases must not fall: minimum ≤ test ≤ small")

    def state(self, customers: int) -> State:
        """Whether the figure of a group is shown for its own customers (see `stats.withheld`)."""
        return "ok" if customers >= self.minimum else "too_few"

    def flags(self, customers: int) -> tuple[str, ...]:
        """``no_test`` and ``small_base``, where they hold."""
        found = []
        if customers < self.test:
            found.append("no_test")
        if customers < self.small:
            found.append("small_base")
        return tuple(found)

    def shown(self, customers: Number) -> NDArray[np.bool_]:
        """Which cells have a figure."""
        return np.asarray(customers) >= self.minimum

    def counted(self, customers: Number) -> NDArray[np.bool_]:
        """Which cells say how many rows and customers they have: those shown, and empty ones."""
        return np.logical_or(self.shown(customers), np.equal(customers, 0))

    def tested(self, customers: Number, other_customers: Number | None = None) -> NDArray[np.bool_]:
        """Which comparisons are tested: both sides (or the one against a value) are enough."""
        enough = np.asarray(customers) >= self.test
        return (
            enough
            if other_customers is None
            else enough & (np.asarray(other_customers) >= self.test)
        )
