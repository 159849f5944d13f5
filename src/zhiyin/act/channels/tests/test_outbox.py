"""Messages through a real HTTP server: signed, paced, tried again, given up, replayed, told once.

Wrong programs that this catches: one that takes errcode 45009 for success because HTTP said 200;
one that asks a robot more than 20 times a minute; one that goes on sending to a place that is
gone; one that keeps the words of customers in its store.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Work, Workspace
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.channels import actions, kept, outbox, retries, writing
from zhiyin.act.channels.actions import Wanted
from zhiyin.act.channels.models import Attempt, Channel, Delivery
from zhiyin.act.channels.tests.desks import HOOK_SECRET, ROBOT_SECRET, Desk
from zhiyin.act.channels.writing import Words
from zhiyin.kernel import outbound
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.owner import Owner

PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=k",
    "dingtalk": "/robot/send?access_token=t",
    "feishu": "/open-apis/bot/v2/hook/x",
    "slack": "/services/T/B/X",
    "webhook": "/hook",
}
SECRETS = {"dingtalk": ROBOT_SECRET, "feishu": ROBOT_SECRET, "webhook": HOOK_SECRET}

NOTED = "test.noted"


@pytest.fixture(autouse=True)
def words() -> None:
    """A room of the test's own, which tells what it was asked to."""

    def told(_log: Any, _settings: Settings, abouts: Sequence[Any]) -> Words | None:
        said = [str(about["n"]) for about in abouts if about["n"] != "erased"]
        return Words(f"{len(said)}: {','.join(said)}", said) if said else None

    writing.write_with(NOTED, told)


class Clock:
    """Goes when it is told to; ahead of what is put in meanwhile, however slow the machine."""

    def __init__(self) -> None:
        self.at = timezone.now() + timedelta(minutes=5)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


def channel(desk: Desk, kind: str = "wecom", key: str = "team", **more: str) -> Channel:
    wanted = Wanted(
        name="The team", kind=kind, address=desk.at(PATHS[kind]), secret=SECRETS.get(kind, ""),
        **more,
    )  # fmt: skip
    return actions.add(by=COMMAND_LINE, workspace="main", key=key, wanted=wanted).channel


def put(held: Channel, n: object, key: str = "") -> Delivery:
    return outbox.put(channel=held, kind=NOTED, key=key or f"n-{n}", about={"n": n})


def send(log: Owner, now: Clock | None = None) -> dict[str, int]:
    return outbox.send_due(log, "main", now=now or Clock(), chance=random.Random(1))  # noqa: S311


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_each_kind_arrives_signed_where_signatures_are_checked(
    log: Owner, desk: Desk, kind: str
) -> None:
    put(channel(desk, kind), "退款")
    assert send(log) == {"sent": 1, "later": 0, "dead": 0, "merged": 0}
    ((_path, _headers, said),) = desk.taken
    assert "退款" in json.dumps(said, ensure_ascii=False)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_given_up_at_once_and_says_why(log: Owner, desk: Desk, kind: str) -> None:
    held = channel(desk, kind)
    actions.change(
        by=COMMAND_LINE, workspace="main", key=held.key, wanted=Wanted(name="x", secret="wrong")
    )
    made = put(held, 1)
    assert send(log)["dead"] == 1
    made.refresh_from_db()
    assert made.state == "dead"
    assert "sign" in made.said
    assert not desk.taken


def test_what_many_wait_for_becomes_one_message_and_a_webhook_gets_each(
    log: Owner, desk: Desk
) -> None:
    team, hook = channel(desk), channel(desk, "webhook", "hook")
    for n in range(12):
        put(team, n)
        put(hook, n)
    assert send(log) == {"sent": 13, "later": 0, "dead": 0, "merged": 11}
    (told,) = [said for path, _headers, said in desk.taken if path.startswith("/cgi")]
    assert "12: 0,1,2" in told["markdown"]["content"]
    ids = [headers["webhook-id"] for path, headers, _said in desk.taken if path == "/hook"]
    assert len(set(ids)) == 12


def test_a_robot_is_asked_twenty_times_a_minute_at_most(log: Owner, desk: Desk) -> None:
    held, now = channel(desk), Clock()
    for n in range(50):
        # Three at a time, so that none is told with others.
        put(held, n)
        if n % 3 == 2:
            send(log, now)
    assert desk.asked == 20
    assert not outbox.has_due("main", now())
    now.on(seconds=61)
    assert outbox.has_due("main", now())
    found = send(log, now)
    assert found["sent"] >= 1
    assert not Delivery.objects.filter(state="waiting").exists()


