"""The same loop without checks: decoded as JSON, written and synced in ticks, appended to DuckDB.

No keys, no checks, no de-duplication, no customers, no catalogue: the body's events go as they
are into one table of five columns, the loop that a product could be written in on a quiet
afternoon. ``python -m bench.plain_intake FOLDER PORT``
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import uvicorn

TICK_SECONDS = 0.01
LOAD_SECONDS = 0.5


class Plain:
    """One file, one thread that syncs it, one that loads what is synced."""

    def __init__(self, file: Path) -> None:
        self.descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.waiting: list[tuple[list[Any], bytes, asyncio.Future[None]]] = []
        self.has_some = threading.Event()
        self.durable: deque[list[dict[str, Any]]] = deque()
        self.store = duckdb.connect(str(file.with_suffix(".duckdb")))
        self.store.execute(
            "CREATE TABLE events (id TEXT, name TEXT, customer TEXT, occurred_at TIMESTAMP, properties JSON)"
        )
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._load, daemon=True).start()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer when the body is on disk."""
        if scope["type"] != "http":
            return
        parts, more = [], scope["method"] == "POST"
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        if parts:
            body = b"".join(parts)
            events = msgspec.json.decode(body)["batch"]
            self.loop = asyncio.get_running_loop()
            future = self.loop.create_future()
            self.waiting.append((events, body, future))
            self.has_some.set()
            await future
        headers = [(b"content-type", b"application/json"), (b"content-length", b"16")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"success":true}'})

    def _write(self) -> None:
        while True:
            self.has_some.wait()
            self.has_some.clear()
            taken, self.waiting = self.waiting, []
            os.write(self.descriptor, b"".join(body for _events, body, _future in taken))
            os.fdatasync(self.descriptor)
            self.loop.call_soon_threadsafe(_done, [future for _events, _body, future in taken])
            self.durable.extend(events for events, _body, _future in taken)
            threading.Event().wait(TICK_SECONDS)

    def _load(self) -> None:
        while True:
            threading.Event().wait(LOAD_SECONDS)
            batches = [self.durable.popleft() for _batch in range(len(self.durable))]
            events = [event for batch in batches for event in batch]
            arriving = pa.table(
                {
                    "id": [event["messageId"] for event in events],
                    "name": [event["event"] for event in events],
                    "customer": [event["userId"] for event in events],
                    "occurred_at": [event["timestamp"] for event in events],
                    "properties": [
                        msgspec.json.encode(event["properties"]).decode() for event in events
                    ],
                }
            )
            if arriving.num_rows:
                self.store.execute(
                    "INSERT INTO events SELECT id, name, customer, occurred_at::TIMESTAMP, properties"
                    " FROM arriving"
                )


def _done(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    config = uvicorn.Config(
        Plain(folder / "file"), port=int(sys.argv[2]), loop="uvloop", http="httptools", ws="none",
        lifespan="off", access_log=False, log_level="error",
    )  # fmt: skip
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)  # as the log process has it
    uvicorn.Server(config).run()
    os._exit(0)  # the threads have nothing to finish
