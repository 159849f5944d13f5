"""The airline file by our mapping, beside the same figures computed in pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.examples.conftest import EXAMPLES, MAIN
from zhiyin.collect.files.mapping import load
from zhiyin.collect.files.run import ImportResult, import_path
from zhiyin.kernel.filters import parse
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.warehouse.owner import Owner

MAPPING = EXAMPLES / "airline.yaml"


@pytest.fixture(scope="module")
def folder(real: Path) -> Path:
    return real / "airline_passenger_satisfaction"


@pytest.fixture(scope="module")
def brought(log: Owner, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ImportResult:
    return import_path(log, MAIN, folder, MAPPING, data=tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def frame(folder: Path) -> Any:
    return pd.read_csv(folder / "Invistico_Airline.csv")


def test_every_row_and_every_rating(brought: ImportResult, frame: Any) -> None:
    assert (brought.rows_read, brought.rows_added) == (len(frame), len(frame))
    assert brought.facts_added == len(frame) * 15
    assert any(f"{len(frame):,} rows name no customer" in str(note) for note in brought.notes)


def test_each_touchpoint_by_class(log: Owner, brought: ImportResult, frame: Any) -> None:
    found = score(log, MAIN, ScoreRequest("csat", by=("question", "class")))
    rows = {(row.group["question"], row.group["class"]): row for row in found.rows}
    (mapping,) = load(MAPPING)
    assert len(mapping.shared.questions) == 14
    for question in mapping.shared.questions:
        for name, part in frame.groupby("Class"):
            given = part[question.column]
            answered = given[given != 0]
            row = rows[question.name, name]
            assert row.n == row.customers == len(answered)
            assert row.value == pytest.approx(100 * (answered >= 4).mean(), abs=1e-9)


def test_what_does_not_apply_is_counted_beside(
    log: Owner, brought: ImportResult, frame: Any
) -> None:
    found = score(log, MAIN, ScoreRequest("csat", where=parse("departure_delay > 60")))
    (mapping,) = load(MAPPING)
    late = frame[frame["Departure Delay in Minutes"] > 60]
    ratings = late[[question.column for question in mapping.shared.questions]]
    assert found.states["not_applicable"] == int((ratings == 0).to_numpy().sum())
    assert found.states["answered"] == int((ratings != 0).to_numpy().sum())
