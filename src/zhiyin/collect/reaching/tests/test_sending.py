"""A list of people gets its letters through a real server: each once, whatever ends in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.models import Asking, AskingState, Distribution, Stopped
from zhiyin.collect.reaching import distributions, planning, rules, sending, stopping, telling
from zhiyin.collect.reaching.distributions import Arm, Asked
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.reaching.tests.boxes import Box, served
from zhiyin.collect.surveys import actions
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db

MEI = Person("mei", address="Mei@Example.com", fields={"name": "梅"}, language="en")


@pytest.fixture
def box(settings: Settings) -> Iterator[Box]:
    with served(settings) as held:
        yield held


@pytest.fixture
def noon(log: Owner) -> Owner:
    """Nobody's hours are quiet: tests run at night too."""
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    return log


def made(key: str = "spring", **more: Any) -> Distribution:
    return distributions.create(
        by=COMMAND_LINE, workspace="main", survey="visit", key=key, asked=Asked(**more)
    )


def plan(log: Owner, held: Distribution, *people: Person) -> planning.Planned:
    return planning.plan(log, by=COMMAND_LINE, distribution=held, people=people)


def send(log: Owner) -> sending.Done:
    return sending.send_due(log, "main")


def told(log: Owner) -> list[tuple[str, str, str | None]]:
    """What the log says: whom, what, why."""
    found = lang.table(log.schema("main"), "exposures")
    query = found.select("customer", "action", "reason", "distribution", "arm", "invitation", "seq")
    rows = log.execute("main", query.order_by("seq"), words=True).to_pylist()
    ids = lang.ids()
    known = log.execute("main", ids.select("id", "key")).to_pylist()
    names = {row["key"]: row["id"] for row in known}
    return [(names[row["customer"]], row["action"], row["reason"]) for row in rows]


def test_each_gets_one_letter_and_the_log_knows_before(noon: Owner, box: Box) -> None:
    held = made()
    people = [Person(f"c{n}", address=f"c{n}@example.com") for n in range(45)]
    assert plan(noon, held, *people).as_dict() == {"planned": 45, "withheld": {}, "already": 0}
    assert send(noon).as_dict() == {"sent": 45, "reminded": 0, "not_sent": 0, "uncertain": 0}
    assert Counter(one.to for one in box.taken) == {one.address: 1 for one in people}
    assert Counter(action for _who, action, _why in told(noon)) == {"invited": 45}
    assert {one.state for one in Asking.objects.all()} == {AskingState.SENT}
    # Whoever is not sure that the list was read may read it again.
    assert plan(noon, held, *people).as_dict() == {"planned": 0, "withheld": {}, "already": 45}
    assert send(noon).sent == 0
    assert len(box.taken) == 45


def test_a_letter_says_what_is_known_of_her_and_how_to_have_no_more(
    noon: Owner, box: Box, settings: Settings
) -> None:
    settings.ZHIYIN_MAIL_BOUNCES = "back@example.org"
    settings.DEFAULT_FROM_EMAIL = "asks@example.org"
    texts = {
        "en": {"subject": "{name|You}, how was it?", "body": "Dear {name|guest},\n\n{link}\n\nBye"}
    }
    plan(noon, made(texts=texts), MEI, Person("bo", address="bo@example.com"))
    send(noon)
    (mei,) = box.to("Mei@example.com")
    asking = Asking.objects.get(customer="mei")
    assert mei.letter["Subject"] == "梅, how was it?"
    assert mei.letter["From"] == "Acme <asks@example.org>"
    assert f"i={asking.token}" in mei.plain
    assert f"i={asking.token}" in mei.html
    assert "Dear 梅" in mei.plain
    assert "f.name" not in mei.plain, "a name is not for addresses"
    assert "Dear guest" in box.to("bo@example.com")[0].plain
    # Both headers of RFC 8058, and an envelope that says whose it was without her link's key.
    stop = mei.letter["List-Unsubscribe"].strip("<>")
    assert mei.letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    named = stop.rpartition("/stop/")[2]
    assert stopping.asking_of(named) == asking
    assert mei.sender == f"back+{named}@example.org"
    assert asking.token not in f"{mei.letter['Message-ID']}{mei.sender}{stop}"


def test_what_a_list_says_cannot_write_headers_or_html(noon: Owner, box: Box) -> None:
    texts = {"en": {"subject": "Hello {name}", "body": "Dear {name}"}}
    name = "<b>Eve</b>\r\nBcc: all@example.com"
    plan(noon, made(texts=texts), Person("eve", address="eve@example.com", fields={"name": name}))
    send(noon)
    (eve,) = box.taken
    assert eve.letter["Bcc"] is None
    assert "<b>" not in eve.html


