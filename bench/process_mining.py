"""Public event logs, and one repeated to a million events: the product beside PM4Py.

Run it with ``python -m bench.process_mining [--peer PYTHON]``: an interpreter in which PM4Py is
installed, else what PM4PY_PYTHON names. PM4Py is AGPL-3.0 and no part of this project. Without it
the product alone is measured. The logs are those of ZHIYIN_TEST_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
django.setup()

from bench.spent import Spent, spent  # noqa: E402
from zhiyin.accounts.workspaces import Settings  # noqa: E402
from zhiyin.collect.files.run import import_path  # noqa: E402
from zhiyin.journey.asking import ALL  # noqa: E402
from zhiyin.journey.paths import PathsAsked, paths  # noqa: E402
from zhiyin.journey.repeats import repeats  # noqa: E402
from zhiyin.journey.variants import variants  # noqa: E402
from zhiyin.warehouse.engines.duckdb import remembered  # noqa: E402
from zhiyin.warehouse.journeys import asking, index  # noqa: E402
from zhiyin.warehouse.journeys.passes import paths as passes  # noqa: E402
from zhiyin.warehouse.journeys.passes.asked import Nodes  # noqa: E402
from zhiyin.warehouse.owner import Owner  # noqa: E402

MAIN = Settings("main", "Main", "UTC", 0, "EUR", "en", minimum_base=1)
"""Nothing is withheld."""
REPEATED = "bpic2012.xes.gz"
LOGS = ("helpdesk.xes.gz", "receipt.csv", REPEATED)
REPEATS = 4
"""Of 262,200 events."""
ROUNDS = 5
TIMES = 100
"""So many times less of the processor is the graph meant to take."""


def workspace(name: str) -> Settings:
    """The workspace that a file is brought into."""
    return replace(MAIN, slug=name.split(".")[0])


def bring(log: Owner, folder: Path, scratch: Path) -> None:
    """Each file in a workspace of its own, by the importer."""
    for name in LOGS:
        settings = workspace(name)
        log.create(settings.slug)
        brought = import_path(log, settings, folder / name, None, data=scratch)
        assert brought.rows_rejected == 0, name


def told(log: Owner, settings: Settings) -> dict[str, Any]:
    """Edges, variants and what comes again as the product's pages have them, each with its count."""
    found, whole = paths(log, settings, PathsAsked()), variants(log, settings, ALL)
    again = repeats(log, settings, ALL)
    return {
        "rework": sorted([one.node, one.again] for one in again.nodes if one.again),
        "edges": sorted([edge.before, edge.after, edge.count] for edge in found.edges),
        "variants": sorted([list(one.steps), one.customers] for one in whole.variants),
    }


def repeat(log: Owner, slug: str, times: int) -> int:
    """The events so many times, by other customers each; returns how many there are."""
    held = log._workspace(slug)
    with log._cursor() as cursor:
        counters = dict(cursor.execute(f"SELECT name, value FROM {held.sql}.counters").fetchall())
        keys, events = counters["key"], counters["seq:events"]
        for n in range(1, times):
            cursor.execute(
                f"INSERT INTO {held.sql}.events SELECT * REPLACE (seq + {n * events} AS seq,"
                f" customer_key + {n * keys} AS customer_key) FROM {held.sql}.events"
                f" WHERE seq < {events} ORDER BY seq"
            )
        for name, value in (("key", keys), ("seq:events", events)):
            cursor.execute(
                f"UPDATE {held.sql}.counters SET value = {value * times} WHERE name = '{name}'"
            )
    return int(events * times)


