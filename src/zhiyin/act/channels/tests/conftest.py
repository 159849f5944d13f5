"""A workspace main with a log, and a desk at which messages arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.act.channels.tests.desks import Desk, served
from zhiyin.kernel import outbound
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def log(db: None, two_workspaces: Owner) -> Owner:
    """The log of main; Ana is administrator in chief."""
    accounts.set_up(by=COMMAND_LINE, login="ana")
    Workspace.objects.create(slug="other", name="Other")
    return two_workspaces


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk that may be reached."""
    monkeypatch.setenv(outbound.ALLOW, "127.0.0.1")
    with served() as desk:
        yield desk
