"""Search over everything that a person may open, and the definitions of measures."""

from __future__ import annotations

import pytest
from django.test import Client

from zhiyin.accounts.models import Person, Role, Workspace
from zhiyin.measure.registry import METRICS
from zhiyin.warehouse.owner import Owner
from zhiyin.web import finding
from zhiyin.web.tests.planted import HER, PLANTED
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store


def links(client: Client, asked: str) -> set[str]:
    page = client.get("/main/find/", {"q": asked}).content.decode()
    main = page.split('<main id="main">')[1].split("</main>")[0]
    return {part.split('"')[0].replace("&amp;", "&") for part in main.split('href="')[1:]}


def test_names_are_found_in_either_language(as_ana: Client) -> None:
    for asked in ("over", "体验总览", "OVERVIEW"):
        assert "/main/overview/" in links(as_ana, asked)
    assert "/main/scores/?metric=nps" in links(as_ana, "净推荐")
    assert "Nothing that you may open is called" in text(as_ana.get("/main/find/?q=xyzzy"))


def test_every_page_that_it_names_opens(as_ana: Client) -> None:
    for name in finding.PAGES.values():
        for address in links(as_ana, str(name)):
            assert as_ana.get(address, follow=True).status_code == 200, address


def test_customers_and_segments_are_found(client: Client, planted: Owner, ana: Person) -> None:
    client.force_login(ana)
    assert f"/main/customers/{HER}/" in {a.replace("customer:", "") for a in links(client, HER)}
    assert any("segment=" in address for address in links(client, "planted"))


def test_nobody_finds_what_she_may_not_open(client: Client, planted: Owner, ana: Person) -> None:
    client.force_login(member(Role.AGENT, sees_personal_data=False))
    for name in finding.PAGES.values():
        for address in links(client, str(name)):
            assert client.get(address, follow=True).status_code == 200, address
    assert links(client, "audit") == set()
    for asked in (HER, PLANTED["name"], PLANTED["telephone"]):
        assert links(client, asked) == set()


def test_definitions_say_what_each_measure_is(as_ana: Client) -> None:
    said = text(as_ana.get("/main/measures/"))
    for one in METRICS.values():
        assert str(one.definition) in said
        assert str(one.asks) in said
    assert "adjusted Wald interval (Rocks 2016)" in said
    assert "t interval of a ratio" in said


def test_help_is_found_and_speaks_of_what_this_member_may_open(
    as_ana: Client, client: Client
) -> None:
    for asked in ("help", "帮助"):
        assert "/main/help/" in links(as_ana, asked)
    Workspace.objects.filter(slug="main").update(minimum_base=7)
    said = text(as_ana.get("/main/help/"))
    assert "Under 7 customers no figure is shown" in said
    assert "You bring the data in" in said
    client.force_login(member(Role.AGENT))
    agents = text(client.get("/main/help/"))
    assert "to the search" in agents
    assert "You bring the data in" not in agents
