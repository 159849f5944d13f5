"""Every address, asked by everybody: nobody reads or writes what is not theirs."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from zhiyin.accounts.models import Person
from zhiyin.warehouse.owner import Owner

OPEN = {
    "sign-in": "somebody who is not signed in must be able to",
    "language": "the sign-in page has the switch; it changes the visitor's own cookie",
}


def addresses() -> list[tuple[str, str]]:
    """(name, address with `main` for the workspace) of every URL pattern."""
    found = []
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        assert pattern.name
        address = re.sub(r"<int:\w+>", "1", str(pattern.pattern).replace("<slug:slug>", "main"))
        found.append((pattern.name, "/" + address))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_sees_anything_without_signing_in(
    client: Client, ana: Person, log: Owner, method: str
) -> None:
    open_to_all = []
    for name, address in addresses():
        answer = getattr(client, method)(address)
        to_sign_in = answer.headers.get("location", "").startswith("/sign-in/")
        if not (answer.status_code == 302 and to_sign_in):
            open_to_all.append((name, answer.status_code))
    assert {name for name, _status in open_to_all} <= OPEN.keys(), open_to_all
    assert all(status in (200, 302, 405) for _name, status in open_to_all), open_to_all


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_from_another_workspace_finds_no_such_page(
    client: Client, cleo: Person, log: Owner, method: str
) -> None:
    client.force_login(cleo)
    of_main = [(n, a) for n, a in addresses() if a.startswith("/main/")]
    assert len(of_main) > 30
    answers = {name: getattr(client, method)(address).status_code for name, address in of_main}
    assert {name: code for name, code in answers.items() if code not in (404, 405)} == {}
    assert not log.imports("main")


def test_forms_from_elsewhere_are_refused(ana: Person, log: Owner) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    for address in ("/main/data/sample/", "/sign-out/", "/password/", "/language/"):
        assert client.post(address).status_code == 403, address


def test_every_page_carries_the_policy(as_ana: Client) -> None:
    policy = as_ana.get("/main/data/imports/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    page = as_ana.get("/main/data/imports/").content.decode()
    assert "<script>" not in page
    assert " onclick" not in page
    assert " style=" not in page
