"""How often customers said each of several things, and which of them together.

What is counted of answers are sums over their cells (what was asked, what was said). A figure
gives each cell a number; its sum over a customer's answers is linear in how often she said each
thing, and so the sum of its squares over customers is made of the products of two cells' counts.
Those products are few, whatever the number of figures, and are found here in one pass.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.shares import (
    MANY,
    SHARE,
    SHARE_BITS,
    dense,
    in_order,
    shared_out,
    shares_of,
)
from zhiyin.warehouse.totals import base_cells, times_of

CELL = "cell"
"""Of a row and of a cell: the hash of all that the cell is."""
ONCE = "once"

MOST_CELLS = 1 << 16
MOST_PRODUCTS = 1 << 24
"""Of the cells of all groups; four thousand different answers to one question have so many."""

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows with the number of the cell of each, and the runs of those that are one customer's.

    An answer comes beside the others of its response, and so runs are far fewer than rows.

    Args:
        hashes: of the cells, by number.
        examples: the ``seq`` of a row of each.
        begins: where each run begins, and the end of the last.
    """

    hashes: Hashes
    examples: Ints
    cell: npt.NDArray[np.int32]
    once: Hashes
    begins: Ints
    customer: npt.NDArray[np.int32]
    customers: int
    time: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    seq: Ints = field(default_factory=lambda: np.zeros(1, np.int64))

    @classmethod
    def of(cls, rows: pa.Table, *, latest: str | None = None) -> Rows:
        """Number the cells of rows.

        Args:
            rows: with `CELL`, ``customer``, ``seq``; `ONCE` (a hash, or null) where there is one,
                and `latest`.

        Raises:
            Problem: ``log.too-many-cells``.
        """
        chunks = rows.to_batches()
        ends = np.cumsum([0, *(chunk.num_rows for chunk in chunks)])
        size = int(ends[-1])
        cell, is_once = np.empty(size, np.int32), ONCE in rows.column_names
        once = np.zeros(size if is_once else 1, np.uint64)

        def number(place: int) -> tuple[Hashes, Ints, Ints, Ints]:
            chunk, begin, end = chunks[place], int(ends[place]), int(ends[place + 1])
            if is_once:
                once[begin:end] = _plain(chunk[ONCE])
            known, examples, starts = _numbered(
                _plain(chunk[CELL]), _plain(chunk["customer"]), cell[begin:end]
            )
            if len(known) > MOST_CELLS:
                raise _too_many(len(known))
            owner = _plain(chunk["customer"])[starts].astype(np.int64)
            return known, _plain(chunk["seq"])[examples], starts + begin, owner

        threads = min(os.cpu_count() or 1, 8) if size > MANY else 1
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(number, range(len(chunks))))
        hashes, first, numbers = np.unique(
            np.concatenate([np.zeros(0, np.uint64), *(part[0] for part in parts)]),
            return_index=True, return_inverse=True,
        )  # fmt: skip
        if len(hashes) > MOST_CELLS:
            raise _too_many(len(hashes))
        start = 0
        for place, part in enumerate(parts):
            of = numbers[start : start + len(part[0])].astype(np.int32)
            own = cell[ends[place] : ends[place + 1]]
            np.take(of, own, out=own)
            start += len(part[0])
        nothing = np.zeros(0, np.int64)
        examples = np.concatenate([nothing, *(part[1] for part in parts)])[first]
        begins = np.concatenate([nothing, *(part[2] for part in parts), ends[-1:]])
        customer, customers = dense(np.concatenate([nothing, *(part[3] for part in parts)]))
        found = cls(hashes, examples, cell, once, begins, customer, customers)
        if latest is None:
            return found
        times = times_of(rows, latest), times_of(rows, "seq")
        return cls(hashes, examples, cell, once, begins, customer, customers, *times)


