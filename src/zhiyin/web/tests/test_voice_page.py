"""The page of what customers say, as a person meets it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts.models import Person, Role
from zhiyin.listen import keeping
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

HOSTILE = "<script>alert('x')</script> was slow, the clerk was kind"
EACH = 40


@pytest.fixture
def spoken(as_ana: Client, log: Owner) -> Client:
    """At the desk baggage is blamed, at the gate it is praised, as is the crew."""
    rows: list[dict[str, Any]] = [
        {"row": n, "id": f"v{n}", "customer": f"c{n}", "channel": "app",
         "occurred_at": datetime(2026, 3, 1, 0, n % 60), "text": HOSTILE,
         "touchpoint": "desk" if n % 2 else "gate"}
        for n in range(2 * EACH)
    ]  # fmt: skip
    put(log, rows, table="verbatims")
    seqs = [seq for seq, _text in log.unread("main", "one")]
    found = []
    for n, seq in enumerate(seqs[:-1]):
        polarity = "negative" if n % 2 else "positive"
        found.append(Finding(seq, 0, 0, 36, "en", polarity, 0.9, aspect="baggage"))
        if n % 2 == 0:
            found.append(
                Finding(seq, 1, 37, 56, "en", "positive", 0.9, aspect="crew", emotion="joy")
            )
    log.keep_findings("main", "one", seqs[:-1], found)
    return as_ana


def test_an_empty_workspace_says_how_words_come(as_ana: Client, log: Owner) -> None:
    said = text(as_ana.get("/main/voice/"))
    assert "No customer has said anything in her own words yet." in said
    assert "Import a file" in said


def test_aspects_stand_by_touchpoint_and_lead_to_what_was_said(spoken: Client) -> None:
    page = spoken.get("/main/voice/")
    shown = page.content.decode()
    assert '<td class="bad"><a href="/main/voice/?' in shown
    assert '<td class="good"><a href="/main/voice/?' in shown
    assert '<td class="few">·</td>' in shown, "nobody spoke of the crew at the desk"
    said = text(page)
    assert "−100.0" in said
    assert "80 verbatims · 80 customers" in said
    # Nothing was read by what reads now.
    assert "Being read in the background: 0 of 80" in said
    found = text(spoken.get("/main/voice/?aspect=baggage&touchpoint=desk"))
    assert f"{EACH - 1} verbatims · {EACH - 1} customers" in found
    assert "Nobody said anything like that." in text(
        spoken.get("/main/voice/?aspect=baggage&touchpoint=desk&polarity=positive")
    )


def test_words_are_marked_by_what_they_say_and_never_run(spoken: Client) -> None:
    shown = spoken.get("/main/voice/?aspect=crew&text=clerk").content.decode()
    assert "<script>alert" not in shown
    assert '<mark class="said-by positive hit">clerk</mark>' in shown
    assert "joy" in text(spoken.get("/main/voice/?aspect=crew"))


def test_kinds_of_verbatims_are_chosen_from_where_there_are_any(spoken: Client, log: Owner) -> None:
    assert 'name="voice"' not in spoken.get("/main/voice/").content.decode()
    log.declare("main", {"verbatims": {"voice": "text"}})
    rows = [
        {"row": 0, "id": "r", "customer": "c0", "occurred_at": datetime(2026, 3, 2),
         "text": "the regulator was told", "d_voice": "regulator"},
    ]  # fmt: skip
    put(log, rows, table="verbatims", source="regulator")
    (seq,) = [seq for seq, _text in log.unread("main", "one")][-1:]
    log.keep_findings("main", "one", [seq], [Finding(seq, 0, 0, 22, "en", "negative", 0.9)])
    page = spoken.get("/main/voice/?voice=regulator")
    assert "selected>complaint to the regulator<" in page.content.decode()
    assert "1 verbatims · 1 customers" in text(page)


def test_what_says_the_same_is_found_nearest_first(as_ana: Client, log: Owner) -> None:
    said = ["等了三周才退钱", "The room was noisy", "退款太慢了，客服很好"]
    rows = [
        {"row": n, "id": f"v{n}", "customer": f"c{n}", "occurred_at": datetime(2026, 3, 1, n),
         "text": words}
        for n, words in enumerate(said)
    ]  # fmt: skip
    put(log, rows, table="verbatims")
    keeping.read(log, "main")
    page = as_ana.get("/main/voice/?text=退款太慢&by=meaning")
    shown = page.content.decode()
    assert "2 verbatims · 2 customers" in text(page)
    assert shown.index("退款太慢了") < shown.index("等了三周才退钱")
    assert 'hit">退款太慢了' in shown
    assert 'hit">客服很好' not in shown
    assert "The nearest to “退款太慢” first" in text(page)
    assert "1 verbatims" in text(as_ana.get("/main/voice/?text=退款太慢&by=words"))


def test_older_ones_are_a_link_away_and_a_mistake_is_shown_in_its_place(spoken: Client) -> None:
    first = spoken.get("/main/voice/").content.decode()
    assert first.count('<article class="verbatim">') == 20
    older = first.rsplit("/main/voice/?", 1)[1].split('"')[0].replace("&amp;", "&")
    again = spoken.get(f"/main/voice/?{older}").content.decode()
    assert again.count('<article class="verbatim">') == 20
    assert "Newest" in again
    wrong = spoken.get("/main/voice/?where=nothing+=+1", headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "no column nothing" in text(wrong)
    assert "<html" not in wrong.content.decode()


def test_figures_are_for_all_and_words_for_those_who_see_customers(
    spoken: Client, client: Client
) -> None:
    client.force_login(member(Role.VIEWER))
    said = text(client.get("/main/voice/"))
    assert "−100.0" in said
    assert "In their words" not in said
    assert "the clerk was kind" not in said


def test_who_sees_a_part_sees_the_words_of_that_part(spoken: Client, client: Client) -> None:
    """Would catch a page that asks of the whole what its reader may not see."""
    client.force_login(member(Role.ANALYST, scope="touchpoint = 'desk'"))
    said = text(client.get("/main/voice/"))
    assert f"{EACH} verbatims · {EACH} customers" in said
    assert f"0 of {EACH} verbatims are read as they are read now" in said
    assert "gate" not in said.partition("In their words")[2]


def test_her_own_language(spoken: Client, ana: Person) -> None:
    spoken.post("/language/", {"language": "zh-hans"})
    said = text(spoken.get("/main/voice/"))
    assert "评价维度 × 触点" in said
    assert "行李" in said


def test_what_two_groups_say_differently_leads_to_what_they_said(spoken: Client) -> None:
    page = spoken.get("/main/voice/apart/?sides=filter&one=touchpoint+=+'desk'")
    said = text(page)
    assert f"Of {EACH - 1} customers (of the filter) and {EACH} (the others)" in said
    shown = page.content.decode()
    assert 'aspect=baggage&amp;polarity=negative">baggage' in shown.replace("Baggage", "baggage")
    assert "where=emotion+%3D+%27joy%27" in shown
    assert "Not enough customers" in text(spoken.get("/main/voice/apart/"))
    wrong = spoken.get("/main/voice/apart/?sides=before", headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "none is chosen" in text(wrong)


def test_what_to_fix_first_needs_scores(spoken: Client, log: Owner) -> None:
    assert "Not enough customers gave a score" in text(spoken.get("/main/voice/first/"))
    rows: list[dict[str, Any]] = [
        {"row": n, "id": f"s{n}", "customer": f"d{n}", "response": f"s{n}", "touchpoint": "desk",
         "occurred_at": datetime(2026, 3, 2)}
        for n in range(EACH)
    ]  # fmt: skip
    put(log, [row | {"text": HOSTILE} for row in rows], table="verbatims", source="survey")
    answers = [
        row | {"question": "q", "metric": "nps", "score": 2 if n % 2 else 10, "scale_min": 0,
               "scale_max": 10, "direction": "up", "answer_state": "answered"}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    put(log, answers, table="answers", source="survey")
    seqs = [seq for seq, _text in log.unread("main", "one")]
    found = [
        Finding(seq, 0, 0, 36, "en", "negative" if n % 2 else "positive", 0.9, aspect="baggage")
        for n, seq in enumerate(seqs[-EACH:])
    ]
    log.keep_findings("main", "one", seqs[-EACH:], found)
    page = spoken.get("/main/voice/first/?touchpoint=desk")
    assert f"Of {EACH} responses of {EACH} customers" in text(page)
    assert "polarity=negative" in page.content.decode()
    file = spoken.get("/main/voice/first/export/?as=csv&touchpoint=desk")
    table = b"".join(file).decode("utf-8-sig").splitlines()
    assert table[0].startswith("aspect,often,")
    assert table[1].startswith("baggage,0.5,")


def test_what_is_found_can_be_taken_out(spoken: Client, client: Client) -> None:
    file = spoken.get("/main/voice/export/?as=csv&aspect=crew&text=clerk")
    lines = b"".join(file).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("row,at,customer,text,")
    assert len(lines) == 1 + 2 * EACH, "two clauses of each"
    assert any(",positive,0.9,joy," in line for line in lines)
    kinds = spoken.get("/main/voice/export/?as=xlsx")
    assert b"".join(kinds)[:2] == b"PK"
    client.force_login(member(Role.VIEWER))
    assert client.get("/main/voice/export/").status_code == 403
