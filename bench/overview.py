"""The overview and a change of filter on the page of scores, over 10 M answers and 1 M orders.

Beside them, in the same run, what any page of figures must do at least: one pass of plain sums by
touchpoint over the period, by SQL written by hand. Run it with
``python -m bench.overview [ANSWERS] [FOLDER]``; the folder is kept, so that a second run is quick.
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

import duckdb
import pyarrow as pa

from bench.measures import _Settings
from zhiyin.kernel.filters import parse
from zhiyin.warehouse.owner import Owner

TOUCHPOINTS, REGIONS, TIERS, DELAYS, CHANNELS = 12, 25, 4, 3, 5
ROUNDS = 12
DAYS = 730
BEGINS = "2023-12-31 16:00"

QUESTIONS = {
    # question: (metric, kind, lowest, highest, share of the answers)
    "satisfied": ("csat", "touchpoint", 1, 5, 0.70),
    "recommend_journey": ("nps", "journey", 0, 10, 0.15),
    "recommend": ("nps", "relationship", 0, 10, 0.05),
    "ease": ("ces", "touchpoint", 1, 7, 0.05),
    "reason": ("choice", "touchpoint", None, None, 0.05),
}

BY_HAND = """
    SELECT touchpoint, count(*) AS n, sum(CASE WHEN score >= 4 THEN 1 ELSE 0 END) AS num
    FROM answers
    WHERE question = {question} AND answer_state = {answered} AND score IS NOT NULL
        AND occurred_at >= TIMESTAMP '2025-10-01' AND occurred_at < TIMESTAMP '2025-11-01'
    GROUP BY ALL
