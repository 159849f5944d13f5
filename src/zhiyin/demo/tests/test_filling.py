"""The company in a workspace: the product's own figures against the truth, and out again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.demo import files, filling
from zhiyin.demo.filling import Filled
from zhiyin.demo.plan import Plan
from zhiyin.kernel.errors import Problem
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Score, score
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.wire import socket_of

PLAN = Plan(customers=1_500, months=9, until=date(2026, 5, 17))
MAIN = Settings("main", "Main", "Asia/Shanghai", 0, "CNY", "zh-hans", 0, 0, 0)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    with Owner(tmp_path_factory.mktemp("data")) as owner:
        owner.create("main")
        yield owner


@pytest.fixture(scope="module")
def filled(log: Owner, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("kept")
    found = filling.fill(log, "main", PLAN, folder=folder)
    assert json.loads((folder / "truth.json").read_text("utf-8")) == json.loads(found.truth.json())
    assert (folder / "units.csv").read_text("utf-8").count("\n") > 40
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files") / "f"
    files.write(PLAN, folder, formats=("parquet",))
    return folder


def figure(log: Owner, metric: str, **asked: Any) -> Score:
    found = score(log, MAIN, ScoreRequest(metric, **asked), now=datetime(2026, 7, 1))
    return found.total


def test_the_log_holds_what_the_truth_counts(filled: Filled) -> None:
    assert filled.facts_added == sum(filled.truth.rows.values())
    assert set(filled.imports) == {
        "digital", "operations", "kiosk", "service", "reservations", "crm", "surveys", "listening",
    }  # fmt: skip


def test_conversion_bounce_and_abandonment_are_the_truth(log: Owner, filled: Filled) -> None:
    counts: Any = filled.truth.counts.document()
    conversion = figure(log, "conversion")
    assert conversion.value == pytest.approx(
        100 * counts["order completed events"] / counts["sessions"]
    )
    bounce = figure(log, "bounce")
    assert bounce.n == counts["sessions with a page view"]
    assert bounce.value == pytest.approx(
        100 * counts["bounces"] / counts["sessions with a page view"]
    )
    carts = figure(log, "cart_abandonment")
    assert carts.n == counts["carts"]
    assert carts.value == pytest.approx(100 * counts["carts abandoned"] / counts["carts"])


def test_order_value_is_the_ledger_to_the_cent(log: Owner, filled: Filled) -> None:
    ledger: Any = filled.truth.ledger.document()
    value = figure(log, "order_value")
    assert value.value is not None
    assert value.n is not None
    assert round(value.value * value.n, 2) == float(ledger["total"]["revenue"])


def test_response_rate_and_renewal_rate_are_the_truth(log: Owner, filled: Filled) -> None:
    counts: Any = filled.truth.counts.document()
    sent = sum(counts["invited"].values()) - sum(counts["bounced"].values())
    rate = figure(log, "response_rate")
    assert rate.n == sent
    assert rate.value == pytest.approx(100 * sum(counts["answered"].values()) / sent)
    renewed = figure(log, "renewal_rate")
    assert renewed.n == counts["cards renewed"] + counts["cards ended"]
    complaints = figure(log, "complaint_rate")
    assert complaints.value == pytest.approx(
        1e6 * counts["contacts by reason"]["complaint"] / counts["orders"]
    )


@pytest.mark.parametrize(
    ("metric", "survey", "question"),
    [
        ("nps", "flight", "recommend_journey"),
        ("nps", "contact", "recommend_contact"),
        ("ces", "booking", "ease"),
        ("csat", "flight", "rate_punctuality"),
    ],
)
def test_scores_are_those_of_the_files(
    log: Owner, filled: Filled, written: Path, metric: str, survey: str, question: str
) -> None:
    table = pd.read_parquet(written / f"answers_{survey}.parquet")
    scores = table[question][table[question] < 90]
    where = "touchpoint = 'booking'" if survey == "booking" else None
    from zhiyin.kernel.filters import parse

    found = figure(
        log, metric, questions=(question,), per="answer", where=parse(where) if where else None
    )
    wanted = {
        "nps": 100 * ((scores >= 9).mean() - (scores <= 6).mean()),
        "ces": scores.mean(),
        "csat": 100 * (scores >= 4).mean(),
    }[metric]
    assert found.n == len(scores)
    assert found.value == pytest.approx(wanted)


def test_browsers_belong_to_those_who_signed_in_on_them(
    log: Owner, filled: Filled, written: Path
) -> None:
    """The links join what was done without signing in to the customer's own."""
    events = pd.concat(pd.read_parquet(p) for p in sorted(written.glob("events_*.parquet")))
    links = pd.read_parquet(written / "identities.parquet").set_index("other").customer
    sessions = events[events.session.notna()].drop_duplicates("session")
    people = sessions.customer.map(links).fillna(sessions.customer)
    assert figure(log, "conversion").customers == _with_orders(events, people)


def _with_orders(events: pd.DataFrame, people: pd.Series) -> int:
    loose = events[(events.name == "Order Completed") & events.session.isna()]
    return int(pd.concat([people, loose.customer]).nunique())


def test_filling_again_adds_nothing(log: Owner, filled: Filled) -> None:
    again = filling.fill(log, "main", PLAN)
    assert again.facts_added == 0
    assert not again.imports
    assert filling.is_demo(log, "main")


def test_another_company_does_not_go_on_top(log: Owner, filled: Filled) -> None:
    with pytest.raises(Problem) as caught:
        filling.fill(log, "main", Plan(customers=200, months=3, seed=5))
    assert caught.value.code == "demo.another-company"


def test_data_of_its_own_is_left_alone_and_the_demo_goes_whole(tmp_path: Path) -> None:
    import pyarrow as pa

    small = Plan(customers=150, months=3)
    with Owner(tmp_path) as log:
        log.create("main")
        with pytest.raises(Problem) as caught:
            filling.remove(log, "main")
        assert caught.value.code == "demo.not-there"
        added = filling.fill(log, "main", small).facts_added
        assert filling.remove(log, "main") == added
        assert not filling.is_demo(log, "main")
        assert figure(log, "conversion").n == 0
        with log.begin("main", source="own", label="own file") as batch:
            row = {"row": [0], "id": ["1"], "occurred_at": [datetime(2026, 1, 1)]}
            batch.write("events", pa.table({**row, "name": ["Page Viewed"]}))
            batch.commit()
        with pytest.raises(Problem) as caught:
            filling.fill(log, "main", small)
        assert caught.value.code == "demo.workspace-not-empty"


def test_progress_goes_from_the_first_chunk_to_the_last(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    files.write(
        Plan(customers=4_100, months=2), tmp_path / "f", formats=("parquet",),
        progress=lambda done, of: seen.append((done, of)),
    )  # fmt: skip
    assert seen == [(1, 2), (2, 2)]


def test_a_running_server_can_be_filled(tmp_path: Path) -> None:
    """Over the socket, as when `zhiyin serve` runs."""
    plan = Plan(customers=4_200, months=1)
    with Owner(tmp_path) as owner:
        owner.create("main")
        server = LogServer(owner, socket_of(tmp_path))
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            remote = RemoteLog.if_answering(socket_of(tmp_path))
            assert remote is not None
            with remote:
                done = filling.fill(remote, "main", plan)
                assert done.facts_added == sum(done.truth.rows.values())
                assert filling.is_demo(remote, "main")
                assert filling.remove(remote, "main") == done.facts_added
        finally:
            server.shutdown()
            thread.join()
