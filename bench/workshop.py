"""Fifty people edit one map at once: how soon an edit is on the others' streams.

Each has a session, connections and a stream of her own, and does something every two to six seconds,
a part of it on touchpoints that others write on at the same time. Connections are cut and
operations sent again, as in the test of processes; those are left out of the times. Run it with
``python -m bench.workshop [PEOPLE] [EACH]``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.processes import editing
from tests.processes.conftest import zhiyin
from tests.processes.editing import Play, all_know, gathered, share, waits
from tests.processes.installation import Installation

from zhiyin.maps import document

SECONDS = 1.0
"""What is to be reached at the 95th of a hundred."""


def main(people: int = 50, each: int = 20) -> bool:
    """Print one line; whether it is reached."""
    with tempfile.TemporaryDirectory() as name:
        installation = Installation(Path(name) / "data")
        installation.password = json.loads(zhiyin(installation.data, "init").stdout)["password"]
        try:
            server = installation.open()
            file = Path(name) / "many.json"
            file.write_bytes(document.write(editing.drawn(people)))
            done = zhiyin(installation.data, "journey", "map", "import", str(file), "--key", "many")
            assert done.returncode == 0, done.stdout + done.stderr
            colleagues = gathered(server, installation.password, people, "many")
            for one in colleagues:
                one.listen()
            Play(each).run(colleagues)
            all_know(colleagues, people * each)
            taken = waits(colleagues)
            for one in colleagues:
                one.hang_up()
        finally:
            installation.close()
    print(
        f"{people} people, {people * each} operations: on another's stream after "
        f"p50 {share(taken, 0.5):.3f} s, p95 {share(taken, 0.95):.3f} s, longest {taken[-1]:.3f} s "
        f"of {SECONDS:.0f}; {sum(one.cuts for one in colleagues)} connections cut",
        flush=True,
    )
    return share(taken, 0.95) <= SECONDS


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
