"""`make audit` fails where it learned nothing; `make test` says so and fails for bad news alone."""

from __future__ import annotations

import json
import runpy
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "audit"
FINE = {"name": "one", "version": "1.0", "vulns": []}
FLAWED = {
    "name": "two",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}],
}
SKIPPED = {"name": "three", "skip_reason": "Dependency not found"}


def audit(folder: Path, found: list[dict[str, Any]] | None, *options: str) -> tuple[int, str]:
    """Status and words of an audit where the service answers so; None is no connection."""
    told = folder / "said"
    said = "no connection" if found is None else json.dumps({"dependencies": found})
    told.write_text(said, "utf-8")
    tool = folder / "pip-audit"
    tool.write_text(f"#!/bin/sh\ncat {told}\n", "utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    python = folder / "python"
    python.symlink_to(sys.executable)
    command = [str(python), str(SCRIPT), *options, "run.lock"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("found", "says", "is_hole"),
    [
        ([FINE], "", False),
        ([FINE, FLAWED], "run.lock: two 2.0 has PYSEC-1; mended in 2.1", True),
        ([FINE, SKIPPED], "1 of 2 libraries were not looked up (three)", False),
        ([SKIPPED, FLAWED], "run.lock: two 2.0 has PYSEC-1; mended in 2.1", True),
        ([], "run.lock: nothing was audited", False),
        (None, "run.lock: nothing was audited", False),
    ],
)
def test_an_audit_passes_only_where_everything_was_looked_up(
    found: list[dict[str, Any]] | None, says: str, is_hole: bool, tmp_path: Path
) -> None:
    status, told = audit(tmp_path, found)
    assert status == (1 if says else 0), told
    assert says in told
    (tmp_path / "python").unlink()
    status, told = audit(tmp_path, found, "--if-answered")
    assert status == (1 if is_hole else 0), told
    assert says in told
    is_silent = found is None or not found or SKIPPED in found
    assert ("NOT ASKED: run.lock" in told) == is_silent


def test_the_tool_that_is_asked_lies_beside_python() -> None:
    assert runpy.run_path(str(SCRIPT))["PIP_AUDIT"].is_file()
