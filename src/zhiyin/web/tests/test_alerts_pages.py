"""The pages of alerts, their rules and channels: used as a person does, in her part, in Chinese."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Unit, Workspace
from zhiyin.act.alerts import fired, rules, watching
from zhiyin.act.alerts.conditions import Growing, Leaving
from zhiyin.act.alerts.models import Rule
from zhiyin.act.alerts.tests.saying import say
from zhiyin.act.channels.models import Channel, Delivery
from zhiyin.kernel import outbound
from zhiyin.listen.themes.models import Theme
from zhiyin.maps import actions as maps
from zhiyin.maps.tests.crowd import SHOP
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.any_store

ANGRY = {"kind": "verbatim", "name": "Angry words", "where": "emotion = 'anger'",
         "severity": "urgent", "pace": "at_once", "hour": "9", "weekday": "0"}  # fmt: skip


@pytest.fixture
def north(ana: Person) -> Unit:
    units.add(by=COMMAND_LINE, workspace="main", key="north", name="North")
    return Unit.objects.get(key="north")


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def fire(client: Client, log: Owner) -> None:
    """Ana's rule, and an angry customer of the north and one of the south."""
    assert client.post("/main/alerts/rules/new/", ANGRY).status_code == 302
    say(log, {}, {"unit": "south", "text": "气死南边了"})
    assert watching.watch(log, "main")["alerts"] == 2


def test_a_rule_is_begun_rehearsed_saved_changed_switched_and_removed(
    as_ana: Client, log: Owner
) -> None:
    assert "No rule watches anything yet." in body(as_ana, "/main/alerts/")
    assert "kind=verbatim" in body(as_ana, "/main/alerts/rules/")
    for kind in ("answer", "verbatim", "measure", "often", "theme", "leaving"):
        assert "Who is told, and when" in body(as_ana, f"/main/alerts/rules/new/?kind={kind}")
    rehearsed = as_ana.post("/main/alerts/rules/new/", {**ANGRY, "do": "rehearse"})
    assert "would have fired 0 times" in rehearsed.content.decode()
    assert not Rule.objects.exists()
    wrong = as_ana.post("/main/alerts/rules/new/", {**ANGRY, "where": "mood = 'bad'"})
    assert wrong.status_code == 422
    assert "Angry words" in wrong.content.decode(), "what was typed is kept"
    as_ana.post("/main/alerts/rules/new/", {**ANGRY, "people": ["ana"], "quiet": "21:00-08:00"})
    held = rules.get("main", 1)
    assert (held.severity, held.quiet, held.recipients.count()) == ("urgent", "21:00-08:00", 1)
    page = body(as_ana, "/main/alerts/rules/1/")
    assert "emotion = &#x27;anger&#x27;" in page
    assert 'value="ana" checked' in page
    as_ana.post("/main/alerts/rules/1/", {**ANGRY, "text": "退款"})
    assert rules.get("main", 1).version == 2
    as_ana.post("/main/alerts/rules/1/switch/", {"is_on": "0"})
    assert "Switch on" in body(as_ana, "/main/alerts/rules/")
    assert "Keep it" in body(as_ana, "/main/alerts/rules/1/remove/")
    as_ana.post("/main/alerts/rules/1/remove/")
    assert not Rule.objects.exists()
    assert as_ana.get("/main/alerts/rules/1/").status_code == 404


def test_themes_and_touchpoints_are_chosen_in_the_form(as_ana: Client, log: Owner) -> None:
    main = Workspace.objects.get(slug="main")
    today = timezone.now()
    Theme.objects.create(workspace=main, number=1, words_en=["drip", "vent"], words_zh=["滴水"],
                         found_at=today, first_said_on=today.date())  # fmt: skip
    maps.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SHOP, keeps=True)
    usual = {**ANGRY, "where": "", "days": "14", "least": ""}
    page = body(as_ana, "/main/alerts/rules/new/?kind=theme")
    assert "drip · vent" in page
    as_ana.post("/main/alerts/rules/new/", {**usual, "kind": "theme", "theme": "1"})
    assert rules.condition_of(rules.get("main", 1)) == Growing(theme=1, days=14)
    assert '<option value="1" selected' in body(as_ana, "/main/alerts/rules/1/")
    place = SHOP.nodes[0].id
    assert f'value="trip/{place}"' in body(as_ana, "/main/alerts/rules/new/?kind=leaving")
    asked = {**usual, "kind": "leaving", "place": f"trip/{place}", "direction": "up"}
    as_ana.post("/main/alerts/rules/new/", {**asked, "target": "30"})
    held = rules.condition_of(rules.get("main", 2))
    assert held == Leaving("trip", place, target=30.0, days=14)
    assert f'value="trip/{place}" selected' in body(as_ana, "/main/alerts/rules/2/")
    wrong = as_ana.post("/main/alerts/rules/new/", {**asked, "place": ""})
    assert wrong.status_code == 422


