"""The journey index over 10 M events: made from nothing, grown, compacted, corrected, erased from.

Run it with ``python -m bench.journey_index [EVENTS]``. The facts are written by the engine itself, as
intake would have written them. Beside the build stands DuckDB's plain read of the same columns. A funnel of five
steps is asked of what is mapped alone, then of what has a tail as well. 10 M events take a minute and 0.5 GB of disk;
100 M ten minutes, 3 GB of disk and 6 GB of memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from zhiyin.warehouse.journeys import asking, index
from zhiyin.warehouse.journeys.index import Indexed
from zhiyin.warehouse.journeys.passes import funnel
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id

NAMES, TOUCHPOINTS, CHANNELS, REGIONS, SEGMENTS = 200, 30, 6, 10, 5
MEAN = 50
"""Events a customer."""
COLUMNS = {
    "name": NAMES, "touchpoint": TOUCHPOINTS, "channel": CHANNELS, "d_region": REGIONS,
    "d_segment": SEGMENTS,
}  # fmt: skip
YEAR_SECONDS = 365 * 86_400
WEEK = 7 * 86_400_000_000
BLOCK = 10_000_000
"""Events written at a time."""


def prepare(log: Owner, events: int) -> int:
    """A log with the words of all columns, and so many events; returns how many customers."""
    log.create("bench")
    log.declare("bench", {"events": {"region": "text", "segment": "text"}})
    words = {name: [f"{name} {n % count}" for n in range(NAMES)] for name, count in COLUMNS.items()}
    first = pa.table(
        {
            "row": list(range(NAMES)),
            "id": [f"first {n}" for n in range(NAMES)],
            "occurred_at": pa.array([datetime(2026, 1, 1)] * NAMES, pa.timestamp("us")),
            "customer": ["c0"] * NAMES,
            **words,
        }
    )
    with log.begin("bench", source="site", label="bench") as batch:
        batch.write("events", first)
        batch.commit()
    customers = max(events // MEAN, 10)
    with log._cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ws_bench.ids SELECT i, 'customer', 'c' || i FROM range(1, {customers}) r(i)"
        )
        cursor.execute(f"UPDATE ws_bench.counters SET value = {customers} WHERE name = 'key'")
    arrive(log, events, customers, late=0.0, batch=0)
    return customers


def arrive(log: Owner, events: int, customers: int, *, late: float, batch: int) -> None:
    """Events of the customers at random, in the order of time but for some minutes, a share of them
    up to a year late."""
    for begin in range(0, events, BLOCK):
        end = min(begin + BLOCK, events)
        _arrive(log, begin, end, events, customers, late=late, batch=batch)


def _arrive(
    log: Owner, begin: int, end: int, events: int, customers: int, *, late: float, batch: int
) -> None:
    """Those from `begin` to `end` of them."""
    with log._cursor() as cursor:
        ((value,),) = cursor.execute(
            "SELECT value FROM ws_bench.counters WHERE name = 'seq:events'"
        ).fetchall()
        first = value - begin
        codes = ", ".join(
            f"(hash(seq + {place}) % {count})::INTEGER AS {name}"
            for place, (name, count) in enumerate(COLUMNS.items(), 10)
        )
        # A customer's region and segment hardly change; a few of them have many events.
        codes = codes.replace("hash(seq + 13)", "hash(customer_key)").replace(
            "hash(seq + 14)", "hash(customer_key + 1)"
        )
        cursor.execute(
            f"""
            INSERT INTO ws_bench.events BY NAME
            SELECT *, {codes} FROM (SELECT {first} + i AS seq, {batch} AS batch,
                {first} + i AS id_hash, 0 AS content_hash, 'e' || ({first} + i) AS id, 0 AS source,
                TIMESTAMP '2026-01-01' + to_microseconds(
                    ((i / {events} * CASE WHEN hash(i + 3) % 1000 < {late * 1000}
                        THEN (hash(i + 4) % 1000) / 1000 ELSE 0.999 END) * {YEAR_SECONDS}
                    )::BIGINT * 1000000 + (hash(i + 5) % 600000000)::BIGINT) AS occurred_at,
                TIMESTAMP '2027-01-01' AS received_at,
                (((hash(i + 7) % 1000000000) / 1e9) ** 1.3 * {customers})::INTEGER % {customers}
                    AS customer_key
                FROM range({begin}, {end}) AS r(i))
            ORDER BY seq
            """
        )
        cursor.execute(
            f"UPDATE ws_bench.counters SET value = {first + end} WHERE name = 'seq:events'"
        )


def plain(log: Owner) -> None:
    """The columns that an index is made from, as Arrow, and nothing done with them."""
    names = ", ".join(COLUMNS)
    with log._cursor() as cursor:
        cursor.sql(
            f"SELECT seq, customer_key, epoch_us(occurred_at), {names}, unit, role, source, about_kind"
            " FROM ws_bench.events WHERE name IS NOT NULL"
        ).to_arrow_table()


def took(work: Callable[[], Any]) -> str:
    """Wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return f"{time.perf_counter() - wall:.3f} s ({time.process_time() - cpu:.3f} s CPU)"


