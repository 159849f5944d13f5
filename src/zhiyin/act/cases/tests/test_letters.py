"""Letters about cases through a real mail server: to who has one, and to the customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts import mail
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import Mail, Membership, Workspace
from zhiyin.accounts.workspaces import Settings
from zhiyin.act.cases import actions, kept
from zhiyin.act.cases.letters import tell_overdue
from zhiyin.act.cases.models import Case, Status
from zhiyin.act.cases.tests.conftest import MONDAY, SetClock, about, works
from zhiyin.collect.models import Channel, Stopped
from zhiyin.collect.reaching import addresses
from zhiyin.collect.reaching.tests.boxes import Box, served
from zhiyin.kernel.errors import Problem
from zhiyin.unify import places
from zhiyin.unify.subjects import Her
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.planting import put

EMAIL = "lin@example.com"


@pytest.fixture
def box(settings: DjangoSettings) -> Iterator[Box]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with served(settings) as found:
        yield found


def her_key(log: Owner) -> int:
    """A customer with an address, and her key."""
    trait = {"id": "t1", "row": 0, "customer": "C-1", "occurred_at": datetime(2026, 1, 1)}
    put(log, [{**trait, "name": "email", "value": EMAIL}], table="traits")
    return log.find_customers("main", "C-1")[0].customer


def wrote(main: Settings, log: Owner, channel: str = "email", text: str = "We are sorry.") -> Any:
    return actions.write(
        by=COMMAND_LINE, workspace=main, number=1, text=text, channel=channel, log=log
    )


def refused(main: Settings, log: Owner, **given: str) -> Problem:
    with pytest.raises(Problem) as found:
        wrote(main, log, **given)
    assert found.value.code in ("cases.reach", "cases.channel", "cases.text")
    return found.value


def opened(main: Settings, **more: Any) -> Case:
    return actions.open(by=COMMAND_LINE, workspace=main, subject=about(**more))[0]


def test_who_is_given_a_case_gets_one_letter_and_one_when_it_is_overdue(
    main: Settings, at: SetClock, box: Box
) -> None:
    """Would catch a letter each time the clock asks, and one to whoever took it herself."""
    ben = works("ben", email="ben@example.com")
    mei = works("mei", email="mei@example.com", language="zh-hans")
    given: dict[str, Any] = {"workspace": main, "number": 1}
    opened(main)
    actions.assign(by=Actor(ben, "test"), owner=ben, **given)
    assert mail.send_waiting() == 0, "she took it herself"
    actions.assign(by=Actor(ben, "test"), owner=mei, **given)
    assert mail.send_waiting() == 1
    (letter,) = box.to("mei@example.com")
    assert letter.letter["Subject"].strip() == "工单 1 已分派给您：Queue · Check-in"
    assert "https://cx.example.com/main/cases/1/" in letter.plain
    assert "2026-03-02 18:00" in letter.plain
    at(MONDAY + timedelta(days=1))
    assert (tell_overdue("main"), tell_overdue("main")) == (1, 0)
    assert mail.send_waiting() == 1
    assert "已逾期" in box.to("mei@example.com")[1].letter["Subject"]
    actions.change(by=COMMAND_LINE, workspace=main, number=1, severity="low")
    at(MONDAY + timedelta(days=8))
    assert tell_overdue("main") == 1, "another time is told of once more"


def test_nobody_is_told_of_what_waits_is_over_or_was_due_long_ago(
    main: Settings, at: SetClock, box: Box
) -> None:
    ben = works("ben", email="ben@example.com")
    for key in "789":
        actions.open(by=Actor(ben, "test"), workspace=main, subject=about(key), owner=ben)
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main}
    actions.move(number=1, status=Status.WAITING, **given)
    actions.move(number=2, status=Status.DONE, reason="explained", **given)
    at(MONDAY + timedelta(days=30))
    assert tell_overdue("main") == 0


def test_who_may_work_on_cases_no_more_is_told_nothing_and_the_history_says_so(
    main: Settings, at: SetClock, box: Box
) -> None:
    ben = works("ben", email="ben@example.com")
    actions.open(by=Actor(ben, "test"), workspace=main, subject=about(), owner=ben)
    Membership.objects.filter(person=ben).update(role="viewer")
    at(MONDAY + timedelta(days=1))
    assert tell_overdue("main") == 0
    told = kept.steps(kept.get("main", 1))[-1]
    assert (told.what, (told.after or {})["why_not"]) == ("told", "no_right")
    assert not Mail.objects.exists()


def test_names_in_a_title_are_masked_for_who_does_not_see_them(
    main: Settings, at: SetClock, box: Box
) -> None:
    ben = works("ben", email="ben@example.com")
    Membership.objects.filter(person=ben).update(sees_personal_data=False)
    opened(main, title="Call 13812345678 back")
    actions.assign(by=COMMAND_LINE, workspace=main, number=1, owner=ben)
    mail.send_waiting()
    (letter,) = box.to("ben@example.com")
    assert "13812345678" not in str(letter.letter)


def test_the_customer_is_written_to_where_she_can_be(
    main: Settings, log: Owner, at: SetClock, box: Box
) -> None:
    opened(main, customer=her_key(log))
    done = wrote(main, log)
    assert (done.what, (done.after or {})["channel"]) == ("wrote", "email")
    assert kept.get("main", 1).first_response_at is not None
    assert mail.send_waiting() == 1
    (letter,) = box.to(EMAIL)
    assert letter.letter["Subject"] == "About what you told Qingchuan"
    assert letter.plain.strip() == "We are sorry."


def test_who_has_stopped_letters_withdrawn_or_has_no_address_is_not_written_to(
    main: Settings, log: Owner, at: SetClock, box: Box, tmp_path: Path
) -> None:
    opened(main)
    assert "no customer" in str(refused(main, log).message)
    assert wrote(main, log, "phone", "Told her.").says == "Told her."
    refused(main, log, channel="pigeon")
    refused(main, log, channel="phone", text=" ")
    key = her_key(log)
    Case.objects.update(customer=key)
    stopped = Stopped.objects.create(
        workspace=Workspace.objects.get(slug="main"), channel=Channel.EMAIL, why="unsubscribed",
        address_hash=addresses.hashed(addresses.key(tmp_path), "main", Channel.EMAIL, EMAIL),
    )  # fmt: skip
    assert "has stopped" in str(refused(main, log).message)
    stopped.delete()
    said = {"id": "k1", "row": 0, "customer": "C-1", "occurred_at": datetime(2026, 1, 2)}
    put(log, [{**said, "purpose": "service", "is_given": False}], table="consents")
    assert "withdrawn" in str(refused(main, log).message)


def test_an_erased_customer_leaves_a_number_and_no_words(
    main: Settings, log: Owner, at: SetClock, box: Box, tmp_path: Path
) -> None:
    """Would catch a text of hers that stays in a note, a title, or a letter that waits."""
    key = her_key(log)
    opened(main, customer=key, title=f"Call {EMAIL}")
    opened(main, key="8", title="Another's")
    wrote(main, log)
    given: dict[str, Any] = {"by": COMMAND_LINE, "workspace": main}
    actions.note(number=1, text="She lives in Xuhui.", **given)
    actions.note(number=2, text=f"As {EMAIL} said before.", **given)
    actions.change(number=1, title=f"Called {EMAIL}", **given)
    her = Her("main", tmp_path, (Id("customer", "C-1"),), (key,), (EMAIL,), "gone")
    mine = [one for holding, one in places.of_customers() if holding.place.startswith("cases.")]
    assert len(mine) == 2
    shown = str([one.show(her) for one in mine])
    assert "Xuhui" in shown
    assert "We are sorry." in shown
    assert Mail.objects.filter(to=EMAIL).exists()
    for _again in range(2):
        for holding, eraser in places.of_customers():
            if holding.place.startswith(("cases.", "accounts.Mail")):
                eraser.erase(her)
    case = kept.get("main", 1)
    left = str([(one.says, one.before, one.after) for one in kept.steps(case)]) + case.title
    left += str([one.says for one in kept.steps(kept.get("main", 2))])
    for words in (EMAIL, "Xuhui", "sorry"):
        assert words not in left
    assert (case.number, case.customer, case.status) == (1, None, Status.NEW)
    assert "As **** said before." in left
    assert not Mail.objects.filter(to=EMAIL).exists()
    assert "Another's" in kept.get("main", 2).title
