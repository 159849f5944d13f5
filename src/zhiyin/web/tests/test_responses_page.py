"""The pages of responses as a person meets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts.models import Person, Role
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

HOSTILE = "<script>alert('x')</script> waited an hour"
DAY = datetime(2026, 3, 10, 12)
COUNT = 60


@pytest.fixture
def with_responses(as_ana: Client, log: Owner) -> Client:
    """Sixty responses of forty customers: who scored 3 wrote, who scored 9 did not."""
    base: list[dict[str, Any]] = [
        {"row": n, "id": f"r{n}", "customer": f"c{n % 40}", "channel": "app" if n % 2 else "web",
         "occurred_at": DAY - timedelta(hours=n)}
        for n in range(COUNT)
    ]  # fmt: skip
    put(log, [{**row, "survey": "after-flight"} for row in base], table="responses")
    nps = {
        "question": "recommend", "metric": "nps", "kind": "touchpoint", "answer_state": "answered",
        "scale_min": 0.0, "scale_max": 10.0, "direction": "up",
    }  # fmt: skip
    answers = [{**row, **nps, "response": row["id"]} for row in base]
    for n, row in enumerate(answers):
        row["score"] = 3.0 if n % 3 == 0 else 9.0
    put(log, answers, table="answers")
    said = [
        {**row, "response": row["id"], "question": "recommend", "text": HOSTILE}
        for row in base[::3]
    ]
    put(log, said, table="verbatims")
    return as_ana


def listed(page: str) -> int:
    return page.count('<td class="said-cell">')


def test_an_empty_workspace_says_how_responses_come(as_ana: Client) -> None:
    said = text(as_ana.get("/main/responses/"))
    assert "No response has come yet" in said
    assert "Import a file" in said


def test_the_newest_come_first_and_older_ones_are_a_link_away(with_responses: Client) -> None:
    page = with_responses.get("/main/responses/").content.decode()
    assert "60</span> responses · 40 customers" in page
    assert listed(page) == 50
    older = page.split('<p class="pages">')[1].split("?")[-1].split('"')[0].replace("&amp;", "&")
    assert listed(with_responses.get(f"/main/responses/?{older}").content.decode()) == 10


def test_what_is_behind_a_figure_is_what_it_counts(with_responses: Client) -> None:
    where = {"metric": "nps", "where": "score <= 6 and channel = 'app'"}
    page = with_responses.get("/main/responses/", where).content.decode()
    figure = text(with_responses.get("/main/scores/", {**where, "by": ""}))
    assert listed(page) == 10
    assert "n = 10" in figure
    assert "their figure" in page


def test_of_several_kinds_the_one_with_most_answers_is_shown(
    with_responses: Client, log: Owner
) -> None:
    yearly = {
        "question": "recommend", "metric": "nps", "kind": "relationship",
        "answer_state": "answered", "score": 9.0, "scale_min": 0.0, "scale_max": 10.0,
        "direction": "up", "channel": "mail",
    }  # fmt: skip
    put(
        log,
        [{**yearly, "row": n, "id": f"y{n}", "customer": f"c{n}", "occurred_at": DAY}
         for n in range(5)],
        table="answers",
    )  # fmt: skip
    page = with_responses.get("/main/responses/?metric=nps").content.decode()
    assert "60</span> answers given" in page
    assert '<option value="touchpoint" selected>' in page
    older = page.split('<p class="pages">')[1].split("?")[-1].split('"')[0]
    assert "kind=touchpoint" in older
    yearly_only = with_responses.get("/main/responses/?metric=nps&kind=relationship")
    assert "5</span> answers given" in yearly_only.content.decode()
    mixed = with_responses.get("/main/responses/?metric=nps&kind=")
    assert mixed.status_code == 422
    # One channel has answers of one kind: all kinds are asked for, and the next page too.
    whole = {"metric": "nps", "kind": "", "where": "channel in ('app', 'web')"}
    page = with_responses.get("/main/responses/", whole).content.decode()
    older = page.split('<p class="pages">')[1].split("?")[-1].split('"')[0]
    assert "kind=&" in older


def test_words_are_searched_and_never_run(with_responses: Client) -> None:
    page = with_responses.get("/main/responses/", {"text": "AN HOUR"}).content.decode()
    assert "20</span> responses" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    said = text(with_responses.get("/main/responses/", {"text": "nobody said this"}))
    assert "No response is like that" in said


def test_mistakes_are_said_in_their_place(with_responses: Client) -> None:
    answer = with_responses.get("/main/responses/", {"from": "yesterday"})
    assert answer.status_code == 422
    assert "Write a date as" in text(answer)
    answer = with_responses.get("/main/responses/", {"metric": "conversion"})
    assert "no response is behind it" in text(answer)


def test_one_response_shows_every_question(with_responses: Client) -> None:
    page = with_responses.get("/main/responses/").content.decode()
    address = page.split('<td class="q nw"><a href="')[1].split('"')[0]
    said = text(with_responses.get(address))
    assert "after-flight" in said
    assert "recommend" in said
    assert "waited an hour" in said
    assert with_responses.get("/main/responses/999999/").status_code == 404


def test_whoever_may_not_see_personal_data_searches_no_words(
    with_responses: Client, client: Client, ana: Person
) -> None:
    client.force_login(member(Role.ANALYST, sees_personal_data=False))
    answer = client.get("/main/responses/", {"text": "hour"})
    assert answer.status_code == 422
    assert "what was written is not searched" in text(answer)
    assert "c1" not in text(client.get("/main/responses/"))
