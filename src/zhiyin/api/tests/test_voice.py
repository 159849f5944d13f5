"""What customers said, by the API: found as on the page, and masked as it must be."""

from __future__ import annotations

import pytest

from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.listen import keeping
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER, PLANTED

pytestmark = pytest.mark.any_store


def test_verbatims_are_found_page_by_page_and_counted(filled: Owner) -> None:
    ask = asking(a_key())
    n = ask("get", "/voice/count").json()["n"]
    whole = ask("get", "/voice", {"limit": 500}).json()["items"]
    assert len(whole) == min(n, 500)
    part = ask("get", "/voice", {"limit": 2}).json()
    more = ask("get", "/voice", {"limit": 3, "cursor": part["next"]}).json()
    assert part["items"] + more["items"] == whole[:5]
    assert ask("get", "/voice/count", {"text": "nobody said this"}).json() == {
        "n": 0, "customers": 0,
    }  # fmt: skip
    wrong = ask("get", "/voice", {"where": "nothing = 1"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "filter.no-such-column")


def test_clauses_come_along_and_a_filter_is_of_one_of_them(planted: Owner) -> None:
    ask = asking(a_key())
    (mine,) = ask("get", "/voice", {"where": "aspect = 'baggage'"}).json()["items"]
    (clause,) = mine["clauses"]
    assert (mine["customer"], clause["polarity"], clause["aspect"]) == (HER, "negative", "baggage")
    assert mine["text"][clause["start"] : clause["end"]] == clause["text"]
    assert ask("get", "/voice/count", {"where": "aspect = 'crew'"}).json()["n"] == 0
    state = ask("get", "/voice/state").json()
    # Planted, and read by nothing that reads now.
    assert (state["verbatims"], state["read"], state["up_to_date"]) == (1, 1, 0)


def test_words_are_masked_and_not_searched_for_a_key_that_may_not_see(planted: Owner) -> None:
    """The planted clause ends inside a telephone number."""
    blind = asking(a_key(sees_personal_data=False))
    told = blind("get", "/voice")
    text = told.content.decode()
    assert [name for name, value in PLANTED.items() if value in text] == []
    assert PLANTED["verbatim telephone"][:7] not in text
    (mine,) = told.json()["items"]
    assert (mine["customer"], mine["clauses"][0]["start"]) == (None, None)
    for asked in ({"text": "bag"}, {"like": "bag"}):
        searched = blind("get", "/voice", asked)
        assert (searched.status_code, searched.json()["code"]) == (403, "personal.search")


def test_a_meaning_is_found_once_it_is_read(planted: Owner) -> None:
    ask = asking(a_key())
    assert ask("get", "/voice/count", {"like": "the bag was late again"}).json()["n"] == 0
    keeping.read(planted, "main")
    (mine,) = ask("get", "/voice", {"like": "the bag was late again"}).json()["items"]
    assert 0.2 < mine["likeness"] == mine["clauses"][0]["likeness"] <= 1
    assert ask("get", "/voice/count", {"like": "the doctor was patient"}).json()["n"] == 0
    # What a person says of a clause does not take its meaning away.
    start = mine["clauses"][0]["start"]
    ask("put", f"/voice/{mine['row']}/clauses/{start}", {"polarity": "positive", "aspect": "crew"})
    (again,) = ask("get", "/voice", {"like": "the bag was late again"}).json()["items"]
    assert (again["likeness"], again["clauses"][0]["aspect"]) == (mine["likeness"], "crew")


def test_a_clause_is_said_and_taken_back(planted: Owner) -> None:
    ask = asking(a_key())
    (mine,) = ask("get", "/voice").json()["items"]
    row, start = mine["row"], mine["clauses"][0]["start"]
    address = f"/voice/{row}/clauses/{start}"
    said = ask("put", address, {"polarity": "positive", "aspect": "crew"})
    assert (said.status_code, said.json()["told_aspect"]) == (200, "baggage")
    (again,) = ask("get", "/voice").json()["items"]
    assert (again["clauses"][0]["polarity"], again["clauses"][0]["aspect"]) == ("positive", "crew")
    wrong = ask("put", address, {"polarity": "positive", "aspect": "no-such"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "labels.aspect")
    assert ask("delete", address).json()["polarity"] == "positive"
    assert ask("delete", address).json()["code"] == "labels.none"
    assert ask("get", "/voice/rightness").json()["learned_at"] is None


def test_two_versions_are_compared_and_examples_are_masked(planted: Owner) -> None:
    ask, blind = asking(a_key()), asking(a_key(sees_personal_data=False))
    figures = asking(a_key("see_figures"))
    empty = ask("get", "/voice/versions").json()
    assert (empty["earlier"], empty["both"], empty["changed"]) == (None, 0, [])
    planted.end_reading("main", "planted")
    (seq,) = [seq for seq, _text in planted.unread("main", "nothing")]
    half = ask("get", "/voice").json()["items"][0]["clauses"][0]["end"]
    now = Finding(seq, 0, 0, half, "en", "neutral", 0.9, aspect="crew")
    planted.keep_findings("main", keeping.version("main"), [seq], [now])
    found = ask("get", "/voice/versions", {"by": "aspect"}).json()
    assert (found["earlier"], found["both"], found["clauses"]) == ("planted", 1, 1)
    assert found["moves"] == [
        {"before": "baggage", "now": "crew", "clauses": 1, "customers": 1, "share": None}
    ], "one customer is too few for a share"
    (one,) = found["changed"]
    assert (one["start"], one["end"], one["before"]["polarity"]) == (0, half, "negative")
    assert figures("get", "/voice/versions").json()["changed"] == []
    masked = blind("get", "/voice/versions")
    assert masked.json()["changed"][0]["start"] is None
    assert PLANTED["verbatim telephone"][:7] not in masked.content.decode()
    wrong = ask("get", "/voice/versions", {"before": "baggage"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "versions.move")
    assert ask("get", "/voice/versions", {"before": "-", "now": "crew"}).json()["changed"] == []
