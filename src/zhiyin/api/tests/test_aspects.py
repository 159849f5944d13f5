"""Aspects by key."""

from __future__ import annotations

import pytest

from zhiyin.accounts.models import Person
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.aspects import kept
from zhiyin.warehouse.owner import Owner

pytestmark = pytest.mark.django_db


def test_a_list_is_begun_and_changed_by_key(ana: Person, cleo: Person, log: Owner) -> None:
    ask = asking(a_key())
    begun = ask("post", "/aspect-starters", {"starter": "telecom"})
    assert begun.status_code == 201
    assert len(begun.json()["added"]) == len(ask("get", "/aspects").json()["aspects"])
    given = {"key": "roaming", "en": "Roaming", "zh": "漫游"}
    assert ask("post", "/aspects", given).json()["label"] == {"en": "Roaming", "zh-Hans": "漫游"}
    assert ask("post", "/aspects", given).status_code == 409
    changed = ask("put", "/aspects/roaming", {"is_retired": True, "revision": 1}).json()
    assert (changed["is_retired"], changed["revision"]) == (True, 2)
    assert ask("put", "/aspects/roaming", {"en": "R", "revision": 1}).status_code == 409
    assert ask("put", "/aspects/none", {"en": "R"}).status_code == 404
    theirs = asking(a_key(workspace="other"))
    assert theirs("get", "/aspects").json() == {"aspects": []}
    assert theirs("put", "/aspects/roaming", {"en": "R"}).status_code == 404
    assert not kept.of("other").exists()
