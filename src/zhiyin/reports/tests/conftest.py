"""The cast: workspace main with 240 answers and what three customers said; Ana works there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import Person, Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.measure.tests.planting import answer, plant
from zhiyin.reports import actions, verbatims
from zhiyin.reports.models import Report
from zhiyin.warehouse.owner import Owner

MARCH = datetime(2026, 3, 10, 4)
SAID = ("行李等了三周。", "打 13766601235 给我。", "Nobody told us anything.")
QUERY = "metric=nps&by=touchpoint&against=rest&from=2026-03-01&until=2026-03-31"


@pytest.fixture(scope="session")
def answered_logs(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs with answers, to be copied: gates are worse than the app, beyond chance."""
    folder = tmp_path_factory.mktemp("answered") / "data"
    shutil.copytree(empty_logs, folder)
    with Owner(folder) as owner:
        plant(owner, "main", "answers", answers())
        plant(
            owner,
            "main",
            "verbatims",
            [
                {"customer": f"c{n}", "text": text, "occurred_at": MARCH, "touchpoint": "登机口"}
                for n, text in enumerate(SAID)
            ],
        )
    return folder


def answers() -> list[dict[str, object]]:
    """Sixty answers each of two touchpoints in two months, of customers of their own."""
    scores = {"登机口": (10, 8, 3, 3), "app": (10, 10, 10, 3)}
    return [
        answer(
            float(wanted[n % 4]),
            id=f"{place}-{month}-{n}",
            customer=f"c{(month * 2 + side) * 60 + n - 120}",
            touchpoint=place,
            unit="north" if side else "south",
            occurred_at=datetime(2026, month + 1, 10, 4),
        )
        for month in (1, 2)
        for side, (place, wanted) in enumerate(scores.items())
        for n in range(60)
    ]


@pytest.fixture
def log(answered_logs: Path, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    settings.ZHIYIN_DATA = tmp_path
    shutil.copytree(answered_logs, tmp_path, dirs_exist_ok=True)
    with Owner(tmp_path) as owner:
        yield owner


@pytest.fixture
def ana(db: None) -> Actor:
    accounts.set_up(by=COMMAND_LINE, login="ana")
    Workspace.objects.update(timezone="Asia/Shanghai")
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")


@pytest.fixture
def monthly(ana: Actor, log: Owner) -> Report:
    """A report in Chinese with own words, a chart, a trend, a number and verbatims."""
    made = actions.create(by=ana, workspace="main", title="三月体验", language="zh-hans")
    here: dict[str, Any] = {"by": ana, "workspace": "main", "number": made.pk}
    actions.add_words(**here, text="# 要点\n登机口 **明显** 更差 #let *x*")
    actions.add_figure(**here, log=log, query=QUERY)
    actions.add_figure(**here, log=log, query="metric=nps&by=&every=month")
    actions.add_figure(**here, log=log, query="metric=nps&by=", show="number")
    said = {quote.text: quote.row for quote in verbatims.search(log, settings_of("main"), "")}
    rows = tuple(said[text] for text in SAID[:2])
    actions.add_verbatims(**here, rows=rows)
    made.refresh_from_db()
    return made
