"""The workshop's page, what its script asks, a map's history, and how a new one begins."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.kernel import passes
from zhiyin.kernel.clock import now
from zhiyin.kernel.text import in_language
from zhiyin.maps import actions, document, kept, telling
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.maps.models import JourneyMap
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text
from zhiyin.web.views import map_workshop
from zhiyin.web.workshop import fields, words

HERE = "/main/journeys/maps/trip"
OPERATIONS = f"{HERE}/operations/"
TRIP = Map(
    name={"en": "Trip", "zh-Hans": "出行"},
    stages=(Stage("buy", {"en": "Buy"}), Stage("use", {"en": "Use"})),
    lanes=(Lane("own", {"en": "Own channels"}),),
    nodes=(
        Node("pay", "buy", "own", {"en": "Pay"}),
        Node("fly", "use", "own", {"en": "Fly"}, events="properties.path = '/secret'"),
    ),
)


@pytest.fixture
def trip(log: Owner, ana: Person) -> JourneyMap:
    return actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=TRIP, keeps=True)


@pytest.fixture
def page(as_ana: Client, trip: JourneyMap) -> Client:
    return as_ana


def member(login: str, role: Role, **more: Any) -> Person:
    person = Person.objects.create(login=login, name=login.title())
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=role, **more)
    return person


def sent(client: Client, address: str, body: Any) -> tuple[int, Any]:
    answer = client.post(address, json.dumps(body), content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def named(id_: str, value: str, seen: int = 0, target: str = "pay") -> dict[str, Any]:
    return {
        "id": id_, "does": "set", "part": "node", "target": target, "field": "name.en",
        "value": value, "seen": seen,
    }  # fmt: skip


def begun(client: Client, query: str = "") -> dict[str, Any]:
    found = re.search(
        r'<script id="begun"[^>]*>(.*?)</script>',
        client.get(f"{HERE}/workshop/{query}").content.decode(),
    )
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


# The page


def test_the_page_begins_with_all_that_its_script_needs(page: Client) -> None:
    told = begun(page, "?add=Order%20Completed%27s")
    assert told["document"]["nodes"][0] == {
        "id": "pay", "stage": "buy", "lane": "own", "name": {"en": "Pay"},
    }  # fmt: skip
    assert (told["number"], told["version"], told["may_edit"], told["me"]) == (0, 1, True, "ana")
    assert told["people"] == {"ana": "ana"}
    assert told["add"] == {"event": "Order Completed's", "rule": "name = 'Order Completed''s'"}
    assert set(told["addresses"]) == {
        "operations", "undo", "settle", "keep", "holding", "try", "map", "history", "marks",
    }  # fmt: skip
    assert text(page.get(f"{HERE}/workshop/")).count("Trip") > 1


def test_the_pass_in_it_opens_the_stream_of_this_map_alone(
    page: Client, settings: Settings
) -> None:
    path, _mark, given = begun(page)["stream"].partition("?pass=")
    assert path == "/main/stream/maps/trip"
    key = str(settings.SECRET_KEY).encode()
    asked: dict[str, Any] = {"workspace": "main", "now": now()}
    holder = passes.holder(key, given, topic="maps/trip", **asked)
    assert holder is not None
    assert (holder.who, holder.name) == ("ana", "ana")
    assert passes.holder(key, given, topic="maps/other", **asked) is None
    assert passes.until(key, given, **asked) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_field_is_asked_for_and_every_word_is_there(language: str) -> None:
    """Would catch a field that the document gained and the workshop does not edit."""
    kinds = {"map": Map, "stage": Stage, "lane": Lane, "node": Node}
    places = {"id", "stage", "lane", "format", "stages", "lanes", "nodes"}
    with in_language(language):
        for part, listed in fields.told().items():
            assert {one["name"] for one in listed} == set(kinds[part].__struct_fields__) - places
            assert all(one["label"] and one["group"] for one in listed)
        assert all(words.said().values())


def test_who_only_sees_figures_looks_on(client: Client, trip: JourneyMap) -> None:
    client.force_login(member("vera", Role.VIEWER))
    told = begun(client)
    assert told["may_edit"] is False
    assert "You look on" in text(client.get(f"{HERE}/workshop/"))
    assert client.get(OPERATIONS).status_code == 200
    for address in ("operations", "undo", "settle", "keep"):
        answer = client.post(f"{HERE}/{address}/", "{}", content_type="application/json")
        assert answer.status_code == 403, address
    assert kept.draft(kept.get("main", "trip")) == TRIP


def test_a_map_that_is_not_there_or_elsewhere_is_no_page(
    page: Client, cleo: Person, client: Client
) -> None:
    for address in ("workshop", "workshop/marks/pay", "operations", "history", "history/changes",
                    "try"):  # fmt: skip
        assert page.get(f"/main/journeys/maps/none/{address}/").status_code == 404, address
    bodies: dict[str, Any] = {
        "operations": [named("a", "x")], "undo": {"id": "u", "number": 1, "seen": 1},
        "settle": {"number": 1, "takes": True}, "keep": {}, "holding": {"visitor": "v"},
    }  # fmt: skip
    for address, body in bodies.items():
        assert sent_status(page, f"/main/journeys/maps/none/{address}/", body) == 404, address
    client.force_login(cleo)
    assert client.get(f"{HERE}/workshop/").status_code == 404
    assert client.post(OPERATIONS, "[]", content_type="application/json").status_code == 404


def test_words_of_a_map_are_never_markup(page: Client) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    assert sent(page, OPERATIONS, named("a", evil))[0] == 200
    assert sent(page, OPERATIONS, {**named("b", evil), "part": "map", "target": ""})[0] == 200
    for address in ("workshop/", "history/", "history/changes/?from=1"):
        shown = page.get(f"{HERE}/{address}").content.decode()
        assert "<img src=x" not in shown, address


def test_changes_from_another_site_are_refused(page: Client, ana: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    assert sent_status(strict, OPERATIONS, named("a", "x")) == 403


def sent_status(client: Client, address: str, body: Any) -> int:
    return client.post(address, json.dumps(body), content_type="application/json").status_code


# Operations


def test_an_operation_is_answered_with_what_became_of_it_and_done_once(page: Client) -> None:
    status, told = sent(page, OPERATIONS, named("a", "Pay now"))
    assert (status, told["number"], told["outcome"], told["by"]) == (200, 1, "done", "ana")
    assert (told["value"], told["before"]) == ("Pay now", "Pay")
    assert sent(page, OPERATIONS, named("a", "Pay now")) == (200, told)
    assert kept.get("main", "trip").number == 1


def test_of_several_one_that_cannot_be_hinders_none_of_the_others(page: Client) -> None:
    status, told = sent(
        page,
        OPERATIONS,
        [named("a", "Pay now"), named("b", "x", target="none"), named("c", "Board", target="fly")],
    )
    assert status == 200
    assert [one.get("number") for one in told["done"]] == [1, None, 2]
    assert told["done"][1]["id"] == "b"
    assert told["done"][1]["problem"]["code"] == "map.no-such-part"
    assert "history says who" in told["done"][1]["problem"]["hint"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "map.not-read"),
        (b"[1]", "map.not-read"),
        (b"\xff", "map.not-read"),
        (b"[" * 5000, "map.not-read"),
        (json.dumps({**named("a", "x"), "more": 1}).encode(), "map.not-read"),
        (json.dumps(named("a", "x", target="none")).encode(), "map.no-such-part"),
        (json.dumps({**named("a", "x"), "field": "id"}).encode(), "map.operation"),
        (json.dumps({**named("", "x")}).encode(), "map.operation"),
        (json.dumps({**named("a" * 65, "x")}).encode(), "map.operation"),
        (json.dumps(named("a", "nul \x00 nul")).encode(), "map.operation"),
        (json.dumps({**named("a", "name ="), "field": "events"}).encode(), "filter.syntax"),
        (json.dumps([named(str(n), "x") for n in range(101)]).encode(), "map.too-many-at-once"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_words(page: Client, body: bytes, code: str) -> None:
    answer = page.post(OPERATIONS, body, content_type="application/json")
    assert answer.status_code == 422
    told = json.loads(answer.content)
    assert told["code"].startswith(code.split(".")[0])
    if not code.startswith("filter"):
        assert told["code"] == code
    assert told["message"]
    assert kept.get("main", "trip").number == 0
    page.cookies["zhiyin_language"] = "zh-hans"
    chinese = json.loads(page.post(OPERATIONS, body, content_type="application/json").content)
    assert chinese["message"] != told["message"]


def test_what_came_since_is_told_and_the_whole_where_that_is_shorter(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        sent(page, OPERATIONS, named(f"o{number}", f"Pay {number}"))
    since = json.loads(page.get(f"{OPERATIONS}?after=2").content)
    assert [one["number"] for one in since["operations"]] == [3, 4]
    assert (since["number"], "document" in since) == (4, False)
    assert json.loads(page.get(f"{OPERATIONS}?after=4").content)["operations"] == []
    monkeypatch.setattr(map_workshop, "MOST_SINCE", 2)
    for query in ("", "?after=", "?after=1", "?after=9", "?after=-1", f"?after={'9' * 5000}"):
        whole = json.loads(page.get(OPERATIONS + query).content)
        assert (whole["number"], whole["document"]["nodes"][0]["name"]) == (4, {"en": "Pay 3"})
    monkeypatch.undo()
    actions.put(by=COMMAND_LINE, workspace="main", key="trip", map_=TRIP)
    replaced = json.loads(page.get(f"{OPERATIONS}?after=4").content)
    assert replaced["document"]["nodes"][0]["name"] == {"en": "Pay"}


def test_a_conflict_is_told_to_everybody_with_both_values_until_it_is_decided(
    page: Client, client: Client
) -> None:
    sent(page, OPERATIONS, named("a", "Pay now"))
    ben = Client()
    ben.force_login(member("ben", Role.ANALYST))
    status, late = sent(ben, OPERATIONS, named("b", "Pay later"))
    assert (status, late["outcome"]) == (200, "open")
    for one in (page, ben):
        whole = json.loads(one.get(OPERATIONS).content)
        assert [op["value"] for op in whole["undecided"]] == ["Pay later"]
        assert whole["document"]["nodes"][0]["name"] == {"en": "Pay now"}
        assert whole["touched"]["node:pay:name.en"] == [1, "ana"]
    assert sent(page, f"{HERE}/keep/", {"notes": "x"})[1]["code"] == "map.undecided"
    status, settled = sent(ben, f"{HERE}/settle/", {"number": late["number"], "takes": True})
    assert (status, settled["does"], settled["of"]) == (200, "settle", 2)
    assert sent(page, f"{HERE}/settle/", {"number": 2, "takes": False})[1]["code"] == "map.settled"
    whole = json.loads(page.get(OPERATIONS).content)
    assert (whole["undecided"], whole["document"]["nodes"][0]["name"]) == (
        [], {"en": "Pay later"},
    )  # fmt: skip


def test_taking_back_and_keeping(page: Client) -> None:
    sent(page, OPERATIONS, named("a", "Pay now"))
    asked = {"id": "u", "number": 1, "seen": 1}
    status, told = sent(page, f"{HERE}/undo/", asked)
    assert (status, told["of"], told["value"]) == (200, 1, "Pay")
    assert sent(page, f"{HERE}/undo/", asked) == (200, told)
    assert sent(page, f"{HERE}/undo/", {**asked, "id": "v", "number": 99})[0] == 422
    assert sent(page, f"{HERE}/keep/", {})[1]["code"] == "map.nothing-new"
    sent(page, OPERATIONS, named("c", "Pay at once", 2))
    assert sent(page, f"{HERE}/keep/", {"notes": "Worded anew"}) == (200, {"version": 2})
    assert kept.version(kept.get("main", "trip"))[0].notes == "Worded anew"


def test_a_holding_is_told_by_who_holds(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, str]] = []
    monkeypatch.setattr(telling, "of_holding", lambda *_where, **says: told.append(says))
    answer = page.post(
        f"{HERE}/holding/", json.dumps({"visitor": "v", "holds": "node:pay"}), "application/json"
    )
    assert answer.status_code == 204
    assert told == [{"visitor": "v", "who": "ana", "holds": "node:pay"}]
    assert sent(page, f"{HERE}/holding/", {"who": "ben"})[0] == 422


# Rules


def test_a_rule_is_tried_and_few_customers_are_not_told(
    client: Client, planted: Owner, ana: Person
) -> None:
    """Ten make a figure in this workspace; one customer is planted."""
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=TRIP)
    client.force_login(ana)

    def tried(rule: str, facts: str = "events") -> tuple[int, dict[str, Any]]:
        answer = client.get(f"{HERE}/try/", {"rule": rule, "facts": facts})
        return answer.status_code, json.loads(answer.content)

    status, told = tried("name is not missing")
    assert (status, told["facts"], told["customers"], told["minimum_base"]) == (200, None, None, 10)
    assert tried("name = 'Never Seen'")[1]["facts"] == 0
    assert tried("touchpoint is not missing", "answers")[0] == 200
    status, told = tried("name = ")
    assert status == 422
    assert told["code"].startswith("filter")
    Workspace.objects.filter(slug="main").update(minimum_base=1)
    assert tried("name is not missing")[1]["customers"] == 1


def test_who_may_not_see_who_customers_are_neither_writes_nor_reads_such_a_rule(
    page: Client, client: Client
) -> None:
    ben = Client()
    ben.force_login(member("ben", Role.ANALYST, sees_personal_data=False))
    rule = {**named("a", "properties.path = '/x'"), "field": "events"}
    assert sent(ben, OPERATIONS, rule)[1]["code"] == "personal.filter"
    part = {"id": "new", "stage": "buy", "lane": "own", "bad": "customer = 'ann'"}
    added = {"id": "b", "does": "add", "part": "node", "target": "new", "value": part, "seen": 0}
    assert sent(ben, OPERATIONS, added)[1]["code"] == "personal.filter"
    assert ben.get(f"{HERE}/try/", {"rule": "customer = 'ann'"}).status_code == 422
    assert sent(page, OPERATIONS, {**rule, "value": "properties.path = '/hush'"})[0] == 200
    for address in (
        "workshop/",
        "operations/",
        "operations/?after=0",
        "history/",
        "history/changes/",
    ):
        shown = ben.get(f"{HERE}/{address}").content.decode()
        assert "/secret" not in shown, address
        assert "/hush" not in shown, address
        assert "/hush" in page.get(f"{HERE}/{address}").content.decode(), address
    # What names nobody may be written, and what was there stays as it was.
    assert sent(ben, OPERATIONS, {**named("c", "channel = 'web'", 1), "field": "bad"})[0] == 200
    held = kept.draft(kept.get("main", "trip")).node("pay")
    assert held is not None
    assert (held.events, held.bad) == ("properties.path = '/hush'", "channel = 'web'")


# History


def test_the_history_says_who_did_what_and_takes_it_back(page: Client) -> None:
    sent(page, OPERATIONS, named("a", "Pay now"))
    remove = {"id": "b", "does": "remove", "part": "node", "target": "fly", "seen": 1}
    sent(page, OPERATIONS, remove)
    shown = text(page.get(f"{HERE}/history/"))
    assert "touchpoint Pay now: Name in English from “Pay” to “Pay now”" in shown
    assert "removed touchpoint Fly" in shown
    assert shown.index("removed touchpoint Fly") < shown.index("from “Pay”")
    form = re.findall(
        r'name="number" value="2"><input type="hidden" name="seen" value="2">'
        r'<input type="hidden" name="id" value="(\w+)">',
        page.get(f"{HERE}/history/").content.decode(),
    )
    for _twice in range(2):
        answer = page.post(f"{HERE}/history/", {"number": "2", "seen": "2", "id": form[0]})
        assert answer.status_code == 302
    assert kept.get("main", "trip").number == 3
    assert kept.draft(kept.get("main", "trip")).node("fly") is not None
    assert "took change 2 back: added touchpoint Fly" in text(page.get(f"{HERE}/history/"))
    refused = page.post(f"{HERE}/history/", {"number": "77", "seen": "3", "id": "x"})
    assert refused.status_code == 422
    assert "has no operation 77" in text(refused)


def test_a_long_history_has_pages_and_can_be_one_persons(page: Client) -> None:
    for number in range(60):
        sent(page, OPERATIONS, named(f"o{number}", f"Pay {number}"))
    ben = Client()
    ben.force_login(member("ben", Role.ANALYST))
    sent(ben, OPERATIONS, named("b", "Board", 60, "fly"))
    first = page.get(f"{HERE}/history/").content.decode()
    assert first.count('id="o-') == 50
    older = re.search(r'href="\?before=(\d+)"', first)
    assert older
    assert page.get(f"{HERE}/history/?before={older[1]}").content.decode().count('id="o-') == 11
    own = page.get(f"{HERE}/history/?person=ben").content.decode()
    assert own.count('id="o-') == 1
    assert "Ben" in own


def test_two_versions_are_compared_in_words(page: Client) -> None:
    sent(page, OPERATIONS, named("a", "Pay now"))
    sent(page, f"{HERE}/keep/", {})
    sent(page, OPERATIONS, named("b", "Board", 1, "fly"))
    between = text(page.get(f"{HERE}/history/changes/?from=1&to=2"))
    assert "touchpoint Pay now: Name in English from “Pay” to “Pay now”" in between
    assert "Board" not in between
    draft = text(page.get(f"{HERE}/history/changes/"))
    assert "What the draft has otherwise than version 2" in draft
    assert "from “Fly” to “Board”" in draft
    assert "They are the same." in text(page.get(f"{HERE}/history/changes/?from=2&to=2"))
    assert page.get(f"{HERE}/history/changes/?from=9").status_code == 404
    page.cookies["zhiyin_language"] = "zh-hans"
    assert "草稿与第 2 版的差异" in text(page.get(f"{HERE}/history/changes/"))


# Beginning


def test_a_new_map_begins_in_each_way(page: Client) -> None:
    shown = text(page.get("/main/journeys/maps/new/"))
    for way in ("Motive → Search → Choose", "Notice → Ask", "a copy of Trip"):
        assert way in shown
    ways: dict[str, dict[str, Any]] = {
        "plain": {"begin": "stages:service", "name_en": "Service"},
        "retail": {"begin": "industry:retail"},
        "copy": {"begin": "copy:trip", "name_zh": "另一张"},
        "file": {
            "begin": "file",
            "file": SimpleUploadedFile("m.json", document.write(TRIP)),
        },
    }
    for key, given in ways.items():
        answer = page.post("/main/journeys/maps/new/", {"key": key, **given})
        assert answer.headers["Location"] == f"/main/journeys/maps/{key}/workshop/", key
        assert page.get(answer.headers["Location"]).status_code == 200
    made = {key: kept.draft(kept.get("main", key)) for key in ways}
    assert [one.id for one in made["plain"].stages][:2] == ["notice", "ask"]
    assert len(made["retail"].nodes) > 15
    assert made["copy"].name == {"zh-Hans": "另一张"}
    assert made["file"] == TRIP


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"key": "a", "begin": "stages:sale"}, "The map needs a name."),
        ({"key": "trip", "begin": "stages:sale", "name_en": "x"}, "There is a map trip already."),
        ({"key": "new", "begin": "stages:sale", "name_en": "x"}, "new cannot be the key"),
        ({"key": "a", "begin": "file"}, "Nothing was chosen"),
        ({"key": "a"}, "Nothing was chosen"),
        ({"key": "a", "begin": "industry:none"}, "no template none"),
        ({"key": "a", "begin": "copy:none"}, "no journey map none"),
    ],
)
def test_a_map_that_cannot_begin_says_why_and_keeps_the_form(
    page: Client, given: dict[str, str], says: str
) -> None:
    answer = page.post("/main/journeys/maps/new/", given)
    assert answer.status_code == 422
    assert says in text(answer)
    assert f'value="{given["key"]}"' in answer.content.decode()
    assert JourneyMap.objects.count() == 1


def test_no_map_is_read_out_of_a_file_that_is_none(page: Client) -> None:
    for content in (b"", b"\xff\xfe", b"[]", b"{" * 100_000, b'{"nodes": [{"id": "../x"}]}'):
        file = SimpleUploadedFile("m.json", content or b" ")
        answer = page.post("/main/journeys/maps/new/", {"key": "a", "begin": "file", "file": file})
        assert answer.status_code == 422
    assert JourneyMap.objects.count() == 1
