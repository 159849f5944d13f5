"""Cases as people meet them: taken from Voice or a mark, worked on, listed, closed."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person, Role, Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act.alerts.models import Alert, Rule
from zhiyin.act.cases import actions, kept, rules
from zhiyin.act.cases.actions import Subject
from zhiyin.act.cases.models import Case, Status
from zhiyin.maps import pinning
from zhiyin.maps.pin_wanted import Wanted
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

SAID = "<b>Forty minutes</b> at the desk, call 13812345678"


@pytest.fixture
def row(log: Owner) -> int:
    """The number of what a customer said at the desk of the north."""
    said = {"id": "v1", "row": 0, "customer": "C-1", "channel": "app", "unit": "north",
            "touchpoint": "desk", "occurred_at": datetime(2026, 3, 1), "text": SAID}  # fmt: skip
    put(log, [said], table="verbatims")
    (seq,) = [one for one, _text in log.unread("main", "one")]
    found = [Finding(seq, 0, 0, 20, "en", "negative", 0.9, aspect="queue", urgency="urgent")]
    log.keep_findings("main", "one", [seq], found)
    return seq


def take(client: Client, row: int, kind: str = "verbatim") -> Any:
    return client.post("/main/cases/take/", {"kind": kind, "key": str(row)})


def opened(key: str = "900", **more: Any) -> Case:
    subject = Subject("alert", key, **{"title": "NPS fell", **more})
    return actions.open(by=COMMAND_LINE, workspace=settings_of("main"), subject=subject)[0]


def step(client: Client, what: str, **given: str) -> Any:
    return client.post(f"/main/cases/1/{what}/", given)


def test_words_are_taken_from_voice_noted_told_of_and_closed(as_ana: Client, row: int) -> None:
    assert "Take it as a case" in text(as_ana.get("/main/voice/"))
    answer = take(as_ana, row)
    assert answer.headers["location"] == "/main/cases/1/"
    case = kept.get("main", 1)
    assert (case.title, case.unit, case.touchpoint) == ("queue · desk", "north", "desk")
    assert (case.severity, case.status, str(case.owner)) == ("high", Status.TAKEN, "ana")
    page = as_ana.get("/main/cases/1/")
    assert "<b>Forty" not in page.content.decode()
    assert "<b>Forty minutes</b> at the desk" in text(page).replace("&lt;", "<")
    assert "Case 1" in text(as_ana.get("/main/voice/"))
    assert take(as_ana, row).headers["location"] == "/main/cases/1/", "a second take finds it"
    assert step(as_ana, "note", text="Asked the desk.").status_code == 302
    assert step(as_ana, "write", says="Sorry.", channel="phone").status_code == 302
    wrong = step(as_ana, "move", status="done", note="kept in the form")
    assert wrong.status_code == 422
    assert "says for which reason" in text(wrong)
    assert "kept in the form" in wrong.content.decode()
    assert step(as_ana, "move", status="done", reason="explained").status_code == 302
    shown = text(as_ana.get("/main/cases/1/"))
    for words in ("Asked the desk.", "told the customer by telephone", "case done", "Explained"):
        assert words in shown
    assert kept.get("main", 1).closed_at is not None
    assert "Take it as a case" in text(as_ana.get("/main/voice/")), "what is over may be taken anew"


def test_her_cases_stand_on_her_page(as_ana: Client, row: int) -> None:
    take(as_ana, row)
    shown = as_ana.get("/main/cases/1/").content.decode()
    (address,) = set(re.findall(r'"(/main/customers/[^"]+)"', shown))
    page = text(as_ana.get(address))
    assert "Case 1 queue · desk · ana" in page


def test_an_empty_list_says_what_to_do(as_ana: Client) -> None:
    said = text(as_ana.get("/main/cases/"))
    assert "You have no open case." in said
    assert "Take what a customer said on the page Voice" in said
    assert "No case is overdue." in text(as_ana.get("/main/cases/?tab=overdue"))


def test_lists_tabs_and_search(as_ana: Client, log: Owner) -> None:
    opened()
    opened("901", title="Praise for the crew", severity="low", touchpoint="Gate")
    assert "You have no open case." in text(as_ana.get("/main/cases/?tab=mine"))
    both = text(as_ana.get("/main/cases/?tab=new"))
    assert "NPS fell" in both
    assert "Praise for the crew" in both
    one = text(as_ana.get("/main/cases/?tab=all&q=crew&touchpoint=Gate&sort=severity"))
    assert "NPS fell" not in one
    assert "not enough: 2 cases" in one
    assert "No case is like that." in text(as_ana.get("/main/cases/?tab=all&q=nothing"))
    wrong = as_ana.get("/main/cases/?tab=all&status=lost")
    assert wrong.status_code == 422
    assert "Cases know no lost." in text(wrong)


def test_several_are_taken_and_given_at_once(as_ana: Client, log: Owner) -> None:
    ben = member(Role.AGENT)
    opened()
    opened("901")
    done = as_ana.post(
        "/main/cases/assign/", {"number": ["1", "2", "77"], "do": "give", "owner": ben.login}
    )
    assert done.status_code == 302
    assert {one.owner for one in kept.of("main")} == {ben}
    assert "There is no case 77." in text(as_ana.get("/main/cases/?tab=all"))
    as_ana.post("/main/cases/assign/", {"number": "1", "do": "take", "query": "tab=all"})
    assert str(kept.get("main", 1).owner) == "ana"
    wrong = as_ana.post("/main/cases/assign/", {"number": "1", "do": "give", "owner": "nobody"})
    assert wrong.status_code == 422
    assert '<span class="tally"' in as_ana.get("/main/cases/").content.decode()


def test_a_file_holds_no_formula(as_ana: Client, log: Owner) -> None:
    opened(title="=1+1")
    answer: Any = as_ana.get("/main/cases/export/?tab=all")
    (line,) = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert line["number"] == "1"
    assert not line["title"].startswith("=")
    assert as_ana.get("/main/cases/export/?tab=all&as=xlsx").getvalue().startswith(b"PK")


def test_of_two_who_change_a_case_the_second_is_told(as_ana: Client, log: Owner) -> None:
    opened()
    assert step(as_ana, "assign", do="take", version="1").status_code == 302
    late = step(as_ana, "assign", do="give", owner="", version="1")
    assert late.status_code == 422
    assert "Somebody has changed case 1 meanwhile." in text(late)
    assert step(as_ana, "change", title="Other", severity="high").status_code == 302
    assert kept.get("main", 1).title == "Other"


def test_who_sees_a_unit_sees_its_cases_alone(client: Client, ana: Person, log: Owner) -> None:
    opened(unit="north")
    opened("901", unit="south", title="Of the south")
    opened("902", title="Of the whole")
    client.force_login(member(Role.UNIT_MANAGER, scope="unit = 'north'"))
    said = text(client.get("/main/cases/?tab=all"))
    assert "NPS fell" in said
    assert "Of the south" not in said
    assert "Of the whole" not in said
    assert client.get("/main/cases/1/").status_code == 200
    for number in (2, 3):
        assert client.get(f"/main/cases/{number}/").status_code == 404
        assert client.post(f"/main/cases/{number}/note/", {"text": "x"}).status_code == 404


def test_words_of_another_unit_are_not_taken(client: Client, ana: Person, row: int) -> None:
    client.force_login(member(Role.UNIT_MANAGER, scope="unit = 'south'"))
    answer = take(client, row)
    assert answer.status_code == 422
    assert "not there, or not for you to see" in text(answer)
    assert not Case.objects.exists()


def test_who_only_reads_takes_nothing(client: Client, ana: Person, row: int) -> None:
    client.force_login(member(Role.QUALITY_REVIEWER))
    assert "Take it as a case" not in client.get("/main/voice/").content.decode()
    assert take(client, row).status_code == 403
    opened()
    page = client.get("/main/cases/1/").content.decode()
    assert "<textarea" not in page
    assert step(client, "note", text="x").status_code == 403


def test_a_stranger_finds_no_case(client: Client, cleo: Person, log: Owner) -> None:
    opened()
    client.force_login(cleo)
    assert client.get("/main/cases/1/").status_code == 404
    assert client.get("/other/cases/1/").status_code == 404


def test_who_may_not_see_personal_data_reads_what_is_left(
    client: Client, ana: Person, row: int
) -> None:
    client.force_login(member(Role.TEAM_LEADER, sees_personal_data=False))
    take(client, row)
    step(client, "note", text="Her number is 13812345678.")
    for address in ("/main/cases/1/", "/main/cases/?tab=all"):
        assert "13812345678" not in client.get(address).content.decode()
    assert client.get("/main/cases/?tab=all&q=138").status_code == 422


def test_a_mark_is_taken_and_shown(client: Client, ana: Person, trip_log: Owner) -> None:
    client.force_login(ana)
    wanted = Wanted(node="pay", title="An hour in the queue", says="On Saturdays.")
    main = settings_of("main")
    pinning.make(by=COMMAND_LINE, workspace=main, key="trip", wanted=wanted)
    assert "Take it as a case" in text(client.get("/main/journeys/maps/trip/marks/1/"))
    client.post("/main/cases/take/", {"kind": "mark", "key": "trip/1"})
    said = text(client.get("/main/cases/1/"))
    assert "An hour in the queue" in said
    assert "On Saturdays." in said
    pinning.remove(by=COMMAND_LINE, workspace=main, key="trip", number=1)
    assert "not there any more" in text(client.get("/main/cases/1/"))


def test_an_alert_is_taken_from_its_page(as_ana: Client, row: int) -> None:
    rule = Rule.objects.create(
        workspace=Workspace.objects.get(slug="main"), number=1, name="Bad words", condition={},
        watches_since=datetime(2026, 1, 1, tzinfo=UTC), made_by="ana", changed_by="ana",
    )  # fmt: skip
    at = datetime(2026, 3, 1, tzinfo=UTC)
    Alert.objects.create(
        workspace=rule.workspace, number=1, rule=rule, key=f"verbatims:{row}", table="verbatims",
        row=row, rule_name=rule.name, rule_version=1, condition={}, severity="urgent",
        happened_at=at, fired_at=at,
    )  # fmt: skip
    assert take(as_ana, 1, "alert").status_code == 302
    case = kept.get("main", 1)
    assert (case.title, case.unit, case.severity) == ("Bad words", "north", "high")
    assert case.customer is not None
    page = as_ana.get("/main/cases/1/")
    assert "Forty minutes" in text(page)
    assert 'href="/main/alerts/1/"' in page.content.decode()


def test_rules_are_changed_by_administrators(client: Client, ana: Person, log: Owner) -> None:
    client.force_login(ana)
    form = {
        "day": ["8:00-20:00"] * 6 + [""], "hours-high": "2", "hours-normal": "6.5",
        "hours-low": "24", "en": ["Said sorry", "Flowers"], "zh": ["", "送花"], "retired": ["0"],
    }  # fmt: skip
    assert client.post("/main/cases/rules/", form).status_code == 302
    held = rules.of("main")
    assert str(held.week[5]) == "08:00-20:00"
    assert (held.hours["normal"], held.has_holidays) == (6.5, False)
    assert (held.reasons[0].en, held.reasons[0].is_retired, held.reasons[1].zh) == (
        "Said sorry", True, "送花",
    )  # fmt: skip
    wrong = client.post("/main/cases/rules/", {**form, "day": ["9-18"] * 7})
    assert wrong.status_code == 422
    assert "9-18 are no hours of a day." in text(wrong)
    assert 'value="9-18"' in wrong.content.decode()
    client.force_login(member(Role.AGENT))
    assert "Administrators change them." in text(client.get("/main/cases/rules/"))
    assert client.post("/main/cases/rules/", form).status_code == 403


def test_pages_speak_chinese(as_ana: Client, row: int) -> None:
    take(as_ana, row)
    as_ana.cookies["zhiyin_language"] = "zh-hans"
    assert "认领" in text(as_ana.get("/main/cases/1/"))
    assert "工单规则" in text(as_ana.get("/main/cases/rules/"))
    translation.deactivate()
