"""A real server, keys for it, and what its log holds when it has stopped."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc

from tests.processes.conftest import SOON_SECONDS, wait_for
from tests.processes.installation import Installation
from tests.processes.sending import backlog
from zhiyin.warehouse import client, lang

Row = dict[str, Any]


class House(Installation):
    """An installation that says what its log holds, and knows keys that nobody made."""

    def settle(self) -> None:
        """Wait until what was acknowledged is in the log."""
        wait_for(lambda: backlog(self.server) == 0, SOON_SECONDS, "loaded")

    def rows(self, table: str, source: str) -> list[Row]:
        """What the running server's log says, customers as the set of their ids."""
        self.settle()
        log = client.connect(self.data)
        try:
            query = lang.table(log.schema("main"), table)
            found = log.execute("main", query.order_by(query.seq), words=True)
            rows: list[Row] = found.filter(pc.equal(found["source"], source)).to_pylist()
            ids: dict[int, set[tuple[str, str]]] = {}
            for each in log.execute("main", lang.ids()).to_pylist():
                ids.setdefault(each["key"], set()).add((each["kind"], each["id"]))
        finally:
            log.close()
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
