"""Real installations, one that tests share and fresh ones; and a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.chromium import chromium
from tests.processes.conftest import SOON_SECONDS, Server, zhiyin
from tests.processes.installation import Installation, Made


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A data folder to be copied: its migrations and its log are made once."""
    data = tmp_path_factory.mktemp("made") / "data"
    done = zhiyin(data, "init")
    assert done.returncode == 0, done.stdout + done.stderr
    return Made(data, json.loads(done.stdout)["password"])


@pytest.fixture(scope="session")
def shared(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation of all tests that have a source of their own in it."""
    found = Installation(tmp_path_factory.mktemp("shared") / "data", made)
    yield found
    found.close()


@pytest.fixture
def server(shared: Installation) -> Server:
    """The shared installation's server; a test may stop or kill it, the next one starts it."""
    return shared.running()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server where there is nothing yet, as a new user does."""
    started: list[Installation] = []

    def begin() -> Server:
        started.append(Installation(tmp_path / "data"))
        return started[-1].open()

    yield begin
    for installation in started:
        installation.close()


# Five seconds, the library's own, are few on a machine that has much else to do.
expect.set_options(timeout=SOON_SECONDS * 1000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = chromium(playwright)
        yield started
        started.close()
