"""Sums over customers per cell, in one pass: the ground of every interval that counts customers.

An answer's cell (month × touchpoint × region…) and its customer come from a query; here the
rows are put in the order of their customers by counting, and each customer's totals are added
up once per cell and level. SQL needs a second grouping by customer for the same sums, with as
many groups as there are answers; `totals_sql` writes it, as the reference that the tests compare
with and for engines that are not in this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhiyin.warehouse.shares import (
    SHARE,
    SHARE_BITS,
    dense,
    in_order,
    shared_out,
    shares_of,
)

Column: TypeAlias = "pa.ChunkedArray[Any]"
Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

SUMS = ("n", "customers", "num", "den", "yy", "den2", "tt", "tn", "nn")
MARGIN = ("m_tt", "m_tn", "m_nt", "m_nn")
PARTNER = ("p_tt", "p_tn", "p_nt", "p_nn")

_DENSE_LIMIT = 1 << 22


def totals(
    rows: pa.Table,
    *,
    levels: Sequence[Sequence[str]],
    side: str | None = None,
    latest: str | None = None,
) -> list[pa.Table]:
    """Sums per cell of each level; see `Log.totals` for what the columns mean.

    Args:
        rows: one row per answer with the levels' columns, ``customer``, ``num`` and, where
            answers weigh differently or the figure is a ratio, ``den`` (absent: 1 each).
            With `latest`, also ``seq``, which decides between equal times.
        levels: which columns make the cells of each level; the first has all of them.
    """
    names = [*levels[0], *([side] if side else [])]
    base, example = base_cells(rows, names, count=rows.num_rows)
    cells = rows.select(names).take(pa.array(example, pa.int64()))
    maps, sizes, tables = [], [], []
    for place, level in enumerate(levels):
        kept = names if place == 0 else list(level)
        up, first = base_cells(cells, kept, count=len(example))
        maps.append(up)
        sizes.append(len(first))
        tables.append({name: cells[name].take(pa.array(first, pa.int64())) for name in kept})
    margin = np.zeros(sizes[0], np.int32)
    margin[maps[0]] = maps[-1]
    partner = _partners(tables[0], sizes[0], levels[0], side)
    sums = _sum_over_customers(rows, base, maps, sizes, margin, partner, latest)
    return [
        _with_sums(table, sums, slice(sum(sizes[:place]), sum(sizes[: place + 1])), place, side)
        for place, table in enumerate(tables)
    ]


@dataclass(frozen=True, slots=True)
class _Sums:
    cells: Floats
    margin: Floats
    partner: Floats


def base_cells(
    rows: pa.Table, names: Sequence[str], *, count: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """A dense number per row for its combination of `names`, and a row that shows each.

    A table without columns forgets how many rows it has, hence `count`.
    """
    code = np.zeros(count, np.int64)
    size = 1
    for name in names:
        digits, radix = _digits(rows[name])
        if size * radix > _DENSE_LIMIT and size > 1:
            # Too many combinations to table: number those that occur before going on.
            _known, code = np.unique(code, return_inverse=True)
            size = int(code.max(initial=0)) + 1
        if size * radix > 1 << 62:
            msg = "too many cells"
            raise ValueError(msg)
        _append_digit(code, digits, radix)
        size *= radix
    if size > _DENSE_LIMIT:
        _known, example, inverse = np.unique(code, return_index=True, return_inverse=True)
        return inverse.astype(np.int32), example
    numbers, first = _number(code, size)
    return numbers, first


def _digits(column: Column) -> tuple[Ints, int]:
    """A column as small non-negative integers, null last, and how many there are."""
    joined = column.combine_chunks()
    if not pa.types.is_integer(joined.type):
        joined = pa.array(joined.to_pylist()).dictionary_encode().indices
    span = pc.min_max(joined)
    low, high = span["min"].as_py(), span["max"].as_py()
    if low is None:
        return np.zeros(len(joined), np.int64), 1
    if joined.null_count:
        joined = pc.fill_null(pc.cast(joined, pa.int64()), high + 1)
        high += 1
    values = joined.to_numpy(zero_copy_only=False)
    return (values if low == 0 else values.astype(np.int64) - low), high - low + 1


@numba.njit(nogil=True, cache=True)
def _append_digit(code, digits, radix):  # type: ignore[no-untyped-def]
    for i in range(len(code)):
        code[i] = code[i] * radix + digits[i]


@numba.njit(nogil=True, cache=True)
def _number(code, size):  # type: ignore[no-untyped-def]
    """Dense numbers in the order of appearance, with the first row of each."""
    number = np.full(size, -1, np.int32)
    example = np.empty(min(size, len(code)), np.int64)
    out = np.empty(len(code), np.int32)
    known = 0
    for i in range(len(code)):
        c = code[i]
        if number[c] < 0:
            number[c] = known
            example[known] = i
            known += 1
        out[i] = number[c]
    return out, example[:known]


def _partners(
    first: dict[str, Column], size: int, level: Sequence[str], side: str | None
) -> npt.NDArray[np.int32]:
    """Per cell of the first level the cell that differs in `side` alone, or −1."""
    partner = np.full(size, -1, np.int32)
    if side is None or not size:
        return partner
    group, _example = base_cells(pa.table(first), level, count=size)
    sides = first[side].to_numpy()
    seen: dict[int, int] = {}
    for cell, (g, s) in enumerate(zip(group.tolist(), sides.tolist(), strict=True)):
        other = seen.get(2 * g + (1 - s))
        if other is not None:
            partner[cell], partner[other] = other, cell
        seen[2 * g + s] = cell
    return partner


def _sum_over_customers(
    rows: pa.Table,
    base: npt.NDArray[np.int32],
    maps: Sequence[npt.NDArray[np.int32]],
    sizes: Sequence[int],
    margin: npt.NDArray[np.int32],
    partner: npt.NDArray[np.int32],
    latest: str | None,
) -> _Sums:
    starts = np.cumsum([0, *sizes])[:-1]
    up = np.array([part + start for part, start in zip(maps, starts, strict=True)], np.int32)
    up = np.ascontiguousarray(up.reshape(len(maps), -1).T)
    cells, firsts = int(sum(sizes)), sizes[0]
    if not rows.num_rows:
        return _Sums(np.zeros((cells, 9)), np.zeros((firsts, 4)), np.zeros((firsts, 4)))
    customer, customers = dense(rows["customer"].combine_chunks().to_numpy(zero_copy_only=False))
    arguments = (
        customer, base, _measure(rows, "num"), _weights(rows), "den" in rows.column_names,
        times_of(rows, latest), times_of(rows, "seq" if latest else None), latest is not None,
        up, margin + np.int32(starts[-1]), partner, cells, firsts,
    )  # fmt: skip
    parts = shared_out(lambda lo, hi: _pass(*arguments, lo, hi), customers, rows.num_rows)
    return _Sums(*(np.sum([part[k] for part in parts], axis=0) for k in range(3)))


def _measure(rows: pa.Table, name: str) -> npt.NDArray[np.int8] | Floats:
    values = rows[name].combine_chunks().to_numpy(zero_copy_only=False)
    if values.dtype == np.int8:
        return values
    if np.issubdtype(values.dtype, np.integer) and len(values):
        low, high = values.min(), values.max()
        if low >= -128 and high <= 127:
            return values.astype(np.int8)
    return values.astype(np.float64)


def _weights(rows: pa.Table) -> Floats:
    if "den" not in rows.column_names:
        return np.ones(1)
    return rows["den"].combine_chunks().to_numpy(zero_copy_only=False).astype(np.float64)


def times_of(rows: pa.Table, name: str | None) -> npt.NDArray[np.int64]:
    """A column of times or whole numbers, as numbers; of no name one 0."""
    if name is None:
        return np.zeros(1, np.int64)
    column = rows[name].combine_chunks()
    if pa.types.is_timestamp(column.type):
        column = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64())
    return column.to_numpy(zero_copy_only=False).astype(np.int64)


@numba.njit(nogil=True, cache=True)
def _pass(  # type: ignore[no-untyped-def]
    customer,
    base,
    num,
    den,
    weighted,
    time,
    seq,
    latest,
    up,
    margin,
    partner,
    cells,
    firsts,
    lo,
    hi,
):
    """One thread's customers, `lo` to `hi`: put their rows together, then add them up."""
    count = hi - lo
    share, largest = shares_of(customer, lo, hi)
    shares = len(share) - 1
    mine = share[shares]
    row_own = np.empty(mine, np.int16)
    row_base = np.empty(mine, np.int32)
    row_num = np.empty(mine, num.dtype)
    row_den = np.empty(mine if weighted else 1, np.float64)
    row_time = np.empty(mine if latest else 1, np.int64)
    row_seq = np.empty(mine if latest else 1, np.int64)
    at = share[:shares].copy()
    for i in range(len(customer)):
        c = customer[i] - lo
        if 0 <= c < count:
            j = at[c >> SHARE_BITS]
            at[c >> SHARE_BITS] += 1
            row_own[j] = c & (SHARE - 1)
            row_base[j] = base[i]
            row_num[j] = num[i]
            if weighted:
                row_den[j] = den[i]
            if latest:
                row_time[j] = time[i]
                row_seq[j] = seq[i]
    out = np.zeros((cells, 9))
    with_margin = np.zeros((firsts, 4))
    with_partner = np.zeros((firsts, 4))
    total = np.zeros(cells)
    weight = np.zeros(cells)
    held = np.full(cells, -1, np.int64)
    levels = up.shape[1]
    touched = np.empty(cells, np.int32)
    place = np.empty(SHARE + 1, np.int64)
    order = np.empty(largest, np.int64)
    for s in range(shares):
        if share[s] == share[s + 1]:
            continue
        in_order(row_own, share[s], share[s + 1], place, order)
        end = 0
        for c in range(SHARE):
            start, end = end, place[c]
            if start == end:
                continue
            marks = 0
            for k in range(start, end):
                j = order[k]
                for level in range(levels):
                    q = up[row_base[j], level]
                    if held[q] < 0:
                        touched[marks] = q
                        marks += 1
                        held[q] = j
                    elif latest:
                        k_held = held[q]
                        if row_time[j] < row_time[k_held] or (
                            row_time[j] == row_time[k_held] and row_seq[j] < row_seq[k_held]
                        ):
                            continue
                        held[q] = j
                    if not latest:
                        y = float(row_num[j])
                        w = row_den[j] if weighted else 1.0
                        total[q] += y
                        weight[q] += w
                        out[q, 0] += 1
                        out[q, 5] += w * w
                        if w != 0.0:
                            out[q, 4] += y * y / w
            for m in range(marks):
                q = touched[m]
                if latest:
                    j = held[q]
                    y = float(row_num[j])
                    w = row_den[j] if weighted else 1.0
                    total[q] = y
                    weight[q] = w
                    out[q, 0] += 1
                    out[q, 5] += w * w
                    if w != 0.0:
                        out[q, 4] += y * y / w
                t, n = total[q], weight[q]
                out[q, 1] += 1
                out[q, 2] += t
                out[q, 3] += n
                out[q, 6] += t * t
                out[q, 7] += t * n
                out[q, 8] += n * n
            for m in range(marks):
                q = touched[m]
                if q < firsts:
                    t, n = total[q], weight[q]
                    b = margin[q]
                    with_margin[q, 0] += t * total[b]
                    with_margin[q, 1] += t * weight[b]
                    with_margin[q, 2] += n * total[b]
                    with_margin[q, 3] += n * weight[b]
                    b = partner[q]
                    if b >= 0:
                        with_partner[q, 0] += t * total[b]
                        with_partner[q, 1] += t * weight[b]
                        with_partner[q, 2] += n * total[b]
                        with_partner[q, 3] += n * weight[b]
            for m in range(marks):
                q = touched[m]
                total[q] = 0.0
                weight[q] = 0.0
                held[q] = -1
    return out, with_margin, with_partner


