"""The customer's page among 5 M customers and 100 M events; a segment over 1 M customers.

The log is written by SQL straight into its file: what is measured is reading. Questions go over
the socket to a process of their own, as the pages' do. `python -m bench.customers 10` takes a
tenth.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
django.setup()

from bench.customers_server import BIG, NOW  # noqa: E402
from zhiyin.accounts.workspaces import Settings  # noqa: E402
from zhiyin.kernel.filters import parse  # noqa: E402

SETTINGS = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "en")
RULES = (
    "orders = 0",
    "(sessions_30d >= 3 or `did Email Link Clicked 30d` >= 2) and orders_90d = 0",
    "tier = 'gold' and last_nps <= 6",
    "spent >= 5000 and days_since_order > 180",
    "orders = 0 and sessions_30d >= 3 and tier != 'gold' and open_contacts = 0",
)


def main() -> int:
    """Both measurements."""
    part = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    folder = Path(tempfile.mkdtemp(prefix="zhiyin-bench-customers-", dir=os.environ.get("TMPDIR")))
    try:
        pages(folder / "pages", customers=5_000_000 // part, events=100_000_000 // part)
        segments(folder / "segments", customers=1_000_000 // part, events=20_000_000 // part)
    finally:
        shutil.rmtree(folder)
    return 0


def pages(data: Path, *, customers: int, events: int) -> None:
    """The customer's page: reading her, and the first page of her time line."""
    _make(data, customers, events)
    with _Served(data) as log:
        from zhiyin.unify import customer, lines, people

        rng = random.Random(7)
        print(f"{customers:,} customers, {events:,} events; the process holds {log.peak()} MB")
        everything = lines.Chosen(kinds=tuple(lines.KINDS))

        def open_page(key: int) -> None:
            found = customer.held_of_id(log.client, "main", "customer", f"C{key}")
            assert found is not None
            assert found[0] == key
            held = found[1]
            customer.read(log.client, SETTINGS, key, held=held, at=NOW)
            lines.read(log.client, SETTINGS, key, everything, held=held)

        open_page(1)
        before = log.cpu()
        _say("customer page", [_timed(open_page, rng.randrange(1, customers)) for _ in range(200)])
        print(f"    of the processor {(log.cpu() - before) / 200 * 1000:.0f} ms each, both sides")
        _say(f"customer page, {BIG:,} events", [_timed(open_page, 0) for _ in range(20)])

        def older(pages_in: int) -> None:
            place = None
            for _page in range(pages_in):
                place = lines.read(log.client, SETTINGS, 0, everything, before=place).older

        _say("  its older lines, 20 pages one by one", [_timed(older, 20) / 20])
        finds = [f"C{rng.randrange(customers)}" for _ in range(50)]
        finds += [f"O{rng.randrange(customers)}" for _ in range(50)]
        finds += [f"c{rng.randrange(customers)}@example.com" for _ in range(50)]
        _say(
            "find by id, order, e-mail",
            [_timed(log.client.find_customers, "main", f) for f in finds],
        )
        _say("list, latest first", [
            _timed(lambda _k: people.page(log.client, SETTINGS, None, at=NOW), 0) for _ in range(5)
        ])  # fmt: skip
        print(f"  the log process has held at most {log.peak()} MB")


def segments(data: Path, *, customers: int, events: int) -> None:
    """Counts of segments."""
    _make(data, customers, events)
    with _Served(data) as log:
        from zhiyin.unify import people

        print(f"{customers:,} customers, {events:,} events")
        for rule in RULES:
            found = people.count(log.client, SETTINGS, parse(rule), at=NOW)
            before = log.cpu()
            taken = [
                _timed(lambda r: people.count(log.client, SETTINGS, parse(r), at=NOW), rule)
                for _round in range(3)
            ]
            cpu = (log.cpu() - before) / 3
            wall = statistics.median(taken)
            print(f"  {wall:6.2f} s ({cpu:.2f} CPU) {found.n:9,} of {found.of:,}  {rule}")


class _Served:
    """The log in a process of its own."""

    def __init__(self, data: Path) -> None:
        from zhiyin.warehouse.remote import RemoteLog
        from zhiyin.warehouse.wire import socket_of

        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.customers_server", str(data)], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self.client = RemoteLog(socket_of(data))

    def peak(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(ln for ln in status.splitlines() if ln.startswith("VmHWM"))
        return int(line.split()[1]) // 1024

    def cpu(self) -> float:
        """Seconds of processor that both sides have used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        served = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return served + time.process_time()

    def __enter__(self) -> _Served:
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()


def _timed(function: object, argument: object, *more: object) -> float:
    began = time.perf_counter()
    function(argument, *more)  # type: ignore[operator]
    return time.perf_counter() - began


def _say(what: str, taken: list[float]) -> None:
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    median = statistics.median(ordered)
    print(f"  {what}: median {median * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, n {len(ordered)}")


def _make(data: Path, customers: int, events: int) -> None:
    """Write a log of this size, in its own process, so that its memory is given back."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bench.customers_server", str(data), str(customers), str(events)],
        check=True,
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) >> 20
    print(
        f"\nmade in {time.perf_counter() - began:.0f} s, {size:,} MB on disk, {used:,} MB at most"
    )


if __name__ == "__main__":
    sys.exit(main())
