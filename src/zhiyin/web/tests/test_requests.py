"""Requests of pages: counted by name, written down without what was in them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from zhiyin.accounts.models import Person
from zhiyin.kernel import exposition, server_log
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.tests.scraped import Scraped
from zhiyin.kernel.text import _
from zhiyin.warehouse.owner import Owner
from zhiyin.web import faults, requests, urls
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

PLANTED = "planted-13800138000"


def breaks(request: HttpRequest, who: str) -> HttpResponse:
    """Breaks as a store does that quotes the row which it does not like."""
    logging.getLogger("zhiyin.tests").warning("about to break")
    raise ValueError(who)


def waits(request: HttpRequest, who: str) -> HttpResponse:
    raise Problem("log.busy", _("{who} waits.", who=who))


class WithFaults:
    """The addresses of the product, and two that fail."""

    urlpatterns = (
        path("breaks/<str:who>/", breaks, name="breaks"),
        path("waits/<str:who>/", waits, name="waits"),
        *urls.urlpatterns,
    )
    handler404 = staticmethod(faults.not_found)
    handler500 = staticmethod(faults.our_fault)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that this process writes."""
    found = io.StringIO()
    handler = logging.StreamHandler(found)
    handler.setFormatter(server_log.Json())
    loggers = [logging.getLogger(name) for name in ("", "django", "zhiyin")]
    for one in loggers:
        one.addHandler(handler)
    yield found
    for one in loggers:
        one.removeHandler(handler)


def lines(written: io.StringIO, logger: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in written.getvalue().splitlines()]
    return [line for line in found if line["logger"] == logger]


def test_an_access_line_says_the_page_and_who_but_no_path(
    with_sample: Client, ana: Person, written: io.StringIO
) -> None:
    answer = with_sample.get(f"/main/customers/{PLANTED}/", headers={"X-Request-Id": "abcdefgh"})
    (line,) = lines(written, server_log.ACCESS)
    assert answer.status_code == line["status"] == 302
    assert (line["level"], line["method"], line["route"]) == ("INFO", "GET", "customer")
    assert (line["request_id"], line["workspace"]) == ("abcdefgh", "main")
    assert line["person"] == ana.pk
    assert 0 < line["seconds"] < 60


def test_a_workspace_that_was_only_typed_is_not_written(
    as_ana: Client, written: io.StringIO
) -> None:
    assert as_ana.get(f"/{PLANTED}/scores/").status_code == 404
    (line,) = lines(written, server_log.ACCESS)
    assert (line["route"], line["workspace"]) == ("scores", None)


def test_nothing_of_a_request_is_in_any_line(
    with_sample: Client, settings: Settings, written: io.StringIO
) -> None:
    """Would catch Django's own lines, which name paths and hosts and quote what broke."""
    settings.ROOT_URLCONF = WithFaults
    with_sample.raise_request_exception = False
    asked = [
        (with_sample.get(f"/breaks/{PLANTED}/"), 500),
        (with_sample.get(f"/waits/{PLANTED}/"), 503),
        (with_sample.get(f"/main/customers/?q={PLANTED}"), 200),
        (with_sample.get(f"/main/customers/why/?a=member:{PLANTED}"), 200),
        (with_sample.get(f"/main/scores/?where=touchpoint == '{PLANTED}'"), 422),
        (with_sample.get(f"/nothing/{PLANTED}/at/all/"), 404),
        (with_sample.get("/", headers={"Host": f"{PLANTED}.example"}), 400),
        (with_sample.get(f"/language/?{PLANTED}"), 405),
        (with_sample.get(f"/static/{PLANTED}.css"), 404),
        (Client(enforce_csrf_checks=True).post("/sign-in/", {"username": PLANTED}), 403),
        (Client().post("/sign-in/", {"username": PLANTED, "password": PLANTED}), 200),
        (Client().get(f"/main/customers/{PLANTED}/"), 302),
    ]
    assert [answer.status_code for answer, _status in asked] == [
        status for _answer, status in asked
    ]
    assert PLANTED not in written.getvalue()
    assert len(lines(written, server_log.ACCESS)) == len(asked)
    (fault,) = lines(written, "django.request")
    assert (fault["message"], fault["error"]) == ("500 breaks", "ValueError")
    (said,) = lines(written, "zhiyin.tests")
    assert said["request_id"] == fault["request_id"], "lines of one request belong together"


def test_the_page_of_our_own_fault_names_the_request(as_ana: Client, settings: Settings) -> None:
    settings.ROOT_URLCONF = WithFaults
    as_ana.raise_request_exception = False
    headers = {"X-Request-Id": "e5f2-0041-quoted"}
    assert "report it: e5f2-0041-quoted" in text(as_ana.get("/breaks/x/", headers=headers))
    as_ana.cookies["zhiyin_language"] = "zh-hans"
    assert "请求编号：e5f2-0041-quoted" in text(as_ana.get("/breaks/x/", headers=headers))


def test_pages_are_counted_by_name_method_and_status(
    as_ana: Client, log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "TALLY", requests.Tally())
    for path_ in ("one", "two"):
        as_ana.get(f"/main/customers/{path_}/")
    as_ana.head("/main/scores/")
    as_ana.generic("PLANTED", "/main/scores/")
    as_ana.get("/one/two/three/four/")
    found = Scraped(exposition.text(requests.TALLY.families()))
    name = "zhiyin_page_requests_total"
    assert found.get(name, view="customer", method="GET", status="302") == 2
    assert found.get(name, view="scores", method="HEAD", status="200") == 1
    assert found.get(name, view="scores", method="other") == 1
    assert found.get(name, view="none", status="404") == 1
    assert found.get(name) == found.get("zhiyin_page_request_duration_seconds_count") == 5


def test_no_copy_of_a_page_or_a_file_is_kept(with_sample: Client) -> None:
    for address in ("/main/customers/", "/main/customers/export/?format=csv", "/me/", "/none/at/"):
        answer: Any = with_sample.get(address)
        assert answer.headers["Cache-Control"] == "no-store", address
        if answer.streaming:
            answer.getvalue()  # to the end, which closes the file
