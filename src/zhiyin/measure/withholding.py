"""Which figures of a table are withheld, so that the whole less the others reveals nobody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure.cells import PERIOD, Cells
from zhiyin.stats.withheld import Mask, Wholes, beside


def levels(cells: Cells, *, is_series: bool) -> list[list[str]]:
    """The levels of a table: its cells, then the wholes that they add up to.

    In a series of groups these are each group over all periods and each period over all groups,
    which the same question without periods or without groups shows, and the total.
    """
    cell = [*cells.levels, *([PERIOD] if is_series else [])]
    if not cell:
        return [[]]
    margins = [cells.levels, [PERIOD]] if is_series and cells.levels else []
    return [cell, [], *margins]


def of_table(cells: Cells, tables: Sequence[pa.Table]) -> Mask:
    """Which cells are withheld beside those with too few customers, by the workspace's minimum.

    Args:
        tables: the sums of each of `levels`, in that order.
    """
    first, *wholes = tables
    if not first.num_rows:
        return np.zeros(0, dtype=np.bool_)
    sums = [_wholes(cells, first, whole) for whole in (*wholes[1:], *wholes[:1])]
    return beside(first["customers"].to_numpy(), cells.settings.minimum_base, sums)


def of_left_out(cells: Cells, table: pa.Table, gone: Sequence[pa.Table]) -> Mask:
    """Which cells are withheld because the figures with and without tell of too few customers.

    Args:
        table: the sums of the cells, without those left out.
        gone: the sums of those left out, by the same cells and in all.

    Raises:
        Problem: ``score.without-few`` where fewer than the minimum are left out in all.
    """
    minimum = cells.settings.minimum_base
    dropped, whole = gone
    total = int(whole["customers"][0].as_py()) if whole.num_rows else 0
    if 0 < total < minimum:
        raise Problem(
            "score.without-few",
            _("What is left out concerns fewer than {minimum} customers.", minimum=minimum),
            _(
                "The figures with and without them would tell of these few. Leave out more,"
                " or none."
            ),
        )
    found = np.zeros(table.num_rows, dtype=np.bool_)
    names = [name for name in (*cells.levels, PERIOD) if name in table.column_names]
    if not names or not dropped.num_rows:
        return found
    few = dropped["customers"].to_numpy()
    hidden = (few < minimum) | beside(few, minimum, [Wholes.one(dropped.num_rows, total)])
    keys = {key for key, is_hidden in zip(_keys(dropped, names), hidden, strict=True) if is_hidden}
    return np.array([key in keys for key in _keys(table, names)], dtype=np.bool_)


def _wholes(cells: Cells, first: pa.Table, whole: pa.Table) -> Wholes:
    names = [name for name in (*cells.levels, PERIOD) if name in whole.column_names]
    if not names:
        return Wholes.one(first.num_rows, whole["customers"][0].as_py())
    of = rows_of(first, whole, names)
    return Wholes(np.array(of, dtype=np.int64), whole["customers"].to_numpy().astype(np.float64))


def rows_of(first: pa.Table, whole: pa.Table, names: Sequence[str]) -> list[int]:
    """For each cell the row of its whole, which has the same values of `names`."""
    row_of = {key: row for row, key in enumerate(_keys(whole, names))}
    return [row_of[key] for key in _keys(first, names)]


def _keys(table: pa.Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    # In writing, because a value that is not a number does not equal itself.
    columns = ([repr(value) for value in table[name].to_pylist()] for name in names)
    return list(zip(*columns, strict=True))
