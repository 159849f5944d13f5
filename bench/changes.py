"""A thousand answers that are changed, loaded into a log of ten million.

Run it with ``python -m bench.changes [ANSWERS]``. The facts before are written by the engine
itself, as intake would have written them over a year, one in thirty changed since; then all as if
they had come within the two days that a response is open. Beside it, the same load without changes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from zhiyin.kernel.clock import now
from zhiyin.warehouse.arriving import Change, Letter, Reading
from zhiyin.warehouse.owner import Owner

CHANGES = 1_000
QUESTIONS = 20
ROUNDS = 9
OPEN_HOURS = 48
YEAR_SECONDS = 365 * 86_400
EPOCH = datetime(1970, 1, 1)


def said(response: int, number: int, *, changes: bool) -> tuple[Letter, Reading]:
    """One answer with words to it; `responses` are numbered from the newest."""
    question, own = f"question {response % QUESTIONS}", f"r{response}"
    keeps = f"{own}:{number}"
    since = (now() - timedelta(hours=OPEN_HOURS) - EPOCH) // timedelta(microseconds=1)
    row = {
        "id": [keeps],
        "occurred_at": [since],
        "customer": [f"c{response}"],
        "response": [own],
        "question": [question],
    }
    facts = {
        "answers": {**row, "score": [7.0], "answer_state": ["answered"], "metric": ["nps"]},
        "verbatims": {**row, "text": ["better than it was"]},
    }
    made = [Change(table, own, question, keeps, since) for table in facts] if changes else []
    return Letter("bench", "page", "survey", now(), b""), Reading(facts, changes=made)


def prepare(log: Owner, answers: int, span_seconds: int) -> None:
    """So many answers to twenty questions, half with words, over this time; the last is now."""
    log.create("bench")
    log.arrive("bench", [said(n, 1, changes=False) for n in range(-QUESTIONS, 0)], position=None)
    at = now().isoformat(sep=" ")
    cursor = log._root.cursor()
    common = f"""
        {QUESTIONS} + i AS seq, 0 AS batch, i AS id_hash, 0 AS content_hash,
        'r' || ({answers} - 1 - i) || ':1' AS id, 0 AS source, 'r' || ({answers} - 1 - i) AS response,
        TIMESTAMP '{at}' - to_seconds({span_seconds} * ({answers} - i) // {answers}) AS occurred_at,
        occurred_at AS received_at, (hash(i) % 2000000)::INTEGER AS customer_key,
        (({answers} - 1 - i) % {QUESTIONS})::INTEGER AS question
        """
    cursor.execute(
        f"INSERT INTO ws_bench.answers BY NAME SELECT {common}, (hash(i) % 11)::DOUBLE AS score,"
        f" 0 AS metric, 0 AS answer_state FROM range({answers}) AS r(i)"
    )
    cursor.execute(
        f"INSERT INTO ws_bench.verbatims BY NAME SELECT {common}, 'words ' || i AS text"
        f" FROM range({answers}) AS r(i) WHERE i % 2 = 0"
    )
    cursor.execute(
        "INSERT INTO ws_bench.superseded SELECT 'answers', seq, received_at, 0"
        " FROM ws_bench.answers WHERE seq % 30 = 7"
    )
    cursor.execute(
        f"UPDATE ws_bench.counters SET value = {QUESTIONS} + {answers}"
        " WHERE name IN ('seq:answers', 'seq:verbatims')"
    )
    cursor.execute("CHECKPOINT ws_bench")
    cursor.close()


def load(log: Owner, first: int, *, changes: bool) -> tuple[float, float, int]:
    """Seconds that a load of a thousand answers takes, by the clock and of the processor, and how
    many rows it superseded."""
    letters = [said(n, 2, changes=changes) for n in range(first, first + CHANGES)]
    began, worked = time.perf_counter(), time.process_time()
    done = log.arrive("bench", letters, position=None)
    taken = time.perf_counter() - began
    return taken, time.process_time() - worked, sum(done.superseded.values())


def measure(log: Owner) -> str:
    """One line on loads with changes and without, in turns."""
    load(log, ROUNDS * 3 * CHANGES, changes=True)
    plain, changed = [], []
    for turn in range(ROUNDS):
        plain.append(load(log, (2 * ROUNDS + turn) * CHANGES, changes=False))
        changed.append(load(log, turn * CHANGES, changes=True))
    return (
        f"a load of {CHANGES:,} changed answers with words takes {_line(changed)} and supersedes"
        f" {changed[0][2]:,} rows; without changes {_line(plain)}"
    )


def _line(loads: list[tuple[float, float, int]]) -> str:
    taken, worked, _rows = (sorted(column) for column in zip(*loads, strict=True))
    middle = ROUNDS // 2
    return f"{taken[middle] * 1000:.0f} ms ({worked[middle] * 1000:.0f} of the processor)"


def main() -> int:
    """Print what each costs."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    spans = {"over a year": YEAR_SECONDS, "all within two days": OPEN_HOURS * 3_600 - 3_600}
    for name, seconds in spans.items():
        with tempfile.TemporaryDirectory() as folder:
            prepared = Path(folder) / "data"
            with Owner(prepared) as log:
                prepare(log, answers, seconds)
            with Owner(prepared) as log:
                print(f"{answers:,} answers {name}: {measure(log)}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
