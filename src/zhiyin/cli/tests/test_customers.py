"""`zhiyin customer` and `zhiyin segment` as a person types them."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner

DAY = datetime(2026, 3, 1, 9)


@pytest.fixture(autouse=True)
def _three(data: Path) -> None:
    """Ann buys twice and has a name; Bob only looks; Cy was asked."""
    with Owner(data) as log:
        bought = {"customer": "ann", "amount": 40.5, "currency": "CNY"}
        rows(log, "orders", {"id": "O-0", "occurred_at": DAY, **bought},
             {"id": "O-1", "occurred_at": DAY + timedelta(days=1), **bought})  # fmt: skip
        rows(log, "events", {"customer": "bob", "name": "Page Viewed"})
        rows(log, "traits", {"customer": "ann", "name": "name", "value": "=Ann"})
        rows(log, "answers", {"customer": "cy", "metric": "nps", "score": 3.0})


def test_a_customer_by_id_and_by_order(zhiyin: Zhiyin) -> None:
    found = zhiyin("customer", "ann")
    assert (found["customer"], found["name"]) == ("ann", "=Ann")
    assert found["ids"] == [{"kind": "customer", "id": "ann"}]
    assert found["counts"]["orders"] == 2
    (money,) = found["money"]
    assert (money["currency"], money["orders"], money["paid"]) == ("CNY", 2, 81.0)
    assert [line["table"] for line in found["timeline"]] == ["traits", "orders", "orders"]
    assert found["timeline"][1]["at"] == "2026-03-02T09:00:00Z"
    assert zhiyin("customer", "O-1", "--limit", "1")["customer"] == "ann"
    assert zhiyin("customer", "dora", status=1)["error"]["code"] == "customer.none"


def test_a_segment_is_counted_and_written(zhiyin: Zhiyin, tmp_path: Path) -> None:
    counted = zhiyin("segment", "count", "orders >= 2")
    assert (counted["n"], counted["of"]) == (1, 3)
    assert zhiyin("segment", "count", "orders = 0")["n"] == 2
    assert zhiyin("segment", "count", "orders >>= 2", status=1)["error"]["code"]
    file = tmp_path / "out" / "ann.csv"
    file.parent.mkdir()
    done = zhiyin("segment", "export", "orders >= 2", "-o", str(file))
    assert done["rows"] == 1
    with file.open(encoding="utf-8-sig", newline="") as read:
        (row,) = csv.DictReader(read)
    assert "ann" in row.values()
    assert "=Ann" not in row.values()
    again = zhiyin("segment", "export", "orders >= 2", "-o", str(file), status=1)
    assert again["error"]["code"]
    assert isinstance(zhiyin("segment", "list")["segments"], list)
