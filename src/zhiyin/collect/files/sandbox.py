"""The child process that runs a mapping's query. Started by path, it imports nothing of ours.

It gets an order on standard input and Parquet files in the present folder, loads them as
tables, then gives up files, network and settings, and only then reads the query.
Exit 0: the answer is written; 1: the query failed (why: on standard error); 3: too large; 4: too
little memory.
"""

# ruff: noqa: S608 - names are quoted

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import signal
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

BATCH = 50_000
ROOM = 2 * 2**30
"""Of addresses, beside the engine's memory: programs, libraries, stacks."""
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Do what the order says."""
    order = json.load(sys.stdin.buffer)
    limit = int(order["bytes"])
    seconds = int(order["seconds"]) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds * 4, seconds * 4))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    room = int(order["memory"]) + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    end_with_parent()
    connection = duckdb.connect(
        config={
            "memory_limit": f"{int(order['memory']) // 2**20}MB",
            "temp_directory": "query-tmp",
            "max_temp_directory_size": f"{limit // 2**20 + 1}MB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
            "threads": "1",  # a join by several gives its rows in another order each time
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    for name, file in order["tables"].items():
        quoted = '"' + name.replace('"', '""') + '"'
        connection.execute(f"CREATE TABLE {quoted} AS FROM read_parquet('{file}')")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    try:
        return _answer(connection, order)
    except (duckdb.OutOfMemoryException, MemoryError):
        return 4
    except (duckdb.Error, OSError) as error:
        sys.stderr.write(str(error) + "\n")
        return 1


def end_with_parent() -> None:
    """Be killed when the import is: nobody would wait for the answer (Linux; elsewhere nothing)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _answer(connection: duckdb.DuckDBPyConnection, order: dict[str, object]) -> int:
    found = connection.sql(str(order["sql"]).strip().rstrip(";"))
    names = list(found.columns)
    texts = ", ".join(f"{_text(i, kind)} AS c{i}" for i, kind in enumerate(found.types))
    places = ", ".join(f"c{i}" for i in range(len(names)))
    query = f"SELECT {texts} FROM ({order['sql']}\n) AS answer({places})"
    schema = pa.schema([pa.field(name, pa.string()) for name in names])
    rows = size = 0
    with pq.ParquetWriter(str(order["out"]), schema, compression="snappy") as writer:
        for batch in connection.sql(query).to_arrow_reader(BATCH):
            rows += batch.num_rows
            size += batch.nbytes
            if rows > int(str(order["rows"])) or size > int(str(order["bytes"])):
                sys.stderr.write(f"{order['rows']} rows, {order['bytes']} bytes\n")
                return 3
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    return 0


def _text(place: int, kind: object) -> str:
    """A column as the text that files have: 5 for 5.0, a date without a midnight as written."""
    cell = f"c{place}"
    if str(kind) in ("DOUBLE", "FLOAT"):
        return f"regexp_replace({cell}::VARCHAR, '\\.0$', '')"
    return f"{cell}::VARCHAR"


if __name__ == "__main__":
    sys.exit(main())
