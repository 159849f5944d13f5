"""What is done to a map is told once it is kept, and never before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.maps import actions, telling
from zhiyin.maps.operations import Wanted
from zhiyin.maps.tests.test_actions import AN, BO, WHERE, named
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.wire import socket_of

Heard = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture
def heard(data: Path) -> Iterator[Heard]:
    """What a log process that serves this data folder is told."""
    found: Heard = []
    actions.create(by=COMMAND_LINE, map_=SMALL, keeps=True, **WHERE)
    with Owner(data) as owner:
        owner.teller = lambda workspace, topic, says: found.append((workspace, topic, dict(says)))
        server = LogServer(owner, socket_of(data))
        try:
            yield found
        finally:
            server.shutdown()


def test_each_thing_that_is_done_is_told_with_what_became_of_it(
    heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
        actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)  # sent twice
        late = actions.perform(by=BO, wanted=named("b", "Payment", 0), **WHERE)
        assert heard == [], "not before it is kept"
    with django_capture_on_commit_callbacks(execute=True):
        actions.settle(by=AN, number=late.number, takes=True, **WHERE)
    with django_capture_on_commit_callbacks(execute=True):
        actions.undo(by=BO, number=1, id_="u", seen=3, **WHERE)
        actions.put(by=AN, map_=SMALL, **WHERE)
    assert {(workspace, topic) for workspace, topic, _says in heard} == {("main", "maps/trip")}
    assert [
        (says["kind"], says["number"], says["does"], says["outcome"]) for _w, _t, says in heard
    ] == [
        ("done", 1, "set", "done"), ("done", 2, "set", "open"), ("done", 3, "settle", "done"),
        ("done", 4, "set", "done"), ("done", 5, "put", "done"),
    ]  # fmt: skip
    assert heard[1][2]["value"] == {"en": "Payment"}
    assert (heard[2][2]["of"], heard[3][2]["of"]) == (2, 1)


def test_versions_removal_and_holdings_are_told(
    heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
        actions.keep(by=AN, **WHERE)
        actions.remove(by=AN, **WHERE)
    telling.of_holding("main", "trip", visitor="v1", who="ana", holds="node:pay")
    assert [says for _w, _t, says in heard[1:]] == [
        {"kind": "kept", "version": 2, "by": "api: an"},
        {"kind": "removed"},
        {"kind": "holding", "visitor": "v1", "who": "ana", "holds": "node:pay"},
    ]


def test_what_is_not_kept_is_not_told(
    heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE)
        transaction.set_rollback(True)
    assert heard == []


def test_a_long_operation_is_told_by_its_number_alone(
    heard: Heard, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_BYTES", 1000)
    wanted = Wanted("a", "set", "node", "pay", "wants", {"en": "w" * 1000}, 0)
    with django_capture_on_commit_callbacks(execute=True):
        actions.perform(by=AN, wanted=wanted, **WHERE)
    assert heard[0][2] == {"kind": "done", "number": 1}


def test_without_a_server_nothing_is_told_and_nothing_fails(
    data: Path, django_capture_on_commit_callbacks: Any
) -> None:
    actions.create(by=COMMAND_LINE, map_=SMALL, **WHERE)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.perform(by=AN, wanted=named("a", "Pay", 0), **WHERE).number == 1
