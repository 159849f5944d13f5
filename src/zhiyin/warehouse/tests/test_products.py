"""What customers said, and which of it together, held against counting by hand."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.warehouse import lang
from zhiyin.warehouse import products as module
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.products import CELL, Rows, products
from zhiyin.warehouse.tests.planting import put

WHAT = ("question", "state", "choice")
ONCE = ("question", "state")
LEVELS = (("question", "state"), ("question",), ("choice",))

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),  # question
        st.sampled_from([0, 1]),  # state
        st.sampled_from(["x", "y", None]),  # choice
        st.sampled_from([0, 1, 2, 1023, 1024, 5000]),  # customer: of several shares
        st.sampled_from([None, 1, 2]),  # once
        st.integers(0, 3),  # at
    ),
    max_size=60,
)

Row = tuple[Any, ...]


def of(row: Row, *, is_once: bool) -> Row:
    """What a row is: parts of answers have cells of their own."""
    return (*row[:3], is_once and row[4] is not None)


def asked(rows: list[Row], *, is_once: bool) -> tuple[pa.Table, pa.Table]:
    """The cells and the rows as an engine gives them."""
    cells = sorted({of(row, is_once=is_once) for row in rows}, key=repr)
    # Hashes that meet in their low bits, as many will in a small table.
    hashes = {cell: (place + 1) << 20 for place, cell in enumerate(cells)}
    listed = list(zip(*cells, strict=True)) or [(), (), (), ()]
    kinds = (pa.string(), pa.int32(), pa.string())
    of_cells = {n: pa.array(c, k) for n, c, k in zip(WHAT, listed[:3], kinds, strict=True)}
    held = {CELL: pa.array([hashes[cell] for cell in cells], pa.uint64()), **of_cells}
    columns = list(zip(*rows, strict=True)) or [()] * 6
    given_rows = {
        CELL: pa.array([hashes[of(row, is_once=is_once)] for row in rows], pa.uint64()),
        "customer": pa.array(columns[3], pa.int32()),
        "once": pa.array(columns[4], pa.uint64()),
        "at": pa.array(columns[5], pa.int64()).cast(pa.timestamp("us")),
        "seq": pa.array(range(len(rows)), pa.int64()),
    }
    return pa.table(held), pa.table(given_rows)


def counted(rows: list[Row], *, is_once: bool, latest: bool) -> dict[int, Counter[Row]]:
    """By customer, how often she said each thing: by hand."""
    if latest:
        newest: dict[Row, tuple[int, Row]] = {}
        for row in rows:
            held = newest.get((row[3], row[0]))
            if held is None or row[5] >= held[0]:
                newest[row[3], row[0]] = row[5], row
        rows = [row for _at, row in newest.values()]
    found: dict[int, Counter[Row]] = defaultdict(Counter)
    wholes = set()
    for question, state, choice, customer, once, _at in rows:
        if not is_once or once is None:
            found[customer][question, state, choice] += 1
            continue
        wholes.add((customer, question, state, once))
        if choice is not None:
            found[customer][question, state, choice] += 1
    for customer, question, state, _once in wholes:
        found[customer][question, state, None] += 1
    return found


def told(cells: pa.Table, rows: pa.Table, *, is_once: bool, latest: bool) -> list[pa.Table]:
    chosen = rows if is_once else rows.drop_columns(["once"])
    return products(
        cells, Rows.of(chosen, latest="at" if latest else None), what=WHAT, within="question",
        levels=LEVELS, once=ONCE if is_once else (),
    )  # fmt: skip


def check(found: list[pa.Table], hers: dict[int, Counter[Row]]) -> None:
    cells, *levels, pairs = found
    said = [tuple(row[name] for name in WHAT) for row in cells.to_pylist()]
    assert cells["n"].to_pylist() == [sum(one[cell] for one in hers.values()) for cell in said]
    for level, table in zip(LEVELS, levels, strict=True):
        told = {tuple(row[n] for n in level): row["customers"] for row in table.to_pylist()}
        assert len(told) == table.num_rows
        for values, customers in told.items():
            parts = [cell for cell in said if tuple(cell[WHAT.index(n)] for n in level) == values]
            assert customers == sum(any(one[c] for c in parts) for one in hers.values())
    products_of = {
        (said[row["first"]], said[row["second"]]): row["product"] for row in pairs.to_pylist()
    }
    for one in said:
        for other in said:
            product = sum(counts[one] * counts[other] for counts in hers.values())
            assert products_of.get((one, other), 0) == (product if one[0] == other[0] else 0)


@given(rows=ROWS, is_once=st.booleans(), latest=st.booleans())
@settings(max_examples=150, deadline=None)
def test_counts_customers_and_products_are_those_by_hand(
    rows: list[Row], is_once: bool, latest: bool
) -> None:
    """Would catch counts that leak between customers, threads' parts, or questions."""
    cells, given_rows = asked(rows, is_once=is_once)
    found = told(cells, given_rows, is_once=is_once, latest=latest)
    check(found, counted(rows, is_once=is_once, latest=latest))


