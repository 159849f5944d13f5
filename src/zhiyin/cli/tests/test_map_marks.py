"""`zhiyin journey mark`: a mark from the command line, from its making to its removal."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.maps import actions
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.measure.tests.planting import nps_answers, plant
from zhiyin.warehouse.owner import Owner

IN_LIST = {
    "map", "number", "kind", "title", "says", "status", "is_open", "node", "touchpoint", "owner",
    "contributors", "due_on", "is_overdue", "votes", "comments", "evidence", "revision", "made_by",
    "made_at", "changed_at",
}  # fmt: skip


@pytest.fixture
def trip(data: Path) -> None:
    """The map trip, forty answers and a customer's words; Ben works here too."""
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL)
    person = Person.objects.create(login="ben")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=Role.TEAM_LEADER)
    with Owner(data) as log:
        answers = nps_answers(20, 10, 10)
        named = [{**one, "customer": f"c{n}"} for n, one in enumerate(answers)]
        plant(log, "main", "answers", named)
        plant(log, "main", "verbatims", [{"customer": "c1", "text": "An hour!", "question": "why"}])


def test_a_mark_from_its_making_to_its_removal(zhiyin: Zhiyin, trip: None) -> None:
    mark = ("journey", "mark")
    made = zhiyin(
        *mark, "add", "trip", "pay", "The queue", "--owner", "ben", "--contributor", "ana",
        "--contributor", "ben", "--due", "2020-01-31", "--figure", "metric=nps&by=unit",
        "--row", "0", "--link", "https://example.com/a",
    )  # fmt: skip
    assert made.keys() == IN_LIST
    assert made.items() >= {
        "map": "trip", "number": 1, "kind": "problem", "title": "The queue", "owner": "ben",
        "contributors": ["ana", "ben"], "due_on": "2020-01-31", "is_overdue": True, "evidence": 3,
    }.items()  # fmt: skip
    shown = zhiyin(*mark, "show", "trip", "1")
    assert shown.keys() == IN_LIST | {"voters", "history"}
    figure, words, link = shown["evidence"]
    assert (figure["metric"], figure["value"], figure["n"], figure["change"]) == (
        "nps", 25.0, 40, None,
    )  # fmt: skip
    assert (words["text"], words["question"], words["is_gone"]) == ("An hour!", "why", False)
    assert (link["url"], link["host"]) == ("https://example.com/a", "example.com")
    changed = zhiyin(
        *mark, "change", "trip", "1", "--status", "doing", "--node", "fly", "--owner", "",
        "--due", "", "--no-contributors", "--drop-evidence", str(link["number"]),
        "--link", "https://example.com/b", "--revision", "1",
    )  # fmt: skip
    assert changed.items() >= {
        "status": "doing", "node": "fly", "owner": None, "due_on": None, "contributors": [],
        "title": "The queue", "evidence": 3, "revision": 2,
    }.items()  # fmt: skip
    stale = zhiyin(*mark, "change", "trip", "1", "--title", "x", "--revision", "1", status=1)
    assert stale["error"]["code"] == "pins.changed"
    said = zhiyin(*mark, "comment", "trip", "1", "Since March.")
    assert (said["what"], said["says"], said["by"]) == ("said", "Since March.", "zhiyin")
    assert zhiyin(*mark, "vote", "trip", "1", "--for", "ben")["votes"] == 1
    assert zhiyin(*mark, "vote", "trip", "1", "--for", "ben")["votes"] == 1
    shown = zhiyin(*mark, "show", "trip", "1")
    assert [one["says"] for one in shown["comments"]] == ["Since March."]
    assert shown["voters"] == ["ben"]
    assert {one["what"] for one in shown["history"]} >= {"made", "changed", "evidence", "voted"}
    assert zhiyin(*mark, "vote", "trip", "1", "--for", "ben", "--take-back")["votes"] == 0
    assert zhiyin(*mark, "remove", "trip", "1") == {"map": "trip", "number": 1, "removed": True}
    assert zhiyin(*mark, "show", "trip", "1", status=1)["error"]["code"] == "pins.none"


def test_a_list_is_narrowed(zhiyin: Zhiyin, trip: None) -> None:
    mark = ("journey", "mark")
    zhiyin(*mark, "add", "trip", "pay", "One", "--owner", "ben", "--due", "2020-01-31")
    zhiyin(*mark, "add", "trip", "fly", "Two", "--kind", "suggestion", "--contributor", "ben")
    zhiyin(*mark, "add", "trip", "fly", "Three", "--status", "done", "--says", "The lift")

    def titles(*asked: str) -> list[str]:
        found = zhiyin(*mark, "list", *asked)
        assert all(one.keys() == IN_LIST for one in found["marks"])
        return [one["title"] for one in found["marks"]]

    assert titles() == ["Two", "One"]
    assert titles("--map", "trip", "--status", "all") == ["Three", "Two", "One"]
    assert titles("--kind", "suggestion") == ["Two"]
    assert titles("--node", "pay") == ["One"]
    assert titles("--owner", "ben") == ["One"]
    assert titles("--of", "ben", "--sort", "due") == ["One", "Two"]
    assert titles("--overdue") == ["One"]
    assert titles("--status", "done", "--text", "lift") == ["Three"]
    assert zhiyin(*mark, "list", "--map", "none", status=1)["error"]["code"] == "map.none"
    refused = zhiyin(*mark, "add", "trip", "none", "x", status=1)
    assert refused["error"]["code"] == "pins.node"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_read_tables_in_their_language(
    trip: None, data: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    def said(*asked: str) -> str:
        arguments = ["journey", "mark", *asked, "--data", str(data), "--lang", language]
        assert frame.run(arguments) == 0
        return capsys.readouterr().out

    assert ("Mark 1 is on the map.", "标记 1 已加到地图上。")[language == "zh"] in said(
        "add", "trip", "pay", "The queue", "--due", "2020-01-31", "--figure", "metric=nps"
    )
    listed = said("list")
    assert "2020-01-31 !" in listed
    assert ("problem", "问题点")[language == "zh"] in listed
    said("comment", "trip", "1", "Since March.")
    shown = said("show", "trip", "1")
    assert "trip 1: The queue" in shown
    assert "zhiyin: Since March." in shown
    assert "nps +25.0 [" in shown
