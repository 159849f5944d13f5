"""Signing in by two steps, as somebody who signs in sees it."""

from __future__ import annotations

import re
import time
from urllib.parse import unquote

import pytest
from django.test import Client

from zhiyin.accounts import second_step
from zhiyin.accounts.models import AuditEntry, Membership, Person, Workspace
from zhiyin.accounts.signing import FOR_A_LOGIN
from zhiyin.accounts.tests.test_second_step import set_up, shown
from zhiyin.web.tests.test_pages import text

PASSWORD = "correct horse battery"


@pytest.fixture
def secret(ana: Person) -> str:
    """Of Ana's app; she set it up a while ago, so that its present code is not used yet."""
    ana.set_password(PASSWORD)
    ana.save()
    secret, _codes = set_up(ana, time.time() - 30)
    return secret


def after_password(client: Client, then: str = "/main/data/") -> None:
    given = {"username": "ana", "password": PASSWORD, "next": then}
    assert client.post("/sign-in/", given).headers["location"] == "/sign-in/step/"


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_an_app_is_set_up_by_a_code_and_recovery_codes_are_shown_once(as_ana: Client) -> None:
    page = as_ana.get("/me/second-step/").content.decode()
    assert "<svg" in page
    assert "<script" not in page.split("<main")[1]
    found = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page)
    assert found
    secret = found[1].replace(" ", "")
    assert found[1] in as_ana.get("/me/second-step/").content.decode(), "loaded again, the same"
    refused = as_ana.post("/me/second-step/", {"code": "000000"})
    assert refused.status_code == 422
    assert found[1] in refused.content.decode()
    answer = as_ana.post("/me/second-step/", {"code": shown(secret, time.time())})
    codes = re.findall(r"(\d{8})$", answer.content.decode().split("</pre>")[0], re.MULTILINE)
    assert len(codes) == 10
    file = re.search(r'href="data:text/plain;charset=utf-8,([^"]+)"', answer.content.decode())
    assert file
    assert unquote(file[1]).split()[2:] == codes
    assert answer.headers["Cache-Control"].count("no-store") == 1
    assert not [code for code in codes if code in text(as_ana.get("/me/second-step/"))]
    assert "10 recovery codes are left" in text(as_ana.get("/me/"))


def test_the_password_alone_opens_nothing(client: Client, secret: str) -> None:
    after_password(client)
    assert not is_in(client)
    assert client.get("/main/data/").status_code == 302
    code = shown(secret, time.time())
    answer = client.post("/sign-in/step/", {"code": code})
    assert answer.headers["location"] == "/main/data/"
    assert is_in(client)
    entry = AuditEntry.objects.get(action="sign_in.done")
    assert (entry.subject, entry.after) == ("ana", {"way": "password, app"})
    client.post("/sign-out/")
    after_password(client)
    replayed = client.post("/sign-in/step/", {"code": code})
    assert replayed.status_code == 422
    assert not is_in(client)


def test_the_second_page_needs_the_first_and_not_for_long(
    client: Client, ana: Person, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = {"code": shown(secret, time.time())}
    assert client.post("/sign-in/step/", code).headers["location"] == "/sign-in/"
    after_password(client)
    before = client.session.session_key
    after_password(client)
    assert client.session.session_key != before, "a session that was planted is another one now"
    now = time.time()
    with monkeypatch.context() as later:
        later.setattr("zhiyin.web.entering.time.time", lambda: now + 601)
        assert client.get("/sign-in/step/").headers["location"] == "/sign-in/"
    assert client.get("/sign-in/step/").status_code == 200
    ana.set_password("another than before")
    ana.save()
    assert client.post("/sign-in/step/", code).headers["location"] == "/sign-in/"
    assert not is_in(client)


def test_guessing_codes_ends_as_guessing_passwords_does(client: Client, secret: str) -> None:
    after_password(client)
    for _guess in range(FOR_A_LOGIN):
        assert client.post("/sign-in/step/", {"code": "123456"}).status_code == 422
    refused = client.post("/sign-in/step/", {"code": shown(secret, time.time())})
    assert refused.status_code == 429
    assert not is_in(client)
    again = Client().post("/sign-in/", {"username": "ana", "password": PASSWORD})
    assert again.status_code == 429
    assert AuditEntry.objects.filter(action="sign_in.locked", subject="ana").exists()


def test_turning_off_and_new_codes_ask_for_the_password(
    client: Client, ana: Person, secret: str
) -> None:
    client.force_login(ana)
    for address in ("/me/second-step/off/", "/me/second-step/codes/"):
        assert client.get(address).status_code == 200
        assert client.post(address, {"password": "wrong"}).status_code == 422
    assert second_step.held(ana).codes_left == 10
    made = client.post("/me/second-step/codes/", {"password": PASSWORD})
    assert "Recovery codes" in text(made)
    answer = client.post("/me/second-step/off/", {"password": PASSWORD})
    assert answer.headers["location"] == "/me/"
    assert not second_step.has(ana)
    for _guess in range(FOR_A_LOGIN):
        client.post("/me/second-step/off/", {"password": "wrong"})
    refused = client.post("/me/second-step/off/", {"password": PASSWORD})
    assert "too many tries" in text(refused)


def test_who_works_where_it_is_required_sets_it_up_before_anything_else(
    as_ana: Client, cleo: Person
) -> None:
    given = {
        "name": "Tea", "timezone": "UTC", "week_start": "0", "fiscal_year_start": "1",
        "currency": "CNY", "language": "en", "minimum_base": "10", "test_base": "30",
        "small_base": "100", "requires_second_step": "1",
    }  # fmt: skip
    as_ana.post("/main/settings/", given)
    assert Workspace.objects.get(slug="main").requires_second_step
    for address in ("/main/settings/", "/me/", "/", "/main/scores/", "/main/events/newest/"):
        assert as_ana.get(address).headers["location"] == "/me/second-step/", address
    assert as_ana.post("/main/settings/", {}).headers["location"] == "/me/second-step/"
    page = as_ana.get("/me/second-step/").content.decode()
    assert "requires two-step sign-in" in page
    found = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page)
    assert found
    as_ana.post("/me/second-step/", {"code": shown(found[1].replace(" ", ""), time.time())})
    assert "Tea" in text(as_ana.get("/main/settings/"))
    elsewhere = Client()
    elsewhere.force_login(cleo)
    assert elsewhere.get("/other/scores/").status_code == 200
    del given["requires_second_step"]
    as_ana.post("/main/settings/", given)
    assert not Workspace.objects.get(slug="main").requires_second_step


def test_an_administrator_takes_a_lost_second_step_away(as_ana: Client, cleo: Person) -> None:
    main = Workspace.objects.get(slug="main")
    Membership.objects.filter(person=cleo).delete()
    held = Membership.objects.create(workspace=main, person=cleo, role="viewer")
    address = f"/main/settings/people/{held.pk}/"
    assert "second-step" not in as_ana.get(address).content.decode()
    set_up(cleo, time.time())
    assert f"{address}second-step/" in as_ana.get(address).content.decode()
    assert "Be sure that it is she" in text(as_ana.get(f"{address}second-step/"))
    assert second_step.has(cleo)
    as_ana.post(f"{address}second-step/")
    assert not second_step.has(cleo)
    assert "took a second step away" in text(as_ana.get("/main/settings/audit/"))
