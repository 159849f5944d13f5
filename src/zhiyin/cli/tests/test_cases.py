"""`zhiyin case`: a case from the command line, from its opening to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.measure.tests.planting import plant
from zhiyin.warehouse.owner import Owner

IN_LIST = {
    "number", "kind", "key", "title", "status", "is_open", "severity", "owner", "unit",
    "touchpoint", "reason", "opened_by", "opened_at", "due_at", "is_overdue", "first_response_at",
    "closed_at", "version",
}  # fmt: skip


@pytest.fixture
def said(data: Path) -> None:
    """A customer's words; Ben is an agent here."""
    person = Person.objects.create(login="ben")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=Role.AGENT)
    with Owner(data) as log:
        row = {"customer": "c1", "text": "An hour!", "touchpoint": "desk", "unit": "north"}
        plant(log, "main", "verbatims", [row])


def test_a_case_from_its_opening_to_its_end(zhiyin: Zhiyin, said: None) -> None:
    made = zhiyin("case", "open", "verbatim", "0")
    assert made.keys() == IN_LIST | {"is_new"}
    assert made.items() >= {
        "number": 1, "kind": "verbatim", "title": "desk", "status": "new", "unit": "north",
        "owner": None, "is_new": True,
    }.items()  # fmt: skip
    assert zhiyin("case", "open", "verbatim", "0")["is_new"] is False
    assert zhiyin("case", "take", "1", "--for", "ben")["status"] == "taken"
    assert zhiyin("case", "note", "1", "Asked the desk.")["says"] == "Asked the desk."
    assert zhiyin("case", "tell", "1", "Sorry.", "--by", "phone")["after"] == {"channel": "phone"}
    assert zhiyin("case", "status", "1", "waiting")["due_at"] is None
    changed = zhiyin("case", "change", "1", "--severity", "low", "--title", "The desk")
    assert (changed["severity"], changed["title"]) == ("low", "The desk")
    (listed,) = zhiyin("case", "list", "--owner", "ben")["cases"]
    assert listed.keys() == IN_LIST
    done = zhiyin("case", "status", "1", "done", "--reason", "explained", "--note", "She knows.")
    assert (done["is_open"], done["reason"]) == (False, "explained")
    assert zhiyin("case", "list")["cases"] == []
    whole = zhiyin("case", "show", "1")
    assert whole["subject"]["words"]["text"] == "An hour!"
    assert [one["what"] for one in whole["history"]] == [
        "opened", "assigned", "told", "noted", "wrote", "moved", "changed", "moved",
    ]  # fmt: skip
    assert whole["steps"] == ["taken"]
    assert zhiyin("case", "remind") == {"letters": 0}
    assert zhiyin("case", "figures")["close"]["state"] == "too_few"


def test_what_cannot_be_is_refused(zhiyin: Zhiyin, said: None) -> None:
    def code(*asked: str) -> str:
        return str(zhiyin("case", *asked, status=1)["error"]["code"])

    assert code("show", "1") == "cases.none"
    assert code("open", "verbatim", "77") == "cases.no-subject"
    assert code("open", "mark", "trip/1") == "cases.no-subject"
    assert code("open", "verbatim", "0", "--owner", "cleo") == "people.no-such-member"
    zhiyin("case", "open", "verbatim", "0")
    assert code("status", "1", "done") == "cases.step"
    assert code("assign", "1", "ben", "--version", "9") == "cases.changed"


def test_rules_are_shown_and_changed(zhiyin: Zhiyin, data: Path) -> None:
    assert zhiyin("case", "rules")["week"] == ["09:00-18:00"] * 5 + ["", ""]
    told = zhiyin(
        "case", "rules", "--day", "sat=10:00-14:00", "--hours", "high=2", "--no-holidays",
        "--add-reason", "Sent flowers", "已送花", "--retire-reason", "praise",
    )  # fmt: skip
    assert told["week"][5] == "10:00-14:00"
    assert (told["hours"]["high"], told["has_holidays"]) == (2, False)
    assert told["reasons"][-1]["key"] == "sent_flowers"
    assert {one["key"] for one in told["reasons"] if one["is_retired"]} == {"praise"}
    assert zhiyin("case", "rules") == told
    assert zhiyin("case", "rules", "--day", "mon=9", status=1)["error"]["code"] == "cases.hours"
    wrong = zhiyin("case", "rules", "--hours", "dire=9", status=1)
    assert wrong["error"]["code"] == "cases.severity"
    wrong = zhiyin("case", "rules", "--hours", "low=x", status=1)
    assert wrong["error"]["code"] == "cases.severity-hours"


def test_people_read_it(data: Path, said: None, capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (
        ("open", "verbatim", "0"), ("list",), ("show", "1"), ("rules",), ("figures",),
        ("take", "1", "--for", "ben"),
    ):  # fmt: skip
        assert frame.run(["case", *asked, "--data", str(data)]) == 0
    said_ = capsys.readouterr().out
    assert "Case 1 is open." in said_
    assert "An hour!" in said_
    assert "explained: Explained to the customer / 已向客户解释说明" in said_
    assert "Case 1: taken." in said_
