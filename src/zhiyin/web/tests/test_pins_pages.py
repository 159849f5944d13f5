"""Marks on journey maps as people meet them: made, read, changed, voted for, pinned."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Unit, Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.maps import actions, pinning, pins
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.maps.models import Evidence, Pin, PinEvent, Vote
from zhiyin.maps.pin_wanted import Wanted
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER, PLANTED
from zhiyin.web.tests.test_pages import text

TRIP = Map(
    name={"en": "Trip", "zh-Hans": "出行"},
    stages=(Stage("buy", {"en": "Buy"}), Stage("use", {"en": "Use"})),
    lanes=(Lane("own", {"en": "Ours"}),),
    nodes=(
        Node("pay", "buy", "own", {"en": "Payment", "zh-Hans": "支付"}),
        Node("fly", "use", "own", {"en": "Flight"}),
    ),
)
MARKS = "/main/journeys/maps/trip/marks/"
ATTACK = "'\"><img src=x onerror=bad()><script>bad()</script>{{ 4|add:3 }}"


@pytest.fixture
def trip(ana: Person) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=TRIP, keeps=True)


@pytest.fixture
def at_trip(as_ana: Client, trip: None) -> Client:
    """Ana, where there is a map."""
    return as_ana


def made(title: str = "The queue", **more: Any) -> Pin:
    wanted = Wanted(**{"node": "pay", "title": title, **more})
    return pinning.make(by=COMMAND_LINE, workspace=settings_of("main"), key="trip", wanted=wanted)


def works(role: Role, login: str = "", **more: Any) -> Client:
    """Somebody who works in main in this role."""
    person, _is_new = Person.objects.get_or_create(login=login or f"a-{role}")
    workspace = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=workspace, person=person, role=role, **more)
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return unescape(answer.content.decode())


def statuses(client: Client, *paths: str, method: str = "get", **given: Any) -> list[int]:
    return [getattr(client, method)(path, given).status_code for path in paths]


def test_a_mark_is_made_read_changed_and_removed(at_trip: Client) -> None:
    assert "Nothing is pinned to this map yet." in shown(at_trip, MARKS)
    assert 'value="pay" selected' in shown(at_trip, f"{MARKS}new/?node=pay")
    works(Role.TEAM_LEADER, "ben")
    answer = at_trip.post(
        f"{MARKS}new/",
        {
            "node": "pay", "kind": "suggestion", "title": "Open a counter", "says": "At noon.",
            "owner": "ben", "contributors": ["ana", "ben"], "due_on": "2020-01-31",
        },
    )  # fmt: skip
    assert answer.headers["location"] == f"{MARKS}1/"
    page = text(at_trip.get(f"{MARKS}1/"))
    for word in ("Open a counter", "suggestion", "Payment", "At noon.", "overdue since 2020-01-31",
                 "Contributors ana, ben", "Nobody has said anything yet."):  # fmt: skip
        assert word in page, word
    assert "Open a counter" in shown(at_trip, MARKS)
    form = shown(at_trip, f"{MARKS}1/change/")
    assert 'value="ben" checked' in form
    assert 'value="2020-01-31"' in form
    given = {"revision": "1", "node": "fly", "kind": "problem", "title": "Late", "status": "doing"}
    assert at_trip.post(f"{MARKS}1/change/", given).status_code == 302
    held = pins.get("main", "trip", 1)
    assert (held.node, held.kind, held.title, held.status) == ("fly", "problem", "Late", "doing")
    assert (held.owner, held.due_on, held.contributors.count()) == (None, None, 0)
    said = text(at_trip.get(f"{MARKS}1/"))
    assert "Touchpoint: Payment Flight" in said
    assert "ana changed it" in said
    assert "Remove the mark “Late”?" in text(at_trip.get(f"{MARKS}1/remove/"))
    assert Pin.objects.count() == 1, "asking is not removing"
    assert at_trip.post(f"{MARKS}1/remove/").headers["location"] == MARKS
    assert not Pin.objects.exists()


def test_a_form_with_a_mistake_says_it_and_keeps_what_was_written(at_trip: Client) -> None:
    answer = at_trip.post(f"{MARKS}new/", {"node": "pay", "title": " ", "says": "At <noon>."})
    assert answer.status_code == 422
    page = text(answer)
    assert "A mark needs a title of at most 200 characters." in page
    assert "At <noon>." in page
    wrong = {"node": "pay", "title": "x", "due_on": "tomorrow"}
    assert "tomorrow, is not a date" in text(at_trip.post(f"{MARKS}new/", wrong))
    assert not Pin.objects.exists()
    made()
    answer = at_trip.post(f"{MARKS}1/comment/", {"text": "x" * 4_001})
    assert answer.status_code == 422
    assert "A comment has 1 to 4000 characters." in text(answer)
    assert "x" * 4_001 in answer.content.decode()
    given = {"proof": "link", "address": "javascript:bad()"}
    answer = at_trip.post(f"{MARKS}1/evidence/", given)
    assert answer.status_code == 422
    assert "This is no address of a page." in text(answer)
    assert 'value="javascript:bad()"' in answer.content.decode()


def test_of_two_who_change_the_same_the_second_is_shown_what_stands(at_trip: Client) -> None:
    made()
    given = {"node": "pay", "kind": "problem", "revision": "1", "status": "open"}
    assert at_trip.post(f"{MARKS}1/change/", {**given, "title": "Hers"}).status_code == 302
    answer = at_trip.post(f"{MARKS}1/change/", {**given, "title": "His", "says": "Mine."})
    assert answer.status_code == 422
    page = text(answer)
    assert "ana has changed this mark since you opened it." in page
    assert "It now says: Title Hers What it says –" in page
    assert 'name="revision" value="2"' in answer.content.decode()
    assert 'value="His"' in answer.content.decode()
    assert pins.get("main", "trip", 1).title == "Hers"
    again = {**given, "revision": "2", "title": "His"}
    assert at_trip.post(f"{MARKS}1/change/", again).status_code == 302
    assert pins.get("main", "trip", 1).title == "His"


def test_all_who_see_figures_vote_once_and_comment(at_trip: Client) -> None:
    made()
    for role in (Role.VIEWER, Role.TEAM_LEADER, Role.QUALITY_REVIEWER):
        client = works(role)
        page = shown(client, f"{MARKS}1/")
        assert "Vote for it" in page
        assert "Change the mark" not in page
        for _ in range(2):
            assert client.post(f"{MARKS}1/vote/", {"is_for": "1"}).status_code == 302
        assert "Take my vote back" in shown(client, f"{MARKS}1/")
        assert client.post(f"{MARKS}1/comment/", {"text": f"As {role}."}).status_code == 302
    assert Vote.objects.count() == 3
    client.post(f"{MARKS}1/vote/", {"is_for": "0"})
    assert Vote.objects.count() == 2
    page = text(at_trip.get(f"{MARKS}1/"))
    assert "2 votes" in page
    assert "As viewer." in page
    assert statuses(works(Role.AGENT), MARKS, f"{MARKS}1/") == [403, 403]


def test_who_may_not_write_marks_is_told_so(at_trip: Client) -> None:
    made(owner="ana")
    viewer = works(Role.VIEWER)
    assert "New mark" not in shown(viewer, MARKS)
    paths = [f"{MARKS}new/", f"{MARKS}1/change/", f"{MARKS}1/remove/"]
    assert statuses(viewer, *paths) == [403, 403, 403]
    given = {"node": "pay", "title": "x", "proof": "link", "address": "https://example.com/"}
    paths += [f"{MARKS}1/evidence/", f"{MARKS}1/evidence/1/remove/"]
    assert statuses(viewer, *paths, method="post", **given) == [403] * 5
    assert statuses(viewer, "/main/journeys/marks/pin/?figure=metric=nps") == [403]
    for role in (Role.UNIT_MANAGER, Role.ANALYST):
        writer = works(role)
        assert statuses(writer, *paths[:3]) == [200, 200, 200]
        assert writer.post(f"{MARKS}new/", given).status_code == 302
    assert Pin.objects.count() == 3


def test_an_owner_who_writes_no_marks_says_how_far_hers_is(at_trip: Client) -> None:
    ben = works(Role.TEAM_LEADER, "ben")
    made(owner="ben")
    page = shown(ben, f"{MARKS}1/")
    assert "How far it is" in page
    assert "Change the mark" not in page
    assert ben.get(f"{MARKS}1/change/").status_code == 302
    assert ben.post(f"{MARKS}1/change/", {"status": "doing", "revision": "1"}).status_code == 302
    assert pins.get("main", "trip", 1).status == "doing"
    given = {"node": "pay", "title": "Mine", "status": "done", "owner": "ben", "revision": "2"}
    answer = ben.post(f"{MARKS}1/change/", given)
    assert answer.status_code == 422
    assert "not change this one" in text(answer)
    assert pins.get("main", "trip", 1).title == "The queue"


def test_another_workspace_has_none_of_them(client: Client, cleo: Person, log: Owner) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=TRIP)
    made()
    client.force_login(cleo)
    paths = [
        MARKS, f"{MARKS}export/", f"{MARKS}new/", f"{MARKS}1/", f"{MARKS}1/change/",
        f"{MARKS}1/remove/", "/main/journeys/marks/",
    ]  # fmt: skip
    theirs = [path.replace("/main/", "/other/") for path in paths[:-1]]
    assert set(statuses(client, *paths, *theirs)) == {404}
    posts = [f"{MARKS}1/{what}/" for what in ("comment", "vote", "evidence", "change", "remove")]
    theirs = [path.replace("/main/", "/other/") for path in posts]
    assert set(statuses(client, *posts, *theirs, method="post", text="x", is_for="1")) == {404}
    assert Pin.objects.count() == 1
    assert "The queue" not in client.get("/other/journeys/marks/").content.decode()


def test_forms_from_elsewhere_are_refused(at_trip: Client, ana: Person) -> None:
    made()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    paths = [f"{MARKS}new/", "/main/journeys/marks/pin/"]
    paths += [f"{MARKS}1/{what}/" for what in ("comment", "vote", "evidence", "change", "remove")]
    assert set(statuses(strict, *paths, method="post", title="x", node="pay")) == {403}
    assert Pin.objects.count() == 1


def test_what_people_write_is_text(at_trip: Client) -> None:
    made(f"t{ATTACK}", says=f"s{ATTACK}", owner="ana")
    at_trip.post(f"{MARKS}1/comment/", {"text": f"c{ATTACK}"})
    url = "https://example.com/?q=%22%3E<script>bad()</script>"
    assert at_trip.post(
        f"{MARKS}1/evidence/", {"proof": "link", "address": url}
    ).status_code == 302  # fmt: skip
    pages = [
        MARKS, f"{MARKS}1/", f"{MARKS}1/change/", f"{MARKS}1/remove/", "/main/journeys/marks/",
        "/main/journeys/marks/pin/?figure=metric=nps",
    ]  # fmt: skip
    for path in pages:
        raw = at_trip.get(path).content.decode()
        assert "<img" not in raw, path
        assert "<script>bad" not in raw, path
        assert ">bad()" not in raw, path
    page = shown(at_trip, f"{MARKS}1/")
    for start in "tsc":
        assert f"{start}'\"><img" in page, start
    assert 'rel="noopener noreferrer nofollow"' in page
    assert "example.com" in text(at_trip.get(f"{MARKS}1/"))


def test_a_list_is_narrowed_ordered_paged_and_taken_out(at_trip: Client) -> None:
    works(Role.TEAM_LEADER, "ben")
    today = pins.today(settings_of("main"))
    made("=1+1", owner="ben", due_on=today - timedelta(days=1), says="Line one.\nLine two.")
    made("Second", node="fly", kind="suggestion", status="done")
    for number in range(60):
        made(f"More {number}")
    page = shown(at_trip, MARKS)
    assert page.count("More ") == 50
    assert "1 / 2" in page
    assert "=1+1" in shown(at_trip, f"{MARKS}?page=2")
    assert "=1+1" in shown(at_trip, f"{MARKS}?overdue=1&owner=ben")
    assert "More 1" not in shown(at_trip, f"{MARKS}?sort=due&overdue=1")
    said = shown(at_trip, f"{MARKS}?status=done&kind=suggestion&node=fly&q=sec")
    assert "Second" in said
    assert "No mark is like that." in shown(at_trip, f"{MARKS}?q=nowhere")
    wrong = at_trip.get(f"{MARKS}?status=later")
    assert wrong.status_code == 422
    assert "No mark has the status later." in text(wrong)
    taken: Any = at_trip.get(f"{MARKS}export/?as=csv&overdue=1")
    lines = list(csv.DictReader(io.StringIO(taken.getvalue().decode("utf-8-sig"))))
    assert [line["title"] for line in lines] == ["'=1+1"], "text is no formula"
    assert lines[0].items() >= {
        "number": "1", "map": "trip", "touchpoint": "Payment", "owner": "ben", "votes": "0",
        "status": "open", "is_overdue": "true",
    }.items()  # fmt: skip
    book: Any = at_trip.get(f"{MARKS}export/?as=xlsx&status=all")
    sheet = openpyxl.load_workbook(BytesIO(book.getvalue())).active
    assert sheet is not None
    assert sheet.max_row == 63
    assert at_trip.get(f"{MARKS}export/?as=pdf").status_code == 404


def test_mine_and_overdue_over_all_maps(at_trip: Client) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="other", map_=TRIP)
    ben = works(Role.TEAM_LEADER, "ben")
    today = pins.today(settings_of("main"))
    assert "You own no such mark and contribute to none." in shown(ben, "/main/journeys/marks/")
    assert "Nothing is overdue." in shown(ben, "/main/journeys/marks/?whose=overdue")
    made("Hers", owner="ana", due_on=today - timedelta(days=2))
    made("His", owner="ben")
    pinning.make(
        by=COMMAND_LINE, workspace=settings_of("main"), key="other",
        wanted=Wanted("fly", "Helped", contributors=("ben",)),
    )  # fmt: skip
    made("Over", owner="ben", status="done")
    page = shown(ben, "/main/journeys/marks/")
    assert [word in page for word in ("His", "Helped", "Hers", "Over<")] == [
        True, True, False, False,
    ]  # fmt: skip
    page = shown(ben, "/main/journeys/marks/?whose=overdue")
    assert [word in page for word in ("Hers", "Helped")] == [True, False]
    page = shown(ben, "/main/journeys/marks/?whose=all&status=all&q=ov")
    assert "Over</a>" in page


def test_a_figure_is_pinned_from_where_it_is_shown(with_sample: Client, trip: None) -> None:
    page = shown(with_sample, "/main/scores/?metric=nps&by=touchpoint")
    assert "/main/journeys/marks/pin/?figure=metric%3Dnps" in page
    asked = "/main/journeys/marks/pin/"
    figure = {"figure": "metric=nps&by=touchpoint"}
    form = shown(with_sample, f"{asked}?figure=metric%3Dnps%26by%3Dtouchpoint")
    assert "new:pay" in form
    assert with_sample.post(asked, figure).status_code == 422
    given = {**figure, "map": "trip", "to": "new:pay", "title": "Low", "dates": "last-365"}
    answer = with_sample.post(asked, given)
    assert answer.headers["location"] == f"{MARKS}1/#evidence"
    kept = Evidence.objects.get().says["query"]
    assert "period=last-365" in kept
    assert "by=touchpoint" not in kept
    again = {"figure": "metric=csat", "map": "trip", "to": "1"}
    assert with_sample.post(asked, again).status_code == 302
    assert pins.counted(pins.get("main", "trip", 1), "proofs") == 2
    page = text(with_sample.get(f"{MARKS}1/"))
    assert "Net Promoter Score" in page
    assert "n " in page
    for wrong in ({"figure": "metric=none"}, {**again, "to": "9"}, {**again, "to": "new:none"}):
        assert with_sample.post(asked, wrong).status_code == 422
    assert Pin.objects.count() == 1


def test_words_are_pinned_and_masked_and_gone(planted: Owner, client: Client, trip: None) -> None:
    client.force_login(Person.objects.get(login="ana"))
    asked = {"question": "why", "metric": "text", "answer_state": "answered", "customer": HER}
    same = dict.fromkeys(("id", "response"), PLANTED["response"])
    rows(planted, "answers", {**asked, **same})
    page = shown(client, "/main/responses/")
    assert 'formaction="/main/journeys/marks/pin/"' in page
    row = int(page.partition('name="row" value="')[2].partition('"')[0])
    form = shown(client, f"/main/journeys/marks/pin/?row={row}")
    assert "Third late bag" in form
    given = {"row": str(row), "map": "trip", "to": "new:pay", "title": "Bags"}
    assert client.post("/main/journeys/marks/pin/", given).status_code == 302
    assert Evidence.objects.get().says == {"row": row}
    assert "13766601235" in shown(client, f"{MARKS}1/")
    blind = works(Role.VIEWER, "mira", sees_personal_data=False)
    seen = shown(blind, f"{MARKS}1/")
    assert "Third late bag" in seen
    assert "13766601235" not in seen
    assert "137****1235" in seen
    for wrong in ("999999", "x", "9" * 30):
        answer = client.get(f"/main/journeys/marks/pin/?row={wrong}")
        assert answer.status_code == 422
        assert "not for you to see" in text(answer)


def test_a_member_of_a_branch_sees_marks_and_the_figures_of_her_branch(
    client: Client, ana: Person, log: Owner, trip: None
) -> None:
    for key, parent in (("all", ""), ("north", "all"), ("south", "all")):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=key, parent=parent)
    asked = {"question": "q", "metric": "csat", "scale_min": 1.0, "scale_max": 5.0,
             "answer_state": "answered"}  # fmt: skip
    answers = [
        {**asked, "id": f"{unit}{n}", "customer": f"{unit}{n}", "unit": unit, "score": score}
        for unit, score in (("north", 5.0), ("south", 1.0))
        for n in range(40)
    ]
    rows(log, "answers", *answers)
    pinning.make(
        by=COMMAND_LINE, workspace=settings_of("main"), key="trip", wanted=Wanted("pay", "Low"),
        log=log, proofs=[pinning.Proof("figure", "metric=csat")],
    )  # fmt: skip
    client.force_login(ana)
    assert "n 80" in text(client.get(f"{MARKS}1/"))
    assert "50.0% " in text(client.get(f"{MARKS}1/"))
    nora = works(Role.UNIT_MANAGER, "nora", unit=Unit.objects.get(key="north"))
    page = text(nora.get(f"{MARKS}1/"))
    assert "n 40" in page
    assert "100.0%" in page
    assert nora.post(f"{MARKS}new/", {"node": "pay", "title": "Ours"}).status_code == 302


def test_the_page_of_a_touchpoint_lists_its_marks_and_takes_another(at_trip: Client) -> None:
    made("The queue")
    made("Gone", status="done")
    made("Elsewhere", node="fly")
    page = shown(at_trip, "/main/journeys/maps/trip/touchpoints/pay/")
    assert [word in page for word in ("The queue", "Gone", "Elsewhere")] == [True, False, False]
    assert f'action="{MARKS}new/"' in page
    viewer = works(Role.VIEWER)
    page = shown(viewer, "/main/journeys/maps/trip/touchpoints/pay/")
    assert f'action="{MARKS}1/vote/"' in page
    assert f'action="{MARKS}new/"' not in page


def test_pages_are_in_chinese_too(at_trip: Client) -> None:
    made("排队一小时", owner="ana")
    at_trip.cookies["zhiyin_language"] = "zh-hans"
    page = text(at_trip.get(f"{MARKS}1/"))
    for word in ("问题点", "支付", "负责人", "评论", "投票支持"):
        assert word in page, word
    assert PinEvent.objects.exists()
