"""Marks on journey maps by program: what each key reads, makes and may not."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.api.documents.pins import PinDocument, PinEventDocument, PinsDocument, PinWholeDocument
from zhiyin.api.tests.conftest import Ask, a_key, asking
from zhiyin.maps import actions
from zhiyin.maps.models import Pin, Vote
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.warehouse.owner import Owner

MARKS = "/journeys/maps/trip/marks"
SAID = "13766601235"
"""What a customer wrote: her telephone."""


@pytest.fixture
def trip(filled: Owner) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL)


@pytest.fixture
def ask(trip: None) -> Ask:
    return asking(a_key())


def got(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def made(ask: Ask, title: str = "The queue", **more: Any) -> Any:
    return got(ask("post", MARKS, {"node": "pay", "title": title, **more}), 201)


def test_a_mark_is_made_read_changed_and_removed(ask: Ask) -> None:
    told = made(
        ask, kind="suggestion", owner="ana", contributors=["ana"], due_on="2020-01-31",
        evidence=[{"kind": "link", "says": "https://example.com/a"},
                  {"kind": "figure", "says": "metric=nps"}],
    )  # fmt: skip
    PinDocument.model_validate(told)
    assert (told["number"], told["made_by"], told["evidence"]) == (1, "api: a program", 2)
    whole = got(ask("get", f"{MARKS}/1"))
    PinWholeDocument.model_validate(whole)
    link, figure = whole["evidence"]
    assert (link["host"], figure["metric"]) == ("example.com", "nps")
    assert figure["value"] is not None
    changed = got(
        ask("put", f"{MARKS}/1", {
            "status": "done", "node": "fly", "owner": "", "due_on": "", "contributors": [],
            "revision": 1, "drop_evidence": [link["number"]],
            "evidence": [{"kind": "link", "says": "https://example.com/b"}],
        })
    )  # fmt: skip
    assert changed.items() >= {
        "status": "done", "node": "fly", "owner": None, "due_on": None, "contributors": [],
        "kind": "suggestion", "title": "The queue", "revision": 2, "evidence": 2,
    }.items()  # fmt: skip
    stale = got(ask("put", f"{MARKS}/1", {"title": "x", "revision": 1}), 409)
    assert stale["code"] == "pins.changed"
    said = got(ask("post", f"{MARKS}/1/comments", {"text": "Since March."}), 201)
    PinEventDocument.model_validate(said)
    assert [one["says"] for one in got(ask("get", f"{MARKS}/1"))["comments"]] == ["Since March."]
    gone = got(ask("delete", f"{MARKS}/1"))
    assert gone == {"map": "trip", "number": 1, "removed": True}
    assert got(ask("get", f"{MARKS}/1"), 404)["code"] == "pins.none"
    assert AuditEntry.objects.filter(action="pin.removed", by="api: a program").count() == 1


def test_a_change_is_done_whole_or_not_at_all(ask: Ask) -> None:
    made(ask)
    wrong = {"title": "x", "evidence": [{"kind": "link", "says": "javascript:bad()"}]}
    assert got(ask("put", f"{MARKS}/1", wrong), 422)["code"] == "pins.link"
    assert got(ask("put", f"{MARKS}/1", {"title": "x", "drop_evidence": [7]}), 404)["code"] == (
        "pins.no-evidence"
    )
    assert Pin.objects.get().title == "The queue"


def test_a_list_comes_page_by_page(ask: Ask) -> None:
    for number in range(5):
        made(ask, f"Mark {number}", status="done" if number == 4 else "open")
    seen, cursor = [], None
    for _ in range(3):
        given = {
            "limit": 2,
            "map": "trip",
            "sort": "newest",
            **({"cursor": cursor} if cursor else {}),
        }
        told = got(ask("get", "/journeys/marks", given))
        PinsDocument.model_validate(told)
        seen += [one["title"] for one in told["marks"]]
        cursor = told["next"]
        if cursor is None:
            break
    assert seen == ["Mark 3", "Mark 2", "Mark 1", "Mark 0"]
    told = got(ask("get", "/journeys/marks", {"status": "done"}))
    assert [one["title"] for one in told["marks"]] == ["Mark 4"]
    assert got(ask("get", "/journeys/marks", {"map": "none"}), 404)["code"] == "map.none"
    assert ask("get", "/journeys/marks", {"status": "later"}).status_code == 422
    assert ask("get", "/journeys/marks", {"cursor": "x"}).status_code == 422


def test_a_key_that_only_sees_figures_reads_and_comments(ask: Ask) -> None:
    made(ask)
    reads = asking(a_key("see_figures"))
    assert got(reads("get", f"{MARKS}/1"))["title"] == "The queue"
    got(reads("post", f"{MARKS}/1/comments", {"text": "Seen."}), 201)
    for method, path, given in (
        ("post", MARKS, {"node": "pay", "title": "x"}),
        ("put", f"{MARKS}/1", {"title": "x"}),
        ("put", f"{MARKS}/1", {"evidence": [{"kind": "link", "says": "https://example.com/"}]}),
        ("put", f"{MARKS}/1/votes", {"member": "ana"}),
        ("delete", f"{MARKS}/1", None),
    ):
        assert got(reads(method, path, given), 403)["code"] == "pins.not-yours", (method, path)
    assert (Pin.objects.get().title, Vote.objects.count()) == ("The queue", 0)
    for right in ("define", "set_targets"):
        writes = asking(a_key("see_figures", right))
        got(writes("post", MARKS, {"node": "pay", "title": right}), 201)


def test_each_member_votes_once(ask: Ask) -> None:
    made(ask)
    vote = f"{MARKS}/1/votes"
    assert [got(ask("put", vote, {"member": "ana"}))["votes"] for _ in range(2)] == [1, 1]
    assert got(ask("put", vote, {"member": "ana", "is_for": False}))["votes"] == 0
    Person.objects.create(login="stranger")
    assert got(ask("put", vote, {"member": "stranger"}), 422)["code"] == "pins.member"


def test_words_are_for_keys_that_see_customers_and_masked_for_some(ask: Ask) -> None:
    row = next(
        given["row"]
        for response in got(ask("get", "/responses"))["items"]
        for given in response["answers"]
        if given["row"] is not None
    )
    words = [{"kind": "words", "says": str(row)}]
    made(ask, says=f"Ring {SAID}", evidence=words)
    no_customers = asking(a_key("see_figures", "define"))
    given = {"node": "pay", "title": "x", "evidence": words}
    assert got(no_customers("post", MARKS, given), 403)["code"] == "api.right"
    assert got(ask("get", f"{MARKS}/1"))["evidence"][0]["text"]
    assert SAID in ask("get", f"{MARKS}/1").content.decode()
    blind = asking(a_key("see_figures", sees_personal_data=False))
    for path in (f"{MARKS}/1", "/journeys/marks"):
        told = blind("get", path).content.decode()
        assert SAID not in told, path
        assert "137****1235" in told, path


def test_a_key_of_another_workspace_finds_none(ask: Ask, cleo: Person) -> None:
    made(ask)
    theirs = asking(a_key(workspace="other"))
    assert got(theirs("get", "/journeys/marks"))["marks"] == []
    for method, path, given in (
        ("get", f"{MARKS}/1", None), ("delete", f"{MARKS}/1", None),
        ("put", f"{MARKS}/1", {"title": "x"}), ("post", MARKS, {"node": "pay", "title": "x"}),
        ("post", f"{MARKS}/1/comments", {"text": "x"}),
        ("put", f"{MARKS}/1/votes", {"member": "cleo"}),
    ):  # fmt: skip
        assert theirs(method, path, given).status_code == 404, (method, path)
    assert Pin.objects.get().title == "The queue"


def test_what_is_sent_twice_is_done_once(ask: Ask) -> None:
    given = {"node": "pay", "title": "The queue"}
    answers = [ask("post", MARKS, given, Idempotency_Key="a") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Pin.objects.count() == 1
