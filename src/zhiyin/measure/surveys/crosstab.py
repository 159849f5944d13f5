"""Cross-tabs of a survey: one thing by another, with tests, letters and small cells withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import chance, figure
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import Text, _
from zhiyin.measure.surveys import quality, weights
from zhiyin.measure.surveys.rates import (
    CONFIDENCE,
    State,
    customers_by,
    hidden_groups,
)
from zhiyin.measure.surveys.reading import Fillings, Ints, Reading
from zhiyin.measure.surveys.sheets import Column, Lead, Sheet
from zhiyin.measure.surveys.variables import Variable, variable
from zhiyin.stats import crosstab as statistics
from zhiyin.stats.crosstab import Independence
from zhiyin.stats.estimate import Floats
from zhiyin.stats.withheld import Wholes, beside
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

MOST_COLUMNS = 26
MOST_ROWS = 60
Q = 0.05
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Args:
        column: the letter of its column, ``total`` for all of them.
        n: answers, `customers` who gave them.
        share: per cent of its column, with its interval.
        above: letters of the columns whose share is lower for certain.
    """

    column: str
    state: State
    n: int | None = None
    customers: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    above: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    value: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its letter, and how many are in it."""

    letter: str
    value: str
    label: str
    state: State
    n: int | None
    customers: int | None


@dataclass(frozen=True, slots=True)
class Crosstab:
    """One thing by another.

    Args:
        test: None where a response may be in several rows, or too few customers are tested.
        tests: comparisons of columns, `q` their false-discovery rate.
        is_weighted: whether the survey's targets weigh the answers.
    """

    key: str
    as_of: datetime
    minimum_base: int
    row: str
    column: str
    without: tuple[str, ...]
    is_weighted: bool
    customers: int
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    test: Independence | None
    tests: int
    q: float = Q

    @property
    def is_shown(self) -> bool:
        """Whether enough customers have answered."""
        return self.customers >= max(self.minimum_base, 1)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        names = ("key", "minimum_base", "row", "column", "tests", "q")
        return {
            **{name: getattr(self, name) for name in names},
            "as_of": self.as_of.isoformat() + "Z",
            "confidence": CONFIDENCE,
            "state": "ok" if self.is_shown else "too_few",
            "without": list(self.without),
            "weighted": self.is_weighted,
            "columns": [asdict(one) for one in self.heads],
            "rows": [asdict(one) for one in self.rows],
            "test": None if self.test is None else asdict(self.test),
        }

    def lead(self) -> Lead | None:
        """Whether the two go together."""
        if self.test is None:
            return Lead("–", "", _(
                "No test of the whole: a response may be in several rows, or too few customers are"
                " in two columns."
            ))  # fmt: skip
        test = self.test
        return Lead(
            f"p {chance(test.p)}", "",
            _("Rao–Scott F = {f} on {df} and {below} degrees of freedom; Cramér's V {v}.",
              f=figure(test.statistic, "scale"), df=f"{test.df:.2f}",
              below=f"{test.denominator_df:.1f}", v=figure(test.cramers_v, "scale")),
            (self._says(),),
        )  # fmt: skip

    def _says(self) -> Text:
        if self.test is not None and self.test.p < Q:
            return _("They go together more than by chance.")
        return _("No difference between the columns that chance would not make.")

    def sheets(self) -> tuple[Sheet, ...]:
        """The table."""
        rows: list[dict[str, Any]] = []
        base: dict[str, Any] = {"row": str(_("n")), "state": ""}
        for head in self.heads:
            base |= {f"{head.letter}_said": "" if head.n is None else f"{head.n:,}"}
            base |= {f"{head.letter}_n": head.n}
        for one in self.rows:
            row: dict[str, Any] = {"row": one.label, "state": ""}
            for cell in one.cells:
                said = "" if cell.share is None else f"{figure(cell.share, 'percent')} {cell.above}"
                name = cell.column
                row |= {
                    f"{name}_said": said.strip() or _why(cell),
                    f"{name}_n": cell.n,
                    name: cell.share,
                    f"{name}_low": cell.low,
                    f"{name}_high": cell.high,
                }
            rows.append(row)
        columns = [Column("row", self.row)]
        for head in self.heads:
            title = head.label if head.letter == TOTAL else f"{head.label} ({head.letter})"
            columns.append(Column(f"{head.letter}_said", title))
        figures: list[Column] = [Column("row", self.row)]
        for head in self.heads:
            figures += [
                Column(f"{head.letter}_n", f"{head.label} n", "count"),
                Column(head.letter, f"{head.label} %", "percent"),
                Column(f"{head.letter}_low", _("Interval"), "percent", upper=f"{head.letter}_high"),
            ]
        return (
            Sheet(
                "table", _("{row} by {column}", row=self.row, column=self.column),
                _("Per cent of each column. A letter says that the share in that column is lower"
                  " for certain: {tests} comparisons, of which {q}% of those marked are expected to"
                  " be chance. Cells of too few customers are withheld (✕), with those from which"
                  " they could be calculated.", tests=self.tests, q=f"{Q * 100:g}"),
                tuple(columns), (base, *rows),
            ),
            Sheet(
                "intervals", _("With intervals"),
                _("The same with the answers in each cell and the interval of each share."),
                tuple(figures), tuple(rows),
            ),
        )  # fmt: skip


def _why(cell: Cell) -> str:
    return "" if cell.state == "ok" else "✕"


def crosstab(
    log: Log,
    settings: Settings,
    key: str,
    row: str,
    column: str,
    *,
    without: Sequence[str] = (),
    is_weighted: bool = False,
    version: int | None = None,
    where: Filter | None = None,
    now: datetime | None = None,
) -> Crosstab:
    """One thing by another, among the responses of which both are known.

    Args:
        row, column: a question, a column of responses, or ``trait.NAME``; see `variables`.
        without: signs of carelessness whose responses are left out.
        is_weighted: answers have the weights of the survey's declared margins, taken as given.
        where: of responses.

    Raises:
        Problem: ``survey.none``, ``survey.not-published``, ``survey.no-variable``,
            ``survey.no-targets``, ``survey.empty-category``,
            ``survey.too-many-columns``, ``survey.no-sign``, ``survey.without-few``,
            ``survey.one-column``.
    """
    reading = Reading.of(log, settings, key, version=version, where=where, now=now)
    settings = reading.settings
    fillings, keep = quality.keep(reading, without)
    made = Crosstab(key, reading.as_of, settings.minimum_base, row, column, tuple(without),
                    False, 0, (), (), None, 0)  # fmt: skip
    stub, banner = (variable(reading, fillings, name) for name in (row, column))
    if banner.is_several:
        raise Problem(
            "survey.one-column",
            _("A response may be in several columns of {name}.", name=column),
            _("Put it into the rows, where that can be told."),
        )
    if len(banner.values) > MOST_COLUMNS or len(stub.values) > MOST_ROWS:
        raise Problem(
            "survey.too-many-columns",
            _("{rows} rows by {columns} columns are too many.",
              rows=len(stub.values), columns=len(banner.values)),
            _("{columns} columns and {rows} rows at most.",
              rows=MOST_ROWS, columns=MOST_COLUMNS),
        )  # fmt: skip
    weight = None
    if is_weighted and keep.any():
        fitted = weights.fit(reading, fillings, keep)
        weight = np.ones(len(fillings))
        weight[fitted.place] = fitted.raked.weight
    return _crossed(made, fillings, keep, stub, banner, settings, weight)


def _crossed(
    made: Crosstab, fillings: Fillings, keep: NDArray[np.bool_], stub: Variable,
    banner: Variable, settings: Settings, weight: Floats | None,
) -> Crosstab:  # fmt: skip
    minimum = max(settings.minimum_base, 1)
    column_of = np.full(len(fillings), -1)
    column_of[banner.place] = banner.category
    in_row = np.zeros(len(fillings), dtype=np.bool_)
    in_row[stub.base] = True
    base = np.flatnonzero(keep & in_row & (column_of >= 0))
    customer = fillings.customer[base]
    total = len(np.unique(customer))
    if total < minimum:
        return replace(made, customers=total)
    answer_of = np.full(len(fillings), -1)
    answer_of[base] = np.arange(len(base))
    entry = answer_of[stub.place] >= 0
    answer, category = answer_of[stub.place][entry], stub.category[entry]
    rows, columns = len(stub.values), len(banner.values)
    of_column = column_of[base]
    weights = None if weight is None else weight[base]
    base_customers = customers_by(customer, of_column, columns)
    states = hidden_groups(base_customers, total, minimum)
    tested = (base_customers >= max(settings.test_base, minimum)) & _ok(states)
    found = statistics.columns(
        answer, category, rows, of_column, columns, customer, weights, tested=tested, q=Q,
        confidence=CONFIDENCE,
    )  # fmt: skip
    every = statistics.columns(
        answer, category, rows, np.zeros(len(base), dtype=np.int64), 1, customer, weights,
        confidence=CONFIDENCE,
    )  # fmt: skip
    hidden = _hidden(found.customers, every.customers[:, 0], states, base_customers, minimum)
    marks = statistics.letters(found, rows, columns)
    test = None
    if not stub.is_several and tested.sum() >= 2:
        inside = tested[of_column[answer]]
        test = statistics.independence(
            category[inside], of_column[answer][inside], customer[answer][inside],
            None if weights is None else weights[answer][inside],
        )  # fmt: skip
    heads = [
        Head(statistics.letter(at), banner.values[at], banner.labels[at], state,
             int(found.base_n[at]) if state == "ok" else None,
             int(base_customers[at]) if state == "ok" else None)
        for at, state in enumerate(states)
    ]  # fmt: skip
    heads.append(Head(TOTAL, "", str(_("All")), "ok", len(base), total))
    told = []
    for at in range(rows):
        untold = {
            statistics.letter(place)
            for place, state in enumerate(hidden[at][:columns])
            if state != "ok"
        }
        cells = []
        for place in range(columns):
            above = "".join(one for one in marks[at][place] if one not in untold)
            cells.append(_cell(found, at, place, columns, hidden[at][place], above))
        cells.append(_cell(every, at, 0, 1, hidden[at][columns], "", letter=TOTAL))
        told.append(Row(stub.values[at], stub.labels[at], tuple(cells)))
    return replace(
        made, customers=total, heads=tuple(heads), rows=tuple(told), test=test,
        tests=found.family.tests, is_weighted=weight is not None,
    )  # fmt: skip


def _ok(states: Sequence[State]) -> NDArray[np.bool_]:
    return np.array([state == "ok" for state in states], dtype=np.bool_)


def _hidden(
    customers: NDArray[np.float64], of_row: NDArray[np.float64], states: Sequence[State],
    of_column: Ints, minimum: int,
) -> list[list[State]]:  # fmt: skip
    """Of each cell, and of each row as a whole (last), whether it is shown."""
    rows, columns = customers.shape
    small_rows = (of_row > 0) & (of_row < minimum)
    row_hidden = small_rows | beside(of_row, minimum, [Wholes.one(rows, float(of_row.sum()))])
    gone = np.repeat(row_hidden, columns) | np.tile(~_ok(states), rows)
    row_of = np.repeat(np.arange(rows), columns)
    column_of = np.tile(np.arange(columns), rows)
    flat = customers.ravel()
    more = beside(
        flat, minimum,
        [Wholes(row_of, of_row.astype(np.float64)),
         Wholes(column_of, of_column.astype(np.float64))],
        already=gone & (flat > 0),
    )  # fmt: skip
    small = (flat > 0) & (flat < minimum)
    found: list[list[State]] = []
    for at in range(rows):
        line: list[State] = []
        for place in range(columns):
            cell = at * columns + place
            is_small = bool(small[cell]) or states[place] == "too_few" or bool(small_rows[at])
            is_gone = is_small or bool(more[cell]) or bool(gone[cell])
            line.append("too_few" if is_small else "withheld" if is_gone else "ok")
        line.append("too_few" if small_rows[at] else "withheld" if row_hidden[at] else "ok")
        found.append(line)
    return found


def _cell(
    found: statistics.Columns, row: int, place: int, columns: int, state: State, above: str,
    *, letter: str = "",
) -> Cell:  # fmt: skip
    name = letter or statistics.letter(place)
    if state != "ok":
        return Cell(name, state)
    one = found.share[row * columns + place]
    if one is None:
        return Cell(name, state, 0, 0)
    shown = one.times(100)
    return Cell(
        name, state, int(found.n[row, place]), int(found.customers[row, place]), shown.value,
        shown.low, shown.high, above,
    )  # fmt: skip