def test_answers_of_the_server_are_told_apart(noon: Owner, box: Box) -> None:
    names = ("fine", "gone", "later", "relay", "spam", "dead")
    plan(noon, made(), *(Person(one, address=f"{one}@example.com") for one in names))
    done = send(noon)
    assert (done.sent, done.not_sent, done.uncertain) == (1, 5, 1)
    by = {one.customer: one for one in Asking.objects.all()}
    assert {name: (one.state, one.reason) for name, one in by.items()} == {
        "fine": ("sent", ""),
        "gone": ("bounced", "refused"),
        "later": ("waiting", ""),
        "relay": ("bounced", "refused"),
        "spam": ("failed", "not_taken"),
        "dead": ("uncertain", "cut_off"),
    }
    # Only where nobody is there nobody is ever asked again.
    assert [one.address_hash for one in Stopped.objects.all()] == [by["gone"].address_hash]
    assert by["later"].due_at > timezone.now() + timedelta(minutes=4)
    assert by["later"].trouble == "451 4.2.1"
    assert sorted(told(noon)) == sorted(
        [
            *((name, "invited", None) for name in names),
            ("gone", "bounced", "refused"),
            ("relay", "bounced", "refused"),
            ("spam", "bounced", "not_taken"),
        ]
    )


def test_a_server_that_is_away_costs_nobody_a_letter(
    noon: Owner, box: Box, settings: Settings
) -> None:
    plan(noon, made(), MEI)
    box.is_away = True
    send(noon)
    assert Asking.objects.get().state == AskingState.WAITING
    port = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    Asking.objects.update(due_at=timezone.now())
    send(noon)
    assert Asking.objects.get().state == AskingState.WAITING
    assert not sending.has_due("main")
    settings.EMAIL_PORT, box.is_away = port, False
    Asking.objects.update(due_at=timezone.now())
    assert send(noon).sent == 1
    assert len(box.taken) == 1


def test_what_was_in_hand_when_a_run_ended_is_sent_by_a_persons_word_alone(
    noon: Owner, box: Box
) -> None:
    held = made()
    plan(noon, held, MEI, Person("bo", address="bo@example.com"))
    Asking.objects.filter(customer="bo").update(state=AskingState.SENDING, holder="a killed one")
    assert send(noon).as_dict() == {"sent": 1, "reminded": 0, "not_sent": 0, "uncertain": 1}
    assert not box.to("bo@example.com")
    again = distributions.send_uncertain(by=COMMAND_LINE, workspace="main", key=held.key)
    assert again == 1
    assert send(noon).sent == 1
    assert len(box.to("bo@example.com")) == 1
    assert AuditEntry.objects.filter(action="distribution.sent_again").count() == 1


def test_who_cannot_or_may_not_be_asked_is_told_to_the_log_with_the_reason(
    noon: Owner, box: Box
) -> None:
    hers = Person("cleo", address="cleo@example.com")
    plan(noon, made("first"), hers)
    send(noon)
    stopping.unsubscribe(Asking.objects.get(customer="cleo"))
    done = plan(
        noon,
        made("second"),
        Person("ann"),
        Person("ben", address="ben at home"),
        hers,
        Person("mei", address="mei@example.com"),
        Person("mei", address="mei@example.com", about_kind="order", about_id="7"),
    )
    assert done.as_dict() == {
        "planned": 1,
        "withheld": {"bad_address": 1, "cool_down_kind": 1, "no_address": 1, "stopped": 1},
        "already": 0,
    }
    send(noon)
    assert sorted(told(noon)) == sorted(
        [
            ("cleo", "invited", None),
            ("cleo", "stopped", "unsubscribed"),
            ("ann", "withheld", "no_address"),
            ("ben", "withheld", "bad_address"),
            ("cleo", "withheld", "stopped"),
            ("mei", "withheld", "cool_down_kind"),
            ("mei", "invited", None),
        ]
    )
    # What only a letter needs is not kept of those who get none.
    assert not Asking.objects.filter(state="withheld").exclude(address="", fields={}).exists()


def test_the_sample_and_the_arms_are_drawn_from_the_seed(noon: Owner) -> None:
    arms = (Arm("none", share=1), Arm("voucher", "voucher", "10", share=3))
    people = [Person(f"c{n}", address=f"c{n}@example.com") for n in range(400)]
    held = made(arms=arms, sample_share=0.5)
    done = plan(noon, held, *people)
    assert 160 <= done.planned <= 240
    assert done.withheld == {"not_drawn": 400 - done.planned}
    of = Counter(Asking.objects.filter(state="waiting").values_list("arm", flat=True))
    assert set(of) == {"none", "voucher"}
    assert 0.6 < of["voucher"] / done.planned < 0.9
    again = made("again", arms=arms, sample_share=0.5)
    Distribution.objects.filter(pk=again.pk).update(seed=held.seed)
    again.refresh_from_db()
    rules.change(by=COMMAND_LINE, workspace="main", days_any=0, days_touchpoint=0)
    plan(noon, again, *people)
    drawn = [
        set(Asking.objects.filter(distribution=one, state="waiting").values_list("customer", "arm"))
        for one in (held, again)
    ]
    assert drawn[0] == drawn[1]


