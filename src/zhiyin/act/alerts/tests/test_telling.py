"""Who is told of what, when, in which words: by mail through a real server, and in a group.

Wrong programs that this catches: one that tells a team leader of the south what was said in the
north; one that sends a telephone number to a group; one that tells twice, or at night.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts import mail
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Mail, Membership, Person, Role, Unit, Work, Workspace
from zhiyin.act.alerts import actions, due, fired, telling, watching
from zhiyin.act.alerts.conditions import Measured, Verbatim
from zhiyin.act.alerts.models import Notice
from zhiyin.act.alerts.tests.saying import ANGRY, rule, say, scored
from zhiyin.act.channels import actions as channels
from zhiyin.act.channels import outbox
from zhiyin.act.channels.actions import Wanted
from zhiyin.act.channels.tests.desks import Desk
from zhiyin.collect.reaching.tests.boxes import served
from zhiyin.maps import actions as maps
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.unify import places
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id

ANGER = Verbatim(where="emotion = 'anger'")


def watch_and_tell(log: Owner, **later: float) -> dict[str, int]:
    watching.watch(log, "main")
    return tell(log, **later)


def tell(log: Owner, **later: float) -> dict[str, int]:
    at = timezone.now() + timedelta(**later)
    return telling.tell(log, "main", now=lambda: at)


def group(desk: Desk) -> None:
    wanted = Wanted("Team", "wecom", desk.at("/cgi-bin/webhook/send?key=k"), language="zh-hans")
    channels.add(by=COMMAND_LINE, workspace="main", key="team", wanted=wanted)


def test_an_angry_customer_reaches_ben_by_a_real_mail_server(
    log: Owner, settings: DjangoSettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with served(settings) as box:
        rule(log, ANGER, people=["ben"], severity="urgent")
        say(log, {})
        assert watch_and_tell(log) == {"letters": 1, "messages": 0}
        assert mail.send_waiting() == 1
        (letter,) = box.to("ben@example.com")
    assert letter.letter["Subject"] == "[urgent] Angry about refunds · refund"
    assert ANGRY in letter.plain, "he sees personal data"
    assert "At the touchpoint refund, by app." in letter.plain
    assert "The rule looks for a clause with: emotion = 'anger'." in letter.plain
    assert "https://cx.example.com/main/alerts/1/" in letter.plain
    assert tell(log) == {"letters": 0, "messages": 0}, "once"


def test_mei_reads_chinese_sees_no_numbers_and_her_part_alone(log: Owner) -> None:
    rule(log, ANGER, roles=["team_leader"])
    say(log, {}, {"unit": "south"})
    watch_and_tell(log)
    (letter,) = Mail.objects.all()
    assert letter.to == "mei@example.com"
    assert letter.subject == "[需关注] Angry about refunds · refund"
    assert "138****5678" in letter.body
    assert "13812345678" not in letter.body
    assert "客户写道" in letter.body
    assert letter.body.count("/main/alerts/") == 1, "not of the south"
    assert sorted(Notice.objects.values_list("alert__number", "why_not")) == [
        (1, ""), (2, "no_right"),
    ]  # fmt: skip


def test_a_figure_of_the_whole_is_not_told_to_who_sees_a_part(log: Owner) -> None:
    scored(log, -52, -10, 0.8, seed=1)
    scored(log, -10, 0, 0.3, seed=2, name="b")
    since = timezone.now() - timedelta(days=10)
    falls = Measured("csat", days=14)
    rule(log, falls, since=since, people=["ben", "mei"], name="CSAT falls")
    watch_and_tell(log)
    (letter,) = Mail.objects.all()
    assert letter.to == "ben@example.com"
    assert "Customer satisfaction (CSAT) was" in letter.body
    assert "It is watched" not in letter.body
    assert "(e-value)" in letter.body
    rule(log, falls, since=since, people=["mei"], name="CSAT of the north", unit="north")
    watch_and_tell(log)
    assert Mail.objects.filter(to="mei@example.com").count() == 1


def test_a_group_is_told_with_numbers_masked_and_a_link(log: Owner, desk: Desk) -> None:
    group(desk)
    rule(log, ANGER, channels=["team"])
    say(log, {})
    assert watch_and_tell(log) == {"letters": 0, "messages": 1}
    assert outbox.send_due(log, "main")["sent"] == 1
    ((_path, _headers, said),) = desk.taken
    content = said["markdown"]["content"]
    assert "138\\*\\*\\*\\*5678" in content
    assert "13812345678" not in json.dumps(said, ensure_ascii=False)
    assert "触点" in content
    assert "(https://cx.example.com/main/alerts/1/)" in content


def test_many_at_once_are_one_letter_and_one_message(log: Owner, desk: Desk) -> None:
    group(desk)
    rule(log, ANGER, channels=["team"], people=["ben"])
    say(log, *[{} for _ in range(60)])
    assert watch_and_tell(log) == {"letters": 1, "messages": 1}
    outbox.send_due(log, "main")
    assert len(desk.taken) == 1
    assert "60" in desk.taken[0][2]["markdown"]["content"]
    letter = Mail.objects.get()
    assert letter.subject == "60 alerts"
    assert "… and 10 more." in letter.body


def test_what_was_erased_is_told_without_its_words(log: Owner, desk: Desk) -> None:
    group(desk)
    rule(log, ANGER, channels=["team"], people=["ben"])
    say(log, {})
    watching.watch(log, "main")
    log.undo("main", log.imports("main")[0].import_id)
    tell(log)
    outbox.send_due(log, "main")
    assert "气死" not in json.dumps(desk.taken[0][2], ensure_ascii=False)
    assert "not there any more" in Mail.objects.get().body


def test_an_erased_customers_name_is_hidden_in_the_notes_of_alerts(
    log: Owner, tmp_path: Path
) -> None:
    """Would catch a note that names her for ever."""
    rule(log, ANGER)
    say(log, {}, {})
    watching.watch(log, "main")
    for number, note in ((1, "As C-1 wrote before."), (2, "A joke of C-12.")):
        actions.dismiss(by=COMMAND_LINE, workspace="main", number=number, reason="known", note=note)
    her = Her("main", tmp_path, (Id("customer", "C-1"),), (1,), (), "gone")
    (eraser,) = (one for holding, one in places.of_customers() if holding.place == "alerts.Alert")
    assert [one["alert"] for one in eraser.show(her)] == [1]
    assert [eraser.erase(her) for _again in range(2)] == [1, 0]
    notes = fired.of("main").order_by("number").values_list("note", flat=True)
    assert list(notes) == ["As **** wrote before.", "A joke of C-12."]


def test_the_owner_of_the_touchpoint_is_told(log: Owner) -> None:
    shop = Map(
        name={"en": "Shop"}, stages=(Stage("after"),), lanes=(Lane("own"),),
        nodes=(Node("refund", "after", "own", {"en": "Refund"}, owner="ben"),),
    )  # fmt: skip
    maps.create(by=COMMAND_LINE, workspace="main", key="shop", map_=shop, keeps=True)
    rule(log, ANGER, to_owner=True)
    say(log, {}, {"touchpoint": "check-in"})
    watch_and_tell(log)
    assert list(Notice.objects.values_list("person__login", flat=True)) == ["ben"]


def test_a_rule_that_rests_tells_nobody_and_goes_on_watching(log: Owner) -> None:
    made = rule(log, ANGER, people=["ben"])
    until = timezone.now() + timedelta(days=1)
    actions.snooze(by=COMMAND_LINE, workspace="main", number=made.number, until=until)
    say(log, {})
    watch_and_tell(log)
    assert fired.of("main").count() == 1
    assert not Mail.objects.exists()
    actions.snooze(by=COMMAND_LINE, workspace="main", number=made.number, until=None)
    say(log, {})
    watch_and_tell(log)
    assert Mail.objects.count() == 1


def test_a_digest_waits_for_its_hour_and_night_for_morning(log: Owner) -> None:
    soon = (timezone.now() + timedelta(hours=2)).astimezone(ZoneInfo("Asia/Shanghai"))
    rule(log, ANGER, people=["ben"], pace="daily", hour=soon.hour)
    say(log, {}, {})
    assert watch_and_tell(log) == {"letters": 0, "messages": 0}
    assert tell(log, hours=2) == {"letters": 1, "messages": 0}
    assert Mail.objects.get().subject == "2 alerts"


def test_who_left_or_has_no_address_is_told_nothing(log: Owner) -> None:
    rule(log, ANGER, people=["ben", "mei"])
    say(log, {})
    watching.watch(log, "main")
    Membership.objects.filter(person__login="ben").delete()
    Person.objects.filter(login="mei").update(email="")
    assert tell(log) == {"letters": 0, "messages": 0}
    assert sorted(Notice.objects.values_list("why_not", flat=True)) == ["no_address", "no_right"]


def test_the_job_that_watches_asks_for_the_telling(log: Owner) -> None:
    rule(log, ANGER, people=["ben"])
    say(log, {})
    watching.watch(log, "main")
    assert Work.objects.filter(kind="tell-alerts").count() == 1


@pytest.mark.parametrize(
    ("now", "more", "expected"),
    [
        ("2026-03-10 10:00", {"pace": "at_once"}, "2026-03-10 10:00"),
        ("2026-03-10 23:00", {"pace": "at_once", "quiet_hours": "21:00-08:00"}, "2026-03-11 08:00"),
        ("2026-03-10 08:59", {"pace": "daily", "hour": 9}, "2026-03-10 09:00"),
        ("2026-03-10 09:00", {"pace": "daily", "hour": 9}, "2026-03-10 09:00"),
        ("2026-03-10 09:01", {"pace": "daily", "hour": 9}, "2026-03-11 09:00"),
        ("2026-03-10 09:01", {"pace": "weekly", "hour": 9, "weekday": 0}, "2026-03-16 09:00"),
        ("2026-03-10 10:00", {"pace": "daily", "hour": 6, "quiet_hours": "21:00-08:00"},
         "2026-03-11 08:00"),
        # Clocks go forward over this hour in Berlin.
        ("2026-03-29 01:30", {"pace": "daily", "hour": 2}, None),
    ],
)  # fmt: skip
def test_when_somebody_is_told(now: str, more: dict[str, object], expected: str | None) -> None:
    zone = "Europe/Berlin" if expected is None else "Asia/Shanghai"
    local = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC).replace(tzinfo=None)
    found = due.at(moment, zone, **more)  # type: ignore[arg-type]
    assert found >= moment
    if expected is not None:
        told = found.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert f"{told:%Y-%m-%d %H:%M}" == expected
    else:
        assert found - moment <= timedelta(hours=26)


def test_other_workspaces_are_not_told(log: Owner) -> None:
    other = Workspace.objects.get(slug="other")
    Unit.objects.create(workspace=other, key="north", name="North")
    eve = Person.objects.create(login="eve", email="eve@example.com")
    Membership.objects.create(workspace=other, person=eve, role=Role.ADMIN)
    rule(log, ANGER, roles=["admin"])
    say(log, {})
    watch_and_tell(log)
    assert not Mail.objects.exists()
