"""The overview as a person meets it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person, Role, Unit
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import shapes
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.tests.planting import put
from zhiyin.web import rehearsal
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

MAY = datetime(2026, 5, 10, 4)
APRIL = datetime(2026, 4, 10, 4)


def rated(place: str, good: int, bad: int, at: datetime, unit: str) -> list[dict[str, Any]]:
    scores = [5.0] * good + [1.0] * bad
    return [
        {
            "id": f"{place}{at:%m}{n}", "response": f"{place}{at:%m}{n}", "unit": unit,
            "customer": f"{place}{at:%m}{n}", "occurred_at": at, "question": "satisfied",
            "metric": "csat", "kind": "touchpoint", "touchpoint": place, "score": score,
            "scale_min": 1.0, "scale_max": 5.0, "direction": "up", "answer_state": "answered",
        }
        for n, score in enumerate(scores)
    ]  # fmt: skip


@pytest.fixture
def with_may(as_ana: Client, log: Owner) -> Client:
    answers = [
        *rated("food", 30, 70, MAY, "north"),
        *rated("food", 32, 68, APRIL, "north"),
        *rated("cabin", 95, 15, MAY, "south"),
        *rated("cabin", 60, 40, APRIL, "south"),
    ]
    put(log, [{"row": n, **row} for n, row in enumerate(answers)], table="answers")
    low = [row for row in answers if row["score"] == 1.0 and row["touchpoint"] == "food"]
    chose = [
        {
            **{name: row[name] for name in ("id", "response", "customer", "occurred_at", "unit")},
            "row": n, "question": "reason", "metric": "choice", "answer_state": "answered",
            "choice": "cold" if n % 4 else "late", "touchpoint": "food",
        }
        for n, row in enumerate(low)
    ]  # fmt: skip
    put(log, chose, table="answers")
    said = {**low[0], "row": 0, "question": "why", "text": "Cold <b>again</b>"}
    words = {name: said[name] for name in said if name in ("row", "id", "response", "customer",
             "occurred_at", "question", "text", "touchpoint", "unit")}  # fmt: skip
    put(log, [words], table="verbatims")
    return as_ana


def test_an_empty_workspace_says_what_comes_first(as_ana: Client) -> None:
    said = text(as_ana.get("/main/overview/"))
    assert "Nothing has been answered here yet" in said
    assert "Import a file" in said


def test_after_the_rehearsal_the_first_page_writes_little_sql_anew(
    with_may: Client, log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    write = shapes._direct

    def counted(asked: Any) -> str:
        written.append(asked)
        return write(asked)

    monkeypatch.setattr(shapes, "_direct", counted)
    # As in a process that has just started.
    shapes._template.cache_clear()
    rehearsal.rehearse(log)
    before = len(written)
    assert before > 10
    assert "Nothing" not in text(with_may.get("/main/overview/"))
    # Silent sources are counted by the hour, and each time where nothing is remembered.
    assert len(written) - before < before / 5


def test_the_rehearsal_says_when_the_log_process_is_gone(ana: Person, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        rehearsal.rehearse(RemoteLog(tmp_path / "nobody"))
    assert caught.value.code == "log.gone"


def test_it_answers_in_sentences_each_with_a_way_in(with_may: Client) -> None:
    answer = with_may.get("/main/overview/", {"period": "month:2026-05-01"})
    page, said = answer.content.decode(), text(answer)
    assert "CSAT" in said
    assert "food 30.0%" in said
    assert "most chose “cold”" in said
    assert "Cold &lt;b&gt;again&lt;/b&gt;" in page
    assert "1 of 2 hold" in said
    assert "cabin" in said.split("1 of 2 hold")[1]
    ways = {part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]}
    ways = {way for way in ways if "?" in way and way.startswith("/main/")}
    assert len(ways) > 5
    for way in ways:
        assert with_may.get(way).status_code == 200, way


def test_the_figures_are_those_of_the_page_of_scores(with_may: Client) -> None:
    page = with_may.get("/main/overview/", {"period": "month:2026-05-01"}).content.decode()
    card = page.split('<div class="card">')[1]
    query = card.split("/main/scores/?")[1].split('"')[0].replace("&amp;", "&")
    assert "&by=&" in query, "the figure of all, and not of a column that the page would choose"
    shown = card.split('<span class="fig">')[1].split("<")[0]
    scores = with_may.get(f"/main/scores/?{query}").content.decode()
    assert scores.split('<span class="fig">')[1].split("<")[0] == shown
    assert "n 210" in text(with_may.get("/main/overview/?period=month:2026-05-01"))


def test_the_trend_breaks_where_nobody_answered(as_ana: Client, log: Owner) -> None:
    """Answers came in two weeks with three between them."""
    first, last = datetime(2026, 4, 15, 4), datetime(2026, 5, 13, 4)
    answers = [
        {**row, "id": f"{at:%m}{n}", "response": f"{at:%m}{n}", "question": "recommend",
         "metric": "nps", "scale_min": 0.0, "scale_max": 10.0, "score": 9.0 if n % 3 else 2.0}
        for at in (first, last)
        for n, row in enumerate(rated("food", 30, 10, at, "north"))
    ]  # fmt: skip
    put(log, [{"row": n, **row} for n, row in enumerate(answers)], table="answers")
    page = as_ana.get("/main/overview/", {"period": "month:2026-05-01"}).content.decode()
    trend = page.split(' class="trend"')[1].split("</svg>")[0]
    assert trend.count("no answers") == 3


def test_a_unit_narrows_it(with_may: Client) -> None:
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="Northern region")
    asked = {"period": "month:2026-05-01", "unit": "north"}
    said = text(with_may.get("/main/overview/", asked))
    assert "Northern region" in said
    assert "n 100" in said
    assert "cabin" not in said


def test_a_phone_has_a_picture_of_its_own(as_ana: Client, log: Owner) -> None:
    asked = {"question": "recommend", "metric": "nps", "scale_min": 0.0, "scale_max": 10.0}
    rows = [{**row, **asked} for at in (APRIL, MAY) for row in rated("food", 20, 5, at, "north")]
    put(log, [{"row": n, **row} for n, row in enumerate(rows)], table="answers")
    page = as_ana.get("/main/overview/", {"period": "month:2026-05-01"}).content.decode()
    wide, narrow = (
        page.split(f'<div class="{only}"><svg')[1].split("</svg>")[0]
        for only in ("only-wide", "only-phone")
    )
    assert 'viewBox="0 0 860 250"' in wide
    assert 'viewBox="0 0 358 220"' in narrow


def test_a_scoped_member_sees_her_part_and_chooses_no_other(
    with_may: Client, client: Client, ana: Person
) -> None:
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="Northern region")
    units.save(by=COMMAND_LINE, workspace="main", key="south", name="Southern region")
    north = Unit.objects.get(key="north")
    client.force_login(member(Role.UNIT_MANAGER, unit=north))
    for asked in ({}, {"unit": "south"}):
        said = text(client.get("/main/overview/", {"period": "month:2026-05-01", **asked}))
        assert "n 100" in said
        assert "cabin" not in said
        assert "Southern" not in said


def test_the_first_page_is_the_overview(with_may: Client) -> None:
    answer = with_may.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/main/overview/"
    assert "May" not in text(answer)
    assert "2026-05" in text(answer)
