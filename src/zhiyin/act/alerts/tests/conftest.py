"""A workspace main in Shanghai with a log, people who are told, and a desk at which messages
arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Unit, Workspace
from zhiyin.act.channels.tests.desks import Desk, served
from zhiyin.kernel import outbound
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def log(db: None, two_workspaces: Owner, settings: DjangoSettings) -> Owner:
    """The log of main. Ana is administrator in chief; Ben is an analyst who reads English, Mei a
    team leader of the north who reads Chinese and sees no personal data."""
    settings.EMAIL_HOST = "mail.example.com"
    settings.ZHIYIN_PUBLIC_URL = "https://cx.example.com"
    accounts.set_up(by=COMMAND_LINE, login="ana")
    main = Workspace.objects.get(slug="main")
    Workspace.objects.update(timezone="Asia/Shanghai", name="Qingchuan", minimum_base=5)
    Workspace.objects.create(slug="other", name="Other")
    north = Unit.objects.create(workspace=main, key="north", name="North")
    Unit.objects.create(workspace=main, key="south", name="South")
    ben = Person.objects.create(login="ben", email="ben@example.com", language="en")
    mei = Person.objects.create(login="mei", email="mei@example.com", language="zh-hans")
    Membership.objects.create(workspace=main, person=ben, role=Role.ANALYST)
    Membership.objects.create(
        workspace=main, person=mei, role=Role.TEAM_LEADER, unit=north, sees_personal_data=False
    )
    return two_workspaces


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk that may be reached."""
    monkeypatch.setenv(outbound.ALLOW, "127.0.0.1")
    with served() as desk:
        yield desk
