"""The whole product with its people and settings on a real PostgreSQL."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.answers import bring, done, figures
from tests.processes.conftest import wait_for
from tests.processes.installation import Installation
from tests.processes.visiting import Visitor

WITH_POSTGRES = Path(__file__).resolve().parents[2] / "scripts" / "with-postgres"


@pytest.fixture
def on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation whose relational store is a PostgreSQL of its own, which ends with it."""
    command = [str(WITH_POSTGRES), "sh", "-c", 'echo "$ZHIYIN_DATABASE_URL"; exec cat']
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as postgres:
        assert postgres.stdout is not None
        url = postgres.stdout.readline().strip()
        assert url.startswith("postgres://"), url
        monkeypatch.setenv("ZHIYIN_DATABASE_URL", url)
        found = Installation(tmp_path / "data")
        yield found
        found.close()


def test_the_product_runs_on_postgresql_from_its_first_start_to_a_restore(
    on_postgresql: Installation, tmp_path: Path
) -> None:
    """Would catch a part that works with SQLite's file alone, and a restore that leaves rows."""
    data, file = on_postgresql.data, tmp_path / "backup.tar"
    server = on_postgresql.open()
    assert not list(data.glob("*.sqlite3*")), "nothing of it is in SQLite"
    ana = Visitor(server, on_postgresql.password)
    bring(data, tmp_path, range(300))
    assert "p1" in ana.read("/main/scores/?metric=nps&by=touchpoint")
    ana.send("/me/", "/main/customers/suggestions/compare/")

    def is_compared() -> bool:
        past = done(data, "jobs")["past"]
        return ("suggest-merges", "done") in {(one["kind"], one["state"]) for one in past}

    wait_for(is_compared, 60, "the work is done")
    assert done(data, "unit", "add", "north")["name"] == "north"
    assert done(data, "backup", str(file))["workspaces"] == ["main"]
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert "zhiyin.pgdump" in names
    assert not [name for name in names if name.endswith(".sqlite3")]
    before = figures(data, tmp_path / "export.csv")
    assert before[0]["total"]["n"] == 300

    bring(data, tmp_path, range(300, 310))
    done(data, "unit", "add", "south")
    on_postgresql.close()
    done(data, "restore", str(file), "--replace", "--yes")
    assert figures(data, tmp_path / "export.csv") == before
    assert [one["key"] for one in done(data, "unit", "list")["units"]] == ["north"]
    assert done(data, "doctor")["ok"]