def measure(log: Owner, settings: Settings) -> dict[str, Any]:
    """The graph of a log in memory by one pass, the whole question, and the variants."""
    indexed = log.histories(settings.slug)
    assert indexed is not None
    base = indexed.histories.base
    names = len(log.words(settings.slug, "name"))
    asked = passes.PathsAsked(Nodes.named(names))
    edges, graph = spent(lambda: passes.edges(indexed.histories, asked), ROUNDS)
    remembered.LARGEST = -1  # each round asks anew
    _found, question = spent(lambda: paths(log, settings, PathsAsked()), ROUNDS)
    whole, rows = spent(lambda: variants(log, settings, ALL, top=0), ROUNDS)
    word = log.words(settings.slug, "name")
    return {
        "edges": sorted(
            [word[one], word[other], int(edges.pairs[one, other])]
            for one, other in zip(*edges.pairs.nonzero(), strict=True)
        ),
        "variants": whole.variants_in_all,
        "graph": graph,
        "question": question,
        "rows": rows,
        "held": (base.offsets.nbytes + base.words.nbytes + base.rests.nbytes) / (1 << 20),
    }


def line(name: str, took: Spent) -> None:
    """One line of the table."""
    print(f"{name:48s} {took.wall:9.4f} {took.cpu:9.4f} {took.mebibytes:9.1f}", flush=True)


def beside(mine: dict[str, Any], peer: dict[str, Any]) -> bool:
    """Print the peer's lines and what they say; whether it is as it should be."""
    graph, rows = Spent(**peer["graph"]), Spent(**peer["rows"])
    line(f"PM4Py {peer['version']}: directly-follows graph", graph)
    line("PM4Py: variants", rows)
    is_equal = mine["edges"] == sorted(peer["edges"]) and mine["variants"] == peer["variants"]
    ratio, processors = graph.wall / mine["graph"].wall, graph.cpu / mine["graph"].cpu
    print(f"{'counts equal' if is_equal else 'counts DIFFER'}; the graph is {ratio:.0f} x faster by the clock,"
          f" {processors:.0f} x on all processors; {mine['held']:.0f} MiB hold the log, PM4Py's {peer['held']:.0f}")  # fmt: skip
    return is_equal and processors >= TIMES


def main() -> int:
    """Compare and measure; fails where counts differ or the graph is slower than it should be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", default=os.environ.get("PM4PY_PYTHON"))
    peer, data = parser.parse_args().peer, os.environ.get("ZHIYIN_TEST_DATA")
    if not data:
        print("ZHIYIN_TEST_DATA names no folder: there are no event logs to read")
        return 0
    folder, is_right = Path(data) / "event_logs", True
    index.warm()
    asking.warm()
    with tempfile.TemporaryDirectory() as scratch, Owner(Path(scratch) / "data") as log:
        theirs: dict[str, Any] = {}
        if peer:
            out = Path(scratch) / "peer.json"
            subprocess.run([peer, "-m", "bench.process_mining_peer", folder, str(REPEATS), str(ROUNDS), out],
                           check=True, capture_output=True)  # fmt: skip
            theirs = json.loads(out.read_text())
        bring(log, folder, Path(scratch))
        for name in LOGS:
            mine, other = told(log, workspace(name)), theirs.get(name)
            pairs = sum(count for _one, _other, count in mine["edges"])
            said = (
                f"{len(mine['edges'])} edges, {pairs:,} pairs, {len(mine['variants']):,} variants,"
                f" {len(mine['rework'])} activities done again"
            )
            if other:
                is_equal = all(sorted(other[what]) == mine[what] for what in mine)
                said += ", each with PM4Py's count" if is_equal else ": NOT those of PM4Py"
                is_right = is_right and is_equal
            print(f"{name:20s} {said}", flush=True)
        settings = workspace(REPEATED)
        events = repeat(log, settings.slug, REPEATS)
        log.tend(settings.slug, always=True)
        print(
            f"\n{events:,} events, from memory {'s':>27s} {'CPU s':>9s} {'MiB more':>9s}",
            flush=True,
        )
        mine = measure(log, settings)
        line("directly-follows graph, with customers and times", mine["graph"])
        line("the page's question: with exact medians", mine["question"])
        line("variants", mine["rows"])
        if theirs:
            is_right = beside(mine, theirs["repeated"]) and is_right
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
