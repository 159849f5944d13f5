"""Themes by program."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from zhiyin.accounts.models import Person
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.listen import embedding
from zhiyin.listen.themes import looking
from zhiyin.listen.themes.models import Theme
from zhiyin.listen.themes.tests.test_looking import LAST, read, usual
from zhiyin.warehouse.owner import Owner


@pytest.fixture
def found(ana: Person, log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Owner:
    """Two themes, of sixty customers each."""
    monkeypatch.setattr(embedding, "default", lambda: None)
    usual(log)
    read(log)
    now = datetime.combine(LAST, datetime.min.time())
    looking.look(log, "main", tmp_path / "themes", now=now)
    return log


def test_a_program_gets_the_same(found: Owner) -> None:
    ask = asking(a_key())
    whole = ask("get", "/voice/themes").json()
    assert [one["customers"] > 50 for one in whole["themes"]] == [True, True]
    number = next(one for one in Theme.objects.all() if "安检" in "".join(one.words_zh)).number
    one = ask("get", f"/voice/themes/{number}").json()
    assert (one["trend"], len(one["weeks"])) == ("steady", 12)
    assert one["examples"]
    named = ask("post", f"/voice/themes/{number}", {"what": "rename", "name": "Queues"}).json()
    assert named["name"] == "Queues"
    assert ask("post", f"/voice/themes/{number}", {"what": "hide"}).json()["state"] == "hidden"
    assert ask("post", f"/voice/themes/{number}", {"what": "unhide"}).json()["state"] == "open"
    assert ask("get", "/voice/themes/999").status_code == 404
    blind = asking(a_key(sees_personal_data=False))
    assert {one["start"] for one in blind("get", f"/voice/themes/{number}").json()["examples"]} == {
        None
    }
