"""*Tasks* and *Adoption*: what an address asks is counted, linked and kept in files."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client

from zhiyin.accounts.models import Role
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests import test_journey_pages as planted
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_journey_pages import BAD, PART, links, listed, shown, table

pytestmark = [pytest.mark.django_db, pytest.mark.any_store]

TASK = "/main/journeys/tasks/?start=Seen&goal=Paid&within=1h"
BETWEEN = "/main/journeys/tasks/?show=between&start=Seen"
ENGAGEMENT = "/main/journeys/engagement/?every=week"
ADOPTION = "/main/journeys/adoption/?names=Paid&within=1h&every=week"
ADDRESSES = (TASK, f"{TASK}&by=channel&error=Added&help=Added", BETWEEN, ADOPTION)


@pytest.fixture
def journeys(as_ana: Client, log: Owner) -> Client:
    """60 who see, 25 of whom pay within a quarter of an hour; 12 see again two weeks later."""
    cache.clear()
    planted.plant(log)
    return as_ana


def test_the_form_is_there_before_the_figures(journeys: Client) -> None:
    for address in ADDRESSES:
        page = journeys.get(address).content.decode()
        assert 'hx-trigger="load"' in page
        without_script = re.search(r'<noscript>.*?href="(\?[^"]*now=1)"', page, re.S)
        assert without_script
        whole = journeys.get(address.split("?")[0] + unescape(without_script[1])).content.decode()
        assert 'hx-trigger="load"' not in whole
        assert "<table" in whole
        assert "Methods" in whole


def test_a_task_counts_and_each_number_leads_to_its_customers(journeys: Client) -> None:
    page = shown(journeys, f"{TASK}&by=channel&every=week&error=Added")
    # 60 + 12 attempts, of which the last few are not over; 25 succeed.
    assert re.search(r"25 of \d\d attempts succeed", page)
    assert "half of them within 10m" in page
    assert "Errors an attempt" in page
    assert 'class="trend"' in page
    found = links(page)
    assert len(found) >= 6
    for text, address in found:
        assert listed(journeys, address) == int(text), address
    (never,) = [address for _text, address in found if "whom=never" in address]
    assert listed(journeys, never) == 35


def test_the_time_between_is_that_until_the_same_again(journeys: Client) -> None:
    page = shown(journeys, BETWEEN)
    assert "12 of 72 were followed" in page
    assert "14d" in page
    found = links(page)
    assert [int(text) for text, _address in found] == [60, 12]
    for text, address in found:
        assert listed(journeys, address) == int(text)
    then = shown(journeys, f"{BETWEEN}&goal=Added")
    assert "40 of 72 were followed" in then


def test_engagement_leads_to_who_came(journeys: Client) -> None:
    page = shown(journeys, ENGAGEMENT)
    assert "sessions of a customer in a period in which she came" in page
    found = links(page)
    assert found
    for text, address in found:
        assert listed(journeys, address) == int(text.replace(",", "")), address
    rows = table(journeys, ENGAGEMENT.replace("engagement/?", "engagement/export/?"))
    assert [row["period"] for row in rows][-1] == "Together"
    week = rows[0]
    ratio = int(week["sessions"]) / int(week["customers"])
    assert float(week["per_customer"]) == pytest.approx(ratio)
    assert (week["per_customer_low"], ratio) == ("", 1), "all came once: nothing says how they vary"
    nothing = shown(journeys, f"{ENGAGEMENT}&from=1990-01-01&until=1990-02-01")
    assert "There are no events." in nothing


def test_adoption_leads_to_who_did_and_who_did_not(journeys: Client) -> None:
    page = shown(journeys, ADOPTION)
    assert "25 of 60 new customers did it in time" in page
    assert "2026-W10" in page
    assert "[30.1, 54.3]" in page  # binom::binom.confint(25, 60, methods = "wilson")
    found = links(page)
    assert len(found) >= 6
    for text, address in found:
        assert listed(journeys, address) == int(text), address
    since = shown(journeys, f"{ADOPTION}&since=Added&times=2")
    assert "0 of 40 new customers" in since


def test_files_have_what_the_pages_show(journeys: Client) -> None:
    lines = table(journeys, f"{TASK}&by=channel".replace("/tasks/", "/tasks/export/"))
    assert (lines[0]["completed"], lines[0]["completed_customers"]) == ("25", "25")
    assert float(lines[0]["seconds_50"]) == 600
    assert {"app", "shop"} <= {one["group"] for one in lines}
    assert lines[-1]["period"].startswith("2026-W")
    waits = table(journeys, BETWEEN.replace("/tasks/", "/tasks/export/"))
    assert [float(one["share"]) for one in waits] == [0.1, 0.25, 0.5, 0.75, 0.9]
    assert {one["followed"] for one in waits} == {"12"}
    cohorts = table(journeys, ADOPTION.replace("/adoption/", "/adoption/export/"))
    assert (cohorts[-1]["customers"], cohorts[-1]["adopted"]) == ("60", "25")
    for address in (TASK, ADOPTION):
        path, query = address.split("?")
        book = journeys.get(f"{path}export/?{query}&as=xlsx")
        assert b"".join(book.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_a_mistake_is_said_and_the_form_stands(journeys: Client) -> None:
    for address, said in (
        ("/main/journeys/tasks/?start=Seen&goal=A+>+B", "names no events"),
        ("/main/journeys/tasks/?start=Seen&goal=Nowhere", "No event is called Nowhere"),
        (f"{TASK}&within=soon", "no length of time"),
        ("/main/journeys/adoption/?names=%22", "names no events"),
        (f"{ADOPTION}&from=soon", ""),
        ("/main/journeys/customers/?of=task&start=Seen&goal=Paid&in=1999-W01", "names no figure"),
        ("/main/journeys/customers/?of=adoption&names=Paid&in=1999-01", "names no figure"),
    ):
        answer = journeys.get(address, headers={} if "customers" in address else PART)
        assert answer.status_code == 422, address
        assert 'role="alert"' in answer.content.decode()
        assert said in unescape(answer.content.decode()), address


def test_what_is_not_chosen_is_asked_for(journeys: Client) -> None:
    assert "Choose the event" in shown(journeys, "/main/journeys/tasks/?start=Seen")
    assert "Choose what they should do." in shown(journeys, "/main/journeys/adoption/")


def test_an_empty_workspace_says_where_events_come_from(as_ana: Client) -> None:
    for address in ADDRESSES:
        assert "There are no events." in as_ana.get(address.split("?")[0]).content.decode()


def test_too_few_are_not_told_of(journeys: Client) -> None:
    narrow = "is.unit=north&is.channel=shop"
    assert "&lt; 10" in shown(journeys, f"{TASK}&{narrow}")
    assert "&lt; 10" in shown(journeys, f"{BETWEEN}&{narrow}")
    assert "&lt; 10" in shown(journeys, f"{ADOPTION}&{narrow}")


def test_a_viewer_sees_figures_and_no_customers(journeys: Client) -> None:
    viewer = Client()
    viewer.force_login(member(Role.VIEWER))
    for address in ADDRESSES:
        assert links(shown(viewer, address)) == []


def test_who_does_not_see_personal_data_asks_by_none(journeys: Client) -> None:
    mira = Client()
    mira.force_login(member(Role.ANALYST, sees_personal_data=False))
    for address in ADDRESSES:
        asked = mira.get(f"{address}&where=customer+%3D+'c01'", headers=PART)
        assert asked.status_code == 422
    assert mira.get(f"{TASK}&by=session", headers=PART).status_code == 422


def test_names_of_events_are_never_markup(journeys: Client) -> None:
    name = '"' + BAD.replace('"', '""') + '"'
    for path, asked in (
        ("tasks", {"start": name, "goal": name}),
        ("tasks", {"show": "between", "start": name}),
        ("adoption", {"names": name}),
        ("customers", {"of": "task", "start": name, "goal": name}),
    ):
        for headers in ({}, PART):
            page = journeys.get(f"/main/journeys/{path}/", asked, headers=headers)
            assert "<script>alert" not in page.content.decode()


def test_a_question_is_saved_and_opened_again(journeys: Client) -> None:
    for address, page in ((TASK, "journeys/tasks"), (ADOPTION, "journeys/adoption")):
        query = re.search(r'name="query" value="([^"]*)"', shown(journeys, address))
        assert query
        given = {"page": page, "query": unescape(query[1]), "name": page}
        saved = journeys.post("/main/views/", given)
        assert saved.status_code == 302
        assert journeys.get(saved["Location"]).status_code == 200


def test_the_pages_are_chinese_too(journeys: Client) -> None:
    journeys.cookies["zhiyin_language"] = "zh-hans"
    assert "任务" in shown(journeys, TASK)
    assert "间隔" in shown(journeys, BETWEEN)
    assert "接受度" in shown(journeys, ADOPTION)
