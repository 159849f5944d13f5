"""A workspace in Shanghai whose people may, or may not, work on cases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Workspace
from zhiyin.accounts.workspaces import Settings, settings_of
from zhiyin.act.cases.actions import Subject
from zhiyin.kernel import clock
from zhiyin.warehouse.owner import Owner

MONDAY = datetime(2026, 3, 2, 2)
"""Ten in the morning in Shanghai."""

SetClock = Callable[[datetime], None]


@pytest.fixture
def main(
    db: None, empty_log: Path, tmp_path: Path, settings: DjangoSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:  # fmt: skip
    """The workspace main, with an empty log. Ana is its administrator in chief."""
    settings.ZHIYIN_DATA = str(tmp_path)
    settings.ZHIYIN_PUBLIC_URL = "https://cx.example.com/"
    shutil.copytree(empty_log, tmp_path, dirs_exist_ok=True)
    accounts.set_up(by=COMMAND_LINE, login="ana")
    Workspace.objects.update(timezone="Asia/Shanghai", name="Qingchuan", language="en")
    return settings_of("main")


@pytest.fixture
def log(main: Settings, tmp_path: Path) -> Iterator[Owner]:
    with Owner(tmp_path) as owner:
        yield owner


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the clock."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_clock(MONDAY)
    return set_clock


def works(login: str, role: Role = Role.TEAM_LEADER, slug: str = "main", **more: str) -> Person:
    person = Person.objects.create(login=login, **more)
    workspace = Workspace.objects.get(slug=slug)
    Membership.objects.create(workspace=workspace, person=person, role=role)
    return person


def about(key: str = "7", **more: object) -> Subject:
    given = {"kind": "verbatim", "title": "Queue · Check-in", **more}
    return Subject(key=key, **given)  # type: ignore[arg-type]