def test_an_alert_says_why_is_dismissed_and_opened_again(as_ana: Client, log: Owner) -> None:
    fire(as_ana, log)
    listed = body(as_ana, "/main/alerts/")
    assert "退款太慢" in listed
    assert listed.count("/main/alerts/1/") == 1
    page = body(as_ana, "/main/alerts/1/")
    assert "13812345678" in page
    assert "Why it fired" in page
    assert "emotion = &#x27;anger&#x27;" in page
    as_ana.post("/main/alerts/1/dismiss/", {"reason": "not_justified", "note": "a joke"})
    assert "a joke" in body(as_ana, "/main/alerts/1/")
    again = as_ana.post("/main/alerts/1/dismiss/", {"reason": "known"})
    assert again.status_code == 422
    as_ana.post("/main/alerts/2/note/")
    assert "[" in body(as_ana, "/main/alerts/?status=closed").partition("not justified:")[2]
    assert "No alert is open." in body(as_ana, "/main/alerts/")
    as_ana.post("/main/alerts/1/reopen/")
    as_ana.post("/main/alerts/1/rest/", {"days": "7"})
    assert rules.get("main", 1).snoozed_until is not None
    assert "Tell again" in body(as_ana, "/main/alerts/1/")
    assert as_ana.get("/main/alerts/?status=loud").status_code == 422
    assert as_ana.get("/main/alerts/99/").status_code == 404


def test_a_long_list_has_pages(as_ana: Client, log: Owner) -> None:
    as_ana.post("/main/alerts/rules/new/", ANGRY)
    say(log, *[{} for _ in range(53)])
    watching.watch(log, "main")
    assert "1 / 2" in body(as_ana, "/main/alerts/")
    assert body(as_ana, "/main/alerts/?page=2").count('scope="row"') == 3


def test_who_sees_the_north_without_personal_data_sees_that(
    as_ana: Client, log: Owner, north: Unit
) -> None:
    fire(as_ana, log)
    mei = Person.objects.create(login="mei")
    main = Workspace.objects.get(slug="main")
    Membership.objects.create(
        workspace=main, person=mei, role=Role.ANALYST, unit=north, sees_personal_data=False
    )
    hers = Client()
    hers.force_login(mei)
    listed = body(hers, "/main/alerts/")
    assert "南边" not in listed
    assert "138****5678" in listed
    assert "13812345678" not in listed + body(hers, "/main/alerts/1/")
    assert hers.get("/main/alerts/2/").status_code == 404
    for act in ("note", "dismiss", "reopen", "rest"):
        assert hers.post(f"/main/alerts/2/{act}/", {"reason": "known"}).status_code == 404
    assert hers.get("/main/alerts/rules/1/").status_code == 404
    refused = hers.post("/main/alerts/rules/new/", ANGRY)
    assert refused.status_code == 422
    assert hers.post("/main/alerts/rules/new/", {**ANGRY, "unit": "north"}).status_code == 302
    searched = hers.post("/main/alerts/rules/new/", {**ANGRY, "unit": "north", "text": "138"})
    assert searched.status_code == 422
    assert hers.get("/main/channels/").status_code == 403


def test_a_viewer_looks_and_changes_nothing(as_ana: Client, log: Owner) -> None:
    fire(as_ana, log)
    vic = Person.objects.create(login="vic")
    main = Workspace.objects.get(slug="main")
    Membership.objects.create(workspace=main, person=vic, role=Role.VIEWER)
    his = Client()
    his.force_login(vic)
    page = body(his, "/main/alerts/1/")
    assert "Take note of it" not in page
    assert "13812345678" not in page, "who customers are is not for him"
    assert his.post("/main/alerts/1/note/").status_code == 403
    assert fired.get("main", 1).status == "open"


def test_a_channel_is_added_tested_switched_and_removed(
    as_ana: Client, log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outbound.ALLOW, "127.0.0.1")
    assert "There is no channel yet." in body(as_ana, "/main/channels/")
    for kind in ("wecom", "dingtalk", "feishu", "slack", "webhook"):
        body(as_ana, f"/main/channels/new/?kind={kind}")
    given = {"kind": "webhook", "key": "hook", "name": "Our hook",
             "address": "http://127.0.0.1:18999/private"}  # fmt: skip
    made = as_ana.post("/main/channels/new/", given)
    assert "whsec_" in made.content.decode()
    page = body(as_ana, "/main/channels/hook/")
    assert "whsec_" not in page
    assert "private" not in page
    as_ana.post("/main/channels/hook/act/", {"do": "test"})
    assert "waiting" in body(as_ana, "/main/channels/hook/")
    number = Delivery.objects.get().pk
    assert as_ana.post(f"/main/channels/deliveries/{number}/replay/").status_code == 422
    Delivery.objects.update(state="dead", next_try_at=None)
    assert as_ana.post(f"/main/channels/deliveries/{number}/replay/").status_code == 302
    as_ana.post("/main/channels/hook/act/", {"do": "off"})
    assert as_ana.post("/main/channels/hook/act/", {"do": "test"}).status_code == 422
    as_ana.post("/main/channels/hook/", {"name": "Renamed"})
    assert Channel.objects.get().name == "Renamed"
    assert as_ana.post("/main/channels/new/", {**given, "key": "Hook 2"}).status_code == 422
    as_ana.post("/main/channels/hook/remove/")
    assert not Channel.objects.exists()


def test_every_page_speaks_chinese(as_ana: Client, log: Owner) -> None:
    fire(as_ana, log)
    as_ana.post("/language/", {"language": "zh-hans"})
    for address, says in (
        ("/main/alerts/", "预警"),
        ("/main/alerts/1/", "触发原因"),
        ("/main/alerts/rules/", "预警规则"),
        ("/main/alerts/rules/new/?kind=often", "计数对象"),
        ("/main/alerts/rules/1/remove/", "删除规则"),
        ("/main/channels/", "通知渠道"),
        ("/main/channels/new/", "企业微信群机器人"),
    ):
        assert says in body(as_ana, address), address