def products(
    cells: pa.Table,
    rows: Rows,
    *,
    what: Sequence[str],
    within: str,
    levels: Sequence[Sequence[str]] = (),
    once: Sequence[str] = (),
) -> list[pa.Table]:
    """Counts per cell, customers per cell of each level, and products; see `Log.products`.

    Args:
        cells: each of those of `rows`, with `CELL`, `what` and what follows from that.

    Raises:
        Problem: ``log.too-many-cells``.
    """
    order = np.argsort(_plain(cells[CELL].combine_chunks()))
    told = cells.take(order).drop_columns([CELL])
    whole = np.full(told.num_rows, -1, np.int64)
    if once:
        told, whole = _with_wholes(told, what, once)
    size = told.num_rows
    group, _first = base_cells(told, [within], count=size)
    sizes = np.bincount(group, minlength=1).astype(np.int64)
    if int((sizes * sizes).sum()) > MOST_PRODUCTS:
        raise _too_many(int(sizes.max()))
    inside = _numbered_within(group)
    begins = np.concatenate([[0], np.cumsum(sizes * sizes)])
    maps: list[Ints] = []
    tops: list[int] = [0]
    tables: list[pa.Table] = []
    for level in levels:
        up, first = base_cells(told, level, count=size)
        maps.append(up.astype(np.int64) + tops[-1])
        tops.append(tops[-1] + len(first))
        tables.append(told.select([*level]).take(pa.array(first, pa.int64())))
    above = np.ascontiguousarray(np.array(maps, np.int64).reshape(len(maps), size).T)
    arguments = (
        rows.customer, rows.begins, rows.cell, rows.once, bool(once), rows.time, rows.seq,
        len(rows.time) > 1, whole, group.astype(np.int64), inside,
        begins[group] + inside * sizes[group], above, int(begins[-1]), tops[-1],
    )  # fmt: skip
    parts = shared_out(lambda lo, hi: _pass(*arguments, lo, hi), rows.customers, len(rows.cell))
    n, customers, found = (np.sum([part[k] for part in parts], axis=0) for k in range(3))
    is_there = n > 0
    made = [told.append_column("n", pa.array(n)).filter(pa.array(is_there))]
    for place, table in enumerate(tables):
        counted = customers[tops[place] : tops[place + 1]]
        held = table.append_column("customers", pa.array(counted))
        made.append(held.filter(pa.array(counted > 0)))
    return [*made, _pairs(group, inside, sizes, begins, found, np.cumsum(is_there) - 1)]


def _with_wholes(told: pa.Table, what: Sequence[str], once: Sequence[str]) -> tuple[pa.Table, Ints]:
    """The cells with those of whole answers, and the place of the whole of each."""
    listed = told.to_pylist()
    place = {tuple(row[name] for name in what): at for at, row in enumerate(listed)}
    found = []
    for row in [*listed]:
        whole = tuple(row[name] if name in once else None for name in what)
        if whole not in place:
            place[whole] = len(listed)
            listed.append(row | dict(zip(what, whole, strict=True)))
        found.append(place[whole])
    places = np.full(len(listed), -1, np.int64)
    places[: len(found)] = found
    return pa.Table.from_pylist(listed, schema=told.schema), places


