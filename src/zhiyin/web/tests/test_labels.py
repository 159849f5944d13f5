"""What people say that clauses mean: asked, put right, taken back, and what is told of it."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from zhiyin.accounts.models import Role, Work
from zhiyin.listen.models import ClauseLabel
from zhiyin.warehouse import lang
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

SAID = "<b>the belt</b> stood still, the clerk was kind"


@pytest.fixture
def read(as_ana: Client, log: Owner) -> Client:
    """Fourteen texts of two clauses; the first is read as praise, which is wrong."""
    put(
        log,
        [
            {"row": n, "id": f"v{n}", "customer": f"c{n}", "occurred_at": datetime(2026, 3, 1),
             "text": f"{SAID} {n}", "touchpoint": "desk" if n % 2 else "gate"}
            for n in range(14)
        ],
        table="verbatims",
    )  # fmt: skip
    seqs = [seq for seq, _text in log.unread("main", "one")]
    found = [
        one
        for seq in seqs
        for one in (
            Finding(seq, 0, 0, 29, "en", "positive", 0.6, aspect="baggage"),
            Finding(seq, 1, 29, 48, "en", "positive", 0.9, aspect="crew"),
        )
    ]
    log.keep_findings("main", "one", seqs, found)
    return as_ana


def token(page: str, name: str = "") -> str:
    """The signed name of a clause on a page: the first, or that of a card."""
    part = page.partition(f'id="{name}"')[2] if name else page
    found = re.search(r'name="clause" value="([^"]+)"', part)
    assert found
    return unescape(found[1])


def counted(log: Owner, seq: int) -> list[tuple[str, str | None, float]]:
    clauses = lang.table(log.schema("main"), "clauses")
    query = clauses.filter(clauses.seq == seq).order_by("place")
    rows = log.execute("main", query.select("polarity", "aspect", "probability"), words=True)
    return [(one["polarity"], one["aspect"], one["probability"]) for one in rows.to_pylist()]


def seq_of(log: Owner, n: int = 0) -> int:
    said = lang.table(log.schema("main"), "verbatims")
    query = said.filter(said.text == f"{SAID} {n}").select("seq")
    return int(log.execute("main", query).to_pylist()[0]["seq"])


def test_what_is_put_right_counts_at_once_and_can_be_taken_back(read: Client, log: Owner) -> None:
    seq = seq_of(log)
    page = read.get(f"/main/voice/{seq}/").content.decode()
    assert "<b>the belt" not in page
    asked = {"clause": token(page, f"c{seq}-0"), "polarity": "negative", "aspect": "baggage"}
    answer = read.post("/main/voice/labels/say/", asked, headers={"HX-Request": "true"})
    assert "ana said so" in text(answer)
    assert "<html" not in answer.content.decode()
    assert counted(log, seq)[0] == ("negative", "baggage", 1.0)
    assert counted(log, seq)[1] == ("positive", "crew", 0.9)
    held = ClauseLabel.objects.get()
    assert (held.told_polarity, held.told_probability, held.drawn) == ("positive", 0.6, "page")
    undone = read.post("/main/voice/labels/say/", {"clause": asked["clause"], "undo": "1"})
    assert undone.status_code == 302
    assert counted(log, seq)[0] == ("positive", "baggage", 0.6)
    assert not ClauseLabel.objects.exists()


def test_who_is_asked_is_not_led(read: Client) -> None:
    page = read.get("/main/voice/labels/").content.decode()
    assert 5 < page.count('<mark class="asked">') <= 10
    assert "checked" not in page
    assert " selected" not in page.partition('<div class="label-cards">')[2]
    assert "<b>the belt" not in page


def test_no_clause_is_asked_again_once_it_is_said(read: Client, log: Owner) -> None:
    for _turn in range(20):
        page = read.get("/main/voice/labels/").content.decode()
        for found in re.findall(r'name="clause" value="([^"]+)"', page):
            read.post(
                "/main/voice/labels/say/",
                {"clause": unescape(found), "polarity": "neutral", "aspect": "-"},
            )
        if "There is nothing to ask about." in page:
            break
    assert ClauseLabel.objects.filter(drawn="lot").count() >= 14
    assert ClauseLabel.objects.filter(drawn="doubt").exists()
    assert ClauseLabel.objects.count() == 28
    assert {one for seq in (seq_of(log, n) for n in range(14)) for one in counted(log, seq)} == {
        ("neutral", None, 1.0)
    }


def test_what_is_missing_or_made_up_is_said(read: Client, log: Owner) -> None:
    seq = seq_of(log)
    clause = token(read.get(f"/main/voice/{seq}/").content.decode())
    for given in (
        {"clause": clause, "polarity": "negative"},
        {"clause": clause, "polarity": "awful", "aspect": "-"},
        {"clause": clause, "polarity": "negative", "aspect": "no-such-aspect"},
        {"clause": clause.replace(clause[3], "x", 1), "polarity": "negative", "aspect": "-"},
        {"clause": "", "polarity": "negative", "aspect": "-"},
    ):
        answer = read.post("/main/voice/labels/say/", given, headers={"HX-Request": "true"})
        assert answer.status_code == 422, given
        assert 'role="alert"' in answer.content.decode()
    assert not ClauseLabel.objects.exists()
    assert read.get("/main/voice/999999/").status_code == 404


def test_who_sees_a_part_says_nothing_of_the_rest(read: Client, client: Client, log: Owner) -> None:
    gate, desk = seq_of(log, 0), seq_of(log, 1)
    clause = token(read.get(f"/main/voice/{gate}/").content.decode())
    client.force_login(member(Role.ANALYST, scope="touchpoint = 'desk'"))
    assert client.get(f"/main/voice/{gate}/").status_code == 404
    assert client.get(f"/main/voice/{desk}/").status_code == 200
    given = {"clause": clause, "polarity": "negative", "aspect": "-"}
    answer = client.post("/main/voice/labels/say/", given, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    shown = client.get("/main/voice/labels/").content.decode()
    assert "gate" not in shown.partition('<div class="label-cards">')[2]
    assert not ClauseLabel.objects.exists()


def test_a_viewer_sees_how_right_it_is_and_says_nothing(read: Client, client: Client) -> None:
    client.force_login(member(Role.VIEWER))
    assert "the seeds alone read" in text(client.get("/main/voice/rightness/"))
    assert client.get("/main/voice/labels/").status_code == 403
    assert client.post("/main/voice/rightness/").status_code == 403


def test_learning_is_work_of_the_background(read: Client) -> None:
    read.post("/main/voice/rightness/")
    assert [one.kind for one in Work.objects.all()] == ["learn"]
