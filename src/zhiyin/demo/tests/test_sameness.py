"""One seed, one company: to the byte, of any format, and in part of any size."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zhiyin.collect.files.mapping import load
from zhiyin.collect.files.mapping_sense import sources
from zhiyin.demo import chunks, facts, files
from zhiyin.demo.people import People
from zhiyin.demo.plan import Plan
from zhiyin.demo.tests.conftest import Company
from zhiyin.demo.world import World
from zhiyin.kernel.errors import Problem

SMALL = Plan(customers=400, months=6)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "one"
    files.write(SMALL, folder)
    return folder


def test_two_runs_are_the_same_to_the_byte(small: Path, tmp_path: Path) -> None:
    files.write(SMALL, tmp_path / "two")
    assert digests(small) == digests(tmp_path / "two")


def test_the_order_of_sets_in_memory_changes_nothing(small: Path, tmp_path: Path) -> None:
    """Words are hashed anew in every process; nothing written may follow their order."""
    program = (
        "import sys; from pathlib import Path; from zhiyin.demo import files;"
        " from zhiyin.demo.plan import Plan;"
        " files.write(Plan(customers=400, months=6), Path(sys.argv[1]))"
    )
    folder = tmp_path / "elsewhere"
    subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        check=True, timeout=120, env={**os.environ, "PYTHONHASHSEED": "12345"},
    )  # fmt: skip
    assert digests(folder) == digests(small)


def test_another_seed_is_another_company(small: Path, tmp_path: Path) -> None:
    files.write(Plan(seed=1, customers=400, months=6), tmp_path / "other")
    here, there = digests(small), digests(tmp_path / "other")
    assert here["orders.parquet"] != there["orders.parquet"]
    assert here["touchpoints.parquet"] == there["touchpoints.parquet"]


def test_csv_and_parquet_say_the_same(small: Path) -> None:
    for name in ("orders", "refunds", "answers_flight", "service_contacts"):
        binary = pd.read_parquet(small / f"{name}.parquet")
        written = pd.read_csv(small / f"{name}.csv", dtype=str, keep_default_na=False)
        assert list(binary.columns) == list(written.columns)
        assert binary["id"].tolist() == written["id"].tolist()
        if "amount" in binary:
            assert binary["amount"].astype(str).tolist() == written["amount"].tolist()


def test_every_data_file_has_its_mapping_and_every_mapping_names_columns(small: Path) -> None:
    data = {p.stem for p in small.glob("*.parquet")}
    mapped = {p.stem for p in small.glob("*.yaml")}
    reference = {
        "units", "touchpoints", "personas", "questions", "targets", "marked_dates", "flights",
        "aspects", "words", "turns", "truth_customers", "truth_trips", "truth_clauses",
    }  # fmt: skip
    assert data - mapped == reference
    for name in sorted(mapped):
        (mapping,) = load(small / f"{name}.yaml")
        columns = set(pd.read_parquet(small / f"{name}.parquet").columns)
        named = {value.column for _key, value in sources(mapping) if value.column}
        named |= {question.column for question in mapping.shared.questions}
        assert named <= columns, (name, named - columns)
        assert mapping.shared.file == f"{name}.parquet"


def test_a_larger_company_begins_with_the_same_customers() -> None:
    smaller, larger = Plan(customers=4_000), Plan(customers=9_000)
    one = chunks.make(World.of(smaller), 0)
    two = chunks.make(World.of(larger), 0)
    assert np.array_equal(one.people.number, two.people.number)
    assert np.array_equal(one.orders.amount, two.orders.amount)
    for (_family, here), (_same, there) in zip(facts.of(one), facts.of(two), strict=True):
        assert here.equals(there)


def test_customers_have_numbers_of_their_own() -> None:
    plan = Plan(customers=9_000)
    numbers = np.concatenate([People.of(plan, k).number for k in range(plan.chunks)])
    assert len(numbers) == 9_000
    assert len(np.unique(numbers)) == 9_000


def test_the_history_covers_whole_months_and_ends_on_the_day_named() -> None:
    assert Plan().first == date(2024, 7, 1)
    assert Plan(until=date(2026, 3, 15), months=1).first == date(2026, 2, 16)
    assert Plan(until=date(2024, 3, 30), months=1).first == date(2024, 2, 29)


def test_nothing_happens_outside_the_history(small: Path) -> None:
    first = pd.Timestamp("2025-12-31 16:00")
    last = pd.Timestamp("2026-06-30 16:00")
    for path in sorted(small.glob("*.parquet")):
        table = pd.read_parquet(path)
        if "occurred_at" in table and len(table):
            assert table["occurred_at"].min() >= first, path.name
            assert table["occurred_at"].max() < last, path.name


def test_ids_are_unique_in_their_file(company: Company) -> None:
    for path in sorted(company.folder.glob("*.parquet")):
        table = pd.read_parquet(path)
        if "id" in table:
            assert table["id"].is_unique, path.name


@pytest.mark.parametrize(("customers", "months"), [(100, 1), (100, 2), (120, 37)])
def test_a_company_of_any_size_can_be_made(customers: int, months: int, tmp_path: Path) -> None:
    plan = Plan(customers=customers, months=months)
    found = files.write(plan, tmp_path / "f", formats=("parquet",))
    orders = pd.read_parquet(tmp_path / "f" / "orders.parquet")
    assert len(orders) == found.counts.n["orders",] > 0
    if months < 15:
        assert found.document()["stories"]["new_wording"]["from_wave"] is None


@pytest.mark.parametrize("wrong", [{"customers": 5}, {"months": 0}, {"customers": 10**8}])
def test_a_company_of_no_size_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Problem):
        Plan(**wrong)  # type: ignore[arg-type]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(Problem) as caught:
        files.write(SMALL, tmp_path)
    assert caught.value.code == "demo.folder-not-empty"
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
