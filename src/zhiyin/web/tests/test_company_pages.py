"""Signing in at an identity provider that is away, or that nobody set up."""

from __future__ import annotations

import socket

import pytest
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts.models import Person
from zhiyin.web.tests.test_pages import text


@pytest.fixture
def away(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.ZHIYIN_OIDC_ISSUER = f"http://127.0.0.1:{taken.getsockname()[1]}"
    settings.ZHIYIN_OIDC_CLIENT = "zhiyin"
    settings.ZHIYIN_OIDC_NAME = "Qingchuan ID"


def test_without_a_provider_there_is_no_button_and_no_address(client: Client, ana: Person) -> None:
    assert "/sign-in/company/" not in client.get("/sign-in/").content.decode()
    for address in ("/sign-in/company/", "/sign-in/company/back/?state=a&code=b"):
        assert client.get(address).status_code == 404


def test_a_provider_that_is_away_leaves_the_password(
    client: Client, ana: Person, away: None
) -> None:
    page = client.get("/sign-in/?next=/main/data/").content.decode()
    assert 'href="/sign-in/company/?next=/main/data/"' in page
    answer = client.get("/sign-in/company/", follow=True)
    assert "Qingchuan ID does not answer" in text(answer)
    assert 'name="password"' in answer.content.decode()


@pytest.mark.parametrize("asked", ["", "?code=a", "?state=a", "?state=a&code=b", "?error=no"])
def test_an_answer_that_nobody_asked_for_is_refused(
    client: Client, ana: Person, away: None, asked: str
) -> None:
    answer = client.get(f"/sign-in/company/back/{asked}", follow=True)
    assert "did not confirm who you are" in text(answer)
    assert client.get("/me/").status_code == 302
