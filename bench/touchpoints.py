"""Events by touchpoint and paths over 10 M events: without rules, with ten, with ten on properties.

Paths come out of the journey index, but with rules on properties: these are left to SQL.

Run it with ``python bench/touchpoints.py [EVENTS]``. The facts are written by the engine itself, as
intake would have written them, since writing them is not what is measured.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import django
import pyarrow as pa

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
django.setup()

from zhiyin.accounts.workspaces import Settings  # noqa: E402
from zhiyin.journey.paths import PathsAsked, paths  # noqa: E402
from zhiyin.warehouse import lang  # noqa: E402
from zhiyin.warehouse.engines.duckdb import remembered  # noqa: E402
from zhiyin.warehouse.journeys import asking  # noqa: E402
from zhiyin.warehouse.owner import Owner  # noqa: E402
from zhiyin.warehouse.rules import Rule, Rules  # noqa: E402

NAMES, CUSTOMERS = 40, 500_000
ROUNDS = 5
MAIN = Settings("bench", "Bench", "UTC", 0, "EUR", "en")


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
            TIMESTAMP '2026-04-01' AS received_at, (hash(i) % {CUSTOMERS})::INTEGER AS customer_key,
            (hash(i + 1) % {NAMES})::INTEGER AS name,
            CASE WHEN hash(i + 2) % 10 = 0 THEN (hash(i) % 9)::INTEGER END AS touchpoint,
            (hash(i + 3) % 6)::INTEGER AS channel,
            '{{"path": "/p/' || (hash(i + 4) % 50) || '", "price": ' || (i % 300) || '}}' AS properties
        FROM range({rows}) AS r(i)
        """
    )
    for name, value in (("seq:events", NAMES + rows), ("key", CUSTOMERS)):
        cursor.execute(f"UPDATE ws_bench.counters SET value = {value} WHERE name = '{name}'")
    cursor.close()


def asked(log: Owner) -> tuple[float, float]:
    """Events and customers by touchpoint."""
    events = lang.table(log.schema("bench"), "events")
    query = events.group_by("touchpoint").aggregate(
        n=events.count(), customers=events.customer.nunique()
    )
    return quickest(lambda: log.execute("bench", query, seconds=300))


def quickest(work: Callable[[], object]) -> tuple[float, float]:
    """The shortest of five times that it takes, by the clock and of all processors."""
    walls, cpus = [], []
    for _round in range(ROUNDS):
        began, began_cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - began_cpu)
    return min(walls), min(cpus)


def main(rows: int = 10_000_000) -> None:
    """Print a table."""
    words = [
        Rule(f"name in ('Event {n}', 'Event {n + 10}') and channel != 'channel {n % 6}'", f"t{n}")
        for n in range(10)
    ]
    properties = [
        Rule(f"name = 'Event {n}' and properties.path = '/p/{n}'", f"t{n}") for n in range(10)
    ]
    kinds: Sequence[tuple[str, list[Rule]]] = (
        ("no rule", []), ("ten rules on names and channels", words),
        ("ten rules on properties", properties),
    )  # fmt: skip
    remembered.LARGEST = -1  # each round asks the engine anew
    asking.warm()
    with tempfile.TemporaryDirectory() as folder, Owner(Path(folder)) as log:
        prepare(log, rows)
        log.tend("bench", always=True)
        print(f"{'seconds, and of all processors':32s} {'by touchpoint':>17s} {'paths':>17s}")
        for kind, rules in kinds:
            log.set_rules("bench", "touchpoint", Rules(tuple(rules)))
            wall, cpu = asked(log)
            said = f"{kind:32s} {wall:8.2f} {cpu:8.2f}"
            if log.ask_journeys("bench", "extent", {}, by=("touchpoint",)) is not None:
                wall, cpu = quickest(lambda: paths(log, MAIN, PathsAsked(top=50)))
                said += f" {wall:8.2f} {cpu:8.2f}"
            print(said, flush=True)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