def _numbered_within(group: npt.NDArray[np.int32]) -> Ints:
    """The number of each cell among those of its group."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    found = np.empty(len(group), np.int64)
    found[order] = np.arange(len(group)) - np.searchsorted(ordered, ordered)
    return found


def _pairs(
    group: npt.NDArray[np.int32], inside: Ints, sizes: Ints, begins: Ints, found: Ints, now: Ints
) -> pa.Table:
    """The products that are not 0, by the places of both cells among those that there are."""
    cell_at = np.zeros((len(sizes), int(sizes.max(initial=1))), np.int64)
    cell_at[group, inside] = now
    place = np.flatnonzero(found)
    of = np.searchsorted(begins, place, side="right") - 1
    first, second = np.divmod(place - begins[of], np.maximum(sizes[of], 1))
    columns: dict[str, Any] = {
        "first": pa.array(cell_at[of, first]),
        "second": pa.array(cell_at[of, second]),
        "product": pa.array(found[place]),
    }
    return pa.table(columns)


def _plain(column: pa.Array[Any]) -> Any:
    return (column.fill_null(0) if column.null_count else column).to_numpy(zero_copy_only=False)


def _too_many(count: int) -> Problem:
    return Problem(
        "log.too-many-cells",
        _("There are {count} different answers to one question.", count=count),
        _("Count those of fewer of its choices."),
    )


@numba.njit(nogil=True, cache=True)
def _numbered(given, customer, out):  # type: ignore[no-untyped-def]
    """Number the hashes in the order of appearance: those that there are, the row of the first of
    each, and where another customer's rows begin."""
    size = 1024
    slots = np.full(size, -1, np.int32)
    known = np.empty(size // 2, np.uint64)
    examples = np.empty(size // 2, np.int64)
    count = 0
    runs = 0
    for i in range(len(given)):
        runs += i == 0 or customer[i] != customer[i - 1]
    starts = np.empty(runs, np.int64)
    runs = 0
    for i in range(len(given)):
        if i == 0 or customer[i] != customer[i - 1]:
            starts[runs] = i
            runs += 1
        at = given[i] & np.uint64(size - 1)
        while slots[at] >= 0 and known[slots[at]] != given[i]:
            at = (at + np.uint64(1)) & np.uint64(size - 1)
        if slots[at] >= 0:
            out[i] = slots[at]
            continue
        if count == len(known):
            size *= 2
            slots = np.full(size, -1, np.int32)
            more = np.empty(size // 2, np.uint64)
            more[:count] = known
            known = more
            further = np.empty(size // 2, np.int64)
            further[:count] = examples
            examples = further
            for place in range(count):
                at = known[place] & np.uint64(size - 1)
                while slots[at] >= 0:
                    at = (at + np.uint64(1)) & np.uint64(size - 1)
                slots[at] = place
            at = given[i] & np.uint64(size - 1)
            while slots[at] >= 0:
                at = (at + np.uint64(1)) & np.uint64(size - 1)
        slots[at] = count
        known[count] = given[i]
        examples[count] = i
        out[i] = count
        count += 1
    return known[:count].copy(), examples[:count].copy(), starts


@numba.njit(nogil=True, cache=True)
def _pass(  # type: ignore[no-untyped-def]
    customer,
    begins,
    cell,
    once,
    is_once,
    time,
    seq,
    is_latest,
    whole,
    group,
    inside,
    start,
    above,
    pairs,
    marks,
    lo,
    hi,
):
    """One thread's customers, `lo` to `hi`: put their runs together, then count what each said."""
    count = hi - lo
    share = shares_of(customer, lo, hi)
    shares = len(share) - 1
    largest = 0
    for s in range(shares):
        largest = max(largest, share[s + 1] - share[s])
    run_own = np.empty(share[shares], np.int16)
    run = np.empty(share[shares], np.int64)
    at = share[:shares].copy()
    for i in range(len(customer)):
        c = customer[i] - lo
        if 0 <= c < count:
            j = at[c >> SHARE_BITS]
            at[c >> SHARE_BITS] += 1
            run_own[j] = c & (SHARE - 1)
            run[j] = i
    cells = len(group)
    groups = 0
    for g in range(cells):
        groups = max(groups, group[g] + 1)
    n = np.zeros(cells, np.int64)
    customers = np.zeros(marks, np.int64)
    found = np.zeros(pairs, np.int64)
    said = np.zeros(cells, np.int64)
    touched = np.empty(cells, np.int64)
    # What a customer said in answer to one question is a list: its head, and the next of each.
    head = np.full(groups, -1, np.int64)
    following = np.empty(cells, np.int64)
    seen = np.full(marks, -1, np.int64)
    newest = np.full(groups, -1, np.int64)
    met = np.zeros(64, np.uint64)
    place = np.empty(SHARE + 1, np.int64)
    order = np.empty(largest, np.int64)
    for s in range(shares):
        if share[s] == share[s + 1]:
            continue
        in_order(run_own, share[s], share[s + 1], place, order)
        end = 0
        for c in range(SHARE):
            begin, end = end, place[c]
            if begin == end:
                continue
            if is_latest:
                for k in range(begin, end):
                    r = run[order[k]]
                    for j in range(begins[r], begins[r + 1]):
                        held = newest[group[cell[j]]]
                        if (
                            held < 0
                            or time[j] > time[held]
                            or (time[j] == time[held] and seq[j] >= seq[held])
                        ):
                            newest[group[cell[j]]] = j
            slots = 0
            if is_once:
                slots = 2
                for k in range(begin, end):
                    r = run[order[k]]
                    slots += 2 * (begins[r + 1] - begins[r])
                slots = 1 << int(np.ceil(np.log2(slots)))
                if slots > len(met):
                    met = np.empty(slots, np.uint64)
                met[:slots] = 0
            here = 0
            for k in range(begin, end):
                r = run[order[k]]
                for j in range(begins[r], begins[r + 1]):
                    q = np.int64(cell[j])
                    if is_latest and newest[group[q]] != j:
                        continue
                    if is_once and once[j] != 0:
                        w = whole[q]
                        if _is_new(met, slots, once[j], w):
                            here = _say(w, n, said, touched, here, head, following, group)
                        if w == q:
                            continue
                    here = _say(q, n, said, touched, here, head, following, group)
            who = (s << SHARE_BITS) + c
            for m in range(here):
                q = touched[m]
                for level in range(above.shape[1]):
                    if seen[above[q, level]] != who:
                        seen[above[q, level]] = who
                        customers[above[q, level]] += 1
                other = head[group[q]]
                while other >= 0:
                    found[start[q] + inside[other]] += said[q] * said[other]
                    other = following[other]
            for m in range(here):
                q = touched[m]
                said[q] = 0
                head[group[q]] = -1
                newest[group[q]] = -1
    return n, customers, found


@numba.njit(nogil=True, cache=True)
def _say(q, n, said, touched, here, head, following, group):  # type: ignore[no-untyped-def]
    """One more of a cell; how many different things she has said then."""
    n[q] += 1
    if said[q] == 0:
        touched[here] = q
        here += 1
        following[q] = head[group[q]]
        head[group[q]] = q
    said[q] += 1
    return here


@numba.njit(nogil=True, cache=True)
def _is_new(met, slots, once, cell):  # type: ignore[no-untyped-def]
    """Whether none of her rows was part of this answer; it is met then."""
    key = once ^ (np.uint64(cell + 1) * np.uint64(0x9E3779B97F4A7C15))
    key ^= key >> np.uint64(32)
    if key == 0:
        key = np.uint64(1)
    mask = np.uint64(slots - 1)
    at = key & mask
    while met[at] != 0:
        if met[at] == key:
            return False
        at = (at + np.uint64(1)) & mask
    met[at] = key
    return True


def warm() -> None:
    """Compile the kernels for every type that they meet, or load them from disk."""
    cells = pa.table({CELL: pa.array([7], pa.uint64()), "question": pa.array([0], pa.int32())})
    for whole in (pa.int32(), pa.int64()):
        columns: dict[str, Any] = {
            CELL: pa.array([7], pa.uint64()),
            "customer": pa.array([0], whole),
            ONCE: pa.array([5], pa.uint64()),
            "seq": pa.array([0], pa.int64()),
        }
        rows = Rows.of(pa.table(columns))
        products(
            cells, rows, what=["question"], within="question", levels=[["question"]],
            once=["question"],
        )  # fmt: skip
