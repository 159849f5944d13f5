"""The pages of figures over 10 M answers and 1 M orders: overview, scores, responses.

Beside them, in the same run, what such a page must do at least: one pass of plain sums of its main
figure, by SQL written by hand. The log is in this process, and so the processor's time is of all
that a page needs. Run it with
``python -m bench.overview [ANSWERS] [FOLDER]``; the folder is kept, so that a second run is quick.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bench.measures import _Settings
from zhiyin.kernel.periods import months_later
from zhiyin.warehouse.owner import Owner

TOUCHPOINTS, REGIONS, TIERS, DELAYS, CHANNELS, UNITS = 12, 25, 4, 3, 5, 5
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

CSAT = {"metric": "csat", "kind": "touchpoint", "by": "touchpoint"}
DAY = timedelta(days=1)
UNIT = "unit-0"


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
                    (hash(i + 7) % {UNITS})::INTEGER AS unit,
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
        "unit": [f"unit-{i % UNITS}" for i in range(few)],
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


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of each round, on the clock and of the processor, and the memory that was held."""

    wall: list[float]
    processor: list[float]
    memory_mib: float

    def wall_at(self, share: float) -> float:
        """Seconds under which this share of the rounds stayed."""
        return sorted(self.wall)[min(int(len(self.wall) * share), len(self.wall) - 1)]


def timed(
    work: Callable[[int], Any],
    *,
    rounds: int = ROUNDS,
    warm: int = 1,
    before: Callable[[int], Any] = int,
) -> Taken:
    """So many rounds of `work`, each with its number, after some to warm up.

    Args:
        before: what happens before each round, whose time is not counted.
    """
    for number in range(warm):
        before(number)
        work(number)
    wall, processor = [], []
    for number in range(warm, warm + rounds):
        before(number)
        began, used = time.perf_counter(), time.process_time()
        work(number)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return Taken(wall, processor, _resident_mib())


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def by_hand(file: Path) -> dict[str, Callable[[int], Any]]:
    """The plain sums of each page's main figure, by SQL over the integers of the file."""
    connection = duckdb.connect(str(file), read_only=True)

    def code(domain: str, word: str) -> int:
        asked = "SELECT code FROM words WHERE domain = ? AND word = ?"
        found: int = connection.execute(asked, [domain, word]).fetchall()[0][0]
        return found

    answered = f"answer_state = {code('answer_state', 'answered')} AND score IS NOT NULL"
    satisfied = f"question = {code('question', 'satisfied')} AND {answered}"
    sums = "count(*) AS n, sum(CASE WHEN score >= 4 THEN 1 ELSE 0 END) AS num"

    def run(columns: str, where: str) -> Any:
        sql = f"SELECT {columns} FROM answers WHERE {satisfied} AND {where} GROUP BY ALL"
        return connection.sql(sql).to_arrow_table()

    def within(number: int, months: int = 1) -> str:
        first, after = _month(number - months + 1), _month(number + 1)
        return f"occurred_at >= TIMESTAMP '{first}' AND occurred_at < TIMESTAMP '{after}'"

    month = "date_trunc('month', occurred_at + INTERVAL 8 HOUR)"
    touchpoints = [code("touchpoint", f"touchpoint {n}") for n in range(TOUCHPOINTS)]
    return {
        "month": lambda n: run(f"touchpoint, {sums}", within(n)),
        "two months": lambda n: run(f"touchpoint, {month} AS month, {sums}", within(n, 2)),
        "region": lambda n: run(f"touchpoint, {sums}", f"d_region = {n % REGIONS}"),
        "all": lambda _n: run(f"touchpoint, {month} AS month, {sums}", "true"),
        "rows": lambda n: run(
            "seq, customer_key, score",
            f"{within(9)} AND touchpoint = {touchpoints[n % TOUCHPOINTS]} AND score <= 2",
        ),
    }


def _month(number: int) -> date:
    """The first day of a month, counted from January 2024."""
    return months_later(date(2024, 1, 1), number)


def pages(log: Owner, unit: str) -> dict[str, tuple[str, int, Callable[[int], None]]]:
    """What is measured: beside which SQL by hand, how many rounds, and the page of a round.

    Each round asks what no round before has asked, but for the two of the second reader.
    """
    from zhiyin.web import overview_page, responses_page, scores_page

    settings: Any = _Settings()

    def overview(number: int, **more: str) -> None:
        asked = {"period": f"month:{_month(number)}", **more}
        page = overview_page.build(log, settings, asked, scope=None, sees_it=True)
        assert page.cards
        assert page.worst

    def scores(**asked: str) -> None:
        page = scores_page.build(log, settings, asked, sees_it=True, sees_rows=True)
        assert page.rows, page.problem

    def by_touchpoint(number: int) -> None:
        first, after = _month(number), _month(number + 1)
        scores(**CSAT, against="previous", **{"from": f"{first}"}, until=f"{after - DAY}")

    def responses(number: int) -> None:
        where = f"touchpoint = 'touchpoint {number % TOUCHPOINTS}' and score <= 2"
        asked = {"metric": "csat", "from": "2024-10-01", "until": "2024-10-31", "where": where}
        assert responses_page.build(log, settings, asked, sees_it=True).rows

    def filtered(number: int) -> None:
        scores(**CSAT, against="rest", **{"is.region": f"region {number % REGIONS}"})

    def by_month(number: int) -> None:
        scores(**CSAT, every="month", against="", **{"is.tier": f"tier {number}"})

    everywhere = {"every": "month", "against": ""}
    return {
        "Overview, first view": ("month", 10, lambda n: overview(12 + n)),
        "Overview, of a unit": ("month", 6, lambda n: overview(12 + n, unit=unit)),
        "Overview, second reader": ("month", 6, lambda _n: overview(13)),
        "Scores by touchpoint, period before": ("two months", 12, lambda n: by_touchpoint(8 + n)),
        "Scores, a change of filter": ("region", 20, filtered),
        "Scores by month by touchpoint": ("all", 3, by_month),
        "the same, second reader": ("all", 6, lambda _n: scores(**CSAT, **everywhere)),
        "Responses behind a figure": ("rows", 11, responses),
    }


def measure(data: Path, answers: int) -> None:
    """Print a line a page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
    os.environ["ZHIYIN_DATA"] = str(data)
    data.mkdir(parents=True, exist_ok=True)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    prepare(data, answers)
    hand = by_hand(data / "log" / "bench.duckdb")
    beside = {name: timed(work, rounds=6) for name, work in hand.items()}
    hand.clear()  # the engine's file is one process's and one connection's
    print(f"{answers:,} answers; × is of the processor's time that SQL by hand takes")
    with Owner(data) as log:
        for name, (same, rounds, page) in pages(log, _unit()).items():
            found, processor = timed(page, rounds=rounds), beside[same].processor
            ratio = statistics.median(found.processor) / statistics.median(processor)
            print(
                f"{name:38} p50 {found.wall_at(0.5):6.2f} s  p95 {found.wall_at(0.95):6.2f} s"
                f"  processor {statistics.median(found.processor):5.2f} s  {ratio:5.1f} ×"
                f"  {found.memory_mib:5.0f} MiB",
                flush=True,
            )


def _unit() -> str:
    """The key of a unit that takes in every fifth answer, made where it is not there."""
    from zhiyin.accounts.models import Unit, Workspace

    workspace, _made = Workspace.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    unit, _made = Unit.objects.get_or_create(workspace=workspace, key=UNIT, name="Unit")
    return str(unit.key)


def main() -> None:
    """Print a table."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        data = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder)
        measure(data, answers)


if __name__ == "__main__":
    main()
