"""Questions about the order of 100 M events of 2 M customers, beside the same over integer codes in SQL.

``python -m bench.journeys [EVENTS] [FOLDER] [TIMES]``. The folder keeps what is made for later runs. TIMES has the events
so many times over, of other customers each time: 10 makes a log of a thousand million, 9.2 GB on disk, and nobody else is
asked. Each question says how long it took at best and at the median, by the clock and on all processors; what it has to
read; and how many times the floor that is: the time in which as many bytes are only added up. DuckDB and ClickHouse (chDB,
if `make test` has put it into ``.make/chdb``) hold the events in the order of customers, and answer without the times and
customers that the passes count besides. DuckDB takes turns with the passes in one process; ClickHouse has its own.

At 100 M: five minutes on a quiet machine of two cores, 3 GB on disk, and DuckDB's 8 GB of memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Generic, TypeVar

import duckdb
import numba
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench import journeys_made as made
from zhiyin.warehouse.journeys.histories import Histories
from zhiyin.warehouse.journeys.passes import (
    before,
    conformance,
    funnel,
    instances,
    mapped,
    paths,
    repeats,
    retention,
    sessions,
    tasks,
    variants,
    warming,
)
from zhiyin.warehouse.journeys.passes.asked import ALL, Allowed, Groups, Nodes
from zhiyin.warehouse.journeys.passes.instances import Journey
from zhiyin.warehouse.journeys.passes.next_node import MapAsked
from zhiyin.warehouse.journeys.passes.reading import over, reading

Answer = TypeVar("Answer")

DAY = 86_400 * made.SECOND
GAP = 30 * 60 * made.SECOND
STEPS = (0, 2, 5, 7, 9)
ROUNDS, SLOW_ROUNDS = 5, 2
CHDB = Path(__file__).resolve().parents[1] / ".make" / "chdb"
BLOCK = 5_000_000

PATHS_SQL = f"""
    SELECT name, following, count(*) AS pairs, sum(waited)::BIGINT AS total FROM (
        SELECT name, lead(name) OVER w AS following, lead(us) OVER w - us AS waited FROM events
        WINDOW w AS (PARTITION BY customer ORDER BY us, seq)
    ) WHERE waited <= {GAP} GROUP BY ALL"""
WINDOW_FUNNEL = f"""
    SELECT level, count() AS customers FROM (
        SELECT windowFunnel({7 * DAY})(us, {", ".join(f"name = {step}" for step in STEPS)}) AS level
        FROM events GROUP BY customer
    ) GROUP BY level"""


def funnel_sql() -> str:
    """Customers of each step, by windows, as `zhiyin.journey.funnel` asks."""
    sql = f"SELECT *, CASE WHEN name = {STEPS[0]} THEN us END AS start0 FROM events WHERE name IN {STEPS}"
    for step, name in enumerate(STEPS[1:], 1):
        state = (
            f"SELECT *, max(start{step - 1}) OVER (PARTITION BY customer ORDER BY us, seq"
            f" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before{step} FROM ({sql})"
        )
        is_on = f"name = {name} AND us - before{step} <= {7 * DAY}"
        sql = f"SELECT *, CASE WHEN {is_on} THEN before{step} END AS start{step} FROM ({state})"
    return sql


class Table:
    """Prints one line a question."""

    def __init__(self, bandwidth: float) -> None:
        self.bandwidth = bandwidth
        print(
            f"{'':44s} {'best':>7s} {'median':>7s} {'CPU s':>7s} {'GB':>6s} {'x floor':>7s}",
            flush=True,
        )

    def line(
        self,
        name: str,
        ask: Callable[[], Answer],
        size: float = 0,
        rounds: int = ROUNDS,
        beside: Callable[[], Any] = lambda: None,
    ) -> tuple[Taken[Answer], Taken[Any]]:
        """What it took, and what another question took that was asked in turn with it."""
        mine, other = Taken(ask), Taken(beside)
        for _round in range(rounds):
            mine.again()
            other.again()
        floor = size / self.bandwidth
        times = f"{min(mine.walls) / floor:7.1f}" if size else ""
        print(
            f"{name:44s} {min(mine.walls):7.3f} {median(mine.walls):7.3f} {min(mine.cpus):7.3f} {size / 1e9:6.2f} {times}",
            flush=True,
        )
        return mine, other


class Taken(Generic[Answer]):
    """The answer to a question, and the seconds that it took each time, by the clock and of all processors."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self.ask = ask
        self.answer = ask()
        self.walls: list[float] = []
        self.cpus: list[float] = []

    def again(self) -> None:
        """Ask once more."""
        began, began_cpu = time.perf_counter(), time.process_time()
        self.answer = self.ask()
        self.walls.append(time.perf_counter() - began)
        self.cpus.append(time.process_time() - began_cpu)


