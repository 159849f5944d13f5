"""Ten thousand invitations by e-mail through a running server, to a mail server beside it.

First undisturbed: from the list to its last letter. Then another ten thousand, during which the
jobs process is killed (SIGKILL) again and again: who got two, and who is uncertain.
``python -m bench.reaching [PEOPLE] [KILLS]``
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
from collections import Counter
from pathlib import Path
from typing import Any

from tests.processes.conftest import Server, children, free_port, wait_for, zhiyin

from bench.intake import serving


def main() -> int:
    """Measure; returns how many figures are missed."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        data, taken = Path(folder) / "data", Path(folder) / "taken"
        taken.touch()
        port = free_port()
        os.environ["ZHIYIN_MAIL_URL"] = f"smtp://127.0.0.1:{port}"
        os.environ["ZHIYIN_MAIL_BOUNCES"] = "back@example.org"
        box = subprocess.Popen([sys.executable, "-m", "bench.mail_server", str(port), str(taken)])
        try:
            done(data, "init")
            with serving(data) as server:
                prepare(data)
                return undisturbed(data, server, taken, people) + killed(
                    data, server, taken, people, kills
                )
        finally:
            box.kill()
            box.wait()


def prepare(data: Path) -> None:
    """A survey that is sent in two languages, at any hour."""
    done(data, "survey", "create", "visit", "--from", "nps-touchpoint")
    done(data, "survey", "publish", "visit")
    done(data, "reach", "rules", "--set", "quiet=", "--set", "days_any=0", "--set",
         "days_touchpoint=0")  # fmt: skip


def undisturbed(data: Path, server: Server, taken: Path, people: int) -> int:
    """From the list to the last letter."""
    jobs = jobs_of(server)
    before = processor_seconds(jobs)
    began = time.perf_counter()
    planned = plan(data, "calm", people)
    in_list = time.perf_counter() - began
    wait_for(lambda: len(lines(taken)) >= people, 600, "sent")
    whole = time.perf_counter() - began
    letters = Counter(line.split()[0] for line in lines(taken))
    size = sum(int(line.split()[1]) for line in lines(taken)) / max(people, 1)
    twice = sum(n - 1 for n in letters.values())
    print(f"{planned['planned']:,} planned in {in_list:.1f} s (command included),"
          f" the last letter after {whole:.1f} s: {people / whole:,.0f}/s; {size:,.0f} bytes each;"
          f" {twice} got two; the jobs process took {processor_seconds(jobs) - before:.1f} s of a core")  # fmt: skip
    return (whole > 60) + (twice > 0)


def killed(data: Path, server: Server, taken: Path, people: int, kills: int) -> int:
    """The same with the jobs process killed in between, at moments that are drawn."""
    before = len(lines(taken))
    plan(data, "rough", people)
    draws = random.Random(7)
    ends: list[int] = []
    for n in range(kills):
        until = before + (n + draws.random()) * people / (kills + 1)
        wait_for(lambda until=until: len(lines(taken)) >= until, 300, "under way")  # type: ignore[misc]
        time.sleep(draws.random() * 0.2)
        os.kill(jobs_of(server), signal.SIGKILL)
        ends.append(len(lines(taken)) - before)
    began = time.perf_counter()
    wait_for(lambda: is_still(data), 600, "over")
    standing = done(data, "reach", "show", "rough")
    uncertain = standing["states"]["uncertain"]
    letters = Counter(line.split()[0] for line in lines(taken)[before:])
    twice = sum(n - 1 for n in letters.values())
    lost = people - standing["states"]["sent"] - uncertain
    print(f"killed {kills} times, after {ends} letters; over {time.perf_counter() - began:.0f} s"
          f" after the last kill: {len(letters):,} got a letter, {twice} got two,"
          f" {uncertain} uncertain, {lost} lost")  # fmt: skip
    print(f"  of the uncertain {people - len(letters)} got none")
    return (twice > 0) + (lost > 0) + (uncertain > 20 * kills)


def jobs_of(server: Server) -> int:
    """The process that sends."""
    return next(pid for pid, name in children(server.process.pid).items() if "jobs" in name)


def processor_seconds(pid: int) -> float:
    """What a process has had of the processors so far."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def is_still(data: Path) -> bool:
    """Whether nothing is to be sent any more."""
    states = done(data, "reach", "show", "rough")["states"]
    return not states["waiting"] and not states["sending"]


def plan(data: Path, key: str, people: int) -> dict[str, Any]:
    """A distribution, and its list."""
    done(data, "reach", "create", key, "--survey", "visit", "--first-question")
    file = data / f"{key}.csv"
    rows = (
        f"{key}{n},{key}{n}@example.com,Mei {n},{'en' if n % 2 else 'zh-Hans'}"
        for n in range(people)
    )
    file.write_text("customer,email,name,language\n" + "\n".join(rows) + "\n", "utf-8")
    return done(data, "reach", "send", key, str(file))


def lines(taken: Path) -> list[str]:
    """What the mail server took."""
    return taken.read_text().splitlines()


def done(data: Path, *arguments: str) -> dict[str, Any]:
    """One command; its document."""
    answer = zhiyin(data, *arguments)
    if answer.returncode:
        raise SystemExit(f"{arguments}: {answer.stdout}{answer.stderr}")
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