def test_reminders_reach_whoever_has_not_begun_and_end(noon: Owner, box: Box) -> None:
    held = made(reminders=(3, 7))
    names = ("ann", "begun", "stopped")
    plan(noon, held, *(Person(one, address=f"{one}@example.com") for one in names))
    send(noon)
    assert {one.due_at - one.sent_at for one in Asking.objects.all()} == {timedelta(days=3)}  # type: ignore[operator]
    begin(noon, Asking.objects.get(customer="begun"))
    stopping.unsubscribe(Asking.objects.get(customer="stopped"))
    for days in (3, 7, 30):
        Asking.objects.update(due_at=timezone.now() - timedelta(minutes=1))
        assert send(noon).reminded == (1 if days < 30 else 0)
    assert Counter(one.to for one in box.taken) == {
        "ann@example.com": 3, "begun@example.com": 1, "stopped@example.com": 1,
    }  # fmt: skip
    subjects = [one.letter["Subject"] for one in box.to("ann@example.com")]
    assert subjects[1] == "A reminder: your opinion, please" != subjects[0]
    ids = {one.letter["Message-ID"] for one in box.taken}
    assert len(ids) == len(box.taken)
    assert [one for one in told(noon) if one[1] == "reminded"] == [("ann", "reminded", None)] * 2


def begin(log: Owner, asking: Asking) -> None:
    """What the survey page writes when she begins."""
    from zhiyin.collect.reaching import telling

    telling.write(log, "main", [(asking, "started")])


def test_nothing_leaves_while_it_is_paused_or_the_survey_is_closed(noon: Owner, box: Box) -> None:
    held = made()
    plan(noon, held, MEI)
    distributions.pause(by=COMMAND_LINE, workspace="main", key=held.key, is_paused=True)
    assert not sending.has_due("main")
    assert send(noon).sent == 0
    distributions.pause(by=COMMAND_LINE, workspace="main", key=held.key, is_paused=False)
    actions.close(by=COMMAND_LINE, workspace="main", key="visit")
    assert send(noon).sent == 0
    assert not box.taken
    assert told(noon) == [("mei", "withheld", "closed")]


def test_what_waited_long_is_judged_again(noon: Owner, box: Box) -> None:
    plan(noon, made(), MEI, Person("bo", address="bo@example.com"))
    Asking.objects.update(created_at=timezone.now() - timedelta(hours=1))
    at = datetime.now(UTC)
    quiet = f"{at + timedelta(hours=7, minutes=50):%H:%M}-{at + timedelta(hours=9):%H:%M}"
    rules.change(by=COMMAND_LINE, workspace="main", quiet=quiet)
    assert send(noon).sent == 0
    assert all(one.due_at > timezone.now() for one in Asking.objects.all())
    rules.change(by=COMMAND_LINE, workspace="main", quiet="")
    Asking.objects.update(due_at=timezone.now())
    assert send(noon).sent == 2
    assert len(box.taken) == 2


def test_the_first_question_is_in_the_letter(noon: Owner, box: Box) -> None:
    plan(noon, made(has_first_question=True), MEI)
    send(noon)
    token = Asking.objects.get().token
    assert all(f"i={token}&a.recommend={n}&lang=en" in box.taken[0].plain for n in range(11))
    assert f"i={token}&amp;a.recommend=10&amp;lang=en" in box.taken[0].html


@pytest.mark.parametrize(
    "asked",
    [
        {"channel": "pigeon"},
        {"reminders": (7, 3)},
        {"arms": (Arm("a"), Arm("a"))},
        {"sample_share": 0.0},
        {"texts": {"fr": {"subject": "Bonjour", "body": "…"}}},
        {"texts": {"en": {"subject": "a\nb", "body": "…"}}},
        {"texts": {"en": {"colour": "red"}}},
        {"channel": "sms"},
    ],
)
def test_what_can_be_no_distribution_is_refused(log: Owner, asked: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="distribution"):
        made(**asked)


def test_what_is_to_be_done_is_looked_up_and_not_searched_for_among_all(log: Owner) -> None:
    """It is asked every few seconds, beside a million askings that are over."""
    now = sending._due("main", {"email"}, timezone.now()).order_by("due_at", "pk")
    assert "INDEX asking_due (workspace_id=? AND is_over=? AND due_at<?)" in now.explain()
    for askings in (telling.untold("main"), sending._in_somebodys_hand("main").order_by()):
        told = "INDEX asking_told (workspace_id=? AND is_in_log=? AND state=?)"
        assert told in askings.explain()
