"""The cast: workspace main with a log, of which her and him are customers; Ana works there."""

from __future__ import annotations

import pytest

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import Person
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def log(two_workspaces: Owner) -> Owner:
    return two_workspaces


@pytest.fixture
def ana(db: None) -> Actor:
    actions.set_up(by=COMMAND_LINE, login="ana")
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")
