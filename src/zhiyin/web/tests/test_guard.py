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
@pytest.mark.parametrize(("name", "address"), addresses())
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_sees_anything_without_signing_in(
    client: Client, ana: Person, log: Owner, name: str, address: str, method: str
) -> None:
    answer = getattr(client, method)(address)
    if name in OPEN:
        assert answer.status_code in (200, 302, 405)
        return
    assert answer.status_code == 302, name
    assert answer.headers["location"].startswith("/sign-in/"), name


@pytest.mark.parametrize(
    ("name", "address"), [(n, a) for n, a in addresses() if a.startswith("/main/")]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_from_another_workspace_finds_no_such_page(
    client: Client, cleo: Person, log: Owner, name: str, address: str, method: str
) -> None:
    client.force_login(cleo)
    answer = getattr(client, method)(address)
    assert answer.status_code in (404, 405), name
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
