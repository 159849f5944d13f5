"""What came of a survey of twenty questions and a million responses: the page of its results.

Run it with ``python -m bench.survey_results [RESPONSES] [FOLDER]``; the folder is kept, so that a second run is quick.
Beside it, in the same run, one pass of plain counts by hand over the same answers. The log is in this process, and so
the processor's time is of all that the page needs. Half a minute and 2 GB of disk at a million.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import duckdb
import pyarrow as pa

from bench.spent import Spent, spent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")

KINDS = {
    "nps": 1, "csat": 3, "ces": 2, "rating": 4, "single": 5, "multiple": 2, "ranking": 1,
    "number": 1, "comment": 1,
}  # fmt: skip
CHOICES = ("one", "two", "three", "four")
AT = datetime(2026, 1, 15)
CUSTOMERS = 800_000
CHANNELS = ("app", "web", "wechat")
FIRST = 100_000
"""The first number of a row that is filled in."""
WIDTH = 32
"""A response has at most so many rows."""
TOGETHER = 50_000
LOADS = 60
SCORED = ("nps", "csat", "ces", "rating")


def survey() -> Any:
    """Twenty questions on two pages."""
    from zhiyin.collect.surveys.definition import Choice, Page, Question, Survey

    choices = tuple(Choice(name, {"en": name}) for name in CHOICES)
    questions = [
        Question(f"{kind}{n}", kind, {"en": f"{kind} {n}?"},
                 choices=choices if kind in ("single", "multiple", "ranking") else ())
        for kind, count in KINDS.items() for n in range(count)
    ]  # fmt: skip
    pages = (Page("first", tuple(questions[:10])), Page("second", tuple(questions[10:])))
    return Survey(title={"en": "Bench"}, pages=pages, kind="touchpoint")


def prepare(data: Path, responses: int) -> None:
    """The survey, published; its answers, straight into the engine's file."""
    from zhiyin.accounts import actions as accounts
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions
    from zhiyin.collect.surveys.definition import METRICS
    from zhiyin.warehouse.owner import Owner

    file = data / "log" / "main.duckdb"
    if file.exists():
        return
    accounts.set_up(by=COMMAND_LINE, login="bench")
    made = survey()
    actions.create(by=COMMAND_LINE, workspace="main", key="bench", survey=made)
    actions.publish(by=COMMAND_LINE, workspace="main", key="bench")
    common = {"occurred_at": AT, "customer": "c1", "survey": "bench", "version": 1}
    seeds = []
    for item in made.items():
        question = item.question
        low, high = question.scale
        is_scored = METRICS[question.type] in ("nps", "csat", "ces", "rating")
        for place, state in enumerate(("answered", "skipped")):
            seeds.append({
                **common, "id": f"{item.name}:{place}", "response": f"{item.name}:{place}", "question": item.series,
                "metric": METRICS[question.type], "kind": "touchpoint" if is_scored else None,
                "answer_state": state, "scale_min": float(low) if is_scored else None,
                "scale_max": float(high) if is_scored else None, "score": None, "choice": None,
                "direction": "up" if is_scored else None, "channel": CHANNELS[place],
            })  # fmt: skip
    filled = {
        **common,
        "id": "r",
        "started_at": AT,
        "ended_at": AT,
        "last_at": AT,
        "channel": CHANNELS[2],
    }
    with Owner(data) as log:
        if "main" not in log.workspaces():
            log.create("main")
        for table, rows in (("answers", seeds), ("responses", [filled])):
            with log.begin("main", source="surveys", label="seed") as batch:
                batch.write(
                    table, pa.Table.from_pylist([{"row": n, **row} for n, row in enumerate(rows)])
                )
                batch.commit()
    with duckdb.connect(str(file)) as connection:
        fill(connection, made, responses)