def test_many_threads_change_nothing() -> None:
    rng = np.random.default_rng(7)
    count = 120_000
    parts = [
        rng.choice(["a", "b"], count),
        rng.integers(0, 2, count),
        rng.choice(["x", "y"], count),
        rng.integers(0, 30_000, count),
        rng.integers(1, 3, count),
        rng.integers(0, 9, count),
    ]
    rows = list(zip(*(part.tolist() for part in parts), strict=True))
    for is_once, latest in ((True, False), (False, True)):
        cells, given_rows = asked(rows, is_once=is_once)
        found = told(cells, given_rows, is_once=is_once, latest=latest)
        check(found, counted(rows, is_once=is_once, latest=latest))


@given(rows=ROWS, cut=st.integers(1, 9), draw=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_rows_come_in_order_whatever_part_of_a_table_is_read_first(
    rows: list[Row], cut: int, draw: random.Random
) -> None:
    cells, given_rows = asked(rows, is_once=True)
    parts = [given_rows.slice(start, cut) for start in range(0, len(rows), cut)]
    draw.shuffle(parts)
    read = Rows.of(pa.concat_tables([given_rows.slice(0, 0), *parts])).in_order()
    assert read.is_in_order()
    assert read.last == len(rows) - 1
    gone = [seq for seq in range(len(rows)) if seq % 3 == 1]
    left = [row for seq, row in enumerate(rows) if seq not in gone]
    found = products(
        cells, read.without(np.array(gone, np.int64)), what=WHAT, within="question",
        levels=LEVELS, once=ONCE,
    )  # fmt: skip
    check(found, counted(left, is_once=True, latest=False))


def test_too_many_answers_to_one_question_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PRODUCTS", 3)
    rows_of = [("a", 0, "x", 1, None, 0), ("a", 0, "y", 1, None, 0)]
    cells, rows = asked(rows_of, is_once=False)
    with pytest.raises(Problem, match="2 different answers"):
        told(cells, rows, is_once=False, latest=False)


def test_the_log_answers_it_out_of_its_rows(log: Log) -> None:
    """In this process and over the socket: the same as by hand, with nulls and once."""
    brace = parse("question != '{0} {x'")
    said = [("c1", "r1", 9.0), ("c1", "r1", 9.0), ("c1", "r2", 2.0), ("c2", "r3", 9.0),
            ("c2", "r4", None)]  # fmt: skip
    put(log, [
        {"customer": customer, "response": response, "score": score,
         "answer_state": "skipped" if score is None else "answered"}
        for customer, response, score in said
    ])  # fmt: skip
    facts = lang.table(log.schema("main"), "answers")
    query = facts.select(
        "question", "answer_state", "score", "customer", "seq", once=facts.response
    )
    cells, by_question, pairs = log.products(
        "main", query, what=["question", "answer_state", "score"], within="question",
        levels=[["question"]], once=["question", "answer_state"], reader=Reader(scope=brace),
    )  # fmt: skip
    states = log.words("main", "answer_state")
    said_of = [(states[row["answer_state"]], row["score"]) for row in cells.to_pylist()]
    # Parts of answers, which may be several, and the answers as wholes.
    assert dict(zip(said_of, cells["n"].to_pylist(), strict=True)) == {
        ("answered", 9.0): 3, ("answered", 2.0): 1, ("answered", None): 3, ("skipped", None): 1,
    }  # fmt: skip
    assert by_question["customers"].to_pylist() == [2]
    told_of = {
        (said_of[row["first"]], said_of[row["second"]]): row["product"] for row in pairs.to_pylist()
    }
    nine, two, whole = ("answered", 9.0), ("answered", 2.0), ("answered", None)
    assert told_of[nine, nine] == told_of[nine, whole] == 2 * 2 + 1 * 1
    assert told_of[nine, two] == told_of[two, nine] == 2 * 1
    assert told_of[nine, ("skipped", None)] == 1
    assert told_of[whole, whole] == 2 * 2 + 1 * 1
