"""The rows behind a figure are the rows that it counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.filters import parse
from zhiyin.measure import behind
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.planting import NOON, answer, plant
from zhiyin.warehouse.log import Log

FIRST = datetime(2026, 3, 1, 4)


def one(number: int, customer: str | None, given: float | None, **more: Any) -> dict[str, Any]:
    """The answer of a response of its own."""
    at = FIRST + timedelta(hours=number)
    state = "answered" if given is not None else "skipped"
    held = {"id": f"r{number}", "response": f"r{number}", "customer": customer}
    return answer(given, **{**held, "occurred_at": at, "answer_state": state, **more})


@pytest.fixture
def planted(log: Log, settings: Settings) -> Settings:
    """Twelve responses by five customers and nobody, two of them skipped, some with words."""
    customers = ["a", "a", "b", "c", None, None, "a", "d", "e", "b", "d", "a"]
    given = [9.0, 3.0, 8.0, 10.0, 2.0, 9.0, None, 6.0, 7.0, 1.0, None, 10.0]
    rows = [
        one(i, who, said, channel="app" if i % 2 else "web")
        for i, (who, said) in enumerate(zip(customers, given, strict=True))
    ]
    plant(log, settings.slug, "answers", rows)
    responses = [
        {name: row[name] for name in ("id", "customer", "occurred_at", "channel")}
        | {"survey": "after", "language": "zh"}
        for row in rows
    ]
    plant(log, settings.slug, "responses", responses)
    words = [
        {"id": f"r{i}", "response": f"r{i}", "question": "recommend", "text": text}
        for i, text in ((1, "Waited an HOUR"), (3, "很快"), (9, "an hour, again"))
    ]
    plant(log, settings.slug, "verbatims", words)
    return settings


@pytest.mark.parametrize("per", ["answer", "customer"])
@pytest.mark.parametrize("where", [None, "channel = 'app'", "score <= 6"])
def test_there_are_as_many_as_the_figure_says(
    log: Log, planted: Settings, per: Any, where: str | None
) -> None:
    request = ScoreRequest("nps", per=per, where=parse(where) if where else None)
    figure = score(log, planted, request).total
    found = behind.of_figure(log, planted, request)
    assert found.count() == (figure.n, figure.customers)
    rows = found.page(limit=100)
    assert len(rows) == figure.n
    assert all(row.score is not None for row in rows)


def test_a_customers_latest_stands_for_her(log: Log, planted: Settings) -> None:
    rows = behind.of_figure(log, planted, ScoreRequest("nps", per="customer")).page(limit=100)
    assert [row.score for row in rows] == [10.0, 1.0, 7.0, 6.0, 9.0, 2.0, 10.0]


def test_pages_follow_one_another(log: Log, planted: Settings) -> None:
    found = behind.of_figure(log, planted, ScoreRequest("nps"))
    seen: list[behind.Response] = []
    after = None
    while rows := found.page(limit=3, after=after):
        seen += rows
        after = rows[-1].place
    assert [row.at for row in seen] == sorted((row.at for row in seen), reverse=True)
    assert len({row.number for row in seen}) == 10


def test_words_are_found_in_any_case(log: Log, planted: Settings) -> None:
    request = ScoreRequest("nps")
    found = behind.of_figure(log, planted, request, text="an hour").page(limit=9)
    assert [[given.text for given in row.said] for row in found] == [
        ["an hour, again"],
        ["Waited an HOUR"],
    ]
    (row,) = behind.of_all(log, planted, text="很快").page(limit=9)
    assert (row.columns["survey"], row.scored[0].score) == ("after", 10.0)


def test_other_states_are_apart(log: Log, planted: Settings) -> None:
    rows = behind.of_figure(log, planted, ScoreRequest("nps"), state="skipped").page(limit=9)
    assert [row.answers[0].state for row in rows] == ["skipped", "skipped"]


def test_all_responses_by_day_and_filter(log: Log, planted: Settings) -> None:
    assert behind.of_all(log, planted).count()[0] == 12
    day = date(2026, 3, 1)
    within = behind.of_all(log, planted, start=day, end=day + timedelta(days=1))
    assert within.count()[0] == 12
    assert behind.of_all(log, planted, end=day).count()[0] == 0
    app = behind.of_all(log, planted, chosen=parse("channel = 'app' and language = 'zh'"))
    assert app.count()[0] == 6


def test_one_by_its_number(log: Log, planted: Settings) -> None:
    found = behind.of_all(log, planted)
    (first, *_rest) = found.page(limit=1)
    assert first.number is not None
    same = found.one(first.number)
    assert same == first
    assert found.one(10**9) is None


def test_an_answer_without_a_response_is_listed(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [answer(9.0, customer="a", occurred_at=NOON)])
    (row,) = behind.of_figure(log, settings, ScoreRequest("nps")).page(limit=9)
    assert (row.number, row.score) == (None, 9.0)
    assert [given.score for given in row.answers] == [9.0]
