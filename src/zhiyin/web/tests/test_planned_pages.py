"""The pages of targets and of the calendar, and scores without those whom a mark concerned."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Unit, Workspace
from zhiyin.measure.calendar import Dated
from zhiyin.measure.models import HolidayCalendar, Mark, Target
from zhiyin.warehouse.owner import Owner
from zhiyin.web.calendar_page import drawn

NPS = {"metric": "nps", "kind": "", "question": "", "unit": "", "period": "2020-01", "value": "30"}
STORM = {"name": "Storm", "kind": "incident", "first": "2026-03-10", "last": ""}


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that puts something back."""
    (form,) = re.findall(r'<form[^>]*class="note">.*?</form>', page, re.DOTALL)
    return {
        name: value
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)
        if name != "csrfmiddlewaretoken"
    }


def test_a_target_is_set_changed_removed_and_put_back(as_ana: Client, log: Owner) -> None:
    assert "There is no target yet." in as_ana.get("/main/targets/").content.decode()
    page = as_ana.post("/main/targets/", NPS, follow=True).content.decode()
    assert "The target is set." in page
    assert "not enough answers" in page
    number = Target.objects.get().pk
    changed = as_ana.post(f"/main/targets/{number}/", {**NPS, "value": "31"}, follow=True)
    assert "+31.0" in changed.content.decode()
    gone = as_ana.post(f"/main/targets/{number}/remove/", follow=True).content.decode()
    assert not Target.objects.exists()
    as_ana.post("/main/targets/", hidden(gone))
    assert Target.objects.get().value == 31
    wrong = as_ana.post("/main/targets/", {**NPS, "value": "much"})
    assert wrong.status_code == 422
    assert "is no number" in wrong.content.decode()
    assert as_ana.get("/main/targets/?period=soon").status_code == 422
    assert as_ana.get("/main/targets/999/").status_code == 422


def test_a_manager_sees_and_sets_those_of_her_branch(
    client: Client, ana: Person, log: Owner
) -> None:
    for key, parent in (("all", ""), ("north", "all"), ("south", "all")):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=key.title(), parent=parent)
    north = Unit.objects.get(key="north")
    ben = Person.objects.create(login="ben")
    Membership.objects.create(
        workspace=Workspace.objects.get(slug="main"), person=ben, role=Role.UNIT_MANAGER, unit=north
    )
    client.force_login(ana)
    for unit in ("", "south"):
        client.post("/main/targets/", {**NPS, "unit": unit})
    client.force_login(ben)
    page = client.get("/main/targets/").content.decode()
    assert "There is no target yet." in page
    assert "South" not in page
    for unit, status in (("north", 302), ("south", 422), ("", 422)):
        assert client.post("/main/targets/", {**NPS, "unit": unit}).status_code == status
    other = Target.objects.get(unit="south").pk
    client.post(f"/main/targets/{other}/remove/")
    assert Target.objects.filter(pk=other).exists()
    assert client.get("/main/targets/export/").content.decode("utf-8-sig").count("\n") == 2


def test_a_list_is_looked_at_before_it_is_set(as_ana: Client, log: Owner) -> None:
    file = SimpleUploadedFile("t.csv", "metric,period,target\nnps,2026-01,30\n".encode("utf-16"))
    assert "is no list" in as_ana.post("/main/targets/import/", {"file": file}).content.decode()
    wrong = {"text": "metric,period,target\nnps,2026-01,300\nnps,2026-02,30"}
    page = as_ana.post("/main/targets/import/", {**wrong, "set": "1"}).content.decode()
    assert "can never be 300" in page
    assert not Target.objects.exists()
    good = {"text": "metric,period,target\nnps,2026-01,30\nnps,2026-02,30"}
    assert "2 new" in as_ana.post("/main/targets/import/", good).content.decode()
    assert not Target.objects.exists()
    done = as_ana.post("/main/targets/import/", {**good, "set": "1"}, follow=True)
    assert "2 targets are set." in done.content.decode()
    assert Target.objects.count() == 2


def test_a_list_that_excel_wrote_in_chinese_stays_as_it_is(as_ana: Client, log: Owner) -> None:
    """Looked at first: what the form then sends again is what the file said."""
    said = "指标,题目,时段,目标值\nnps,是否推荐,2026-01,30"
    file = SimpleUploadedFile("t.csv", said.encode("gb18030"))
    page = as_ana.post("/main/targets/import/", {"file": file}).content.decode()
    assert f'name="text" value="{said}"' in page


