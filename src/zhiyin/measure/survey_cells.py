"""The answers to one question, cell by cell, and the figures that are made of them.

A cell is a state, a score, a choice. What a figure counts is a number per cell; how often each
customer said what, and which of it together, is all that its interval over customers needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyin.measure.metric import Metric, Scale
from zhiyin.measure.questions import Asked
from zhiyin.measure.rows import asked
from zhiyin.stats.estimate import Floats
from zhiyin.stats.totals import Totals

ANSWERED = "answered"
SHOWN = "shown"
"""She saw the question, and left there."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Answers alike in all that anything is counted by, and how many there are.

    Args:
        is_seen: whether the question was shown to her.
        is_weighted: whether they have a weight.
        score: of a question whose scores are counted.
        choice: of a question for choices, one that was chosen.
    """

    metric: str
    kind: str | None
    low: float | None
    high: float | None
    direction: str | None
    state: str
    is_seen: bool
    is_weighted: bool
    score: float | None
    choice: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice of one question.

    Args:
        share: sums of 1 where an answer has it and 0 where not.
        place: sums of the places that it was given.
    """

    share: Totals
    place: Totals


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The answers to one question.

    Args:
        is_many: where an answer may be several choices, a cell with a choice counts these, and
            the answers themselves are in cells without.
        products: (cells, cells): over customers, how often each said the one times the other.
        answering: how many customers have answered.
        seeing: how many were shown the question.
        scoring: by measure of the log, how many have given a score.
        choosing: by choice, how many have chosen it.
    """

    is_many: bool
    cells: Sequence[Cell]
    products: Floats
    answering: int
    seeing: int
    scoring: Mapping[str, int]
    choosing: Mapping[str, int]

    def states(self) -> dict[str, int]:
        """How many answers are in each state, the states in order."""
        found: dict[str, int] = {}
        for cell in self.cells:
            if self._is_answer(cell):
                found[cell.state] = found.get(cell.state, 0) + cell.n
        return dict(sorted(found.items()))

    def left(self) -> Totals | None:
        """Sums of 1 where she left on the question's page and 0 where she went on, of those who
        were shown it; None where nobody was."""
        seen = self._where(lambda cell: cell.is_seen and self._is_answer(cell))
        left = self._where(lambda cell: cell.state == SHOWN)
        return self._ratio(seen * left, seen, self.seeing) if seen.any() else None

    def points(self) -> dict[float, int]:
        """How often each score was given."""
        found: dict[float, int] = {}
        for cell in self.cells:
            if cell.state == ANSWERED and cell.score is not None:
                found[cell.score] = found.get(cell.score, 0) + cell.n
        return found

    def choices(self) -> dict[str, Chosen]:
        """What was chosen. A choice is made at most once in an answer."""
        whole = self._where(lambda cell: cell.state == ANSWERED and self._is_answer(cell))
        places = np.array([cell.score or 0.0 for cell in self.cells])
        found = {}
        for choice, customers in self.choosing.items():
            times = np.array([cell.choice == choice for cell in self.cells], dtype=np.float64)
            found[choice] = Chosen(
                self._ratio(times, whole, self.answering),
                self._ratio(times * places, times, customers),
            )
        return found

    def asked(self, metric: Metric, question: str) -> list[Asked]:
        """The answers that a measure would take, by all that must not be mixed."""
        return [
            Asked(question, cell.metric, cell.kind, cell.low, cell.high, cell.direction,
                  cell.state, cell.n, cell.n if cell.is_weighted else 0)
            for cell in self.cells
            if cell.metric in metric.taken(is_named=True)
        ]  # fmt: skip

    def voted(self, metric: Metric, scale: Scale | None) -> Totals | None:
        """The sums of a measure over all answers with a score; None where there are none."""
        base = self._where(lambda cell: _counts(cell, metric))
        if not base.any():
            return None
        (taken,) = {cell.metric for cell in self.cells if _counts(cell, metric)}
        return self._ratio(base * _votes(self.cells, metric, scale), base, self.scoring[taken])

    def _is_answer(self, cell: Cell) -> bool:
        return not (self.is_many and cell.choice is not None)

    def _where(self, holds: Callable[[Cell], bool]) -> Floats:
        return np.array([holds(cell) for cell in self.cells], dtype=np.float64)

    def _ratio(self, num: Floats, den: Floats, customers: int) -> Totals:
        """Sums of a number per cell over the answers that `den` marks.

        Where other rows than these are in the numerator, each is a 1 of its answer.
        """
        n = np.array([cell.n for cell in self.cells], dtype=np.float64)
        base = float(den @ n)
        return Totals(
            n=base, customers=float(customers), num=float(num @ n), den=base,
            yy=float((num * num) @ n), den2=base, tt=float(num @ self.products @ num),
            tn=float(num @ self.products @ den), nn=float(den @ self.products @ den),
        )  # fmt: skip


def voted_once(cells: Sequence[Cell], metric: Metric, scale: Scale | None) -> Totals | None:
    """The sums of a measure where each customer has one answer; None where nobody has."""
    n = np.array([cell.n * _counts(cell, metric) for cell in cells], dtype=np.float64)
    if not n.any():
        return None
    votes = _votes(cells, metric, scale)
    base, num, squares = float(n.sum()), float(votes @ n), float((votes * votes) @ n)
    return Totals(
        n=base, customers=base, num=num, den=base, yy=squares, den2=base, tt=squares, tn=num,
        nn=base,
    )  # fmt: skip


def _counts(cell: Cell, metric: Metric) -> bool:
    return (
        cell.state == ANSWERED
        and cell.score is not None
        and cell.metric in metric.taken(is_named=True)
    )


def _votes(cells: Sequence[Cell], metric: Metric, scale: Scale | None) -> Floats:
    if metric.voting is None:
        msg = f"{metric.slug} is no measure of scores"
        raise TypeError(msg)
    scores = np.array([cell.score or 0.0 for cell in cells], dtype=np.float64)
    return asked.numbers(metric.voting, scores, scale)