def test_asked_too_often_it_slows_down_and_loses_nothing(log: Owner, desk: Desk) -> None:
    held, now = channel(desk, "dingtalk"), Clock()
    for n in range(3):
        put(held, n)
    too_fast = json.dumps({"errcode": 130101, "errmsg": "send too fast"}).encode()
    desk.says = lambda _path: (200, {}, too_fast)
    assert send(log, now)["later"] == 1
    assert desk.asked == 1, "the others are not even tried"
    desk.says = lambda _path: None
    now.on(seconds=30)
    assert send(log, now)["sent"] == 0
    now.on(seconds=40)
    assert send(log, now)["sent"] == 3


def test_it_is_tried_for_three_days_as_published_and_then_given_up(log: Owner, desk: Desk) -> None:
    held, now = channel(desk, "webhook"), Clock()
    made = put(held, 1)
    desk.says = lambda _path: (500, {}, b"")
    begun, waits = now(), []
    while True:
        send(log, now)
        made.refresh_from_db()
        if made.next_try_at is None:
            break
        waits.append((made.next_try_at - now()).total_seconds())
        now.at = made.next_try_at
    assert made.state == "dead"
    assert made.attempts.count() == 10
    for wait, published in zip(waits, retries.WAITS, strict=True):
        assert published <= wait <= published * 1.1
    assert timedelta(hours=75) < now() - begun < timedelta(hours=84)
    assert {one.said for one in Attempt.objects.all()} == {"500"}
    # A person has looked, and sends it again: with the same id.
    desk.says = lambda _path: None
    again = actions.replay(by=COMMAND_LINE, workspace="main", number=made.pk)
    now.on(seconds=1)
    assert send(log, now)["sent"] == 1
    assert desk.taken[0][1]["webhook-id"] == again.name == made.name
    assert AuditEntry.objects.filter(action="delivery.replayed").count() == 1


def test_whoever_names_a_time_to_wait_is_heard(log: Owner, desk: Desk) -> None:
    held, now = channel(desk, "webhook"), Clock()
    made = put(held, 1)
    desk.says = lambda _path: (429, {"Retry-After": "900"}, b"")
    send(log, now)
    made.refresh_from_db()
    assert made.next_try_at is not None
    assert 900 <= (made.next_try_at - now()).total_seconds() <= 990
    put(held, 2)
    now.on(minutes=10)
    desk.says = lambda _path: None
    assert send(log, now)["sent"] == 0, "nor is anything else sent there before"
    now.on(minutes=7)
    assert send(log, now)["sent"] == 2


def test_a_place_that_is_gone_is_switched_off_and_what_waits_goes_on_waiting(
    log: Owner, desk: Desk
) -> None:
    held, now = channel(desk, "webhook"), Clock()
    put(held, 1)
    put(held, 2)
    desk.says = lambda _path: (410, {}, b"")
    send(log, now)
    assert desk.asked == 1
    held.refresh_from_db()
    assert (held.is_on, held.why_off) == (False, "410")
    now.on(hours=1)
    assert not outbox.has_due("main", now())
    desk.says = lambda _path: None
    actions.switch(by=COMMAND_LINE, workspace="main", key=held.key, is_on=True)
    assert send(log, now)["sent"] == 2