def test_days_are_marked_found_removed_and_put_back(as_ana: Client, log: Owner) -> None:
    as_ana.post("/main/calendar/", STORM)
    as_ana.post("/main/calendar/", {**STORM, "name": "Sale", "kind": "campaign"})
    page = as_ana.get("/main/calendar/?text=stor").content.decode()
    assert "Storm" in page
    assert "Sale" not in page
    mark = Mark.objects.get(name="Storm")
    assert (mark.first, mark.last, mark.made_by) == (date(2026, 3, 10), date(2026, 3, 10), "ana")
    gone = as_ana.post(f"/main/calendar/{mark.pk}/remove/", follow=True).content.decode()
    assert not Mark.objects.filter(name="Storm").exists()
    as_ana.post("/main/calendar/", hidden(gone))
    assert Mark.objects.filter(name="Storm").exists()
    # Whom it concerned never stands in an address.
    as_ana.post("/main/calendar/", {**STORM, "name": "Loss", "customers": "ann; bob"})
    lost = Mark.objects.get(name="Loss")
    assert lost.customers == ["ann", "bob"]
    assert "ann" not in as_ana.post(f"/main/calendar/{lost.pk}/remove/").headers["location"]
    bad = as_ana.post("/main/calendar/", {**STORM, "first": "soon"})
    assert (bad.status_code, "is not a date" in bad.content.decode()) == (422, True)


def test_the_holidays_of_a_country_are_shown_once_chosen(as_ana: Client, log: Owner) -> None:
    assert "Labor Day" not in as_ana.get("/main/calendar/?year=2026").content.decode()
    as_ana.post("/main/calendar/holidays/", {"country": "cn", "lunar": "1"})
    assert HolidayCalendar.objects.get().country == "CN"
    page = as_ana.get("/main/calendar/?year=2026").content.decode()
    assert "Labor Day" in page
    assert "Lantern Festival" in page
    assert "day worked" in page


def test_who_sees_no_personal_data_neither_reads_nor_names_customers(
    client: Client, ana: Person, log: Owner
) -> None:
    client.force_login(ana)
    client.post(
        "/main/calendar/", {**STORM, "customers": "wilma-7", "where": "customer = 'fred-9'"}
    )
    number = Mark.objects.get().pk
    Membership.objects.filter(person=ana).update(sees_personal_data=False)
    for path in (f"/main/calendar/{number}/", "/main/calendar/export/", "/main/calendar/"):
        page = client.get(path).content.decode()
        assert "Storm" in page
        assert not {"wilma-7", "fred-9"} & set(re.findall(r"[a-z]+-\d", page)), path
    for form in ({**STORM, "customers": ""}, {**STORM, "name": "x", "customers": "wilma-7"}):
        answer = client.post(f"/main/calendar/{number}/", form)
        assert "does not show personal data" in answer.content.decode()
    assert Mark.objects.get().customers == ["wilma-7"]


def test_scores_stand_beside_those_without_the_customers_concerned(with_sample: Client) -> None:
    whole = with_sample.get("/main/scores/?metric=nps&by=").content.decode()
    assert "without those concerned" not in whole
    days = {"first": "2000-01-01", "last": "2100-01-01", "kind": "process", "name": "App users"}
    with_sample.post("/main/calendar/", {**days, "where": "score <= 3"})
    number = Mark.objects.get().pk
    page = with_sample.get(f"/main/scores/?metric=nps&by=&without={number}").content.decode()
    assert "without those concerned by “App users”" in page
    assert "Left out" in page
    missing = with_sample.get("/main/scores/?metric=nps&without=999")
    assert missing.status_code == 422
    assert "There is no mark 0" not in missing.content.decode()


def test_trends_draw_a_day_as_a_line_and_a_season_as_an_area() -> None:
    starts = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    storm = Dated("Storm", "incident", date(2026, 2, 15), date(2026, 2, 16))
    spring = Dated("Spring Festival", "holiday", date(2025, 12, 28), date(2026, 2, 1))
    line, area = drawn((storm, spring), starts, date(2026, 4, 1))
    assert (line.label, line.until) == ("Storm", None)
    assert line.start == pytest.approx(1.0)
    # It began before the trend does, and is drawn from its edge.
    assert area.start == pytest.approx(-0.5)
    assert area.until == pytest.approx(0.5)
