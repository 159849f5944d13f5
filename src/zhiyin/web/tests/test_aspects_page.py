"""The page of aspects, and the same by key."""

from __future__ import annotations

import pytest
from django.test import Client

from zhiyin.accounts.models import Person
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.aspects import kept
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db


def test_a_list_is_begun_changed_and_retired_on_the_page(
    client: Client, ana: Person, log: Owner
) -> None:
    client.force_login(ana)
    assert "There is no aspect yet." in text(client.get("/main/aspects/"))
    begun = client.post("/main/aspects/", {"starter": "airline"}, follow=True)
    assert "Baggage" in text(begun)
    wifi = {"key": "wifi", "en": "Wi-Fi", "zh": "机上网络", "parent": "digital"}
    assert client.post("/main/aspects/", wifi)["Location"] == "/main/aspects/"
    again = client.post("/main/aspects/", wifi)
    assert (again.status_code, "There is an aspect wifi already." in text(again)) == (422, True)
    page = text(client.get("/main/aspects/wifi/"))
    assert "What was said under it stays." in page
    given = {**wifi, "is_retired": "1", "place": "0", "revision": "1"}
    assert "retired" in text(client.post("/main/aspects/wifi/", given, follow=True))
    stale = client.post("/main/aspects/wifi/", given)
    assert stale.status_code == 422
    assert client.get("/main/aspects/nothing/").status_code == 404
    client.post("/language/", {"language": "zh-hans"})
    assert "评价维度" in text(client.get("/main/aspects/"))


def test_the_same_by_key(ana: Person, cleo: Person, log: Owner) -> None:
    ask = asking(a_key())
    begun = ask("post", "/aspect-starters", {"starter": "telecom"})
    assert begun.status_code == 201
    assert len(begun.json()["added"]) == len(ask("get", "/aspects").json()["aspects"])
    given = {"key": "roaming", "en": "Roaming", "zh": "漫游"}
    assert ask("post", "/aspects", given).json()["label"] == {"en": "Roaming", "zh-Hans": "漫游"}
    assert ask("post", "/aspects", given).status_code == 409
    changed = ask("put", "/aspects/roaming", {"is_retired": True, "revision": 1}).json()
    assert (changed["is_retired"], changed["revision"]) == (True, 2)
    assert ask("put", "/aspects/roaming", {"en": "R", "revision": 1}).status_code == 409
    assert ask("put", "/aspects/none", {"en": "R"}).status_code == 404
    theirs = asking(a_key(workspace="other"))
    assert theirs("get", "/aspects").json() == {"aspects": []}
    assert theirs("put", "/aspects/roaming", {"en": "R"}).status_code == 404
    assert not kept.of("other").exists()
