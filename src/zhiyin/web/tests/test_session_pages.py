"""A person sees where she is signed in, and ends it there."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from zhiyin.accounts import actions, sessions, signing
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, OpenSession, Person
from zhiyin.accounts.sessions import browser_of
from zhiyin.web.tests.test_pages import text

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def ana(ana: Person) -> Person:
    ana.set_password(PASSWORD)
    ana.save()
    return ana


def signed_in(agent: str, address: str) -> Client:
    browser = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    given = {"username": "ana", "password": PASSWORD}
    assert browser.post("/sign-in/", given).status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/me/").status_code == 200


def test_she_sees_each_browser_and_ends_one(ana: Person, cleo: Person) -> None:
    here, there = signed_in(FIREFOX, "192.0.2.1"), signed_in(IPHONE, "198.51.100.9")
    elsewhere = Client()
    elsewhere.force_login(cleo)
    assert is_in(elsewhere)
    said = text(here.get("/me/"))
    assert "Firefox, Linux 192.0.2.1" in said
    assert "Safari, iPhone 198.51.100.9" in said
    assert OpenSession.objects.filter(person=ana).count() == 2
    hers = OpenSession.objects.get(person=cleo)
    here.post(f"/me/sessions/{hers.pk}/end/")
    assert is_in(elsewhere), "that of another is not hers to end"
    one = OpenSession.objects.get(browser="Safari, iPhone")
    assert here.post(f"/me/sessions/{one.pk}/end/").headers["location"] == "/me/"
    assert (is_in(here), is_in(there)) == (True, False)
    assert "iPhone" not in text(here.get("/me/"))
    entry = AuditEntry.objects.get(action="session.ended")
    assert (entry.by, entry.before["where"]) == ("ana", "198.51.100.9")


def test_she_ends_all_others(ana: Person) -> None:
    browsers = [signed_in(FIREFOX, f"192.0.2.{number}") for number in range(1, 4)]
    browsers[0].post("/me/sessions/end/")
    assert [is_in(browser) for browser in browsers] == [True, False, False]
    assert OpenSession.objects.count() == 1


def test_another_password_ends_all_others(ana: Person) -> None:
    here, there = signed_in(FIREFOX, "192.0.2.1"), signed_in(IPHONE, "198.51.100.9")
    new = "quite another word"
    given = {"old": PASSWORD, "new": new, "again": new}
    assert here.post("/password/", given).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert [one.browser for one in sessions.of(ana)] == ["Firefox, Linux"]
    assert Session.objects.count() == 1
    number, token = signing.reset_token(Person.objects.get(pk=ana.pk))
    signing.reset(number=number, token=token, password="and a third word", where="192.0.2.7")
    assert not is_in(here)
    assert not OpenSession.objects.exists()


def test_a_generated_password_ends_every_session(ana: Person) -> None:
    here = signed_in(FIREFOX, "192.0.2.1")
    actions.renew_password(by=COMMAND_LINE, login="ana")
    assert not OpenSession.objects.exists()
    assert not is_in(here)


def test_being_seen_is_written_every_few_minutes_and_not_at_each_request(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:

    here = signed_in(FIREFOX, "192.0.2.1")
    first = OpenSession.objects.get()
    with CaptureQueriesContext(connection) as asked:
        assert is_in(here)
    assert not [q["sql"] for q in asked if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    now = time.time()
    monkeypatch.setattr("zhiyin.web.entering.time.time", lambda: now + 301)
    assert is_in(here)
    again = OpenSession.objects.get()
    assert (again.pk, again.begun_at) == (first.pk, first.begun_at)
    assert again.seen_at > first.seen_at


def test_two_first_requests_of_a_session_are_one_line(ana: Person) -> None:
    first, second = (
        sessions.seen(ana, key="k", number=0, where="192.0.2.1", agent=FIREFOX)
        for _request in range(2)
    )
    assert first == second
    assert OpenSession.objects.count() == 1


def test_what_has_run_out_is_not_shown_and_dropped(ana: Person) -> None:
    signed_in(FIREFOX, "192.0.2.1")
    here = signed_in(IPHONE, "192.0.2.2")
    old = OpenSession.objects.get(browser="Firefox, Linux")
    ended = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(session_key=old.session_key).update(expire_date=ended)
    assert "Firefox" not in text(here.get("/me/"))
    assert sessions.forget_ended() == 1
    assert [one.browser for one in OpenSession.objects.all()] == ["Safari, iPhone"]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0 Safari/537.36 Edg/138.0",
         "Edge, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/138.0 Safari/537.36",
         "Chrome, macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Safari/537.36 MicroMessenger/8.0",
         "WeChat, Android"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named(agent: str, name: str) -> None:
    assert browser_of(agent) == name


def test_she_chooses_colours_of_her_own(as_ana: Client) -> None:
    """Would catch a choice that the device overrules."""
    sheet = re.compile(r'dark\.css" media="([^"]*)"')
    said = {"name": "Ana", "email": "", "language": "", "timezone": ""}
    for theme, media in (
        ("", "(prefers-color-scheme: dark)"),
        ("dark", "all"),
        ("light", "not all"),
    ):
        page = as_ana.post("/me/", {**said, "theme": theme}, follow=True).content.decode()
        assert sheet.findall(page) == [media]
    assert as_ana.post("/me/", {**said, "theme": "pink"}).status_code == 422


def test_single_keys_can_be_turned_off(as_ana: Client) -> None:
    """Speech input presses keys that nobody meant."""
    said = {"name": "Ana", "email": "", "language": "", "timezone": "", "theme": ""}
    for keys, begins in (("off", '<body data-keys="off">'), ("", "<body>")):
        page = as_ana.post("/me/", {**said, "single_keys": keys}, follow=True).content.decode()
        assert begins in page