def fill(connection: duckdb.DuckDBPyConnection, made: Any, responses: int) -> None:
    """So many responses, one in twenty answers skipped; of several choices two on average."""
    codes = dict(
        connection.execute("SELECT word, code FROM words WHERE domain = 'answer_state'").fetchall()
    )
    parts, place = [], 0
    for number, item in enumerate(made.items()):
        question, salt = item.question, 10 * number
        low, high = question.scale
        rows = 2 if question.type in ("multiple", "ranking") else 1
        score = {
            "single": "NULL", "multiple": "NULL", "comment": "NULL", "ranking": "k + 1",
            "number": f"hash(i + {salt}) % 500",
        }.get(question.type, f"{low} + floor({high - low + 1} * sqrt((hash(i + {salt}) % 10000) / 10000.0))")  # fmt: skip
        names = ", ".join(f"'{name}'" for name in CHOICES)
        choice = f"[{names}][1 + ((hash(i + {salt + 1}) + k) % {len(CHOICES)})::INTEGER]"
        choice = choice if question.type in ("single", "multiple", "ranking") else "NULL"
        skipped = f"hash(i + {salt + 2}) % 20 = 0"
        parts.append(
            f"""
            SELECT a.* REPLACE (
                {FIRST} + {WIDTH} * i + {place} + k AS seq, hash({FIRST} + {WIDTH} * i + {place} + k) AS id_hash,
                0 AS content_hash,
                'r' || i || ':{number}' || CASE WHEN {rows} > 1 THEN ':' || (k + 1) ELSE '' END AS id,
                'r' || i AS response, TIMESTAMP '2026-02-01' + to_seconds(i % 7000000) AS occurred_at,
                1000 + (hash(i) % {CUSTOMERS})::INTEGER AS customer_key,
                CASE WHEN {skipped} THEN {codes["skipped"]} ELSE {codes["answered"]} END AS answer_state,
                CASE WHEN {skipped} THEN NULL ELSE {score} END AS score,
                CASE WHEN {skipped} THEN NULL ELSE {choice} END AS choice,
                (hash(i + 5) % {len(CHANNELS)})::INTEGER AS channel)
            FROM (SELECT * FROM answers WHERE id = '{item.name}:0') a, {{some}} r(i), range({rows}) q(k)
            WHERE k = 0 OR NOT ({skipped})
            """
        )
        place += rows
    for start in range(0, responses, TOGETHER):
        # As they arrive: the answers of one response, and then those of the next.
        some = f"range({start}, {min(start + TOGETHER, responses)})"
        every = " UNION ALL ".join(parts).replace("{some}", some)
        connection.execute(f"INSERT INTO answers BY NAME {every} ORDER BY seq")
    for name, value in {
        "seq:answers": FIRST + WIDTH * responses,
        "seq:responses": FIRST + (WIDTH + 1) * responses,
        "key": 1000 + CUSTOMERS,
    }.items():
        connection.execute("UPDATE counters SET value = ? WHERE name = ?", [value, name])
    connection.execute(
        f"""
        INSERT INTO responses BY NAME
        SELECT a.* REPLACE ({FIRST} + {WIDTH} * {responses} + i AS seq, hash({FIRST} + {WIDTH} * {responses} + i) AS id_hash, 0 AS content_hash, 'r' || i || ':2' AS id,
            TIMESTAMP '2026-02-01' + to_seconds(i % 7000000) AS occurred_at,
            TIMESTAMP '2026-02-01' + to_seconds(i % 7000000) AS started_at,
            TIMESTAMP '2026-02-01' + to_seconds(i % 7000000 + 60) AS last_at,
            CASE WHEN hash(i + 7) % 5 > 0 THEN TIMESTAMP '2026-02-01' + to_seconds(i % 7000000 + 30 + (hash(i) % 400)::BIGINT)
                END AS ended_at,
            1000 + (hash(i) % {CUSTOMERS})::INTEGER AS customer_key,
            (hash(i + 5) % {len(CHANNELS)})::INTEGER AS channel)
        FROM (SELECT * FROM responses WHERE id = 'r') a, range({responses}) r(i)
        """
    )


