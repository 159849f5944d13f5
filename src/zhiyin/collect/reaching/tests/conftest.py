"""A workspace main with an empty log, and two surveys in it."""

from __future__ import annotations

import pytest

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.collect.models import Distribution, Survey
from zhiyin.collect.surveys import actions
from zhiyin.collect.surveys.tests.written import NPS, survey
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def log(db: None, two_workspaces: Owner) -> Owner:
    """The log of main, in Shanghai; surveys are visit (touchpoint) and brand (relationship)."""
    accounts.set_up(by=COMMAND_LINE, login="ana")
    Workspace.objects.filter(slug="main").update(timezone="Asia/Shanghai")
    for key, kind in (("visit", "touchpoint"), ("brand", "relationship")):
        actions.create(by=COMMAND_LINE, workspace="main", key=key, survey=survey((NPS,), kind=kind))
        actions.publish(by=COMMAND_LINE, workspace="main", key=key)
    return two_workspaces


@pytest.fixture
def held(log: Owner) -> Distribution:
    """A distribution of visit by e-mail."""
    survey = Survey.objects.select_related("workspace").get(key="visit")
    return Distribution.objects.create(
        workspace=survey.workspace, survey=survey, key="after", channel="email", seed=7,
        created_by="zhiyin", changed_by="zhiyin",
    )  # fmt: skip
