"""Merge and unmerge among 5 M ids: how long until every figure says so.

Half of the ids are known customers, half are devices that signed in; a tenth of the customers
answered. Run with ``python -m bench.identity [IDS]``. It measures, in this process and over the
socket: the merge until the next figure has been read, beside the figure alone.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

ROUNDS = 5


def prepare(data: Path, ids: int) -> None:
    """Ids, sign-ins and answers, straight into the log's file: the point is not writing them."""
    from zhiyin.warehouse.owner import Owner

    half = ids // 2
    with Owner(data) as log:
        seed = {"row": [0], "id": ["s"], "occurred_at": [datetime(2026, 1, 1)], "customer": ["c0"]}
        asked = {
            "question": ["recommend"],
            "metric": ["nps"],
            "kind": ["relationship"],
            "scale_min": [0.0],
            "scale_max": [10.0],
            "direction": ["up"],
            "answer_state": ["answered"],
            "score": [9.0],
        }
        link = {
            "other": ["d0"],
            "other_kind": ["anonymous"],
            "action": ["link"],
            "reason": ["signed_in"],
            "linked_by": ["intake"],
        }
        with log.begin("main", source="bench", label="seed") as batch:
            batch.write("answers", pa.table({**seed, **asked}))
            batch.write("identities", pa.table({**seed, **link}))
            batch.commit()
    with duckdb.connect(str(data / "log" / "main.duckdb")) as connection:
        connection.execute("DELETE FROM ids")
        connection.execute(
            f"INSERT INTO ids SELECT i, 'customer', 'c' || i FROM range({half}) r(i)"
        )
        connection.execute(
            f"INSERT INTO ids SELECT {half} + i, 'anonymous', 'd' || i FROM range({half}) r(i)"
        )
        connection.execute(f"UPDATE identities SET other = {half}")
        for table, count, more in (
            ("identities", half, f"i AS customer_key, {half} + i AS other"),
            (
                "answers",
                half // 5,
                "(i * 5)::INTEGER AS customer_key, (hash(i) % 11)::DOUBLE AS score",
            ),
        ):
            connection.execute(
                f"""INSERT INTO {table} BY NAME
                SELECT a.* REPLACE (i AS seq, 1000 + i AS id_hash, 1000 + i AS content_hash,
                    'b' || i AS id, {more})
                FROM (SELECT * FROM {table} LIMIT 1) a, range(1, {count}) r(i)"""
            )
        connection.execute(
            f"UPDATE counters SET value = CASE name WHEN 'key' THEN {ids} ELSE {half} END"
            " WHERE name <> 'batch'"
        )
        connection.execute("DELETE FROM builds")


def measure(data: Path, ids: int) -> dict[str, Any]:
    """Seconds, in this process and over the socket."""
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.accounts.workspaces import settings_of
    from zhiyin.measure.requests import ScoreRequest
    from zhiyin.measure.scores import score
    from zhiyin.unify import merging
    from zhiyin.unify.why import explain
    from zhiyin.warehouse.owner import Owner
    from zhiyin.warehouse.remote import RemoteLog
    from zhiyin.warehouse.server import LogServer
    from zhiyin.warehouse.wire import socket_of

    found: dict[str, Any] = {"ids": ids}
    began = time.perf_counter()
    with Owner(data) as owner:
        owner.schema("main")
        found["built_whole"] = time.perf_counter() - began
        server = LogServer(owner, socket_of(data))
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        remote = RemoteLog(socket_of(data))
        settings = settings_of("main")
        request = ScoreRequest("nps", per="customer")
        for name, log in (("here", owner), ("over the socket", remote)):

            def figure(log: Any = log) -> Any:
                return score(log, settings, request).total

            before = figure()
            alone = _median(figure)
            times: dict[str, list[float]] = {"merge": [], "unmerge": [], "append": [], "why": []}
            for k in range(1, ROUNDS + 1):
                a, b = f"c{k * 10}", f"c{k * 10 + 5}"
                start = time.perf_counter()
                made = merging.merge(log, by=COMMAND_LINE, workspace="main", a=a, b=b)
                times["append"].append(time.perf_counter() - start)
                during = figure()
                times["merge"].append(time.perf_counter() - start)
                assert during.customers == before.customers - 1, (during, before)
                start = time.perf_counter()
                explain(log, workspace="main", written=a)
                times["why"].append(time.perf_counter() - start)
                start = time.perf_counter()
                merging.unmerge(log, by=COMMAND_LINE, workspace="main", merge_id=made.merge_id)
                after = figure()
                times["unmerge"].append(time.perf_counter() - start)
                assert after == before
            found[name] = {
                "figure alone": alone,
                "merge, command alone": statistics.median(times["append"]),
                "merge until the figure says so": statistics.median(times["merge"]),
                "longest": max(times["merge"] + times["unmerge"]),
                "unmerge until the figure says so": statistics.median(times["unmerge"]),
                "why": statistics.median(times["why"]),
            }
        remote.close()
        server.shutdown()
        thread.join(5)
    found["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _median(work: Callable[[], Any]) -> float:
    taken = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    """Print one JSON document."""
    ids = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        os.environ["ZHIYIN_DATA"] = folder
        from zhiyin import cli

        assert cli.main(["--data", folder, "init"]) == 0
        prepare(data, ids)
        print(json.dumps(measure(data, ids), indent=1))


if __name__ == "__main__":
    main()
