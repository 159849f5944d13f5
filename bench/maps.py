"""The page of a journey map with 30 touchpoints over 100 M events and 10 M answers, warm.

Beside each view, in the same run, what it must do at least: one pass over the journey index that only counts sessions, and
one plain sum of the month's answers by SQL written by hand. Run it with ``python -m bench.maps [EVENTS] [FOLDER]``; the
folder keeps the log, so that a second run is quick. The events arrive while the page is asked: each view is
of another month and after a new event, so none is remembered. 100 M events take three minutes to write, and 2 GB.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
django.setup()

import duckdb  # noqa: E402
import pyarrow as pa  # noqa: E402

from bench import journey_index  # noqa: E402
from bench.overview import Taken, timed  # noqa: E402
from zhiyin.accounts.workspaces import Settings  # noqa: E402
from zhiyin.kernel.periods import months_later  # noqa: E402
from zhiyin.maps.document import Lane, Map, Node, Stage  # noqa: E402
from zhiyin.maps.figures import Figures, figures  # noqa: E402
from zhiyin.maps.seen import Seen  # noqa: E402
from zhiyin.warehouse.owner import Owner  # noqa: E402

SETTINGS = Settings("bench", "Bench", "Asia/Shanghai", 0, "CNY", "en")
STAGES, TOUCHPOINTS = 6, journey_index.TOUCHPOINTS
QUESTIONS = {
    # question: (metric, kind, lowest, highest, share of the answers)
    "satisfied": ("csat", "touchpoint", 1, 5, 0.80),
    "ease": ("ces", "touchpoint", 1, 7, 0.10),
    "kept": ("rating", "touchpoint", 1, 5, 0.05),
    "recommend_journey": ("nps", "journey", 0, 10, 0.05),
}
ROUNDS = 24


def prepare(data: Path, events: int) -> None:
    """A log of a year: so many events, a tenth as many answers, a hundredth as many orders."""
    file = data / "log" / "bench.duckdb"
    if file.exists():
        return
    with Owner(data) as log:
        customers = journey_index.prepare(log, events)
        _seed(log)
    with duckdb.connect(str(file)) as connection:
        first = 10_000
        for question, (_metric, _kind, low, high, share) in QUESTIONS.items():
            rows = int(events * 0.1 * share)
            connection.execute(
                f"""
                INSERT INTO answers BY NAME
                SELECT a.* REPLACE (
                    {first} + i AS seq, {first} + i AS id_hash, {first} + i AS content_hash,
                    'b' || ({first} + i) AS id, 'r' || ({first} + i) AS response,
                    TIMESTAMP '2026-01-01' + to_seconds((i * 365.0 * 86400 / {rows})::BIGINT)
                        AS occurred_at,
                    (hash(i + {first}) % {customers})::INTEGER AS customer_key,
                    ({low} + floor({high - low + 1} * sqrt((hash(i + 1) % 10000) / 10000.0)))
                        AS score,
                    (hash(i + 2) % {TOUCHPOINTS})::INTEGER AS touchpoint,
                    (hash(i + 6) % {journey_index.CHANNELS})::INTEGER AS channel)
                FROM (SELECT * FROM answers WHERE id = 'seed-{question}') a, range({rows}) r(i)
                """
            )
            first += rows
        connection.execute(
            f"""
            INSERT INTO orders BY NAME
            SELECT a.* REPLACE (
                1000 + i AS seq, 1000 + i AS id_hash, 1000 + i AS content_hash, 'o' || i AS id,
                TIMESTAMP '2026-01-01' + to_seconds((i * 365.0 * 86400 / {events // 100})::BIGINT)
                    AS occurred_at,
                (hash(i + 5) % {customers})::INTEGER AS customer_key)
            FROM (SELECT * FROM orders LIMIT 1) a, range({events // 100}) r(i)
            """
        )


def _seed(log: Owner) -> None:
    """One answer to each question and one order, through the front door."""
    at = datetime(2026, 1, 1)
    for question, (metric, kind, low, high, _share) in QUESTIONS.items():
        row = {
            "row": [0], "id": [f"seed-{question}"], "occurred_at": [at], "customer": ["c1"],
            "question": [question], "metric": [metric], "kind": [kind], "score": [float(low)],
            "scale_min": [float(low)], "scale_max": [float(high)], "direction": ["up"],
            "answer_state": ["answered"], "touchpoint": ["touchpoint 0"],
            "channel": ["channel 0"], "response": ["r0"],
        }  # fmt: skip
        _write(log, "answers", row)
    _write(log, "orders", {"row": [0], "id": ["seed"], "occurred_at": [at], "customer": ["c1"],
                           "amount": [100.0], "currency": ["CNY"]})  # fmt: skip


def _write(log: Owner, table: str, row: dict[str, Any]) -> None:
    with log.begin("bench", source="bench", label=f"seed {table} {row['id'][0]}") as batch:
        batch.write(table, pa.table(row))
        batch.commit()


def drawn() -> Map:
    """A map of thirty touchpoints in six stages and three lanes, all bound."""
    nodes = tuple(
        Node(
            id=f"t{number}",
            stage=f"s{number * STAGES // TOUCHPOINTS}",
            lane=f"l{number % 3}",
            wish=("solve", "answer", "compare", "tick-off")[number % 4],  # type: ignore[arg-type]
            promise_question="kept" if number == 3 else "",
            events=f"touchpoint = 'touchpoint {number}'",
            answers=f"touchpoint = 'touchpoint {number}'",
            is_help=number in (11, 23),
        )
        for number in range(TOUCHPOINTS)
    )
    return Map(
        name={"en": "Bench"},
        goal="name 9 | name 19",
        pause="14d",
        whole="recommend_journey",
        stages=tuple(Stage(f"s{n}", begins=n < 2) for n in range(STAGES)),
        lanes=tuple(Lane(f"l{n}") for n in range(3)),
        nodes=nodes,
    )


def month(number: int) -> Seen:
    """A month of 2026, beside the month before."""
    first = months_later(date(2026, 1, 1), number % 12)
    return Seen(first, months_later(first, 1))


def main(events: int, data: Path) -> None:
    """Print a line a view: p50, p95 and the longest, and what it is beside."""
    prepare(data, events)
    map_ = drawn()
    with Owner(data) as log:
        _arrive(log, 0)

        def ask(seen: Seen) -> Figures:
            return figures(log, SETTINGS, map_, seen, now=datetime(2027, 1, 1))

        def of_month(number: int) -> None:
            assert ask(month(1 + number)).traffic.customers

        def of_year(_number: int) -> None:
            assert ask(Seen(date(2026, 1, 1), date(2027, 1, 1))).traffic.customers

        def again(_number: int) -> None:
            ask(month(1))

        began = time.perf_counter()
        ask(month(0))
        print(f"first view after a start {time.perf_counter() - began:.2f} s", flush=True)
        for name, work, rounds, arrives in (
            ("a month beside the month before, each after a new event", of_month, ROUNDS, True),
            ("the whole year, each after a new event", of_year, 6, True),
            ("the same month again", again, 6, False),
        ):
            before = partial(_arrive, log) if arrives else int
            _print(name, timed(work, rounds=rounds, before=before))
        print(f"by hand: {_by_hand(data, log):.2f} s", flush=True)


def _arrive(log: Owner, number: int) -> None:
    """One event and one answer more, so that nothing that is remembered holds."""
    at = datetime(2026, 12, 31, 12) + timedelta(seconds=number)
    stamp = time.time_ns()
    _write(log, "events", {"row": [0], "id": [f"new {stamp}"], "occurred_at": [at],
                           "customer": [f"c{number}"], "name": ["name 1"],
                           "touchpoint": ["touchpoint 1"]})  # fmt: skip
    _write(log, "answers", {
        "row": [0], "id": [f"new {stamp}"], "occurred_at": [at], "customer": [f"c{number}"],
        "question": ["satisfied"], "metric": ["csat"], "kind": ["touchpoint"], "score": [4.0],
        "scale_min": [1.0], "scale_max": [5.0], "direction": ["up"],
        "answer_state": ["answered"], "touchpoint": ["touchpoint 1"],
    })  # fmt: skip


def _by_hand(data: Path, log: Owner) -> float:
    """The least that a month's view does: sums of its answers by touchpoint, and one pass over
    its events that counts sessions; the best of five."""
    span = (
        "occurred_at >= TIMESTAMP '2026-05-31 16:00' AND occurred_at < TIMESTAMP '2026-06-30 16:00'"
    )
    sql = f"SELECT touchpoint, count(*), sum(score), sum(score * score) FROM ws_bench.answers WHERE {span} GROUP BY ALL"

    def least(number: int) -> None:
        with log._cursor() as cursor:
            cursor.sql(sql).to_arrow_table()
        log.ask_journeys(
            "bench", "sessions", {"gap": 1_800_000_000, "start": stamp(5) + number, "end": stamp(6)}
        )

    def stamp(number: int) -> int:
        first = months_later(date(2026, 1, 1), number)
        return int(datetime(first.year, first.month, 1).timestamp() * 1e6)

    return _best(least)


def _best(work: Callable[[int], None]) -> float:
    """The shortest of five times, each asked otherwise, so that nothing is remembered."""
    best = float("inf")
    for number in range(5):
        began = time.perf_counter()
        work(number)
        if number:
            best = min(best, time.perf_counter() - began)
    return best


def _print(name: str, taken: Taken) -> None:
    longest = max(taken.wall)
    print(
        f"{name}: p50 {statistics.median(taken.wall):.2f} s, p95 {taken.wall_at(0.95):.2f}, longest"
        f" {longest:.2f}; processor {statistics.median(taken.processor):.2f} s; {taken.memory_mib:.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000
    if len(sys.argv) > 2:
        main(count, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(count, Path(folder))
