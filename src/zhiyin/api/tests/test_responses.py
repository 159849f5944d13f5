"""Responses and events one by one: as many as the figure counts, and masked as they must be."""

from __future__ import annotations

import pytest

from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER, PLANTED

# Figures of the log; what is asked of the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store


def test_behind_a_figure_are_as_many_responses_as_it_counts(filled: Owner) -> None:
    """Would catch a list by other rows than the figure's."""
    ask = asking(a_key())
    score = ask("get", "/scores/csat", {"kind": "touchpoint"}).json()["total"]
    asked = {"metric": "csat", "kind": "touchpoint"}
    assert ask("get", "/responses/count", asked).json() == {
        "n": score["n"], "customers": score["customers"],
    }  # fmt: skip
    whole = ask("get", "/responses", {**asked, "limit": 500}).json()
    assert len(whole["items"]) == score["n"]
    part = ask("get", "/responses", {**asked, "limit": 7}).json()
    more = ask("get", "/responses", {**asked, "limit": 493, "cursor": part["next"]}).json()
    assert part["items"] + more["items"] == whole["items"]
    number = whole["items"][0]["number"]
    if number is not None:
        assert ask("get", f"/responses/{number}").json()["answers"] == whole["items"][0]["answers"]
    other = ask("get", "/responses", {"metric": "conversion"})
    assert (other.status_code, other.json()["code"]) == (422, "responses.not-asked")
    assert ask("get", "/responses/999999999").status_code == 404
    assert ask("get", "/responses", {"from": "0001-01-01"}).status_code == 422


def test_words_are_masked_and_not_searched_for_a_key_that_may_not_see(planted: Owner) -> None:
    asked = {"where": "survey = 'after'"}
    (mine,) = asking(a_key())("get", "/responses", asked).json()["items"]
    assert (mine["customer"], mine["columns"]["invitation"]) == (HER, PLANTED["invitation"])
    assert any(PLANTED["choice telephone"] in (one["choice"] or "") for one in mine["answers"])
    blind = asking(a_key(sees_personal_data=False))
    told = blind("get", "/responses", asked)
    text = told.content.decode()
    assert [name for name, value in PLANTED.items() if value in text] == []
    assert told.json()["items"][0]["customer"] is None
    searched = blind("get", "/responses", {"text": "bag"})
    assert (searched.status_code, searched.json()["code"]) == (403, "personal.search")
    assert asking(a_key())("get", "/responses/count", {"text": "bag"}).json()["n"] == 1


def test_an_event_is_read_whole_counted_by_name_and_listened_to(planted: Owner) -> None:
    ask = asking(a_key())
    (first,) = ask("get", "/events", {"limit": 1}).json()["items"]
    whole = ask("get", f"/events/{first['seq']}").json()
    assert {name: whole[name] for name in first} == first
    assert whole["columns"]["name"] == first["name"]
    assert ask("get", "/events/999999999").status_code == 404
    volumes = ask("get", "/events/volumes").json()
    assert [one["name"] for one in volumes["rows"]] == ["Order Completed"]
    assert sum(volumes["rows"][0]["counts"]) == volumes["rows"][0]["total"] == 60
    long = ask("get", "/events/volumes", {"from": "1990-01-01", "to": "2026-01-01"})
    assert (long.status_code, long.json()["code"]) == (422, "events.too-many-days")
    stream = ask("get", "/events/stream", {"name": "Order Completed"}).json()["stream"]
    assert stream.startswith("/main/stream/events?pass=")
    blind = asking(a_key(sees_personal_data=False))
    assert blind("get", "/events/stream").status_code == 403
