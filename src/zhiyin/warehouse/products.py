"""How often customers said each of several things, and which of them together.

What is counted of answers are sums over their cells (what was asked, what was said). A figure
gives each cell a number; its sum over a customer's answers is linear in how often she said each
thing, and so the sum of its squares over customers is made of the products of two cells' counts.
Those products are few, whatever the number of figures, and are found here in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.shares import (
    SHARE,
    SHARE_BITS,
    dense,
    in_order,
    shared_out,
    shares_of,
    threads_for,
)
from zhiyin.warehouse.totals import base_cells, times_of

FAR = 1 << 16
"""Rows of one customer that are so far apart are two runs."""

CELL = "cell"
"""Of a row and of a cell: the hash of all that the cell is."""
ONCE = "once"

MOST_CELLS = 1 << 15
MOST_PRODUCTS = 1 << 24
"""Of the cells of all groups; four thousand different answers to one question have so many."""

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Cells = npt.NDArray[np.uint16]
Places = npt.NDArray[np.uint32]

NONE = np.uint32(0xFFFFFFFF)
"""No place."""
GONE = np.uint16(0xFFFF)
"""The cell of a row that was replaced; `GONE_PART` of one that was part of an answer."""
GONE_PART = np.uint16(0xFFFE)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows with the number of the cell of each, and the runs of those that are one customer's.

    An answer comes beside the others of its response, and so runs are far fewer than rows.

    Args:
        hashes: of the cells, by number, in order.
        examples: the ``seq`` of a row of each.
        is_part: of each cell, whether its rows are parts of answers.
        begins: where each run begins, and the end of the last.
        customer: whose each run is.
        seq: of the first row of each run; `steps` is how much further that of each row is than
            that of the row before it in its run.
        once: of the rows that are parts, in order; `once_begins` is where those of a run begin.
        times: of each row, where only the latest counts.
    """

    hashes: Hashes
    examples: Ints
    is_part: npt.NDArray[np.bool_]
    cell: Cells
    begins: Ints
    customer: Ints
    seq: Ints
    steps: npt.NDArray[np.uint16]
    once: Hashes
    once_begins: Ints
    times: tuple[Ints, Ints] | None = None

    @classmethod
    def of(cls, rows: pa.Table, *, latest: str | None = None) -> Rows:
        """Number the cells of rows.

        Args:
            rows: with `CELL`, ``customer``, ``seq``; `ONCE` (a hash, or null) where there is one,
                and `latest`. No cell has both rows with `ONCE` and rows without.

        Raises:
            Problem: ``log.too-many-cells``.
        """
        chunks = rows.to_batches()
        ends = np.cumsum([0, *(chunk.num_rows for chunk in chunks)])
        cell, steps = (np.empty(int(ends[-1]), np.uint16) for _name in range(2))
        has_once = ONCE in rows.column_names

        def read(place: int) -> _Chunk:
            chunk = chunks[place]
            once = _plain(chunk[ONCE]) if has_once else np.zeros(0, np.uint64)
            customer, seq = _plain(chunk["customer"]), _plain(chunk["seq"])
            here = slice(ends[place], ends[place + 1])
            known, examples, begins, parts, counts = _numbered(
                _plain(chunk[CELL]), customer, once, seq, cell[here], steps[here]
            )
            if len(known) > MOST_CELLS:
                raise _too_many(len(known))
            return _Chunk(
                known, seq[examples], once[examples] != 0 if has_once else None,
                begins + ends[place], customer[begins].astype(np.int64), seq[begins], parts, counts,
            )  # fmt: skip

        with ThreadPoolExecutor(threads_for(len(cell))) as pool:
            found = list(pool.map(read, range(len(chunks))))
            hashes, first, numbers = np.unique(
                _joined([one.known for one in found], np.uint64),
                return_index=True, return_inverse=True,
            )  # fmt: skip
            if len(hashes) > MOST_CELLS:
                raise _too_many(len(hashes))
            edges = np.cumsum([0, *(len(one.known) for one in found)])

            def renumber(place: int) -> None:
                own = cell[ends[place] : ends[place + 1]]
                _renumber(own, own, numbers[edges[place] : edges[place + 1]].astype(np.uint16))

            list(pool.map(renumber, range(len(chunks))))
        is_part = np.zeros(len(hashes), np.bool_)
        if has_once:
            is_part = _joined([one.is_part for one in found], np.bool_)[first]
        return cls(
            hashes=hashes,
            examples=_joined([one.examples for one in found], np.int64)[first],
            is_part=is_part,
            cell=cell,
            begins=_joined([*(one.begins for one in found), ends[-1:]], np.int64),
            customer=_joined([one.customer for one in found], np.int64),
            seq=_joined([one.seq for one in found], np.int64),
            steps=steps,
            once=_joined([one.once for one in found], np.uint64),
            once_begins=np.cumsum(_joined([[0], *(one.counts for one in found)], np.int64)),
            times=None if latest is None else (times_of(rows, latest), times_of(rows, "seq")),
        )

    @property
    def nbytes(self) -> int:
        """How much memory they take."""
        parts = (self.cell, self.steps, self.once, self.begins, self.customer, self.seq,
                 self.once_begins)  # fmt: skip
        return sum(part.nbytes for part in parts)

    @property
    def last(self) -> int:
        """The ``seq`` of the last row; −1 where there is none."""
        if not len(self.seq):
            return -1
        return int(self.seq[-1] + self.steps[self.begins[-2] + 1 :].sum(dtype=np.int64))

    def is_in_order(self) -> bool:
        """Whether they came in the order of ``seq``."""
        return bool(_is_in_order(self.begins, self.seq, self.steps))

    def in_order(self) -> Rows:
        """The same in the order of ``seq``, run by run: an engine hands out parts of a table as
        they are read."""
        if self.is_in_order():
            return self
        order = np.argsort(self.seq, kind="stable")
        sizes, parts = np.diff(self.begins)[order], np.diff(self.once_begins)[order]
        cell, steps, once = _in_order(
            order, self.begins, self.cell, self.steps, self.once_begins, self.once
        )
        return replace(
            self, cell=cell, steps=steps, once=once, customer=self.customer[order],
            seq=self.seq[order], begins=np.concatenate([[0], np.cumsum(sizes)]),
            once_begins=np.concatenate([[0], np.cumsum(parts)]),
        )  # fmt: skip

    def without(self, seqs: Ints) -> Rows:
        """The same less the rows of these ``seq``, where they are among them; in order."""
        cell = self.cell.copy()
        _strike(cell, self.begins, self.seq, self.steps, self.is_part, seqs)
        return replace(self, cell=cell)

    def joined(self, later: Rows) -> Rows:
        """These rows, and then those of the same question to the log that have come since."""
        hashes = np.union1d(self.hashes, later.hashes)
        at, at_later = (np.searchsorted(hashes, one.hashes) for one in (self, later))
        examples, is_part = np.empty(len(hashes), np.int64), np.empty(len(hashes), np.bool_)
        examples[at_later], is_part[at_later] = later.examples, later.is_part
        examples[at], is_part[at] = self.examples, self.is_part
        if len(hashes) > MOST_CELLS:
            raise _too_many(len(hashes))
        size = len(self.cell)
        cell = np.empty(size + len(later.cell), np.uint16)
        _renumber(self.cell, cell[:size], at.astype(np.uint16))
        _renumber(later.cell, cell[size:], at_later.astype(np.uint16))
        both = np.concatenate
        return Rows(
            hashes, examples, is_part, cell, both([self.begins[:-1], later.begins + size]),
            both([self.customer, later.customer]), both([self.seq, later.seq]),
            both([self.steps, later.steps]), both([self.once, later.once]),
            both([self.once_begins, later.once_begins[1:] + self.once_begins[-1]]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Some rows: their cells, the runs of their customers, and what of them is parts of answers."""

    known: Hashes
    examples: Ints
    is_part: Any
    begins: Ints
    customer: Ints
    seq: Ints
    once: Hashes
    counts: Ints


def _joined(parts: Sequence[Any], kind: type[np.generic]) -> Any:
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind, copy=False)


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
    told, own, whole = _counted(told, rows.is_part, what, once)
    group, _first = base_cells(told, [within], count=told.num_rows)
    sizes = np.bincount(group, minlength=1).astype(np.int64)
    if int((sizes * sizes).sum()) > MOST_PRODUCTS:
        raise _too_many(int(sizes.max()))
    inside = _numbered_within(group)
    begins = np.concatenate([[0], np.cumsum(sizes * sizes)])
    leveled = [base_cells(told, level, count=told.num_rows) for level in levels]
    sets = _Sets.of([up for up, _first in leveled], told.num_rows)
    customer, customers = dense(rows.customer)
    time, seq = rows.times or (np.zeros(1, np.int64), np.zeros(1, np.int64))
    arguments = (
        customer, rows.begins, rows.cell, rows.once, rows.once_begins, time, seq,
        rows.times is not None, own, whole, group[np.minimum(own, whole)].astype(np.uint32),
        group.astype(np.uint32), inside, begins[group] + inside * sizes[group],
        sets.begins, sets.of_cells, sets.count, int(begins[-1]),
    )  # fmt: skip
    parts = shared_out(lambda lo, hi: _pass(*arguments, lo, hi), customers, len(rows.cell))
    n, hers, in_sets, found = (np.sum([part[k] for part in parts], axis=0) for k in range(4))
    is_there = n > 0
    made = [told.append_column("n", pa.array(n)).filter(pa.array(is_there))]
    for place, (level, (_up, first)) in enumerate(zip(levels, leveled, strict=True)):
        counted = np.concatenate([in_sets, hers])[sets.at[place]]
        table = told.select([*level]).take(pa.array(first, pa.int64()))
        made.append(table.append_column("customers", pa.array(counted)).filter(counted > 0))
    return [*made, _pairs(group, inside, sizes, begins, found, np.cumsum(is_there) - 1)]


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """The cells of levels as sets of cells, each of which is counted once.

    Args:
        count: how many sets there are of several cells.
        begins, of_cells: of each cell, in which of these it is.
        at: of each level, where its cells are counted: the sets, and then the single cells.
    """

    count: int
    begins: Ints
    of_cells: Places
    at: list[Ints]

    @classmethod
    def of(cls, levels: Sequence[npt.NDArray[np.int32]], cells: int) -> _Sets:
        """Find them.

        Args:
            levels: of each cell, its cell of each level.
        """
        numbers: dict[bytes, int] = {}
        members: list[Ints] = []
        held: list[list[int]] = []
        for up in levels:
            held.append([])
            order = np.argsort(up, kind="stable")
            for part in np.split(order, np.cumsum(np.bincount(up))[:-1]):
                if len(part) == 0:
                    continue
                if len(part) == 1:
                    held[-1].append(-int(part[0]) - 1)
                    continue
                number = numbers.setdefault(part.tobytes(), len(members))
                if number == len(members):
                    members.append(part)
                held[-1].append(number)
        count = len(members)
        of_each: list[list[int]] = [[] for _cell in range(cells)]
        for number, part in enumerate(members):
            for cell in part.tolist():
                of_each[cell].append(number)
        return cls(
            count,
            np.cumsum([0, *map(len, of_each)]),
            np.array([number for one in of_each for number in one], np.uint32),
            [np.array([at if at >= 0 else count - at - 1 for at in one], np.int64) for one in held],
        )


def _counted(
    told: pa.Table, is_part: npt.NDArray[np.bool_], what: Sequence[str], once: Sequence[str]
) -> tuple[pa.Table, Places, Places]:
    """What is counted, in order: each thing that is said, and the wholes of what is part of one.

    Returns:
        With the place of each cell in it, none of a part that says nothing besides, and the place
        of the whole of each part.
    """
    others = [name for name in what if name not in once]
    listed: dict[tuple[Any, ...], dict[str, Any]] = {}
    own, whole = [], []
    for row, part in zip(told.to_pylist(), is_part.tolist(), strict=True):
        says_more = not part or any(row[name] is not None for name in others)
        of = [row] if says_more else []
        if part:
            of.append(row | dict.fromkeys(others))
        keys = [tuple((one[name] is None, one[name]) for name in what) for one in of]
        for key, one in zip(keys, of, strict=True):
            listed.setdefault(key, one)
        own.append(keys[0] if says_more else None)
        whole.append(keys[-1] if part else None)
    place = {key: at for at, key in enumerate(sorted(listed))}
    found = pa.Table.from_pylist([listed[key] for key in place], schema=told.schema)
    owns, wholes = (
        np.array([NONE if key is None else place[key] for key in keys], np.uint32)
        for keys in (own, whole)
    )
    return found, owns, wholes


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
def _numbered(given, customer, once, seq, out, steps):  # type: ignore[no-untyped-def]
    """Number the hashes in the order of appearance.

    Returns:
        Those that there are; the row of the first of each; where another run begins; what is not
        0 of `once`; and how many of these each run has.
    """
    size = 1024
    slots = np.full(size, -1, np.int32)
    known = np.empty(size // 2, np.uint64)
    examples = np.empty(size // 2, np.int64)
    count = 0
    runs = 0
    kept = 0
    for i in range(len(given)):
        steps[i] = 0
        if i > 0 and customer[i] == customer[i - 1] and 0 < seq[i] - seq[i - 1] < FAR:
            steps[i] = seq[i] - seq[i - 1]
        runs += steps[i] == 0
    for i in range(len(once)):
        kept += once[i] != 0
    begins = np.empty(runs, np.int64)
    counts = np.zeros(runs, np.int64)
    parts = np.empty(kept, np.uint64)
    runs = 0
    kept = 0
    for i in range(len(given)):
        if steps[i] == 0:
            begins[runs] = i
            runs += 1
        if len(once) > 0 and once[i] != 0:
            parts[kept] = once[i]
            kept += 1
            counts[runs - 1] += 1
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
    return known[:count].copy(), examples[:count].copy(), begins, parts, counts


@numba.njit(nogil=True, cache=True)
def _renumber(cell, out, numbers):  # type: ignore[no-untyped-def]
    """Other numbers for cells; what is gone stays so."""
    for i in range(len(cell)):
        out[i] = numbers[cell[i]] if cell[i] < GONE_PART else cell[i]


@numba.njit(nogil=True, cache=True)
def _is_in_order(begins, firsts, steps):  # type: ignore[no-untyped-def]
    last = -1
    for run in range(len(firsts)):
        if firsts[run] <= last:
            return False
        last = firsts[run]
        for j in range(begins[run], begins[run + 1]):
            last += steps[j]
    return True


@numba.njit(nogil=True, cache=True)
def _in_order(order, begins, cell, steps, once_begins, once):  # type: ignore[no-untyped-def]
    """The rows of the runs in this order."""
    cells, gaps, parts = np.empty_like(cell), np.empty_like(steps), np.empty_like(once)
    at, part = 0, 0
    for run in order:
        for j in range(begins[run], begins[run + 1]):
            cells[at] = cell[j]
            gaps[at] = steps[j]
            at += 1
        for j in range(once_begins[run], once_begins[run + 1]):
            parts[part] = once[j]
            part += 1
    return cells, gaps, parts


@numba.njit(nogil=True, cache=True)
def _strike(cell, begins, firsts, steps, is_part, seqs):  # type: ignore[no-untyped-def]
    """Mark the rows of these `seqs` as gone."""
    for seq in seqs:
        run = np.searchsorted(firsts, seq, side="right") - 1
        if run < 0:
            continue
        at = firsts[run]
        for j in range(begins[run], begins[run + 1]):
            at += steps[j]
            if at >= seq:
                if at == seq and cell[j] < GONE_PART:
                    cell[j] = GONE_PART if is_part[cell[j]] else GONE
                break


@numba.njit(nogil=True, cache=True)
def _pass(  # type: ignore[no-untyped-def]
    customer,
    begins,
    cell,
    once,
    once_begins,
    time,
    seq,
    is_latest,
    own,
    whole,
    its,
    group,
    inside,
    start,
    set_begins,
    in_sets,
    sets,
    pairs,
    lo,
    hi,
):
    """One thread's customers, `lo` to `hi`: put their runs together, then count what each said."""
    count = hi - lo
    share, largest = shares_of(customer, lo, hi)
    shares = len(share) - 1
    # The rows of a share's runs are copied to one place: to look for them all over is a wait each.
    into = np.zeros(shares + 1, np.int64)
    for i in range(len(customer)):
        c = customer[i] - lo
        if 0 <= c < count:
            into[(c >> SHARE_BITS) + 1] += begins[i + 1] - begins[i]
    for s in range(shares):
        into[s + 1] += into[s]
    row = np.empty(into[shares], np.uint16)
    run = np.empty(share[shares], np.int64)
    run_own = np.empty(share[shares], np.int16)
    run_row = np.empty(share[shares], np.int64)
    at = share[:shares].copy()
    for i in range(len(customer)):
        c = customer[i] - lo
        if 0 <= c < count:
            j = at[c >> SHARE_BITS]
            at[c >> SHARE_BITS] += 1
            run[j] = i
            run_own[j] = c & (SHARE - 1)
            run_row[j] = into[c >> SHARE_BITS]
            for k in range(begins[i], begins[i + 1]):
                row[into[c >> SHARE_BITS]] = cell[k]
                into[c >> SHARE_BITS] += 1
    cells = len(group)
    groups = 0
    for q in range(cells):
        if group[q] >= groups:
            groups = group[q] + 1
    n = np.zeros(cells, np.int64)
    hers = np.zeros(cells, np.int64)
    customers = np.zeros(sets, np.int64)
    found = np.zeros(pairs, np.int64)
    said = np.zeros(cells, np.int64)
    touched = np.empty(cells, np.uint32)
    # What a customer said in answer to one question is a list: its head, and the next of each.
    head = np.full(groups, NONE, np.uint32)
    following = np.empty(cells, np.uint32)
    seen = np.full(sets, -1, np.int64)
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
                        held = newest[its[cell[j]]]
                        if (
                            held < 0
                            or time[j] > time[held]
                            or (time[j] == time[held] and seq[j] >= seq[held])
                        ):
                            newest[its[cell[j]]] = j
            slots = 0
            for k in range(begin, end):
                r = run[order[k]]
                slots += 2 * (once_begins[r + 1] - once_begins[r])
            if slots > 0:
                slots = 1 << int(np.ceil(np.log2(slots + 1)))
                if slots > len(met):
                    met = np.empty(slots, np.uint64)
                met[:slots] = 0
            here = 0
            for k in range(begin, end):
                r = run[order[k]]
                part = once_begins[r]
                at_row = run_row[order[k]]
                for j in range(begins[r + 1] - begins[r]):
                    q = row[at_row + j]
                    if q >= GONE_PART:
                        part += q == GONE_PART
                        continue
                    is_in = not is_latest or newest[its[q]] == begins[r] + j
                    if whole[q] != NONE:
                        # The whole answer, where none of her rows was part of it.
                        key = once[part] ^ (np.uint64(whole[q] + 1) * np.uint64(0x9E3779B97F4A7C15))
                        key ^= key >> np.uint64(32)
                        key = max(key, np.uint64(1))
                        part += 1
                        slot = key & np.uint64(slots - 1)
                        while met[slot] != 0 and met[slot] != key:
                            slot = (slot + np.uint64(1)) & np.uint64(slots - 1)
                        if is_in and met[slot] == 0:
                            met[slot] = key
                            w = whole[q]
                            if said[w] == 0:
                                touched[here] = w
                                here += 1
                            said[w] += 1
                    o = own[q]
                    if is_in and o != NONE:
                        if said[o] == 0:
                            touched[here] = o
                            here += 1
                        said[o] += 1
            who = (s << SHARE_BITS) + c
            for m in range(here):
                q = touched[m]
                g = group[q]
                times = said[q]
                n[q] += times
                hers[q] += 1
                for k in range(set_begins[q], set_begins[q + 1]):
                    if seen[in_sets[k]] != who:
                        seen[in_sets[k]] = who
                        customers[in_sets[k]] += 1
                found[start[q] + inside[q]] += times * times
                other = head[g]
                while other != NONE:
                    product = times * said[other]
                    found[start[q] + inside[other]] += product
                    found[start[other] + inside[q]] += product
                    other = following[other]
                following[q] = head[g]
                head[g] = q
            for m in range(here):
                q = touched[m]
                said[q] = 0
                head[group[q]] = NONE
                newest[group[q]] = -1
    return n, hers, customers, found


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
        rows = rows.without(np.zeros(1, np.int64)).joined(rows)
        rows.in_order()
        products(
            cells, rows, what=["question"], within="question", levels=[["question"]],
            once=["question"],
        )  # fmt: skip
