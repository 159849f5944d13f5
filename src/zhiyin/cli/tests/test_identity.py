"""`zhiyin merge`, `unmerge` and `why` as a person types them, on a store of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put


@pytest.fixture
def _thirty(data: Path) -> None:
    with Owner(data) as log:
        rows = [{"customer": f"c{k}", "kind": "relationship", "metric": "nps", "scale_min": 0.0,
                 "scale_max": 10.0, "score": float(k % 11), "id": f"{k}-{turn}"}
                for k in range(30) for turn in range(2)]  # fmt: skip
        put(log, rows)


@pytest.mark.usefixtures("_thirty")
def test_a_merge_is_made_explained_and_undone(zhiyin: Zhiyin) -> None:
    before = zhiyin("score", "nps")["total"]
    made = zhiyin("merge", "c1", "c2", "--note", "one card")
    assert made["customer"] == "c1"
    assert made["ids"] == [{"kind": "customer", "id": "c1"}, {"kind": "customer", "id": "c2"}]
    found = zhiyin("why", "c2")
    (reason,) = found["reasons"]
    assert (reason["merge_id"], reason["state"]) == (made["merge_id"], "joins")
    assert reason["evidence"] == {"by": "zhiyin", "note": "one card"}
    during = zhiyin("score", "nps")["total"]
    assert (before["customers"], during["customers"]) == (30, 29)
    undone = zhiyin("unmerge", made["merge_id"])
    assert undone == {
        "merge_id": made["merge_id"], "customers": ["c1", "c2"], "is_still_one": False,
    }  # fmt: skip
    assert zhiyin("score", "nps")["total"] == before
    wrong = zhiyin("merge", "c1", "nobody", status=1)
    assert wrong["error"]["code"] == "customer.no-such-id"
