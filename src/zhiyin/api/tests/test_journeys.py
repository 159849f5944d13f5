"""Journeys by the API: the room's own documents, and those who are behind a figure."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from zhiyin.accounts.workspaces import settings_of
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.journey import funnel, losses, paths, repeats, retention, variants, waits
from zhiyin.journey.adoption import Adoption, AdoptionAsked, adoption
from zhiyin.journey.asking import ALL, read_span, read_steps
from zhiyin.journey.between import Between, BetweenAsked, between
from zhiyin.journey.engagement import Engagement, EngagementAsked, engagement
from zhiyin.journey.task import Task, TaskAsked, task
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


def test_figures_of_some_customers_alone(planted: Owner) -> None:
    ask = asking(a_key())
    every = ask("get", "/journeys/paths").json()
    some = ask("get", "/journeys/paths", {"customers": "events >= 1000"}).json()
    assert every["pairs"] > some["pairs"] == 0
    everybody = ask("get", "/journeys/paths", {"customers": "events >= 1"}).json()
    assert everybody["pairs"] == every["pairs"]
    none = ask("get", "/journeys/paths", {"customers": "nobody-s-segment"})
    assert none.json()["code"] == "segments.none"
    blind = asking(a_key(sees_personal_data=False))
    asked = {"customers": "email = 'a@b.example'"}
    assert blind("get", "/journeys/paths", asked).json()["code"] == "personal.filter"


def test_a_funnel_by_segments(filled: Owner) -> None:
    bring_visits(filled)
    ask, steps = asking(a_key()), {"steps": STEPS}
    found = ask("get", "/journeys/funnel", {**steps, "by_segment": ["events >= 2", "events >= 1"]})
    counts = {one["group"]: one["steps"][0]["customers"] for one in found.json()["groups"]}
    assert counts == {"events >= 2": 30, "events >= 1": 40}
    hers = {**steps, "by_segment": ["events >= 2", "email = 'a@b.example'"]}
    blind = asking(a_key(sees_personal_data=False))
    assert blind("get", "/journeys/funnel", hers).json()["code"] == "personal.filter"


# Figures of the log; what is asked of the store, the guard's walk asks every one.
@pytest.mark.any_store
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
    again = repeats.repeats(filled, settings, ALL, top=3).as_dict()
    assert ask("get", "/journeys/repeats", {"top": 3}).json() == again
    came = retention.retention(filled, settings, ALL, every="week").as_dict()
    assert ask("get", "/journeys/retention", {"every": "week"}).json() == came
    assert ask("get", "/journeys/sessions").json()["customers"] > 40
    tried = TaskAsked(frozenset({"Seen"}), frozenset({"Paid"}), read_span("2h"), every="week")
    given = {"start": "Seen", "goal": "Paid", "within": "2h", "every": "week"}
    assert ask("get", "/journeys/task", given).json() == told_json(task(filled, settings, tried))
    between_ = BetweenAsked(frozenset({"Seen"}), frozenset({"Seen"}))
    again = ask("get", "/journeys/between", {"first": "Seen"}).json()
    assert again == told_json(between(filled, settings, between_))
    new = AdoptionAsked(frozenset({"Paid"}), read_span("7d"), since=frozenset({"Seen"}))
    given = {"of": "Paid", "since": "Seen", "every": "month"}
    adopted = ask("get", "/journeys/adoption", given).json()
    assert adopted == told_json(adoption(filled, settings, new))
    assert sum(one["customers"] or 0 for one in adopted["cohorts"]) == 40
    engaged = ask("get", "/journeys/engagement", {"every": "month"}).json()
    assert engaged == told_json(engagement(filled, settings, EngagementAsked(every="month")))
    curve = waits.waits(filled, settings, asked, last=2).as_dict()
    asked_for = {"steps": STEPS, "within": "7d", "last": 2}
    assert ask("get", "/journeys/waits", asked_for).json() == curve
    assert (curve["began"], curve["arrived"], curve["median_seconds"]) == (40, 30, 3_600.0)
    lost = losses.losses(filled, settings, losses.LossesAsked(read_steps(STEPS), by=("unit",)))
    assert ask("get", "/journeys/losses", {"steps": STEPS, "by": "unit"}).json() == lost.as_dict()
    over_time = ask("get", "/journeys/conversion", {"steps": STEPS, "every": "month"}).json()
    assert [one["period"] for one in over_time["periods"]][-1] >= "2026-03"


def told_json(found: Task | Between | Adoption | Engagement) -> object:
    """A document as it comes over the wire."""
    return json.loads(json.dumps(found.as_dict()))


@pytest.mark.any_store
def test_faults_are_told(filled: Owner) -> None:
    ask = asking(a_key())
    for path, given, code in (
        ("funnel", {"steps": "Order Completed"}, "journey.steps"),
        ("funnel", {"steps": "Order Completed > Flown"}, "journey.no-such-event"),
        (
            "waits",
            {"steps": "Order Completed > Order Cancelled", "last": 3},
            "journey.no-such-step",
        ),
        ("sessions", {"gap": "soon"}, "journey.span"),
        ("task", {"start": "A > B", "goal": "Order Completed"}, "journey.names"),
        ("between", {"first": "Flown"}, "journey.no-such-event"),
        ("losses", {"steps": STEPS, "like": "channel"}, "journey.nowhere-else"),
        ("customers", {"figure": "of=nothing"}, "journey.behind"),
    ):
        answer = ask("get", f"/journeys/{path}", given)
        assert (answer.status_code, answer.json()["code"]) == (422, code), path


@pytest.mark.any_store
def test_customers_behind_a_step_come_page_by_page(filled: Owner) -> None:
    bring_visits(filled)
    ask = asking(a_key())
    figure = {"figure": f"of=step&steps={STEPS}&within=7d&step=2", "limit": 20}
    first = ask("get", "/journeys/customers", figure).json()
    second = ask("get", "/journeys/customers", {**figure, "cursor": first["next"]}).json()
    keys = [one["ids"][0]["id"] for one in first["items"] + second["items"]]
    assert (len(first["items"]), len(second["items"]), second["next"]) == (20, 10, None)
    assert len(set(keys)) == 30


def test_customers_behind_a_step_are_kept_as_a_segment(filled: Owner) -> None:
    bring_visits(filled)
    ask = asking(a_key())
    given = {"name": "Paid", "figure": f"of=step&steps={STEPS}&within=7d&step=2"}
    made = ask("post", "/segments/kept", given)
    assert (made.status_code, made.json()) == (
        201, {"slug": "paid", "name": "Paid", "rule": "", "is_kept": True},
    )  # fmt: skip
    listed = ask("get", "/customers", {"segment": "paid", "limit": 40}).json()["items"]
    assert len(listed) == 30
    nothing = ask("post", "/segments/kept", {"name": "No", "figure": "of=nothing"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "journey.behind")
