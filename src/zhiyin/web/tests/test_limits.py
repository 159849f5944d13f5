"""Who asks too often waits; who asks for too much is told; people at work notice nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts.models import Person
from zhiyin.web import limits
from zhiyin.web.limits import JOIN, MOST_KEPT, PASSWORD, SIGN_IN, Limit, Meter
from zhiyin.web.tests.test_guard import addresses
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

FEW = Limit("few", 3, 60)
ELSEWHERE = "203.0.113.5"


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_meter_lets_some_through_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    meter = Meter(1, clock)
    assert [meter.wait(FEW, "a") for _ in range(3)] == [0, 0, 0]
    assert [meter.wait(FEW, "a") for _ in range(5)] == [1] * 5, "a refusal costs nothing"
    assert meter.wait(FEW, "b") == 0, "others are others"
    assert meter.wait(Limit("other", 1, 60), "a") == 0, "and so is another limit"
    clock.now += 1
    assert meter.wait(FEW, "a") == 0
    assert meter.wait(FEW, "a") == 1
    clock.now += 3600
    assert [meter.wait(FEW, "a") for _ in range(4)] == [0, 0, 0, 1], "no more than at once"


def test_a_share_changes_both_how_many_at_once_and_how_fast() -> None:
    clock = Clock()
    meter = Meter(2, clock)
    assert [meter.wait(FEW, "a") for _ in range(7)] == [0] * 6 + [0.5]


def test_a_meter_keeps_no_more_than_it_says() -> None:
    """Would catch a table that grows with everybody who ever came."""
    meter = Meter(1, Clock())
    for number in range(MOST_KEPT + 500):
        meter.wait(FEW, str(number))
    assert len(meter._steady) == MOST_KEPT
    assert ("few", "0") not in meter._steady


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few pages at once for an address, more for a person than for a stranger's address."""
    monkeypatch.setattr(limits, "ADDRESS", Limit("address", 5, 1))
    monkeypatch.setattr(limits, "PERSON", Limit("person", 3, 1))


def statuses(client: Client, address: str, times: int, **more: Any) -> list[int]:
    return [client.get(address, **more).status_code for _ in range(times)]


@pytest.mark.django_db
def test_an_address_that_asks_too_often_is_told_so_in_both_languages(
    client: Client, tight: None
) -> None:
    assert statuses(client, "/sign-in/", 6, REMOTE_ADDR=ELSEWHERE) == [200] * 5 + [429]
    answer = client.get("/nothing/here/at/all/", REMOTE_ADDR=ELSEWHERE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Load the page again in 60 s." in text(answer)
    client.cookies["zhiyin_language"] = "zh-hans"
    assert "请在 60 秒后重新加载页面" in text(client.get("/sign-in/", REMOTE_ADDR=ELSEWHERE))
    assert client.get("/sign-in/", REMOTE_ADDR="203.0.113.6").status_code == 200
    assert statuses(client, "/sign-in/", 7) == [200] * 7, "this machine"


@pytest.mark.django_db
def test_neither_headers_nor_a_wealth_of_addresses_get_around_it(
    client: Client, tight: None
) -> None:
    """The web process hears of an address from the edge alone; a /64 is one visitor."""
    for number in range(5):
        client.get(
            "/sign-in/",
            REMOTE_ADDR=f"2001:db8:1:1::{number}",
            headers={"X-Forwarded-For": f"6.6.6.{number}", "X-Real-IP": f"6.6.6.{number}"},
        )
    assert client.get("/sign-in/", REMOTE_ADDR="2001:db8:1:1:ffff::9").status_code == 429
    assert client.get("/sign-in/", REMOTE_ADDR="2001:db8:1:2::9").status_code == 200


def test_a_person_is_counted_wherever_she_is(as_ana: Client, tight: None) -> None:
    places = [f"203.0.113.{number}" for number in range(4)]
    answers = [as_ana.get("/me/", REMOTE_ADDR=place).status_code for place in places]
    assert answers == [200, 200, 200, 429]
    assert as_ana.get("/me/", headers={"HX-Request": "true"}).content.startswith(b"<div")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address", "limit"),
    [
        ("post", "/sign-in/", SIGN_IN),
        ("post", "/password/forgotten/", PASSWORD),
        ("get", "/password/new/MQ/guessed/", JOIN),
        ("get", "/join/guessed/", JOIN),
    ],
)
def test_where_guessing_pays_a_stranger_may_try_a_few_times(
    client: Client, monkeypatch: pytest.MonkeyPatch, method: str, address: str, limit: Limit
) -> None:
    few = Limit(limit.name, 2, 1)
    named = {name: (few, methods) for name, (one, methods) in limits.TIGHT.items() if one is limit}
    monkeypatch.setattr(limits, "TIGHT", named)
    tried = [getattr(client, method)(address, REMOTE_ADDR=ELSEWHERE) for _ in range(3)]
    assert [answer.status_code == 429 for answer in tried] == [False, False, True]
    assert client.get("/sign-in/", REMOTE_ADDR=ELSEWHERE).status_code == 200, "reading goes on"


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/main/customers/export/?format=csv"),
        ("post", "/main/customers/rights/export/"),
        ("get", "/main/settings/audit/export/?format=csv"),
        ("post", "/password/"),
    ],
)
def test_a_person_takes_out_a_few_files_and_then_waits(
    as_ana: Client, method: str, address: str
) -> None:
    tried = []
    for _ in range(11):
        answer: Any = getattr(as_ana, method)(address)
        tried.append(answer.status_code == 429)
        if answer.streaming:
            answer.getvalue()  # to the end, which closes the file
    assert tried == [False] * 10 + [True]


