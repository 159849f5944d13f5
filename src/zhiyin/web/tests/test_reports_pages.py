"""Reports on pages: begun, filled, moved, undone, published, read by whom they are for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.measure.tests.planting import nps_answers, plant
from zhiyin.reports import verbatims
from zhiyin.reports.models import Report, Schedule
from zhiyin.warehouse.owner import Owner

FIGURE = "metric=nps&by=touchpoint&against=rest"


@pytest.fixture
def answered(log: Owner) -> Owner:
    plant(
        log,
        "main",
        "answers",
        [
            {**one, "customer": f"{place}{n}", "touchpoint": place, "id": f"{place}{n}"}
            for place, counts in (("gate", (10, 10, 40)), ("app", (40, 10, 10)))
            for n, one in enumerate(nps_answers(*counts))
        ],
    )
    said = {"customer": "gate1", "text": "Ring 13766601235, <b>late</b>", "touchpoint": "gate"}
    plant(log, "main", "verbatims", [said])
    return log


def member(role: Role, **more: Any) -> Client:
    person = Person.objects.create(login=f"a-{role}")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=role, **more)
    client = Client()
    client.force_login(person)
    return client


def made(client: Client) -> Report:
    """A report with a figure, words and a verbatim, put in as people do."""
    given = {"figure": FIGURE, "report": "new", "title": "March", "language": "en"}
    answer = client.post("/main/reports/add/", {**given, "show": "chart"})
    report = Report.objects.get()
    assert answer["Location"].startswith(f"/main/reports/{report.pk}/edit/#b-")
    found = client.get(f"/main/reports/{report.pk}/edit/?say=LATE").content.decode()
    row = re.search(r'name="row" value="(\d+)"', found)
    assert row is not None
    change(client, report, do="add-verbatims", row=row[1])
    change(client, report, do="add-words", text="# Gates\nworse <script>")
    return report


def change(client: Client, report: Report, **given: str) -> Any:
    answer = client.post(f"/main/reports/{report.pk}/change/", given)
    report.refresh_from_db()
    return answer


def test_words_are_not_searched_for_who_does_not_see_them_whole(
    as_ana: Client, answered: Owner
) -> None:
    """As the API: a search that finds one would tell what she wrote, letter by letter."""
    edit = f"/main/reports/{made(as_ana).pk}/edit/"
    mira = member(Role.ANALYST, sees_personal_data=False)
    asked = mira.get(f"{edit}?say=13766601235")
    assert asked.status_code == 422
    assert "what was written is not searched" in asked.content.decode()
    assert 'name="row"' not in asked.content.decode()
    newest = mira.get(f"{edit}?say=")
    assert newest.status_code == 200
    assert 'name="row"' in newest.content.decode()


def test_a_report_is_begun_filled_published_and_read(as_ana: Client, answered: Owner) -> None:
    assert "There is no report yet." in as_ana.get("/main/reports/").content.decode()
    report = made(as_ana)
    viewer = member(Role.VIEWER, sees_personal_data=False)
    assert "March" not in viewer.get("/main/reports/").content.decode()
    assert viewer.get(f"/main/reports/{report.pk}/").status_code == 404
    answer = as_ana.post(f"/main/reports/{report.pk}/publish/")
    assert answer["Location"] == f"/main/reports/{report.pk}/1/"
    page = as_ana.get(answer["Location"]).content.decode()
    for needed in ("−50.0", "+50.0", "Ring 13766601235, &lt;b&gt;late&lt;/b&gt;", "<svg", "n = 120",
                   "worse &lt;script&gt;"):  # fmt: skip
        assert needed in page, needed
    masked = viewer.get(answer["Location"]).content.decode()
    assert "137****1235" in masked
    assert "13766601235" not in masked
    part = as_ana.get(f"{answer['Location']}changes/", headers={"HX-Request": "true"})
    assert "every figure says what it said" in part.content.decode()
    assert "<html" not in part.content.decode()
    for kind, begins in (("pdf", b"%PDF-1.7"), ("pptx", b"PK")):
        held = viewer.get(f"{answer['Location']}{kind}/")
        assert b"".join(held).startswith(begins)
        assert "March." in held["Content-Disposition"]
    assert as_ana.get(f"{answer['Location']}odt/").status_code == 404
    north = member(Role.TEAM_LEADER, scope="unit = 'north'")
    assert north.get(answer["Location"]).status_code == 404


def test_blocks_are_moved_written_taken_out_and_put_back(as_ana: Client, answered: Owner) -> None:
    report = made(as_ana)
    figure, said, words = (one["id"] for one in report.blocks)
    assert change(as_ana, report, do="down", block=figure)["Location"].endswith(f"#b-{figure}")
    assert [one["id"] for one in report.blocks] == [said, figure, words]
    change(as_ana, report, do="show", block=figure, show="number", dates="last-month", title="N")
    assert report.blocks[1]["show"] == "number"
    change(as_ana, report, do="take-out", block=words)
    page = as_ana.get(f"/main/reports/{report.pk}/edit/").content.decode()
    assert "Put it back" in page
    change(as_ana, report, do="put-back")
    assert report.blocks[2]["text"] == "# Gates\nworse <script>"
    wrong = change(as_ana, report, do="add-figure", figure="https://example.com/")
    assert wrong.status_code == 422
    assert "not the address of a figure" in wrong.content.decode()
    preview = as_ana.get(f"/main/reports/{report.pk}/preview/?file=pdf")
    assert preview.content.startswith(b"%PDF")
    like = as_ana.post(f"/main/reports/{report.pk}/copy/")
    assert like.status_code == 302
    assert "March (2)" in as_ana.get("/main/reports/?q=(2").content.decode()
    asked = as_ana.get(f"/main/reports/{report.pk}/remove/").content.decode()
    assert "cannot be brought back" in asked
    as_ana.post(f"/main/reports/{report.pk}/remove/")
    assert [one.title for one in Report.objects.all()] == ["March (2)"]


def test_when_a_report_is_sent_is_chosen_and_ended(as_ana: Client, answered: Owner) -> None:
    report = made(as_ana)
    address = f"/main/reports/{report.pk}/sending/"
    who = Membership.objects.get(person__login="ana").pk
    given = {"every": "month", "monthday": "3", "weekday": "0", "hour": "7", "do": "save"}
    refused = as_ana.post(address, given)
    assert refused.status_code == 422
    assert "Choose at least one member" in refused.content.decode()
    as_ana.post(address, {**given, "to": str(who), "attaches": "on"})
    held = Schedule.objects.get()
    assert (held.every, held.day, held.hour, held.attaches) == ("month", 3, 7, True)
    assert "Next:" in as_ana.get(address).content.decode()
    as_ana.post(address, {"do": "end"})
    assert not Schedule.objects.exists()
    assert "Send it no longer" not in as_ana.get(address).content.decode()


def test_words_are_put_in_from_where_they_stand(as_ana: Client, answered: Owner) -> None:
    (said,) = verbatims.search(answered, settings_of("main"), "late")
    page = as_ana.get(f"/main/reports/add/?row={said.row}").content.decode()
    assert "Ring 13766601235, &lt;b&gt;late&lt;/b&gt;" in page
    assert 'name="dates"' not in page, "words have no dates"
    given = {"row": said.row, "report": "new", "title": "Words", "language": "en"}
    answer = as_ana.post("/main/reports/add/", given, follow=True)
    assert "One customer&#x27;s words are in the report." in answer.content.decode()
    assert Report.objects.get().blocks[0]["rows"] == [said.row]
    gone = as_ana.get("/main/reports/add/?row=999")
    assert (gone.status_code, "not there any more" in gone.content.decode()) == (422, True)
    masked = member(Role.ANALYST, sees_personal_data=False)
    page = masked.get(f"/main/reports/add/?row={said.row}").content.decode()
    assert ("137****1235" in page, "13766601235" in page) == (True, False)


def test_whoever_makes_no_reports_is_offered_none(as_ana: Client, answered: Owner) -> None:
    for client, is_offered in ((as_ana, True), (member(Role.VIEWER), False)):
        page = client.get("/main/overview/").content.decode()
        assert ("/main/reports/add/" in page) is is_offered
