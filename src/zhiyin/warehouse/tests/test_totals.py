"""The sums over customers, held against the definition in SQL and in plain Python."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhiyin.warehouse.totals import SUMS, totals, totals_sql

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, None]),  # period
        st.sampled_from(["app", "web", None]),  # group
        st.sampled_from([0, 1, 2, 3, 1023, 1024, 5000]),  # customer: of several shares
        st.integers(-1, 1),  # num
        st.sampled_from([0.5, 1.0, 2.0]),  # den
        st.integers(0, 3),  # at
        st.integers(0, 1),  # side
    ),
    max_size=40,
)
NAMES = ("period", "grp", "customer", "num", "den", "at", "side")


def table(rows: list[tuple[object, ...]], *, weighted: bool) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(NAMES)
    kinds = [pa.int32(), pa.string(), pa.int64(), pa.int8(), pa.float64(), pa.int64(), pa.int8()]
    made = {n: pa.array(c, k) for n, c, k in zip(NAMES, columns, kinds, strict=True)}
    if not weighted:
        made["den"] = pa.array([1.0] * len(rows), pa.float64())
    made["at"] = made["at"].cast(pa.timestamp("us"))
    made["seq"] = pa.array(range(len(rows)), pa.int64())
    return pa.table(made)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def by_sql(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, level: list[str], latest: str | None
) -> list[tuple[object, ...]]:
    connection.register("given_rows", rows)
    found = connection.sql(totals_sql("SELECT * FROM given_rows", level, latest=latest))
    names = [*level, *SUMS]
    rounded = [
        tuple(round(v, 9) if isinstance(v, float) else v for v in row)
        for row in found.select(*names).fetchall()
        if row[len(level)] is not None
    ]
    return sorted(rounded, key=repr)


def as_rows(found: pa.Table, level: list[str]) -> list[tuple[object, ...]]:
    names = [*level, *SUMS]
    rows = [
        tuple(round(v, 9) if isinstance(v, float) else v for v in (row[n] for n in names))
        for row in found.to_pylist()
    ]
    return sorted(rows, key=repr)


@given(rows=ROWS, weighted=st.booleans(), latest=st.sampled_from([None, "at"]))
@settings(max_examples=60, deadline=None)
def test_every_level_equals_its_definition_in_sql(
    connection: duckdb.DuckDBPyConnection,
    rows: list[tuple[object, ...]],
    weighted: bool,
    latest: str | None,
) -> None:
    """Would catch totals that leak between customers, and a level that is summed from another."""
    given_rows = table(rows, weighted=weighted)
    levels = [["period", "grp"], ["grp"], []]
    asked = given_rows if weighted else given_rows.drop_columns(["den"])
    found = totals(asked, levels=levels, latest=latest)
    for level, one in zip(levels, found, strict=True):
        assert as_rows(one, level) == by_sql(connection, given_rows, level, latest)


@given(rows=ROWS)
@settings(max_examples=60, deadline=None)
def test_products_with_margin_and_partner_equal_their_definition(
    rows: list[tuple[object, ...]],
) -> None:
    found, _margin = totals(table(rows, weighted=True), levels=[["grp"], []], side="side")
    sums: dict[tuple[object, object, object], list[float]] = {}
    whole: dict[object, list[float]] = {}
    for _period, group, customer, num, den, _at, side in rows:
        for kept in (
            sums.setdefault((group, side, customer), [0, 0]),
            whole.setdefault(customer, [0, 0]),
        ):
            kept[0] += num  # type: ignore[operator]
            kept[1] += den  # type: ignore[operator]
    for row in found.to_pylist():
        expected = np.zeros(8)
        for (group, side, customer), (t, n) in sums.items():
            if (group, side) == (row["grp"], row["side"]):
                other = sums.get((group, 1 - side, customer), [0, 0])  # type: ignore[operator]
                for start, (u, m) in ((0, whole[customer]), (4, other)):
                    expected[start : start + 4] += [t * u, t * m, n * u, n * m]
        names = ["m_tt", "m_tn", "m_nt", "m_nn", "p_tt", "p_tn", "p_nt", "p_nn"]
        assert [row[name] for name in names] == pytest.approx(expected)


def test_many_threads_and_wide_keys_change_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Above 100,000 rows the customers are shared out; keys may be sparse and cells many."""
    rng = np.random.default_rng(5)
    count = 150_000
    rows = pa.table(
        {
            "cell": pa.array(rng.integers(0, 3_000_000, count) * 1_000_003),
            "second": pa.array(rng.integers(-4, 4, count).astype(np.int32)),
            "customer": pa.array(rng.integers(0, 40_000, count) * 50_021),
            "num": pa.array(rng.normal(size=count)),
        }
    )
    first, second, _all = totals(rows, levels=[["cell", "second"], ["second"], []])
    connection.register("given_rows", rows)
    sql = totals_sql("SELECT *, 1.0 AS den FROM given_rows", ["second"])
    expected = connection.sql(f"SELECT * FROM ({sql}) ORDER BY second").to_arrow_table()
    assert first["n"].to_numpy().sum() == count
    got = second.sort_by("second")
    for name in SUMS:
        assert got[name].to_numpy() == pytest.approx(expected[name].to_numpy().astype(float))
