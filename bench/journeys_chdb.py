"""One query on the engine of ClickHouse: ``python -m bench.journeys_chdb ROWS FOLDER SQL ROUNDS``.

Prints its rows and the best seconds, by the clock and of all processors, as JSON. The engine stays out of the
process of the passes, whose libraries it brings copies of.
"""

from __future__ import annotations

import json
import sys
import time


def main(rows: str, folder: str, sql: str, rounds: int) -> None:
    """Load the rows, ask, print."""
    from chdb.session import Session

    session = Session(folder)
    session.query("CREATE DATABASE log ENGINE = Atomic; USE log")
    session.query(
        "CREATE TABLE log.events (customer UInt32, us UInt64, name UInt16) ENGINE = MergeTree ORDER BY (customer, us)"
    )
    session.query(
        f"INSERT INTO log.events SELECT customer, us, name FROM file('{rows}/*.parquet', Parquet)"
    )
    answer, walls, cpus = session.query(sql, "JSONCompact"), [], []
    for _round in range(rounds):
        began, began_cpu = time.perf_counter(), time.process_time()
        answer = session.query(sql, "JSONCompact")
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - began_cpu)
    print(
        json.dumps(
            {"rows": json.loads(answer.bytes())["data"], "wall": min(walls), "cpu": min(cpus)}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