def test_a_redirect_is_not_followed_and_inner_machines_are_not_reached(
    log: Owner, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, now = channel(desk, "webhook"), Clock()
    made = put(held, 1)
    desk.says = lambda _path: (302, {"Location": desk.at("/robot/send")}, b"")
    send(log, now)
    assert desk.asked == 1
    monkeypatch.delenv(outbound.ALLOW)
    now.on(minutes=1)
    assert send(log, now)["later"] == 1
    made.refresh_from_db()
    assert (desk.asked, made.said) == (1, "outbound.not-public")
    with pytest.raises(Problem) as refused:
        channel(desk, "webhook", "other")
    assert refused.value.code == "outbound.not-public"


def test_a_message_is_put_in_once_and_nobody_home_is_tried_again(log: Owner, desk: Desk) -> None:
    held, now = channel(desk), Clock()
    assert put(held, 1).pk == put(held, 1).pk
    desk.shutdown()
    desk.server_close()
    assert send(log, now)["later"] == 1
    assert Delivery.objects.get().said == "outbound.no-connection"
    assert Work.objects.filter(kind="send-messages", state="waiting").count() == 1


def test_killed_after_the_request_it_is_sent_once_more_with_the_same_id(
    log: Owner, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(channel(desk, "webhook"), 1)

    class Killed(BaseException):
        pass

    def killed(*_args: Any, **_more: Any) -> None:
        raise Killed

    with monkeypatch.context() as cut_off:
        cut_off.setattr(outbox, "_note", killed)
        with pytest.raises(Killed):
            send(log)
    assert send(log)["sent"] == 1
    one, two = (headers["webhook-id"] for _path, headers, _said in desk.taken)
    assert one == two


def test_what_was_erased_meanwhile_is_told_to_nobody(log: Owner, desk: Desk) -> None:
    made = put(channel(desk), "erased")
    send(log)
    made.refresh_from_db()
    assert (made.state, desk.asked) == ("empty", 0)


def test_store_and_lists_hold_no_secret_and_no_words(log: Owner, desk: Desk) -> None:
    held = channel(desk, "webhook")
    put(held, "退款")
    send(log)
    held.refresh_from_db()
    for text in (held.address, held.secret, json.dumps(kept.as_dict(held))):
        assert HOOK_SECRET not in text
        assert "/hook" not in text
    document = json.dumps(
        kept.delivery_as_dict(kept.delivery("main", Delivery.objects.get().pk), with_tries=True)
    )
    assert desk.at("") not in document
    said = json.dumps([[one.before, one.after] for one in AuditEntry.objects.all()])
    assert HOOK_SECRET not in said
    assert "/hook" not in said


def test_a_new_webhook_gets_a_secret_that_is_shown_once_and_renewed_with_both(
    log: Owner, desk: Desk
) -> None:
    address = desk.at("/hook")
    made = actions.add(
        by=COMMAND_LINE, workspace="main", key="hook",
        wanted=Wanted(name="Hook", kind="webhook", address=address),
    )  # fmt: skip
    assert made.secret.startswith("whsec_")
    actions.change(
        by=COMMAND_LINE, workspace="main", key="hook",
        wanted=Wanted(name="Hook", secret=HOOK_SECRET),
    )  # fmt: skip
    put(made.channel, 1)
    assert send(log)["sent"] == 1, "the receiver knows the new one"
    signatures = desk.taken[0][1]["webhook-signature"].split(" ")
    assert len(signatures) == 2
    late = Clock()
    late.on(hours=25)
    put(made.channel, 2)
    outbox._place(Channel.objects.get(), late())
    assert outbox._place(Channel.objects.get(), late()).former == ""


def test_a_test_message_says_that_it_is_one(log: Owner, desk: Desk) -> None:
    Workspace.objects.filter(slug="main").update(language="zh-hans")
    held = channel(desk)
    actions.test(by=COMMAND_LINE, workspace="main", key=held.key)
    assert send(log)["sent"] == 1
    assert "测试" in desk.taken[0][2]["markdown"]["content"]
    actions.switch(by=COMMAND_LINE, workspace="main", key=held.key, is_on=False)
    with pytest.raises(Problem) as refused:
        actions.test(by=COMMAND_LINE, workspace="main", key=held.key)
    assert refused.value.code == "channels.off"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "fax"}, "channels.kind"),
        ({"name": " "}, "channels.name"),
        ({"address": ""}, "channels.address"),
        ({"address": "ftp://example.com"}, "outbound.bad-address"),
        ({"secret": "x"}, "channels.secret"),
        ({"kind": "webhook", "secret": "whsec_abc"}, "channels.secret"),
        ({"language": "fr"}, "channels.language"),
    ],
)
def test_what_cannot_be_a_channel_is_refused(
    log: Owner, desk: Desk, changed: dict[str, str], code: str
) -> None:
    given = {"name": "Team", "kind": "wecom", "address": desk.at(PATHS["wecom"]), **changed}
    with pytest.raises(Problem) as refused:
        actions.add(by=COMMAND_LINE, workspace="main", key="a", wanted=Wanted(**given))
    assert refused.value.code == code
    assert not Channel.objects.exists()


def test_workspaces_do_not_see_each_others_channels(log: Owner, desk: Desk) -> None:
    held = channel(desk)
    made = put(held, 1)
    assert not kept.of("other").exists()
    with pytest.raises(Problem) as refused:
        kept.get("other", held.key)
    assert refused.value.code == "channels.none"
    with pytest.raises(Problem) as refused:
        actions.replay(by=COMMAND_LINE, workspace="other", number=made.pk)
    assert refused.value.code == "channels.no-delivery"
    with pytest.raises(Problem) as refused:
        channel(desk)
    assert refused.value.code == "channels.key-taken"
    for key in ("new", "A b", ""):
        with pytest.raises(Problem) as refused:
            channel(desk, key=key)
        assert refused.value.code == "channels.key"


def test_what_is_over_is_removed_after_a_month(log: Owner, desk: Desk) -> None:
    put(channel(desk), 1)
    send(log)
    put(Channel.objects.get(), 2)
    assert outbox.remove_old() == 0
    outbox.remove_old(datetime.now(UTC) + timedelta(days=31))
    assert [one.about["n"] for one in Delivery.objects.all()] == [2]


def test_retry_after_is_read_as_number_and_as_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=100)
    as_date = later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    asked = [retries.wait_of(outbound.Reply(429, {"retry-after": said})) for said in (
        "17", as_date, "soon", "")]  # fmt: skip
    assert asked[0] == 17
    assert asked[1] is not None
    assert 95 < asked[1] <= 100
    assert asked[2:] == [None, None]