"""


def prepare(data: Path, answers: int) -> None:
    """A log with so many answers to five questions, a tenth as many orders, a fiftieth in words."""
    file = data / "log" / "bench.duckdb"
    if file.exists():
        return
    with Owner(data) as log:
        log.create("bench")
        log.declare("bench", {"answers": {"region": "text", "tier": "text", "delay": "text"}})
        _seed(log)
    customers = answers // 5
    with duckdb.connect(str(file)) as connection:
        first = 1000
        for question, (_metric, _kind, low, high, share) in QUESTIONS.items():
            rows = int(answers * share)
            score = (
                "NULL" if low is None or high is None
                else f"({low} + floor({high - low + 1} * sqrt((hash(i + 1) % 10000) / 10000.0)))"
            )  # fmt: skip
            connection.execute(
                f"""
                INSERT INTO answers BY NAME
                SELECT a.* REPLACE (
                    {first} + i AS seq, {first} + i AS id_hash, {first} + i AS content_hash,
                    'b' || ({first} + i) AS id, 'r' || (i % {answers // 2}) AS response,
                    TIMESTAMP '{BEGINS}' + to_seconds((i * {DAYS}.0 * 86400 / {rows})::BIGINT)
                        AS occurred_at,
                    100 + (hash(i + {first}) % {customers})::INTEGER AS customer_key,
                    {score} AS score,
                    (hash(i + 2) % {TOUCHPOINTS})::INTEGER AS touchpoint,
                    (hash(i + 6) % {CHANNELS})::INTEGER AS channel,
                    (hash(i + 3) % {REGIONS})::INTEGER AS d_region,
                    (hash(i + 4) % {TIERS})::INTEGER AS d_tier,
                    (hash(i + 5) % {DELAYS})::INTEGER AS d_delay)
                FROM (SELECT * FROM answers WHERE id = 'seed-{question}') a, range({rows}) r(i)
                """
            )
            first += rows
        _more(connection, "orders", answers // 10, customers)
        _more(connection, "verbatims", answers // 50, customers)
        _more(connection, "responses", answers // 2, customers)


def _seed(log: Owner) -> None:
    """One row of each kind, and every word once, through the front door."""
    at = datetime(2024, 1, 15)
    few = max(TOUCHPOINTS, REGIONS)
    words = {
        "touchpoint": [f"touchpoint {i % TOUCHPOINTS}" for i in range(few)],
        "channel": [f"channel {i % CHANNELS}" for i in range(few)],
        "d_region": [f"region {i % REGIONS}" for i in range(few)],
        "d_tier": [f"tier {i % TIERS}" for i in range(few)],
        "d_delay": [f"delay {i % DELAYS}" for i in range(few)],
    }
    for question, (metric, kind, low, high, _share) in QUESTIONS.items():
        row = {
            "question": question, "metric": metric, "kind": kind, "answer_state": "answered",
            "direction": "up" if low is not None else None,
            "scale_min": None if low is None else float(low),
            "scale_max": None if high is None else float(high),
            "score": None if low is None else float(low),
            "choice": "waiting" if low is None else None,
            "occurred_at": at, "customer": "c1", "response": "r0",
        }  # fmt: skip
        rows = {name: pa.array([value] * few) for name, value in row.items() if value is not None}
        rows["row"] = pa.array(range(few))
        rows["id"] = pa.array(
            [f"seed-{question}", *(f"seed-{question}-{n}" for n in range(1, few))]
        )
        rows |= {name: pa.array(values) for name, values in words.items()}
        _write(log, "answers", pa.table(rows))
    common = {"row": [0], "id": ["seed"], "occurred_at": [at], "customer": ["c1"]}
    _write(log, "orders", pa.table({**common, "amount": [100.0], "currency": ["CNY"]}))
    _write(log, "verbatims", pa.table({**common, "response": ["r0"], "question": ["why"],
                                       "text": ["It took an hour."]}))  # fmt: skip
    _write(log, "responses", pa.table({**common, "survey": ["after"]}))


def _write(log: Owner, table: str, rows: pa.Table) -> None:
    with log.begin("bench", source="bench", label=f"seed {table}") as batch:
        batch.write(table, rows)
        batch.commit()


def _more(connection: duckdb.DuckDBPyConnection, table: str, rows: int, customers: int) -> None:
    response = ", 'r' || i AS response" if table == "verbatims" else ""
    id_ = "'r' || i" if table == "responses" else f"'{table}' || i"
    connection.execute(
        f"""
        INSERT INTO {table} BY NAME
        SELECT a.* REPLACE (
            1000 + i AS seq, 1000 + i AS id_hash, 1000 + i AS content_hash, {id_} AS id,
            TIMESTAMP '{BEGINS}' + to_seconds((i * {DAYS}.0 * 86400 / {rows})::BIGINT)
                AS occurred_at,
            100 + (hash(i) % {customers})::INTEGER AS customer_key{response})
        FROM (SELECT * FROM {table} LIMIT 1) a, range({rows}) r(i)
        """
    )


def timed(work: Callable[[int], Any], rounds: int = ROUNDS) -> dict[str, float]:
    """Median and 95th percentile in seconds of so many rounds, after one to warm up."""
    work(0)
    taken = []
    for number in range(rounds):
        began = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - began)
    taken.sort()
    return {"median": taken[len(taken) // 2], "p95": taken[int(len(taken) * 0.95)]}


def measure(data: Path, answers: int) -> dict[str, Any]:
    """Times in seconds, ratios, and peak memory."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
    os.environ["ZHIYIN_DATA"] = str(data)
    import django

    django.setup()
    from zhiyin.web import overview_page, responses_page, scores_page

    prepare(data, answers)
    settings: Any = _Settings()
    # Whoever has a scope chooses no unit, and so the relational store is not asked.
    everything = parse("not unit = 'none'")
    found: dict[str, Any] = {"answers": answers}
    with duckdb.connect(str(data / "log" / "bench.duckdb"), read_only=True) as connection:
        codes = {
            name: connection.execute(
                "SELECT code FROM words WHERE domain = ? AND word = ?", [domain, word]
            ).fetchall()[0][0]
            for name, domain, word in (
                ("question", "question", "satisfied"),
                ("answered", "answer_state", "answered"),
            )
        }
        sql = BY_HAND.format(**codes)
        found["by_hand"] = timed(lambda _n: connection.sql(sql).to_arrow_table())
    with Owner(data) as log:
        months = [f"month:2025-{month:02d}-01" for month in range(2, 11)]

        def overview(number: int) -> None:
            asked = {"period": months[number % len(months)]}
            page = overview_page.build(log, settings, asked, scope=everything, sees_it=True)
            assert page.cards
            assert page.worst

        def filtered(number: int) -> None:
            asked = {
                "metric": "csat", "kind": "touchpoint", "by": "touchpoint", "against": "rest",
                "from": "2025-10-01", "until": "2025-10-31", "is.region": f"region {number % REGIONS}",
            }  # fmt: skip
            page = scores_page.build(log, settings, asked, sees_it=True)
            assert page.rows

        def series(number: int) -> None:
            asked = {
                "metric": "nps", "kind": "journey", "by": "", "every": "month", "against": "",
                "is.tier": f"tier {number % TIERS}",
            }  # fmt: skip
            page = scores_page.build(log, settings, asked, sees_it=True)
            assert page.rows

        def behind(number: int) -> None:
            asked = {
                "metric": "csat", "from": "2025-10-01", "until": "2025-10-31",
                "where": f"touchpoint = 'touchpoint {number % TOUCHPOINTS}' and score <= 2",
            }  # fmt: skip
            page = responses_page.build(log, settings, asked, sees_it=True)
            assert page.rows

        found["overview"] = timed(overview)
        found["scores_filter"] = timed(filtered)
        found["scores_series"] = timed(series)
        found["responses"] = timed(behind, rounds=6)
    hand = found["by_hand"]["median"]
    for name in ("overview", "scores_filter", "scores_series", "responses"):
        found[f"{name}_to_by_hand"] = found[name]["median"] / hand
    found["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def main() -> None:
    """Print one JSON document."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        data = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder)
        print(json.dumps(measure(data, answers), indent=1))


if __name__ == "__main__":
    main()
