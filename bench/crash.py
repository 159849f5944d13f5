"""`make crash`: kill -9 while imports run and events come in; nothing acknowledged may be lost.

Each round starts `zhiyin serve`, imports files through it and sends it batches of events, and
kills the supervisor, or one of its children, at a random moment; then it starts again on the same
data and compares what the command line and intake had acknowledged with what the log holds: none
lost, none there twice. ``python -m bench.crash [ROUNDS] [SEED]``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.processes.conftest import Server, children, free_port, is_alive, wait_for, zhiyin
from tests.processes.sending import Sending, backlog, stored, write_key

MAPPING = """as: answers
source: crash
id: id
at: {column: at, timezone: UTC}
customer: customer
questions: [{column: score, question: overall, metric: csat}]
"""
ROWS = 2_000


def main(rounds: int = 100, seed: int = 1) -> int:
    """Print one line a round; returns 1 when something acknowledged was lost or doubled."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        acknowledged: set[int] = set()
        events: set[str] = set()
        for turn in range(rounds):
            # The log process is where intake can lose something: it dies in half of the rounds.
            victim = chance.choice(["log", "log", "log", "supervisor", "web", "jobs"])
            acknowledged |= _round(data, Path(folder), turn, victim, chance, events)
            if (wrong := _events_wrong(data, events)) is not None:
                print(wrong)
                return 1
            held = json.loads(zhiyin(data, "score", "csat", "--per", "answer").stdout)["total"]["n"]
            lost = len(acknowledged) * ROWS - held
            unfinished = held % ROWS
            print(f"round {turn + 1}: killed {victim}; {len(acknowledged)} imports acknowledged,"
                  f" {held} answers held; {len(events)} events acknowledged, 0 lost, 0 doubled",
                  flush=True)  # fmt: skip
            if lost > 0 or unfinished:
                print(f"LOST {max(lost, 0)} acknowledged answers; {unfinished} of a broken import")
                return 1
    print(f"{rounds} rounds: 0 lost, 0 half imports, 0 events lost, 0 events doubled")
    return 0


def _events_wrong(data: Path, events: set[str]) -> str | None:
    """Start once more, let intake load what is durable, and compare; returns what is wrong."""
    port = free_port()
    process = _serve(data, port)
    server = Server(data, port, process)
    try:
        wait_for(server.is_ready, 180, "ready")
        wait_for(lambda: backlog(server) == 0, 120, "loaded")
        held = stored(data)
    finally:
        process.terminate()
        process.wait(60)
    lost, doubled = len(events - set(held)), len(held) - len(set(held))
    return f"LOST {lost} acknowledged events; {doubled} doubled" if lost or doubled else None


def _serve(data: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "zhiyin", "--data", str(data), "--json", "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def _round(
    data: Path, folder: Path, turn: int, victim: str, chance: random.Random, events: set[str]
) -> set[int]:
    port = free_port()
    process = _serve(data, port)
    server = Server(data, port, process)
    done: set[int] = set()
    try:
        wait_for(server.is_ready, 180, "ready")
        sending = Sending(server, write_key(data), f"r{turn}")
        sending.start()
        mapping = folder / "map.yaml"
        mapping.write_text(MAPPING)
        importing = None
        deadline = time.monotonic() + chance.uniform(0.3, 4.0)
        step = 0
        while time.monotonic() < deadline:
            number = turn * 1000 + step
            file = folder / f"{number}.csv"
            file.write_text(
                "id,at,customer,score\n"
                + "".join(f"{number}-{k},2026-01-01,c{k % 400},{k % 5 + 1}\n" for k in range(ROWS))
            )
            importing = subprocess.Popen(
                [sys.executable, "-m", "zhiyin", "--data", str(data), "--json", "import", str(file),
                 "--map", str(mapping)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            while importing.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            if importing.poll() == 0:
                assert importing.stdout is not None
                if json.loads(importing.stdout.read()).get("rows_added") == ROWS:
                    done.add(number)
            step += 1
        pid = process.pid if victim == "supervisor" else server.child(victim)
        os.kill(pid, signal.SIGKILL)
        if importing is not None:
            out, _none = importing.communicate(timeout=60)
            if importing.returncode == 0 and out and json.loads(out).get("rows_added") == ROWS:
                done.add(turn * 1000 + step - 1)
        if victim != "supervisor":
            time.sleep(chance.uniform(0.0, 1.0))  # what is left goes on taking, or comes back
        sending.stop()
        events |= sending.acknowledged
    finally:
        mine = children(process.pid)
        process.kill()
        process.wait()
        wait_for(lambda: not any(is_alive(pid) for pid in mine), 10, "children gone")
    return done


if __name__ == "__main__":
    sys.exit(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 100,
            int(sys.argv[2]) if len(sys.argv) > 2 else 1,
        )
    )
