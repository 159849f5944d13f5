"""Who sees which workspace, and what the store holds of people."""

from __future__ import annotations

import pytest
from django.apps import apps

from zhiyin.accounts import access, actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.holdings import HOLDINGS
from zhiyin.accounts.models import Person


@pytest.mark.django_db
def test_a_person_sees_the_workspaces_that_she_works_in() -> None:
    actions.set_up(by=COMMAND_LINE, login="ana")
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    actions.create_administrator_in_chief(by=COMMAND_LINE, workspace="other", login="cleo")
    ana, cleo = Person.objects.get(login="ana"), Person.objects.get(login="cleo")
    assert [found.slug for found in access.workspaces_of(ana)] == ["main"]
    assert access.workspace_for(cleo, "main") is None
    assert access.workspace_for(ana, "nowhere") is None
    ana.is_active = False
    assert access.workspaces_of(ana) == []
    assert access.workspace_for(ana, "main") is None


def test_every_model_says_what_it_holds_of_people() -> None:
    declared = {h.place: set(h.fields) for h in HOLDINGS if h.kind == "model"}
    assert {model._meta.label for model in apps.get_models()} == set(declared)
    for label, fields in declared.items():
        assert fields <= {field.name for field in apps.get_model(label)._meta.get_fields()}, label
