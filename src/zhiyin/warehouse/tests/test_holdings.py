"""No table or column of the log is forgotten by erasure and export."""

from __future__ import annotations

from zhiyin.warehouse.holdings import HOLDINGS
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tables import COMMON, TABLES

SAYS_NOTHING_ALONE = {
    # Measures and times say nothing of a customer without the columns that say who she is.
    "int", "float", "time", "bool", "money",
}  # fmt: skip


def test_every_table_in_the_file_is_declared(owner: Owner) -> None:
    owner.schema("main")  # which opens its file
    cursor = owner._root.cursor()
    found = cursor.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'ws_main'"
    ).fetchall()
    cursor.close()
    assert {name for (name,) in found} == {h.place for h in HOLDINGS if h.kind == "table"}


def test_every_column_that_can_name_or_quote_somebody_is_declared() -> None:
    """Free text that no dictionary codes can hold anything, a name or a number included."""
    declared = {h.place: set(h.fields) for h in HOLDINGS if h.kind == "table"}
    for name, table in TABLES.items():
        free = {
            column.name
            for column in (*COMMON, *table.columns)
            if not column.coded and column.kind not in SAYS_NOTHING_ALONE
        }
        assert free <= declared[name], name
        columns = {column.name for column in (*COMMON, *table.columns)}
        assert declared[name] <= columns, name
