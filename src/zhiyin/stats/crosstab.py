"""Cross-tabulations of answers by customers who may answer more than once, weighted or not.

The test is Pearson's of independence with Rao and Scott's second-order correction; the marks
compare every two columns in every row, as one family with its false discoveries controlled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

from zhiyin.stats import families, proportion
from zhiyin.stats.estimate import Estimates, Floats
from zhiyin.stats.families import Family
from zhiyin.stats.finite import correction
from zhiyin.stats.totals import Cross, Totals

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Independence:
    """The verdict on one table.

    Args:
        statistic: F, of `df` and `denominator_df`.
        p: of that F.
        pearson: χ² of the weighted table brought to n answers, before any correction.
        design_effect: the mean by which χ² is too large, 1 where each customer answers once.
        cramers_v: √(χ² ÷ (n·(the smaller of rows and columns − 1))), 0…1.
        method: ``rao-scott``.
    """

    statistic: float
    df: float
    denominator_df: float
    p: float
    pearson: float
    design_effect: float
    cramers_v: float
    method: str = "rao-scott"


def independence(
    row: ArrayLike,
    column: ArrayLike,
    customer: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    population: float | None = None,
) -> Independence | None:
    """Test whether rows and columns go together; None with fewer than two of either.

    Answers of one customer resemble each other and weights differ, so χ² is too large: it is a sum
    of d.f. χ² variables of 1, each times an eigenvalue of the design effects. With δ these, F =
    χ² ÷ Σδ has (Σδ)² ÷ Σδ² degrees of freedom above and as many times (customers − 1) below
    (Satterthwaite). Where each customer answers once without weights, p is near that of plain χ².

    When it misleads: cells in which fewer than five answers are expected; few customers.

    Args:
        row: of each answer, its row (small integers), likewise `column`.
        customer: who answered.
        weight: above 0; without it every answer weighs 1.
        population: customers in a declared frame.

    Sources: Rao & Scott, Annals of Statistics 12 (1984) 46–60; Thomas & Rao 1987. In R:
    ``survey::svychisq(~row + column, svydesign(~customer, weights = ~w, data = d))``.

    >>> one = independence([0] * 60 + [1] * 60, [0] * 40 + [1] * 20 + [0] * 25 + [1] * 35,
    ...                    range(120))
    >>> round(one.pearson, 3), round(one.df, 6), round(one.p, 4)
    (7.552, 1.0, 0.0072)
    """
    rows, r = np.unique(np.asarray(row), return_inverse=True)
    columns, c = np.unique(np.asarray(column), return_inverse=True)
    _known, who = np.unique(np.asarray(customer), return_inverse=True)
    customers = int(who.max(initial=-1)) + 1
    if len(rows) < 2 or len(columns) < 2 or customers < 2:
        return None
    w = np.ones(len(r)) if weight is None else np.asarray(weight, dtype=np.float64)
    cell = r * len(columns) + c
    size = len(rows) * len(columns)
    total, n = float(w.sum()), len(r)
    share = np.bincount(cell, weights=w, minlength=size) / total
    table = share.reshape(len(rows), len(columns))
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = float(n * ((table - expected) ** 2 / expected).sum())
    left = float(np.asarray(correction(np.float64(customers), population)))
    variance = _covariance(cell, size, who, customers, w, share) * left
    contrast = _interaction(len(rows), len(columns))
    inverse = np.divide(1.0, share, out=np.zeros(size), where=share > 0)
    plain = contrast.T @ (inverse[:, None] / n * contrast)
    designed = contrast.T @ (inverse[:, None] * variance * inverse[None, :]) @ contrast
    try:
        effects = np.linalg.solve(plain, designed)
    except np.linalg.LinAlgError:
        return None
    first, second = float(np.trace(effects)), float(np.trace(effects @ effects))
    if not (first > 0 and second > 0):
        return None
    df = first * first / second
    below = df * (customers - 1)
    statistic = pearson / first
    free = (len(rows) - 1) * (len(columns) - 1)
    smaller = min(len(rows), len(columns)) - 1
    return Independence(
        statistic=statistic,
        df=df,
        denominator_df=below,
        p=float(special.fdtrc(df, below, statistic)),
        pearson=pearson,
        design_effect=first / free,
        cramers_v=float(np.sqrt(pearson / (n * smaller))),
    )


def _covariance(
    cell: Ints, size: int, who: Ints, customers: int, w: Floats, share: Floats
) -> Floats:
    """Of the cells' shares, linearised over customers: k/(k − 1)·Σ e·e′, e = (T − p·N) ÷ Σ w."""
    sums = sparse.csr_matrix((w, (who, cell)), shape=(customers, size))
    n = np.asarray(sums.sum(axis=1)).ravel()
    own = (sums.T @ sums).toarray()
    mixed = np.asarray(sums.T @ n).ravel()
    found = own - np.outer(share, mixed) - np.outer(mixed, share)
    found += np.outer(share, share) * float(n @ n)
    covariance: Floats = found * customers / (customers - 1) / float(w.sum()) ** 2
    return covariance