def _with_sums(
    columns: dict[str, Column], sums: _Sums, part: slice, place: int, side: str | None
) -> pa.Table:
    found: dict[str, object] = dict(columns)
    blocks: list[tuple[tuple[str, ...], Floats]] = [(SUMS, sums.cells[part])]
    if place == 0:
        blocks.append((MARGIN, sums.margin))
        if side:
            blocks.append((PARTNER, sums.partner))
    for names, block in blocks:
        for at, name in enumerate(names):
            whole = name in ("n", "customers")
            found[name] = pa.array(block[:, at].astype(np.int64) if whole else block[:, at])
    return pa.table(found)


def warm() -> None:
    """Compile the kernels for every type that they meet, or load them from disk.

    Some ten seconds once per machine, then a tenth of a second. Called at set-up and before a
    server says that it is ready, so that nobody's first question pays for it.
    """
    for whole in (pa.int32(), pa.int64(), pa.int8()):
        for num in (pa.int8(), pa.float64()):
            rows = pa.table(
                {
                    "cell": pa.array([0, 1], whole),
                    "customer": pa.array([0, 1], pa.int32()),
                    "num": pa.array([0, 1], num),
                }
            )
            totals(rows, levels=[["cell"], []])


def totals_sql(rows_sql: str, level: Sequence[str], *, latest: str | None = None) -> str:
    """The plain sums of one level in portable SQL, over a query for the rows (with ``den``)."""
    cell = ", ".join(f'"{name}"' for name in level)
    group = f"{cell}, customer" if cell else "customer"
    if latest:
        rows_sql = (
            f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {group}"
            f' ORDER BY "{latest}" DESC, seq DESC) AS place FROM ({rows_sql}) AS r) AS l'
            " WHERE place = 1"
        )
    select = f"{cell}, " if cell else ""
    by = f" GROUP BY {cell}" if cell else ""
    return (
        f"SELECT {select}sum(c_n) AS n, count(*) AS customers, sum(c_num) AS num,"
        " sum(c_den) AS den,"
        " sum(c_yy) AS yy, sum(c_den2) AS den2, sum(c_num * c_num) AS tt, sum(c_num * c_den) AS tn,"
        " sum(c_den * c_den) AS nn"
        f" FROM (SELECT {group}, count(*) AS c_n, sum(CAST(num AS DOUBLE)) AS c_num,"
        " sum(CAST(den AS DOUBLE)) AS c_den, sum(CAST(den AS DOUBLE) * den) AS c_den2,"
        " sum(CASE WHEN den = 0 THEN 0 ELSE CAST(num AS DOUBLE) * num / den END) AS c_yy"
        f" FROM ({rows_sql}) AS r GROUP BY {group}) AS c{by}"
    )
