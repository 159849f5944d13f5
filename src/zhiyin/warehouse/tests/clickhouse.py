"""Runs SQL on the engine of ClickHouse, in a process of its own: ``python clickhouse.py FOLDER``.

The folder holds the tables as Parquet files, and ``queries.json``: a list of SQL texts. Each
answer is written as ``<place>.arrow``. The engine stays out of the tests' process, whose
libraries it brings copies of.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(folder: Path) -> None:
    """Answer every query of the folder."""
    from chdb.session import Session  # type: ignore[import-not-found]

    session = Session()
    session.query("CREATE DATABASE log ENGINE = Atomic; USE log")
    for file in folder.glob("*.parquet"):
        session.query(
            f"CREATE TABLE log.{file.stem} ENGINE = Memory AS"
            f" SELECT * FROM file('{file}', Parquet)"
            " SETTINGS schema_inference_make_columns_nullable = 1"
        )
    # NULL where an outer join finds nothing, as SQL has it; ClickHouse gives 0 by default.
    session.query("SET join_use_nulls = 1")
    for place, sql in enumerate(json.loads((folder / "queries.json").read_text())):
        answer = session.query(sql, "ArrowStream")
        (folder / f"{place}.arrow").write_bytes(answer.bytes())
    session.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
