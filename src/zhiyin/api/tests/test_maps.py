"""Journey maps by key: drawn, brought in, kept; their figures and files; operations; personas."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from zhiyin.accounts import workspaces
from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.api.documents.map_figures import DifficultiesDocument, MapFiguresDocument
from zhiyin.api.documents.map_journeys import ConformanceDocument, WholeJourneysDocument
from zhiyin.api.documents.maps import WholeMapDocument, WholeMapVersionDocument
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.maps import document, looking
from zhiyin.maps.looking import Asked
from zhiyin.maps.tests import trip
from zhiyin.maps.tests.test_figures import MAY
from zhiyin.warehouse.owner import Owner
from zhiyin.web import log as web_log

DAYS = {"from": "2026-05-01", "to": "2026-06-01"}
WRITTEN = json.loads(document.write(trip.trip()))


@pytest.fixture(scope="module")
def trip_logs(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trip.plant(empty_logs, tmp_path_factory.mktemp("trip") / "data")


@pytest.fixture(autouse=True)
def owner(trip_logs: Path, ana: Person, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    settings.ZHIYIN_DATA = tmp_path
    shutil.copytree(trip_logs, tmp_path, dirs_exist_ok=True)
    trip.keep()
    with Owner(tmp_path) as found:
        web_log.use(found)
        yield found
        web_log.use(None)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def without(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}


def test_figures_are_those_of_the_command_line(owner: Owner) -> None:
    ask = asking(a_key())
    told = ask("get", "/maps/trip/figures", DAYS).json()
    MapFiguresDocument.model_validate(told)
    asked = Asked(start=MAY.start, end=MAY.end)
    found = looking.look(owner, workspaces.settings_of("main"), "trip", asked)
    assert without(told, "as_of") == without(found.as_dict(), "as_of")
    hard = ask("get", "/maps/trip/difficulties", DAYS).json()
    DifficultiesDocument.model_validate(hard)
    assert hard["difficulties"][0]["touchpoint"] == "refund"
    app = ask("get", "/maps/trip/figures", {**DAYS, "where": "channel = 'app'"}).json()
    assert app["touchpoints"][1]["traffic"]["customers"] == 50
    some = ask("get", "/maps/trip/figures", {**DAYS, "customers": "orders >= 1"}).json()
    assert (some["customers"], some["touchpoints"][1]["traffic"]["customers"]) == (
        "orders >= 1",
        60,
    )


def test_journeys_along_a_map() -> None:
    ask = asking(a_key())
    followed = ask("get", "/maps/trip/conformance", DAYS).json()
    ConformanceDocument.model_validate(followed)
    assert followed["customers"] == 200
    whole = ask("get", "/maps/trip/whole", DAYS).json()
    WholeJourneysDocument.model_validate(whole)
    assert whole["question"] is None


def test_a_map_is_made_changed_kept_and_removed() -> None:
    ask = asking(a_key())
    made = ask("post", "/maps", {"key": "mine", "document": WRITTEN})
    assert (made.status_code, made.json()["version"]) == (201, None)
    assert code(ask("post", "/maps", {"key": "mine", "document": WRITTEN})) == (
        409,
        "map.key-taken",
    )
    named = {**WRITTEN, "name": {"en": "Another"}}
    changed = ask("put", "/maps/mine", {"document": named}).json()
    assert (changed["name"], changed["operation"]) == ({"en": "Another"}, 1)
    kept = ask("post", "/maps/mine/versions", {"notes": "first"})
    assert (kept.status_code, kept.json()["number"], kept.json()["notes"]) == (201, 1, "first")
    assert code(ask("post", "/maps/mine/versions", {})) == (422, "map.nothing-new")
    again = ask("put", "/maps/mine", {"document": WRITTEN, "keep": True}).json()
    assert (again["version"], again["has_changes"]) == (2, False)
    whole = ask("get", "/maps/mine").json()
    WholeMapDocument.model_validate(whole)
    assert (whole["document"], len(whole["versions"])) == (WRITTEN, 2)
    first = ask("get", "/maps/mine/versions/1").json()
    WholeMapVersionDocument.model_validate(first)
    assert first["document"]["name"] == {"en": "Another"}
    listed = ask("get", "/maps/mine/versions").json()
    assert [one["number"] for one in listed["versions"]] == [2, 1]
    assert [one["key"] for one in ask("get", "/maps").json()["maps"]] == ["mine", "trip"]
    assert ask("delete", "/maps/mine").json() == {"key": "mine", "removed": True}
    for path in ("", "/figures", "/versions", "/versions/1", "/operations", "/files/svg"):
        assert code(ask("get", f"/maps/mine{path}")) == (404, "map.none"), path
    assert code(ask("put", "/maps/mine", {"document": WRITTEN})) == (404, "map.none")
    by = AuditEntry.of("main").filter(subject="mine").values_list("by", flat=True)
    assert set(by) == {"api: a program"}


def test_what_is_no_map_is_refused() -> None:
    ask = asking(a_key())
    for given, wrong in (
        ({"stages": 7}, "map.document"),
        ({**WRITTEN, "colour": "red"}, "map.document"),
        ({**WRITTEN, "format": 9}, "map.format"),
        ({"name": {"en": "a\ud800"}}, "api.not-as-described"),
        ({"name": {"en": "a\0"}}, "api.not-as-described"),
    ):
        answer = ask("post", "/maps", {"key": "mine", "document": given})
        assert code(answer) == (422, wrong), given
    assert code(ask("get", "/maps/trip/versions/9")) == (404, "map.no-version")
    assert code(ask("get", "/maps/trip/figures", {"from": "2026-06-01", "to": "2026-05-01"})) == (
        422, "period.backwards",
    )  # fmt: skip


def test_operations_are_done_once_undone_and_settled() -> None:
    ask, other = asking(a_key()), asking(a_key("define", "see_figures"))
    wanted = {
        "id": "a", "does": "set", "part": "node", "target": "pay", "field": "name.en",
        "value": "Pay", "seen": 0,
    }  # fmt: skip
    done = ask("post", "/maps/trip/operations", wanted).json()
    assert (done["number"], done["outcome"], done["before"]) == (1, "done", "Payment")
    assert ask("post", "/maps/trip/operations", wanted).json() == done
    told = ask("get", "/maps/trip/operations").json()
    assert (told["number"], told["operations"]) == (1, [done])
    assert other("get", "/maps/trip/operations", {"after": 1}).json()["operations"] == []
    back = ask("post", "/maps/trip/operations/1/undo", {"id": "b", "seen": 1}).json()
    assert (back["number"], back["of"]) == (2, 1)
    assert ask("get", "/maps/trip").json()["document"]["nodes"][2]["name"]["en"] == "Payment"
    assert code(ask("post", "/maps/trip/operations/1/settle", {"takes": True})) == (
        409, "map.settled",
    )  # fmt: skip
    assert code(ask("post", "/maps/trip/operations/9/undo", {"id": "c"})) == (
        404, "map.no-operation",
    )  # fmt: skip
    wrong = {**wanted, "id": "d", "does": "paint"}
    assert code(ask("post", "/maps/trip/operations", wrong)) == (422, "map.operation")
    odd = {**wanted, "id": "e", "field": "name", "value": {"en": "a\0"}}
    assert code(ask("post", "/maps/trip/operations", odd)) == (422, "api.not-as-described")


def test_files_are_those_of_the_page() -> None:
    ask = asking(a_key())
    for kind, begins in (
        ("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{"),
    ):  # fmt: skip
        answer = ask("get", f"/maps/trip/files/{kind}", DAYS)
        assert (answer.status_code, answer.content[: len(begins)]) == (200, begins), kind
        assert f'filename="trip.{kind}"' in answer.headers["content-disposition"]
    assert code(ask("get", "/maps/trip/files/exe")) == (404, "map.no-such-file")
    assert json.loads(ask("get", "/maps/trip/files/json").content) == WRITTEN


def test_personas_are_listed_made_and_removed() -> None:
    ask = asking(a_key())
    given = {"name_en": "Buyers", "name_zh": "购买者", "customers": "orders >= 1"}
    made = ask("put", "/personas/buyer", given).json()
    assert (made["name"]["zh-Hans"], made["customers"]) == ("购买者", "orders >= 1")
    assert ask("get", "/personas").json() == {"personas": [made]}
    assert ask("delete", "/personas/buyer").json() == {"key": "buyer", "removed": True}
    assert code(ask("delete", "/personas/buyer")) == (404, "map.no-persona")


def test_a_key_without_personal_data_reads_and_writes_none() -> None:
    ask, blind = asking(a_key()), asking(a_key(sees_personal_data=False))
    secret = {"name_en": "One", "name_zh": "一位", "customers": "customer = 'c7'"}
    assert ask("put", "/personas/one", secret).status_code == 200
    assert "'c7'" in ask("get", "/personas").json()["personas"][0]["customers"]
    assert "'c7'" not in blind("get", "/personas").content.decode()
    assert code(blind("put", "/personas/two", secret)) == (403, "personal.filter")
    rules = json.dumps(WRITTEN).replace("name = 'Refund Asked'", "customer = 'c7'")
    held = {**json.loads(rules), "persona": "one"}
    assert code(blind("put", "/maps/trip", {"document": held})) == (403, "personal.filter")
    assert ask("put", "/maps/trip", {"document": held, "keep": True}).status_code == 200
    for path in ("", "/versions/2", "/files/json", "/figures", "/operations"):
        told = blind("get", f"/maps/trip{path}", DAYS if path == "/figures" else None)
        assert told.status_code == 200, path
        assert "'c7'" not in told.content.decode(), path
    wanted = {"id": "a", "does": "set", "part": "node", "target": "pay", "field": "events",
              "value": "customer = 'c7'", "seen": 1}  # fmt: skip
    assert code(blind("post", "/maps/trip/operations", wanted)) == (403, "personal.filter")


def test_maps_are_of_their_workspace_and_rights(cleo: Person) -> None:
    theirs, reads = asking(a_key(workspace="other")), asking(a_key("see_figures"))
    assert theirs("get", "/maps").json() == {"maps": []}
    assert code(theirs("get", "/maps/trip")) == (404, "map.none")
    assert code(theirs("delete", "/maps/trip")) == (404, "map.none")
    assert reads("get", "/maps/trip").status_code == 200
    for method, path, given in (
        ("post", "/maps", {"key": "x", "document": {}}),
        ("put", "/maps/trip", {"document": {}}),
        ("delete", "/maps/trip", None),
        ("post", "/maps/trip/versions", {}),
        ("put", "/personas/x", {"name_en": "x", "name_zh": "x"}),
    ):
        assert code(reads(method, path, given)) == (403, "api.right"), path
