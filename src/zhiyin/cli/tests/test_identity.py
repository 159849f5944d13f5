"""`zhiyin merge`, `unmerge` and `why` as a person types them, on a store of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put


def zhiyin(data: Path, *arguments: str, status: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "zhiyin", "--data", str(data), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    zhiyin(tmp_path, "init")
    with Owner(tmp_path) as log:
        rows = [{"customer": f"c{k}", "kind": "relationship", "metric": "nps", "scale_min": 0.0,
                 "scale_max": 10.0, "score": float(k % 11), "id": f"{k}-{turn}"}
                for k in range(30) for turn in range(2)]  # fmt: skip
        put(log, rows)
    return tmp_path


def test_a_merge_is_made_explained_and_undone(data: Path) -> None:
    before = zhiyin(data, "score", "nps")["total"]
    made = zhiyin(data, "merge", "c1", "c2", "--note", "one card")
    assert made["customer"] == "c1"
    assert made["ids"] == [{"kind": "customer", "id": "c1"}, {"kind": "customer", "id": "c2"}]
    found = zhiyin(data, "why", "c2")
    (reason,) = found["reasons"]
    assert (reason["merge_id"], reason["state"]) == (made["merge_id"], "joins")
    assert reason["evidence"] == {"by": "zhiyin", "note": "one card"}
    during = zhiyin(data, "score", "nps")["total"]
    assert (before["customers"], during["customers"]) == (30, 29)
    undone = zhiyin(data, "unmerge", made["merge_id"])
    assert undone == {
        "merge_id": made["merge_id"], "customers": ["c1", "c2"], "is_still_one": False,
    }  # fmt: skip
    assert zhiyin(data, "score", "nps")["total"] == before
    wrong = zhiyin(data, "merge", "c1", "nobody", status=1)
    assert wrong["error"]["code"] == "customer.no-such-id"
