"""A workspace with its log, here or over its socket."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.wire import socket_of


@pytest.fixture
def owner(empty_log: Path, tmp_path: Path, settings: Settings, db: None) -> Iterator[Owner]:
    settings.ZHIYIN_DATA = tmp_path
    actions.set_up(by=COMMAND_LINE, login="ana")
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    with Owner(tmp_path) as owner:
        yield owner


@pytest.fixture
def served(owner: Owner, tmp_path: Path) -> Iterator[RemoteLog]:
    server = LogServer(owner, socket_of(tmp_path))
    thread = threading.Thread(target=server.serve)
    thread.start()
    remote = RemoteLog.if_answering(socket_of(tmp_path))
    assert remote is not None
    with remote:
        yield remote
    server.shutdown()
    thread.join()


@pytest.fixture(
    params=[
        "here",
        # The relational store is on this side of the socket.
        pytest.param("over the socket", marks=pytest.mark.any_store),
    ]
)
def log(request: pytest.FixtureRequest) -> Log:
    """The same behaviour is asked of both."""
    found: Log = request.getfixturevalue("owner" if request.param == "here" else "served")
    return found
