"""`make audit` fails where it learned nothing, and not only where it learned bad news."""

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


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([FINE], ""),
        ([FINE, FLAWED], "run.lock: two 2.0 has PYSEC-1; mended in 2.1"),
        ([FINE, SKIPPED], "1 of 2 libraries were not looked up (three)"),
        ([], "run.lock: nothing was audited"),
        (None, "run.lock: nothing was audited"),
    ],
)
def test_an_audit_passes_only_where_everything_was_looked_up(
    found: list[dict[str, Any]] | None, says: str, tmp_path: Path
) -> None:
    said = "no connection" if found is None else json.dumps({"dependencies": found})
    told = tmp_path / "said"
    told.write_text(said, "utf-8")
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\ncat {told}\n", "utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    done = subprocess.run(
        [str(python), str(SCRIPT), "run.lock"], capture_output=True, text=True, check=False
    )
    assert done.returncode == (1 if says else 0), done.stderr
    assert says in done.stderr


def test_the_tool_that_is_asked_lies_beside_python() -> None:
    assert runpy.run_path(str(SCRIPT))["PIP_AUDIT"].is_file()
