"""Surveys on pages: begun, published, closed, removed; what came of one, and its files."""

from __future__ import annotations

import csv
import io
import json
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from zhiyin.accounts.models import AuditEntry, Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Survey
from zhiyin.collect.surveys.tests.written import DOCUMENT
from zhiyin.kernel.filters import parse
from zhiyin.measure import survey_results
from zhiyin.measure.tests import visit
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, ana: Person, log: Owner) -> Client:
    client.force_login(ana)
    return client


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return text(answer)


def exported(client: Client, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/main/surveys/visit/export/?{query}")
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_one_is_begun_published_closed_and_opened(page: Client) -> None:
    assert "There is no survey yet." in read(page, "/main/surveys/")
    begun = page.post("/main/surveys/", {"ready": "nps-touchpoint", "key": "visit"})
    assert begun["Location"] == "/main/surveys/visit/"
    said = read(page, "/main/surveys/visit/")
    assert "It was never published" in said
    assert "/s/" not in said
    for does, state in (("publish", "taking answers"), ("close", "closed to answers"),
                        ("open", "taking answers")):  # fmt: skip
        page.post("/main/surveys/visit/change/", {"do": does})
        said = read(page, "/main/surveys/visit/")
        assert state in said
    held = Survey.objects.get()
    assert f"/s/{held.public_id}" in said
    code = page.get("/main/surveys/visit/code/")
    assert code["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<svg")
    assert "visit taking answers 1" in read(page, "/main/surveys/?q=visit")
    assert "No survey has these words" in read(page, "/main/surveys/?q=nothing")
    done = AuditEntry.of("main").filter(by="ana").values_list("action", flat=True)
    # Those of the ready set came with it.
    assert sorted(set(done)) == [
        "aspect.added", "survey.closed", "survey.created", "survey.opened", "survey.published",
    ]  # fmt: skip


def test_what_cannot_be_done_is_said(page: Client) -> None:
    wrong = page.post("/main/surveys/", {"ready": "nps-touchpoint", "key": "Not a key"})
    assert wrong.status_code == 422
    assert "Not a key cannot be the key of a survey." in text(wrong)
    page.post("/main/surveys/", {"ready": "", "key": "empty"})
    said = read(page, "/main/surveys/empty/")
    assert "What hinders its publication" in said
    page.post("/main/surveys/empty/change/", {"do": "publish"})
    assert Survey.objects.get().versions.count() == 0
    page.post("/main/surveys/", {"ready": "csat", "key": "said"})
    page.post("/main/surveys/said/change/", {"do": "publish"})
    page.post("/main/surveys/said/remove/")
    assert Survey.objects.filter(key="said").exists()
    assert "Remove" in read(page, "/main/surveys/empty/remove/")
    page.post("/main/surveys/empty/remove/")
    assert not Survey.objects.filter(key="empty").exists()
    for method, address in (
        ("get", "/main/surveys/none/"), ("get", "/main/surveys/none/export/"),
        ("get", "/main/surveys/none/responses/"),
        ("get", "/main/surveys/none/code/"), ("post", "/main/surveys/none/change/"),
        ("post", "/main/surveys/none/remove/"),
    ):  # fmt: skip
        assert getattr(page, method)(address).status_code == 404, address


def test_a_file_begins_one_and_it_is_said_what_came_over(page: Client) -> None:
    ours = SimpleUploadedFile("A visit.json", json.dumps(DOCUMENT).encode())
    said = text(page.post("/main/surveys/", {"file": ours}))
    assert "Everything came over as it was." in said
    theirs = {"elements": [
        {"type": "text", "name": "a", "title": "A"},
        {"type": "signaturepad", "name": "b", "title": "B"},
    ]}  # fmt: skip
    file = SimpleUploadedFile("theirs.json", json.dumps(theirs).encode())
    said = text(page.post("/main/surveys/", {"file": file, "key": "other"}))
    assert "is lost" in said
    assert set(Survey.objects.values_list("key", flat=True)) == {"a-visit", "other"}
    broken = SimpleUploadedFile("broken.qsf", b"{")
    assert page.post("/main/surveys/", {"file": broken}).status_code == 422


def test_it_tells_what_the_results_are(page: Client, log: Owner) -> None:
    visit.published()
    assert "not enough answers" in read(page, "/main/surveys/visit/")
    visit.planted(log, visit.given())
    said = read(page, "/main/surveys/visit/")
    found = survey_results.results(log, settings_of("main"), "visit")
    assert found.responses is not None
    whole = found.responses.completion
    assert f"{whole.value:.1f} %" in said
    assert f"Came to the end: {whole.n} of {whole.of} responses" in said
    nps = found.questions[0].figures[0].score
    assert nps is not None
    assert nps.value is not None
    assert f"{nps.value:.1f}".replace("-", "−") in said
    for one in found.questions[5].choices:
        assert f"{one.share.n} {one.share.value:.1f}" in said
    web = read(page, "/main/surveys/visit/?where=channel+=+'web'&version=1")
    assert "of 14 responses" in web
    for query in ("?version=2", "?version=x", "?where=score+=+3", "?where=channel+="):
        wrong = read(page, f"/main/surveys/visit/{query}", 422)
        assert "Came to the end" not in wrong


def test_its_files_hold_every_figure(page: Client, log: Owner) -> None:
    visit.published()
    visit.planted(log, visit.given())
    every = exported(page, "as=csv")
    assert {one["what"] for one in every} == {
        "answered", "state", "break_off", "measure", "point", "choice", "mean_place", "median",
    }  # fmt: skip
    rows = exported(page, "as=csv&where=channel+=+'web'")
    found = survey_results.results(
        log, settings_of("main"), "visit", where=parse("channel = 'web'")
    )
    counted = {(one["question"], one["name"]): one for one in rows if one["what"] == "choice"}
    for one in found.questions:
        for choice in one.choices:
            named = (one.item.name, choice.label.get("en") or choice.value.capitalize())
            assert float(counted[named]["value"]) == pytest.approx(choice.share.value)
    sheet = page.get("/main/surveys/visit/export/?as=xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(sheet)))
    assert len(list(book.active.values)) > len(found.questions)
    assert page.get("/main/surveys/visit/export/?version=9").status_code == 422


def test_its_responses_are_a_file(page: Client, log: Owner) -> None:
    """Every choice of the responses that the page is asked for; taken out by somebody."""
    visit.published()
    visit.planted(log, visit.given())
    said = page.get("/main/surveys/visit/?where=channel+=+'web'").content.decode()
    for name in ("CSV", "Excel", "SPSS"):
        assert f"Responses as {name}" in said
    answer = page.get("/main/surveys/visit/responses/?as=csv&where=channel+=+'web'")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    mine = [one for one in visit.given() if one.channel == "web"]
    assert len(rows) == len(mine) == 14
    assert sum(row["reasons: slow"] == "1" for row in rows) == sum(
        "slow" in one.said["reasons"].chosen for one in mine if "reasons" in one.said
    )
    taken = AuditEntry.of("main").get(action="rows.exported")
    assert (taken.subject, taken.after) == ("survey visit", {"format": "csv"})
    for wrong, status in (("as=exe", 404), ("version=9", 422), ("where=channel+=", 422)):
        assert page.get(f"/main/surveys/visit/responses/?{wrong}").status_code == status, wrong


def test_a_list_of_customers_gets_links_of_their_own(page: Client, log: Owner) -> None:
    visit.published()
    said = "customer,about_kind,about_id,城市\nM7,flight,QC1,杭州\n=M8,,,\n"
    for encoding in ("utf-8", "gb18030"):
        people = SimpleUploadedFile("people.csv", said.encode(encoding))
        answer = page.post("/main/surveys/visit/invite/", {"people": people})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
        assert [row["customer"] for row in rows] == ["M7", "'=M8"]
        assert "f.%E5%9F%8E%E5%B8%82=%E6%9D%AD%E5%B7%9E" in rows[0]["link"]
    asked = log.words("main", "action").values()
    assert "invited" in asked
    wrong = SimpleUploadedFile("people.csv", b"name\nAna\n")
    for given in ({"people": wrong}, {}):
        answer = page.post("/main/surveys/visit/invite/", given, follow=True)
        assert 'class="note' in answer.content.decode()
        assert "column customer" in text(answer)
    page.post("/main/surveys/visit/change/", {"do": "close"})
    assert "Links of their own" not in read(page, "/main/surveys/visit/")


def test_another_workspace_has_none_of_ours(page: Client, cleo: Person, log: Owner) -> None:
    visit.published()
    page.force_login(cleo)
    assert "visit" not in read(page, "/other/surveys/")
    for rest in ("", "export/", "code/", "remove/"):
        assert page.get(f"/other/surveys/visit/{rest}").status_code == 404
    assert page.post("/other/surveys/visit/change/", {"do": "close"}).status_code == 404
    assert Survey.objects.get().is_open
