"""What is withheld, and that a subtraction reveals nobody."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from zhiyin.stats.withheld import Wholes, beside

Counts = NDArray[np.float64]
SIZES = st.integers(0, 40)
MINIMUM = st.sampled_from([2, 5, 10])
ONE_TABLE = st.lists(SIZES, min_size=1, max_size=9)


def grid(rows: int, columns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row and the column of each cell of a table."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    return row, column


def margins(counts: Counts, of: NDArray[np.int64]) -> Wholes:
    """The sums of cells that share no customer."""
    return Wholes(of, np.bincount(of, weights=counts).astype(np.float64))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Counts, Wholes, Wholes]:
    """A table with empty cells, whose cells share no customer, and its two margins."""
    rows, columns = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    cells = rows * columns
    count = np.array(draw(st.lists(SIZES, min_size=cells, max_size=cells)), dtype=float)
    row, column = grid(rows, columns)
    there = count > 0
    row, column, count = row[there], column[there], count[there]
    if not count.size:
        return count, Wholes.one(0, 0), Wholes.one(0, 0)
    return count, margins(count, row), margins(count, column)


def not_shown(count: Counts, minimum: int, withheld: NDArray[np.bool_]) -> NDArray[np.bool_]:
    small: NDArray[np.bool_] = (count > 0) & (count < minimum)
    assert not (small & withheld).any()
    return small | withheld


@given(ONE_TABLE, MINIMUM)
@example([9, 500], 10)
@example([1, 1, 1, 500], 10)
@example([9], 10)
def test_what_is_left_of_the_whole_is_nobody_or_enough(sizes: list[int], minimum: int) -> None:
    """Whatever shown groups are taken from the whole, 0 or `minimum` customers or more are left.

    Catches withholding where one group is small only, and not where two of three are.
    """
    count = np.array(sizes, dtype=float)
    hidden = not_shown(count, minimum, beside(count, minimum, [Wholes.one(len(count), sum(sizes))]))
    shown = np.flatnonzero(~hidden & (count > 0))
    if not shown.size:
        return  # only the whole is shown, if it is
    for taken in range(len(shown) + 1):
        for groups in combinations(shown, taken):
            left = count.sum() - count[list(groups)].sum()
            assert left == 0 or left >= minimum
    assert hidden.sum() != 1


@given(ONE_TABLE, MINIMUM)
def test_no_other_choice_withholds_fewer_customers(sizes: list[int], minimum: int) -> None:
    """Against all choices; catches withholding the next in the order given, or one too many."""
    count = np.array(sizes, dtype=float)
    found = beside(count, minimum, [Wholes.one(len(count), sum(sizes))])
    small = (count > 0) & (count < minimum)
    free = np.flatnonzero(~small & (count > 0))
    costs = []
    for taken in range(len(free) + 1):
        for groups in combinations(free, taken):
            left = count[small].sum() + count[list(groups)].sum()
            cells = small.sum() + taken
            if not small.any() or taken == len(free) or (left >= minimum and cells > 1):
                costs.append(count[list(groups)].sum())
    assert count[found].sum() == min(costs)


@given(st.lists(st.integers(10, 90), max_size=9), st.integers(0, 3))
def test_nothing_is_withheld_where_all_are_enough(sizes: list[int], empty: int) -> None:
    count = np.array([*sizes, *[0] * empty], dtype=float)
    assert not beside(count, 10, [Wholes.one(len(count), sum(sizes))]).any()


def test_customers_in_several_groups_are_not_counted_on() -> None:
    """Six and seven are thirteen people, or seven: only the whole tells."""
    count = np.array([6.0, 7.0, 50.0])
    assert not beside(count, 10, [Wholes.one(3, 63)]).any()
    assert beside(count, 10, [Wholes.one(3, 57)]).tolist() == [False, False, True]


def test_one_large_group_is_enough_whoever_is_in_several_groups() -> None:
    """Ninety people in groups of 183: the fifty withheld are fifty, however many are elsewhere."""
    found = beside([3, 50, 60, 70], 10, [Wholes.one(4, 90)])
    assert found.tolist() == [False, True, False, False]


@given(st.data(), ONE_TABLE, MINIMUM)
def test_customers_left_are_enough_whoever_is_in_several_groups(
    data: st.DataObject, sizes: list[int], minimum: int
) -> None:
    """Counted by name: the people in groups that are not shown are nobody or enough."""
    people = [
        set(data.draw(st.lists(st.integers(0, 45), min_size=size, max_size=size, unique=True)))
        for size in sizes
    ]
    count = np.array(sizes, dtype=float)
    whole = len(set().union(*people))
    hidden = not_shown(count, minimum, beside(count, minimum, [Wholes.one(len(count), whole)]))
    left = set().union(*(people[at] for at in np.flatnonzero(hidden)))
    assert not left or len(left) >= minimum or hidden[count > 0].all()


@settings(max_examples=300)
@given(tables(), MINIMUM)
def test_no_cell_of_a_table_follows_from_its_margins(
    table: tuple[Counts, Wholes, Wholes], minimum: int
) -> None:
    """Solves the equations of both margins; catches two circles of cells joined by one cell."""
    count, rows, columns = table
    hidden = not_shown(count, minimum, beside(count, minimum, [rows, columns]))
    cells = np.flatnonzero(hidden)
    sums = np.zeros((len(rows.customers) + len(columns.customers), len(cells)))
    sums[rows.of[cells], np.arange(len(cells))] = 1
    sums[len(rows.customers) + columns.of[cells], np.arange(len(cells))] = 1
    fixed = np.isclose(np.diag(np.linalg.pinv(sums) @ sums), 1) if len(cells) else np.zeros(0, bool)
    for at in cells[fixed]:
        for whole in (rows, columns):
            assert hidden[whole.of == whole.of[at]].all(), "a cell was left to withhold"
    for whole in (rows, columns):
        for number in range(len(whole.customers)):
            own = whole.of == number
            left = count[own & hidden].sum()
            assert left == 0 or left >= minimum or hidden[own].all()


def test_two_circles_joined_by_one_cell_are_seen() -> None:
    """Each margin has two cells or more that are not shown, and the middle one follows still.

    Two squares of small cells, and one small cell from a row of the first to a column of the
    second: all rows of the first less its columns. One that is large is in the row, to withhold.
    """
    small = {(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 2)}
    row, column = grid(4, 4)
    count = np.array([6.0 if at in small else 100.0 for at in zip(row, column, strict=True)])
    found = beside(count, 10, [margins(count, row), margins(count, column)])
    assert found.sum() == 1
    assert (row[found][0], column[found][0]) in {(1, 3), (0, 2)}


@pytest.mark.parametrize("minimum", [0, 1])
def test_a_minimum_that_hides_nobody_withholds_nobody(minimum: int) -> None:
    assert not beside([1, 50], minimum, [Wholes.one(2, 51)]).any()
