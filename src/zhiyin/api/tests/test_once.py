"""``Idempotency-Key``: sent twice, done once; on both databases, from threads that race."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import ApiKey, KeptAnswer, WriteKey
from zhiyin.api import once
from zhiyin.api.reference import operations
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.unify.models import Segment
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER, PLANTED

GOLD = {"name": "Gold", "rule": "tier = 'gold'"}


def test_sent_twice_it_is_done_once_and_answered_twice(filled: Owner) -> None:
    ask = asking(a_key())
    first = ask("post", "/segments", GOLD, Idempotency_Key="one")
    second = ask("post", "/segments", GOLD, Idempotency_Key="one")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"
    assert Segment.objects.filter(name="Gold").count() == 1
    # Without the header it is another request, and the name is taken.
    assert ask("post", "/segments", GOLD).status_code == 422


def test_every_operation_that_writes_takes_the_header() -> None:
    """Would catch a new one that is done twice when it is sent twice; two write nothing."""
    writes = {
        one.name: {given.name for given in one.parameters if given.place == "header"}
        for _tag, one in operations()
        if one.method != "GET" and one.name not in {"preview_retention", "rehearse_alert_rule"}
    }
    assert len(writes) > 50
    assert [name for name, given in writes.items() if given != {once.HEADER}] == []


def test_a_key_is_for_one_request_of_one_caller(filled: Owner) -> None:
    ask = asking(a_key())
    assert ask("post", "/segments", GOLD, Idempotency_Key="one").status_code == 201
    other = ask("post", "/segments", {**GOLD, "name": "Other"}, Idempotency_Key="one")
    assert (other.status_code, other.json()["code"]) == (422, "api.key-used")
    mine = asking(a_key())("post", "/segments", {**GOLD, "name": "Mine"}, Idempotency_Key="one")
    assert mine.status_code == 201
    for key in ("", "x" * 201, "a\tb"):
        wrong = ask("post", "/segments", GOLD, Idempotency_Key=key)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "api.key"), key


def test_what_was_refused_may_be_sent_again_with_the_same_key(filled: Owner) -> None:
    ask = asking(a_key())
    wrong = ask("post", "/segments", {**GOLD, "rule": "tier ="}, Idempotency_Key="one")
    assert wrong.status_code == 422
    assert not KeptAnswer.objects.exists()
    assert ask("post", "/segments", GOLD, Idempotency_Key="one").status_code == 201


def test_one_that_was_begun_and_killed_is_done_again_after_a_while(filled: Owner) -> None:
    ask = asking(a_key())
    first = ask("post", "/segments", GOLD, Idempotency_Key="one")
    Segment.objects.filter(name="Gold").delete()
    KeptAnswer.objects.update(status=None, body="")
    waits = ask("post", "/segments", GOLD, Idempotency_Key="one")
    assert (waits.status_code, waits.json()["code"]) == (409, "api.in-progress")
    KeptAnswer.objects.update(begun_at=timezone.now() - once.ABANDONED - timedelta(seconds=1))
    again = ask("post", "/segments", GOLD, Idempotency_Key="one")
    assert (again.status_code, again.content) == (201, first.content)


def test_answers_are_kept_for_a_day(filled: Owner) -> None:
    ask = asking(a_key())
    ask("post", "/segments", GOLD, Idempotency_Key="one")
    assert once.forget_old() == 0
    KeptAnswer.objects.update(begun_at=timezone.now() - once.KEPT - timedelta(seconds=1))
    assert once.forget_old() == 1


def test_an_erased_customer_is_in_no_kept_answer(filled: Owner) -> None:
    """Would catch an erasure that leaves her id in what the API answered."""
    ask = asking(a_key())
    other = PLANTED["other customer"]
    ask("post", "/merges", {"a": HER, "b": other}, Idempotency_Key="one")
    ask("post", "/segments", GOLD, Idempotency_Key="two")
    assert KeptAnswer.objects.filter(body__contains=HER).exists()
    assert ask("post", "/erasures", {"id": HER}).status_code == 201
    assert not KeptAnswer.objects.filter(body__contains=HER).exists()
    assert KeptAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_that_race_one_is_done(two_workspaces: Owner) -> None:
    """Eight threads send one request at once: one key is made, every answer is the same or says
    that it is being done."""
    actions.set_up(by=COMMAND_LINE, login="ana")
    secret = a_key()
    start = threading.Barrier(8)
    found: list[Any] = []

    def send() -> None:
        try:
            start.wait()
            ask = asking(secret)
            found.append(ask("post", "/keys", {"source": "till"}, Idempotency_Key="one"))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert WriteKey.objects.count() == 1
    assert {answer.status_code for answer in found} <= {201, 409}
    made = {answer.content for answer in found if answer.status_code == 201}
    assert len(made) == 1
    assert ApiKey.objects.get().last_used_at is not None
