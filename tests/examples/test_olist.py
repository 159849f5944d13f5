"""The Olist files by our mappings, beside the same figures computed in pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.examples.conftest import EXAMPLES, MAIN
from zhiyin.collect.files.run import ImportResult, import_path
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner


@pytest.fixture(scope="module")
def brought(log: Owner, real: Path, tmp_path_factory: pytest.TempPathFactory) -> ImportResult:
    data = tmp_path_factory.mktemp("work")
    return import_path(log, MAIN, real / "olist_sample", EXAMPLES / "olist", data=data)


@pytest.fixture(scope="module")
def files(real: Path) -> dict[str, Any]:
    names = ("order_reviews", "orders", "customers", "order_items", "order_payments")
    folder = real / "olist_sample"
    return {name: pd.read_csv(folder / f"merged_{name}.csv", dtype=str) for name in names}


@pytest.fixture(scope="module")
def reviews(files: dict[str, Any]) -> Any:
    joined = files["order_reviews"].merge(files["orders"], on="order_id")
    joined = joined.merge(files["customers"], on="customer_id")
    first = joined.drop_duplicates("review_id", keep="first").copy()
    first["score"] = first["review_score"].astype(float)
    delivered, promised = "order_delivered_customer_date", "order_estimated_delivery_date"
    late = pd.to_datetime(first[delivered]) > pd.to_datetime(first[promised])
    first["delivery"] = late.map({True: "late", False: "on time"})
    first.loc[first[delivered].isna(), "delivery"] = "not delivered"
    return first


def test_every_row_is_added_or_rejected(brought: ImportResult, files: dict[str, Any]) -> None:
    assert brought.rows_read == brought.rows_added + brought.rows_rejected
    assert brought.rows_read == sum(
        (
            len(files["order_reviews"]),
            len(files["orders"]),
            len(files["order_items"]),
            files["orders"]["order_delivered_customer_date"].notna().sum(),
        )
    )


@pytest.mark.parametrize("column", ["delivery", "state"])
def test_satisfaction_by_delivery_and_by_state(
    log: Owner, brought: ImportResult, reviews: Any, column: str
) -> None:
    found = score(log, MAIN, ScoreRequest("csat", by=(column,)))
    frame = reviews.rename(columns={"customer_state": "state"})
    grouped = frame.groupby(column)
    expected = {
        name: (100 * (part["score"] >= 4).mean(), len(part), part["customer_unique_id"].nunique())
        for name, part in grouped
    }
    assert len(expected) == len(found.rows)
    # Two states have too few customers, twelve together: no third is withheld for their sake.
    few = {name for name, (_s, _n, customers) in expected.items() if customers < MAIN.minimum_base}
    assert sum(expected[name][2] for name in few) in (0, 12)
    for row in found.rows:
        name = row.group[column]
        share, rows, customers = expected[name]
        assert row.state == ("too_few" if name in few else "ok")
        if name in few:
            assert (row.value, row.n, row.customers) == (None, None, None)
        else:
            assert (row.n, row.customers) == (rows, customers)
            assert row.value == pytest.approx(share, abs=1e-9)
    assert found.total.value == pytest.approx(100 * (frame["score"] >= 4).mean(), abs=1e-9)


def test_the_second_reviews_of_an_id_are_rejected(
    brought: ImportResult, files: dict[str, Any]
) -> None:
    assert brought.rejects_file is not None
    rejected = pd.read_csv(brought.rejects_file, dtype=str)
    again = files["order_reviews"]["review_id"].duplicated().sum()
    assert len(rejected) == again == brought.rows_rejected
    assert set(rejected["reason"]) == {"duplicate id, other content"}


def test_local_days_and_words(log: Owner, brought: ImportResult, reviews: Any) -> None:
    table = lang.table(log.schema("main"), "verbatims")
    said = log.execute("main", table.select("id", "text", "occurred_at"), words=True).to_pylist()
    frame = reviews.set_index("review_id")
    stripped = frame["review_comment_message"].str.strip()
    filled = stripped[stripped.notna() & (stripped != "")]
    assert {row["id"]: row["text"] for row in said} == filled.to_dict()
    local = pd.to_datetime(frame["review_creation_date"])
    utc = local.dt.tz_localize("America/Sao_Paulo", nonexistent="shift_forward", ambiguous=True)
    expected = utc.dt.tz_convert("UTC").dt.tz_localize(None)
    assert all(expected[row["id"]] == row["occurred_at"] for row in said)


def test_what_was_paid(log: Owner, brought: ImportResult, files: dict[str, Any]) -> None:
    table = lang.table(log.schema("main"), "orders")
    (row,) = log.execute(
        "main", table.aggregate(n=table.count(), paid=table.amount.sum())
    ).to_pylist()
    orders = files["orders"]
    paid = files["order_payments"].merge(orders[["order_id"]].drop_duplicates(), on="order_id")
    assert row["n"] == orders["order_id"].nunique()
    assert float(row["paid"]) == pytest.approx(paid["payment_value"].astype(float).sum())