def _interaction(rows: int, columns: int) -> Floats:
    """What is left of the interaction when the main effects are taken out, cell by contrast."""
    row = np.repeat(np.arange(rows), columns)
    column = np.tile(np.arange(columns), rows)
    by_row = (row[:, None] == np.arange(1, rows)).astype(np.float64)
    by_column = (column[:, None] == np.arange(1, columns)).astype(np.float64)
    main = np.hstack([np.ones((rows * columns, 1)), by_row, by_column])
    both = (by_row[:, :, None] * by_column[:, None, :]).reshape(rows * columns, -1)
    solved, _rest, _rank, _values = np.linalg.lstsq(main, both, rcond=None)
    left: Floats = both - main @ solved
    return left


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Shares of rows within each column.

    Args:
        share: rows × columns (as one array, row by row).
        customers: of each cell, who have an answer in it; `n` their answers.
        base_customers: of each column.
        base_weight: Σ w of each column.
        pairs: places of the columns (i, j) of every comparison, i < j.
        pair_row: its row.
        difference: share in i less share in j.
        family: the verdict on all of them.
    """

    share: Estimates
    customers: NDArray[np.float64]
    n: NDArray[np.float64]
    base_n: NDArray[np.float64]
    base_customers: NDArray[np.float64]
    base_weight: Floats
    pairs: Ints
    pair_row: Ints
    difference: Floats
    p: Floats
    family: Family


def columns(
    answer: ArrayLike,
    row: ArrayLike,
    rows: int,
    answer_column: ArrayLike,
    columns_: int,
    customer: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    tested: ArrayLike | None = None,
    q: float = 0.05,
    confidence: float = 0.95,
) -> Columns:
    """The share of each row within each column, and which columns differ in it.

    An answer may be in several rows (several choices) and is one in its column's base. Every two
    columns are compared in every row by Newcombe's interval, with the covariance of customers who
    are in both; all comparisons are one family (Benjamini–Hochberg).

    When it misleads: comparisons of one row depend on one another a little (shares add up to 1),
    for which the procedure is known to be robust, not proved.

    Args:
        answer: of each entry, the place of its answer, 0…; `row` its row. One entry an answer
            where only one choice is made.
        answer_column: of each answer, its column; `customer` who gave it; `weight` above 0.
        tested: columns that are compared; without it all.

    Sources: Newcombe 1998; Benjamini & Hochberg 1995.
    """
    entry, entry_row = np.asarray(answer, dtype=np.int64), np.asarray(row, dtype=np.int64)
    where = np.asarray(answer_column, dtype=np.int64)
    _known, who = np.unique(np.asarray(customer), return_inverse=True)
    people, n = int(who.max(initial=-1)) + 1, len(where)
    w = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)

    def sums(places: Ints, values: Floats) -> sparse.csr_matrix:
        shape = (people, columns_)
        return sparse.csr_matrix((values, (who[places], where[places])), shape=shape)

    every = np.arange(n)
    base = sums(every, w)
    base_n = np.bincount(where, minlength=columns_).astype(np.float64)
    den2 = np.bincount(where, weights=w * w, minlength=columns_).astype(np.float64)
    weights = np.bincount(where, weights=w, minlength=columns_).astype(np.float64)
    nn = (base.T @ base).toarray()
    base_customers = np.diff(base.tocsc().indptr).astype(np.float64)
    first, second = np.triu_indices(columns_, 1)
    cells: list[Totals] = []
    crosses: list[Cross] = []
    customers = np.zeros((rows, columns_))
    counts = np.zeros((rows, columns_))
    for at in range(rows):
        here = entry[entry_row == at]
        hers = sums(here, w[here])
        tt, tn = (hers.T @ hers).toarray(), (hers.T @ base).toarray()
        num = np.bincount(where[here], weights=w[here], minlength=columns_).astype(np.float64)
        customers[at] = np.diff(hers.tocsc().indptr)
        counts[at] = np.bincount(where[here], minlength=columns_)
        cells.append(
            Totals(
                n=base_n, customers=base_customers, num=num, den=weights, yy=num, den2=den2,
                tt=np.diag(tt), tn=np.diag(tn), nn=np.diag(nn),
            )
        )  # fmt: skip
        crosses.append(
            Cross(
                tt=tt[first, second], tn=tn[first, second], nt=tn[second, first],
                nn=nn[first, second],
            )
        )  # fmt: skip
    whole = _joined(cells)
    pair_row = np.repeat(np.arange(rows), len(first))
    one, two = np.tile(first, rows), np.tile(second, rows)
    found = proportion.differences(
        whole[pair_row * columns_ + one], whole[pair_row * columns_ + two], _crossed(crosses)
    )
    may = np.ones(columns_, dtype=np.bool_) if tested is None else np.asarray(tested, np.bool_)
    p = np.where(may[one] & may[two], found.p, np.nan)
    return Columns(
        share=proportion.estimates(whole, confidence=confidence),
        customers=customers,
        n=counts,
        base_n=base_n,
        base_customers=base_customers,
        base_weight=weights,
        pairs=np.stack([one, two]),
        pair_row=pair_row,
        difference=found.difference,
        p=p,
        family=families.mark(p, q),
    )


def letters(found: Columns, rows: int, columns_: int) -> list[list[str]]:
    """Under each cell the letters of the columns whose share is lower for certain.

    >>> marks = columns(range(400), [0] * 90 + [1] * 10 + [0] * 30 + [1] * 270, 2,
    ...                 [0] * 100 + [1] * 300, 2, range(400))
    >>> letters(marks, 2, 2)
    [['B', ''], ['', 'A']]
    """
    held: list[list[str]] = [["" for _column in range(columns_)] for _row in range(rows)]
    for at in np.flatnonzero(found.family.marked):
        one, two = (int(side) for side in found.pairs[:, at])
        higher, lower = (one, two) if found.difference[at] > 0 else (two, one)
        held[int(found.pair_row[at])][higher] += letter(lower)
    return [["".join(sorted(cell)) for cell in row] for row in held]


def letter(place: int) -> str:
    """What a column is called: A, B … Z."""
    return chr(ord("A") + place)


def _joined(cells: list[Totals]) -> Totals:
    names = Totals.__dataclass_fields__
    return Totals(*(np.concatenate([np.asarray(getattr(one, name)) for one in cells])
                    for name in names))  # fmt: skip


def _crossed(crosses: list[Cross]) -> Cross:
    names = Cross.__dataclass_fields__
    return Cross(*(np.concatenate([np.asarray(getattr(one, name)) for one in crosses])
                   for name in names))  # fmt: skip
