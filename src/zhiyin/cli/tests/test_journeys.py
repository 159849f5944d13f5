"""`zhiyin journey` on a log of three customers: the promised documents, and words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from zhiyin.cli import journeys
from zhiyin.cli.session import Session
from zhiyin.cli.tests.test_scoring import SETTINGS, document, run
from zhiyin.kernel.errors import Problem

MONDAY = datetime(2026, 1, 5, 2)
DAYS = {
    "ana": ["Seen", "Added", "Paid"],
    "ben": ["Seen", "Added", "Left", "Paid"],
    "cleo": ["Seen"],
}


@pytest.fixture(scope="module")
def planted(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """An event every third day each, from a Monday on."""
    data = tmp_path_factory.mktemp("journeys") / "data"
    shutil.copytree(empty_log, data)
    session = Session()
    session.set_data(data)
    session.__dict__["workspace"] = replace(SETTINGS, minimum_base=1)
    rows = [
        {
            "id": f"{who} {day}",
            "customer": who,
            "occurred_at": MONDAY + timedelta(days=3 * day),
            "name": name,
            "channel": "app" if who == "ana" else "shop",
        }
        for who, names in DAYS.items()
        for day, name in enumerate(names)
    ]
    with session.log.begin("main", source="test", label="test") as batch:
        batch.write("events", pa.Table.from_pylist([{"row": n, **r} for n, r in enumerate(rows)]))
        batch.commit()
    yield session
    session.close()


@pytest.fixture
def session(planted: Session) -> Session:
    planted.is_json = False
    return planted


def test_the_funnel_document(session: Session) -> None:
    found = document(
        session, journeys.command, "funnel", "--steps", "Seen > Added > !Left > Paid",
        "--within", "6d", "--by", "channel",
    )  # fmt: skip
    first, second, third = found["steps"]
    assert (first["step"], first["customers"], first["share_of_first"]) == ("Seen", 3, 1.0)
    assert (second["customers"], second["median_seconds"]) == (2, 3 * 86_400)
    assert (third["customers"], third["share_of_previous"]) == (1, 0.5)
    # binom::binom.confint(1, 3, methods = "wilson")
    assert (third["low"], third["high"]) == pytest.approx((0.06149194, 0.79234032), abs=1e-7)
    assert [(one["group"], len(one["steps"])) for one in found["groups"]] == [
        ("shop", 3), ("app", 3),
    ]  # fmt: skip
    shorter = ("funnel", "--steps", "Seen > Paid", "--within", "5d")
    assert document(session, journeys.command, *shorter)["steps"][1]["customers"] == 0
    strict = ("funnel", "--steps", "Seen > Paid", "--within", "9d", "--order", "strict")
    assert document(session, journeys.command, *strict)["steps"][1]["customers"] == 0


def test_a_funnel_by_rules_over_customers(session: Session) -> None:
    asked = ("funnel", "--steps", "Seen > Paid", "--within", "30d")
    often = ("--by-segment", "events >= 3")
    found = document(session, journeys.command, *asked, *often)
    assert found["by"] == "segments"
    counts = {one["group"]: [s["customers"] for s in one["steps"]] for one in found["groups"]}
    assert sum(told[0] for told in counts.values()) == found["steps"][0]["customers"] == 3
    assert set(counts) == {"events >= 3", None}
    with pytest.raises(Problem, match="by a column or by segments, not by both"):
        run(session, journeys.command, *asked, *often, "--by", "channel")


def test_the_waits_document(session: Session) -> None:
    found = document(
        session, journeys.command, "waits", "--steps", "Seen > Added > Paid", "--within", "30d"
    )
    assert (found["first"], found["last"], found["number"]) == ("Seen", "Paid", 3)
    assert (found["began"], found["arrived"], found["within_seconds"]) == (3, 2, 30 * 86_400)
    # Ana came after six days, Ben after nine, when the log ends and Cleo is watched no longer.
    assert (found["median_seconds"], found["median_high"]) == (9 * 86_400, None)
    by_day = {one["seconds"] / 86_400: one for one in found["moments"]}
    assert [by_day[day]["still"] for day in (0, 6, 9)] == pytest.approx([1, 2 / 3, 1 / 3])
    assert [by_day[day]["at_risk"] for day in (0, 6, 9)] == [3, 2, 1]
    assert max(by_day) == 9
    shorter = ("waits", "--steps", "Seen > Added > Paid", "--within", "30d", "--last", "2")
    assert document(session, journeys.command, *shorter)["median_seconds"] == 3 * 86_400
    session.is_json = False
    told = run(session, journeys.command, *shorter)
    assert "Half of 3 customers have come from Seen to Added after 3d [3d, …)." in told


def test_the_paths_document(session: Session) -> None:
    found = document(session, journeys.command, "paths", "--top", "1")
    assert found == {
        "edges": [
            {"from": "Seen", "to": "Added", "count": 2, "customers": 2, "median_seconds": 259_200.0}
        ],
        "edges_in_all": 4,
        "edges_withheld": 0,
        "pairs": 5,
        "minimum_base": 1,
    }
    later = document(session, journeys.command, "paths", "--start", "Added", "--gap", "3d")
    assert [(e["from"], e["to"]) for e in later["edges"]] == [
        ("Added", "Left"), ("Added", "Paid"), ("Left", "Paid"),
    ]  # fmt: skip
    assert document(session, journeys.command, "paths", "--gap", "2d")["edges"] == []


def test_the_variants_document(session: Session) -> None:
    found = document(session, journeys.command, "variants", "--where", "channel = 'shop'")
    assert (found["variants_in_all"], found["customers"]) == (2, 2)
    assert found["variants"][0]["steps"] in (["Seen"], DAYS["ben"])
    assert found["variants"][0]["share"] == 0.5


def test_the_repeats_document(session: Session) -> None:
    found = document(session, journeys.command, "repeats")
    assert found["nodes_in_all"] == len(found["nodes"]) > 0
    seen = next(one for one in found["nodes"] if one["node"] == "Seen")
    assert (seen["customers"], seen["again"], seen["again_share"]) == (3, 0, 0.0)
    session.is_json = False
    assert "Come again" in run(session, journeys.command, "repeats", "--top", "1")


def test_the_conversion_document(session: Session) -> None:
    asked = ("--steps", "Seen > Paid", "--within", "9d", "--every", "week")
    found = document(session, journeys.command, "conversion", *asked)
    assert (found["every"], found["minimum_base"]) == ("week", 1)
    began, later = found["periods"]
    assert (began["period"], began["is_final"]) == ("2026-W02", True)
    assert [step["customers"] for step in began["steps"]] == [3, 2]
    assert (later["period"], later["steps"]) == ("2026-W03", [])
    session.is_json = False
    assert "66.7" in run(session, journeys.command, "conversion", *asked)


def test_too_few_customers_are_not_told_of(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(session.__dict__, "workspace", replace(SETTINGS, minimum_base=3))
    funnel = document(session, journeys.command, "funnel", "--steps", "Seen > Paid")
    assert [(s["customers"], s["state"]) for s in funnel["steps"]] == [(3, "ok"), (None, "too_few")]
    session.is_json = False
    assert "< 3" in run(session, journeys.command, "funnel", "--steps", "Seen > Paid")
    none = run(session, journeys.command, "paths")
    assert none.strip() == "Nothing is shown that is about fewer than 3 customers."
    assert run(session, journeys.command, "variants") == none
    assert run(session, journeys.command, "sessions", "--where", "channel = 'app'") == none


def test_the_retention_document(session: Session) -> None:
    found = document(session, journeys.command, "retention", "--every", "week")
    (cohort,) = found["cohorts"]
    assert (cohort["period"], cohort["customers"]) == ("2026-W02", 3)
    assert [(one["later"], one["customers"]) for one in cohort["returns"]] == [(0, 3), (1, 1)]
    assert [one["customers"] for one in found["together"]] == [3, 1]
    assert found["together"][1]["cohorts"] == 1
    until = ("retention", "--every", "week", "--to", "2026-01-01")
    assert document(session, journeys.command, *until)["cohorts"] == []


def test_the_sessions_document(session: Session) -> None:
    found = document(session, journeys.command, "sessions", "--gap", "1d")
    assert found == {
        "sessions": 8, "single": 8, "customers": 3, "events": 8, "median_events": 1.0,
        "median_seconds": 0.0, "minimum_base": 1,
    }  # fmt: skip


def test_the_losses_document(session: Session) -> None:
    found = document(session, journeys.command, "losses", "--steps", "Seen > Added > Paid")
    head = {name: found[name] for name in found if name != "losses"}
    assert head == {
        "steps": ["Seen", "Added", "Paid"], "by": ["channel"], "like": [], "gap_seconds": 1_800.0,
        "currency": SETTINGS.currency, "confidence": 0.95, "tests": 0,
        "interval_confidence": 0.95, "minimum_base": 1,
    }  # fmt: skip
    # Every id is a known customer's here.
    assert found["losses"] == []
    session.is_json = False
    assert "unknown" in run(session, journeys.command, "losses", "--steps", "Seen > Paid")


def test_words_for_a_terminal(session: Session) -> None:
    told = run(session, journeys.command, "funnel", "--steps", "Seen > Paid", "--within", "30d")
    assert "66.7" in told
    assert "7d 12h" in told
    assert "4 of 4 edges; 5 pairs" in run(session, journeys.command, "paths")
    assert "Seen > Added > Left > Paid" in run(session, journeys.command, "variants")
    assert "2026-W02" in run(session, journeys.command, "retention", "--every", "week")
    nothing = ("--where", "channel = 'fax'")
    assert run(session, journeys.command, "paths", *nothing).strip() == "No event follows another."
    assert run(session, journeys.command, "variants", *nothing).strip() == "There are no events."
    assert "–" in run(session, journeys.command, "sessions", *nothing)


def test_what_came_before(session: Session) -> None:
    asked = ("before", "event", "Paid", "--within", "4d", "--against", "earlier", "--steps", "2")
    found = document(session, journeys.command, *asked)
    assert (found["against"], found["customers"], found["others"]) == ("earlier", 1, 1)
    rows = {tuple(row["steps"]): row for row in found["nodes"]["rows"]}
    assert rows[("Left",)]["here"]["customers"] == 1
    assert rows[("Left",)]["there"]["customers"] == 0
    assert [row["steps"] for row in found["leading"]["rows"]] == [["Added"], ["Left"]]
    session.is_json = False
    told = run(session, journeys.command, *asked)
    assert "1 customers with the outcome, 1 to compare with." in told
    assert "Left" in told
    nobody = ("before", "event", "Paid", "--which", "channel = 'web'")
    assert "did not come about" in run(session, journeys.command, *nobody)


def test_where_paths_part(session: Session) -> None:
    asked = ("parting", "--one", "channel = 'app'", "--two", "channel = 'shop'", "--gap", "3d")
    found = document(session, journeys.command, *asked)
    seen = next(node for node in found["nodes"] if node["node"] == "Seen")
    assert (seen["one"], seen["two"], seen["marked"]) == (1, 2, False)
    assert sum(choice["one"] for choice in seen["choices"]) == 1
    session.is_json = False
    assert "○ Seen" in run(session, journeys.command, *asked)


def test_the_task_document(session: Session) -> None:
    """Ana pays six days after she saw it, Ben nine, with a detour; Cleo's time is not over."""
    asked = ("task", "--start", "Seen", "--goal", "Paid", "--within", "9d", "--error", "Left")
    found = document(session, journeys.command, *asked, "--by", "channel", "--every", "week")
    success = found["success"]
    assert (success["attempts"], success["completed"], found["open_attempts"]) == (3, 2, 0)
    assert success["times"][1]["seconds"] == 7.5 * 86_400
    assert success["errors"]["value"] == pytest.approx(1 / 3)
    assert [one["group"] for one in found["groups"]] == ["shop", "app"]
    assert found["periods"][0]["success"]["attempts"] == 3
    shorter = ("task", "--start", "Seen", "--goal", "Paid", "--within", "6d")
    assert document(session, journeys.command, *shorter)["success"]["completed"] == 1
    later = ("task", "--start", "Seen", "--goal", "Paid", "--within", "30d")
    assert document(session, journeys.command, *later)["open_attempts"] == 3
    session.is_json = False
    said = run(session, journeys.command, *asked, "--by", "channel", "--every", "week")
    for part in ("Attempts completed, %", "66.7", "7d 12h", "shop", "2026-W02"):
        assert part in said


def test_the_documents_of_waits_adoption_and_engagement(session: Session) -> None:
    first = ("between", "--first", "Seen")
    adopted = ("adoption", "--of", "Paid", "--within", "6d", "--every", "week")
    waits = document(session, journeys.command, *first, "--next", "Paid")
    assert (waits["waits"], waits["followed"]) == (3, 2)
    assert waits["times"][2]["seconds"] == 7.5 * 86_400
    again = document(session, journeys.command, *first)
    assert (again["waits"], again["followed"]) == (3, 0)
    found = document(session, journeys.command, *adopted)
    (cohort,) = found["cohorts"]
    assert (cohort["customers"], cohort["adopted"], cohort["is_final"]) == (3, 1, False)
    assert found["together"] is None
    engaged = document(session, journeys.command, "engagement", "--every", "week")
    one = engaged["periods"][0]
    assert (one["customers"], one["sessions"]) == (3, 7)
    assert one["per_customer"]["value"] == pytest.approx(7 / 3)
    session.is_json = False
    for part, asked in (
        ("2 of 3 were followed", (*first, "--next", "Paid")),
        ("more may come", adopted),
        ("Per customer", ("engagement",)),
    ):
        assert part in run(session, journeys.command, *asked)
