"""Who sees which workspace, and what the store holds of people."""

from __future__ import annotations

import pytest

from zhiyin.accounts import access, actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person


@pytest.mark.django_db
def test_a_person_sees_the_workspaces_that_she_works_in() -> None:
    actions.set_up(by=COMMAND_LINE, login="ana")
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    actions.create_administrator_in_chief(by=COMMAND_LINE, workspace="other", login="cleo")
    ana, cleo = Person.objects.get(login="ana"), Person.objects.get(login="cleo")
    assert [found.slug for found in access.workspaces_of(ana)] == ["main"]
    assert access.access_for(cleo, "main") is None
    assert access.access_for(ana, "nowhere") is None
    ana.is_active = False
    assert access.workspaces_of(ana) == []
    assert access.access_for(ana, "main") is None
