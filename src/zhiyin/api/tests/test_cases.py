"""Cases by the API: opened, listed page by page, worked on; never another's."""

from __future__ import annotations

from typing import Any

import pytest

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act.cases import actions
from zhiyin.act.cases.actions import Subject
from zhiyin.api.documents.cases import CasesDocument, CaseWholeDocument
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

RIGHTS = ("see_customers", "work_cases")


@pytest.fixture
def ben(ana: Person) -> Person:
    person = Person.objects.create(login="ben")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=Role.AGENT)
    return person


def row_of(log: Owner) -> str:
    said = lang.table(log.schema("main"), "verbatims")
    rows = log.execute("main", said.select("seq", "customer")).to_pylist()
    return str(rows[-1]["seq"])


def opened(number: int, unit: str = "") -> None:
    subject = Subject("alert", str(number), f"Alert {number}", unit=unit)
    actions.open(by=COMMAND_LINE, workspace=settings_of("main"), subject=subject)


def test_a_case_is_opened_worked_on_and_closed(filled: Owner, ben: Person) -> None:
    ask = asking(a_key(*RIGHTS))
    # The planted customer has a case; what the sample says has none.
    given = {"kind": "verbatim", "key": row_of(filled), "owner": "ben"}
    made = ask("post", "/cases", given, Idempotency_Key="one")
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert (made.json()["is_new"], made.json()["status"]) == (True, "taken")
    assert ask("post", "/cases", given, Idempotency_Key="one").json() == made.json()
    assert ask("post", "/cases", given).json()["is_new"] is False

    def step(**asked: Any) -> Any:
        return ask("post", f"/cases/{number}/steps", asked)

    assert step(do="note", text="Asked.").status_code == 200
    assert step(do="write", text="Sorry.", channel="phone").json()["first_response_at"]
    assert step(do="change", title="Another", severity="high").json()["title"] == "Another"
    assert step(do="assign", owner="").json()["status"] == "new"
    assert step(do="assign", owner="ben", version=1).json()["code"] == "cases.changed"
    assert step(do="move", status="done").json()["code"] == "cases.step"
    assert step(do="assign", owner="ben").json()["owner"] == "ben"
    done = step(do="move", status="done", reason="explained")
    told = CaseWholeDocument.model_validate(done.json())
    assert (told.status, told.steps) == ("done", ["taken"])
    assert told.subject is not None
    assert told.subject.words is not None
    assert ask("get", f"/cases/{number}").json() == done.json()


def test_a_list_comes_page_by_page(filled: Owner, ben: Person) -> None:
    ask = asking(a_key(*RIGHTS))
    for number in range(5):
        opened(number)
    cursor: dict[str, Any] = {}
    found: list[int] = []
    while True:
        page = CasesDocument.model_validate(
            ask("get", "/cases", {"limit": 2, "sort": "newest", **cursor}).json()
        )
        found += [one.number for one in page.cases]
        if page.next is None:
            break
        cursor = {"cursor": page.next}
    assert found == sorted(found, reverse=True)
    assert len(found) == 6
    assert len(ask("get", "/cases", {"owner": "ben"}).json()["cases"]) == 0


def test_a_key_of_a_unit_sees_its_cases_alone(filled: Owner, ben: Person) -> None:
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="North")
    opened(10, "north")
    opened(11)
    ask = asking(a_key(*RIGHTS, unit="north"))
    (one,) = ask("get", "/cases").json()["cases"]
    assert one["unit"] == "north"
    other = asking(a_key(*RIGHTS))("get", "/cases", {"text": "Alert 11"}).json()["cases"][0]
    assert ask("get", f"/cases/{other['number']}").status_code == 404
    assert (
        ask("post", f"/cases/{other['number']}/steps", {"do": "note", "text": "x"}).status_code
        == 404
    )


def test_a_key_of_another_workspace_finds_none(filled: Owner, cleo: Person) -> None:
    ask = asking(a_key(*RIGHTS, workspace="other"))
    assert ask("get", "/cases").json()["cases"] == []
    assert ask("get", "/cases/1").status_code == 404


def test_a_key_that_sees_no_personal_data_reads_masks(filled: Owner) -> None:
    ask = asking(a_key(*RIGHTS, sees_personal_data=False))
    told = ask("get", "/cases/1").content.decode()
    assert "w.case@planted.example" not in told
    assert "13933301237" not in told
    assert ask("get", "/cases", {"text": "Call"}).json()["code"] == "personal.search"


def test_rules_are_read_and_set_whole(filled: Owner) -> None:
    ask = asking(a_key("see_customers", "change_workspace"))
    rules = ask("get", "/cases/rules").json()
    wanted = {
        **rules, "week": ["08:00-20:00"] * 5 + ["", ""],
        "hours": {"high": 1.5, "normal": 4.0, "low": 9.0},
        "reasons": [{"key": "flowers", "en": "Flowers", "zh": "送花"}],
    }  # fmt: skip
    answer = ask("put", "/cases/rules", wanted)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["hours"]["high"] == 1.5
    assert [one["key"] for one in told["reasons"] if not one["is_retired"]] == ["flowers"]
    wrong = ask("put", "/cases/rules", {**wanted, "week": ["9"] * 7})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "cases.hours")
    assert ask("get", "/cases/figures").json()["close"]["state"] == "too_few"
