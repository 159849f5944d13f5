"""What unit rules cost a score over 10 M answers: none, twenty on a dimension, twenty on two columns.

Each is asked without units, by unit, and by a reader who sees some units; without rules the region
stands for the unit, since as many answers have to be read then. Run it with
``python bench/unit_rules.py [ROWS] [FOLDER]``; the folder is that of `bench.measures`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.measures import REGIONS, TOUCHPOINTS, _Settings, prepare
from zhiyin.kernel.filters import parse
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.warehouse.engines.duckdb import remembered
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules

RULES = 20
ROUNDS = 3
TWO = "('{column} 3', '{column} 4')"

ONE_COLUMN = Rules(
    tuple(Rule(f"region = 'region {n % REGIONS}'", f"unit {n}") for n in range(RULES))
)
TWO_COLUMNS = Rules(
    tuple(
        Rule(
            f"touchpoint = 'touchpoint {n % TOUCHPOINTS}' and region in ('region {n}', 'region 24')",
            f"unit {n}",
        )
        for n in range(RULES)
    )
)


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """The best of some rounds in seconds, by the clock and of all threads, after one to warm up."""
    work()
    walls, cpus = [], []
    for _round in range(ROUNDS):
        began, began_cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - began_cpu)
    return min(walls), min(cpus)


def measure(data: Path, rows: int) -> None:
    """Print seconds per set of rules and question."""
    prepare(data, rows)
    settings: Any = _Settings()
    by_place = ScoreRequest("nps", by=("touchpoint", "region"), every="month")
    remembered.LARGEST = -1  # each round asks the engine anew
    with Owner(data) as log:
        for name, rules in (
            ("no rule", Rules()),
            ("20 on one column", ONE_COLUMN),
            ("20 on two columns", TWO_COLUMNS),
        ):
            log.set_rules("bench", "unit", rules)
            unit = "unit" if rules else "region"
            asked = (
                ("units are not asked for", by_place, None),
                ("by unit", ScoreRequest("nps", by=(unit,), every="month"), None),
                ("of two units", by_place, parse(f"{unit} in {TWO.format(column=unit)}")),
            )
            for what, request, scope in asked:
                wall, cpu = taken(partial(score, log, settings, request, scope=scope))
                print(f"{name:20s} {what:26s} {wall:6.2f} s {cpu:6.2f} CPU s", flush=True)


def main() -> None:
    """Measure over so many answers."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder), rows)


if __name__ == "__main__":
    main()