def best(indexed: Indexed) -> str:
    """A funnel of five steps in a week: the best of five, wall and processor seconds."""
    steps = funnel.Steps([frozenset({name}) for name in (0, 2, 5, 7, 9)], [frozenset()] * 4, WEEK)
    return min(took(lambda: funnel.funnel(indexed.histories, steps)) for _round in range(5))


def on_disk(log: Owner) -> int:
    """Bytes of the index."""
    return sum(path.stat().st_size for path in (log.data / "journeys").rglob("*.npy"))


def own_memory(indexed: Indexed) -> int:
    """MiB of a snapshot that is not mapped from files."""
    found = indexed.histories
    arrays = (
        found.flags, found.tail_place, found.group, found.members, found.base.offsets,
        found.tail.offsets, found.tail.words, found.tail.rests,
    )  # fmt: skip
    return sum(array.nbytes for array in arrays) >> 20


def measure(log: Owner, events: int) -> dict[str, Any]:
    """What each step takes."""
    found: dict[str, Any] = {"events": events, "cores": os.cpu_count()}
    index.warm()
    asking.warm()
    plain(log)
    found["plain read of the same columns"] = took(lambda: plain(log))
    found["made from nothing"] = took(lambda: log.histories("bench"))
    found["bytes an event"] = round(on_disk(log) / events, 2)
    indexed = log.histories("bench")
    assert indexed is not None
    found["memory of its own, MiB"] = own_memory(indexed)
    found["tuples"] = f"{len(indexed.codes)}, {indexed.histories.base.rests.dtype}"
    found["nothing new"] = took(lambda: log.histories("bench"))
    found["funnel"] = best(indexed)
    found |= joined(log, len(indexed.histories.flags))
    more = 1_000_000
    customers = len(indexed.histories.flags)
    arrive(log, more, customers, late=0.1, batch=1)
    found[f"{more} new events"] = took(lambda: log.histories("bench"))
    indexed = log.histories("bench")
    assert indexed is not None
    found["customers with a tail"] = round(float((indexed.histories.flags == 1).mean()), 3)
    found["memory of its own then, MiB"] = own_memory(indexed)
    found["funnel then"] = best(indexed)
    arrive(log, 1_000, customers, late=0.1, batch=2)
    found["1000 more"] = took(lambda: log.histories("bench"))
    found["opened again"] = took(lambda: reopened(log))
    keeper = log._index(log._workspace("bench"))
    found["compacted"] = took(keeper.tend)
    indexed = log.histories("bench")
    assert indexed is not None
    found["funnel after that"] = best(indexed)
    found["bytes an event then"] = round(on_disk(log) / (events + more + 1_000), 2)
    arrive(log, 1_000, customers, late=0.1, batch=3)
    log.histories("bench")
    for name, batch in (("taken back from the tail, 1000", 3), ("from the base, 1000", 2)):
        with log._cursor() as cursor:
            cursor.execute(f"INSERT INTO ws_bench.undone VALUES ({batch}, now()::TIMESTAMP)")
        found[name] = took(lambda: log.histories("bench"))
    her = frozenset({customers // 2})
    found["erased, of the index alone"] = took(lambda: keeper.forget(her))
    found["erased, of log and index"] = took(
        lambda: log.erase("bench", [Id("customer", "c7")], "e")
    )
    log.histories("bench")
    found["from when to when"] = took(lambda: log.ask_journeys("bench", "extent", {}))
    found["peak memory, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def joined(log: Owner, customers: int) -> dict[str, str]:
    """One customer in ten merged with another, whose events lie far away; then none any more."""
    found = {}
    pairs = customers // 20
    for name, rows in (("merged", pairs), ("un-merged", 0)):
        with log._cursor() as cursor:
            cursor.execute("DELETE FROM ws_bench.customer_of")
            cursor.execute(
                f"INSERT INTO ws_bench.customer_of SELECT {customers} - 1 - i, i FROM range({rows}) r(i)"
            )
            cursor.execute("DELETE FROM ws_bench.builds WHERE name = 'customer_of'")
            cursor.execute(
                f"INSERT INTO ws_bench.builds BY NAME SELECT 'customer_of' AS name, 1 AS version,"
                f" 'done' AS state, '{name}' AS inputs, now()::TIMESTAMP AS started_at,"
                f" now()::TIMESTAMP AS done_at"
            )
        found[f"one in ten {name}"] = took(lambda: log.histories("bench"))
        indexed = log.histories("bench")
        assert indexed is not None
        assert 0.99 * rows <= int((indexed.histories.group >= 0).sum()) <= rows
        found[f"funnel {name}"] = best(indexed)
    return found


def reopened(log: Owner) -> None:
    """The index read from disk, as by another process."""
    held = log._workspace("bench")
    assert held.journeys is not None
    held.journeys.close()
    held.journeys = None
    log.histories("bench")


def main(events: int = 10_000_000) -> None:
    """Print one JSON document."""
    with tempfile.TemporaryDirectory() as folder, Owner(Path(folder)) as log:
        prepare(log, events)
        print(json.dumps(measure(log, events), indent=1))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
