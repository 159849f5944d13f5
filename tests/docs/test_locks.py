"""The lock files pin what `pyproject.toml` asks for, with hashes and without addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    """Versions by library; more than one where Python versions or systems differ."""
    found: dict[str, set[str]] = {}
    for library, version in PIN.findall((ROOT / "requirements" / name).read_text("utf-8")):
        found.setdefault(canonicalize_name(library), set()).add(version)
    return found


def unmet(asked: list[str], held: dict[str, set[str]]) -> list[str]:
    wanted = [Requirement(line) for line in asked]
    return [
        str(want)
        for want in wanted
        if not any(want.specifier.contains(v) for v in held.get(canonicalize_name(want.name), ()))
    ]


def test_the_locks_hold_every_dependency_in_a_version_that_is_asked_for() -> None:
    run = PROJECT["project"]["dependencies"]
    dev = PROJECT["project"]["optional-dependencies"]["dev"]
    assert unmet(run, pins("run.lock")) == []
    assert unmet([*run, *dev], pins("dev.lock")) == []


def test_tests_run_with_the_versions_that_the_product_runs_with() -> None:
    dev = pins("dev.lock")
    assert {n: v for n, v in pins("run.lock").items() if dev.get(n) != v} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash_and_no_line_an_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash", "    hash"), re.MULTILINE)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
