"""A log in a fresh folder, held here or spoken to over its socket."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.remote import RemoteLog
from zhiyin.warehouse.server import LogServer
from zhiyin.warehouse.wire import socket_of


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def owner(empty_log: Path, data: Path) -> Iterator[Owner]:
    shutil.copytree(empty_log, data)
    with Owner(data) as owner:
        yield owner


@pytest.fixture
def served(owner: Owner, data: Path) -> Iterator[RemoteLog]:
    server = LogServer(owner, socket_of(data))
    thread = threading.Thread(target=server.serve)
    thread.start()
    remote = RemoteLog.if_answering(socket_of(data))
    assert remote is not None
    with remote:
        yield remote
    server.shutdown()
    thread.join()


@pytest.fixture(
    params=[
        "here",
        # Rows go over the socket whatever engine they came from.
        pytest.param("over the socket", marks=pytest.mark.any_engine),
    ]
)
def log(request: pytest.FixtureRequest) -> Log:
    """The same behaviour is asked of both."""
    found: Log = request.getfixturevalue("owner" if request.param == "here" else "served")
    return found
