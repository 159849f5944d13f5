"""*Themes*: listed, shown, named, hidden, made an aspect; what a masked or narrowed reader gets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts.models import Role
from zhiyin.collect.models import Aspect
from zhiyin.listen import embedding
from zhiyin.listen.themes import looking
from zhiyin.listen.themes.models import Theme
from zhiyin.listen.themes.tests.test_looking import LAST, read, usual
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_guard import member


@pytest.fixture
def found(as_ana: Client, log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Two themes, of sixty customers each."""
    monkeypatch.setattr(embedding, "default", lambda: None)
    usual(log)
    read(log)
    now = datetime.combine(LAST, datetime.min.time())
    looking.look(log, "main", tmp_path / "themes", now=now)
    return as_ana


def html(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def of_security() -> Theme:
    return next(one for one in Theme.objects.all() if "安检" in "".join(one.words_zh))


def test_themes_are_listed_with_their_figures_and_words(found: Client) -> None:
    page = html(found.get("/main/voice/themes/"))
    assert page.count('<article class="theme">') == 2
    assert "安检" in page
    assert "<svg" in page
    narrowed = html(found.get("/main/voice/themes/?touchpoint=security"))
    assert narrowed.count('<article class="theme">') == 1
    wrong = found.get("/main/voice/themes/?where=nothing+%3D+1")
    assert wrong.status_code == 422


def test_a_file_has_the_figures_and_nobodys_words(found: Client) -> None:
    answer = found.get("/main/voice/themes/export/?as=csv")
    content = b"".join(answer).decode("utf-8-sig")
    assert len(content.splitlines()) == 3
    assert "60" in content
    assert "排了一个小时" not in content


def test_one_theme_is_named_hidden_and_shown_again(found: Client) -> None:
    number = of_security().number
    address = f"/main/voice/themes/{number}/"
    assert "安检" in html(found.get(address))
    found.post(address + "change/", {"what": "rename", "name": "Queues <b>"})
    assert "Queues &lt;b&gt;" in html(found.get(address))
    found.post(address + "change/", {"what": "hide"})
    assert html(found.get("/main/voice/themes/")).count('<article class="theme">') == 1
    assert html(found.get("/main/voice/themes/?show=hidden")).count('<article class="theme">') == 1
    found.post(address + "change/", {"what": "show"})
    assert html(found.get("/main/voice/themes/")).count('<article class="theme">') == 2
    long = found.post(address + "change/", {"what": "rename", "name": "x" * 121})
    assert long.status_code == 422
    assert found.get("/main/voice/themes/999/").status_code == 404


def test_one_is_made_an_aspect_in_both_languages_and_taken_back(found: Client) -> None:
    number = of_security().number
    address = f"/main/voice/themes/{number}/"
    given = {"key": "gate-queue", "en": "Queue at the gate", "zh": ""}
    refused = found.post(address + "promote/", given)
    assert refused.status_code == 422
    assert "Queue at the gate" in html(refused)
    found.post(address + "promote/", {**given, "zh": "安检排队"})
    assert Aspect.objects.get(key="gate-queue").label_zh == "安检排队"
    assert Theme.objects.get(number=number).state == "promoted"
    found.post(address + "change/", {"what": "demote"})
    assert Aspect.objects.get(key="gate-queue").is_retired


def test_who_may_not_see_customers_reads_no_words(found: Client, log: Owner) -> None:
    viewer = Client()
    viewer.force_login(member(Role.VIEWER))
    page = viewer.get("/main/voice/themes/")
    assert page.status_code == 200
    assert "theme-said" not in page.content.decode()
    number = of_security().number
    assert viewer.post(f"/main/voice/themes/{number}/change/", {"what": "hide"}).status_code == 403


def test_nobody_has_looked_yet(as_ana: Client) -> None:
    assert "Nobody has looked for themes yet" in html(as_ana.get("/main/voice/themes/"))
