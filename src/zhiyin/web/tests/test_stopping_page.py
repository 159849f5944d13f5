"""From a letter one click ends further ones; whatever only looks ends nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.models import Asking, Stopped
from zhiyin.collect.reaching import distributions, letter_ids, planning, replies
from zhiyin.collect.reaching.distributions import Asked
from zhiyin.collect.reaching.people import Person
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(two_workspaces: Owner) -> str:
    """The address in a letter to Mei, which waits."""
    accounts.set_up(by=COMMAND_LINE, login="ana")
    actions.create(by=COMMAND_LINE, workspace="main", key="visit", survey=survey((NPS,)))
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit")
    held = distributions.create(
        by=COMMAND_LINE, workspace="main", survey="visit", key="spring", asked=Asked()
    )
    mei = Person("mei", address="mei@example.com")
    planning.plan(two_workspaces, by=COMMAND_LINE, distribution=held, people=[mei])
    return f"/stop/{letter_ids.of(Asking.objects.get().pk)}"


def test_a_look_changes_nothing_and_a_mail_program_needs_one_post(letter: str) -> None:
    program = Client(enforce_csrf_checks=True)
    for method in (program.get, program.head):
        assert method(letter).status_code == 200
    assert Asking.objects.get().state == "waiting"
    answer = program.post(
        letter, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert Asking.objects.get().state == "stopped"
    assert Stopped.objects.get().why == "unsubscribed"
    assert program.post(letter).status_code == 200
    assert Stopped.objects.count() == 1


def test_the_page_is_in_her_language_and_names_whose_letters(letter: str) -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    page = client.get(letter).content.decode()
    assert "甲公司" in page
    assert 'lang="zh-CN"' in page
    assert "Acme" in Client().get(letter).content.decode()


@pytest.mark.parametrize("named", ["a", "aaaaaaaaaaaaaaa", "%00", "x" * 200, "a'--"])
def test_an_address_that_was_made_up_is_kindly_refused(letter: str, named: str) -> None:
    assert Client().post(f"/stop/{named}").status_code == 404
    assert not Stopped.objects.exists()


def test_only_the_provider_tells(letter: str) -> None:
    client = Client(enforce_csrf_checks=True)
    up = json.dumps([{"phone_number": "13800138000", "content": "TD"}])
    kind: Any = {"content_type": "application/json"}
    wrong = f"/hooks/sms/main/{'0' * 32}"
    assert client.post(wrong, up, **kind).status_code == 404
    assert not Stopped.objects.exists()
    right = urlsplit(replies.address("main")).path
    assert client.post(right.replace("main", "other"), up, **kind).status_code == 404
    assert client.post(right, "no JSON", **kind).status_code == 400
    assert client.get(right).status_code == 405
    answer = client.post(right, up, **kind)
    assert (answer.status_code, answer.json()["code"], answer.json()["result"]) == (200, 0, 0)
    assert Stopped.objects.get().why == "td"
