"""`make crash`: kill -9 while imports run and events come in; nothing acknowledged may be lost.

One `zhiyin serve` is sent batches of events and files to import, without a pause, and in each
round the supervisor, or one of its children, is killed at a random moment. When the product is
back on the same data, what the command line and intake had acknowledged is compared with what the
log holds: none lost, none there twice, no half import. ``python -m bench.crash [ROUNDS] [SEED]``.
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
from dataclasses import dataclass, field
from pathlib import Path

from tests.processes.conftest import Server, children, free_port, is_alive, wait_for
from tests.processes.sending import Sending, backlog, write_key

from zhiyin.warehouse import client, lang

MAPPING = """as: answers
source: crash
id: id
at: {column: at, timezone: UTC}
customer: customer
questions: [{column: score, question: overall, metric: csat}]
"""
ROWS = 2_000
LOOK_BACK = 10
"""So many rounds, after which all that was ever acknowledged is looked for again."""


@dataclass
class Acknowledged:
    """What was said to be durable: files by their number, events of each round."""

    files: set[int] = field(default_factory=set)
    events: list[set[str]] = field(default_factory=list)


def main(rounds: int = 100, seed: int = 1) -> int:
    """Print one line a round; returns 1 when something acknowledged was lost or doubled."""
    chance = random.Random(seed)
    said = Acknowledged()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        server = _serve(data)
        try:
            key = write_key(data)
            wait_for(server.is_ready, 60, "ready")
            for turn in range(rounds):
                # The log process is where intake can lose something: it dies in half the rounds.
                victim = chance.choice(["log", "log", "log", "supervisor", "web", "jobs"])
                began = time.monotonic()
                server = _round(server, key, Path(folder), turn, victim, chance, said)
                first = 0 if turn % LOOK_BACK == 0 or turn + 1 == rounds else turn
                if wrong := _wrong(data, said, first):
                    print(f"round {turn + 1}: killed {victim}; {wrong}")
                    return 1
                print(
                    f"round {turn + 1}: killed {victim}; {len(said.files)} imports and"
                    f" {sum(map(len, said.events))} events acknowledged, 0 lost, 0 doubled"
                    f" ({time.monotonic() - began:.0f} s)",
                    flush=True,
                )
        finally:
            _end(server)
    print(f"{rounds} rounds: 0 lost, 0 half imports, 0 events lost, 0 events doubled")
    return 0


def _wrong(data: Path, said: Acknowledged, first: int) -> str:
    """What is lost or doubled of the rounds from `first` on, blank for nothing."""
    log = client.connect(data)
    try:
        (slug,) = log.workspaces()
        schema = log.schema(slug)
        answers, events = lang.table(schema, "answers"), lang.table(schema, "events")
        held = log.execute(slug, answers.aggregate(n=answers.count()), seconds=120)["n"][0].as_py()
        all_events = events.aggregate(n=events.count(), ids=events.id.nunique())
        (counted,) = log.execute(slug, all_events, seconds=120).to_pylist()
        stored: set[str] = set()
        for turn in range(first, len(said.events)):
            of_round = events.filter(events.id.startswith(f"r{turn}-")).select("id")
            stored.update(log.execute(slug, of_round, seconds=120)["id"].to_pylist())
    finally:
        log.close()
    lost = sum(len(events - stored) for events in said.events[first:])
    return "; ".join(
        text
        for text, count in (
            ("answers LOST", max(len(said.files) * ROWS - held, 0)),
            ("answers of a half import", held % ROWS),
            ("events LOST", lost),
            ("events DOUBLED", counted["n"] - counted["ids"]),
        )
        if count
        for text in [f"{count} {text}"]
    )


def _serve(data: Path) -> Server:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "zhiyin", "--data", str(data), "--json", "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    server = Server(data, port, process)
    wait_for(server.is_ready, 180, "ready")
    return server


def _end(server: Server) -> None:
    mine = children(server.process.pid)
    server.process.kill()
    server.process.wait()
    wait_for(lambda: not any(is_alive(pid) for pid in mine), 10, "children gone")


def _round(
    server: Server, key: str, folder: Path, turn: int, victim: str, chance: random.Random,
    said: Acknowledged,
) -> Server:  # fmt: skip
    """Load, kill, and wait until the product is back and has read its journal."""
    sending = Sending(server, key, f"r{turn}")
    sending.start()
    importing = _import_until(server.data, folder, turn, chance.uniform(0.3, 6.0), said)
    mine = children(server.process.pid)
    old = server.process.pid if victim == "supervisor" else server.child(victim)
    os.kill(old, signal.SIGKILL)
    if victim == "supervisor":
        server.process.wait()
        wait_for(lambda: not any(is_alive(pid) for pid in mine), 10, "children gone")
    else:
        time.sleep(chance.uniform(0.0, 1.0))  # what is left goes on taking, or comes back
    sending.stop()
    said.events.append(sending.acknowledged)
    if importing is not None:
        _note(*importing, said)
    if victim == "supervisor":
        server = _serve(server.data)
    else:
        wait_for(lambda: server.is_back(victim, old), 180, f"another {victim} process")
    wait_for(lambda: backlog(server) == 0, 120, "loaded")
    return server


def _import_until(
    data: Path, folder: Path, turn: int, seconds: float, said: Acknowledged
) -> tuple[int, subprocess.Popen[str]] | None:
    """Import file after file for so long; returns the number and the process of one under way."""
    mapping = folder / "map.yaml"
    mapping.write_text(MAPPING)
    deadline = time.monotonic() + seconds
    step = 0
    while True:
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
        while importing.poll() is None:
            if time.monotonic() > deadline:
                return number, importing
            time.sleep(0.02)
        _note(number, importing, said)
        step += 1


def _note(number: int, importing: subprocess.Popen[str], said: Acknowledged) -> None:
    """Count a file whose import has said that all its rows are in."""
    out, _none = importing.communicate(timeout=120)
    if importing.returncode == 0 and out and json.loads(out).get("rows_added") == ROWS:
        said.files.add(number)


if __name__ == "__main__":
    sys.exit(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 100,
            int(sys.argv[2]) if len(sys.argv) > 2 else 1,
        )
    )
