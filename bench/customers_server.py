"""For `bench.customers`: makes a log of a size by SQL, or serves one until told to stop."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

from zhiyin.processes.log import COLLECT_AFTER, SWITCH_SECONDS
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.tables import TABLES
from zhiyin.warehouse.wire import socket_of

NOW = datetime(2026, 6, 30)
CHANNELS = ("app", "web", "wechat", "phone", "mail", "counter")
NAMES = (
    *(f"Event {k}" for k in range(46)),
    "Order Completed", "Email Opened", "Email Link Clicked", "Page Viewed",
)  # fmt: skip
TRAITS = ("tier", "name", "email", "phone")
BIG = 100_000
"""Events of the customer with the most."""


def main() -> int:
    """Make a log of a size, or serve one."""
    data = Path(sys.argv[1])
    if len(sys.argv) > 2:
        make(data, int(sys.argv[2]), int(sys.argv[3]))
        return 0
    with Owner(data) as owner:
        owner.schema("main")
        # As the log process does before it serves.
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER, 20, 100)
        server = LogServer(owner, socket_of(data))
        signal.signal(signal.SIGTERM, lambda *_a: threading.Thread(target=server.shutdown).start())
        print("ready", flush=True)
        server.serve()
    return 0


def make(data: Path, customers: int, events: int) -> None:
    """Facts by SQL, in the form that imports leave behind; then the derived tables."""
    with Owner(data) as owner:
        owner.create("main")
        sql = owner._workspace("main").sql
        cursor = owner._root.cursor()
        words = {
            "name": (*NAMES, *TRAITS), "channel": CHANNELS, "source": ("bench",),
            "currency": ("CNY",), "status": ("completed",), "metric": ("nps",),
            "answer_state": ("answered",), "question": ("recommend",), "category": ("a", "b", "c"),
            "reason": ("refund", "invoice"),
        }  # fmt: skip
        for domain, held in words.items():
            cursor.executemany(
                f"INSERT INTO {sql}.words VALUES (?, ?, ?)",
                [[domain, code, word] for code, word in enumerate(held)],
            )
        cursor.execute(
            f"INSERT INTO {sql}.ids SELECT i, 'customer', 'C' || i FROM range({customers}) t(i)"
        )
        at = f"TIMESTAMP '{NOW}'"
        one = "0, {seq}, {seq}, {id}, 0, {when}, TIMESTAMP '2026-07-01', {key}"
        head = (
            "seq, batch, id_hash, content_hash, id, source, occurred_at, received_at, customer_key"
        )

        def fill(
            table: str, count: int, columns: str, values: str, key: str, days: int, prefix: str
        ) -> None:
            when = f"{at} - to_microseconds(((hash(i + 1) % {days * 86_400}) * 1000000)::BIGINT)"
            common = one.format(seq="i", id=f"'{prefix}' || i", when=when, key=key)
            cursor.execute(
                f"INSERT INTO {sql}.{table} ({head}, {columns})"
                f" SELECT i, {common}, {values} FROM range({count}) t(i)"
            )

        # The first customer has a share of her own; the others' shares are alike.
        every = max(events // BIG, 2)
        who = f"CASE WHEN i % {every} = 0 THEN 0 ELSE (hash(i) % {customers})::INTEGER END"
        fill(
            "events", events, "name, channel, session, properties",
            f"(hash(i * 3) % {len(NAMES)})::INTEGER, (hash(i * 5) % 6)::INTEGER,"
            " 's' || (i // 5), CASE WHEN i % 4 = 0 THEN '{\"url\": \"/p/' || (i % 1000) || '\"}' END",
            who, 365, "e",
        )  # fmt: skip
        some = f"(hash(i * 7) % {customers})::INTEGER"
        fill("orders", customers, "status, amount, currency, channel",
             "0, (hash(i) % 100000) / 100.0, 0, (hash(i * 5) % 6)::INTEGER", some, 730, "O")  # fmt: skip
        fill("order_lines", customers, "order_id, product, category, quantity, amount, currency",
             "'O' || i, 'p' || (i % 500), (i % 3)::INTEGER, 1 + i % 3, (hash(i) % 100000) / 100.0, 0",
             some, 730, "L")  # fmt: skip
        fill("refunds", customers // 20, "order_id, amount, currency, reason",
             "'O' || i, 10, 0, 0", some, 730, "R")  # fmt: skip
        fill("service_contacts", customers // 5, "channel, reason, issue, is_resolved",
             "3, (i % 2)::INTEGER, 'I' || (i // 2), i % 10 <> 0", some, 730, "K")  # fmt: skip
        fill("answers", customers // 5, "question, metric, score, scale_min, scale_max, answer_state",
             "0, 0, hash(i) % 11, 0, 10, 0", some, 730, "A")  # fmt: skip
        fill("verbatims", customers // 20, "text", "'words ' || i", some, 730, "V")
        for place, name in enumerate(TRAITS):
            value = {
                "tier": "CASE WHEN i % 20 = 0 THEN 'gold' ELSE 'none' END",
                "name": "'Name ' || i",
                "email": "'c' || i || '@example.com'",
                "phone": "(13000000000 + i)::VARCHAR",
            }[name]
            shift = place * customers
            cursor.execute(
                f"INSERT INTO {sql}.traits ({head}, name, value) SELECT i + {shift}, 0, i, i,"
                f" '{name}' || i, 0, {at}, {at}, i, {len(NAMES) + place}, {value}"
                f" FROM range({customers}) t(i)"
            )
        for name, table, column in (
            ("key", "ids", "key"), *((f"seq:{table}", table, "seq") for table in TABLES)
        ):  # fmt: skip
            cursor.execute(
                f"INSERT INTO {sql}.counters SELECT '{name}', coalesce(max({column}), -1) + 1"
                f" FROM {sql}.{table}"
            )
        cursor.close()
    with Owner(data) as owner:
        began = time.perf_counter()
        owner.tend("main", always=True)
        print(f"derived tables made in {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
