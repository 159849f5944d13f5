"""The cast: workspace main with a log, of which her and him are customers; Ana works there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE, Actor
from zhiyin.accounts.models import Person
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def log(tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    settings.ZHIYIN_DATA = tmp_path
    with Owner(tmp_path) as owner:
        for slug in ("main", "other"):
            owner.create(slug)
        yield owner


@pytest.fixture
def ana(db: None) -> Actor:
    actions.set_up(by=COMMAND_LINE, login="ana")
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")
