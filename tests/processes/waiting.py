"""A process that has other people's libraries in memory, and becomes a `zhiyin` for each line.

Started by `tests.processes.commands`. What is on its standard input says what to run, one JSON
document a line; on its standard output it answers with each exit status.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import sys
from typing import Any, NoReturn

LIBRARIES = [
    "click",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.core.serializers.json",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.db.models",
    "django.forms",
    "django.urls",
    "duckdb",
    "ibis.backends.sql.compilers",
    "msgspec",
    "numba",
    "pandas",
    "pyarrow.flight",
    "pyarrow.parquet",
    "scipy.special",
    "scipy.stats",
    "yaml",
]
"""None of ours: an import of ours that only works after another must fail as it does for users."""


def main() -> None:
    """Copy this process for each command."""
    for name in LIBRARIES:
        importlib.import_module(name)
    warm()
    for line in sys.stdin:
        asked = json.loads(line)
        copy = os.fork()
        if copy == 0:
            end(command(asked))
        _pid, status = os.waitpid(copy, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def warm() -> None:
    """Numba and Ibis import most of themselves when they are first used."""
    import ibis
    import numba

    numba.njit(_nothing)(1.0)
    ibis.to_sql(ibis.table({"n": "int64"}, name="t"), dialect="duckdb")


def _nothing(n: float) -> float:
    return n


def command(asked: dict[str, Any]) -> int:
    """`python -m zhiyin`, in the folder and the environment of whoever asks."""
    signal.alarm(asked["seconds"])
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, path in ((1, asked["said"]), (2, asked["complained"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    sys.argv = ["zhiyin", *asked["arguments"]]
    from zhiyin.cli import main as run

    try:
        return run()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


def end(status: int) -> NoReturn:
    """Leave without taking the libraries apart, which takes longer than the command."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
