"""*Losses*: what is lost before anyone is known, in money, linked to its customers and in files."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Unit, Workspace
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_journey_pages import PART, links, listed, shown, table

pytestmark = [pytest.mark.django_db, pytest.mark.any_store]

FIRST = datetime(2026, 3, 2, 9)
LOSSES = "/main/journeys/losses/"
ASKED = f"{LOSSES}?by=channel"


@pytest.fixture
def visited(as_ana: Client, log: Owner) -> Client:
    cache.clear()
    plant(log)
    return as_ana


def plant(log: Owner) -> None:
    """Unknown: 60 look on the site, 12 of them fill a cart; 60 in the app, 40. Known: 50 there,
    all fill a cart and 25 order for 300."""
    events: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for n in range(170):
        channel = "web" if n < 60 else "app"
        is_known = n >= 120
        fills = n < 12 if n < 60 else is_known or n < 100
        pays = is_known and n < 145
        names = ["Page Viewed"] + ["Product Added"] * fills + ["Order Completed"] * pays
        customer = f"k{n}" if is_known else f"<b>{n}"
        who = {"customer": customer, "customer_kind": "customer" if is_known else "anonymous"}
        where = {**who, "channel": channel, "unit": "north" if n % 2 else "south"}
        at = FIRST + timedelta(minutes=n)
        events += [
            {**where, "name": name, "occurred_at": at + timedelta(minutes=5 * step)}
            for step, name in enumerate(names)
        ]
        if pays:
            when = at + timedelta(minutes=12)
            orders.append({**where, "occurred_at": when, "amount": 300.0, "currency": "CNY"})
    rows(log, "events", *({**event, "id": f"e{at}"} for at, event in enumerate(events)))
    rows(log, "orders", *({**order, "id": f"o{at}"} for at, order in enumerate(orders)))


def test_the_worst_loss_is_said_in_money(visited: Client) -> None:
    page = unescape(shown(visited, ASKED))
    # Of 60 here 12 went on, of 60 there 40; 90 carts there brought 25 orders of 300.
    assert "2,333" in page  # 60 * (40 / 60 - 12 / 60) * 25 * 300 / 90
    assert "48 of 60 sessions of unknown customers ended at “Page Viewed”" in page
    assert "if they had" not in page
    assert "it proves no cause" in page
    lines = table(visited, f"{LOSSES}export/?by=channel")
    first = lines[0]
    assert (first["place"], first["number"], first["sessions"], first["lost"]) == (
        "web", "1", "60", "48",
    )  # fmt: skip
    assert float(first["loss"]) == pytest.approx(60 * 28 / 60 * 25 * 300 / 90)
    assert float(first["low"]) > 0
    assert (first["marked"], first["currency"]) == ("true", "CNY")


def test_each_number_leads_to_its_customers(visited: Client) -> None:
    found = links(shown(visited, ASKED))
    assert len(found) >= 4
    for text, address in found:
        assert listed(visited, address) == int(text), address


def test_it_works_without_script_and_in_chinese(visited: Client) -> None:
    page = visited.get(ASKED).content.decode()
    assert 'hx-trigger="load"' in page
    without_script = re.search(r'<noscript>.*?href="(\?[^"]*now=1)"', page, re.S)
    assert without_script
    visited.cookies["zhiyin_language"] = "zh-hans"
    whole = visited.get(LOSSES + unescape(without_script[1])).content.decode()
    assert "<table" in whole
    assert "未识别客户" in whole
    assert "<b>" not in whole
    book = visited.get(f"{LOSSES}export/?by=channel&as=xlsx")
    assert b"".join(book.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_mistakes_are_said(visited: Client) -> None:
    for address, said in (
        (f"{LOSSES}?steps=Seen", "names no steps"),
        (f"{ASKED}&like=channel", "must differ in something"),
        (f"{ASKED}&where=nothing+%3D", ""),
        (f"{LOSSES}?by=colour", "cannot be broken down"),
        ("/main/journeys/customers/?of=loss&step=1&at=%5B%22web%22%5D", "names no figure"),
        ("/main/journeys/customers/?of=loss&step=1&steps=A+%3E+B&at=web", "names no figure"),
    ):
        answer = visited.get(address, headers={} if "customers" in address else PART)
        assert answer.status_code == 422, address
        assert said in unescape(answer.content.decode()), address


def test_an_empty_workspace_says_where_events_come_from(as_ana: Client) -> None:
    assert "There are no events." in as_ana.get(LOSSES).content.decode()


def test_known_customers_alone_are_no_loss(visited: Client) -> None:
    steps = "steps=Product+Added+%3E+Order+Completed"
    page = shown(visited, f"{ASKED}&{steps}&where=name+!%3D+'Page+Viewed'")
    assert "<table" in page
    none = f"{LOSSES}?steps=Order+Completed+%3E+Page+Viewed"
    assert "No unknown customer came" in shown(visited, none)


def test_who_sees_what(visited: Client, log: Owner) -> None:
    viewer = Client()
    viewer.force_login(member(Role.VIEWER))
    assert links(shown(viewer, ASKED)) == []
    mira = Client()
    mira.force_login(member(Role.ANALYST, sees_personal_data=False))
    for more in ("&where=customer+%3D+'k150'", "&more=session"):
        assert mira.get(f"{ASKED}{more}", headers=PART).status_code == 422
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="North", parent="")
    person = Person.objects.create(login="nora")
    Membership.objects.create(
        workspace=Workspace.objects.get(slug="main"), person=person, role=Role.UNIT_MANAGER,
        unit=Unit.objects.get(key="north"),
    )  # fmt: skip
    nora = Client()
    nora.force_login(person)
    for text, address in links(shown(nora, ASKED)):
        assert listed(nora, address) == int(text)


def test_a_question_is_saved_and_opened_again(visited: Client) -> None:
    query = re.search(r'name="query" value="([^"]*)"', shown(visited, ASKED))
    assert query
    given = {"page": "journeys/losses", "query": unescape(query[1]), "name": "families"}
    saved = visited.post("/main/views/", given)
    assert saved.status_code == 302
    assert visited.get(saved["Location"]).status_code == 200
