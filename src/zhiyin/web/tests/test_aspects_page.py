"""The page of aspects."""

from __future__ import annotations

import pytest
from django.test import Client

from zhiyin.accounts.models import Person
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
    in_chinese = client.get("/main/aspects/")
    assert "评价维度" in text(in_chinese)
    # Her own language stands first, and the other beside it.
    assert "行李 Baggage" in text(in_chinese)
    assert 'aria-label="修改行李"' in in_chinese.content.decode()
