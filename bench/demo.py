"""How long the demo company takes, and how much memory: run it with ``python bench/demo.py``.

Without arguments: the default company into a workspace and to files, and a million events to
Parquet. ``python bench/demo.py large [SHARE]`` writes SHARE (default 0.05) of the company of
100 M events and 10 M answers to Parquet, and says what the whole would take: time grows with
the customers, memory does not.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from zhiyin.demo import files, filling
from zhiyin.demo.plan import Plan
from zhiyin.warehouse.owner import Owner

LARGE_CUSTOMERS = 1_800_000
"""Bring a little over 100 M events and 10 M answers in two years."""


def peak_gigabytes() -> float:
    """The most memory that this process has held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


def sizes(rows: dict[str, int]) -> dict[str, int]:
    """Events and filled-in surveys."""
    return {
        "events": sum(n for name, n in rows.items() if name.startswith("events_")),
        "responses": sum(n for name, n in rows.items() if name.startswith("answers_")),
    }


def answers(rows: dict[str, int]) -> int:
    """Questions put to those who filled in a survey."""
    from zhiyin.demo.questionnaires import SURVEYS

    return sum(rows.get(f"answers_{s.slug}", 0) * len(s.questions) for s in SURVEYS)


def to_files(plan: Plan, formats: tuple[files.Format, ...]) -> dict[str, Any]:
    """Seconds and sizes of one company as files."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        found = files.write(plan, Path(folder) / "f", formats=formats)
        seconds = time.perf_counter() - began
        written = sum(p.stat().st_size for p in (Path(folder) / "f").iterdir())
    return {
        "customers": plan.customers, "formats": list(formats), "seconds": round(seconds, 1),
        **sizes(found.rows), "answers": answers(found.rows), "megabytes": round(written / 1e6),
        "peak_gigabytes": peak_gigabytes(),
    }  # fmt: skip


def into_workspace(plan: Plan) -> dict[str, Any]:
    """Seconds and facts of one company in a log."""
    with tempfile.TemporaryDirectory() as folder, Owner(Path(folder)) as log:
        log.create("bench")
        began = time.perf_counter()
        done = filling.fill(log, "bench", plan)
        seconds = time.perf_counter() - began
    return {
        "customers": plan.customers, "facts": done.facts_added, "seconds": round(seconds, 1),
        "peak_gigabytes": peak_gigabytes(),
    }  # fmt: skip


def main(arguments: list[str]) -> None:
    """Print one JSON document."""
    if arguments[:1] == ["large"]:
        share = float(arguments[1]) if len(arguments) > 1 else 0.05
        part = to_files(Plan(customers=round(LARGE_CUSTOMERS * share)), ("parquet",))
        whole = {
            "seconds": round(part["seconds"] / share), "events": round(part["events"] / share),
            "answers": round(part["answers"] / share), "is_extrapolated": share < 1,
        }  # fmt: skip
        found: dict[str, Any] = {"share": share, "measured": part, "whole": whole}
    else:
        found = {
            "a million events to Parquet": to_files(Plan(customers=18_000), ("parquet",)),
            "default company to Parquet and CSV": to_files(Plan(), files.FORMATS),
            "default company into a workspace": into_workspace(Plan()),
        }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
