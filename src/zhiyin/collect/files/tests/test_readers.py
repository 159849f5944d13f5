"""The quick reader of CSV and the exact one say the same, or the quick one steps aside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zhiyin.collect.files import csvfiles, staging
from zhiyin.collect.files.records import Dialect
from zhiyin.collect.files.staging import Workshop

BODY = st.text(alphabet='ab,"\n\r \t;\\#\x1a　', max_size=40)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    with staging.open_engine(folder, large=False) as connection:
        yield Workshop(folder, connection)


@settings(max_examples=100, deadline=None)
@given(BODY)
@example('1,"a\nb"\n\n2,c\n')
@example("1,2\r3,4\r\n5,6\n")
@example('1,"x"" y"\n')
@example("1,2\n\n\n3\n")
def test_both_say_the_same(shop: Workshop, body: str) -> None:
    file = shop.folder / "f.csv"
    file.write_bytes(("x,y\n" + body).encode())
    for table in ("quick", "exact"):
        shop.connection.execute(f"DROP TABLE IF EXISTS {table}")
    dialect = Dialect(",")
    quick = csvfiles._fast(file, dialect, ("x", "y"), shop, "quick")
    exact = csvfiles.exact(file, dialect, ("x", "y"), shop, "exact", has_header=True)
    if quick is not None:
        rows, expected = (
            shop.connection.execute(f"SELECT line, c0, c1 FROM {table} ORDER BY line").fetchall()
            for table in ("quick", "exact")
        )
        assert [row[1:] for row in rows] == [row[1:] for row in expected]
        assert len(exact.bad) == 0
        assert quick.lines is not None
        found = list(quick.lines(row[0] for row in rows))
        assert found == [row[0] for row in expected]
