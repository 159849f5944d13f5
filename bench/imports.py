"""Importing a million answers from a CSV file by the command line, all checks on.

Beside it, in the same run, the engine's own COPY of the same file into a table. Run it with
``python bench/imports.py [ROWS] [QUESTIONS]``: so many rows with so many questions each.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

MAPPING = """\
as: answers
source: bench
id: id
at: {{column: at, timezone: Asia/Shanghai}}
customer: customer
touchpoint: touchpoint
channel: channel
questions:
{questions}
dimensions: {{region: region}}
"""
QUESTION = "  - {{column: q{0}, question: q{0}, metric: nps, not_applicable: -1}}"


def write_csv(file: Path, rows: int, questions: int) -> None:
    """So many rows, deterministic: 12 touchpoints, 3 channels, 30 regions, rows/5 customers."""
    asked = ", ".join(
        f"nullif((i * {7 + q} + i // 3) % 12 - 1, 10) AS q{q}" for q in range(questions)
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            COPY (SELECT 'r' || i AS id, TIMESTAMP '2025-01-01' + INTERVAL (i * 37 % 31536000) SECOND
                AS at, 'c' || (i * 31 % {max(rows // 5, 1)}) AS customer, 'touchpoint ' || i % 12
                AS touchpoint, ['app', 'web', 'shop'][i % 3 + 1] AS channel,
                'region ' || i % 30 AS region, {asked}
            FROM range({rows}) r(i)) TO '{file}' (HEADER)
            """
        )


def copy_seconds(file: Path) -> float:
    """The engine's COPY of the file into a table of its own file."""
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/copy.duckdb")
        connection.execute(f"CREATE TABLE t AS FROM read_csv('{file}') LIMIT 0")
        began = time.perf_counter()
        connection.execute(f"COPY t FROM '{file}' (HEADER)")
        connection.execute("CHECKPOINT")
        return time.perf_counter() - began


def main() -> None:
    """Print seconds, their ratio and the memory at the most."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    questions = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        file, mapping = Path(folder) / "answers.csv", Path(folder) / "answers.yaml"
        write_csv(file, rows, questions)
        asked = "\n".join(QUESTION.format(q) for q in range(questions))
        mapping.write_text(MAPPING.format(questions=asked), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("zhiyin")), "--data", f"{folder}/data"]
        subprocess.run([*command, "init"], check=True, stdout=subprocess.DEVNULL)
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "import", str(file), "--map", str(mapping), "--json"],
            stdout=subprocess.PIPE,
            check=False,
            env=os.environ,
        )
        seconds = time.perf_counter() - began
        result = json.loads(done.stdout)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        copied = min(copy_seconds(file) for _round in range(3))
    print(json.dumps(result))
    print(f"{rows:,} rows, {rows * questions:,} answers")
    print(f"import, the whole command: {seconds:.2f} s; peak memory {peak:,.0f} MB")
    print(f"COPY of the same file: {copied:.2f} s; ratio {seconds / copied:.1f}")


if __name__ == "__main__":
    main()