def measure(data: Path, responses: int) -> None:
    """Print a line a question."""
    from django.core.management import call_command

    data.mkdir(parents=True, exist_ok=True)
    os.environ["ZHIYIN_DATA"] = str(data)
    django.setup()
    call_command("migrate", verbosity=0)
    prepare(data, responses)
    with duckdb.connect(str(data / "log" / "main.duckdb"), read_only=True) as connection:
        ((answers,),) = connection.execute("SELECT count(*) FROM answers").fetchall()
        by_hand = "SELECT question, answer_state, score, choice, count(*) FROM answers GROUP BY ALL"
        _rows, plain = spent(lambda: connection.execute(by_hand).fetchall(), 3)
    print(f"{answers:,} answers of {responses:,} responses {'s':>8} {'CPU s':>8}")
    line("plain counts by hand", plain)

    from zhiyin.accounts.workspaces import settings_of
    from zhiyin.kernel.filters import parse
    from zhiyin.measure.survey_results import results
    from zhiyin.processes.log import prepare as compiled
    from zhiyin.warehouse.owner import Owner

    compiled()
    with Owner(data) as log:
        settings = settings_of("main")
        asked: dict[str, Callable[[], Any]] = {"of no response": lambda: results(
            log, settings, "bench", where=parse("channel = 'none'"))}  # fmt: skip
        asked |= {
            f"of the channel {name}": lambda name=name: results(
                log, settings, "bench", where=parse(f"channel = '{name}'")
            )
            for name in CHANNELS
        }
        asked["of all"] = lambda: results(log, settings, "bench")
        for name, ask in asked.items():
            line(f"{name}, first reader", timed(ask))
        line("of all, second reader", timed(asked["of all"]))
        views = [asked[f"of the channel {name}"] for name in CHANNELS] + [asked["of all"]] * 3
        before = asked["of all"]().responses.begun
        took = []
        for number in range(LOADS):
            respond(log, number)
            took.append(timed(views[number % len(views)]))
        assert asked["of all"]().responses.begun == before + LOADS
        walls = sorted(one.wall for one in took)
        print(
            f"{LOADS} times, a response before each: p50 {walls[len(walls) // 2]:.2f},"
            f" p95 {walls[int(0.95 * len(walls))]:.2f}, longest {walls[-1]:.2f} s"
        )
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"at most {most} MiB of memory")


def timed(ask: Callable[[], Any]) -> Spent:
    """What a page of results takes, all its questions told."""
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu, 0.0)


def respond(log: Any, number: int) -> None:
    """One more response, and one answer of it changed: two letters, as intake reads them."""
    from zhiyin.collect.surveys import facts
    from zhiyin.collect.surveys.logic import Answer
    from zhiyin.kernel.clock import microseconds
    from zhiyin.warehouse.arriving import Letter

    made = survey()
    at = microseconds(AT) + number
    response = f"more{time.time_ns()}"
    about = facts.About("bench", 1, response, at, "en", customer=f"c{number}", customer_kind="customer",
                        channel=CHANNELS[number % 3])  # fmt: skip
    said = [
        facts.said(made, item, Answer("answered", score=float(item.question.scale[1])), 1)
        for item in made.items()
        if item.question.type in SCORED
    ]
    again = facts.said(made, next(iter(made.items())), Answer("answered", score=0.0), 2)
    for told in (
        facts.Told(about, at, tuple(said), facts.Filling(1)),
        facts.Told(about, at + 1, (again,), facts.Filling(2, at + 2, at + 2)),
    ):
        letter = Letter("main", facts.SOURCE, facts.WIRE, AT, facts.body(told))
        log.arrive("main", [(letter, facts.read(letter))], position=None)


def line(name: str, took: Spent) -> None:
    """One line of the table."""
    print(f"{name:42s} {took.wall:8.2f} {took.cpu:8.2f}", flush=True)


def main() -> None:
    """Print a table."""
    responses = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder), responses)


if __name__ == "__main__":
    main()