def test_every_page_with_a_limit_of_its_own_exists() -> None:
    """Would catch a page that is renamed, and loses its limit; operations: api/tests/test_files."""
    names = {name for name, _address in addresses()}
    assert {name for name in limits.TIGHT if not name.startswith("api:")} <= names
    assert {name for name in names if "export" in name} <= limits.TIGHT.keys()


@pytest.mark.django_db
def test_zero_takes_the_limits_away(client: Client, tight: None, settings: Settings) -> None:
    settings.ZHIYIN_PAGE_LIMITS = 0
    assert statuses(client, "/sign-in/", 8, REMOTE_ADDR=ELSEWHERE) == [200] * 8


# Bodies


def test_a_form_that_is_too_large_is_refused_in_both_languages(
    as_ana: Client, settings: Settings
) -> None:
    much = {"name": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    answer = as_ana.post("/me/", much)
    assert answer.status_code == 413
    assert "more than a page takes at once" in text(answer)
    as_ana.cookies["zhiyin_language"] = "zh-hans"
    said = text(as_ana.post("/me/", much))
    assert "内容超过页面一次可接收的大小" in said


def test_a_form_of_too_many_fields_is_refused_with_a_page(as_ana: Client, ana: Person) -> None:
    answer = as_ana.post("/me/", {f"field{number}": "" for number in range(1001)})
    assert answer.status_code == 400
    assert "more fields than a page takes at once" in text(answer)


def test_a_host_that_is_not_ours_gets_a_page(as_ana: Client) -> None:
    answer = as_ana.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "cannot be taken" in text(answer)
    assert "evil" not in text(answer)


# What browsers are told where the public address is https

MAKES = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0)
"""

ASKS = """
import json, django
from django.test import Client
django.setup()
answer = Client().get("/sign-in/", headers={"Host": "cx.example", "X-Forwarded-Proto": "https"})
cookies = {name: bool(one["secure"]) for name, one in answer.cookies.items()}
print(json.dumps([answer.headers.get("Strict-Transport-Security"), cookies]))
from django.conf import settings
print(settings.SESSION_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that a page can be asked of, whatever its public address is."""
    data = tmp_path_factory.mktemp("made")
    in_a_process(MAKES, data, "http")
    return data


def in_a_process(program: str, data: Path, scheme: str) -> str:
    """What a program says, where the public address begins like this."""
    environment = {
        **os.environ,
        "ZHIYIN_PUBLIC_URL": f"{scheme}://cx.example",
        "ZHIYIN_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "zhiyin.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_https_in_the_public_address_means_hsts_and_cookies_over_tls_only(
    scheme: str, made: Path
) -> None:
    told, secure = in_a_process(ASKS, made, scheme).splitlines()
    if scheme == "https":
        assert told == '["max-age=2592000", {"zhiyin_csrf": true}]'
        assert secure == "True True"
    else:
        assert told == '[null, {"zhiyin_csrf": false}]'
        assert secure == "False False"


@pytest.mark.parametrize("said", ["many", "-1", "nan", "inf"])
def test_a_share_that_is_none_is_said_at_the_start(said: str, tmp_path: Any) -> None:
    environment = {**os.environ, "ZHIYIN_PAGE_LIMITS": said, "ZHIYIN_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import zhiyin.settings"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "ZHIYIN_PAGE_LIMITS must be a number" in done.stderr
