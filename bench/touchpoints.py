"""Events by touchpoint over 10 M events: without rules, with ten, with ten on properties.

Run it with ``python bench/touchpoints.py [EVENTS]``. The facts are written by the engine itself, as
intake would have written them, since writing them is not what is measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import remembered
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules

NAMES = 40
ROUNDS = 5


def prepare(log: Owner, rows: int) -> None:
    """So many events of 40 names, a tenth of which name their own touchpoint."""
    log.create("bench")
    first = pa.table(
        {
            "row": list(range(NAMES)),
            "id": [f"first{n}" for n in range(NAMES)],
            "occurred_at": pa.array([datetime(2026, 1, 1)] * NAMES, pa.timestamp("us")),
            "name": [f"Event {n}" for n in range(NAMES)],
            "channel": [f"channel {n % 6}" for n in range(NAMES)],
            "touchpoint": [f"touchpoint {n % 9}" for n in range(NAMES)],
        }
    )
    with log.begin("bench", source="site", label="bench") as batch:
        batch.write("events", first)
        batch.commit()
    cursor = log._root.cursor()
    cursor.execute(
        f"""
        INSERT INTO ws_bench.events BY NAME SELECT {NAMES} + i AS seq, 0 AS batch, i AS id_hash,
            0 AS content_hash, 'e' || i AS id, 0 AS source,
            TIMESTAMP '2026-01-01' + INTERVAL (i % 7776000) SECOND AS occurred_at,
            TIMESTAMP '2026-04-01' AS received_at, (hash(i) % 500000)::INTEGER AS customer_key,
            (hash(i + 1) % {NAMES})::INTEGER AS name,
            CASE WHEN hash(i + 2) % 10 = 0 THEN (hash(i) % 9)::INTEGER END AS touchpoint,
            (hash(i + 3) % 6)::INTEGER AS channel,
            '{{"path": "/p/' || (hash(i + 4) % 50) || '", "price": ' || (i % 300) || '}}' AS properties
        FROM range({rows}) AS r(i)
        """
    )
    cursor.close()


def asked(log: Owner) -> float:
    """The quickest of five: events and customers by touchpoint."""
    events = lang.table(log.schema("bench"), "events")
    query = events.group_by("touchpoint").aggregate(
        n=events.count(), customers=events.customer.nunique()
    )
    taken = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        log.execute("bench", query, seconds=300)
        taken.append(time.perf_counter() - began)
    return min(taken)


def main(rows: int = 10_000_000) -> None:
    """Print a table."""
    words = [Rule(f"name in ('Event {n}', 'Event {n + 10}')", f"t{n}") for n in range(10)]
    paths = [Rule(f"name = 'Event {n}' and properties.path = '/p/{n}'", f"t{n}") for n in range(10)]
    kinds: Sequence[tuple[str, list[Rule]]] = (
        ("no rule", []), ("ten rules on names", words), ("ten rules on properties", paths),
    )  # fmt: skip
    remembered.LARGEST = -1  # each round asks the engine anew
    with tempfile.TemporaryDirectory() as folder, Owner(Path(folder)) as log:
        prepare(log, rows)
        bare = 0.0
        for kind, rules in kinds:
            log.set_rules("bench", "touchpoint", Rules(tuple(rules)))
            took = asked(log)
            bare = bare or took
            print(f"{kind:26s} {took:6.2f} s  {took / bare:5.2f} x", flush=True)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
