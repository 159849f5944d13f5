"""A small log with everything in it that a file could trip over."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports.run import Exported, Format, export
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "zh-hans")
EVIL = '=HYPERLINK("http://evil.example")'
LONG = "很" * 20_000
AT = datetime(2026, 3, 1, 16, 30)
NPS = {"metric": "nps", "scale_min": 0.0, "scale_max": 10.0, "direction": "up"}

Out = Callable[..., Exported]


def answer(row: int, question: str, **values: Any) -> dict[str, Any]:
    return {
        "row": row,
        "id": f"r{row}",
        "response": f"r{row}",
        "occurred_at": AT,
        "customer": f"c{row}",
        "question": question,
        "touchpoint": "柜台",
        "kind": "touchpoint",
        "answer_state": "answered",
        "score": None,
        "scale_min": None,
        "scale_max": None,
        "direction": None,
        "choice": None,
        "d_city": ["上海", EVIL, None][row],
        "d_age": [31.0, 44.5, None][row],
        **values,
    }


def response(row: int, **values: Any) -> dict[str, Any]:
    return {
        "row": row,
        "id": f"r{row}",
        "occurred_at": AT,
        "customer": f"c{row}",
        "device": "phone" if row else "desktop",
        **values,
    }


def write(owner: Owner, source: str = "desk", **tables: list[dict[str, Any]]) -> None:
    with owner.begin("main", source=source, label="x") as batch:
        for table, rows in tables.items():
            batch.write(table, pa.Table.from_pylist(rows))
        batch.commit()


@pytest.fixture
def log(empty_log: Path, tmp_path: Path) -> Iterator[Owner]:
    answers = [
        answer(0, "推荐意愿", score=9.0, **NPS),
        answer(1, "推荐意愿", answer_state="not_applicable", **NPS),
        answer(2, "推荐意愿", answer_state="skipped", **NPS),
        answer(0, "by", metric="choice", choice="排队"),
        answer(1, "by", metric="choice", choice="Fees"),
        answer(2, "by", metric="choice", answer_state="refused"),
        answer(0, "why", metric="text"),
        answer(1, "why", metric="text"),
        answer(2, "why", metric="text", answer_state="dont_know"),
    ]
    said = [
        {"row": 0, "id": "r0", "question": "why", "text": EVIL, "occurred_at": AT},
        {"row": 1, "id": "r1", "question": "why", "text": LONG, "occurred_at": AT},
    ]
    shutil.copytree(empty_log, tmp_path / "data")
    with Owner(tmp_path / "data") as owner:
        owner.declare("main", {"answers": {"city": "text", "age": "float"}})
        write(owner, responses=[response(row) for row in range(3)], answers=answers, verbatims=said)
        yield owner


@pytest.fixture
def bare(empty_log: Path, tmp_path: Path) -> Iterator[Owner]:
    """A log without a row."""
    shutil.copytree(empty_log, tmp_path / "data")
    with Owner(tmp_path / "data") as owner:
        owner.declare("main", {"answers": {"city": "text", "age": "float"}})
        yield owner


def order(row: int, **values: Any) -> dict[str, Any]:
    return {
        "row": row,
        "id": f"o{row}",
        "occurred_at": AT + timedelta(seconds=row),
        "customer": "c0",
        "amount": Decimal("12.5000"),
        "currency": "CNY",
        **values,
    }


@pytest.fixture
def out(tmp_path: Path) -> Out:
    """Export to ``out.<kind>`` in the test's folder."""

    def made(log: Owner, kind: Format, what: Any = "responses", **more: Any) -> Exported:
        return export(log, MAIN, what, kind, tmp_path / f"out.{kind}", **more)

    return made