class Memory:
    """The most memory of its own that the process has while it is looked at, every hundredth of a second."""

    def __init__(self) -> None:
        self.most = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._is_over.wait(0.01):
            status = Path("/proc/self/status").read_text()
            held = next(line for line in status.splitlines() if line.startswith("RssAnon"))
            self.most = max(self.most, int(held.split()[1]) >> 10)

    def end(self) -> int:
        """MiB."""
        self._is_over.set()
        self._thread.join()
        return self.most


@numba.njit(nogil=True)
def _sum(words, low, high):  # type: ignore[no-untyped-def]
    total = np.uint64(0)
    for i in range(low, high):
        total += words[i]
    return total


def bandwidth(histories: Histories) -> float:
    """Bytes a second at which all processors add up the words."""
    base = histories.base
    read, best = reading(histories, ALL), 0.0
    for _round in range(ROUNDS):
        began = time.perf_counter()
        for _done in over(
            read, lambda first, last: _sum(base.words, base.offsets[first], base.offsets[last])
        ):
            pass
        best = max(best, base.words.nbytes / (time.perf_counter() - began))
    return best


def a_map() -> conformance.Drawn:
    """Five stages of six nodes, the first of each required; the first stage begins."""
    nodes = np.minimum(np.arange(made.NAMES + 1, dtype=np.int32), 30).reshape(-1, 1)
    places = range(30)
    journey = Journey(Nodes(nodes, 30), frozenset({9}), [place < 6 for place in places], 30 * DAY)
    return conformance.Drawn(
        journey, [place // 6 for place in places], [place % 6 == 0 for place in places]
    )


def ask_passes(histories: Histories) -> dict[str, Taken[Any]]:
    """Every question; those that SQL is asked too, with their times."""
    bare, full = (
        float(histories.base.words.nbytes),
        float(histories.base.words.nbytes + histories.base.rests.nbytes),
    )
    speed = bandwidth(histories)
    print(
        f"all processors add up {speed / 1e9:.1f} GB/s; load {os.getloadavg()[0]:.1f}", flush=True
    )
    table, codes = Table(speed), np.arange(made.TUPLES)
    none: frozenset[int] = frozenset()
    names = [frozenset({name}) for name in STEPS]
    steps = funnel.Steps(names, [none] * 4, 7 * DAY)
    half = Allowed((made.channel_of(codes) % 2).astype(np.uint16))
    regions = Groups.by_tuple(made.region_of(codes).astype(np.int32), made.REGIONS)
    nodes = Nodes.named(made.NAMES)
    asked = paths.PathsAsked(nodes, GAP)
    found: dict[str, Taken[Any]] = {}

    def line(name: str, ask: Callable[[], Any], size: float = full, rounds: int = ROUNDS) -> Any:
        found[name], _other = table.line(name, ask, size, rounds)
        return found[name].answer

    line("funnel", lambda: funnel.funnel(histories, steps))
    line(
        "  strict",
        lambda: funnel.funnel(histories, funnel.Steps(names, [none] * 4, 7 * DAY, "strict")),
    )
    forbidden = [none, frozenset({3}), none, none]
    line(
        "  with a forbidden event",
        lambda: funnel.funnel(histories, funnel.Steps(names, forbidden, 7 * DAY)),
    )
    first = funnel.Steps(names[:2], [none], 7 * DAY, "earliest")
    line(
        "  earliest start, survival",
        lambda: funnel.waits(histories, first, until=made.EPOCH + made.YEAR),
    )
    line(
        "  half the tuples, by ten regions",
        lambda: funnel.funnel(histories, steps, allowed=half, by=regions),
    )
    of_keys = np.arange(len(histories.flags))
    eighths = [Allowed(keys=(of_keys % 8 == k).astype(np.uint8)) for k in range(8)]
    line(
        "  by eight segments of one in eight",
        lambda: [funnel.funnel(histories, steps, allowed=one) for one in eighths],
    )
    together = made.merged(histories, 0.1)
    line("  one key in ten merged", lambda: funnel.funnel(together, steps))
    edges = line(
        "paths: pairs, customers, times, sessions", lambda: paths.edges(histories, asked), bare
    )
    line("  one key in ten merged ", lambda: paths.edges(together, asked))
    line("  half the tuples", lambda: paths.edges(histories, asked, allowed=half))
    top = [divmod(int(edge), made.NAMES) for edge in np.argsort(-edges.pairs.ravel())[:200]]
    line(
        "  exact medians of the 200 largest",
        lambda: paths.median_us(histories, asked, top),
        2 * bare,
        SLOW_ROUNDS,
    )
    line(
        "sessions with exact medians",
        lambda: sessions.sessions(histories, gap=GAP),
        2 * bare,
        SLOW_ROUNDS,
    )
    weeks = made.EPOCH - 2 * DAY + 7 * DAY * np.arange(55)
    line("retention by week", lambda: retention.retention(histories, weeks))
    until = made.EPOCH + made.YEAR
    task = tasks.Task(names[0], names[2], names[1], names[3], DAY, until)
    channels = made.channel_of(codes).astype(np.int32)
    line(
        "attempts at a task, by ten regions",
        lambda: tasks.attempts(histories, task, channels=channels, by=regions),
        full,
        SLOW_ROUNDS,
    )
    line(
        "time between two names",
        lambda: tasks.gaps(histories, names[0], names[2], until=until),
        bare,
        SLOW_ROUNDS,
    )
    line("nodes that come again", lambda: repeats.repeats(histories, nodes), bare)
    line("variants", lambda: variants.variants(histories, nodes), bare, SLOW_ROUNDS)
    drawn = a_map()
    month = Allowed(start=until - 30 * DAY, end=until)
    line(
        "where instances leave a map of thirty nodes",
        lambda: conformance.conformance(histories, drawn),
    )
    line("  of a month", lambda: conformance.conformance(histories, drawn, allowed=month))
    some = Allowed(keys=(of_keys % 10 == 0).astype(np.uint8))
    line(
        "  each instance, of a tenth of the customers",
        lambda: conformance.instances(histories, drawn, allowed=some),
    )
    on_map = thirty_nodes(channels, until)
    line("traffic of a map of thirty nodes", lambda: mapped.traffic(histories, on_map))
    month = Allowed(start=until - 60 * DAY, end=until - 30 * DAY)
    line("  of a month", lambda: mapped.traffic(histories, on_map, allowed=month))
    rng, keys = np.random.default_rng(1), len(histories.flags)
    moments = before.Moments(
        rng.integers(0, keys, keys).astype(np.int32),
        made.EPOCH + rng.integers(0, made.YEAR, keys),
        np.zeros(keys, np.uint8),
    )
    line(
        "the week before a moment of each customer",
        lambda: before.before(histories, moments, nodes, within=7 * DAY),
        bare,
        SLOW_ROUNDS,
    )
    return found


def thirty_nodes(channels: NDArray[np.int32], until: int) -> MapAsked:
    """A map of six stages: twenty frequent names, and ten others in one channel alone."""
    table = np.full((made.NAMES, made.CHANNELS), 30, np.int32)
    table[:20] = np.arange(20)[:, None]
    for node in range(20, 30):
        table[node, node % made.CHANNELS] = node
    nodes = Nodes(table, 30, channels.astype(np.uint16))
    journey = instances.Journey(nodes, frozenset({19}), [node == 0 for node in range(30)], 30 * DAY)
    stages = [node // 5 for node in range(30)]
    helps = [node in (7, 17) for node in range(30)]
    return MapAsked(journey, stages, 6, helps, GAP, until, channels)


def write_parquet(histories: Histories, folder: Path) -> None:
    """The events as rows, in the order of customers."""
    base = histories.base
    for number, begin in enumerate(range(0, len(base.words), BLOCK)):
        words = base.words[begin : begin + BLOCK]
        seq = np.arange(begin, begin + len(words))
        rows = {
            "customer": (np.searchsorted(base.offsets, seq, side="right") - 1).astype(np.int32),
            "us": made.BITS.times(words),
            "seq": seq,
            "name": made.BITS.names(words).astype(np.int16),
        }
        pq.write_table(pa.table(rows), folder / f"{number:04d}.parquet", use_dictionary=False)


def ask_duckdb(folder: Path, found: dict[str, Taken[Any]]) -> None:
    """The funnel and the paths by windows, two threads."""
    table = Table(1.0)
    with (
        tempfile.TemporaryDirectory() as scratch,
        duckdb.connect(str(Path(scratch) / "log")) as log,
    ):
        log.execute("SET memory_limit = '8GB'")
        log.execute(f"CREATE TABLE events AS SELECT * FROM '{folder}/*.parquet'")
        numbers = range(len(STEPS))
        counts = ", ".join(f"count(s{k})" for k in numbers)
        each = ", ".join(f"max(start{k}) AS s{k}" for k in numbers)
        sql = f"SELECT {counts} FROM (SELECT {each} FROM ({funnel_sql()}) GROUP BY customer)"
        funnels, mine = table.line(
            "DuckDB: funnel",
            lambda: log.execute(sql).fetchall(),
            rounds=SLOW_ROUNDS,
            beside=found["funnel"].ask,
        )
        is_equal = list(funnels.answer[0]) == mine.answer.customers[0].tolist()
        _compare("DuckDB", mine, is_equal, min(funnels.walls), min(funnels.cpus))
        asked, mine = table.line(
            "DuckDB: paths",
            lambda: log.execute(PATHS_SQL).fetchnumpy(),
            rounds=SLOW_ROUNDS,
            beside=found["paths: pairs, customers, times, sessions"].ask,
        )
        rows, edges = asked.answer, mine.answer
        pairs, total = np.zeros_like(edges.pairs), np.zeros_like(edges.pairs)
        pairs[rows["name"], rows["following"]] = rows["pairs"]
        total[rows["name"], rows["following"]] = rows["total"]
        is_equal = np.array_equal(pairs, edges.pairs) and np.array_equal(total, edges.total_us)
        _compare("DuckDB", mine, is_equal, min(asked.walls), min(asked.cpus))


def ask_chdb(folder: Path, found: dict[str, Taken[Any]]) -> None:
    """``windowFunnel`` in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        child = subprocess.run(
            [sys.executable, "-m", "bench.journeys_chdb", str(folder), scratch, WINDOW_FUNNEL, str(SLOW_ROUNDS)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(CHDB), os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    answer = json.loads(child.stdout)
    levels = np.zeros(len(STEPS) + 1, np.int64)
    for level, customers in answer["rows"]:
        levels[int(level)] = int(customers)
    reached = levels[::-1].cumsum()[::-1][1:]
    print(
        f"{'ClickHouse: windowFunnel':44s} {answer['wall']:7.3f} {'':7s} {answer['cpu']:7.3f}",
        flush=True,
    )
    _compare(
        "ClickHouse",
        found["funnel"],
        reached.tolist() == found["funnel"].answer.customers[0].tolist(),
        answer["wall"],
        answer["cpu"],
    )


def _compare(engine: str, mine: Taken[Any], is_equal: bool, wall: float, cpu: float) -> None:
    print(f"  {engine} takes {wall / min(mine.walls):.0f} x by the clock, {cpu / min(mine.cpus):.0f} x on all processors; "
          f"answers {'equal' if is_equal else 'DIFFER'}", flush=True)  # fmt: skip


def main() -> None:
    """Measure over so many events."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000
    times = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    warming.warm()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        run = folder / f"{events}-times-{times}"
        if not run.exists():
            once = folder / f"{events}-times-1"
            if not once.exists():
                made.make(once, events, max(events // 50, 1))
            if times > 1:
                made.repeat(run, once, times)
        histories = made.opened(run)
        base = histories.base
        size = sum(path.stat().st_size for path in run.iterdir()) / len(base.words)
        print(
            f"{len(base.words):,} events, {len(histories.flags):,} customers, the longest"
            f" {np.diff(base.offsets).max():,}; {size:.2f} bytes an event on disk"
        )
        memory = Memory()
        found = ask_passes(histories)
        print(f"at most {memory.end()} MiB of memory of its own")
        if times > 1:
            return
        rows = Path(scratch) / "rows"
        rows.mkdir()
        write_parquet(histories, rows)
        ask_duckdb(rows, found)
        if CHDB.exists():
            ask_chdb(rows, found)


if __name__ == "__main__":
    main()
