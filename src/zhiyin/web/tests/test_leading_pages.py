"""*Before an outcome* and *Parting*: what an address asks is counted, linked and kept in files."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_journey_pages import BAD, FIRST, links, listed, shown, table

pytestmark = [pytest.mark.django_db, pytest.mark.any_store]

ANSWER = "outcome=answer&name=recommend&band=0-6&within=7d"
BEFORE = f"/main/journeys/before/?{ANSWER}"
PARTING = "/main/journeys/parting/?one=channel+%3D+'app'&two=channel+%3D+'shop'&gap=7d"


@pytest.fixture
def leading(as_ana: Client, log: Owner) -> Client:
    """Of 120 who answer, the 40 of 0–6 had a bad event; in the app they add, in the shop not."""
    cache.clear()
    events: list[dict[str, Any]] = [
        {"customer": "early", "name": "Seen", "occurred_at": FIRST - timedelta(days=40)},
        {"customer": "late", "name": "Seen", "occurred_at": FIRST + timedelta(days=40)},
    ]
    answers = []
    for n in range(120):
        who, channel, low = f"c{n:03}", "app" if n % 2 else "shop", n % 3 == 0
        at = FIRST + timedelta(hours=n)
        names = ["Seen", *(["Added"] if n % 2 else []), *([BAD] if low else [])]
        events += [
            {"customer": who, "channel": channel, "name": name,
             "occurred_at": at + timedelta(minutes=5 * place)}
            for place, name in enumerate(names)
        ]  # fmt: skip
        answers.append(
            {"id": f"a{n}", "customer": who, "occurred_at": at + timedelta(days=9),
             "experienced_at": at + timedelta(days=1), "question": "recommend", "metric": "nps",
             "answer_state": "answered", "score": 3.0 if low else 10.0, "scale_min": 0.0,
             "scale_max": 10.0}
        )  # fmt: skip
    rows(log, "events", *({**event, "id": f"e{at}"} for at, event in enumerate(events)))
    rows(log, "answers", *answers)
    return as_ana


def test_the_form_is_there_before_the_figures(leading: Client) -> None:
    for address in (BEFORE, PARTING):
        page = leading.get(address).content.decode()
        assert 'hx-trigger="load"' in page
        without_script = re.search(r'<noscript>.*?href="(\?[^"]*now=1)"', page, re.S)
        assert without_script
        whole = leading.get(address.split("?")[0] + unescape(without_script[1])).content.decode()
        assert "<table" in whole
        assert "Methods" in whole
        bare = leading.get(address.split("?")[0]).content.decode()
        assert "Choose" in bare
        assert 'hx-trigger="load"' not in bare


def test_what_came_before_is_marked_and_its_customers_are_listed(leading: Client) -> None:
    page = shown(leading, BEFORE)
    assert "40 customers with the outcome, 80 to compare with" in page
    # Names are written as text.
    assert "<script>alert" not in page
    found = links(page)
    assert found
    for text, address in found:
        assert listed(leading, address) == int(text.replace(",", "")), address
    taken = table(leading, f"/main/journeys/before/export/?{ANSWER}")
    first = taken[0]
    assert (first["steps"], first["here_customers"], first["marked"]) == (BAD, "40", "true")
    assert (first["there_customers"], float(first["difference"])) == ("0", 1.0)
    assert {row["table"] for row in taken} == {"event", "last"}


def test_where_paths_part_is_marked_and_its_customers_are_listed(leading: Client) -> None:
    page = shown(leading, PARTING)
    seen = page.index(">Seen<") if ">Seen<" in page else page.index("Seen")
    assert "they differ by" in page[seen:]
    found = links(page)
    assert found
    for text, address in found:
        assert listed(leading, address) == int(text), address
    taken = table(leading, PARTING.replace("parting/?", "parting/export/?"))
    added = next(row for row in taken if (row["node"], row["step"]) == ("Seen", "Added"))
    assert (added["one"], added["two"], added["marked"]) == ("60", "0", "true")
    assert float(added["low"]) > 0.5


def test_mistakes_are_said_and_the_form_stands(leading: Client) -> None:
    for address, said in (
        ("/main/journeys/before/?outcome=event&name=Sen", "No event is called Sen"),
        ("/main/journeys/before/?outcome=answer&name=recommend", "band of scores"),
        (f"{BEFORE}&within=soon", "no length of time"),
        (f"{BEFORE}&which=nothing+%3D", ""),
        ("/main/journeys/parting/?one=a+%3D&two=b", ""),
        (f"{PARTING}&gap=soon", "no length of time"),
        ("/main/journeys/customers/?of=parting&side=three", ""),
        (f"/main/journeys/customers/?of=before&{ANSWER}&steps=x", "names no figure"),
    ):
        part = {} if "customers" in address else {"HX-Request": "true"}
        answer = leading.get(address, headers=part)
        assert answer.status_code == 422, address
        assert said in answer.content.decode()


def test_groups_of_customers_and_of_segments(leading: Client) -> None:
    address = "/main/journeys/parting/?whose=customers&one=last_nps+<=+6&two=last_nps+>=+9"
    page = shown(leading, address)
    assert "40 customers of the first group, 80 of the second" in page
    for text, behind in links(page):
        assert listed(leading, behind) == int(text), behind
    # The first group as a segment, then as a kept list of the same customers.
    new = {"name": "Low", "rule": "last_nps <= 6"}
    leading.post("/main/customers/segments/new/", new)
    by_segment = shown(leading, address.replace("last_nps+<=+6", "low"))
    assert "40 customers of the first group, 80 of the second" in by_segment
    n, first = next((text, a) for text, a in links(by_segment) if "side=one" in a)
    figure = re.search(r'name="figure" value="([^"]*)"', leading.get(first).content.decode())
    assert figure
    kept = {"name": "Kept", "figure": unescape(figure[1])}
    assert leading.post("/main/customers/segments/keep/", kept).status_code == 302
    by_list = shown(leading, address.replace("last_nps+<=+6", "kept"))
    assert f"{n} customers of the first group" in by_list
