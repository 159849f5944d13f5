"""Journeys by the API: the room's own documents, and those who are behind a figure."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.journey import funnel, losses, paths, retention, variants
from zhiyin.journey.asking import ALL, read_span, read_steps
from zhiyin.warehouse.owner import Owner

STEPS = "Seen > Paid"
MONDAY = datetime(2026, 3, 2)


def bring_visits(log: Owner) -> None:
    """Forty customers saw something, thirty of whom paid an hour later."""
    rows = []
    for customer in range(40):
        seen = MONDAY + timedelta(days=customer % 9)
        rows.append((f"j{customer}", "Seen", seen))
        if customer < 30:
            rows.append((f"j{customer}", "Paid", seen + timedelta(hours=1)))
    table = pa.table(
        {
            "row": range(len(rows)),
            "id": [f"journey-{place}" for place in range(len(rows))],
            "customer": [one[0] for one in rows],
            "name": [one[1] for one in rows],
            "occurred_at": [one[2] for one in rows],
        }
    )
    with log.begin("main", source="web", label="visits") as batch:
        batch.write("events", table)
        batch.commit()


def test_documents_are_those_of_the_room(filled: Owner) -> None:
    bring_visits(filled)
    ask, settings = asking(a_key()), settings_of("main")
    asked = funnel.FunnelAsked(read_steps(STEPS), read_span("7d"))
    told = ask("get", "/journeys/funnel", {"steps": STEPS, "within": "7d"}).json()
    assert told["steps"] == funnel.funnel(filled, settings, asked).as_dict()["steps"]
    assert [step["customers"] for step in told["steps"]] == [40, 30]
    edges = paths.paths(filled, settings, paths.PathsAsked(top=5)).as_dict()
    assert ask("get", "/journeys/paths", {"top": 5}).json() == edges
    rows = variants.variants(filled, settings, ALL, top=3).as_dict()
    assert ask("get", "/journeys/variants", {"top": 3}).json() == rows
    came = retention.retention(filled, settings, ALL, every="week").as_dict()
    assert ask("get", "/journeys/retention", {"every": "week"}).json() == came
    assert ask("get", "/journeys/sessions").json()["customers"] > 40
    lost = losses.losses(filled, settings, losses.LossesAsked(read_steps(STEPS), by=("unit",)))
    assert ask("get", "/journeys/losses", {"steps": STEPS, "by": "unit"}).json() == lost.as_dict()
    over_time = ask("get", "/journeys/conversion", {"steps": STEPS, "every": "month"}).json()
    assert [one["period"] for one in over_time["periods"]][-1] >= "2026-03"


def test_faults_are_told(filled: Owner) -> None:
    ask = asking(a_key())
    for path, given, code in (
        ("funnel", {"steps": "Order Completed"}, "journey.steps"),
        ("funnel", {"steps": "Order Completed > Flown"}, "journey.no-such-event"),
        ("sessions", {"gap": "soon"}, "journey.span"),
        ("losses", {"steps": STEPS, "like": "channel"}, "journey.nowhere-else"),
        ("customers", {"figure": "of=nothing"}, "journey.behind"),
    ):
        answer = ask("get", f"/journeys/{path}", given)
        assert (answer.status_code, answer.json()["code"]) == (422, code), path


def test_customers_behind_a_step_come_page_by_page(filled: Owner) -> None:
    bring_visits(filled)
    ask = asking(a_key())
    figure = {"figure": f"of=step&steps={STEPS}&within=7d&step=2", "limit": 20}
    first = ask("get", "/journeys/customers", figure).json()
    second = ask("get", "/journeys/customers", {**figure, "cursor": first["next"]}).json()
    keys = [one["ids"][0]["id"] for one in first["items"] + second["items"]]
    assert (len(first["items"]), len(second["items"]), second["next"]) == (20, 10, None)
    assert len(set(keys)) == 30
