"""Pages and the API of a running server, over a kept connection, beside its own `/healthz`.

`/healthz` is answered by the log process itself: the ratio says what the way through Django costs.
Run it with ``python -m bench.pages [TIMES]``.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.processes.conftest import Server, zhiyin
from tests.processes.installation import Installation
from tests.processes.visiting import Visitor

EMPTY = "/main/settings/audit/?q=nothing+is+like+this"
PAGES = ("/main/settings/people/", "/main/settings/audit/", "/main/settings/jobs/", "/main/scores/",
         "/main/customers/")  # fmt: skip


def milliseconds(server: Server, path: str, headers: dict[str, str], times: int) -> list[float]:
    """How long each of so many requests over one connection took, in order."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    taken = []
    for _n in range(times + 5):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status)
    connection.close()
    return sorted(taken[5:])


def say(name: str, taken: list[float], beside: float) -> None:
    """One line."""
    middle, late = statistics.median(taken), taken[int(len(taken) * 0.95)]
    print(
        f"{name:48} median {middle:7.1f} ms  p95 {late:7.1f} ms  {middle / beside:6.1f} × healthz"
    )


def main(times: int = 200) -> None:
    """Print a line a page."""
    with tempfile.TemporaryDirectory() as name:
        installation = Installation(Path(name) / "data")
        made = zhiyin(installation.data, "init")
        installation.password = json.loads(made.stdout)["password"]
        zhiyin(installation.data, "demo", "--customers", "2000", "--months", "3")
        made = zhiyin(installation.data, "key", "create", "--api", "--name", "bench",
                      "--right", "see_figures")  # fmt: skip
        key = {"Authorization": f"Bearer {json.loads(made.stdout)['secret']}"}
        server = installation.open()
        try:
            health = milliseconds(server, "/healthz", {}, times)
            beside = statistics.median(health)
            say("/healthz", health, beside)
            say("/sign-in/", milliseconds(server, "/sign-in/", {}, times), beside)
            cookie = {"Cookie": Visitor(server, installation.password).cookie}
            say(EMPTY, milliseconds(server, EMPTY, cookie, times), beside)
            for path in PAGES:
                say(path, milliseconds(server, path, cookie, times // 2), beside)
            for path in ("/api/v1/workspace", "/api/v1/scores/csat?kind=touchpoint&by=touchpoint"):
                say(path, milliseconds(server, path, key, times // 2), beside)
        finally:
            installation.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
