"""NPS by month × touchpoint × region over 10 M answers, with intervals that count customers.

Beside it, in the same run, the same plain sums by SQL written by hand. Run it with
``python bench/measures.py [ROWS] [FOLDER]``; the folder is kept, so that a second run is quick.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from zhiyin.measure.cells import Cells
from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import prepared, score, series
from zhiyin.warehouse.engines.duckdb import remembered
from zhiyin.warehouse.owner import Owner

MONTHS, TOUCHPOINTS, REGIONS = 24, 12, 25
ROUNDS = 5

BY_HAND = """
    SELECT date_trunc('month', occurred_at + INTERVAL 8 HOUR) AS month, touchpoint, d_region,
        count(*) AS n,
        sum(CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END) AS num,
        sum(CASE WHEN score >= 9 OR score <= 6 THEN 1 ELSE 0 END) AS yy
    FROM answers
    WHERE metric = {metric} AND answer_state = {answered} AND score IS NOT NULL
    GROUP BY ALL
"""


class _Settings:
    """A workspace's settings without the relational store."""

    slug, timezone, currency, language = "bench", "Asia/Shanghai", "CNY", "en"
    week_start, fiscal_year_start = 0, 1
    minimum_base, test_base, small_base = 10, 30, 100


def prepare(data: Path, rows: int) -> Path:
    """A log with so many NPS answers by a fifth as many customers; returns its file."""
    file = data / "log" / "bench.duckdb"
    if file.exists():
        return file
    with Owner(data) as log:
        log.create("bench")
        log.declare("bench", {"answers": {"region": "text"}})
        few = max(TOUCHPOINTS, REGIONS)
        seed = {
            "row": list(range(few)),
            "id": [f"seed-{i}" for i in range(few)],
            "occurred_at": [datetime(2024, 1, 15)] * few,
            "question": ["recommend"] * few,
            "metric": ["nps"] * few,
            "kind": ["touchpoint"] * few,
            "score": [9.0] * few,
            "scale_min": [0.0] * few,
            "scale_max": [10.0] * few,
            "direction": ["up"] * few,
            "answer_state": ["answered"] * few,
            "touchpoint": [f"touchpoint {i % TOUCHPOINTS}" for i in range(few)],
            "d_region": [f"region {i % REGIONS}" for i in range(few)],
        }
        with log.begin("bench", source="bench", label="seed") as batch:
            batch.write("answers", pa.table(seed))
            batch.commit()
    # The rest goes straight into the file: the point here is reading, not writing.
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            INSERT INTO answers BY NAME
            SELECT a.* REPLACE (
                1000 + i AS seq,
                1000 + i AS id_hash,
                1000 + i AS content_hash,
                'b' || i AS id,
                TIMESTAMP '2023-12-31 16:00' + to_seconds((i * 730.0 * 86400 / $rows)::BIGINT)
                    AS occurred_at,
                100 + (hash(i) % ($rows // 5))::INTEGER AS customer_key,
                (hash(i + 1) % 11)::DOUBLE AS score,
                (hash(i + 2) % $touchpoints)::INTEGER AS touchpoint,
                (hash(i + 3) % $regions)::INTEGER AS d_region)
            FROM (SELECT * FROM answers LIMIT 1) a, range($rows) r(i)
            """,
            {"rows": rows, "touchpoints": TOUCHPOINTS, "regions": REGIONS},
        )
    return file


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The best of some rounds in seconds, after one to warm up, and what it gave."""
    found = work()
    best = float("inf")
    for _round in range(ROUNDS):
        started = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - started)
    return best, found


def measure(data: Path, rows: int) -> dict[str, Any]:
    """Times in seconds, ratios, and peak memory."""
    file = prepare(data, rows)
    remembered.LARGEST = -1  # each round asks the engine anew
    settings: Any = _Settings()
    request = ScoreRequest("nps", by=("touchpoint", "region"), every="month")
    found: dict[str, Any] = {"rows": rows}
    with duckdb.connect(str(file), read_only=True) as connection:
        codes = {
            domain: connection.execute(
                "SELECT code FROM words WHERE domain = ? AND word = ?", [domain, word]
            ).fetchall()[0][0]
            for domain, word in (("metric", "nps"), ("answer_state", "answered"))
        }
        sql = BY_HAND.format(metric=codes["metric"], answered=codes["answer_state"])
        found["by_hand"], table = timed(lambda: connection.sql(sql).to_arrow_table())
        found["cells"] = table.num_rows
    with Owner(data) as log:
        cells = Cells.of(log, settings, request, METRICS["nps"], now=datetime(2026, 6, 1))
        ready = prepared(log, settings, request)
        buckets = series(ready, request)
        found["check"], _asked = timed(lambda: cells.asked([ready.window]))
        query = ready.cells.rows(ready.window, buckets=buckets)
        level = [*cells.levels, "period"]
        plain = query.group_by(level).aggregate(
            n=query.count(), num=query.num.sum(), yy=(query.num * query.num).sum()
        )
        found["plain"], table = timed(lambda: log.execute("bench", plain))
        found["totals"], _sums = timed(lambda: cells.totals(query, [level, []]))
        found["score"], scores = timed(lambda: score(log, settings, request))
        found["figures"] = len(scores.rows)
        people = ScoreRequest("nps", by=("touchpoint", "region"), every="month", per="customer")
        found["score_per_customer"], _scores = timed(lambda: score(log, settings, people))
    found["plain_to_by_hand"] = found["plain"] / found["by_hand"]
    found["score_to_by_hand"] = found["score"] / found["by_hand"]
    found["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def main() -> None:
    """Print one JSON document."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        data = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder)
        print(json.dumps(measure(data, rows), indent=1))


if __name__ == "__main__":
    main()
