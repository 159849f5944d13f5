"""A real server, keys for it, and what its log holds when it has stopped."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.processes.conftest import READY_SECONDS, ZHIYIN, Server, children, free_port, wait_for
from zhiyin.warehouse import client, lang

Row = dict[str, Any]


@dataclass
class House:
    """One `zhiyin serve`, which can be stopped and started again on the same data and port."""

    data: Path
    port: int
    server: Server | None = None

    @classmethod
    def build(cls, folder: Path) -> House:
        house = cls(folder / "data", free_port())
        house.open()
        return house

    def open(self) -> None:
        process = subprocess.Popen(
            [*ZHIYIN, "--data", str(self.data), "--json", "serve", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.server = Server(self.data, self.port, process)
        wait_for(self.server.is_ready, 2 * READY_SECONDS, "ready")

    def close(self) -> None:
        """Stop as an operator does; what was acknowledged is in the log then."""
        if self.server is None:
            return
        mine = children(self.server.process.pid)
        self.server.process.terminate()
        self.server.process.communicate(timeout=60)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in mine), 20, "children end")
        self.server = None

    def settle(self) -> None:
        """Wait until what was acknowledged is in the log."""
        assert self.server is not None

        def is_loaded() -> bool:
            assert self.server is not None
            return bool(json.loads(self.server.get("/readyz")[2])["intake"]["backlog"] == 0)

        wait_for(is_loaded, 30, "loaded")

    def rows(self, table: str, source: str) -> list[Row]:
        """What the running server's log says, customers as the set of their ids."""
        self.settle()
        log = client.connect(self.data)
        try:
            query = lang.table(log.schema("main"), table)
            rows = log.execute("main", query.order_by(query.seq), words=True).to_pylist()
            ids: dict[int, set[tuple[str, str]]] = {}
            for each in log.execute("main", lang.ids()).to_pylist():
                ids.setdefault(each["key"], set()).add((each["kind"], each["id"]))
        finally:
            log.close()
        rows = [row for row in rows if row["source"] == source]
        for row in rows:
            row["customer"] = ids.get(row["customer"], set())
            if "other" in row:
                row["other"] = ids.get(row["other"], set())
            if isinstance(row.get("properties"), str):
                row["properties"] = json.loads(row["properties"])
        return rows

    def publish(self, keys: dict[str, str], **rates: int) -> None:
        """Keys by their source, as the accounts room writes them, beside those that there are."""
        file = self.data / "snapshots" / "keys.json"
        document = json.loads(file.read_text())
        for key, source in keys.items():
            document["keys"][key] = {
                "workspace": "main", "source": source, "origins": [],
                "events_per_second": rates.get(source, 0),
            }  # fmt: skip
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(document))
        draft.replace(file)
        time.sleep(0.6)


def stored(data: Path, table: str) -> list[Row]:
    """The rows of a table of a log that nobody holds, ids and codes in words, in order of arrival.

    The file itself is read, so that what is asserted is what is on disk.
    """
    with duckdb.connect(str(data / "log" / "main.duckdb"), read_only=True) as log:
        if table == "refusals":
            found = log.execute("SELECT source, wire, code, body FROM refusals ORDER BY number")
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        ids = {
            key: (kind, id)
            for key, kind, id in log.execute("SELECT key, kind, id FROM ids").fetchall()
        }
        words = {
            (domain, code): word
            for domain, code, word in log.execute("SELECT domain, code, word FROM words").fetchall()
        }
        found = log.execute(f"SELECT * FROM {table} ORDER BY seq")
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    for row in rows:
        row["kind"], row["customer"] = ids.get(row.pop("customer_key"), (None, None))
        for name in ("source", "name", "channel", "action", "reason"):
            if name in row:
                row[name] = words.get((name, row[name]))
        if "other" in row:
            row["other_kind"], row["other"] = ids[row["other"]]
        if isinstance(row.get("properties"), str):
            row["properties"] = json.loads(row["properties"])
    return rows
