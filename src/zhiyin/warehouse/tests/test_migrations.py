"""Every form that the log has had becomes the present one, with its rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.engines.duckdb import layout
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tables import TABLES
from zhiyin.warehouse.tests.planting import put, read


@pytest.mark.parametrize("version", [version for version, _sql in layout.migrations()])
def test_a_file_of_each_earlier_form_is_brought_forward(data: Path, version: int) -> None:
    (data / "log").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{data / 'log' / 'main.duckdb'}' AS ws_main")
        assert layout.migrate(connection, "ws_main", upto=version) == version
        connection.execute(
            "INSERT INTO ws_main.words VALUES ('source', 0, 'old'), ('question', 0, 'q')"
        )
        connection.execute(
            "INSERT INTO ws_main.answers (seq, batch, id_hash, content_hash, id, source,"
            " occurred_at, received_at, customer_key, question)"
            " VALUES (0, 0, 1, 1, 'old', 0, '2020-01-01', '2020-01-02', 0, 0)"
        )
        connection.execute("INSERT INTO ws_main.counters VALUES ('seq:answers', 1), ('key', 1)")
    with Owner(data) as log:
        assert log.schema("main").version == layout.PRESENT
        put(log, [{}])
        assert read(log, "id", "question") == [("old", "q"), ("r0", "overall")]


def test_the_present_form_is_what_the_declarations_say(owner: Owner) -> None:
    """Would catch a column that is declared and that no migration adds, and the reverse."""
    owner.schema("main")  # which opens its file
    cursor = owner._root.cursor()
    for table in TABLES:
        found = cursor.execute(
            "SELECT column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = 'ws_main' AND table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
        assert sorted(found) == sorted(
            (n, k.replace(", ", ",")) for n, k in layout.physical_columns(table)
        )
    cursor.close()


def test_a_file_from_a_later_program_is_left_alone(data: Path) -> None:
    with Owner(data) as log:
        log.create("main")
    with duckdb.connect(str(data / "log" / "main.duckdb")) as connection:
        connection.execute("INSERT INTO form VALUES (999, current_timestamp::TIMESTAMP)")
    with Owner(data) as log, pytest.raises(Problem, match="has form 999"):
        log.schema("main")


def test_a_file_that_is_no_log_is_said_and_the_others_work(data: Path) -> None:
    with Owner(data) as log:
        log.create("main")
        log.create("other")
    (data / "log" / "main.duckdb").write_bytes(b"no database" * 1000)
    with Owner(data) as log:
        with pytest.raises(Problem, match="cannot be opened") as met:
            log.schema("main")
        assert met.value.code == "log.damaged"
        assert log.schema("other").version == layout.PRESENT
        assert {what: state for what, state, _seen in log.check()} == {
            "log main": "fault", "log other": "ok",
        }  # fmt: skip
